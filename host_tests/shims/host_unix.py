"""Behind `machine` on MicroPython's unix port.

The port has no UART and cannot make a file non-blocking. So the parent process opens a pty, sets
its slave raw and non-blocking, and hands it down; the environment variable SIXLINK_UART<id>
holds the file's number. Reading an empty file then gives None, writing to a full one None or a
part of it.
"""

import _thread
import errno
import os
import select
import termios
import time

import micropython

# Those of Linux that MicroPython's termios does not name.
_SPEEDS = {19200: 14, 38400: 15}

_files = {}  # a file closes its descriptor when it is freed, and a second UART(1) wants it too


def now_us(line):
    return time.ticks_us()  # wraps after 2**62 us here


class Line:
    def __init__(self, id):
        name = "SIXLINK_UART%d" % id
        number = os.getenv(name)
        if number is None:
            raise ValueError("UART(%d): set %s to an open file's number" % (id, name))
        if number not in _files:
            _files[number] = open(int(number), "rb+")
        self._file = _files[number]
        self._watch = 0

    def set_baudrate(self, baudrate):
        """Tell the pty, where the other end can read it; rates Linux lacks are left alone."""
        speed = getattr(termios, "B%d" % baudrate, _SPEEDS.get(baudrate))
        if speed is not None:
            attributes = termios.tcgetattr(self._file.fileno())
            attributes[4] = attributes[5] = speed
            termios.tcsetattr(self._file.fileno(), termios.TCSANOW, attributes)

    def readinto(self, buf, n):
        count = self._file.readinto(buf, n)
        if count == 0:
            raise OSError(errno.ENODEV)  # the other end of the pty has gone
        return count

    def write(self, data):
        return self._file.write(data)

    def sleep_ms(self, ms):
        time.sleep_ms(ms)

    def watch(self, handler, uart=None):
        self._watch += 1  # ends the thread of an earlier handler
        if handler:
            _thread.start_new_thread(self._watch_file, (self._watch, handler, uart))

    def _watch_file(self, watch, handler, uart):
        poller = select.poll()
        poller.register(self._file, select.POLLIN)
        while watch == self._watch:
            for _ in poller.ipoll(50):
                _schedule(handler, uart)
                time.sleep_ms(1)  # readable until the main thread has read


class Timer:
    """A software timer: `callback(timer)` runs in the main thread, between bytecodes."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **options):
        self._due = None
        self._armed = 0
        _thread.start_new_thread(self._run, ())
        if options:
            self.init(**options)

    def init(self, *, mode=PERIODIC, period=-1, callback=None):
        """Start anew: `period` in milliseconds, at least 1."""
        if period < 1:
            raise ValueError("period=%r" % period)
        self._due = None
        self._armed += 1  # a call of the earlier setting that is still queued is dropped
        self._period = period
        self._again = mode == self.PERIODIC
        self._callback = callback
        self._due = time.ticks_add(time.ticks_ms(), period)

    def deinit(self):
        self._due = None
        self._armed += 1

    def _run(self):
        while True:
            time.sleep_ms(1)
            due = self._due
            if due is not None and time.ticks_diff(time.ticks_ms(), due) >= 0:
                self._due = time.ticks_add(due, self._period) if self._again else None
                _schedule(self._fire, self._armed)

    def _fire(self, armed):
        if armed == self._armed and self._callback:
            self._callback(self)


def _schedule(function, argument):
    """A full queue drops the call: handlers are hints, as on a board."""
    try:
        micropython.schedule(function, argument)
    except RuntimeError:
        pass
