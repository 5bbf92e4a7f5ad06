"""The flight recorder: the last things that crossed the UART, with their times, in one ring.

A record, all numbers little end first in groups of seven bits where they may be large:

    size      1 byte: how many bytes of the record follow
    kind      1 byte: 0 received, 1 typed, 2 and 3 the same of payload, 4 received but withheld,
              6 a remark about the line itself
    time      ms since the record before began
    left out  bytes that crossed the UART but are not kept
    bytes     those that are kept

Rules:

1. What goes in one direction within 10 ms is one record, and so is a payload, however long it
   takes. It is gathered beside the ring and enters it whole. The oldest make room.
2. Payload belongs to the application: 16 bytes a packet are kept, enough to tell TLS from HTTP.
   What an echoing modem sends back of it, or what is read as lines after a framing loss, is kept
   like any line: there the framer itself cannot tell.
3. Of a secret command nothing behind its `=` is ever seen here. A modem may echo it, late and in
   pieces, but it works in order: what comes in is withheld until that command and one more have
   been answered; one more, because the first answer may be a late one to an earlier command.
4. Nothing here allocates but `mark` and `snapshot`.
"""

from micropython import RingIO, const

_K_RX = const(0)
_K_TX = const(1)
_K_RX_PAYLOAD = const(2)
_K_TX_PAYLOAD = const(3)
_K_WITHHELD = const(4)
_K_MARK = const(6)
_K_NONE = const(7)

_BODY = const(3)  # as in its home file; a test holds the numbers together

_MASK = const(0x1FFFFFFF)
_GAP_MS = const(10)
_KEPT = const(16)
_GATHERED = const(120)
_HEAD = const(12)  # size, kind and two numbers of up to five bytes
_SMALLEST = const(256)
_LARGEST_RING = const(65535)
_ANSWERS = const(2)


class Recorder:
    """`size`: bytes of the ring, 256 … 65535. `now` is to be set before anything is noted, and
    `seen` to 0 when the framer's buffer is filled anew. Raises ValueError for another size."""

    def __init__(self, size):
        if not _SMALLEST <= size <= _LARGEST_RING:
            raise ValueError("trace=%r: 0, or 256 to 65535 bytes" % size)
        self._ring = _ring(bytearray(size))
        self._room = size - 1
        self._open = _ring(_GATHERED)  # bytes of the record that is being gathered
        self._scratch = bytearray(_GATHERED + _HEAD)
        self._head = bytearray(_HEAD)
        self._one = bytearray(1)
        self.now = 0
        self.seen = 0  # where in the framer's buffer the bytes begin that are not noted yet
        self.began = 0  # when the newest record in the ring began
        self._kind = _K_NONE
        self._at = 0  # when the record that is being gathered began …
        self._last = 0  # … and last grew
        self.left_out = 0
        self.counts = 0  # the kind of payload of which more is only counted, by whoever moves it
        self._prefix = 0  # bytes of this packet that may still be kept
        self._drop = 0  # bytes of the oldest record that have still to go
        self._blind = 0  # commands that must be answered before what comes in may be seen
        self._timeouts = 0

    # -- what happens --------------------------------------------------------------------------

    def text(self, buf, end):
        """The framer has dealt with its buffer up to `end`; what was not payload was lines."""
        at, self.seen = self.seen, end
        if self._blind:
            self._count(_K_WITHHELD, buf, at, end - at)
        else:
            self._keep(_K_RX, buf, at, end - at)

    def payload(self, buf, at, end):
        """`buf[at:end]` is payload, noted or not; what stands before it was lines."""
        if self.seen < at:
            self.text(buf, at)
        at = self.seen
        if at < end:
            self.seen = end
            self._count(_K_RX_PAYLOAD, buf, at, end - at)
            self.counts = 0 if self._prefix else _K_RX_PAYLOAD

    def typed(self, engine, at, n):
        """`n` bytes of what the engine types, from `at` on, have gone out."""
        if engine.phase == _BODY or engine.inflight is None:  # or transparent mode
            self._count(_K_TX_PAYLOAD, engine.tx_buf, at, n)
            self.counts = 0 if self._prefix else _K_TX_PAYLOAD
            return
        command = engine.inflight
        if not at and (self._blind or command.secret):
            self._begin_command(command, engine.timeouts)
        if not command.secret:
            self._keep(_K_TX, command.text, at, n)

    def mark(self, text):
        """A remark about the line itself: its speed, an error."""
        text = text.encode()
        self._begin(_K_MARK)
        self._open.write(text)
        self._begin(_K_NONE)

    def snapshot(self):
        """All records, oldest first; they stay."""
        self._begin(_K_NONE)
        ring = self._ring
        self._drop -= ring.readinto(self._scratch, self._drop)
        ring.write(data := ring.read())
        return data

    def _begin_command(self, command, timeouts):
        if command.secret:
            self._blind = _ANSWERS
            self._keep(_K_TX, command.text, 0, command.text.find(b"=") + 1)
            self._keep(_K_TX, b"***\r", 0, 4)
        elif self._blind and timeouts == self._timeouts:
            self._blind -= 1  # the command before this one has been answered
        self._timeouts = timeouts

    # -- the record that is being gathered -----------------------------------------------------

    def _keep(self, kind, buf, at, n):
        if kind != self._kind or (self.now - self._last) & _MASK > _GAP_MS:
            self._begin(kind)
        self._last = self.now
        put = self._open.write(buf, at, n)
        while put < n:
            at += put
            n -= put
            self._begin(kind)
            put = self._open.write(buf, at, n)

    def _count(self, kind, buf, at, n):
        if kind != self._kind:
            self._begin(kind)
            self._prefix = _KEPT if kind < _K_WITHHELD else 0
        elif (self.now - self._last) & _MASK > _GAP_MS:
            self._begin(kind)
        self._last = self.now
        if self._prefix:
            put = min(n, self._prefix)
            self._prefix -= put
            n -= put
            self._open.write(buf, at, put)
        self.left_out += n

    def _begin(self, kind):
        """Move the record that is being gathered into the ring, and begin one of `kind`."""
        n = self._open.any()
        if n or self.left_out:
            self._enter(n)
        self._kind, self._at = kind, self.now
        self.counts = 0

    def _enter(self, n):
        head = self._head
        head[1] = self._kind
        end = (self._at - self.began) & _MASK
        head[2] = end & 127
        end = 3 if end < 128 else _put(head, 2, end)
        head[end] = self.left_out & 127
        end = end + 1 if self.left_out < 128 else _put(head, end, self.left_out)
        head[0] = n + end - 1
        if self._drop or self._room - self._ring.any() < n + end:
            self._make_room(n + end)
        # Straight on from here: Ctrl-C comes behind a jump only, and so leaves no half record.
        self._ring.write(head, 0, end)
        self._ring.write(self._scratch, 0, self._open.readinto(self._scratch))
        self.left_out, self.began = 0, self._at

    def _make_room(self, n):
        """The oldest records go, until there is room for `n` bytes."""
        ring = self._ring
        while self._drop or self._room - ring.any() < n:
            if not self._drop:  # no jump in the next line, for Ctrl-C
                self._drop = ring.readinto(self._one) * self._one[0]
            self._drop -= ring.readinto(self._scratch, self._drop)


def _ring(size):
    return RingIO(size)  # through a function: the type stubs do not know all that it can do


def _put(buf, at, value):
    """Write `value` in groups of seven bits at `buf[at]`; returns the index behind it."""
    while value > 127:
        buf[at] = value & 127 | 128
        value >>= 7
        at += 1
    buf[at] = value
    return at + 1
