"""The IP state machine of the modem: from IP INITIAL to a bearer that carries links.

The states are those that AT+CIPSTATUS prints (LUAT CIPSTART, <sl_state>; CIPSTATUS). Rules:

1. The state changes through `_NEXT`; a pair without a row changes nothing and is counted.
2. What the modem says of itself (`report`) is believed over what we think.
3. PDP DEACT has one way out, AT+CIPSHUT (LUAT and S800 CIPSHUT). Where the modem lets itself
   be brought up nevertheless, the news was older than the last CIPSHUT.
"""

from micropython import const

_IP_INITIAL = const(0)
_IP_START = const(1)
_IP_CONFIG = const(2)
_IP_GPRSACT = const(3)
_IP_STATUS = const(4)
_IP_PROCESSING = const(5)  # multi-link mode: some link is in use
_IP_CONNECTING = const(6)  # this and the next four: single-link mode
_IP_LISTENING = const(7)
_IP_CONNECT_OK = const(8)
_IP_CLOSING = const(9)
_IP_CLOSED = const(10)
_PDP_DEACT = const(11)
_IP_UNKNOWN = const(12)

_NAMES = (
    "IP INITIAL",
    "IP START",
    "IP CONFIG",
    "IP GPRSACT",
    "IP STATUS",
    "IP PROCESSING",
    "CONNECTING",
    "SERVER LISTENING",
    "CONNECT OK",
    "CLOSING",
    "CLOSED",
    "PDP DEACT",
    "UNKNOWN",
)

# What happens to it.
_B_CSTT = const(0)  # AT+CSTT was answered OK
_B_CIICR = const(1)  # AT+CIICR is typed
_B_CIICR_OK = const(2)
_B_CIFSR = const(3)  # AT+CIFSR gave an address
_B_START = const(4)  # AT+CIPSTART is typed
_B_OPENED = const(5)
_B_REFUSED = const(6)
_B_CLOSE = const(7)  # AT+CIPCLOSE is typed
_B_GONE = const(8)  # CLOSE OK, or CLOSED
_B_SHUT = const(9)  # SHUT OK
_B_DEACT = const(10)  # +PDP: DEACT
_B_LOST = const(11)  # nobody knows: the modem rebooted or is silent

_NEXT = {
    _IP_INITIAL << 4 | _B_CSTT: _IP_START,
    _IP_INITIAL << 4
    | _B_START: _IP_CONNECTING,  # single-link mode only: the modem does the rest itself
    _IP_START << 4 | _B_CIICR: _IP_CONFIG,
    _IP_CONFIG << 4 | _B_CIICR_OK: _IP_GPRSACT,
    _IP_GPRSACT << 4 | _B_CIFSR: _IP_STATUS,
    _IP_STATUS << 4 | _B_CIFSR: _IP_STATUS,
    _IP_STATUS << 4 | _B_START: _IP_CONNECTING,
    _IP_STATUS << 4 | _B_GONE: _IP_STATUS,
    _IP_STATUS << 4 | _B_CLOSE: _IP_STATUS,
    _IP_STATUS << 4 | _B_OPENED: _IP_CONNECT_OK,  # nobody asked for it
    _IP_STATUS << 4 | _B_REFUSED: _IP_STATUS,
    _IP_PROCESSING << 4 | _B_CIFSR: _IP_PROCESSING,
    _IP_PROCESSING << 4 | _B_START: _IP_PROCESSING,
    _IP_PROCESSING << 4 | _B_OPENED: _IP_PROCESSING,
    _IP_PROCESSING << 4 | _B_REFUSED: _IP_PROCESSING,
    _IP_PROCESSING << 4 | _B_CLOSE: _IP_PROCESSING,
    _IP_PROCESSING << 4 | _B_GONE: _IP_PROCESSING,
    _IP_CONNECTING << 4 | _B_OPENED: _IP_CONNECT_OK,
    _IP_CONNECTING << 4 | _B_REFUSED: _IP_STATUS,
    _IP_CONNECTING << 4 | _B_CLOSE: _IP_CLOSING,
    _IP_CONNECTING << 4 | _B_GONE: _IP_CLOSED,
    _IP_CONNECT_OK << 4 | _B_CLOSE: _IP_CLOSING,
    _IP_CONNECT_OK << 4 | _B_GONE: _IP_CLOSED,
    _IP_CLOSING << 4 | _B_GONE: _IP_CLOSED,
    _IP_CLOSED << 4 | _B_START: _IP_CONNECTING,
    _IP_CLOSED << 4 | _B_GONE: _IP_CLOSED,
    _IP_LISTENING << 4 | _B_GONE: _IP_LISTENING,
    _PDP_DEACT << 4 | _B_CSTT: _IP_START,
    _PDP_DEACT << 4 | _B_CIICR: _PDP_DEACT,
    _PDP_DEACT << 4 | _B_CIICR_OK: _IP_GPRSACT,
    _PDP_DEACT << 4 | _B_CIFSR: _IP_STATUS,
    # What was on its way when the context or the modem went.
    _PDP_DEACT << 4 | _B_START: _PDP_DEACT,
    _PDP_DEACT << 4 | _B_OPENED: _PDP_DEACT,
    _PDP_DEACT << 4 | _B_REFUSED: _PDP_DEACT,
    _PDP_DEACT << 4 | _B_CLOSE: _PDP_DEACT,
    _PDP_DEACT << 4 | _B_GONE: _PDP_DEACT,
    _IP_UNKNOWN << 4 | _B_OPENED: _IP_UNKNOWN,
    _IP_UNKNOWN << 4 | _B_REFUSED: _IP_UNKNOWN,
    _IP_UNKNOWN << 4 | _B_CLOSE: _IP_UNKNOWN,
    _IP_UNKNOWN << 4 | _B_GONE: _IP_UNKNOWN,
    _IP_INITIAL << 4 | _B_OPENED: _IP_INITIAL,
    _IP_INITIAL << 4 | _B_REFUSED: _IP_INITIAL,
    _IP_INITIAL << 4 | _B_CLOSE: _IP_INITIAL,
    _IP_INITIAL << 4 | _B_GONE: _IP_INITIAL,
}


class Bearer:
    """`state` as the modem has it, `address` once it has given one; `is_up` while there is one, so
    that links can live."""

    def __init__(self):
        self._be(_IP_UNKNOWN)
        self.address = None
        self.unexpected = 0

    def name(self):
        return _NAMES[self.state]

    def can_start(self, mux, reopens=True):
        """Whether AT+CIPSTART is allowed (LUAT CIPSTART, note 3). IP INITIAL would do in
        single-link mode, but then nobody could say which step of the bring-up has failed."""
        state = self.state
        return state == _IP_STATUS or (
            state == _IP_PROCESSING if mux else reopens and state == _IP_CLOSED
        )

    def is_spent(self, dialect):
        """Whether a new link in single-link mode must wait for the old one's end, or for
        AT+CIPSHUT (LUAT CIPSTART, note 4)."""
        return not dialect.mux and self.is_up and not self.can_start(0, dialect.reopens)

    def event(self, event, mux=1):
        """`event` has happened, in a modem with AT+CIPMUX=`mux`."""
        if event == _B_SHUT:
            state = _IP_INITIAL
        elif event == _B_DEACT:
            state = _PDP_DEACT
        elif event == _B_LOST:
            state = _IP_UNKNOWN
        else:
            state = _NEXT.get(self.state << 4 | event, -1)
        if state < 0:
            self.unexpected += 1
            return
        if mux and _IP_CONNECTING <= state <= _IP_CONNECT_OK:
            state = _IP_PROCESSING
        self._be(state)
        if not self.is_up:
            self.address = None

    def _be(self, state):
        # An attribute: it is read on every turn.
        self.state, self.is_up = state, _IP_STATUS <= state <= _IP_CLOSED

    def report(self, buf, at, end):
        """The modem printed `STATE: <state>`; true if that is a state we know."""
        if buf.startswith(b"TCP ", at) or buf.startswith(b"UDP ", at):
            at += 4  # states of single-link mode
        for state in range(_IP_UNKNOWN):
            if buf.startswith(_NAMES[state].encode(), at):
                self._be(state)
                return True
        return False
