"""One seeded scenario: an application, six links, a network that misbehaves, and what must hold.

What must hold, on every socket:
- what the peer got is what the application wrote, in order; behind an error it may be cut short
  and followed by padding (CR), which the firmware types when a prompt was lost;
- what the application got is what the peer sent, in order; only the packet that was being torn
  when an error came may be spoilt; an end of stream means that all of it has come;
- a datagram is whole, and came from the peer;
- every error is an OSError with an errno from a short list.
And of the machine: no command outlives its deadline, no event lacks a row in its table, and once
the faults are over all six links work.
"""

import errno
import random
import traceback

from world import START_US, World

from tools.vmodem.memory import Peer

FAULTS = (
    "lost_prompt",
    "lost_result",
    "lost_urc",
    "drop_byte",
    "urc_storm",
    "close_mid_send",
    "pdp_deact",
    "reboot",
    "silent",
    "echo_back",
)
ERRORS = {
    errno.EAGAIN,
    errno.EINPROGRESS,
    errno.ECONNRESET,
    errno.ECONNREFUSED,
    errno.ETIMEDOUT,
    errno.EHOSTUNREACH,
    errno.ENOBUFS,
    errno.ENOTCONN,
    errno.EIO,
    errno.EALREADY,
}
MSG_PEEK = 2
MSG_DONTWAIT = 64
PACKET = 1460
STEPS = 40


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

    def __init__(self, sock, udp):
        self.sock = sock
        self.udp = udp
        self.peer = self.link = self.connection = None
        self.generation = 0
        self.written = bytearray()
        self.datagrams_written = []
        self.got = bytearray()
        self.datagrams_got = []
        self.error = None
        self.spoilt = False  # the last packet lost a byte; an error must follow, and no later byte
        self.ended = False
        self.closed = False

    @property
    def failed(self):
        """Whether an error has been raised on this socket, waits to be, or came after close."""
        if self.error:
            return True
        return bool(self.link.error) or self.link.generation != self.generation

    def check(self):
        if self.peer is not None:
            self.check_datagrams() if self.udp else self.check_stream()

    def check_stream(self):
        peer = bytes(self.peer.received)
        if not self.written.startswith(peer):
            if not (self.failed and self.written.startswith(peer.rstrip(b"\r"))):
                raise Broken("the peer got what was not written")
        self.spoilt = not self.peer.sent.startswith(self.got)
        if self.spoilt and not self.peer.sent.startswith(self.got[: -PACKET - 4]):
            raise Broken("the application got what was not sent")
        if self.ended and not self.error and len(self.got) < self.due():
            raise Broken("end of stream before all of it came")

    def due(self):
        """Bytes that must have come before the end: all that were sent, or, where the fault cut
        the connection, all that the modem handed over."""
        return self.connection.bytes_down if self.peer.closed else len(self.peer.sent)

    def check_datagrams(self):
        rest = iter(self.peer.sent)
        for datagram in self.datagrams_got:
            if datagram not in rest and not self.failed:
                raise Broken("a datagram that was not sent, or not in order")
        rest = iter(self.datagrams_written)
        for datagram in self.peer.packets:
            if datagram not in rest and not self.failed:
                raise Broken("the peer got a datagram that was not written")


class Scenario:
    def __init__(self, seed):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.flow = rng.random() < 0.3
        self.world = World(
            baud=rng.choice((115200, 460800, 921600, 57600)),
            chunk=rng.choice((None, (1, 40), (20, 300), (100, 600))),
            seed=seed,
            latency_us=rng.choice((1_000, 10_000, 40_000)),
            rxget_urc=rng.choice(("first", "every")),
            interleave=rng.choice((0.0, 0.0, 0.3)),
            flow=self.flow,
            nic={"flow": self.flow},
        )
        self.network = self.world.network
        self.network.delay_us = rng.choice((1_000, 20_000, 80_000))
        self.network.serve("talk", 1, self._talker)
        self.network.serve("talk", 2, self._datagram_talker)
        self.network.serve("echo", 7, Echoing)
        self.talks = []
        self.bytes_checked = 0
        self._new_peer = None

    @property
    def virtual_s(self):
        return (self.world.now_us - START_US) / 1e6

    @property
    def faults_struck(self):
        return sum(self.world.modem.faults.struck.values())

    def run(self):
        """The story of what went wrong, or an empty string."""
        try:
            self._run()
        except Exception as problem:
            return "%s\n%s\n%r\n%s" % (
                traceback.format_exc() if not isinstance(problem, Broken) else problem,
                "\n".join("  " + line for line in self.world.trace().splitlines()[-25:]),
                self.world.nic,
                self.world.modem.faults.struck,
            )
        return ""

    def _run(self):
        rng = self.rng
        self.world.nic.connect()
        faults = rng.sample(FAULTS, rng.randrange(4))
        strikes = sorted(rng.randrange(STEPS) for _ in range(rng.randrange(1, 4) if faults else 0))
        for step in range(STEPS):
            while strikes and strikes[0] == step:
                strikes.pop(0)
                self.world.modem.inject(rng.choice(faults))
            self._step()
            self._check()
        self._finish()

    # -- what the application does -------------------------------------------------------------

    def _step(self):
        act = self.rng.random()
        live = [talk for talk in self.talks if not talk.closed]
        if act < 0.15 and len(live) < 6:
            self._open()
        elif act < 0.45 and live:
            self._write(self.rng.choice(live))
        elif act < 0.75 and live:
            self._read(self.rng.choice(live))
        elif act < 0.8 and live:
            self._close(self.rng.choice(live))
        elif act < 0.83 and live:
            self._attempt(self.rng.choice(live), lambda sock: sock.ioctl(3, 5))
        elif act < 0.86 and live:
            self._peek(self.rng.choice(live))
        elif act < 0.88 and len(live) < 6:
            self._open_and_cancel()
        else:
            self.world.run(self.rng.choice((1, 10, 50, 300, 1000)))

    def _open(self):
        udp = self.rng.random() < 0.25
        talk = Conversation(self.world.nic.socket(type=2 if udp else 1), udp)
        self.talks.append(talk)
        talk.sock.settimeout(self.rng.choice((0, 5, 30)))
        self._attempt(talk, lambda sock: sock.connect(("talk", 2 if udp else 1)))
        talk.sock.settimeout(self.rng.choice((0, 0, 0.2)))

    def _open_and_cancel(self):
        """A connect that is given up before its result is there."""
        talk = Conversation(self.world.nic.socket(), False)
        talk.sock.setblocking(False)
        self._attempt(talk, lambda sock: sock.connect(("talk", 1)))
        self.world.run(self.rng.choice((0, 1, 20, 100)))
        talk.sock.close()

    def _peek(self, talk):
        """What was seen is what is read next."""
        seen = self._attempt(talk, lambda sock: sock.recv(100, MSG_PEEK | MSG_DONTWAIT))
        if seen and not talk.udp:
            data = self._attempt(talk, lambda sock: sock.recv(len(seen)))
            if data != seen:
                raise Broken("peeked at one thing and read another")
            talk.got += data

    def _write(self, talk):
        if talk.udp:
            data = b"%04d" % len(talk.datagrams_written) + hostile(
                self.rng, self.rng.randrange(1, 1400)
            )
            if self._attempt(talk, lambda sock: sock.send(data)):
                talk.datagrams_written.append(data)
            return
        data = hostile(self.rng, self.rng.choice((1, 10, 100, 1500, 3000)))
        talk.sock.setblocking(False)  # so that what was taken is known, error or not
        taken = self._attempt(talk, lambda sock: sock.write(data))
        talk.written += data[: taken or 0]

    def _read(self, talk):
        size = self.rng.choice((1, 100, 1460, 4000))
        data = self._attempt(talk, lambda sock: sock.recv(size))
        if data is None:
            return
        if talk.udp:
            if data and size >= 1460:
                talk.datagrams_got.append(data)
        elif data:
            talk.got += data
        else:
            talk.ended = True
        self.bytes_checked += len(data)

    def _close(self, talk):
        talk.sock.close()
        talk.closed = True

    def _attempt(self, talk, call):
        """What `call(sock)` returns, or None if it raised."""
        try:
            return call(talk.sock)
        except OSError as error:
            code = error.args[0]
            if code not in ERRORS:
                raise Broken("errno %r" % code) from error
            if code not in (errno.EAGAIN, errno.EINPROGRESS, errno.ENOTCONN, errno.ETIMEDOUT):
                talk.error = code
        finally:
            self._match_peer(talk)
        return None

    # -- who talks to whom ---------------------------------------------------------------------

    def _talker(self):
        return Talker(self.rng)

    def _datagram_talker(self):
        return DatagramTalker(self.rng)

    def _match_peer(self, talk):
        """The peer of a socket is the one at the other end of its link."""
        link = talk.sock._link
        if talk.peer is None and link is not None and link.generation == talk.sock._generation:
            channel = self.network.channels.get(link.n)
            if channel is not None and link.state_name == "CONNECTED":
                talk.peer = channel.peer
                talk.link, talk.generation = link, link.generation
                number = self.network.peers.index(talk.peer)
                talk.connection = self.world.modem.connections[number]

    # -- what must hold ------------------------------------------------------------------------

    def _check(self):
        for talk in self.talks:
            self._match_peer(talk)
            talk.check()
        engine = self.world.engine
        if engine.links.unexpected or engine.bearer.unexpected:
            raise Broken("an event without a row in its table")

    def _finish(self):
        """No more faults: everything must work again."""
        self.world.modem.faults.armed.clear()
        self.world.run(3000)  # a reboot is noticed when RDY comes, a short payload after 1.5 s
        for talk in self.talks:
            if talk.spoilt and not talk.failed and not talk.closed:
                raise Broken("a spoilt packet without an error")
            if not talk.closed:
                self._close(talk)
        self.world.until(self._is_quiet, 120_000)
        self._stumble()
        self.world.until(self._is_quiet, 120_000)
        self._check()
        for talk in self.talks:
            if talk.peer is not None and not talk.error and not talk.udp:
                self._check_all_sent(talk)
        socks = [self._echo_socket() for _ in range(6)]
        for sock in socks:
            sock.write(b"still here")
        for sock in socks:
            if sock.read(10) != b"still here":
                raise Broken("a link does not work after the faults")

    def _check_all_sent(self, talk):
        """What the modem had accepted when the peer closed is lost, as with any TCP. What was
        written before *we* closed is not, but for what did not leave in ten seconds (counted)."""
        excused = talk.failed or talk.link.unsent or talk.connection.closed_by != "host"
        if not excused and talk.written != talk.peer.received:
            raise Broken("closed without a word, but not all was sent")

    def _stumble(self):
        """If the news of a lost context was lost, too, one connect finds out; it may fail."""
        try:
            self._echo_socket().close()
        except OSError as error:
            if error.args[0] not in ERRORS:
                raise Broken("errno %r" % error.args[0]) from error
        self.world.run(1000)

    def _is_quiet(self):
        nic = self.world.nic
        return nic.isconnected() and not any(link.up or link.owned for link in nic.links)

    def _echo_socket(self):
        sock = self.world.nic.socket()
        sock.settimeout(30)
        sock.connect(("echo", 7))
        return sock


class Echoing(Peer):
    def on_data(self, data):
        self.send(data)
