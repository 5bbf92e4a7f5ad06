"""Reading from a link as sockets read: `recv` and its kin, on top of `Stream`.

Data that came before an error or an end is delivered before it.
"""

import errno

from micropython import const

from .stream import Stream, is_wide

# As in their home files; a test holds the numbers together.
MSG_PEEK = const(2)
MSG_DONTWAIT = const(64)

# Builtins are found at the end of a long search; names of the module are not.
_isinstance = isinstance
_len = len


class Reader(Stream):
    """Wants of its subclass `_driver`, `_link` and `_udp`, `_live_link()`, which raises what keeps
    a socket from being read, and `_is_early` and `_wait`, which rest."""

    def recv(self, size, flags=0):
        """Up to `size` bytes, or one datagram; b"" at the end of the stream. MSG_PEEK leaves them
        where they are, MSG_DONTWAIT does not wait for them."""
        link = self._await_input(None, flags & MSG_DONTWAIT)
        if link is None:
            raise OSError(errno.EAGAIN)
        if flags & MSG_PEEK:
            return link.rx.peek(size)
        size = min(size, link.rx.waiting())
        if not self._udp:
            return self._take_bytes(link, size)
        buf = bytearray(size)
        return bytes(memoryview(buf)[: self._take(link, buf, size)])

    def recv_into(self, buf, size=0, flags=0):
        link = self._await_input(None, flags & MSG_DONTWAIT)
        if link is None:
            raise OSError(errno.EAGAIN)
        return self._take(link, buf, size or len(as_bytes(buf)))

    def readinto(self, buf, size=-1):
        link = self._link
        driver = self._driver
        # The common case, with few calls: the caller gets all that is wanted, at once.
        if (
            link is None
            or driver.busy
            or self._udp
            or size >= 0
            or not _isinstance(buf, bytearray)
        ):
            return super().readinto(buf, size)
        ring = link.rx.ring
        if not ring.any() and driver.turn() and driver.news:
            driver.report()
        if ring.any() < _len(buf) or self._closed or link.generation != self._generation:
            return super().readinto(buf, size)
        if link.pending:
            link.freed()
        return ring.readinto(buf)

    def recvfrom(self, size, flags=0):
        """`(data, address)`."""
        return self.recv(size, flags), self._link.peer

    # From a stream a single call takes: no lock is needed.

    def _take(self, link, buf, size):
        if self._udp:
            return self._take_datagram(link, buf, size)
        size = link.rx.ring.readinto(buf, size) or 0
        if link.pending:
            link.freed()
        return size

    def _take_datagram(self, link, buf, size):
        with self._driver:
            size = link.rx.take(buf, size)
            link.freed()
        return size

    def _take_bytes(self, link, size):
        data = link.rx.ring.read(size)
        link.freed()
        return data

    def _take_line(self, link, size):
        data = link.rx.ring.readline(size)
        link.freed()
        return data

    def _await_input(self, have=None, at_once=False):
        """The link, once it has data or is at its end; None if the socket does not block and
        there is nothing yet. Raises what befell the link once its data has been read: if the
        caller already has some, that is for the next call."""
        link = self._link
        if link is not None and not (self._udp or self._closed or self._driver.busy):
            ring = link.rx.ring  # the common case, without calls
            if not ring.any():
                self._driver.pump()
            if ring.any() and link.generation == self._generation and not self._closed:
                return link
        return self._await_any(have, at_once)

    def _await_any(self, have, at_once):
        if self._is_early(at_once):
            return None
        link = self._live_link()
        if not self._has_input():
            self._driver.pump()
            if not self._has_input() and (at_once or not self._wait(self._has_input)):
                return None
        self._live_link()
        if self._driver.busy:
            return None
        if link.error and not link.rx.waiting():
            if have:
                return None
            raise OSError(link.error)
        return link

    def _has_input(self):
        link = self._link
        return link.rx.waiting() or link.error or link.eof or link.generation != self._generation


def as_bytes(buf):
    """`buf` as something whose length is its bytes."""
    if isinstance(buf, str):
        return buf.encode()
    return bytes(memoryview(buf)) if is_wide(buf) else buf  # TypeError for what is no buffer
