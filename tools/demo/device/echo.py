# mypy: ignore-errors
"""Echo clients for sockets that do not block: each `step` does what can be done at once.

Every byte that comes back is compared with the byte that was sent.
"""

import time

from micropython import const

_PERIOD = const(1021)  # a prime: no packet size lines up with it
_RESEND_MS = const(3000)
_AHEAD = const(2)  # datagrams under way


def pattern(seed):
    """1021 bytes with every byte value among them, different for each seed."""
    block = bytearray((i + seed) & 255 for i in range(256))
    value = seed + 1
    while len(block) < _PERIOD:
        value = (value * 75 + 74) % 65537
        block.append(value & 255)
    return block


def body(seed, size):
    """`size` bytes of the pattern."""
    block = bytes(pattern(seed))
    return (block * (size // _PERIOD + 1))[:size]


class Failed(Exception):
    """What came back is not what was sent."""


class TcpEcho:
    """Sends `size` bytes to an echo server and takes them back."""

    def __init__(self, sock, size, seed):
        self.sock = sock
        self.size = size
        self.sent = 0
        self.got = 0
        self._block = pattern(seed)
        self._buf = bytearray(_PERIOD)

    @property
    def done(self):
        return self.got == self.size

    def step(self):
        """Write and read once; raises Failed for a wrong byte, OSError for a lost connection."""
        at = self.sent % _PERIOD
        count = min(_PERIOD - at, self.size - self.sent)
        if count:
            self.sent += self.sock.write(self._block, at, count) or 0
        if not self.done:
            at = self.got % _PERIOD
            count = self.sock.readinto(self._buf, min(_PERIOD - at, self.size - self.got))
            if count is not None:
                self._compare(at, count)

    def _compare(self, at, count):
        if count == 0:
            raise Failed("closed after %d bytes" % self.got)
        if memoryview(self._buf)[:count] != memoryview(self._block)[at : at + count]:
            raise Failed("a wrong byte after %d bytes" % self.got)
        self.got += count


class UdpEcho:
    """Sends `count` numbered datagrams of `length` bytes, at most two ahead of what came back.

    One that has not come back in three seconds is sent again and counted in `resent`: UDP
    promises no delivery. One that comes back twice is counted in `again`.
    """

    def __init__(self, sock, count, length, seed):
        self.sock = sock
        self.count = count
        self.resent = 0
        self.again = 0
        self._next = 0
        self._waiting = {}  # number: when it was last sent
        self._body = body(seed, length - 2)
        self._buf = bytearray(length + 1)

    @property
    def done(self):
        return self._next == self.count and not self._waiting

    @property
    def got(self):
        """Bytes that came back, each datagram counted once."""
        return (self._next - len(self._waiting)) * (len(self._body) + 2)

    def step(self):
        """Send and receive what can be at once; raises Failed for a wrong datagram."""
        if self._next < self.count and len(self._waiting) < _AHEAD:
            if self._send(self._next):
                self._next += 1
        for number, sent_at in self._waiting.items():
            if time.ticks_diff(time.ticks_ms(), sent_at) > _RESEND_MS:
                self.resent += self._send(number)
        self._receive()

    def _send(self, number):
        if self.sock.write(number.to_bytes(2, "big") + self._body) is None:
            return False
        self._waiting[number] = time.ticks_ms()
        return True

    def _receive(self):
        length = self.sock.readinto(self._buf)
        if length is None:
            return
        number = int.from_bytes(self._buf[:2], "big")
        if self._buf[2:length] != self._body or number >= self._next:
            raise Failed("datagram %d of %d bytes came back wrong" % (number, length))
        if self._waiting.pop(number, None) is None:
            self.again += 1
