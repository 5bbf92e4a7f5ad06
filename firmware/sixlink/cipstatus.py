"""What AT+CIPSTATUS says: the state of the bearer, and in multi-link mode of each link."""

from micropython import const

from .clock import after
from .fields import number, plain, quoted
from .linkstate import NAMES

# As in their home files; a test holds the numbers together.
_IP_CONNECTING = const(6)
_IP_CONNECT_OK = const(8)
_IP_CLOSING = const(9)
_IP_CLOSED = const(10)
_INITIAL = const(0)
_CONNECTING = const(1)
_CONNECTED = const(2)
_CLOSING = const(4)
_CLOSED = const(5)
_OK = const(1)
_EV_STATUS = const(5)
_EV_ALREADY = const(34)
_AWAIT_RESULT = const(4)

_LOST_MS = const(300)  # how long an answer may still come after a framing loss


def bearer_state(engine, buf, at, end, now):
    """`STATE: …`; in multi-link mode six `C:` lines follow, or nothing does."""
    engine.bearer.report(buf, at, end)
    command = engine.inflight
    if command is None or command.final != _EV_STATUS:
        engine.links.suspicious = True  # nobody asked: make sure
    elif engine.dialect.mux:
        command.reported = 0
        engine.hasten(_LOST_MS, now)
    else:
        if engine.resync.is_asking():
            engine.links.all[0].on_status(_link_state_of(engine.bearer.state), now)
        command.outcome = _OK


def _link_state_of(bearer):
    """The state of the only link in single-link mode, where it is the bearer's."""
    if bearer == _IP_CONNECTING:
        return _CONNECTING
    if bearer == _IP_CONNECT_OK:
        return _CONNECTED
    if bearer == _IP_CLOSING:
        return _CLOSING
    return _CLOSED if bearer == _IP_CLOSED else _INITIAL


def link_state(engine, buf, at, end, now):
    """`C: <n>,<bearer>,"<kind>","<address>","<port>","<state>"`"""
    n = number(buf, at, end)
    name = plain(quoted(buf, at, end, 3) or b"", 0, 20).strip()  # S800APP prints spaces within
    if not 0 <= n < len(engine.links.all) or name not in NAMES:
        return
    if engine.resync.is_asking():
        link = engine.links.all[n]
        port = plain(quoted(buf, at, end, 2) or b"", 0, 5)
        if name == "CONNECTED" and link.is_connecting() and port not in ("", str(link.peer[1])):
            link.on_event(_EV_ALREADY, -1, now)  # a caller has it, whose line was lost
        else:
            link.on_status(NAMES.index(name), now)
    command = engine.inflight
    if command is None or command.final != _EV_STATUS or engine.phase != _AWAIT_RESULT:
        return
    engine.deadline = after(now, _LOST_MS)  # at 9600 baud all six lines take longer than that
    if n == engine.dialect.links - 1:
        command.outcome = _OK
