"""Every byte that comes in finds its owner.

Rules:

1. A line is matched in the order written in `_line`, and nowhere else.
2. From a framing loss (`engine.lost`) until an AT is answered no line about a link is believed,
   and pushed payload is discarded and fails its link: what reads like a line may be payload.
3. Handlers may be cut short by Ctrl-C and run again. They set values rather than add to them, and
   the line that takes an event, or moves bytes, comes last and is one line.
"""

import errno

from micropython import const

from .answers import is_final, is_reply
from .cipstatus import bearer_state, link_state
from .clock import FOREVER, after, until
from .fields import word_at
from .losses import Losses

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_STATE = const(4)
_EV_STATUS = const(5)
_EV_BOOT = const(6)
_EV_DEACT = const(7)
_EV_OFF = const(12)
_EV_NOTICE = const(13)
_EV_PUSHED = const(14)
_EV_PULLED = const(15)
_EV_DAMAGED = const(16)
_EV_ECHO = const(17)
_EV_LINK = const(32)
_EV_CONNECTED = const(32)
_EV_REFUSED = const(33)
_EV_ALREADY = const(34)
_EV_SENT = const(35)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_EV_ONLINE = const(41)
_LINE = const(1)
_PROMPT = const(2)
_PAYLOAD = const(3)
_LOSS = const(4)
_B_OPENED = const(5)
_B_REFUSED = const(6)
_B_GONE = const(8)
_B_DEACT = const(10)
_BODY = const(3)
_CONNECTED = const(2)
_K_RX_PAYLOAD = const(2)

_LOST_MS = const(300)  # how long an answer may still come after a framing loss
_DYING_MS = const(1500)  # a link that closes during its send may leave it without a result
_PAYLOAD_MS = const(1500)  # without a byte of the payload that was announced
_UNENDED_MS = const(300)  # a line that may be whole without its CR LF
_STALL_MS = const(500)  # how long a pushed payload may wait for room in its ring

_BEARER_EVENT = {
    _EV_CONNECTED: _B_OPENED,
    _EV_ONLINE: _B_OPENED,
    _EV_REFUSED: _B_REFUSED,
    _EV_CLOSE_OK: _B_GONE,
    _EV_CLOSED: _B_GONE,
}


class Intake(Losses):
    def __init__(self, engine, size):
        super().__init__(engine, size)
        self.recorder = None  # the flight recorder
        self.heard = 0  # bytes that came
        self.heard_at = 0  # when the last of them came
        self.understood = 0  # lines with a meaning
        self._judged = 0  # `heard` when a torn line was last looked at

    # -- bytes in ------------------------------------------------------------------------------

    def begin_push(self, now):
        """Whether the bytes that have come are the header of a push and nothing but its payload:
        then it has begun. Else they are still to be looked at."""
        framer = self.framer
        dialect = self._engine.dialect
        begin = dialect.push_header(framer.buf, 0, framer.got)
        if not begin or framer.got - begin > dialect.value or framer.held or framer.tail == 1:
            return False
        link = self._engine.links.all[dialect.link]
        if (
            link.state != _CONNECTED
            or link.rx.udp
            or link.rx.size - link.rx.ring.any() < framer.got
        ):
            return False
        if self.recorder is not None:
            if self.recorder.counts != _K_RX_PAYLOAD:
                return False
            self.recorder.left_out += begin
        self.heard += begin
        self.understood += 1
        framer.tail = 0  # it is there: a loss from here on is no other link's
        self._sink = link
        framer.at = begin
        framer.end, framer.payload, framer.got = framer.got, dialect.value, 0
        framer.tail = 2
        return True

    def flow(self, uart, waiting, now):
        """The way of nearly all bytes: payload goes to its link's ring, and nothing but payload
        is asked for. Returns how many bytes. `waiting`: how many are at hand and in the UART."""
        rx = self._sink.rx if self._sink is not None else None
        if rx is None or rx.udp:
            return 0
        if self.recorder is not None and self.recorder.counts != _K_RX_PAYLOAD:
            return 0
        if waiting > self.framer.payload:
            waiting = self.framer.payload
        if waiting > rx.size - rx.ring.any():
            waiting = rx.size - rx.ring.any()
        waiting -= self.framer.pour(uart, waiting, rx.ring)
        rx.received += waiting
        self.heard += waiting
        self.heard_at = self._moved_at = now
        if self.recorder is not None:
            self.recorder.left_out += waiting
        return waiting

    def is_clean(self):
        """Whether nothing has begun whose end is still to come."""
        framer = self.framer
        return not (framer.payload or framer.held or framer.kind or self.stalled)

    def receive(self, now):
        """Deal with the new bytes in the framer's buffer, or with what is left there; stops
        early when `stalled`."""
        framer = self.framer
        if framer.got:
            self.heard += framer.got
            if self.recorder is not None:
                self.recorder.seen = 0
            framer.at, framer.end, framer.got = 0, framer.got, 0
        self.heard_at = now
        self.stalled = False
        if not framer.payload or self._sink is None or self._take_in(now):
            self._receive(now)
        if self.recorder is not None and self.recorder.seen < framer.at:
            self.recorder.text(framer.buf, framer.at)

    def _take_in(self, now):
        """What is at hand of a payload goes to its link; whether anything is left at hand."""
        framer = self.framer
        recorder = self.recorder
        end = framer.at + framer.payload
        if end > framer.end:
            end = framer.end
        # First: Ctrl-C in between must not make lines of it.
        if recorder is not None and recorder.seen < end:
            if recorder.counts == _K_RX_PAYLOAD:
                recorder.left_out, recorder.seen = recorder.left_out + end - recorder.seen, end
            else:
                recorder.payload(framer.buf, framer.at, end)
        if not self._sink.rx.store(framer, end - framer.at):
            return True
        self._moved_at = now
        return framer.at < framer.end

    def _receive(self, now):
        framer = self.framer
        data = self._engine.data
        while not self.stalled:
            if data is not None and data.on:
                if not data.receive(framer, now):
                    break
            if framer.payload:
                if framer.at >= framer.end:
                    break
                self._payload(now)
                continue
            kind = framer.next()
            if kind == _LINE:
                self._line(now)
            elif kind == _PROMPT:
                self._engine.prompted = True
                framer.prompting = False
                framer.take()
            elif kind == _LOSS:
                self._loss(self._sink if framer.tail else None, now)
                framer.take()
            else:
                break

    def tick(self, now):
        """Notice a payload that has stopped coming, and a line whose end is missing."""
        overdue = until(self._moved_at, now) < -_PAYLOAD_MS
        if self.framer.payload and not self.stalled and overdue:
            self._loss(self._sink, now)
        elif self.framer.is_torn() and self._judged != self.heard and self._torn_left(now) <= 0:
            self._judged = self.heard
            self._end_torn_line(now)

    def _torn_left(self, now):
        return until(after(self.heard_at, _UNENDED_MS), now)

    def _end_torn_line(self, now):
        """Air780E before V1121 prints CONNECT OK without CR LF (LUAT firmware changes)."""
        buf, size = self.framer.torn()
        if self._engine.dialect.classify(buf, 0, size) == _EV_CONNECTED:
            self.framer.end_unterminated()
            self._line(now)

    def due(self, now):
        """Milliseconds until `tick` or a stalled payload needs attention."""
        if self.framer.kind:
            return 0
        if self.framer.payload or self.stalled:
            return max(0, until(after(self._moved_at, _STALL_MS), now))
        if self.framer.is_torn() and self._judged != self.heard:
            return max(0, self._torn_left(now))
        return FOREVER

    def forget(self):
        """Nothing that has begun will be finished: the modem has restarted, or was never there."""
        self.framer.abandon()
        self.framer.forget()
        self._sink = None

    def _payload(self, now):
        framer = self.framer
        begin = framer.at
        if self._sink is not None:
            if self._take_in(now) and framer.at == begin:
                self._no_room(self._sink, now)
            return
        n = min(framer.end - begin, framer.payload)
        if self.recorder is not None:
            self.recorder.payload(framer.buf, begin, begin + n)
        self.discarded += n
        framer.at, framer.payload = begin + n, framer.payload - n
        self._moved_at = now

    def _line(self, now):
        engine = self._engine
        framer = self.framer
        buf = framer.line
        at = framer.start
        end = framer.stop
        command = engine.inflight
        event = engine.dialect.classify(buf, at, end)
        self.understood += event != _EV_UNKNOWN and event != _EV_ECHO
        if engine.data is not None:
            if event == _EV_ONLINE:
                engine.data.enter(now)
            elif event == _EV_CONNECTED or event == _EV_ALREADY:
                engine.data.refused(now)
        # 1. A payload header: what follows must be counted before anything else is looked at.
        if event == _EV_PUSHED or event == _EV_PULLED:
            self._header(event, now)
            return
        engine.links.alert = True
        # 2. The prompt has been dealt with: it is no line.
        # 3. A reply to the command in flight: `+CREG: 0,1` is a reply if it was asked for.
        if command is not None and is_reply(engine, command, event, buf, at, end):
            if command.owner.reply(command, buf, at, end):
                command.outcome = _OK
        # 4. Its final result.
        elif command is not None and is_final(engine, command, event):
            command.outcome = _OK if event == command.final else _ERROR
            if event == _EV_SENT:
                engine.express.learn(command, buf, at, end)
        # 5. Something about a link or the bearer.
        elif event >= _EV_LINK:
            self._link_event(event, now)
        # 6. Any other URC, and 7. the echo, which all of our own commands begin with `AT`.
        elif event:
            self._urc(event, buf, at, end, now)
        # 8. Unknown: counted, never fatal.
        else:
            self._unknown(buf, at, end, now)
        framer.take()

    # -- what a line means ---------------------------------------------------------------------

    def _header(self, event, now):
        engine = self._engine
        dialect = engine.dialect
        link = engine.links.all[dialect.link]
        size = dialect.value
        if event == _EV_PUSHED and link.is_connecting() and not engine.lost:
            link.on_event(_EV_CONNECTED, -1, now)  # who sends is connected: CONNECT OK was missed
        takes = link.begin(size)
        if event == _EV_PULLED:
            takes = takes and self._is_awaited(link)
            if takes:
                engine.inflight.reported = size
                engine.deadline = after(now, engine.inflight.timeout_ms)
                link.left(dialect.left)
        elif engine.lost:
            link.fail(errno.ECONNRESET)
            takes = False
        self._sink = link if takes else None
        self._moved_at = now
        if size:
            self.framer.expect(size)
        else:
            self.framer.take()

    def _is_awaited(self, link):
        """Whether a pull of this link is in flight and this is its answer, or the same again."""
        engine = self._engine
        command = engine.inflight
        if command is None or command.link != link.n:
            return False
        return command.reported < 0 or command.reported == engine.dialect.value

    def _link_event(self, event, now):
        engine = self._engine
        if engine.lost:
            return
        link = engine.links.all[engine.dialect.link]
        command = engine.inflight
        sending = command is not None and command.body is not None and not command.outcome
        if event == _EV_CLOSED and sending:
            # If echo has just come back, this may be the echo of what is being typed: ask.
            link.leaving = engine.links.suspicious = True
            if command.body is link:
                engine.hasten(_DYING_MS, now)
            return
        link.on_event(event, engine.dialect.value, now)
        if event in _BEARER_EVENT:
            engine.bearer.event(_BEARER_EVENT[event], engine.dialect.mux)

    def _urc(self, event, buf, at, end, now):
        engine = self._engine
        if event == _EV_DAMAGED:
            self._damaged(now)
        elif engine.phase == _BODY and event in (_EV_BOOT, _EV_DEACT, _EV_OFF):
            # It may be the echo of what is being typed: ask, once that is done.
            engine.resync.echo = engine.links.suspicious = True
            self._distrust(now)
        elif event == _EV_ECHO:
            self._echo(now)
        elif engine.lost or event == _EV_NOTICE:
            return
        elif event == _EV_STATE:
            bearer_state(engine, buf, word_at(buf, at + 6, end), end, now)
        elif event == _EV_STATUS:
            link_state(engine, buf, at + 2, end, now)
        elif event == _EV_DEACT:
            engine.links.suspicious |= engine.bringup.active  # it may be old news: ask later
            engine.bearer_lost(_B_DEACT, now)
        elif event == _EV_BOOT or event == _EV_OFF:
            engine.supervisor.on_boot(now)
        else:
            engine.on_urc(event, buf, at, end, now)

    def _echo(self, now):
        """Echo is off in service. Where it is back, payload is echoed too and reads like lines."""
        engine = self._engine
        if not engine.bringup.active:
            engine.resync.echo = True
            self._doubt(now)
