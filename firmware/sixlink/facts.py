"""What the modem knows of itself and of the network: IMEI, operator, time, name servers.

Each is one AT command of `at`. A line that cannot be what was asked for is passed over; if none
is left, ModemError(EIO).
"""

import errno

from .at import ask
from .errors import ModemError
from .fields import is_address, is_digits, quoted
from .steps import dns_text

_ASK_S = 9  # LUAT: a plain command
_LOOK_S = 3  # as bring-up gives it

_NONE = "0.0.0.0"  # how a modem prints a name server that it does not have

# A clock that nobody has set begins in 1970 (Luat), 1980, 2000 or 2004 (SIM800) and counts on.
_EARLIEST = 2024


# -- Modem.config --------------------------------------------------------------------------------


def config(modem, what):
    """IMEI, model and firmware are those of the modem object's modem and asked for once; a SIM
    may be changed."""
    if what in _CHOSEN:
        return getattr(modem.driver.engine.config, what)
    if what == "iccid":
        return _iccid(modem)
    if not isinstance(what, str) or what not in _IDENTITY:
        known = ", ".join(_CHOSEN + ("iccid",) + tuple(sorted(_IDENTITY)))
        raise ValueError("unknown config: %r, known: %s" % (what, known))
    if what in modem._known:
        return modem._known[what]
    name, fits = _IDENTITY[what]
    value = _first(modem, name, fits)
    if what != "imsi":
        modem._known[what] = value
    return value


def _is_imei(text):
    return len(text) == 15 and _is_number(text)


def _is_imsi(text):
    return 6 <= len(text) <= 15 and _is_number(text)


def _is_iccid(text):
    """19 or 20 digits (ITU-T E.118); some cards have letters among them."""
    return 18 <= len(text) <= 22 and text[:2] == "89" and all(c in _CARD for c in text)


def _is_number(text):
    return is_digits(text.encode(), 0, len(text))


_CHOSEN = ("apn", "user", "baud", "flow")  # by the user, when the modem object was made
_CARD = "0123456789ABCDEFabcdef"
_IDENTITY = {
    "imei": ("+CGSN", _is_imei),
    "imsi": ("+CIMI", _is_imsi),
    "model": ("+CGMM", len),
    "firmware": ("+CGMR", len),
}


def _iccid(modem):
    """AT+ICCID (LUAT); AT+CCID (S800)."""
    try:
        return _first(modem, "+ICCID", _is_iccid)
    except ModemError as error:
        if error.errno == errno.ETIMEDOUT:
            raise
        return _first(modem, "+CCID", _is_iccid)


# -- Modem.status --------------------------------------------------------------------------------


def status(modem, what):
    """What cannot be asked just now is what was last heard."""
    if what not in ("rssi", "registration", "operator"):
        raise ValueError("unknown status: %r, known: rssi, registration, operator" % what)
    if what == "operator":
        return _operator(modem)
    modem.driver.pump()
    bringup = modem.driver.engine.bringup
    if what == "rssi":
        bringup.rssi = _fresh(modem, "+CSQ", 0, bringup.rssi)
        return 2 * bringup.rssi - 113 if 0 <= bringup.rssi <= 31 else None
    return _fresh(modem, "+" + bringup.domain.decode() + "?", 1, bringup.registered)


def _operator(modem):
    """`+COPS: <mode>[,<format>,"<name>"[,<technology>]]`: the name, None without one."""
    for line in ask(modem, "+COPS?", _ASK_S):
        name = quoted(line.encode(), 0, len(line))
        if name is not None:
            return name.decode()
    return None


def _fresh(modem, text, index, known):
    """The number in field `index` of the answer, or `known`."""
    engine = modem.driver.engine
    if not engine.bearer.is_up or engine.bringup.active:
        return known
    try:
        return int(_first(modem, text, _has_number(index), _LOOK_S).split(",")[index])
    except OSError:
        return known


def _has_number(index):
    return lambda text: text.count(",") >= index and _is_number(text.split(",")[index])


# -- Modem.time ----------------------------------------------------------------------------------


def time(modem):
    """`+CCLK: "yy/MM/dd,hh:mm:ss±zz"`, local time and how many quarters of an hour it is ahead of
    UTC (LUAT CCLK; S800 CCLK). Real modems also print years of four digits, and zone `+0`."""
    text = _first(modem, "+CCLK?", _is_clock)
    zone = max(text.find("+"), text.find("-"))
    date, clock = text[:zone].split(",")
    year, month, day = [int(part) for part in date.split("/")]
    hour, minute, second = [int(part) for part in clock.split(":")]
    if year < 100:
        year += 1900 if year >= 70 else 2000
    if year < _EARLIEST:
        raise OSError(errno.EAGAIN)
    minutes = hour * 60 + minute - 15 * int(text[zone:])
    year, month, day = _shifted(year, month, day, minutes // 1440)
    minutes %= 1440
    return year, month, day, _weekday(year, month, day), minutes // 60, minutes % 60, second, 0


def _is_clock(text):
    zone = max(text.find("+"), text.find("-"))
    date, _, clock = text[:zone].partition(",")
    if zone < 0 or date.count("/") != 2 or clock.count(":") != 2:
        return False
    return _are_in_range(date.split("/") + clock.split(":")) and _is_zone(text[zone + 1 :])


def _are_in_range(parts):
    """Year, month, day, hour, minute, second: two digits each, but for the year."""
    if not all(len(part) == 2 and _is_number(part) for part in parts[1:]):
        return False
    if len(parts[0]) not in (2, 4) or not _is_number(parts[0]):
        return False
    year, month, day, hour, minute, second = [int(part) for part in parts]
    if not 1 <= month <= 12 or not 1 <= day <= _days(year, month):
        return False
    return hour < 24 and minute < 60 and second < 60


def _is_zone(text):
    """27.007 has up to 96 quarters; no place on earth is more than 56 from UTC."""
    return text == "0" or (len(text) == 2 and _is_number(text) and int(text) <= 56)


def _days(year, month):
    if month == 2:
        return 28 + (year % 4 == 0)  # right until 2099, when two digits of a year run out
    return 30 + (month + month // 8) % 2


def _shifted(year, month, day, days):
    """The date one day earlier, the same or one later: `days` is -1, 0 or 1."""
    day += days
    if day < 1:
        month -= 1
        year, month = (year, month) if month else (year - 1, 12)
        day = _days(year, month)
    elif day > _days(year, month):
        day, month = 1, month + 1
        year, month = (year, month) if month < 13 else (year + 1, 1)
    return year, month, day


def _weekday(year, month, day):
    """1 Monday … 7 Sunday, which STM32 asks for; other ports work it out for themselves."""
    years = year - 2001  # 2001 began with a Monday
    ended = sum(_days(year, past) for past in range(1, month))
    return (years * 365 + years // 4 + ended + day - 1) % 7 + 1


# -- Modem.ipconfig ------------------------------------------------------------------------------


def ipconfig(modem, what, settings):
    if what == "dns" and not settings:
        servers = _asked_servers(modem)
    elif what is None and list(settings) == ["dns"]:
        servers = _checked_servers(settings["dns"])
        ask(modem, dns_text(servers)[2:-1].decode(), _ASK_S)
        modem.driver.engine.config.dns = servers  # for the next bring-up
    else:
        raise ValueError("unknown ipconfig: %r, known: addr4, dns" % (settings or what))
    modem._known["dns"] = servers
    return servers if what else None


def _asked_servers(modem):
    """`PrimaryDns: <address>` and `SecondaryDns: <address>`, without a prefix."""
    words = [line.split(":")[-1].strip(' "') for line in ask(modem, "+CDNSCFG?", _ASK_S)]
    servers = [word for word in words if _is_server(word)]
    if not servers:
        raise ModemError(errno.EIO, "AT+CDNSCFG?")
    return tuple(server for server in servers if server != _NONE) or (_NONE,)


def _checked_servers(servers):
    """One address or two. Raises ValueError, naming the value, for anything else."""
    several = servers if isinstance(servers, (tuple, list)) else (servers,)
    if not 1 <= len(several) <= 2 or not all(_is_server(server) for server in several):
        raise ValueError("dns=%r: not one or two addresses such as 9.9.9.9" % (servers,))
    return tuple(several)


def _is_server(word):
    if not isinstance(word, str) or not is_address(word.encode(), 0, len(word.encode())):
        return False
    return all(int(part) < 256 for part in word.split("."))


# -- shared --------------------------------------------------------------------------------------


def _first(modem, text, fits, timeout=_ASK_S):
    """The first line of the answer that fits, without its prefix and the quotes around it."""
    prefix = text.rstrip("?") + ":"
    for line in ask(modem, text, timeout):
        value = (line[len(prefix) :] if line.startswith(prefix) else line).strip(' "')
        if fits(value):
            return value
    raise ModemError(errno.EIO, "AT" + text)
