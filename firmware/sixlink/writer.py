"""Writing to a link as sockets write: `write`, `send` and `sendall`, on top of `Reader`."""

import errno

from micropython import const

from .reader import Reader, as_bytes
from .stream import NARROW

# As in their home files; a test holds the numbers together.
_CONNECTING = const(1)
_CONNECTED = const(2)

_MAX_DATAGRAM = const(1460)  # one AT+CIPSEND (LUAT CIPSEND)

# Builtins are found at the end of a long search, names of the module are not.
_isinstance = isinstance
_len = len


class Writer(Reader):
    """Wants of its subclass `_check_open()`, and what `Reader` wants."""

    def write(self, buf, at=None, size=None):
        """`write(buf)`, `write(buf, size)` or `write(buf, at, size)`: the bytes taken. A blocking
        socket takes all of them, another as many as there is room for, or None."""
        if not _isinstance(buf, NARROW):
            buf = as_bytes(buf)
        all_ = _len(buf)
        if size is None:
            at, size = 0, all_ if at is None else at
        if size > all_ - at:
            size = all_ - at
        return self._put_all(buf, at, size) or self._write(buf, at, size)

    def send(self, buf, flags=0):
        """The number of bytes taken, at least one."""
        buf = as_bytes(buf)
        done = self._write(buf, 0, len(buf), True)
        if done is None:
            raise OSError(errno.EAGAIN)
        return done

    def sendall(self, buf):
        """Take all of `buf`; raises OSError(EAGAIN) if the socket does not block and it does not
        fit as a whole."""
        if self._timeout_ms == 0:
            if self._is_early():
                raise OSError(errno.EAGAIN)
            tx = self._live_link().tx
            if tx.size - tx.any() < len(buf):
                raise OSError(errno.EAGAIN)
        self.write(buf)

    def _write(self, buf, at, size, some=False):
        if self._udp or self._link is None or not size:
            self._check_open()
            if self._udp and not 1 <= size <= _MAX_DATAGRAM:
                raise OSError(
                    errno.EINVAL, "datagram of %d bytes, not 1–%d" % (size, _MAX_DATAGRAM)
                )
            if not size:
                return 0
            if self._is_early():
                return None
        some = some or self._timeout_ms == 0
        turned = False
        done = 0
        while True:
            link = self._link
            if link is None or link.generation != self._generation or link.state != _CONNECTED:
                link = self._writable_link()
            left = size - done
            if self._udp or link.state != _CONNECTED:
                n = left if self._has_room() else 0
            else:  # all, a full segment, or some if that will do
                n = min(left, link.tx.size - link.tx.ring.any())
                if n < left and n < _MAX_DATAGRAM and not some:
                    n = 0
            if n and not self._driver.busy:
                put = self._put_datagram if self._udp else self._put_all
                done += put(buf, at + done, n)
                if done >= size or (done and some):
                    return done
            elif not turned:
                self._driver.turn()  # this may make room
                turned = True
            else:
                self._left = 1 if some else left
                if not self._wait(self._has_room_for_it):
                    return None

    def _put_all(self, buf, at, size):
        """Give a stream all of it if there is room, now or after a turn, as mostly there is.
        Returns `size`; 0 if there is not. A frame of more locals would take heap."""
        link = self._link
        if link is None or self._udp or self._driver.busy:
            return 0
        if link.state == _CONNECTED and link.tx.size - link.tx.ring.any() < size:
            self._driver.turn()
        if link.state != _CONNECTED or link.generation != self._generation:
            return 0
        if link.tx.size - link.tx.ring.any() < size:
            return 0
        # It is taken in a single call: no lock is needed.
        size = link.tx.ring.write(buf, at, size)
        if link.tx.ring.any() < _MAX_DATAGRAM:
            link.tx.nodelay = self._nodelay
            link.tx.linger(self._driver.now())
        if link.agenda.request.outcome:  # else it looks again when that is done
            link.alert = self._links.alert = True
        self._driver.turn()
        return size

    def _put_datagram(self, buf, at, size):
        link = self._link
        with self._driver:
            size = link.tx.write(buf, at, size, self._driver.now())
            link.alert = self._links.alert = True
        self._driver.turn()
        return size

    def _writable_link(self):
        link = self._live_link()
        if link.error:
            raise OSError(link.error)
        if link.state > _CONNECTED:
            raise OSError(errno.ECONNRESET)
        return link

    def _has_room(self):
        link = self._link
        if link.state > _CONNECTED or (link.state == _CONNECTING and not self._udp):
            return link.state > _CONNECTED
        if link.tx.has_room():
            return True
        return link.generation != self._generation

    def _has_room_for_it(self):
        """Whether a write goes on: with `_left` bytes or a full segment, or with an error."""
        link = self._link
        if self._udp or link.state != _CONNECTED or link.generation != self._generation:
            return self._has_room()
        room = link.tx.size - link.tx.ring.any()
        return room >= self._left or room >= _MAX_DATAGRAM
