"""`bind`, `listen` and `accept`, for the few programs that need them."""

import errno

from micropython import const

from .clock import FOREVER
from .server import Server

_LAST_PORT = const(65535)
_LISTENING_MS = const(10000)
_ANY = ("", "0.0.0.0")


def bound_port(address):
    """The port of an address to bind to. Raises ValueError for a host: the modem has only one."""
    host, port = address
    if host not in _ANY:
        raise ValueError("bind to host %r: the modem has one address, use ''" % (host,))
    if not isinstance(port, int) or not 0 <= port <= _LAST_PORT:
        raise ValueError("port %r: not 0 to %d" % (port, _LAST_PORT))
    return port


def listen(modem, port, backlog):
    """Start to take calls, and wait for the modem to say so, 10 s at the most: a `Server`.

    Raises OSError(EOPNOTSUPP) where the firmware has no AT+CIPSERVER, EADDRINUSE when the modem
    listens already, EHOSTUNREACH without a bearer, EALREADY in transparent mode, ETIMEDOUT
    without an answer.
    """
    driver = modem.driver
    engine = driver.engine
    if not port:
        raise ValueError("listen: bind to a port first, not to 0")
    if engine.server is not None and engine.server.wanted:
        raise OSError(errno.EADDRINUSE)
    if engine.data is not None:
        raise OSError(errno.EALREADY)
    if not engine.bearer.is_up:
        raise OSError(errno.EHOSTUNREACH)
    driver.wait_for(lambda: _is_vacant(engine, driver.now()), _LISTENING_MS)
    server = Server(engine, port, backlog)
    engine.server = server
    engine.links.alert = True
    try:
        if not driver.wait_for(lambda: server.listening or server.error, _LISTENING_MS):
            raise OSError(errno.ETIMEDOUT)
        if server.error:
            raise OSError(server.error)
    except BaseException:
        driver.close_link(server)
        raise
    return server


def _is_vacant(engine, now):
    """Whether the last server has been closed, or the modem would not have it closed."""
    return engine.server is None or 0 < engine.server.due(now) < FOREVER


def accept(server, sock):
    """Give `sock` the link of the first caller: the caller's address, whose port is not known.

    Raises OSError(EAGAIN) when there is none any more."""
    calls = server.waiting()
    if not calls:
        raise OSError(errno.EAGAIN)
    link, generation, address = calls[0]
    sock.adopt(link, generation)
    calls.pop(0)
    return address, 0
