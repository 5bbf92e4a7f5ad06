"""A socket as mbedTLS has it: it never makes mbedTLS wait, nor lets an exception through its code.

It reads along, as each record begins with its kind, version and length (RFC 5246, 6.2.1): mbedTLS
writes a record in one call, then, as long as the socket has not taken it, what is left of it; and
it reads the five bytes of a header before the rest.
"""

import io

from micropython import const

# Poll bits, as in MicroPython's py/stream.h.
_RD = const(1)
_WR = const(4)

_HEADER = const(5)
_CHANGE_CIPHER = const(20)
_DATA = const(23)


class Wire(io.IOBase):
    def __init__(self, sock, patient):
        self._sock = sock
        self.patient = patient  # wait as the socket does: the interpreter makes the handshake
        self.rd, self.wr = _RD, _WR  # what a read and a write wait for
        self.trusted = False  # we change to the cipher: the peer's certificate has passed
        self.connected = False  # the handshake is over
        self.more = False  # mbedTLS may hold more that is decrypted
        self._need = 0  # what mbedTLS missed last
        self._moved = False  # bytes have moved in the present call
        self._raised = None  # Ctrl-C came while mbedTLS was at work
        self._unsent = 0  # bytes of a record that the socket has not taken
        self._kind = 0  # of the last record out
        self._head = bytearray(_HEADER)  # of the record that comes in
        self._got = 0  # bytes of it
        self._left = 0  # bytes of that record behind it

    @property
    def holds_data(self):
        """Whether a record of the application's data has begun to leave and is not out."""
        return self._unsent and self._kind == _DATA

    def ask(self, side, operation, buf):
        """Let mbedTLS read (`side` is _RD) or write: how many bytes, None if it would block."""
        self._moved, self._need = False, side
        n = operation(buf)
        if side == _RD:
            self.more = n == len(buf)
        if self._moved or n is not None:
            self.rd, self.wr = _RD, _WR  # the other side may have come free, too
        if n is not None:
            self.connected = True
        elif side == _RD:
            self.rd = self._need
        else:
            self.wr = self._need
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
        return n

    # -- what mbedTLS calls --------------------------------------------------------------------

    def write(self, buf):
        if not self._unsent:
            self._kind = buf[0]
            self.trusted = self.trusted or buf[0] == _CHANGE_CIPHER
        n = self._call(self._sock.write, buf)
        self._unsent = len(buf) - max(0, n or 0)
        return self._noted(n, _WR)

    def readinto(self, buf):
        # One record at a time: the interpreter goes on reading until `buf` is full, and then it
        # forgets the end, or with an error even the data, that it met behind the first.
        n = None if self.more and not self._left else self._call(self._sock.readinto, buf)
        if n is not None and n > 0:
            self._follow(buf, n)
        return self._noted(n, _RD)

    def _follow(self, buf, n):
        head = self._head
        if self._left:
            self._left -= n
            self.more = not self._left and head[0] == _DATA
            return
        for i in range(n):
            head[self._got + i] = buf[i]
        self._got += n
        if self._got == _HEADER:
            self._got = 0
            self._left = head[3] << 8 | head[4]

    def ioctl(self, request, arg):
        return 0  # CLOSE: the guard closes the socket, as the interpreter does not always do so

    def _noted(self, n, side):
        if n is None:
            self._need = side
        else:
            self._moved = True
        return n

    def _call(self, operation, buf):
        """The count, None or minus the errno."""
        sock = self._sock
        timeout_ms = sock._timeout_ms
        try:
            sock._timeout_ms = timeout_ms if self.patient else 0
            return operation(buf)
        except OSError as error:
            return -error.errno
        except BaseException as error:
            if self.patient:
                raise
            self._raised = error
            return None
        finally:
            sock._timeout_ms = timeout_ms
