"""Long uploads: full segments behind each other, and what strikes in the middle of them.

A seed decides everything. What must hold is what `scenario` says: what a peer got is a prefix of
what was written, all of it where nothing struck, and six links work again after all that did.
"""

import random

import pytest
from conversation import Conversation, Echoing, hostile
from scenario import ENDS, MSG_DONTWAIT, Scenario
from variety import drawn
from world import World

from tools.vmodem.memory import Peer

SEEDS = 20  # of each test that has them
SEGMENT = 1460
READY = (100, 600)  # a chunk as of a UART that tells of more than the first byte
PIECE = 8000  # of a blocking write: what comes back meanwhile fits the ring of a link
PATIENCE_S = 60
FAULTS = (
    "lost_prompt",
    "owed_payload",
    "lost_ok",
    "lost_result",
    "drop_byte",
    "close_mid_send",
    "urc_storm",
    "interleave",
    "echo_back",
    "error",
    "silent",
    "reboot",
    "brown_out",
    "pdp_deact",
)


class Listener(Peer):
    """Says nothing."""

    closes = False

    def __init__(self, rng):
        super().__init__()
        self.sent = bytearray()


class Answerer(Listener):
    """Says something now and then while it listens."""

    def __init__(self, rng):
        super().__init__(rng)
        self._rng = random.Random(rng.random())

    def on_data(self, data):
        if self._rng.random() < 0.3:
            answer = hostile(self._rng, self._rng.randrange(60))
            self.sent += answer
            self.send(answer, self._rng.randrange(50_000))


class Upload(Scenario):
    """`links` upload `size` bytes each; `fault` strikes in the middle, if any."""

    def __init__(self, seed, fault=None, links=None, blocking=None, peer=None, **options):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.profile = drawn(rng)
        self.strikes = [(0, fault)] if fault else []
        self.callers = self.episode = None
        self.talks, self.told, self.ends = [], [], ENDS
        self.bytes_checked = 0
        baud = rng.choice((9600, 57600, 115200, 115200, 460800, 921600))
        flow = rng.random() < 0.4
        draws = {
            "profile": self.profile,
            "seed": seed,
            "baud": baud,
            "chunk": rng.choice((None, (1, 7), (20, 300), READY, READY)),
            "latency_us": rng.choice((300, 1_000, 10_000, 40_000)),
            "flow": flow,
            "nic": {"flow": flow, "txbuf": rng.choice((0, 2048)), "trace": rng.choice((0, 2048))},
        }
        self.world = World(**(draws | options))
        self.network = self.world.network
        self.network.delay_us = rng.choice((1_000, 20_000))
        peer = peer or rng.choice((Listener, Answerer))
        self.network.serve("talk", 1, lambda: peer(rng))
        self.network.serve("echo", 7, Echoing)
        self.links = links or rng.choice((1, 1, 1, 2, 3))
        self.blocking = rng.random() < 0.5 if blocking is None else blocking
        self.size = rng.randrange(5_000, 12_000 if baud < 57600 else 60_000 // self.links)
        self.strike_at = rng.randrange(self.size * self.links) if fault else -1
        self.uneven = 0  # bytes that one link was ahead of another at the most
        self.shortened = 0
        self._accepted = self.world.engine.express.accepted
        self.world.engine.express.accepted = self._count

    def _count(self, now):
        taken = self._accepted(now)
        self.shortened += taken
        return taken

    def _run(self):
        nic = self.world.nic
        nic.connect()
        for _ in range(self.links):
            self._open_talk()
        self.timeouts = self.world.engine.timeouts
        nic.keep_going = self._look
        self._upload_blocking() if self.blocking else self._upload_by_turns()
        nic.keep_going = None
        self._check()
        self._finish()

    def _open_talk(self):
        talk = Conversation(self.world.nic.socket(), False, self.may_be_cut)
        talk.data = hostile(self.rng, self.size)
        talk.sock.settimeout(PATIENCE_S)
        talk.sock.connect(("talk", 1))
        self._match_peer(talk)
        self.talks.append(talk)

    # -- two ways to upload --------------------------------------------------------------------

    def _upload_blocking(self):
        """Piece by piece; of one that ends with an error nobody knows how much was taken."""
        for at in range(0, self.size, PIECE):
            for talk in self.talks:
                if not talk.error:
                    talk.written += talk.data[at : at + PIECE]
                    self._give(talk, talk.data[at : at + PIECE])

    def _upload_by_turns(self):
        for talk in self.talks:
            talk.sock.setblocking(False)
        while any(self._is_writing(talk) for talk in self.talks):
            for talk in self.talks:
                if self._is_writing(talk):
                    at = len(talk.written)
                    taken = self._give(talk, talk.data[at:])
                    talk.written += talk.data[at : at + (taken or 0)]
            self._look()
            self.world.nic.driver.pump()
            self.world.wait(self.world.nic.driver.due())

    def _is_writing(self, talk):
        return not talk.error and len(talk.written) < len(talk.data)

    def _give(self, talk, data):
        taken = self.attempt(talk, lambda sock: sock.write(data))
        self._read_all(talk)
        return taken

    def _read_all(self, talk):
        while data := self.attempt(talk, lambda sock: sock.recv(4000, MSG_DONTWAIT)):
            talk.got += data

    def _look(self):
        """Called on each turn."""
        sent = [talk.link.tx.sent for talk in self.talks]
        if 0 <= self.strike_at <= sum(sent):
            self.strike_at = -1
            self.world.modem.inject(self.strikes[0][1])
        if not self.blocking and all(self._is_writing(talk) for talk in self.talks):
            self.uneven = max(self.uneven, max(sent) - min(sent))


# -- seeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, 10 * SEEDS, SEEDS))
def test_nothing_strikes(first):
    for seed in range(first, first + SEEDS):
        upload = Upload(seed)
        assert upload.run() == "", seed
        assert upload.world.engine.timeouts == upload.timeouts, seed
        for talk in upload.talks:
            assert bytes(talk.peer.received) == talk.data and not talk.error, seed


@pytest.mark.parametrize("fault", FAULTS)
def test_something_strikes(fault):
    struck = shortened = 0
    for seed in range(SEEDS):
        upload = Upload(seed, fault)
        assert upload.run() == "", seed
        struck += upload.faults_struck > 0
        shortened += upload.shortened > 0
    assert struck > SEEDS / 2 and shortened > SEEDS / 4


@pytest.mark.parametrize("blocking", [False, True], ids=["by turns", "blocking"])
@pytest.mark.parametrize("baud", [57600, 115200, 921600])
def test_the_short_way_is_taken(baud, blocking):
    for seed in range(SEEDS):
        upload = Upload(seed, None, 1, blocking, Listener, baud=baud, chunk=READY, latency_us=1000)
        assert upload.run() == "", seed
        # The first result is learned, and a piece leaves the long way at its end.
        pieces = upload.size // PIECE + 1 if blocking else 1
        assert upload.shortened >= upload.size // SEGMENT - 2 * pieces - 1, seed


@pytest.mark.parametrize("links", [2, 3])
def test_those_who_upload_take_turns(links):
    for seed in range(SEEDS):
        upload = Upload(seed, None, links, False, chunk=READY)
        assert upload.run() == "", seed
        assert 0 < upload.uneven <= 4 * SEGMENT, seed


# -- who else wants something --------------------------------------------------------------------


class Steady(Upload):
    """One link that always has another full segment."""

    def __init__(self, **options):
        options = {"baud": 115200, "profile": "luat", "nic": {"trace": 0}} | options
        super().__init__(0, None, 1, False, Listener, chunk=READY, flow=False, **options)
        self.world.nic.connect()
        self._open_talk()
        self.talk = self.talks[0]
        self.talk.sock.setblocking(False)
        self.world.nic.keep_going = self.feed
        self.go_on()

    def feed(self):
        at = len(self.talk.written) % self.size
        taken = self.talk.sock.write(self.talk.data[at : at + SEGMENT])
        self.talk.written += self.talk.data[at : at + (taken or 0)]

    def until(self, condition):
        """Upload until then; returns how many segments that took."""
        before = self.talk.link.tx.sent
        self.world.until(lambda: self.feed() or condition())
        return (self.talk.link.tx.sent - before) // SEGMENT

    def go_on(self, segments=5):
        """So many more segments go, and they go the short way."""
        end = self.shortened + segments
        assert self.until(lambda: self.shortened == end) <= segments + 2

    def check(self):
        self.go_on()
        assert self.talk.written.startswith(self.talk.peer.received)
        assert self.world.engine.timeouts == 0


def test_a_command_of_the_application_gets_its_turn():
    upload = Steady()
    for _ in range(5):
        before = upload.talk.link.tx.sent
        assert upload.world.nic.at("+CSQ")[0].startswith("+CSQ: ")
        assert upload.talk.link.tx.sent - before <= 2 * SEGMENT
        upload.go_on()
    upload.check()


def test_data_that_has_come_gets_its_turn():
    upload = Steady()
    for _ in range(5):
        upload.talk.peer.send(b"hello")
        assert upload.until(upload.talk.link.rx.waiting) <= 3
        assert upload.talk.sock.recv(10) == b"hello"
        upload.go_on()
    upload.check()


def test_a_write_on_another_link_gets_its_turn():
    upload = Steady()
    other = upload.world.nic.socket()
    other.connect(("talk", 1))
    peer = upload.network.peers[-1]
    upload.go_on()
    other.write(b"hello")
    assert upload.until(lambda: peer.received) <= 3
    upload.check()


def test_data_on_another_link_gets_its_turn_though_nobody_tells_of_it():
    upload = Steady()
    other = upload.world.nic.socket()
    other.connect(("talk", 1))
    upload.go_on()
    upload.world.modem.inject("lost_urc")
    upload.network.peers[-1].send(b"hello")
    start = upload.world.ticks_ms()
    upload.until(other._link.rx.waiting)
    assert upload.world.ticks_ms() - start < 2500
    upload.check()


def test_a_socket_that_listens_gets_its_turn():
    upload = Steady(profile="sim800")
    before = upload.talk.link.tx.sent
    sock = upload.world.nic.socket()
    sock.bind(("0.0.0.0", 80))
    sock.listen()
    assert upload.talk.link.tx.sent - before <= 2 * SEGMENT
    sock.close()
    upload.check()


def test_another_link_is_opened_and_closed():
    upload = Steady()
    before = upload.talk.link.tx.sent
    other = upload.world.nic.socket()
    other.connect(("talk", 1))
    other.close()
    assert upload.until(lambda: upload.network.peers[-1].closed) <= 3
    assert upload.talk.link.tx.sent - before <= 5 * SEGMENT
    upload.check()


def test_an_idle_modem_is_asked_how_it_is_though_it_is_not_idle():
    upload = Steady(baud=57600)
    asked = upload.world.engine.resync
    checks = []
    check = asked.check
    asked.check = lambda now: checks.append(upload.world.ticks_ms()) or check(now)
    upload.until(lambda: len(checks) == 2)
    assert 30_000 <= checks[1] - checks[0] < 31_000
    upload.check()
