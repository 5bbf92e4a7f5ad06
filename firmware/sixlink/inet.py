"""Addresses: a host's name or number, and a port."""

import errno

from micropython import const

from .fields import safe

_AF_INET = const(2)
_SOCK_STREAM = const(1)
_MAX_HOST = const(128)  # bytes (LUAT CIPSTART)


def inet_pton(af, text):
    """The four bytes of a dotted address. Raises OSError(EINVAL) for anything else."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts):
        return bytes([int(part) for part in parts])
    raise OSError(errno.EINVAL)


def inet_ntop(af, packed):
    """The dotted text of four bytes. Raises OSError(EINVAL) for anything else."""
    if len(packed) != 4:
        raise OSError(errno.EINVAL)
    return ".".join([str(byte) for byte in packed])


def checked(address):
    """`(host, port)` fit for an AT line; raises ValueError naming what is not."""
    host, port = address[0], address[1]
    host = safe(host, _MAX_HOST, "host").decode()
    if not host:
        raise ValueError("empty host")
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise ValueError("port not in 1-65535: %r" % (port,))
    return host, port


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """One entry whose address holds the name as it is: the modem resolves it when it connects."""
    safe(host, _MAX_HOST, "host")
    return [(_AF_INET, type or _SOCK_STREAM, proto, "", (host, port))]
