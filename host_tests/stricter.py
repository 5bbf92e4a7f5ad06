"""The scenario, made harder for the firmware, with more that must hold.

Harder: a timer fires while the UART is being used, in the middle of a turn. Peers refuse. There
are more sockets than links, so that a dead one's link goes to the next, and the CLOSED of a link's
last user comes late. Now and then all streams are kept busy. Some wires lose bytes all the time.

What must hold besides:
- as long as no fault has struck, every error has a cause, no byte is lost, no command times out,
  what the modem holds does not wait while there is room for it, every link has its turn, and what
  was written before a close has been sent;
- what was written and had to be given up is told;
- once the faults are over all that reached the modem reaches the application, and behind it, not
  before, comes the end of the stream.
"""

import errno
import random

from conversation import Broken, Conversation
from scenario import ERRORS, Scenario

TICKS = 0.05  # of all uses of the UART
TICK_AFTER_US = 1500  # a tick at the very time of the last pump would find nothing new
ROUGH = 0.3  # of all scenarios lose bytes all the time
SOCKETS = 8
REST_MS = 300  # shorter than the two seconds after which the firmware asks for forgotten data
TURN_MS = 1000  # a segment at 57600 baud and its answers take half of it
FAREWELL_MS = 100
OVERDUE_MS = 2000
PATIENCE_S = 20
HEADERS = (b"+CIPRXGET: 2,", b"+RECEIVE,")
CONNECTING = 1
CONNECTED = 2


class StricterScenario(Scenario):
    def __init__(self, seed):
        super().__init__(seed)
        self._timer = random.Random(seed)
        self._in_tick = False
        self._is_rough = self._timer.random() < ROUGH
        self._tears = self._torn = 0  # headers that will lose a byte, and have lost one
        self.world.wire.arrived = self._tearing(self.world.wire.arrived)
        uart = self.world.uart
        for name in ("any", "readinto", "write"):
            setattr(uart, name, self._interrupted(getattr(uart, name)))

    @property
    def calm(self):
        return super().calm and not self._torn

    # -- harder --------------------------------------------------------------------------------

    def _interrupted(self, call):
        def interrupted(*args):
            result = call(*args)
            if self._timer.random() < TICKS:
                self._tick()
            return result

        return interrupted

    def _tick(self):
        """One timer does not interrupt itself."""
        if self._in_tick:
            return
        self._in_tick = True
        try:
            self.world.now_us += TICK_AFTER_US
            self.world.nic.driver.tick()
        finally:
            self._in_tick = False

    def _act(self):
        if self._is_rough:
            self._lose()
        act = self.rng.random()
        if act < 0.05:
            self._open_refused()
        elif act < 0.08:
            self._open_behind_farewell()
        elif act < 0.1:
            self._crowd()
        elif act < 0.15 and sum(not talk.closed for talk in self.talks) < SOCKETS:
            self._open()
        else:
            super()._act()

    def _lose(self):
        act = self._timer.random()
        if act < 0.1:
            self.world.modem.inject("drop_byte")
        elif act < 0.15:
            self._tears += 1
        elif act < 0.17:
            self._lose_the_last()

    def _tearing(self, arrived):
        """Bytes of payload are many, and those of headers few: they lose one of their own."""

        def tearing(now_us):
            data = arrived(now_us)
            at = max(data.find(header) for header in HEADERS)
            if at < 0 or not self._tears:
                return data
            self._tears -= 1
            self._torn += 1
            return data[:at] + data[at + 1 :]

        return tearing

    def _lose_the_last(self):
        """A byte is lost, and no other comes behind it that would tell."""
        talks = [talk for talk in self.talks if self._is_streaming(talk)]
        if talks:
            self.world.modem.inject("drop_byte")
            self._timer.choice(talks).peer.say(0)
        self.world.run(3000)
        intake = self.world.engine.intake
        silent_ms = (self.world.nic.driver.now() - intake.heard_at) % (1 << 29)
        if intake.framer.payload and not intake.stalled and silent_ms > OVERDUE_MS:
            raise Broken("a payload is waited for without a limit")

    def _open_refused(self):
        sock = self.world.nic.socket()
        sock.settimeout(5)
        must = self.calm and any(link.is_free() for link in self.world.nic.links)
        try:
            sock.connect(("nobody", 9))
        except OSError as error:
            code = error.args[0]
            # A caller may have taken the link first.
            fits = code == errno.ECONNREFUSED or (self.callers and code == errno.EALREADY)
            if code not in ERRORS or (must and self.calm and not fits):
                raise Broken("errno %r where nobody listens" % code) from error
        else:
            raise Broken("connected to nobody")
        finally:
            sock.close()

    def _open_behind_farewell(self):
        """The CLOSED of a link's last user comes while the next one connects."""
        talk = Conversation(self.world.nic.socket(), False)
        self.talks.append(talk)
        talk.sock.setblocking(False)
        self.attempt(talk, lambda sock: sock.connect(("talk", 1)))
        link = talk.sock._link
        if link is None:
            return
        far = self.world.modem.links[link.n]
        for _ in range(FAREWELL_MS):
            self.world.run(1)
            if far.state == "CONNECTING":
                self.world.modem.urc("%d, CLOSED" % link.n)
                self.world.run(REST_MS)
                break
        self._match_peer(talk)
        ended = talk.peer is None and link.state != CONNECTING
        if self.calm and far.state == "CONNECTED" and ended:
            raise Broken("a link ended with the CLOSED of its last user")

    def _crowd(self):
        """Streams that always have something to send all get their turns."""
        talks = [talk for talk in self.talks if self._is_streaming(talk)]
        sent = [talk.link.tx.sent for talk in talks]
        links = sum(link.up for link in self.world.nic.links) if talks else 0
        for _ in range(links * TURN_MS // 20):
            for talk in talks:
                self._put(talk, 500)
            self.world.run(20)
        if not self.calm or any(self._may_fail(talk) for talk in self.talks if talk.peer):
            return  # a peer that closes in the middle of a send holds up all of them
        if any(talk.link.tx.sent == before for talk, before in zip(talks, sent, strict=True)):
            raise Broken("a link never has its turn")

    def _is_streaming(self, talk):
        if talk.udp or talk.closed or talk.peer is None or talk.failed:
            return False
        return talk.link.state == CONNECTED and talk.connection.closed_by is None

    def _put(self, talk, size):
        data = self._timer.randbytes(size)
        talk.sock.setblocking(False)
        talk.written += data[: self.attempt(talk, lambda sock: sock.write(data)) or 0]

    # -- what must hold ------------------------------------------------------------------------

    def _check(self):
        super()._check()
        for talk in self.talks:
            if talk.peer is not None and not talk.failed:
                self._check_end(talk)
        if self.calm:
            self._check_calm()

    def _check_calm(self):
        engine = self.world.engine
        met = [talk for talk in self.talks if talk.peer is not None]
        if engine.intake.losses:
            raise Broken("bytes were lost, and no fault struck")
        # A modem that answers CIPSHUT by OK alone is known by what then does not come.
        plain_ok = self.profile.shut_answer == "OK"
        if engine.timeouts and not plain_ok and not any(map(self._may_fail, met)):
            raise Broken("a command timed out, and no fault struck")
        for talk in met:
            if talk.failed and not (talk.closed or self._may_fail(talk)):
                raise Broken("an error without a cause")
        for link in self.world.nic.links:
            if self._is_forgotten(link):
                self._check_moves(link)

    def _may_fail(self, talk):
        """Whether the peer has closed, or data that is pushed may have found no room."""
        return talk.connection.closed_by == "peer" or self.world.nic.flow

    def _is_forgotten(self, link):
        """Whether data waits in the modem and nobody is about to ask for it."""
        if self.world.nic.flow or link.state != CONNECTED or link.pending or link.alert:
            return False
        room = link.rx.room() >= (1462 if link.rx.udp else 1)
        return room and self.world.engine.inflight is None and self._left(link) > 0

    def _check_moves(self, link):
        left = self._left(link)
        self.world.run(REST_MS)
        if self._is_forgotten(link) and self._left(link) >= left:
            raise Broken("data waits in the modem, and nobody asks for it")

    def _left(self, link):
        return self.world.modem.links[link.n].inbox.left

    def _left_for(self, talk):
        """Bytes for this conversation that wait in the modem."""
        far = self.world.modem.links[talk.link.n]
        return far.inbox.left if far.connection is talk.connection else 0

    def _check_end(self, talk):
        if talk.ended and self._left_for(talk):
            raise Broken("end of stream while the modem holds more")
        if talk.link.unsent and not talk.closed:
            raise Broken("what was written was given up, and nobody is told")

    def _finish(self):
        self.world.modem.faults.armed.clear()
        self._tears = 0
        self.world.run(3000)
        for talk in self.talks:
            if talk.peer is not None and not (talk.udp or talk.closed):
                self._read_to_end(talk)
        super()._finish()
        if self.calm:
            self._check_nothing_unsent()

    def _read_to_end(self, talk):
        """Once it is calm, all that reached the modem reaches the application, and so does the
        end."""
        talk.sock.settimeout(PATIENCE_S)
        while not talk.failed and not talk.ended:
            more = talk.connection.bytes_down + self._left_for(talk) > len(talk.got)
            if not more and not self._must_end(talk):
                return
            before = len(talk.got)
            self._read(talk)
            if len(talk.got) == before and not (talk.ended or talk.failed):
                raise Broken("what the peer sent, or its end, does not come")

    def _must_end(self, talk):
        """A modem that pushes and whose CLOSED got lost is not asked again."""
        return talk.connection.closed_by == "peer" and (self.calm or not self.world.nic.flow)

    def _check_nothing_unsent(self):
        for talk in self.talks:
            if talk.peer is not None and not talk.udp and not self._may_fail(talk):
                if talk.written != talk.peer.received:
                    raise Broken("no fault struck, but not all was sent")
