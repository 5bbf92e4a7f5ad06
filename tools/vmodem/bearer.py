"""The IP application's state machine, under the names `AT+CIPSTATUS` prints.

Two rules: an event without a row raises `NotAllowed` and changes nothing, and only
`SHUT` leads out of `PDP DEACT`. In single-link mode (CIPMUX=0) the one link's states are
states of the bearer; in multi-link mode (CIPMUX=1) they hide behind IP PROCESSING. CIPSTART
from IP INITIAL, single link, walks through the states before IP STATUS by itself; which states
a family lets it start in is its `Profile`'s.

Source: state figures and AT+CIPSTART page of the Luat AT manual; SIM800 AT manual V1.10
CIPSTATUS, agrees.
"""

from enum import Enum


class Bearer(Enum):
    """`{kind}` is filled with TCP or UDP when the state is printed."""

    INITIAL = "IP INITIAL"
    START = "IP START"
    CONFIG = "IP CONFIG"
    GPRSACT = "IP GPRSACT"
    STATUS = "IP STATUS"
    CONNECTING = "{kind} CONNECTING"
    LISTENING = "SERVER LISTENING"
    CONNECTED = "CONNECT OK"
    CLOSING = "{kind} CLOSING"
    CLOSED = "{kind} CLOSED"
    PROCESSING = "IP PROCESSING"
    DEACT = "PDP DEACT"


class Event(Enum):
    SETUP = "AT+CSTT accepted"
    ACTIVATE = "AT+CIICR accepted"
    ACTIVATED = "the network gave a context"
    REFUSED = "the network gave none, or the peer refused"
    ADDRESS = "AT+CIFSR answered"
    OPEN = "AT+CIPSTART accepted, single link"
    OPEN_ONE = "AT+CIPSTART accepted, multi link"
    CONNECTED = "the single link is connected"
    CLOSING = "AT+CIPCLOSE accepted, single link"
    CLOSED = "the single link is closed"
    IDLE = "AT+CIPCLOSE closed the last of several links"
    LISTEN = "AT+CIPSERVER=1 accepted, single link"
    ARRIVED = "a peer has connected to the server, single link"
    UNLISTEN = "AT+CIPSERVER=0, single link"
    LOST = "the network released the context"
    SHUT = "AT+CIPSHUT"


class NotAllowed(Exception):
    """The state has no row for the event."""


_B, _E = Bearer, Event
_ALWAYS = {_E.SHUT: _B.INITIAL}
# Without a context there is nothing to lose: LOST leaves those states as they are.
_DOWN = {**_ALWAYS, _E.LOST: None}
_UP = {**_ALWAYS, _E.LOST: _B.DEACT}

TABLE: dict[Bearer, dict[Event, Bearer | None]] = {
    _B.INITIAL: {**_DOWN, _E.SETUP: _B.START},
    _B.START: {**_DOWN, _E.ACTIVATE: _B.CONFIG},
    _B.CONFIG: {**_UP, _E.ACTIVATED: _B.GPRSACT, _E.REFUSED: _B.DEACT},
    _B.GPRSACT: {**_UP, _E.ADDRESS: _B.STATUS},
    _B.STATUS: {
        **_UP,
        _E.ADDRESS: None,
        _E.OPEN: _B.CONNECTING,
        _E.OPEN_ONE: _B.PROCESSING,
        _E.LISTEN: _B.LISTENING,
    },
    _B.CONNECTING: {
        **_UP,
        _E.ADDRESS: None,
        _E.CONNECTED: _B.CONNECTED,
        _E.REFUSED: _B.STATUS,
        _E.CLOSING: _B.CLOSING,
    },
    _B.LISTENING: {
        **_UP,
        _E.ADDRESS: None,
        _E.ARRIVED: _B.CONNECTED,
        _E.UNLISTEN: _B.STATUS,
    },
    _B.CONNECTED: {
        **_UP,
        _E.ADDRESS: None,
        _E.UNLISTEN: None,
        _E.CLOSING: _B.CLOSING,
        _E.CLOSED: _B.CLOSED,
    },
    _B.CLOSING: {**_UP, _E.ADDRESS: None, _E.UNLISTEN: None, _E.CLOSED: _B.CLOSED},
    _B.CLOSED: {
        **_UP,
        _E.ADDRESS: None,
        _E.OPEN: _B.CONNECTING,
        _E.LISTEN: _B.LISTENING,
        _E.CLOSED: None,
    },
    _B.PROCESSING: {**_UP, _E.ADDRESS: None, _E.OPEN_ONE: None, _E.IDLE: _B.STATUS},
    _B.DEACT: {**_ALWAYS, _E.LOST: None},
}


class BearerMachine:
    """Walks `TABLE`; a row of None means "allowed, the state stays"."""

    def __init__(self) -> None:
        self.state = Bearer.INITIAL

    def allows(self, event: Event) -> bool:
        return event in TABLE[self.state]

    def happen(self, event: Event) -> None:
        """Take the event's row, or raise NotAllowed."""
        if not self.allows(event):
            raise NotAllowed(f"{event.value} in {self.state.value}")
        self.state = TABLE[self.state][event] or self.state

    def name(self, kind: str) -> str:
        return self.state.value.format(kind=kind or "TCP")
