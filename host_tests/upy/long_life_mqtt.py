"""An MQTT 3.1.1 client of the plain kind, over a socket that does not block.

It publishes numbered messages with QoS 1, takes the ones the broker sends back, keeps the session
over reconnections, and sends again with DUP what was not acknowledged. `step()` does what can be
done at once, so it may be called from `modem.keep_going`.
"""

import errno
import random
import select
import struct
import time

from long_life_message import body, number_of
from micropython import const

_PUBLISH_MS = const(10000)
_PING_MS = const(30000)
_ANSWER_MS = const(20000)  # for every acknowledgement
_OPEN_MS = const(80000)
_TORN_MS = const(20000)  # behind a spoilt packet the socket must fail within this
_FIRST_PAUSE_MS = const(1000)
_LAST_PAUSE_MS = const(32000)
_QUEUE = const(8)  # messages that may wait for their acknowledgement
_BUFFER = const(2048)

_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x00\x00\x3c\x00\x05board"
_SUBSCRIBE = b"\x82\x0a\x00\x01\x00\x05board\x01"
_PING = b"\xc0\x00"
_TOPIC = b"\x00\x05cloud"

_OFF = const(0)
_OPENING = const(1)
_GREETING = const(2)  # CONNECT is sent
_ON = const(3)
_TORN = const(4)  # what came was spoilt; the socket has to say so


class Client:
    """`count(name)` is called for everything that is counted."""

    def __init__(self, modem, address, count, error):
        self._modem = modem
        self._address = address
        self._count = count
        self._error = error
        self._buf = bytearray(_BUFFER)
        self._view = memoryview(self._buf)
        self._poller = select.poll()
        self._sock = None
        self._state = _OFF
        self._pause_ms = _FIRST_PAUSE_MS
        self.made = 0  # the number of the last message
        self.taken = 0  # the number of the last message from the broker
        self.unacked = []  # numbers of messages without PUBACK
        self.publishing = True
        self._typed = 0  # the highest number that may have gone out
        self._out = []  # packets to be written
        now = time.ticks_ms()
        self._publish_at = self._at = now
        self._reset(now)

    def _reset(self, now):
        self._have = 0  # bytes in `_buf`
        self._written = 0  # bytes of `_out[0]`
        self._out.clear()
        self._sending = 0  # messages of `unacked` that were written on this connection
        self._heard = self._pinged = now

    @property
    def is_done(self):
        """Whether everything is acknowledged and has come back."""
        return not self.unacked and self.taken == self.made

    def step(self):
        """Go on; never blocks, never raises OSError."""
        now = time.ticks_ms()
        self._make(now)
        try:
            if self._state == _OFF:
                if time.ticks_diff(now, self._at) >= 0:
                    self._open(now)
            elif self._state == _OPENING:
                self._await_open(now)
            elif self._state == _TORN:
                self._await_failure(now)
            else:
                self._read(now)
                self._write(now)
        except OSError as error:
            self._error(error)
            self._fail(now)

    def _make(self, now):
        if not self.publishing or time.ticks_diff(now, self._publish_at) < 0:
            return
        self._publish_at = time.ticks_add(now, _PUBLISH_MS)
        if len(self.unacked) == _QUEUE:
            self._count("skipped")
            return
        self.made += 1
        self.unacked.append(self.made)

    # -- the connection ------------------------------------------------------------------------

    def _open(self, now):
        self._at = now
        self._reset(now)
        self._count("connects")
        self._sock = self._modem.socket()
        self._sock.setblocking(False)
        try:
            self._sock.connect(self._address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        self._poller.register(self._sock, select.POLLOUT)
        self._state = _OPENING

    def _await_open(self, now):
        for _, flags in self._poller.poll(0):
            self._poller.unregister(self._sock)
            if flags & (select.POLLERR | select.POLLHUP):
                self._sock.write(b"\x00")  # raises what is wrong
            self._out.append(_CONNECT)
            self._heard = now
            self._state = _GREETING
            return self._write(now)
        if time.ticks_diff(now, self._at) > _OPEN_MS:
            self._poller.unregister(self._sock)
            raise OSError(errno.ETIMEDOUT)

    def _fail(self, now):
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        pause_ms = self._pause_ms // 2 + random.getrandbits(10) * self._pause_ms // 2048
        self._at = time.ticks_add(now, pause_ms)
        self._pause_ms = min(2 * self._pause_ms, _LAST_PAUSE_MS)
        self._state = _OFF

    def _tear(self, now):
        """A spoilt packet: the driver promises that nothing but an error follows it."""
        self._count("torn")
        self._at = now
        self._state = _TORN

    def _await_failure(self, now):
        n = self._sock.readinto(self._buf)  # the rest of the packet
        if n == 0 or time.ticks_diff(now, self._at) > _TORN_MS:
            self._count("corrupted")
            raise OSError(errno.EIO)

    # -- out -----------------------------------------------------------------------------------

    def _write(self, now):
        if self._state == _ON:
            self._fill(now)
        while self._out:
            packet = self._out[0]
            size = len(packet) - self._written
            done = self._sock.write(packet, self._written, size)
            self._written += done or 0
            if self._written < len(packet):
                break
            self._out.pop(0)
            self._written = 0
        waits = self._sending or self._state == _GREETING
        if waits and time.ticks_diff(now, self._heard) > _ANSWER_MS:
            raise OSError(errno.ETIMEDOUT)

    def _fill(self, now):
        if time.ticks_diff(now, self._pinged) >= _PING_MS:
            if time.ticks_diff(now, self._heard) > _PING_MS + _ANSWER_MS:
                raise OSError(errno.ETIMEDOUT)
            self._pinged = now
            self._out.append(_PING)
        if not self._out and self._sending < len(self.unacked):
            if not self._sending:
                self._heard = now  # from here on an answer is owed
            number = self.unacked[self._sending]
            self._out.append(publish(number, number <= self._typed))
            self._typed = max(self._typed, number)
            self._sending += 1

    # -- in ------------------------------------------------------------------------------------

    def _read(self, now):
        n = self._sock.readinto(self._view[self._have :])
        if n is None:
            return
        if n == 0:
            self._count("ends")
            return self._fail(now)
        self._have += n
        self._heard = now
        at = 0
        while self._state != _TORN:
            start, end = packet_at(self._buf, at, self._have)
            if end - at > len(self._buf):
                return self._tear(now)
            if not start or end > self._have:
                break
            if not self._take(self._buf[at], start, end, now):
                return self._tear(now)
            at = end
        if at:
            self._have -= at
            self._view[: self._have] = self._buf[at : at + self._have]

    def _take(self, kind, at, end, now):
        """One packet; False if it is not what a broker sends."""
        view = self._view[at:end]
        if kind == 0x20 and self._state == _GREETING:
            self._state = _ON
            self._pause_ms = _FIRST_PAUSE_MS
            self._out.append(_SUBSCRIBE)
            return view[1:] == b"\0"
        if kind & 0xF7 == 0x32:
            return self._take_message(kind & 8, view)
        if kind == 0x40 and len(view) == 2:
            return self._take_ack(view[0] << 8 | view[1])
        return (kind == 0x90 and view == b"\0\1\1") or (kind == 0xD0 and not len(view))

    def _take_ack(self, number):
        if not self._sending or self.unacked[0] & 0xFFFF != number:
            return False
        self.unacked.pop(0)
        self._sending -= 1
        self._count("acked")
        return True

    def _take_message(self, dup, view):
        number = number_of(view[9:])
        if (
            number < 0
            or view[:7] != b"\0\5board"
            or view[7:9] != struct.pack(">H", number & 65535)
        ):
            return False
        if number == self.taken + 1:
            self.taken = number
            self._count("taken")
        elif number <= self.taken and dup:
            self._count("again")
        else:
            self._count("misplaced")
        self._out.append(b"\x40\x02" + view[7:9])
        return True


def publish(number, dup):
    """A PUBLISH packet with QoS 1; its identifier is the message's number."""
    payload = body(number)
    size = len(_TOPIC) + 2 + len(payload)
    head = bytearray(3 if size > 127 else 2)
    head[0] = 0x3A if dup else 0x32
    head[1] = size & 127
    if size > 127:
        head[1] |= 128
        head[2] = size >> 7
    return bytes(head) + _TOPIC + struct.pack(">H", number & 0xFFFF) + payload


def packet_at(buf, at, have):
    """Where the rest of the packet at `at` begins and ends; (0, 0) if that cannot be told yet."""
    if have - at < 2:
        return 0, 0
    size = buf[at + 1] & 127
    if not buf[at + 1] & 128:
        return at + 2, at + 2 + size
    if have - at < 3:
        return 0, 0
    return at + 3, at + 3 + size + (buf[at + 2] << 7)
