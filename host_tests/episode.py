"""An episode in transparent mode: six links are given up, one stream crosses the bare UART, six
links come back.

There are no frames in it: a byte that is lost or noise that comes is the peer's word as far as
anybody can tell. So faults that do no more than that are kept out of it, and where the modem
restarts, only the DCD pin can tell what it says then from data.
"""

from conversation import Broken, Conversation, Talker, hostile

PLACE = ("raw", 9)
WORDS = (
    b"\r\nCLOSED\r\n",
    b"+++",
    b"\r\nOK\r\n",
    b"\r\n+PDP: DEACT\r\n",
    b"\r\nNO CARRIER\r\n",
    b"\r\nCONNECT\r\n",
    b"\r\nCLO",
    b"\r",
)
FAULTS = (
    "activation_failed",
    "brown_out",
    "error",
    "error_spell",
    "lost_ok",
    "pdp_deact",
    "reboot",
    "refused_peer",
    "registration_lost",
    "silent",
    "silent_peer",
    "slow_network",
)
MISCHIEVOUS = {"brown_out", "reboot", "hang", "power_down"}  # what follows looks like data
WITHOUT_FRAMES = {"drop_byte", "corrupt_byte", "lost_urc", "lost_result", "echo_back", "urc_storm"}
QUIET_MS = 30_000
AGAIN_MS = 240_000
OPENING_S = 60


class RawTalker(Talker):
    """Its words are those that end the mode, or might."""

    def say(self, after_us):
        # Behind a farewell stands a byte at least: as the very last of its words nobody could tell
        # it from the modem's (docs/howto-transparent.md).
        data = self.rng.choice(WORDS) + self.rng.randbytes(max(1, self.rng.randrange(600)))
        self.sent += data
        self.send(data, after_us)


class Episode:
    def __init__(self, scenario):
        self._scenario = scenario
        self._world = scenario.world
        self._talk = None
        self._fault = None

    def run(self):
        scenario = self._scenario
        self.rng = scenario.rng
        if not self._clear_the_way():
            return
        armed = self._world.modem.faults.armed
        for name in WITHOUT_FRAMES:
            armed.pop(name, None)
        self._fault = self.rng.choice(FAULTS) if self.rng.random() < 0.4 else None
        strikes_at = self.rng.randrange(-1, 15)
        if strikes_at < 0:
            self._strike()
        if self._open():
            for act in range(self.rng.randrange(5, 20)):
                if act == strikes_at:
                    self._strike()
                self._act()
                self._check()
            self._close()
        self._come_back()

    def _clear_the_way(self):
        """Transparent mode wants all links: whether they could be had."""
        scenario, world = self._scenario, self._world
        scenario.tell("close all for transparent mode")
        for talk in scenario.talks:
            if not talk.closed:
                scenario.close(talk)
        if scenario.callers:
            scenario.callers.close()
        end_us = world.now_us + QUIET_MS * 1000
        while not scenario.is_quiet() and world.now_us < end_us:
            world.run(100)
        return scenario.is_quiet()

    def _strike(self):
        if self._fault:
            self._scenario.tell("fault %s" % self._fault)
            self._world.modem.inject(self._fault)

    def _open(self):
        kind = 2 if self.rng.random() < 0.2 else 1
        self._scenario.tell("transparent mode")
        try:
            stream = self._world.nic.transparent(*PLACE, kind, OPENING_S)
        except OSError as error:
            self._scenario.tell("  errno %r" % (error.args,))
            if self._scenario.calm:
                raise Broken("no transparent mode: %r" % (error.args,)) from error
            return False
        stream.settimeout(0)
        self._talk = talk = Conversation(stream, False)
        talk.link, talk.generation = stream._link, stream._generation
        talk.peer = self._world.network.peers[-1]
        talk.connection = self._world.modem.connections[-1]
        return True

    def _act(self):
        act = self.rng.random()
        if act < 0.4:
            self._write()
        elif act < 0.6:
            self._scenario.tell("silence")
            self._read_for(self.rng.choice((1100, 2500)))
        else:
            self._read_for(self.rng.choice((20, 100, 300)))

    def _write(self):
        talk = self._talk
        data = self.rng.choice((b"+++", b"+", b"++", hostile(self.rng, 200), b"+++ATH\r"))
        data = data if self.rng.random() < 0.5 else self.rng.randbytes(self.rng.randrange(1, 1500))
        self._scenario.tell("write %d: %r" % (len(data), data[:10]))
        taken = self._scenario.attempt(talk, lambda sock: sock.write(data))
        talk.written += data[: taken or 0]

    def _read_for(self, ms):
        """Without flow control nobody may leave the stream unread."""
        talk = self._talk
        end_us = self._world.now_us + ms * 1000
        while self._world.now_us < end_us:
            data = self._scenario.attempt(talk, lambda sock: sock.recv(4000))
            if data:
                talk.got += data
                self._scenario.bytes_checked += len(data)
            elif data == b"" or talk.error:
                talk.ended = talk.ended or data == b""
                return
            self._world.run(20)

    @property
    def _is_legible(self):
        """Whether nothing has been said in data mode that only looks like data."""
        modem, world = self._world.modem, self._world
        struck = any(modem.faults.struck[name] or modem.counters[name] for name in MISCHIEVOUS)
        lost = world.uart.overflows or modem.counters["rx_overrun"]
        return not lost and not (struck and world.nic.driver.dcd is None)

    def _check(self):
        if self._is_legible and self._talk.link.generation == self._talk.generation:
            self._talk.check()
            if self._talk.padded:
                raise Broken("padding in transparent mode")

    def _close(self):
        talk = self._talk
        self._read_for(8000)  # what was written leaves
        self._check()
        if self._scenario.calm and not self._is_excused() and talk.written != talk.peer.received:
            raise Broken("no fault struck, but not all was sent")
        self._scenario.tell("close the stream")
        talk.sock.close()
        talk.closed = True

    def _is_excused(self):
        """Whether the peer has hung up, or the application was too slow."""
        return self._talk.peer.closes or self._talk.error or not self._is_legible

    def _come_back(self):
        world = self._world
        for end in sorted(set(self._scenario.ends.values())):  # whatever began it, here or before
            world.modem.inject(end)
        if not world.nic.active():
            world.nic.connect(timeout=0)
        world.until(self._scenario.is_quiet, AGAIN_MS)
