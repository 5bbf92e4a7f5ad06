"""The modem behind a file descriptor: a pty, or whatever a parent process hands over."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import tty
from collections.abc import Callable
from pathlib import Path

from . import rate
from .clock import earliest
from .core import VirtualModem
from .pacer import Pacer
from .real import monotonic_us
from .trace import HOST, MODEM, Trace

READ_BYTES = 4096
FEED_BYTES = 1024  # after so many the modem's RTS is looked at again
RX_AHEAD_BYTES = 4096  # how much a host may write ahead of the line before it is held back
STEP_US = 2_000  # bytes are moved in portions of this time
EARLY_S = 0.0002  # sleeps end up to so much late: as much of each is spent looking at the clock
REOPEN_S = 0.05  # how often to look whether the far end of a pty was opened again


class Pty:
    """A pseudo terminal in raw mode; hosts open `path`."""

    def __init__(self, link: Path | None = None) -> None:
        self.descriptor, self._far_end = os.openpty()
        tty.setraw(self._far_end)
        self.path = os.ttyname(self._far_end)
        self._link = link
        if link:
            link.unlink(missing_ok=True)
            link.symlink_to(self.path)

    def close(self) -> None:
        if self._link:
            self._link.unlink(missing_ok=True)
        os.close(self.descriptor)
        os.close(self._far_end)


class SerialFace:
    """Moves bytes between a descriptor and the modem, each way at the rate of who sends.

    A terminal has the rate that the host sets on it, and the modem's until then; at different
    rates both hear garbage. A descriptor that is no terminal follows the modem's rate.
    Runs in the current event loop from `start` until the descriptor ends or `stop`; `ended` is
    then set. The loop is always late; what happened meanwhile is done event by event, each at its
    own time, so lateness does not add up.
    """

    def __init__(
        self,
        modem: VirtualModem,
        descriptor: int,
        traces: list[Trace],
        clock_us: Callable[[], int] = monotonic_us,
    ) -> None:
        self._modem = modem
        self._descriptor = descriptor
        self._traces = traces
        self._records: list[tuple[str, bytes, int]] = []
        self._clock_us = clock_us
        self._loop = asyncio.get_running_loop()
        self._up = Pacer(modem.baud)
        self._down = Pacer(modem.baud)
        self._now_us = clock_us()  # everything until then is done
        self._noise = random.Random(0)
        self._unwritten = bytearray()  # has crossed the line, waits for the host's room
        self._wakeup: asyncio.TimerHandle | None = None
        self._stopped = False  # by the modem's RTS
        self._reading = False
        self.ended = asyncio.Event()

    def start(self) -> None:
        os.set_blocking(self._descriptor, False)
        rate.set_on_terminal(self._descriptor, self._modem.baud)
        self._listen(True)
        self.pump()

    def stop(self) -> None:
        self._listen(False)
        if self._wakeup:
            self._wakeup.cancel()
            self._wakeup = None
        self.ended.set()

    def pump(self) -> None:
        """Do all that is due now, and come again when something is due next."""
        if self.ended.is_set():
            return
        self._advance(self._clock_us())
        now_us = self._clock_us()  # that has taken time
        self._cross(now_us)
        if self._unwritten:
            self._write()
        if self._unwritten:
            self._host_is_full(now_us)
        self._listen(len(self._up) < RX_AHEAD_BYTES)
        self._sleep(now_us)
        self._write_traces()

    def _advance(self, now_us: int) -> None:
        """Let everything happen on both sides of the line by `now_us`."""
        while (event_us := self._event_us()) is not None and event_us < now_us:
            self._step(max(event_us, self._now_us))
        self._step(now_us)

    def _event_us(self) -> int | None:
        return earliest(self._typed_us(), self._modem.due_us(self._now_us))

    def _typed_us(self) -> int | None:
        if self._stopped or not len(self._up):
            return None
        return self._up.time_of(min(FEED_BYTES, len(self._up)))

    def _step(self, now_us: int) -> None:
        self._now_us = now_us
        baud = self._modem.baud  # AT+IPR changes it behind its own answer
        self._to_modem(now_us)
        self._from_modem(now_us, baud)
        self._cross(now_us)

    @property
    def _host_baud(self) -> int:
        return rate.of_terminal(self._descriptor) or self._modem.baud

    # -- from the host -----------------------------------------------------------------------

    def _listen(self, wanted: bool) -> None:
        if wanted and not self._reading:
            self._loop.add_reader(self._descriptor, self._readable)
        elif self._reading and not wanted:
            self._loop.remove_reader(self._descriptor)
        self._reading = wanted

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._unreadable(error)
            return
        if not data:
            self.stop()
            return
        now_us = self._clock_us()
        self._advance(now_us)
        self._record(HOST, data, now_us)
        self._up.retune(self._host_baud, now_us)
        self._up.put(data, now_us)
        self.pump()

    def _unreadable(self, error: OSError) -> None:
        # Linux reports EIO on the master while nobody has the slave open.
        if error.errno != errno.EIO:
            self.stop()
            return
        self._loop.remove_reader(self._descriptor)
        self._loop.call_later(REOPEN_S, self._read_again)

    def _read_again(self) -> None:
        if self._reading and not self.ended.is_set():
            self._loop.add_reader(self._descriptor, self._readable)

    def _to_modem(self, now_us: int) -> None:
        self._modem.tick(now_us)  # what makes room is due before what needs it
        if self._stopped and self._modem.clear_to_send:
            self._stopped = False
            self._up.restart(now_us)
        while not self._stopped and (crossed := self._up.crossed(now_us)):
            self._feed(self._up.take(min(crossed, FEED_BYTES)), now_us)
            self._stopped = not self._modem.clear_to_send

    def _feed(self, typed: bytes, now_us: int) -> None:
        if not self._modem.finds_rate:
            typed = rate.as_heard(typed, self._up.baud, self._modem.baud, self._noise)
        self._modem.feed(typed, now_us, self._up.baud)

    # -- to the host -------------------------------------------------------------------------

    def _from_modem(self, now_us: int, baud: int) -> None:
        said = self._modem.take(now_us)
        if said:
            said_us = self._modem.now_us  # the network may have told it something later than that
            self._record(MODEM, said, said_us)
            self._down.retune(baud, said_us)
            self._down.put(said, said_us)

    def _cross(self, now_us: int) -> None:
        crossed = self._down.take(self._down.crossed(now_us))
        if crossed:
            self._unwritten += rate.as_heard(
                crossed, self._down.baud, self._host_baud, self._noise
            )

    def _write(self) -> None:
        try:
            written = os.write(self._descriptor, self._unwritten)
        except BlockingIOError:
            return
        except OSError:
            self.stop()
            return
        del self._unwritten[:written]

    def _host_is_full(self, now_us: int) -> None:
        if self._modem.flow:
            behind = len(self._unwritten) + len(self._down)
            self._modem.output.stalled(now_us + behind * 10_000_000 // self._modem.baud)
            return
        # A line without flow control does not wait: what the host has no room for is lost.
        self._modem.counters["host_overrun"] += len(self._unwritten)
        self._unwritten.clear()

    # -- time --------------------------------------------------------------------------------

    def _sleep(self, now_us: int) -> None:
        if self._wakeup:
            self._wakeup.cancel()
            self._wakeup = None
        due_us = earliest(
            None if self._stopped else self._portion_us(self._up, now_us),
            self._portion_us(self._down, now_us),
            now_us + STEP_US if self._unwritten else None,
            self._modem.due_us(now_us),
        )
        if due_us is not None:
            end_s = self._loop.time() + max(0, due_us - self._clock_us()) / 1e6
            self._wakeup = self._loop.call_at(end_s - EARLY_S, self._awake, end_s)

    def _awake(self, end_s: float) -> None:
        while self._loop.time() < end_s:
            pass
        self.pump()

    @staticmethod
    def _portion_us(pacer: Pacer, now_us: int) -> int | None:
        """When the next portion has crossed: a short rest at its end, else a step from now."""
        if not len(pacer):
            return None
        return min(pacer.free_us, max(now_us + STEP_US, pacer.time_of(1)))

    # -- the record --------------------------------------------------------------------------

    def _record(self, who: str, data: bytes, now_us: int) -> None:
        self._records.append((who, data, now_us))

    def _write_traces(self) -> None:
        """Last in a turn: a file may need longer than an answer on the line."""
        for record in self._records:
            for trace in self._traces:
                trace.bytes(*record)
        self._records.clear()
