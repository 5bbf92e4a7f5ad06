"""One seeded scenario: an application, six links, a network that misbehaves, and what must hold.

What must hold, on every socket:
- what the peer got is what the application wrote, in order; behind an error it may be cut short
  and followed by padding (CR), which the firmware types when a prompt was lost;
- what the application got is what the peer sent, in order; only the packet that was being torn
  when an error came may be spoilt; an end of stream means that all of it has come;
- a datagram is whole, and came from the peer;
- every error is an OSError with an errno from a short list.
And of the machine: no command outlives its deadline, no event lacks a row in its table, nothing
that waits is without bound, and once the faults are over the firmware finds its way back by itself
and all six links work.

The modem is of any family, and of any firmware of it: see `variety`. Where nothing struck, no
line of it was without a meaning. Some families also serve callers (`callers`), and some scenarios
have an episode in transparent mode (`episode`).

Each step draws from a source of its own, so that a scenario can be made shorter: see `tools.soak`.
"""

import errno
import random
import traceback

from callers import Callers
from conversation import Broken, Conversation, DatagramTalker, Echoing, Talker, hostile
from episode import Episode, RawTalker
from variety import drawn
from world import START_US, World

from tools.vmodem.faults import EVENTS

FAULTS = (
    "lost_prompt",
    "owed_payload",
    "lost_ok",
    "lost_result",
    "lost_urc",
    "drop_byte",
    "corrupt_byte",
    "urc_storm",
    "close_mid_send",
    "refused_peer",
    "silent_peer",
    "pdp_deact",
    "activation_failed",
    "registration_lost",
    "registration_denied",
    "radio_stuck",
    "slow_network",
    "sim_removed",
    "reboot",
    "lost_boot",
    "brown_out",
    "baud_changed",
    "autobaud",
    "silent",
    "error",
    "error_spell",
    "echo_back",
)
FAULTS_FOR_A_PIN = ("hang", "error_everything")
FAULTS_FOR_THE_KEY = ("power_down",)
ENDS = {
    "registration_lost": "registration_back",
    "registration_denied": "registration_back",
    "sim_removed": "sim_inserted",
}
HARMLESS = {"interleave", "urc_storm", "registration_back", "sim_inserted"}
# A flipped bit in a length or a link number cannot be told from the truth.
UNDETECTABLE = {"corrupt_byte"}

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
BODY = 3  # the phase in which a payload is typed, as in `engine`
MASK = 0x1FFFFFFF
GRACE_MS = 2000
STEPS = 40
SERVING = 1 / 3  # of the scenarios whose family has a server: a sixth of all
TRANSPARENT = 0.12  # of all scenarios
CALLERS = 0.2  # of the steps of one that serves
NOTICED_MS = 45_000  # an idle modem is checked every 30 s
SERVICE_MS = 240_000  # from the end of the last fault until six links work


class Scenario:
    """`only`: the steps that are taken, all if None. `family`: the modem's, drawn if None."""

    def __init__(self, seed, only=None, family=None):
        self.seed = seed
        self.profile = drawn(random.Random(-1 - seed), family)
        self.only = range(STEPS) if only is None else only
        self.rng = rng = random.Random(seed)
        self.flow = rng.random() < 0.3
        self.power = rng.random() < 0.4
        self.reset = rng.random() < 0.4
        self.world = World(
            profile=self.profile,
            baud=rng.choice((115200, 460800, 921600, 57600)),
            chunk=rng.choice((None, (1, 40), (20, 300), (100, 600))),
            seed=seed,
            rxbuf=rng.choice((1024, 4096, 4096)),
            latency_us=rng.choice((1_000, 10_000, 40_000)),
            rxget_urc=rng.choice(("first", "every")),
            interleave=rng.choice((0.0, 0.0, 0.3)),
            flow=self.flow,
            nic={
                "flow": self.flow,
                "power": self.power or None,
                "reset": self.reset or None,
                "dcd": rng.random() < 0.5 or None,
            },
        )
        self.network = self.world.network
        self.network.delay_us = rng.choice((1_000, 20_000, 80_000))
        self.network.serve("talk", 1, lambda: Talker(self.rng))
        self.network.serve("talk", 2, lambda: DatagramTalker(self.rng))
        self.network.serve("echo", 7, Echoing)
        self.network.serve("raw", 9, lambda: RawTalker(self.rng))
        self.strikes = self._plan(rng)
        serves = self.profile.has_server and rng.random() < SERVING
        self.callers = Callers(self) if serves else None
        transparent = rng.random() < TRANSPARENT
        self.episode = Episode(self) if transparent else None
        self._episode_at = rng.randrange(STEPS)
        self.talks = []
        self.told = []  # what was done, for people
        self.bytes_checked = 0
        self.ends = ENDS
        self.service_s = 0.0  # how long it took until all worked again

    def _plan(self, rng):
        """[(step, fault)]"""
        known = FAULTS
        if self.power or self.reset:
            known += FAULTS_FOR_A_PIN
        if self.power:
            known += FAULTS_FOR_THE_KEY
        faults = rng.sample(known, rng.randrange(4))
        times = rng.randrange(1, 4) if faults else 0
        return [(rng.randrange(STEPS), rng.choice(faults)) for _ in range(times)]

    @property
    def virtual_s(self):
        return (self.world.now_us - START_US) / 1e6

    @property
    def faults_struck(self):
        modem = self.world.modem
        return sum(modem.faults.struck.values()) + sum(modem.counters[name] for name in EVENTS)

    @property
    def calm(self):
        """Whether nothing has happened that could harm."""
        modem = self.world.modem
        names = {name for name, count in modem.faults.struck.items() if count}
        names |= {name for name in EVENTS if modem.counters[name]}
        return not (names - HARMLESS or self.world.uart.overflows)

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
        self.world.nic.connect()
        for step in self.only:
            self.rng = random.Random(self.seed * STEPS + step)
            for when, fault in self.strikes:
                if when == step:
                    self.tell("fault %s" % fault)
                    self.world.modem.inject(fault)
            self._step(step)
            self._check()
        self._finish()

    def tell(self, text):
        self.told.append("%8.3f %s" % (self.virtual_s, text))

    # -- what the application does -------------------------------------------------------------

    def _step(self, step):
        if self.episode and step == self._episode_at:
            self.episode.run()
        elif self.callers and self.rng.random() < CALLERS:
            self.callers.step()
        else:
            self._act()

    def _act(self):
        act = self.rng.random()
        live = [talk for talk in self.talks if not talk.closed]
        if act < 0.15 and len(live) < 6:
            self._open()
        elif act < 0.45 and live:
            self._write(self.rng.choice(live))
        elif act < 0.72 and live:
            self._read(self.rng.choice(live))
        elif act < 0.77 and live:
            self.close(self.rng.choice(live))
        elif act < 0.80 and live:
            self.attempt(self.rng.choice(live), lambda sock: sock.ioctl(3, 5))
        elif act < 0.83 and live:
            self._peek(self.rng.choice(live))
        elif act < 0.85 and len(live) < 6:
            self._open_and_cancel()
        elif act < 0.88:
            self._be_busy()
        else:
            self._rest()

    def _rest(self):
        ms = self.rng.choice((1, 10, 50, 300, 1000, 3000))
        self.tell("rest %d ms" % ms)
        self.world.run(ms)

    def _be_busy(self):
        """The application computes; nothing drives the modem, and its UART may run over."""
        ms = self.rng.choice((5, 50, 400))
        self.tell("be busy for %d ms" % ms)
        self.world.idle(ms)
        self.world.nic.driver.pump()

    def _open(self):
        udp = self.rng.random() < 0.25
        talk = Conversation(self.world.nic.socket(type=2 if udp else 1), udp, self.may_be_cut)
        self.talks.append(talk)
        self.tell("open #%d, %s" % (self.talks.index(talk), "UDP" if udp else "TCP"))
        talk.sock.settimeout(self.rng.choice((0, 5, 30)))
        self.attempt(talk, lambda sock: sock.connect(("talk", 2 if udp else 1)))
        talk.sock.settimeout(self.rng.choice((0, 0, 0.2)))

    def _open_and_cancel(self):
        """A connect that is given up before its result is there."""
        talk = Conversation(self.world.nic.socket(), False)
        self.tell("open another and cancel it")
        talk.sock.setblocking(False)
        self.attempt(talk, lambda sock: sock.connect(("talk", 1)))
        self.world.run(self.rng.choice((0, 1, 20, 100)))
        talk.sock.close()

    def _peek(self, talk):
        """What was seen is what is read next."""
        seen = self.attempt(talk, lambda sock: sock.recv(100, MSG_PEEK | MSG_DONTWAIT))
        if seen and not talk.udp:
            data = self.attempt(talk, lambda sock: sock.recv(len(seen)))
            if data != seen:
                raise Broken("peeked at one thing and read another")
            talk.got += data

    def _write(self, talk):
        if talk.udp:
            data = b"%04d" % len(talk.datagrams_written) + hostile(
                self.rng, self.rng.randrange(1, 1400)
            )
            if self.attempt(talk, lambda sock: sock.send(data)):
                talk.datagrams_written.append(data)
            return
        data = hostile(self.rng, self.rng.choice((1, 10, 100, 1500, 3000)))
        self.tell("write %d to #%d" % (len(data), self.talks.index(talk)))
        talk.sock.setblocking(False)  # so that what was taken is known, error or not
        taken = self.attempt(talk, lambda sock: sock.write(data))
        talk.written += data[: taken or 0]

    def _read(self, talk):
        size = self.rng.choice((1, 100, 1460, 4000))
        self.tell("read up to %d from #%d" % (size, self.talks.index(talk)))
        data = self.attempt(talk, lambda sock: sock.recv(size))
        if data is None:
            self.world.run(20)
            return
        if talk.udp:
            if data and size >= 1460:
                talk.datagrams_got.append(data)
        elif data:
            talk.got += data
        else:
            talk.ended = True
        self.bytes_checked += len(data)

    def close(self, talk):
        self.tell("close #%d" % self.talks.index(talk))
        talk.sock.close()
        talk.closed = True

    def attempt(self, talk, call):
        """What `call(sock)` returns, or None if it raised."""
        try:
            return call(talk.sock)
        except OSError as error:
            code = error.args[0]
            if code not in ERRORS:
                raise Broken("errno %r" % code) from error
            self.tell("  errno %d" % code)
            if code not in (errno.EAGAIN, errno.EINPROGRESS, errno.ENOTCONN, errno.ETIMEDOUT):
                talk.error = code
        finally:
            self._match_peer(talk)
        return None

    # -- who talks to whom ---------------------------------------------------------------------

    def _match_peer(self, talk):
        """The peer of a socket is the one at the other end of its link."""
        link = talk.sock._link
        if talk.peer is None and link is not None and link.generation == talk.sock._generation:
            channel = self.network.channels.get(link.n)
            of_link = [c for c in self.world.modem.connections if c.link == link.n]
            # A caller may have the modem's link already, before the firmware is told.
            opened = channel is not None and of_link and not of_link[-1].accepted
            if opened and link.state_name() == "CONNECTED":
                talk.peer, talk.connection = channel.peer, of_link[-1]
                talk.link, talk.generation = link, link.generation

    # -- what must hold ------------------------------------------------------------------------

    @property
    def may_be_cut(self):
        """Whether a fault may close a connection."""
        return "close_mid_send" in {fault for _, fault in self.strikes}

    @property
    def is_honest(self):
        """Whether every damage can be told from the truth."""
        return not UNDETECTABLE & {fault for _, fault in self.strikes}

    def _check(self):
        for talk in self.talks:
            self._match_peer(talk)
            if self.is_honest:
                talk.check()
        self._check_engine()

    def _check_engine(self):
        engine = self.world.engine
        if self.is_honest and (engine.links.unexpected or engine.bearer.unexpected):
            raise Broken("an event without a row in its table")
        if self.calm and engine.intake.unknown:
            raise Broken("a line without a meaning: %r" % engine.intake.last_unknown)
        if len(engine.queue) > 4 or len(engine.notes) > 8 or len(engine.links.claims) > 6:
            raise Broken("a queue without a bound")
        command = engine.inflight
        if command is not None and not command.outcome and engine.phase != BODY:
            late = (self.world.ticks_ms() - engine.deadline) & MASK
            if GRACE_MS < late <= MASK // 2:
                raise Broken("%r has outlived its deadline" % bytes(command.text))

    def _finish(self):
        """No more faults: everything must work again."""
        world = self.world
        world.run(3000)  # a short payload is noticed after 1.5 s
        for _, fault in self.strikes:
            if fault in ENDS:
                world.modem.inject(ENDS[fault])
        world.modem.faults.armed.clear()
        ended_us = world.now_us
        if any((talk.padded or talk.spoilt) and not talk.failed for talk in self.talks):
            world.run(30_000)  # a lost result, or a lost OK behind a payload, is waited for
        for talk in self.talks:
            damaged = self.is_honest and not talk.failed and not talk.closed
            if damaged and (talk.spoilt or talk.padded):
                raise Broken("a spoilt packet, or padding, without an error")
            if not talk.closed:
                self.close(talk)
        if self.callers:
            self.callers.close()
        if self.strikes or not self.calm:  # an episode brings faults of its own
            world.run(NOTICED_MS)
        world.until(self.is_quiet, SERVICE_MS)
        self._check()
        for talk in self.talks:
            if self.is_honest and talk.peer is not None and not talk.error and not talk.udp:
                self._check_all_sent(talk)
        if self.callers:
            self.callers.check_stopped()
        self._use_all_links()
        self.service_s = (world.now_us - ended_us) / 1e6

    def _use_all_links(self):
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
        excused = excused or talk.peer.closes  # though the modem may not have heard of it yet
        if not excused and talk.written != talk.peer.received:
            raise Broken("closed without a word, but not all was sent")

    def is_quiet(self):
        nic = self.world.nic
        if not nic.isconnected() or any(link.up or link.owned for link in nic.links):
            return False
        return self.world.engine.server is None and self.world.engine.data is None

    def _echo_socket(self):
        sock = self.world.nic.socket()
        sock.settimeout(30)
        sock.connect(("echo", 7))
        return sock
