"""The modem's TX pin: blocks in order, faults of the line, and how far the line is behind."""

from collections import Counter

from .faults import Faults


class Output:
    """Collects what the modem says until the wire takes it.

    It keeps the time at which a line of the current rate will have carried everything, because
    a modem holds its peers back while its own UART is behind.
    """

    def __init__(self, faults: Faults, counters: Counter[str]) -> None:
        self._faults = faults
        self._counters = counters
        self._blocks: list[bytes] = []
        self.free_us = 0

    def put(self, block: bytes, now_us: int, baud: int, payload: bool = False) -> None:
        """Say `block`; `payload` excludes it from bit flips, which no host could notice."""
        block = self._damaged(block, payload)
        self._blocks.append(block)
        self._counters["bytes_out"] += len(block)
        self.free_us = max(self.free_us, now_us) + len(block) * 10_000_000 // baud

    def take(self) -> bytes:
        taken = b"".join(self._blocks)
        self._blocks.clear()
        return taken

    def waiting(self) -> bool:
        return bool(self._blocks)

    def stalled(self, until_us: int) -> None:
        """The line needs longer than its rate says: flow control stopped it."""
        self.free_us = max(self.free_us, until_us)

    def behind_us(self, now_us: int) -> int:
        """How long the line needs for what it was given."""
        return max(0, self.free_us - now_us)

    def _damaged(self, block: bytes, payload: bool) -> bytes:
        if not block:
            return block
        if self._faults.strikes("drop_byte"):
            at = self._faults.random.randrange(len(block))
            block = block[:at] + block[at + 1 :]
        if block and not payload and self._faults.strikes("corrupt_byte"):
            at = self._faults.random.randrange(len(block))
            flipped = block[at] ^ (1 << self._faults.random.randrange(8))
            block = block[:at] + bytes((flipped,)) + block[at + 1 :]
        return block
