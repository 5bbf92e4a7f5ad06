"""When bytes have crossed a serial line: absolute deadlines, whole blocks, no drift."""

BITS_PER_BYTE = 10  # start bit, eight data bits, stop bit


class Pacer:
    """One direction of a line at `baud`.

    A burst begins when bytes come to an idle line; the n-th byte of a burst has crossed at
    burst start + n byte times, so rounding never adds up.
    """

    def __init__(self, baud: int) -> None:
        self.baud = baud
        self._pending = bytearray()
        self._start_us = 0
        self._queued = 0  # bytes of this burst, and how many of them were taken
        self._taken = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def free_us(self) -> int:
        """When the line has carried everything."""
        return self.time_of(len(self._pending))

    def time_of(self, count: int) -> int:
        """When the first `count` pending bytes have crossed."""
        crossed = self._taken + count
        return self._start_us - (-crossed * BITS_PER_BYTE * 1_000_000 // self.baud)

    def put(self, data: bytes, now_us: int) -> None:
        if now_us >= self.free_us:  # a new burst; what nobody took yet has crossed before it
            self._start_us, self._queued, self._taken = now_us, 0, -len(self._pending)
        self._pending += data
        self._queued += len(data)

    def crossed(self, now_us: int) -> int:
        """How many pending bytes have crossed by `now_us`."""
        bits = (now_us - self._start_us) * self.baud // 1_000_000
        return max(0, min(bits // BITS_PER_BYTE, self._queued) - self._taken)

    def take(self, count: int) -> bytes:
        """The first `count` pending bytes."""
        data = bytes(self._pending[:count])
        del self._pending[:count]
        self._taken += len(data)
        return data

    def retune(self, baud: int, now_us: int) -> None:
        """Another rate for what has not crossed yet."""
        if baud != self.baud:
            self.baud = baud
            self.restart(now_us)

    def restart(self, now_us: int) -> None:
        """The line stood still until now: what has not crossed yet begins to."""
        rest = self.take(len(self._pending))
        self._start_us, self._queued, self._taken = now_us, 0, 0
        self.put(rest, now_us)
