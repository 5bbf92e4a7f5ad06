"""What has come in on a link and waits for its reader: a stream of bytes, or whole datagrams.

Bytes and the counts that go with them move in one line, so that Ctrl-C finds them either here or
there. In the ring a length stands before each datagram.
"""

from micropython import RingIO

_length = bytearray(2)  # of a datagram, as it stands in the ring


class Inbox:
    def __init__(self):
        self.ring = None
        self.size = 0
        self.udp = False
        self.earlier = 0  # bytes received by earlier users
        self.received = 0  # bytes handed over by the modem; of datagrams, those read
        self.dropped = 0  # datagrams that found no room, in all
        self._clear()

    def _clear(self):
        self.earlier, self.received = self.earlier + self.received, 0
        self._ready = 0  # whole datagrams in the ring
        self._coming = 0  # size of the datagram that is coming in
        self._filled = 0  # bytes of it in the ring, its length included
        self.held = False  # it may be noise: it is not to be read, whole or not
        self._spare = False  # it has no room
        self._reading = 0  # size of the datagram that is being read; -1: it has been
        self._taken = 0  # its size
        self._tail = 0  # bytes of the last one that its reader did not want

    def open(self, udp, size):
        """Empty, with room for `size` bytes; the old ring where it fits, so that a heap that runs
        for long stays whole."""
        if size != self.size:
            self.ring = None
            self.ring = RingIO(size)
            self.size = size
        while self.ring.readinto(_length):
            pass
        self.udp = udp
        self._clear()

    def room(self):
        """Bytes that can still come in."""
        return self.size - self.ring.any()

    def waiting(self):
        """Bytes that wait to be read; of datagrams, not less than the next one has."""
        if self.udp:
            return (self._reading or self.ring.any() - 2) if self._settle() else 0
        return self.ring.any() if self.ring is not None else 0

    def begin(self, size, held=False):
        """A payload of `size` bytes follows. A `held` datagram is not to be read before `held` is
        cleared, or before the next payload begins where it should."""
        if self.udp:
            self.held = False
            self._settle()
            self._coming, self._filled = size, 0
            self._spare = self.room() < size + 2
            self.held = held

    def store(self, framer, n):
        """Take up to `n` bytes of payload out of the framer; returns how many (0: no room)."""
        if self.udp:
            return self._store_datagram(framer, n)
        ring = self.ring
        if n > self.size - ring.any():
            n = self.size - ring.any()
        at = framer.at
        if n:
            # Few locals: a larger frame would take heap on each call. No jump: no Ctrl-C.
            framer.at, framer.payload = at + ring.write(framer.buf, at, n), framer.payload - n
            self.received += n
        return n

    def _store_datagram(self, framer, n):
        if self._spare:
            lost = self.dropped + (framer.payload == n)
            framer.at, framer.payload, self.dropped = framer.at + n, framer.payload - n, lost
            return n
        ring = self.ring
        buf = framer.buf
        if not self._filled:
            _put_length(self._coming)
            self._filled = ring.write(_length)
        at = framer.at + n
        left = framer.payload - n
        got = self._filled
        framer.at, framer.payload, self._filled = at, left, got + ring.write(buf, at - n, n)
        return n

    def take(self, buf, size):
        """Move up to `size` bytes, or one datagram, into `buf`; returns how many. What of a
        datagram does not fit is gone, as with any datagram socket."""
        if not self.udp:
            return self.ring.readinto(buf, size) or 0
        if not self._settle():
            return 0
        ring = self.ring
        if not self._reading:
            n, self._reading = ring.readinto(_length), _length[0] << 8 | _length[1]
        self._taken = self._reading
        n = min(self._taken, size)
        self._reading, self._tail, n = -1, self._taken - n, ring.readinto(buf, n)
        self._settle()
        return n

    def peek(self, size):
        """What `take` would bring, as bytes, and it stays. Read and written back in one line."""
        ring = self.ring
        if not self.udp:
            ring.write(data := ring.read())
            return data[:size]
        if not self._settle():
            return b""
        ring.write(data := ring.read())
        at = 0 if self._reading else 2
        length = self._reading or data[0] << 8 | data[1]
        return data[at : at + min(size, length)]

    def _settle(self):
        """Finish what was begun, coming in or going out; how many datagrams are whole."""
        if self._filled and self._filled == self._coming + 2 and not self.held:
            self._coming, self._filled, self._ready = 0, 0, self._ready + 1
        if self._reading < 0:
            total = self.received + self._taken
            self._reading, self._ready, self.received = 0, self._ready - 1, total
        while self._tail:
            self._tail -= self.ring.readinto(_length, 1)
        return self._ready


def _put_length(size):
    _length[0] = size >> 8
    _length[1] = size & 255
