"""One screen that says what is going on: what the REPL prints for a modem.

At most 80 columns and 24 rows, of what has been heard already: the modem is not asked for it.
"""

import errno

from micropython import const

from .clock import until
from .errors import ModemError
from .stats import collect

_WIDE = const(79)  # of 80: `>` follows the last row
_TEXT_WIDE = const(68)  # columns of a row behind its label
_WRAPPED = const(3)  # rows that a long text may take
_MASK = const(0x1FFFFFFF)
_BARS = const(16)
_PEER = const(30)

_ROW = "  %s %-14s %-30s %9s %9s %7s"

# <stat> of AT+CREG (3GPP TS 27.007, section 7.2).
_REGISTERED = ("not registered", "registered at home", "searching", "denied", "", "roaming")


def screen(modem):
    stats = collect(modem)
    now = modem.driver.now()
    rows = [_title(modem, stats), _signal(modem), _bearer(modem, stats)]
    rows.append(_ROW % ("#", "state", "peer", "sent", "received", "age"))
    rows += [_link_row(link, now) for link in modem.links]
    if modem.driver.engine.server is not None:
        rows.append(_server(modem.driver.engine.server))
    rows.append(
        "  counters %(timeouts)d timeouts, %(resyncs)d resyncs, %(losses)d losses, "
        "%(unknown_lines)d unknown lines, %(bringups)d bring-ups" % stats
    )
    return "\n".join(_cut(row) for row in rows + _errors(modem, now)) + ">"


def _title(modem, stats):
    engine = modem.driver.engine
    model = engine.bringup.model or "not asked yet"
    step = ", at step: " + engine.bringup.step() if engine.bringup.active else ""
    row = (model, engine.dialect.name, engine.bearer.name(), stats["health"], step)
    return "<Modem %s (%s), %s, %s%s" % row


def _signal(modem):
    """<rssi> of AT+CSQ: -113 dBm or less, 2 dB a step (3GPP TS 27.007, section 8.5)."""
    bringup = modem.driver.engine.bringup
    if not 0 <= bringup.rssi <= 31:
        row = "  signal   unknown"
    else:
        full = (bringup.rssi + 1) * _BARS // 32
        bars = "|" * full + "." * (_BARS - full)
        row = "  signal   %s %d of 31, %d dBm" % (bars, bringup.rssi, 2 * bringup.rssi - 113)
    stat = bringup.registered
    word = _REGISTERED[stat] if stat < len(_REGISTERED) else ""
    return row + (", " + word if word else "")


def _bearer(modem, stats):
    driver = modem.driver
    address = driver.engine.bearer.address or "no address"
    mode = "pull" if driver.engine.links.pull else "push"
    row = (address, driver.baud, mode, stats["up"], stats["down"])
    return "  bearer   %s, %d baud, %s, %d bytes up, %d down" % row


def _link_row(link, now):
    if not link.owned and not link.up:
        return "  %d free" % link.n
    if link.peer is None:
        return "  %d %-14s nobody's" % (link.n, link.state_name())
    # Straight, not by `until`: a link may be older than that can tell.
    age = _span((now - link.opened_at) & _MASK)
    peer = _fit("%s %s:%d" % ((link.kind(),) + link.peer), _PEER)
    return _ROW % (link.n, link.state_name(), peer, link.tx.sent, link.rx.received, age)


def _server(server):
    state = "listens" if server.listening else "does not listen yet"
    return "  server   port %d, %s, %d waiting" % (server.port, state, len(server.calls))


def _errors(modem, now):
    driver = modem.driver
    rows = []
    for at, code, what, cme in driver.errors[-2:]:  # a link's, and the command's that caused it
        ago = _span(max(0, -until(at, now)))
        text = "%s ago: %s" % (ago, ModemError(code, what, cme, "", driver.engine.dialect.name))
        rows += _wrapped("error", text)
    if driver.engine.bringup.failure:
        rows += _wrapped("failure", str(ModemError(*driver.engine.bringup.failure)))
    if driver.last_error is not None:
        rows += _wrapped("callback", "raised " + _named(driver.last_error))
    return rows


def _named(error):
    """The exception as a program would have it; an OSError by its errno's name."""
    if isinstance(error, OSError) and error.args and error.args[0] in errno.errorcode:
        return "OSError(%s)" % errno.errorcode[error.args[0]]
    return repr(error)


def _span(ms):
    """How long: the largest unit of which there are two."""
    seconds = ms // 1000
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return "%d %s" % (seconds // size, unit)
    return "%d s" % seconds


def _fit(text, columns):
    return text if len(text) <= columns else text[: columns - 2] + ".."


def _cut(row):
    return _fit(row, _WIDE)


def _wrapped(label, text):
    """`text` behind its label, broken between words."""
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= _TEXT_WIDE and rows[-1]:
            rows.append("")
        rows[-1] += " " + word if rows[-1] else word
    labels = [label] + [""] * len(rows)
    return ["  %-8s %s" % pair for pair in zip(labels, rows[:_WRAPPED])]  # noqa: B905
