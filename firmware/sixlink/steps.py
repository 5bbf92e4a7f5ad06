"""The steps of bring-up as data: one row, one AT command.

Time limits: LUAT flow chart; S800 (CIICR 85 s, CIPSHUT 65 s, CGATT 75 s) with a little more.
"""

import errno

from micropython import const

from .families import family_of
from .fields import safe

# What makes a row pass.
_IF_ANY = const(0)  # whatever the answer: nice to know, or not every firmware has it
_IF_OK = const(1)
_IF_SIM = const(2)  # ready, or asking for a PIN that we have
_IF_READY = const(3)
_IF_HOME = const(4)  # registered at home (1) or roaming (5)
_IF_ONE = const(5)

# name, text, reply prefix, passes if, ms it may take, tries, ms between, errno, what to check
ROWS = (
    ("find", b"", None, _IF_OK, 0, 0, 0, errno.ENODEV, "check power, TX/RX swapped, baud rate"),
    # Before all else, so that old links stop talking while the rest is set up. It is also the one
    # answer that no late OK of the search can be taken for.
    ("shut", b"AT+CIPSHUT\r", None, _IF_OK, 90000, 20, 150, errno.EIO, "restart the modem"),
    ("echo off", b"ATE0\r", None, _IF_OK, 3000, 3, 300, errno.EIO, "restart the modem"),
    ("error numbers", b"AT+CMEE=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    # The rungs of the ladder that are commands; 5 s between them is what Luat's own flow leaves.
    ("radio off", b"AT+CFUN=0\r", None, _IF_ANY, 15000, 1, 0, 0, ""),
    ("radio on", b"AT+CFUN=1\r", None, _IF_ANY, 15000, 1, 0, 0, ""),
    ("restart", b"AT+CFUN=1,1\r", None, _IF_ANY, 15000, 1, 0, 0, ""),
    ("model", b"ATI\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("family", b"AT+CGMM\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("speed", b"", None, _IF_OK, 3000, 2, 300, errno.EINVAL, "choose a rate the modem has"),
    ("new speed", b"AT\r", None, _IF_OK, 500, 5, 100, errno.EIO, "check wires, try a lower rate"),
    ("flow control", b"AT+IFC?\r", b"+IFC:", _IF_ANY, 3000, 1, 0, 0, ""),
    ("sim", b"AT+CPIN?\r", b"+CPIN:", _IF_SIM, 5000, 20, 500, errno.ENODEV, "check the SIM card"),
    ("pin", b"", None, _IF_OK, 10000, 1, 0, errno.EACCES, "wrong PIN; it is not tried again"),
    (
        "unlocked",
        b"AT+CPIN?\r",
        b"+CPIN:",
        _IF_READY,
        5000,
        20,
        500,
        errno.EACCES,
        "check the PIN",
    ),
    ("signal", b"AT+CSQ\r", b"+CSQ:", _IF_ANY, 3000, 1, 0, 0, ""),
    ("registration", b"", b"", _IF_HOME, 3000, 360, 300, errno.EHOSTUNREACH, "check antenna"),
    ("registration news", b"", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("attach", b"", b"+CGATT:", _IF_ONE, 3000, 60, 500, errno.EHOSTUNREACH, "check contract"),
    ("normal mode", b"AT+CIPMODE=0\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("link mode", b"", None, _IF_OK, 3000, 3, 500, errno.EIO, "restart the modem"),
    (
        "transparent mode",
        b"AT+CIPMODE=1\r",
        None,
        _IF_OK,
        3000,
        3,
        500,
        errno.EOPNOTSUPP,
        "this modem has no transparent mode",
    ),
    ("quick send", b"AT+CIPQSEND=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    # What an earlier program may have left, and what would leave a send without prompt or result.
    ("prompt", b"AT+CIPSPRT=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("send timer", b"AT+CIPATS=0\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    # In single-link mode pushed data have no header of their own.
    ("header", b"AT+CIPHEAD=1\r", None, _IF_OK, 3000, 3, 200, errno.EIO, "do not use flow=True"),
    ("receive mode", b"", None, _IF_ANY, 3000, 3, 200, 0, ""),
    ("raw data", b"AT+CIPRXF=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("keep-alive", b"", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("name servers", b"", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("capability", b"AT+CIPSTART=?\r", b"+CIPSTART:", _IF_ANY, 3000, 1, 0, 0, ""),
    ("apn", b"", None, _IF_OK, 3000, 1, 0, errno.EINVAL, "check APN, user, password"),
    ("bearer", b"AT+CIICR\r", None, _IF_OK, 90000, 1, 0, errno.EHOSTUNREACH, "check APN, credit"),
    ("address", b"AT+CIFSR\r", None, _IF_OK, 9000, 1, 0, errno.EHOSTUNREACH, "check APN, credit"),
)

_RUNG = {"radio off": 1, "radio on": 1, "restart": 2}  # as in `ladder.NAMES`


def is_needless(step, engine, word):
    """Whether this configuration has no use for `step`. `word` is what the SIM said."""
    config = engine.config
    if step in engine.dialect.needless:
        return True
    if step in _RUNG:
        return engine.ladder.spent or engine.ladder.rung != _RUNG[step]
    if step == "speed" or step == "new speed":
        if not config.baud or config.baud == engine.deaf_at:
            return True
        return step == "speed" and config.baud == engine.baud
    if step == "flow control":
        return not config.flow
    if step == "pin" or step == "unlocked":
        return word.startswith("READY")
    if step == "family":
        return engine.is_told or family_of(engine.bringup.model) is not None
    if step == "transparent mode":
        return engine.data is None
    if step == "keep-alive":
        return not engine.config.keepalive
    if step == "name servers":
        return not config.dns
    if step == "receive mode":
        return not engine.dialect.pulls
    if step == "header":
        return engine.links.pull or engine.dialect.mux or engine.data is not None
    return step == "raw data" and engine.links.pull


def is_secret(step, config):
    """Whether the line of `step` holds what nobody may read in a trace."""
    return step == "pin" or (step == "apn" and bool(config.user or config.password))


def text_of(row, engine, tries):
    """The line to type, and the prefix of its reply."""
    step = row[0]
    config = engine.config
    if step == "registration":
        name = engine.dialect.registrations[tries % len(engine.dialect.registrations)]
        return b"AT+%s?\r" % name, b"+%s:" % name
    if step == "registration news":
        return b"AT+%s=1\r" % engine.bringup.domain, None
    if step == "speed":
        return b"AT+IPR=%d\r" % config.baud, None
    if step == "pin":
        return b'AT+CPIN="%s"\r' % safe(config.pin, 8, "pin"), None
    if step == "attach":
        return b"AT+CGATT=1\r" if tries % 10 == 9 else b"AT+CGATT?\r", row[2]
    if step == "receive mode":
        return b"AT+CIPRXGET=1\r" if engine.links.pull else b"AT+CIPRXGET=0\r", None
    if step == "link mode":
        return b"AT+CIPMUX=%d\r" % engine.dialect.mux, None
    if step == "keep-alive":
        return keepalive_text(config.keepalive), None
    if step == "name servers":
        return dns_text(config.dns), None
    if step == "apn":
        return apn_text(config), None
    return engine.dialect.texts.get(step, row[1]), row[2]


def keepalive_text(chosen):
    """AT+CIPTKA for `(on, idle, interval, count)`: 0 or 1, seconds, seconds, probes."""
    return b"AT+CIPTKA=%d,%d,%d,%d\r" % chosen


def dns_text(servers):
    """AT+CDNSCFG for one or two addresses."""
    return b"AT+CDNSCFG=%s\r" % ",".join(['"%s"' % server for server in servers]).encode()


def apn_text(config):
    """AT+CSTT; lengths by LUAT CSTT. Without an APN the network gives its own. Raises ValueError
    for anything in `config` that no AT line may carry."""
    safe(config.pin, 8, "pin")
    words = (
        safe(config.apn, 128, "apn"),
        safe(config.user, 32, "user"),
        safe(config.password, 32, "password"),
    )
    return b'AT+CSTT="%s","%s","%s"\r' % words if config.apn else b"AT+CSTT\r"
