"""A `machine` module for hosts: UART, Timer, Pin and RTC as boards have them.

Signatures and limits are those of MicroPython's ESP32 and STM32 ports (1.24 to 1.29). What is
behind a UART or a Timer is in one of two back ends: `host_unix` for MicroPython's unix port (an
inherited file, threads) and `host_virtual` for CPython (an in-process wire, a virtual clock).
"""

import io
import sys
import time

from micropython import RingIO, const

if sys.implementation.name == "micropython":
    # First, so that the names below take the place of the port's own.
    from umachine import *  # noqa: F403, I001
    from host_unix import Line, Timer, now_us

    _Stream = io.IOBase  # select and asyncio ask for it
else:
    from host_virtual import Clock, Line, Timer, connect, now_us

    _Stream = object  # CPython's IOBase would flush, hence move the clock, when it is freed
    __all__ = ("RTC", "UART", "Clock", "Pin", "Timer", "connect")

# py/stream.h
_FLUSH = const(1)
_POLL = const(3)
_POLL_RD = const(1)
_POLL_WR = const(4)
_EINVAL = const(22)

_SCRATCH_BYTES = const(512)


class UART(_Stream):
    """One serial port, 8N1 as the modem speaks.

    Received bytes wait in `rxbuf`; what arrives while it is full is lost without a word, as on a
    board, unless `flow` has RTS, which holds the peer. Written bytes leave `txbuf` at the line's
    speed; a write takes what has room and returns its count, or None. Nothing here raises
    because a buffer is full or empty.

    For tests: `overflows` counts lost bytes; `overreads` counts reads that asked for more than
    `any()` (on STM32 each of them waits at least 2 ms); `baudrate` is the present speed.
    """

    RTS = 1
    CTS = 2
    IRQ_RX = 1
    IRQ_RXIDLE = 2

    def __init__(
        self,
        id,
        baudrate=115200,
        bits=8,
        parity=None,
        stop=1,
        *,
        tx=None,
        rx=None,
        rts=None,
        cts=None,
        txbuf=256,
        rxbuf=256,
        timeout=0,
        timeout_char=0,
        flow=0,
    ):
        if (bits, parity, stop) != (8, None, 1):
            raise ValueError("this shim speaks 8N1 only")
        self._line = Line(id)
        self._id = id
        self._txbuf = txbuf
        self._rxbuf = rxbuf
        self._ring = RingIO(rxbuf)
        self._scratch = bytearray(_SCRATCH_BYTES)
        self._sent_us = 0
        self.overflows = 0
        self.overreads = 0
        self._timeout = timeout
        self._flow = flow
        self.init(baudrate)

    def init(self, baudrate=None, *, timeout=None, flow=None):
        """What is not named stays as it is, as on ESP32. (A STM32 takes the defaults instead, and
        forgets `rxbuf` and `flow`.)"""
        if timeout is not None:
            self._timeout = timeout
        if flow is not None:
            self._flow = flow
        if baudrate is not None:
            self.baudrate = baudrate
            self._line.set_baudrate(baudrate)

    def deinit(self):
        self._line.watch(None)

    def __repr__(self):
        return "UART(%d, baudrate=%d)" % (self._id, self.baudrate)

    def any(self):
        """How many received bytes wait in `rxbuf`."""
        self._receive()
        return self._ring.any()

    def readinto(self, buf, n=-1):
        """Read what waits, at most n bytes: a count, or None when there is nothing."""
        wanted = len(buf) if n < 0 else min(n, len(buf))
        self._wait_for(wanted)
        return self._ring.readinto(buf, wanted) or None

    def read(self, n=-1):
        waiting = self.any()
        self._wait_for(waiting if n < 0 else n)
        return self._ring.read(n) or None

    def readline(self):
        self._wait_for(1)
        return self._ring.readline() or None

    def write(self, buf, *span):
        """`write(buf)`, `write(buf, n)` or `write(buf, offset, n)`: the count taken, or None."""
        view = memoryview(buf if not isinstance(buf, str) else buf.encode())
        offset = span[0] if len(span) == 2 else 0
        end = offset + span[-1] if span else len(view)
        data = view[offset : min(end, offset + self._tx_room())]
        if not len(data):
            return None
        sent = self._line.write(data)
        if sent:
            self._occupy(sent)
        return sent or None

    def txdone(self):
        """True when the last written byte has left the chip."""
        return now_us(self._line) >= self._sent_us

    def flush(self):
        while not self.txdone():
            self._line.sleep_ms(1)

    def irq(self, handler=None, trigger=IRQ_RX, hard=False):
        """Call `handler(uart)` soon after bytes have come; None stops it. Only a hint."""
        self._line.watch(handler, self)

    def ioctl(self, request, arg):
        # No file number is given out: select would then wait for the file to be readable while
        # the bytes it wants are already in the ring.
        if request == _POLL:
            ready = _POLL_RD if self.any() else 0
            if self._tx_room():
                ready |= _POLL_WR
            return ready & arg
        if request == _FLUSH:
            self.flush()
            return 0
        return -_EINVAL

    def _receive(self):
        held = self._flow & self.RTS
        while True:
            most = _SCRATCH_BYTES
            if held:
                most = min(most, self._rxbuf - self._ring.any())
            count = self._line.readinto(self._scratch, most) if most else None
            if not count:
                return
            self.overflows += count - self._ring.write(self._scratch, count)

    def _wait_for(self, wanted):
        """Count an overread, and wait up to `timeout` ms for a first byte."""
        waiting = self.any()
        if wanted > waiting:
            self.overreads += 1
        for _ in range(self._timeout):
            if waiting:
                return
            self._line.sleep_ms(1)
            waiting = self.any()

    def _tx_room(self):
        late_us = self._sent_us - now_us(self._line)
        if late_us <= 0:
            return self._txbuf
        unsent = -(-late_us * self.baudrate // 10_000_000)
        return max(0, self._txbuf - unsent)

    def _occupy(self, count):
        start = max(self._sent_us, now_us(self._line))
        self._sent_us = start + -(-count * 10_000_000 // self.baudrate)


class RTC:
    """The board's clock: `datetime()` is (year, month, day, weekday, hour, minute, second, 0), and
    `datetime(tuple)` sets it. It begins with the host's time, which stays as it is."""

    _ahead_s = 0

    def datetime(self, *new):
        now = int(time.time())
        if new:
            year, month, day, _, hour, minute, second, _ = new[0]
            then = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
            RTC._ahead_s = int(then) - now
            return None
        t = time.localtime(now + RTC._ahead_s)
        return t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0


class Pin:
    """An output or input pin that remembers what was done to it.

    For tests: `changes` lists every value set; `Pin.wires[id] = f` has `f(value)` called at each
    change, so that a test can wire a power key to a modem.
    """

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2

    wires = {}

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        self._value = 0
        self.changes = []
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if value is not None:
            self.value(value)

    def value(self, *new):
        if not new:
            return self._value
        self._value = 1 if new[0] else 0
        self.changes.append(self._value)
        if self._id in self.wires:
            self.wires[self._id](self._value)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def __repr__(self):
        return "Pin(%r)" % (self._id,)
