"""The states of a link, and what leads from one to the next.

Rules:

1. A link's state changes only through `NEXT`. A pair without a row changes nothing and is counted.
2. The states are those of AT+CIPSTATUS (LUAT and S800 CIPSTATUS), and our own FAILED: the
   application has been told, or will be, that this link's data cannot be vouched for.
"""

from micropython import const

_INITIAL = const(0)
_CONNECTING = const(1)
_CONNECTED = const(2)
_REMOTE_CLOSING = const(3)
_CLOSING = const(4)
_CLOSED = const(5)
_FAILED = const(6)
NAMES = (
    "INITIAL",
    "CONNECTING",
    "CONNECTED",
    "REMOTE CLOSING",
    "CLOSING",
    "CLOSED",
    "FAILED",
)

# What can happen to a link.
_OPEN = const(0)  # a socket wants it
_OPENED = const(1)  # CONNECT OK
_GONE = const(2)  # the peer or the modem's stack closed it
_CLOSE = const(3)  # its socket is closed
_SHUT = const(4)  # the modem has confirmed that it holds it no more
_BROKEN = const(5)  # we cannot vouch for its data
_DRAINED = const(6)  # all that came before the peer's close has been read
_CALLED = const(7)  # a peer has connected to our server

NEXT = {
    _INITIAL << 4 | _OPEN: _CONNECTING,
    _INITIAL << 4 | _CALLED: _CONNECTED,
    _CLOSED << 4 | _CALLED: _CONNECTED,
    _FAILED << 4 | _CALLED: _CONNECTED,
    _INITIAL << 4 | _OPENED: _CLOSING,  # nobody's link: close it
    _INITIAL << 4 | _CLOSE: _INITIAL,
    _INITIAL << 4 | _GONE: _INITIAL,
    _INITIAL << 4 | _SHUT: _INITIAL,
    _CONNECTING << 4 | _OPENED: _CONNECTED,
    _CONNECTING << 4 | _GONE: _CONNECTING,  # the late farewell of its last user
    _CONNECTING << 4 | _CLOSE: _CLOSING,
    _CONNECTING << 4 | _BROKEN: _FAILED,
    _CONNECTED << 4 | _OPENED: _CONNECTED,
    _CONNECTED << 4 | _GONE: _REMOTE_CLOSING,
    _CONNECTED << 4 | _CLOSE: _CLOSING,
    _CONNECTED << 4 | _BROKEN: _FAILED,
    _REMOTE_CLOSING << 4 | _GONE: _REMOTE_CLOSING,
    _REMOTE_CLOSING << 4 | _CLOSE: _CLOSED,
    _REMOTE_CLOSING << 4 | _DRAINED: _CLOSED,
    _REMOTE_CLOSING << 4 | _BROKEN: _FAILED,
    _REMOTE_CLOSING << 4 | _SHUT: _REMOTE_CLOSING,
    _CLOSING << 4 | _OPENED: _CLOSING,
    _CLOSING << 4 | _GONE: _CLOSED,
    _CLOSING << 4 | _CLOSE: _CLOSING,
    _CLOSING << 4 | _SHUT: _CLOSED,
    _CLOSING << 4 | _BROKEN: _CLOSING,  # its user is gone: nobody to tell
    _CLOSED << 4 | _OPEN: _CONNECTING,
    _CLOSED << 4 | _OPENED: _CLOSING,
    _CLOSED << 4 | _GONE: _CLOSED,
    _CLOSED << 4 | _CLOSE: _CLOSED,
    _CLOSED << 4 | _SHUT: _CLOSED,
    _FAILED << 4 | _OPEN: _CONNECTING,
    _FAILED << 4 | _OPENED: _FAILED,
    _FAILED << 4 | _GONE: _FAILED,
    _FAILED << 4 | _CLOSE: _CLOSED,
    _FAILED << 4 | _SHUT: _FAILED,
    _FAILED << 4 | _BROKEN: _FAILED,
}
