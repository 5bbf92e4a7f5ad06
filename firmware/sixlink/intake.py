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

from .cipstatus import bearer_state, link_state
from .clock import FOREVER, after, until
from .fields import is_address, is_digits, word_at
from .framer import Framer

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_ERROR = const(2)
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
_EV_SENT = const(35)
_EV_SEND_FAILED = const(36)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_SHAPE_NONE = const(0)
_SHAPE_ADDRESS = const(1)
_SHAPE_TEXT = const(3)
_SHAPE_OWN = const(4)
_LINE = const(1)
_PROMPT = const(2)
_PAYLOAD = const(3)
_LOSS = const(4)
_B_OPENED = const(5)
_B_REFUSED = const(6)
_B_GONE = const(8)
_B_DEACT = const(10)
_BODY = const(3)
_AWAIT_RESULT = const(4)

_LOST_MS = const(300)  # how long an answer may still come after a framing loss
_DYING_MS = const(1500)  # a link that closes during its send may leave it without a result
_PAYLOAD_MS = const(1500)  # without a byte of the payload that was announced
_STALL_MS = const(500)  # how long a pushed payload may wait for room in its ring

_BEARER_EVENT = {
    _EV_CONNECTED: _B_OPENED,
    _EV_REFUSED: _B_REFUSED,
    _EV_CLOSE_OK: _B_GONE,
    _EV_CLOSED: _B_GONE,
}


class Intake:
    def __init__(self, engine, size):
        self._engine = engine
        self.framer = Framer(size)
        self.stalled = False  # a pushed payload waits for room: leave the UART unread
        self.heard = 0  # bytes that came
        self.heard_at = 0  # when the last of them came
        self.understood = 0  # lines with a meaning
        self.unknown = 0  # lines without
        self.last_unknown = b""
        self.losses = 0
        self.discarded = 0  # payload bytes that had no taker
        self._sink = None  # the link that the present payload is for
        self._moved_at = 0  # when payload last moved

    # -- bytes in ------------------------------------------------------------------------------

    def receive(self, now):
        """Deal with what stands in the framer's buffer; stops early when `stalled`."""
        framer = self.framer
        self.heard += framer.end - framer.at
        self.heard_at = now
        self.stalled = False
        while not self.stalled:
            kind = framer.next()
            if kind == _PAYLOAD:
                self._payload(now)
            elif kind == _LINE:
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
        """Notice a payload that has stopped coming."""
        overdue = until(self._moved_at, now) < -_PAYLOAD_MS
        if self.framer.payload and not self.stalled and overdue:
            self._loss(self._sink, now)

    def due(self, now):
        """Milliseconds until `tick` or a stalled payload needs attention."""
        if self.framer.kind:
            return 0
        if self.framer.payload or self.stalled:
            return max(0, until(after(self._moved_at, _STALL_MS), now))
        return FOREVER

    def forget(self):
        """Nothing that has begun will be finished: the modem has restarted, or was never there."""
        self.framer.abandon()
        self.framer.forget()
        self._sink = None

    def _payload(self, now):
        framer = self.framer
        sink = self._sink
        n = min(framer.end - framer.at, framer.payload)
        if sink is None:
            self.discarded += n
            framer.at, framer.payload = framer.at + n, framer.payload - n
        elif not sink.rx.store(framer, n):
            self._no_room(sink, now)
            return
        self._moved_at = now

    def _no_room(self, sink, now):
        """Waiting for the reader is safe only while no answer is owed behind this payload."""
        if self._engine.inflight is None and until(after(self._moved_at, _STALL_MS), now) > 0:
            self.stalled = True
        else:
            sink.fail(errno.ENOBUFS)
            self._sink = None

    def _line(self, now):
        engine = self._engine
        framer = self.framer
        buf = framer.line
        at = framer.start
        end = framer.stop
        command = engine.inflight
        event = engine.dialect.classify(buf, at, end)
        self.understood += event != _EV_UNKNOWN and event != _EV_ECHO
        # 1. A payload header: what follows must be counted before anything else is looked at.
        if event == _EV_PUSHED or event == _EV_PULLED:
            self._header(event, now)
            return
        # 2. The prompt has been dealt with: it is no line.
        # 3. A reply to the command in flight: `+CREG: 0,1` is a reply if it was asked for.
        if command is not None and self._is_reply(command, event, buf, at, end):
            if command.owner.reply(command, buf, at, end):
                command.outcome = _OK
        # 4. Its final result.
        elif command is not None and self._is_final(command, event):
            command.outcome = _OK if event == command.final else _ERROR
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

    def _is_reply(self, command, event, buf, at, end):
        if self._engine.phase != _AWAIT_RESULT:
            return False
        if command.prefix is not None:
            return buf.startswith(command.prefix, at)
        shape = command.shape
        if shape == _SHAPE_OWN:
            return command.owner.hears(event, buf, at, end)
        if shape == _SHAPE_NONE or event:
            return False
        if shape == _SHAPE_ADDRESS:
            return is_address(buf, at, end)
        return shape == _SHAPE_TEXT or is_digits(buf, at, end)

    def _is_final(self, command, event):
        engine = self._engine
        if engine.phase == _BODY or engine.tx_at < engine.tx_end:
            return False  # a late OK must not cut short what is being typed
        if not self._is_believed(command):
            return False
        if event == _EV_ERROR:
            command.cme = engine.dialect.value
            if engine.phase == _AWAIT_RESULT and command.body is not None:
                command.reported = 0  # after the body: not a matter of room
            return True
        if event >= _EV_LINK and engine.dialect.link != command.link:
            return False
        if event == _EV_SENT and command.final == _EV_SENT:
            command.reported = engine.dialect.value
        if event == _EV_SEND_FAILED and command.final == _EV_SENT:
            command.reported = 0
            return True
        if event == _EV_UNKNOWN or event == _EV_STATUS:  # only the last of six ends AT+CIPSTATUS
            return False
        return event == command.final

    def _is_believed(self, command):
        """After a framing loss only those who mend it are, and a read whose header was good."""
        engine = self._engine
        if not engine.lost or engine.bringup.active:
            return True
        return command.owner is engine.resync or command.reported >= 0

    # -- what a line means ---------------------------------------------------------------------

    def _header(self, event, now):
        engine = self._engine
        dialect = engine.dialect
        link = engine.links.all[dialect.link]
        size = dialect.value
        if event == _EV_PUSHED and link.is_connecting and not engine.lost:
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

    def _unknown(self, buf, at, end, now):
        engine = self._engine
        self.unknown += 1
        self.last_unknown = bytes(buf[at : min(end, at + 32)])
        command = engine.inflight
        if command is None or command.link < 0 or command.final != _EV_OK or not engine.links.pull:
            return
        # Beside a read this may be payload: its header lost a byte, or named too small a size.
        if command.reported >= 0:
            self._loss(engine.links.all[command.link], now)
        else:
            self._distrust(now)

    # -- what goes wrong -----------------------------------------------------------------------

    def _damaged(self, now):
        engine = self._engine
        n = engine.dialect.link
        if engine.links.pull:
            self._distrust(now)
        elif 0 <= n < len(engine.links.all):
            self._loss(engine.links.all[n], now)
        else:
            engine.links.fail_pushed(errno.ECONNRESET)
            self._loss(None, now)

    def _loss(self, link, now):
        """Bytes were lost on the way. `link`, if known, is the one whose payload they were."""
        self.losses += 1
        self._engine.links.fault(errno.EIO, "framing loss")
        if link is not None:
            link.fail(errno.ECONNRESET)
        self._sink = None
        self.framer.abandon()
        self._distrust(now)

    def _distrust(self, now):
        """What comes now may be payload, and so may a `>`: rather type padding in its place."""
        self.framer.prompting = False
        self._doubt(now)

    def _doubt(self, now):
        engine = self._engine
        engine.lost = True
        if engine.inflight is not None and not engine.bringup.active:
            engine.hasten(_LOST_MS, now)
