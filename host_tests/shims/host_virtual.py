"""Behind `machine` on CPython: wires in the same process and a virtual clock.

    clock = machine.Clock()
    machine.connect(1, wire, clock)
    uart = machine.UART(1, 115200)
    clock.advance_ms(20)

A wire (`tools.vmodem.Wire`) is the host's end of a serial line: `write(data, now_us)` gives the
count taken, `arrived(now_us)` the bytes, `due_us(now_us)` the time of its next event or None,
and `host_baud` is the speed.
"""

import heapq
import itertools

# Five seconds before the firmware's 29-bit millisecond count wraps, so that every session on a
# virtual clock crosses the wrap.
START_US = (2**29 - 5000) * 1000

_TICKS_MASK = 2**30 - 1  # boards: ticks_ms has 30 bits


class Clock:
    """Virtual time in integer microseconds: it moves only when `advance` is called."""

    def __init__(self, now_us=START_US):
        self.now_us = now_us
        self._calls = []
        self._order = itertools.count()
        self._lines = []
        self._watchers = []

    def ticks_ms(self):
        return self.now_us // 1000 & _TICKS_MASK

    def attach(self, line):
        """Stop at every event of this line."""
        self._lines.append(line)

    def watch(self, function):
        """Call `function()` after every step of time."""
        self._watchers.append(function)

    def unwatch(self, function):
        if function in self._watchers:
            self._watchers.remove(function)

    def call_at(self, due_us, function):
        """Call `function()` once, when the clock reaches `due_us`."""
        heapq.heappush(self._calls, (due_us, next(self._order), function))

    def due_us(self):
        """When the next call or event of a line is due, or None."""
        dues = [line.due_us() for line in self._lines]
        if self._calls:
            dues.append(self._calls[0][0])
        return min((due for due in dues if due is not None), default=None)

    def advance(self, us):
        """Move `us` microseconds on, stopping at every event on the way."""
        end_us = self.now_us + us
        while self.now_us < end_us:
            due_us = self.due_us()
            if due_us is None:
                due_us = end_us
            # At least a microsecond: what stays due must not stop time.
            self._step(min(max(due_us, self.now_us + 1), end_us))

    def advance_ms(self, ms):
        self.advance(ms * 1000)

    def _step(self, now_us):
        self.now_us = now_us
        for line in self._lines:
            line.pull()
        while self._calls and self._calls[0][0] <= now_us:
            heapq.heappop(self._calls)[2]()
        for function in tuple(self._watchers):
            function()


_lines = {}
_clock = None


def connect(id, wire, clock):
    """Have UART(id) speak over `wire`, and timers run on `clock`."""
    global _clock
    _clock = clock
    _lines[id] = _Wired(wire, clock)
    clock.attach(_lines[id])


def Line(id):
    """What `connect` has put behind UART(id)."""
    if id not in _lines:
        raise ValueError("UART(%r): call machine.connect(%r, wire, clock) first" % (id, id))
    return _lines[id]


def now_us(line):
    return line.clock.now_us


class _Wired:
    def __init__(self, wire, clock):
        self.clock = clock
        self._wire = wire
        self._arrived = bytearray()
        self._watcher = None

    def due_us(self):
        return self._wire.due_us(self.clock.now_us)

    def pull(self):
        """Take what has crossed the wire: bytes left on it would stay due."""
        self._arrived += self._wire.arrived(self.clock.now_us)

    def set_baudrate(self, baudrate):
        self._wire.host_baud = baudrate

    def readinto(self, buf, n):
        self.pull()
        data = self._arrived[:n]
        del self._arrived[:n]
        buf[: len(data)] = data
        return len(data) or None

    def write(self, data):
        return self._wire.write(bytes(data), self.clock.now_us)

    def sleep_ms(self, ms):
        self.clock.advance_ms(ms)

    def watch(self, handler, uart=None):
        self.clock.unwatch(self._watcher)
        self._watcher = handler and _Watcher(handler, uart)
        if handler:
            self.clock.watch(self._watcher)


class _Watcher:
    """Calls a UART's handler when more bytes wait than at the step before."""

    def __init__(self, handler, uart):
        self._handler = handler
        self._uart = uart
        self._waiting = uart.any()

    def __call__(self):
        before, self._waiting = self._waiting, self._uart.any()
        if self._waiting > before:
            self._handler(self._uart)


class Timer:
    """A timer on the clock of the latest `connect`."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **options):
        self._armed = 0
        if options:
            self.init(**options)

    def init(self, *, mode=PERIODIC, period=-1, callback=None):
        """Start anew: `period` in milliseconds, at least 1."""
        if period < 1:
            raise ValueError("period=%r" % period)
        if _clock is None:
            raise ValueError("Timer: call machine.connect first, timers run on its clock")
        self._armed += 1
        self._arm(self._armed, _clock.now_us, mode, period, callback)

    def deinit(self):
        self._armed += 1

    def _arm(self, armed, since_us, mode, period, callback):
        due_us = since_us + period * 1000

        def fire():
            if armed != self._armed:
                return
            if mode == self.PERIODIC:
                self._arm(armed, due_us, mode, period, callback)
            if callback:
                callback(self)

        _clock.call_at(due_us, fire)
