"""The counters of a modem, gathered from where they are kept. A new one is a row of `_ROWS`.

Bytes up and down are payload, of all users of a link since the modem object was made. A data plan
also pays for the headers of TCP, UDP and IP: 40 bytes and more a packet.
"""

import errno

from .clock import until
from .ladder import NAMES


def _up(link):
    return link.tx.earlier + link.tx.sent


def _down(link):
    return link.rx.earlier + link.rx.received


def _per_link(modem):
    return [(_up(link), _down(link)) for link in modem.links]


def _health(modem):
    """`good`, `mending`, `unwell` (three time-outs in a row and more), `connecting` (again, too),
    `failed` or `down`."""
    engine = modem.driver.engine
    if engine.bringup.active:
        return "connecting"
    if not engine.bearer.is_up:
        return "failed" if engine.bringup.failure else "down"
    if not engine.is_well():
        return "unwell"
    return "mending" if engine.resync.active or engine.lost else "good"


def _rungs(modem):
    return dict(zip(NAMES, modem.driver.engine.ladder.counts))  # noqa: B905


def _errors(modem):
    now = modem.driver.now()
    return [
        (-until(at, now) / 1000, errno.errorcode.get(code, code), what, cme)
        for at, code, what, cme in modem.driver.errors
    ]


_ROWS = (
    ("health", _health),
    ("up", lambda modem: sum(_up(link) for link in modem.links)),
    ("down", lambda modem: sum(_down(link) for link in modem.links)),
    ("links", _per_link),  # (up, down) of each
    ("uart_out", lambda modem: modem.driver.typed),
    ("uart_in", lambda modem: modem.driver.engine.intake.heard),
    # of the UART, if it counts them: bytes for which it had no room
    ("uart_overruns", lambda modem: getattr(modem.driver.uart, "overflows", None)),
    ("bringups", lambda modem: modem.driver.engine.bringup.count),
    ("timeouts", lambda modem: modem.driver.engine.timeouts),
    ("strikes", lambda modem: modem.driver.engine.strikes),  # time-outs in a row
    ("restarts", lambda modem: modem.driver.engine.supervisor.restarts),
    ("rungs", _rungs),  # attempts by what they began with: see `ladder`
    ("resyncs", lambda modem: modem.driver.engine.resync.count),
    ("losses", lambda modem: modem.driver.engine.intake.losses),
    ("unknown_lines", lambda modem: modem.driver.engine.intake.unknown),
    # bytes of payload that nobody was there to take, or to send
    ("discarded", lambda modem: modem.driver.engine.intake.discarded),
    ("unsent", lambda modem: modem.driver.engine.links.unsent),
    ("dropped_datagrams", lambda modem: sum(link.rx.dropped for link in modem.links)),
    # the last eight, oldest first: (seconds ago, errno, what, CME number or -1)
    ("errors", _errors),
)


def collect(modem):
    """A dict with the name and the value of each row."""
    return {name: getter(modem) for name, getter in _ROWS}
