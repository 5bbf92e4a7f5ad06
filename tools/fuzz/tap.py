"""A UART between the firmware and a virtual modem, with a hand on the wire."""

from __future__ import annotations

from tools.vmodem import MemoryNetwork, VirtualModem

START_US = ((1 << 29) - 5000) * 1000  # the firmware's clock wraps five seconds in
RX_BYTES = 4096
UNPROMPTED = "payload was typed without a prompt"


class Tap:
    """What the firmware calls a UART, and its clock and its rests too.

    The wire carries everything at once. `mute` loses what the modem says, `deaf` what the host
    types; `say` puts words into the modem's mouth; `grain`, unless 0, is the most that one read
    brings. The application of a fuzzed session writes only bytes over 127, and no command has
    any: so every such byte typed must follow a `>` that was read.
    """

    def __init__(self, flow: bool) -> None:
        self.now_us = START_US
        network = MemoryNetwork.with_standard_peers(delay_us=1000)
        self.modem = VirtualModem(network, latency_us=1000, flow=flow)
        self.mute = self.deaf = False
        self.grain = 0
        self._rx = bytearray()
        self._typed = b""
        self._prompted = False

    def say(self, data: bytes) -> None:
        self._rx += data[: RX_BYTES - len(self._rx)]

    # -- the UART ----------------------------------------------------------------------------

    def any(self) -> int:
        said = self.modem.take(self.now_us)
        if not self.mute:
            self.say(said)
        return min(len(self._rx), self.grain or RX_BYTES)

    def readinto(self, buf: bytearray, size: int) -> int | None:
        size = min(size, len(self._rx))
        buf[:size] = self._rx[:size]
        del self._rx[:size]
        self._prompted = self._prompted or b">" in buf[:size]
        return size or None

    def write(self, buf: bytes, at: int, size: int) -> int:
        data = bytes(memoryview(buf)[at : at + size])
        self._watch(data)
        if not self.deaf:
            self.modem.feed(data, self.now_us)
        return size

    def init(self, baudrate: int) -> None:
        """Whatever the rate, everything crosses."""

    def _watch(self, data: bytes) -> None:
        self._typed = (self._typed + data)[-32:]
        if b"AT+CIPSEND" in self._typed:
            self._typed = b""
            self._prompted = False
        assert self._prompted or max(data) < 128, UNPROMPTED

    # -- the clock ---------------------------------------------------------------------------

    def ticks_ms(self) -> int:
        return self.now_us // 1000

    def rest(self, ms: float) -> None:
        """Let `ms` pass, or less when bytes come in."""
        end_us = self.now_us + int(ms * 1000)
        while self.now_us < end_us:
            due_us = self.modem.due_us(self.now_us)
            soonest_us = end_us if due_us is None else min(due_us, end_us)
            self.now_us = max(soonest_us, self.now_us + 1)
            if self.any():
                return
