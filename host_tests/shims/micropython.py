"""CPython's stand-in for MicroPython's `micropython` module.

Only what the firmware and its tests use. On MicroPython this file is never imported: the
built-in module cannot be replaced. `host_tests/shared/test_ringio.py` runs against both.
"""

# The scheduler queue of the unix port and of the ESP32 (MICROPY_SCHEDULER_DEPTH is 4 or 8).
_SCHEDULE_DEPTH = 8
_MAX_BUFFER = 65535  # a RingIO keeps its indices in 16 bits


def const(value):
    return value


def opt_level(level=None):
    return 0 if level is None else None


def kbd_intr(char):
    """Nothing to do: on CPython SIGINT always raises KeyboardInterrupt."""


def heap_lock():
    """CPython has no heap to lock; allocation limits are tested on MicroPython."""


def heap_unlock():
    return 0


_scheduled = []
_running = False


def schedule(function, argument):
    """Call `function(argument)` soon: at once, or when the running handler has returned.

    Raises RuntimeError when the queue is full, as the real one does.
    """
    global _running
    if len(_scheduled) >= _SCHEDULE_DEPTH:
        raise RuntimeError("schedule queue full")
    _scheduled.append((function, argument))
    if _running:
        return
    _running = True
    try:
        while _scheduled:
            waiting, value = _scheduled.pop(0)
            waiting(value)
    finally:
        _running = False


class RingIO:
    """A byte ring of fixed capacity with a stream's methods.

    `RingIO(n)` holds n bytes; `RingIO(bytearray)` one byte fewer than its buffer. A write takes
    what fits and returns that count; reads of an empty ring give 0 or b"", never None.
    """

    def __init__(self, size):
        if not isinstance(size, int):
            size = _writable(size).nbytes - 1
        if not 1 <= size < _MAX_BUFFER:
            raise ValueError
        self._size = size
        self._data = bytearray()

    def any(self):
        return len(self._data)

    def write(self, buf, *span):
        """`write(buf)`, `write(buf, n)` or `write(buf, offset, n)`."""
        data = buf.encode() if isinstance(buf, str) else memoryview(buf).cast("B")
        offset = span[0] if len(span) == 2 else 0
        wanted = span[-1] if span else len(data)
        if offset < 0 or offset > len(data):
            return 0
        taken = data[offset:][: _length(wanted, self._size - len(self._data))]
        self._data += taken
        return len(taken)

    def readinto(self, buf, n=-1):
        view = _writable(buf)
        data = self.read(min(view.nbytes, _length(n, view.nbytes)))
        view[: len(data)] = data
        return len(data)

    def read(self, n=-1):
        data = bytes(self._data[: _length(n, len(self._data))])
        del self._data[: len(data)]
        return data

    def readline(self, n=-1):
        end = self._data.find(b"\n") + 1 or len(self._data)
        return self.read(min(end, _length(n, end)))

    def close(self):
        """A RingIO has nothing to close and stays usable."""


def _length(n, most):
    """MicroPython takes a length as unsigned, so a negative one means all there is."""
    return most if n is None or n < 0 else min(n, most)


def _writable(buf):
    view = memoryview(buf).cast("B")
    if view.readonly:
        raise TypeError("object with buffer protocol required")
    return view
