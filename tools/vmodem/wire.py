"""The serial line between a host and a `VirtualModem`, in one process on a virtual clock."""

from __future__ import annotations

import random

from .clock import earliest
from .core import VirtualModem
from .pacer import Pacer
from .rate import as_heard

FIFO_BYTES = 120  # an ESP32 UART tells its driver at this fill level; the default chunk here
UP_BYTES = 1024  # the modem hears what is typed in portions of at most this size


class Wire:
    """Carries bytes both ways at the rate of the side that sends them.

    Where the modem has flow control its RTS stops the host's bytes on their way, and DTR and DCD
    are on `modem.pins`.

    host_baud   rate of the host's UART, bit/s; may be changed at any time
    chunk       (low, high): the host sees received bytes in seeded portions of such sizes and a
                rest once the line is idle; None: every byte as soon as it has crossed
    seed        of chunk sizes and of the garbage that two different rates make of each other
    """

    def __init__(
        self,
        modem: VirtualModem,
        *,
        host_baud: int = 115200,
        chunk: tuple[int, int] | None = None,
        seed: int = 0,
    ) -> None:
        if chunk and not 1 <= chunk[0] <= chunk[1]:
            raise ValueError(f"chunk={chunk!r} is not (low, high) with 1 <= low <= high")
        self.modem = modem
        self.host_baud = host_baud
        self._chunk = chunk
        self._random = random.Random(seed)
        self._up = Pacer(host_baud)
        self._down = Pacer(modem.baud)
        self._stopped = False  # by the modem's RTS
        self._visible = bytearray()
        self._next_chunk = self._chunk_size()
        self._now_us = 0

    def write(self, data: bytes, now_us: int) -> int:
        """The host types; every byte is taken and reaches the modem in its time."""
        self.advance(now_us)
        self._up.retune(self.host_baud, self._now_us)
        self._up.put(data, self._now_us)
        return len(data)

    def arrived(self, now_us: int) -> bytes:
        """Everything that became visible at the host's RX pin since the last call."""
        self.advance(now_us)
        arrived = bytes(self._visible)
        self._visible.clear()
        return arrived

    def due_us(self, now_us: int) -> int | None:
        """When the next chunk is there, typed bytes reach the modem, or the modem acts."""
        if self._visible:
            return now_us
        due_us = earliest(self._event_us(now_us), self._chunk_us())
        return None if due_us is None else max(due_us, now_us)

    def advance(self, now_us: int) -> None:
        """Let everything happen on both sides of the wire by `now_us`."""
        now_us = max(now_us, self._now_us)
        while (event_us := self._event_us(self._now_us)) is not None and event_us < now_us:
            self._step(max(event_us, self._now_us))
        if event_us == now_us or now_us > self._now_us:  # a host often looks twice at one moment
            self._step(now_us)

    # -- one moment --------------------------------------------------------------------------

    def _event_us(self, now_us: int) -> int | None:
        return earliest(self._typed_us(), self.modem.due_us(now_us))

    def _typed_us(self) -> int | None:
        if self._stopped or not len(self._up):
            return None
        return self._up.time_of(min(UP_BYTES, len(self._up)))

    def _step(self, now_us: int) -> None:
        self._now_us = now_us
        if not self._stopped:
            self._type(now_us)
        said = self.modem.take(now_us)
        if said:
            self._down.retune(self.modem.baud, now_us)
            self._down.put(said, now_us)
        self._show(now_us)
        self._heed_rts(now_us)

    def _type(self, now_us: int) -> None:
        typed = self._up.take(self._up.crossed(now_us))
        if typed:
            if not self.modem.finds_rate:
                typed = as_heard(typed, self._up.baud, self.modem.baud, self._random)
            self.modem.feed(typed, now_us, self._up.baud)

    def _heed_rts(self, now_us: int) -> None:
        stop = not self.modem.clear_to_send
        if self._stopped and not stop:
            self._up.restart(now_us)
        self._stopped = stop

    def _show(self, now_us: int) -> None:
        crossed = self._down.crossed(now_us)
        if self._chunk is None or crossed == len(self._down):
            self._hear(crossed)
            return
        while self._next_chunk <= crossed:
            self._hear(self._next_chunk)
            crossed -= self._next_chunk
            self._next_chunk = self._chunk_size()

    def _hear(self, count: int) -> None:
        """The host's UART listens at its rate of this moment, whenever the bytes were said."""
        said = self._down.take(count)
        if said:
            self._visible += as_heard(said, self._down.baud, self.host_baud, self._random)

    def _chunk_us(self) -> int | None:
        if not len(self._down):
            return None
        return self._down.time_of(min(self._next_chunk, len(self._down)))

    def _chunk_size(self) -> int:
        return self._random.randint(*self._chunk) if self._chunk else FIFO_BYTES
