"""Reading as MicroPython's streams read, over an object that gives its data in pieces.

One rule: None means "would block", b"" or 0 means end of stream. A blocking `read(n)` and
`readinto` bring all that was asked for, and fewer bytes only at the end.
"""

import io

NARROW = (bytes, bytearray)  # made once: a tuple takes heap each time


class Stream(io.IOBase):
    """Wants of its subclass `_await_input(have)` (the link once there is something to say, None
    if that would block), `_take` and `_take_line`."""

    # A board runs no finalizer of a Python class; a host must not either.
    def __del__(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def makefile(self, mode="rb", buffering=0):
        return self

    def read(self, size=-1):
        """Exactly `size` bytes, or all up to the end of the stream. Fewer at the end, or when the
        socket does not block; None if there are none yet."""
        data = b""
        while size < 0 or len(data) < size:
            link = self._await_input(data)
            if link is None:
                return data or None
            n = link.rx.waiting() if size < 0 else min(size - len(data), link.rx.waiting())
            part = bytearray(n)
            n = self._take(link, part, n)
            data += part
            if not n or self._udp:
                break
        return data

    def readinto(self, buf, size=-1):
        """Like `read`, into `buf`; returns the number of bytes."""
        if not isinstance(buf, bytearray) and is_wide(buf):
            return self._read_wide(buf, size)
        size = len(buf) if size < 0 else min(size, len(buf))
        done = 0
        while size > 0:
            link = self._await_input(done)
            if link is None:
                return done or None
            n = self._take(link, buf, size)
            done += n
            size -= n
            if not n or self._udp:
                break
            if size:
                buf = memoryview(buf)[n:]
        return done

    def _read_wide(self, buf, size):
        data = self.read(len(bytes(buf)) if size < 0 else size)
        return None if data is None else io.BytesIO(data).readinto(buf)

    def readline(self, size=-1):
        """A line with its end, or what came before the end of the stream; without blocking, what
        there is of it, or None."""
        data = b""
        while not data.endswith(b"\n") and (size < 0 or len(data) < size):
            link = self._await_input(data)
            if link is None:
                return data or None
            if not link.rx.waiting():
                break
            data += self._take_line(link, size - len(data) if size >= 0 else link.rx.waiting())
        return data


def is_wide(buf):
    """Whether the items of `buf` are wider than a byte. One of them tells: a copy of a large view
    needs a hole of its size, which an old heap may not have."""
    return not isinstance(buf, NARROW) and len(bytes(memoryview(buf)[:1])) > 1
