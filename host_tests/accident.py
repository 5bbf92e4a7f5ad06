"""One fault, met by one application: what it sees, and how long until everything works again.

The application is simple: it never sets a timeout on the socket that is watched. When that has
failed, or has done what it was opened for, six links are opened, and reopened a second after each
failure, until all six echo.
"""

import errno
import random
from dataclasses import dataclass

from world import World

from tools.vmodem import Faults
from tools.vmodem.faults import ALL, EVENTS, OCCASIONS
from tools.vmodem.lag import SPELL_US
from tools.vmodem.memory import Echo, Peer
from tools.vmodem.mishaps import ERROR_SPELL_US
from tools.vmodem.radio import Radio

ACTIVITIES = ("idle", "download", "upload", "connect")
NOTHING = "nothing"

# Faults that last until the network or somebody's hand takes them back, here after a minute.
REMEDIES = {
    "registration_lost": Radio.find_coverage,
    "registration_denied": Radio.find_coverage,
    "sim_removed": Radio.insert_sim,
}
REMEDY_US = 60_000_000
SPELLS_US = {"slow_network": SPELL_US, "error_spell": ERROR_SPELL_US}

# Faults that have their occasion only where another fault gives it.
OCCASION_OF = {"lost_boot": "reboot", "activation_failed": "pdp_deact"}

NAMES = tuple(sorted(set(ALL) - {"registration_back", "sim_inserted"}))

BODY = random.Random(20_000).randbytes(20_000)
PACKET = 1460
MESSAGE = b"a message at last"
STEADY_MS = 61_000  # a bearer that is lost earlier than that is not brought up again at once
STUCK_S = 300
NO_SERVICE_S = 1200


class Broken(Exception):
    """Data were spoilt without a word, or something waits for ever."""


@dataclass
class Outcome:
    """`seen`: the name of an errno or NOTHING; None if the fault found no occasion. `seconds`
    from the fault, or from the end of its cause, until six links echo; None if all along they
    would have."""

    seen: str | None
    seconds: float | None


class Messenger(Peer):
    """Says one thing, ten seconds after the link was opened."""

    def on_connected(self):
        self.send(MESSAGE, 10_000_000)


class Library(Peer):
    """Sends the body and closes."""

    def on_connected(self):
        self.send(BODY)
        self.close()


class Archive(Peer):
    """Takes the body, then sends a receipt."""

    def on_data(self, data):
        if len(self.received) == len(BODY):
            self.send(b"!")


class Witness(Faults):
    """Notes when a fault strikes first."""

    modem = None
    at_us = None

    def strikes(self, name):
        struck = super().strikes(name)
        if struck and self.at_us is None:
            self.at_us = self.modem.now_us
        return struck


class Accident:
    """`run()` gives the Outcome; raises Broken. Everything follows from the four arguments."""

    def __init__(self, name, activity, flow, seed):
        self.rng = rng = random.Random(f"{name} {activity} {flow} {seed}")
        self.name = name
        self.activity = activity
        self.witness = Witness(rng.random())
        self.world = World(
            seed=rng.randrange(1 << 30),
            chunk=rng.choice((None, (1, 40), (100, 600))),
            latency_us=rng.choice((5_000, 10_000, 40_000)),
            faults=self.witness,
            flow=flow,
            nic={"flow": flow, "power": True, "reset": True},
        )
        self.modem = self.witness.modem = self.world.modem
        network = self.world.network
        network.delay_us = rng.choice((20_000, 50_000, 100_000))
        for host, peer in (("idle", Messenger), ("download", Library), ("upload", Archive)):
            network.serve(host, 1, peer)
        network.serve("echo", 7, Echo)

    def run(self):
        self.world.nic.connect()
        self.world.run(STEADY_MS + self.rng.randrange(30_000))
        seen = self._watch()
        if self.name not in OCCASION_OF:
            self.witness.armed[self.name] = 0
        met_trouble = self._until_six_echo()
        if self.witness.at_us is None:
            return Outcome(None, None)
        if seen == NOTHING and not met_trouble:
            return Outcome(seen, None)
        return Outcome(seen, max(0.0, (self.world.now_us - self._over_us) / 1e6))

    # -- the fault -----------------------------------------------------------------------------

    def _strike(self):
        if self.name in OCCASION_OF:
            self.modem.inject(OCCASION_OF[self.name])
        self.modem.inject(self.name)
        now_us = self.world.network.now_us
        if self.name in EVENTS or self.name in OCCASION_OF:
            self.witness.at_us = now_us
        if self.name in REMEDIES:
            remedy = REMEDIES[self.name]
            self.world.network.at(now_us + REMEDY_US, lambda: remedy(self.modem.radio))

    def _strike_within(self, us):
        network = self.world.network
        network.at(network.now_us + self.rng.randrange(us), self._strike)

    @property
    def _over_us(self):
        """When the cause is gone, or can be made to go."""
        lasts_us = REMEDY_US if self.name in REMEDIES else SPELLS_US.get(self.name, 0)
        return self.witness.at_us + lasts_us

    # -- the socket that is watched ------------------------------------------------------------

    def _watch(self):
        """What the application sees."""
        sock = self.world.nic.socket()
        sock.settimeout(STUCK_S)
        self._started_us = self.world.now_us
        try:
            getattr(self, "_" + self.activity)(sock)
        except OSError as error:
            self._check_stuck()
            return errno.errorcode[error.args[0]]
        finally:
            sock.close()
        return NOTHING

    def _connect(self, sock):
        if self.name in OCCASIONS:
            self._strike()
        else:  # it takes the modem's answer and a way there and back
            self._strike_within(self.modem.latency_us + 2 * self.world.network.delay_us)
        sock.connect(("echo", 7))

    def _idle(self, sock):
        sock.connect(("idle", 1))
        self._strike_within(5_000_000)
        self._take(sock, MESSAGE)

    def _download(self, sock):
        sock.connect(("download", 1))
        self._take(sock, BODY, self.rng.randrange(2_000, 16_000))
        if sock.recv(PACKET):
            raise Broken("more than was sent")

    def _upload(self, sock):
        sock.connect(("upload", 1))
        strike_at = self.rng.randrange(2_000, 16_000)
        try:
            for at in range(0, len(BODY), 500):
                if at <= strike_at < at + 500:
                    self._strike()
                sock.write(BODY[at : at + 500])
            self._take(sock, b"!")
        finally:
            self._check_archive()

    def _take(self, sock, body, strike_at=None):
        """Read `body`; after `strike_at` bytes the fault strikes."""
        got = bytearray()
        try:
            while not body.startswith(got) or len(got) < len(body):
                if strike_at is not None and len(got) >= strike_at:
                    self._strike()
                    strike_at = None
                data = sock.recv(PACKET)
                if not data:
                    raise Broken("the end, and not all of it came")
                got += data
        except OSError:
            # The packet that was being torn may be spoilt.
            if not body.startswith(got[:-PACKET]):
                raise Broken("the application got what was not sent") from None
            raise

    # -- what must hold ------------------------------------------------------------------------

    def _check_archive(self):
        for archive in self.world.network.peers_of(Archive):
            # A segment whose prompt was lost is filled up with CR.
            if not BODY.startswith(archive.received.rstrip(b"\r")):
                raise Broken("the peer got what was not written")

    def _check_stuck(self):
        if self.world.now_us - self._started_us >= STUCK_S * 1_000_000:
            raise Broken("a call that waits for ever")

    # -- and afterwards ------------------------------------------------------------------------

    def _until_six_echo(self):
        """Open six links until all echo; whether there was any trouble."""
        socks = [None] * 6
        limit_us = self.world.now_us + NO_SERVICE_S * 1_000_000
        attempts = 0
        while not all([self._echoes(socks, n) for n in range(6)]):
            if self.world.now_us > limit_us:
                raise Broken("no service for %d s" % NO_SERVICE_S)
            attempts += 1
            self.world.run(1000)
        return attempts > 0

    def _echoes(self, socks, n):
        try:
            if socks[n] is None:
                socks[n] = self.world.nic.socket()
                socks[n].settimeout(30)
                socks[n].connect(("echo", 7))
            socks[n].write(b"still here")
            if socks[n].read(10) == b"still here":
                return True
        except OSError:
            pass
        socks[n].close()
        socks[n] = None
        return False
