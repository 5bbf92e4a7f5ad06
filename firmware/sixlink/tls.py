"""TLS over our sockets: the interpreter's own `ssl` and its verification, with a guard around it.

mbedTLS takes a record before it knows whether the socket has room. If there is none the writer is
told "would block", and its next write, of whatever length, is reported as sent although only the
first record leaves: asyncio, which comes back with more, loses lines without a word. So `patch`
makes `SSLContext.wrap_socket` return a `Guard` where the socket is ours. Rules:

1. A write is cut to one record. After "would block" mbedTLS is asked with the same length again,
   and what it took is reported once, to whoever writes next.
2. Once connected, mbedTLS never waits and never sees an exception: the guard waits, for as long
   as the time limit of the socket says.
3. In a handshake a write may wait for input, and a read for room: a direction is polled for what
   mbedTLS missed when it said "would block", not for its own name.
4. What mbedTLS holds decrypted is readable although the socket is silent. So is an end, for ever.
5. After an error nothing reaches mbedTLS any more; data that came before it is delivered first.

What took its context out of the C module `tls` before `install` is outside this protection. TLS
1.2 (RFC 5246).
"""

import errno
import ssl

from micropython import const

from .inbox import Inbox
from .reader import as_bytes
from .socket import Socket
from .stream import Stream
from .tlswire import Wire

# ioctl requests and poll bits, as in MicroPython's py/stream.h.
_IOCTL_POLL = const(3)
_IOCTL_CLOSE = const(4)
_RD = const(1)
_WR = const(4)
_ERR = const(8)
_NVAL = const(32)

_RECORD = const(4096)  # data bytes in a record that we send: MBEDTLS_SSL_OUT_CONTENT_LEN
_PIECE = const(512)  # decrypted at a time

_plain_wrap = None  # the interpreter's own `SSLContext.wrap_socket`


class Guard(Stream):
    """A TLS stream over one of our sockets, with the methods of the interpreter's own and the
    time limit of the socket. None means "would block", b"" or 0 the end; everything else that
    goes wrong is an exception: ValueError for a certificate that does not pass, else OSError."""

    _udp = False

    def __init__(self, sock, wrap, is_blocking):
        self._sock = sock
        self._wire = Wire(sock, is_blocking)
        self._error = None  # what has ended the connection
        self._eof = False
        self._length = 0  # of the write that would have blocked
        self._owed = 0  # bytes that mbedTLS took and no writer has been told of
        self.rx = Inbox()
        self.rx.open(False, _PIECE)
        self._scratch = bytearray(_PIECE)
        self._tls = wrap(self._wire)
        self._wire.connected, self._wire.patient = is_blocking, False

    def handshake(self):
        """Go on with the handshake of a socket that does not block; whether the certificate of
        the peer has passed. If not yet, POLLIN tells when to go on."""
        return self._await_input() is not None or self._wire.trusted

    def close(self):
        tls, self._tls = self._tls, None
        if tls is not None:
            tls.close()
        self._sock.close()

    def setblocking(self, flag):
        self._sock.setblocking(flag)

    def settimeout(self, seconds):
        self._sock.settimeout(seconds)

    def cipher(self):
        """Name and version. Raises OSError(ENOTCONN) before the end of the handshake, when the
        interpreter itself would crash."""
        if self._tls is None or not self._wire.connected:
            raise OSError(errno.ENOTCONN)
        return self._tls.cipher()

    def getpeercert(self, binary_form=False):
        """Raises AttributeError on a port that does not keep it."""
        return self._tls.getpeercert(binary_form)

    # -- writing -------------------------------------------------------------------------------

    def write(self, buf, at=None, size=None):
        """As `Socket.write`."""
        buf = as_bytes(buf)
        if size is None:
            at, size = 0, len(buf) if at is None else at
        view = memoryview(buf)
        size = min(size, len(buf) - at)
        done = 0
        while done < size:
            n = self._put(view, at + done, size - done)
            if n is not None:
                done += n
            elif not self._wait(self._wire.wr):
                return done or None
        return done

    send = sendall = write

    def _put(self, view, at, size):
        """At most one record: how much of `view[at:at+size]` is taken, None if it would block."""
        taken = min(size, self._owed)
        if taken:
            self._owed -= taken
            return taken
        n = self._length or min(size, _RECORD)
        if n > size and not self._wire.holds_data:
            n = size
        # Once the record has begun mbedTLS looks at the length alone.
        piece = view[at : at + n] if n <= size else bytes(n)
        self._length = n
        taken = self._ask(_WR, piece)
        if taken is None:
            return None
        self._length = 0
        self._owed = max(0, taken - size)
        return min(taken, size)

    # -- reading -------------------------------------------------------------------------------

    def read(self, size=-1):
        data = super().read(size)
        if size < 0 and self._error is not None:
            self._raise()  # cut short: this was not the end
        return data

    def recv(self, size):
        """Up to `size` bytes; None if that would block."""
        return self._await_input() and self.rx.ring.read(min(size, self.rx.waiting()))

    recv_into = Stream.readinto

    def _await_input(self, have=None):
        self._check_open()
        rx = self.rx
        while not rx.waiting() and not self._eof:
            try:
                n = self._ask(_RD, self._scratch)
            except Exception:
                if have:
                    return None  # the next call raises it
                raise
            if n:
                rx.ring.write(self._scratch, 0, n)
            elif n == 0:
                self._eof = True
            elif not self._wait(self._wire.rd):
                return None
        return self

    def _take(self, _, buf, size):
        return self.rx.take(buf, size)

    def _take_line(self, _, size):
        return self.rx.ring.readline(size)

    # -- polling -------------------------------------------------------------------------------

    def ioctl(self, request, arg):
        if request == _IOCTL_POLL:
            return self._poll(arg)
        if request == _IOCTL_CLOSE:
            self.close()
        return self._sock.ioctl(request, arg)

    def _poll(self, wanted):
        """Never raises: an exception here would end every task of asyncio."""
        rd, wr = self._wire.rd, self._wire.wr
        need = (rd if wanted & _RD else 0) | (wr if wanted & _WR else 0)
        flags = self._sock.ioctl(_IOCTL_POLL, need)
        lost = flags & ~(_RD | _WR)
        if self._error is not None or flags & _NVAL:
            return lost | _ERR | (wanted & (_RD | _WR))
        ready = _WR if flags & wr else 0
        if flags & rd or self._wire.more or self._eof or self.rx.waiting():
            ready |= _RD
        return lost | (ready & wanted)

    # -- shared --------------------------------------------------------------------------------

    def _ask(self, side, buf):
        """Let mbedTLS read into `buf` or write it: how many bytes, None if it would block."""
        self._check_open()
        if self._error is not None:
            self._raise()
        tls = self._tls
        try:
            return self._wire.ask(side, tls.readinto if side == _RD else tls.write, buf)
        except Exception as error:
            self._error = error
            raise

    def _check_open(self):
        if self._tls is None:
            raise OSError(errno.EBADF)

    def _raise(self):
        raise type(self._error)(*self._error.args)

    def _wait(self, need):
        """Wait for what mbedTLS missed; False if the socket does not block."""
        return self._sock._wait(lambda: self._sock.ioctl(_IOCTL_POLL, need))


def patch():
    """Let `ssl.SSLContext.wrap_socket` put a guard around TLS over our sockets; contexts made
    before are covered, other sockets are left alone."""
    global _plain_wrap
    if _plain_wrap is None:
        _plain_wrap = ssl.SSLContext.wrap_socket
        ssl.SSLContext.wrap_socket = _wrap_socket  # type: ignore[method-assign, assignment]


def _wrap_socket(context, sock, *args, **options):
    """As the interpreter's own; but on a socket that does not block, the handshake is made by the
    first reads and writes."""

    def wrap(stream):
        return _plain_wrap(context, stream, *args, **options)

    if not isinstance(sock, Socket):
        return wrap(sock)
    is_blocking = sock._timeout_ms != 0 and options.get("do_handshake_on_connect", True)
    options["do_handshake_on_connect"] = is_blocking
    return Guard(sock, wrap, is_blocking)
