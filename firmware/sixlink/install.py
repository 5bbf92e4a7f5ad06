"""Putting the modem in the place of `import socket`."""

import errno
import sys

from .socket import use


def install(modem):
    """Make `import socket` mean `modem`, in modules that are loaded already as well.

    Returns the names of loaded modules that took names out of the old module (`from socket import
    …`) and therefore keep it. Raises OSError(EOPNOTSUPP) on CPython, whose libraries need the
    real one.
    """
    if sys.implementation.name != "micropython":
        raise OSError(errno.EOPNOTSUPP)
    new = sys.modules["sixlink.socket"]
    use(modem)
    _guard_tls()
    sys.modules["socket"] = new
    try:
        import usocket as old
    except ImportError:  # a board without a network of its own
        return []
    kept = []
    import __main__ as main  # type: ignore[import-not-found]  # it is not in `sys.modules`

    for name, module in list(sys.modules.items()) + [("__main__", main)]:
        if module is old or module is new:
            continue
        if getattr(module, "socket", None) is old:
            module.socket = new  # type: ignore[attr-defined]
        elif any(getattr(module, n, None) is old.socket for n in dir(module)):
            kept.append(name)
    return kept


def _guard_tls():
    """Load `tls` when TLS is first put over a socket: a program without it keeps the RAM."""
    try:
        import ssl
    except ImportError:  # a port without TLS
        return
    # The C module of this name makes contexts that cannot be guarded; `requests` uses it.
    sys.modules["tls"] = ssl
    SSLContext = ssl.SSLContext
    plain = SSLContext.wrap_socket

    def wrap_socket(context, *args, **options):
        from .tls import patch

        SSLContext.wrap_socket = plain  # type: ignore[method-assign, assignment]
        patch()
        return context.wrap_socket(*args, **options)

    SSLContext.wrap_socket = wrap_socket  # type: ignore[method-assign, assignment]
