"""Streams for asyncio that a cancelled task cannot harm.

1. A task waits at a `Gate`. asyncio asks each gate, about every millisecond, whether it is open.
   Each direction of a stream has a gate of its own: asyncio's own streams have one entry for both,
   and a reader that is cancelled takes a waiting writer with it, which then never runs again.
2. One task at a time may use a direction; a second one gets RuntimeError, as on CPython. (On
   asyncio's own streams the first would be forgotten.)
3. A cancelled call has either taken nothing or kept it for the next one: what has come in, and
   what is still to go out, belongs to the stream and not to the call.
4. A result reaches whoever waits for it. `asyncio.wait_for` forgets one that is ready in the same
   millisecond in which the time is over, unless its helper task runs first: see `hand_over`.
"""

import asyncio
import errno
import io
from asyncio import core  # type: ignore[attr-defined]  # the stubs leave it out

from micropython import const

# ioctl requests and poll bits, as in MicroPython's py/stream.h.
_IOCTL_FLUSH = const(1)
_IOCTL_POLL = const(3)
_RD = const(1)
_WR = const(4)

_EARLY_MS = const(-100000)


class Gate(io.IOBase):
    """What a task can wait for: open when `is_open()` says so. `with` it, to be the only one."""

    def __init__(self, is_open):
        self._is_open = is_open
        self._taken = False

    def ioctl(self, request, arg):
        if request == _IOCTL_POLL:
            return arg if self._is_open() else 0
        return -errno.EINVAL

    def wait(self):  # to be awaited
        yield core._io_queue.queue_read(self)

    def __enter__(self):
        if self._taken:
            raise RuntimeError("another task is at it: one reader and one writer a stream")
        self._taken = True
        return self

    def __exit__(self, *_):
        self._taken = False


def hand_over(result):
    """The result of a call that is about to end: let the tasks that wait for it run before all
    others. (asyncio does the same for a stream with POLLPRI.)"""
    waiting = core.cur_task.state
    if hasattr(waiting, "pop"):  # else nobody waits, or a `gather`
        while waiting.peek():
            core._task_queue.push(waiting.pop(), core.ticks_add(core.ticks(), _EARLY_MS))
    return result


class AioStream:
    """Reader and writer in one, with the methods of asyncio's `Stream`."""

    def __init__(self, s):
        self.s = s
        self._in = b""  # read, not delivered yet
        self._out = b""  # written …
        self._at = 0  # … and taken by the socket up to here
        self._reading = Gate(lambda: s.ioctl(_IOCTL_POLL, _RD))
        self._writing = Gate(lambda: s.ioctl(_IOCTL_POLL, _WR))

    def get_extra_info(self, name):
        return {"socket": self.s}[name]

    def close(self):
        """What `drain` has not given to the socket is dropped."""
        self.s.close()

    async def wait_closed(self):
        self.s.close()

    async def read(self, n=-1):
        """Up to `n` bytes as soon as there are some, all up to the end if `n` is negative."""
        with self._reading as gate:
            if n < 0:
                while await self._more(gate, self.s.read, n):
                    pass
                n = len(self._in)
            elif n and not self._in:
                await self._more(gate, self.s.read, n)
            return self._cut(n)

    async def readinto(self, buf):
        """As many bytes as there are, at least one; 0 at the end."""
        data = await self.read(len(buf))
        buf[: len(data)] = data
        return len(data)

    async def readexactly(self, n):
        """Raises EOFError at an end before that; what came is left for `read`."""
        with self._reading as gate:
            while len(self._in) < n:
                if not await self._more(gate, self.s.read, n - len(self._in)):
                    raise EOFError
            return self._cut(n)

    async def readline(self):
        """A line with its end, or what came before the end of the stream."""
        with self._reading as gate:
            while True:
                n = self._in.find(b"\n") + 1
                if n or not await self._more(gate, self.s.readline, -1):
                    return self._cut(n or len(self._in))

    async def _more(self, gate, read, n):
        """Wait for data and keep it; False at the end."""
        part = None
        while part is None:
            await gate.wait()
            part = read(n)
        self._in += part
        return len(part) > 0

    def _cut(self, n):
        data, self._in = self._in[:n], self._in[n:]
        return hand_over(data)

    def write(self, buf):
        """Give the socket what it takes; `drain` sends the rest."""
        if isinstance(buf, str):
            buf = buf.encode()
        n = 0 if self._out else self.s.write(buf) or 0
        if n < len(buf):
            self._out, self._at = self._out[self._at :] + bytes(buf)[n:], 0

    async def drain(self):
        """Wait until the socket has taken all that was written, and let it leave."""
        with self._writing as gate:
            while self._out:
                await gate.wait()
                self._at += self.s.write(memoryview(self._out)[self._at :]) or 0
                if self._at == len(self._out):
                    self._out, self._at = b"", 0
            self.s.ioctl(_IOCTL_FLUSH, 0)
            await asyncio.sleep_ms(0)
