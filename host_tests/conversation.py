"""Both ends of the connections of a scenario, and what must hold between them."""

import random

from tools.vmodem.memory import Peer

PACKET = 1460


class Broken(Exception):
    """An invariant does not hold."""


class Talker(Peer):
    """Sends a stream of its own while it takes in the application's; both are random bytes."""

    def __init__(self, rng):
        super().__init__()
        self.rng = random.Random(rng.random())
        self.sent = bytearray()
        self.closes = self.rng.random() < 0.3

    def on_connected(self):
        after_us = 0
        for _ in range(self.rng.randrange(6)):
            after_us += self.rng.randrange(200_000)
            self.say(after_us)
        if self.closes:
            self.close(after_us + 1)

    def say(self, after_us):
        data = hostile(self.rng, self.rng.randrange(1, 2000))
        self.sent += data
        self.send(data, after_us)

    def on_data(self, data):
        if self.rng.random() < 0.3 and not self.closes:
            self.say(self.rng.randrange(50_000))


class DatagramTalker(Peer):
    """Answers each datagram with one of its own."""

    def __init__(self, rng):
        super().__init__()
        self.rng = random.Random(rng.random())
        self.sent = []

    def on_data(self, data):
        answer = b"%04d" % len(self.sent) + hostile(self.rng, self.rng.randrange(1, 1400))
        self.sent.append(answer)
        self.send(answer)


def hostile(rng, size):
    """Random bytes with the modem's own words among them."""
    words = (b"\r\nOK\r\n", b"\r\n0, CLOSED\r\n", b"> ", b"\r\n+RECEIVE,1,9:\r\n", b"\r\nRDY\r\n")
    return rng.choice(words) + rng.randbytes(size)


class Conversation:
    """One socket of the application, its peer, and what has been said either way."""

    def __init__(self, sock, udp, may_be_cut=False):
        self.sock = sock
        self.udp = udp
        self.may_be_cut = may_be_cut  # a fault may close the connection
        self.peer = self.link = self.connection = None
        self.generation = 0
        self.written = bytearray()
        self.datagrams_written = []
        self.got = bytearray()
        self.datagrams_got = []
        self.error = None
        self.spoilt = False  # the last packet lost a byte; an error must follow, and no later byte
        self.padded = False  # the peer got padding; an error must follow
        self.ended = False
        self.closed = False

    @property
    def failed(self):
        """Whether an error has been raised on this socket, waits to be, or came after close."""
        if self.error or self.link is None:
            return bool(self.error)
        return bool(self.link.error) or self.link.generation != self.generation

    def check(self):
        if self.peer is not None:
            self.check_datagrams() if self.udp else self.check_stream()

    def check_stream(self):
        peer = bytes(self.peer.received)
        if not self.written.startswith(peer):
            self.padded = True
            if not self.written.startswith(peer.rstrip(b"\r")):
                raise Broken("the peer got what was not written")
        self.spoilt = not self.peer.sent.startswith(self.got)
        if self.spoilt and not self.peer.sent.startswith(self.got[: -PACKET - 4]):
            raise Broken("the application got what was not sent")
        if self.ended and not self.error and len(self.got) < self.due():
            raise Broken("end of stream before all of it came")

    def due(self):
        """Bytes that must have come before the end: all that were sent, or, where the fault cut
        the connection, all that the modem handed over."""
        cut = self.peer.closed and (self.may_be_cut or not self.peer.closes)
        return self.connection.bytes_down if cut else len(self.peer.sent)

    def check_datagrams(self):
        rest = iter(self.peer.sent)
        for datagram in self.datagrams_got:
            if datagram not in rest and not self.failed:
                raise Broken("a datagram that was not sent, or not in order")
        rest = self.datagrams_written
        for datagram in self.peer.packets:
            if datagram not in rest:
                self.padded = True
                datagram = datagram.rstrip(b"\r")
            if datagram not in rest and not self.failed:
                raise Broken("the peer got a datagram that was not written")
            rest = rest[rest.index(datagram) + 1 :] if datagram in rest else []


class Echoing(Peer):
    def on_data(self, data):
        self.send(data)
