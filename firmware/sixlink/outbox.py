"""What the application has written on a link and the modem has not taken yet.

Small writes coalesce: a segment leaves when it is full, or when the application waits for the
link (`hurry`), or 10 ms after its last write; `nodelay` makes that 0. A datagram leaves as it is.

What is typed is never typed again. A send whose result got lost is `doubtful`: AT+CIPACK tells.
"""

from micropython import RingIO, const

from .clock import after, until

_SEGMENT = const(1460)  # bytes in one AT+CIPSEND (LUAT and S800 CIPSEND)
_COALESCE_MS = const(10)
_HOLD_MS = const(200)

_length = bytearray(2)  # of a datagram, as it stands in the ring


class Outbox:
    def __init__(self):
        self.ring = None
        self.size = 0
        self.udp = False
        self.earlier = 0  # bytes sent by earlier users
        self.sent = 0  # bytes the modem has accepted
        self._clear()

    def _clear(self):
        self.earlier, self.sent = self.earlier + self.sent, 0
        self.hurry = False
        self.nodelay = False
        self.doubtful = False
        self.flush_at = -1  # until then what there is may rest; -1: it has no reason to
        self.held_until = -1  # the modem had no room for the segment: not before this time
        self._segment = 0  # size of the segment that is announced, or about to be
        self.base = 0  # `sent` before it

    def open(self, udp, size):
        """Empty, with a window of `size` bytes."""
        if size != self.size:
            self.ring = None
            self.ring = RingIO(size)
            self.size = size
        while self.ring.readinto(_length):
            pass
        self.udp = udp
        self._clear()

    def any(self):
        """Bytes that wait; a link that was never ours has no window."""
        return 0 if self.ring is None else self.ring.any()

    def has_room(self):
        """Whether a write can take something: of a datagram, all of the largest."""
        return self.size - self.ring.any() >= (_SEGMENT + 2 if self.udp else 1)

    def write(self, buf, at, size, now):
        """Take up to `size` bytes; returns how many. A datagram goes whole or not at all."""
        ring = self.ring
        self.linger(now)
        if not self.udp:
            return ring.write(buf, at, size)
        if self.size - ring.any() < size + 2:
            return 0
        _length[0] = size >> 8
        _length[1] = size & 255
        return ring.write(_length) - 2 + ring.write(buf, at, size)

    def linger(self, now):
        """The application has just written: more may follow."""
        self.flush_at = after(now, _COALESCE_MS)

    def is_due(self, now):
        """Whether a segment is to leave now."""
        waiting = self.any()
        if not waiting:
            self.hurry = False
            return False
        if self.held_until >= 0:
            return until(self.held_until, now) <= 0
        if self.udp or self.hurry or self.nodelay:
            return True
        if self.flush_at >= 0 and until(self.flush_at, now) <= 0:
            self.flush_at = -1  # or it would lie ahead again some day
        return self.flush_at < 0 or waiting >= _SEGMENT

    def segment(self):
        """The size of the segment that is to leave; the same until it is `settled`."""
        if not self._segment:
            ring = self.ring
            if self.udp:
                _, self._segment = ring.readinto(_length), _length[0] << 8 | _length[1]
            else:
                self._segment = min(ring.any(), _SEGMENT)
        self.base = self.sent
        return self._segment

    def next_at(self):
        """When a segment that waits is to leave."""
        return self.held_until if self.held_until >= 0 else self.flush_at

    def hold(self, now):
        """The modem refused the segment before any of it was typed: it is full. Ask again."""
        self.held_until = after(now, _HOLD_MS)

    def accepted(self, size):
        """The modem has accepted the segment, all `size` bytes of it."""
        self.held_until = -1
        self.sent = self.base + size
        self._segment = 0

    def doubt(self, size):
        """Nobody knows what became of the segment."""
        self._doubtful_sent = self.base + size
        self.doubtful = True
        self._segment = 0

    def settle(self, taken):
        """The modem has taken `taken` bytes in all, -1 if it does not tell: whether all is well.
        A datagram may be lost, but not changed: more bytes than that are padding."""
        if taken == self._doubtful_sent:
            self.sent = taken
            return True
        return self.udp and taken <= self.base
