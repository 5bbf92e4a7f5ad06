"""Sockets over the modem's links, and the names of MicroPython's `socket` module.

`sixlink.install(modem)` puts this module in the place of `socket`; `modem.socket()` works without.
One rule for every call: None (`read`, `readinto`, `readline`, `write`) or OSError(EAGAIN) (`recv`,
`send` and kin) means "would block", b"" or 0 means end of stream, everything else that goes wrong
is an OSError. Data that came before an error or an end is delivered before it.
"""

import errno

from micropython import const

from .inet import checked, getaddrinfo, inet_ntop, inet_pton  # noqa: F401 (socket's names)
from .writer import Writer

# As in their home files; a test holds the numbers together.
_CONNECTING = const(1)
_CONNECTED = const(2)

AF_INET = const(2)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)
IPPROTO_TCP = const(6)
IPPROTO_UDP = const(17)
MSG_PEEK = const(2)
MSG_DONTWAIT = const(64)
SOL_SOCKET = const(1)
SO_REUSEADDR = const(4)
SO_KEEPALIVE = const(8)
TCP_NODELAY = const(1)
TCP_KEEPIDLE = const(4)
TCP_KEEPINTVL = const(5)
TCP_KEEPCNT = const(6)

# ioctl requests and poll bits, as in MicroPython's py/stream.h.
_IOCTL_FLUSH = const(1)
_IOCTL_POLL = const(3)
_IOCTL_CLOSE = const(4)
_RD = const(1)
_WR = const(4)
_ERR = const(8)
_HUP = const(16)
_NVAL = const(32)

_modem = None  # the one that `install` chose


class Socket(Writer):
    """A TCP or UDP socket on one of the modem's six links. The link is taken by `connect`, or by
    the first `sendto`, and given back by `close`."""

    def __init__(self, modem, af=AF_INET, type=SOCK_STREAM, proto=0):
        if af != AF_INET or type not in (SOCK_STREAM, SOCK_DGRAM):
            raise OSError(errno.EOPNOTSUPP)
        self._modem = modem
        self._driver = modem.driver
        self._engine = modem.driver.engine
        self._links = modem.driver.engine.links
        self._bearer = modem.driver.engine.bearer
        self._bringup = modem.driver.engine.bringup
        self._supervisor = modem.driver.engine.supervisor
        self._udp = type == SOCK_DGRAM
        self._port = 0  # of our own choice
        self._server = None
        self._link = None
        self._generation = 0
        self._closed = False
        self._nodelay = False
        self._timeout_ms = None  # None: wait; 0: never wait
        self._left = 0  # bytes of a write that waits for room

    def __repr__(self):
        state = "closed" if self._closed else self._link.state_name() if self._link else "new"
        return "<Socket %s %s>" % ("UDP" if self._udp else "TCP", state)

    # -- opening and closing -------------------------------------------------------------------

    def connect(self, address):
        """Connect to `(host, port)`, a name or an IP address.

        Raises ValueError for a host or port that no AT line may carry, OSError(ENOBUFS) when six
        links are in use, EHOSTUNREACH without a bearer, ECONNREFUSED or ETIMEDOUT as the peer has
        it, EINPROGRESS when the socket does not block: then POLLOUT tells when it is done.
        """
        host, port = checked(address)
        self._check_open()
        if self._server is not None or self._link is not None or self._is_claiming():
            raise OSError(errno.EALREADY)
        self._open(host, port)
        if self._udp:  # nothing to wait for: what is written goes out once the link is there
            return
        if self._timeout_ms == 0:
            self._driver.turn()
            raise OSError(errno.EINPROGRESS)
        if not self._driver.wait_for(self._is_settled, self._timeout_ms):
            self._drop()
            raise OSError(errno.ETIMEDOUT)
        link = self._won_link()
        if link.error:
            self._drop()
            raise link.refusal()

    def _open(self, host, port):
        driver = self._driver
        if not driver.turn():
            raise OSError(errno.EALREADY)
        self._engine.capability.check(self._udp, host, port)
        if self._engine.data is not None and (self._timeout_ms == 0 or self._links.all[0].owned):
            raise OSError(errno.EALREADY)  # transparent mode has one link only
        if not self._has_bearer() and self._supervisor.wanted and self._timeout_ms != 0:
            driver.wait_for(self._has_bearer, self._timeout_ms)  # it is being mended
        if not self._has_bearer() and (self._timeout_ms != 0 or not self._supervisor.wanted):
            raise OSError(errno.EHOSTUNREACH)
        with driver:
            self._links.open(self, self._udp, host, port, driver.now(), self._port)

    def _has_bearer(self):
        return self._bearer.is_up and not self._bringup.active and self._engine.data is None

    def adopt(self, link, generation):
        """The table gives us `link`; we are its user number `generation`."""
        self._link, self._generation = link, generation

    def _is_claiming(self):
        """Whether we wait for a link that is closing."""
        return self._links.is_waiting(self)

    def _is_early(self, at_once=False):
        """Whether there is no link yet, and the socket does not block to get one."""
        if self._closed or self._link is not None or not self._is_claiming():
            return False
        return at_once or not self._wait(self._is_adopted)

    def _is_adopted(self):
        return not self._is_claiming()

    def _is_settled(self):
        if self._is_claiming():
            return False
        return self._link is None or self._link.state != _CONNECTING

    def _won_link(self):
        """The link that was waited for. There is none when no connection is wanted any more."""
        if self._link is None:
            raise OSError(errno.EHOSTUNREACH)
        return self._live_link()

    def _drop(self):
        """Give the link back and be as new."""
        link = self._link
        self._links.withdraw(self)
        if link is not None and link.generation == self._generation:
            self._driver.close_link(link)
        self._link = None

    def close(self):
        """Returns at once; what was written still leaves, within ten seconds."""
        self._closed = True
        if self._server is not None:
            self._driver.close_link(self._server)
        if self._link is not None or self._is_claiming():
            self._drop()
        elif self._server is None:
            return
        if not self._driver.busy:
            self._driver.turn()

    def bind(self, address):
        """Use a port of our own choice, to connect from (AT+CLPORT) or to listen on; 0 lets the
        modem choose. Raises ValueError for what is no such port."""
        from .listener import bound_port

        self._check_open()
        self._check_unused()
        self._port = bound_port(address)

    def listen(self, backlog=2):
        """Take calls on the port of `bind`; `backlog` of them may wait. This waits for the modem
        even if the socket does not block: see `listener.listen`, and for what it raises."""
        from .listener import listen

        self._check_open()
        self._check_unused()
        if self._udp:
            raise OSError(errno.EOPNOTSUPP)
        self._server = listen(self._modem, self._port, backlog)

    def accept(self):
        """`(socket, (address, 0))` of the next caller; the modem does not tell its port. Raises
        OSError(EAGAIN) when the socket does not block and nobody has called, ETIMEDOUT when nobody
        does in time, EINVAL without `listen`."""
        from .listener import accept

        self._check_open()
        if self._server is None:
            raise OSError(errno.EINVAL)
        if not self._has_call():
            self._driver.pump()
            if not self._has_call():
                self._wait(self._has_call)
        self._check_open()
        if self._driver.busy:
            raise OSError(errno.EAGAIN)
        sock = Socket(self._modem)
        with self._driver:
            return sock, accept(self._server, sock)

    def _has_call(self):
        return self._closed or self._server.is_called

    # -- modes ---------------------------------------------------------------------------------

    def settimeout(self, seconds):
        """None waits for ever, 0 never waits, anything else is in seconds."""
        self._check_open()
        if seconds is not None and seconds < 0:
            raise ValueError("negative timeout: %r" % seconds)
        self._timeout_ms = None if seconds is None else int(seconds * 1000)

    def setblocking(self, flag):
        self._check_open()
        self._timeout_ms = None if flag else 0

    def setsockopt(self, level, option, value):
        """TCP_NODELAY, of this socket. SO_KEEPALIVE, TCP_KEEPIDLE (30-7200 s), TCP_KEEPINTVL
        (30-600 s) and TCP_KEEPCNT (1-9), of all sockets: the modem has one keep-alive for its six
        links. SO_REUSEADDR is accepted and has no effect.

        Raises ValueError for a value outside, OSError(EOPNOTSUPP) for any other option.
        """
        self._check_open()
        if level == IPPROTO_TCP and option == TCP_NODELAY:
            self._nodelay = bool(value)
        elif level != SOL_SOCKET or option != SO_REUSEADDR:
            from .keepalive import choose

            choose(self._engine, level, option, value)

    # -- writing -------------------------------------------------------------------------------

    def sendto(self, buf, *flags_and_address):
        """`sendto(buf, address)` or `sendto(buf, flags, address)`: one datagram. The first one
        opens the link; another address reopens it."""
        peer = checked(flags_and_address[-1])
        self._check_open()
        self._turn_to(peer)
        if self._is_claiming() and not self._wait(self._is_settled):
            raise OSError(errno.EAGAIN)
        return self.send(buf)

    def _turn_to(self, peer):
        """Have a link to `peer`, or wait for one."""
        link = self._link
        if link is not None and (link.peer != peer or link.generation != self._generation):
            self._drop()
        if self._link is None and not self._is_claiming():
            self._open(*peer)

    # -- polling -------------------------------------------------------------------------------

    def ioctl(self, request, arg):
        if request == _IOCTL_POLL:
            return self._poll(arg)
        if request == _IOCTL_CLOSE:
            self.close()
            return 0
        if request == _IOCTL_FLUSH:
            if self._link is not None:
                self._link.push_now()
            return 0
        return -errno.EINVAL

    def _poll(self, wanted):
        """Never raises: an exception here would end every task of asyncio."""
        try:
            if not self._driver.turn():
                return 0
        except OSError as error:
            self._driver.last_error = error
        link = self._link
        if self._closed:
            return _NVAL | _ERR  # asyncio wakes nobody for NVAL alone
        if self._server is not None:
            return wanted & _RD if self._server.is_called else 0
        if link is None:
            if self._is_claiming():
                return 0
            return wanted & _WR if self._udp else _HUP | (wanted & _WR)
        if link.generation != self._generation or link.error and not link.rx.waiting():
            return _ERR | _HUP | (wanted & (_RD | _WR))
        link.push_now()
        ready = _RD if link.rx.waiting() or link.eof else 0
        if link.state == _CONNECTED:
            if self._has_room():
                ready |= _WR
        elif link.state != _CONNECTING:
            ready |= _WR if link.eof else 0
        return ready & wanted

    # -- shared --------------------------------------------------------------------------------

    def _check_open(self):
        if self._closed:
            raise OSError(errno.EBADF)

    def _check_unused(self):
        if self._server is not None or self._link is not None or self._is_claiming():
            raise OSError(errno.EINVAL)

    def _live_link(self):
        self._check_open()
        link = self._link
        if link is None:
            raise OSError(errno.ENOTCONN)
        if link.generation != self._generation:
            if link.ended != self._generation:
                raise OSError(errno.ECONNRESET)
            self._link = link = self._links.past()  # ours had come to its end
            self._generation = link.generation
        return link

    def _wait(self, ready):
        """Wait until `ready()`; False if the socket does not block. Raises OSError(ETIMEDOUT)."""
        if self._timeout_ms == 0:
            return False
        link = self._link
        if link is not None and not link.tx.hurry:
            link.push_now()
        if self._driver.wait_for(ready, self._timeout_ms):
            return True
        raise OSError(errno.ETIMEDOUT)


def use(modem):
    """Make `modem` the one that this module's functions mean."""
    global _modem
    _modem = modem


def socket(af=AF_INET, type=SOCK_STREAM, proto=0):
    """A socket over the installed modem."""
    return Socket(_modem, af, type, proto)
