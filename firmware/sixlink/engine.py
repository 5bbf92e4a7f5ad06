"""The engine: every byte that comes in finds its owner, every command finds its turn.

It has no IO and no clock. The driver puts received bytes into `framer.buf`, takes typed bytes
from `tx_buf`, and says what time it is. Rules:

1. One command is in flight. Its life: TYPING the line, waiting for the PROMPT, typing the BODY,
   waiting for the RESULT. Whatever does not come in time is settled by `resync`.
2. A line is matched in the order written in `_line`, and nowhere else.
3. From a framing loss (`lost`) until an AT is answered no line about a link is believed, and
   pushed payload is discarded and fails its link: what reads like a line may be payload.
4. Handlers may be cut short by Ctrl-C and run again. They set values rather than add to them,
   and the line that takes an event, or moves bytes, comes last and is one line.
"""

import errno

from micropython import const

from .bearer import Bearer
from .bringup import Bringup
from .clock import FOREVER, after, until
from .fields import is_address, is_digits, number, quoted, word_at
from .framer import Framer
from .link import NAMES
from .resync import Resync
from .table import Links

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_TIMEOUT = const(3)
_NO_PROMPT = const(4)
_LOST = const(5)
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_ERROR = const(2)
_EV_STATE = const(4)
_EV_STATUS = const(5)
_EV_BOOT = const(6)
_EV_DEACT = const(7)
_EV_CHECK = const(8)
_EV_SIM = const(9)
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
_LINE = const(1)
_PROMPT = const(2)
_PAYLOAD = const(3)
_LOSS = const(4)
_B_OPENED = const(5)
_B_REFUSED = const(6)
_B_GONE = const(8)
_B_DEACT = const(10)
_B_LOST = const(11)

# Phases of the command in flight.
_IDLE = const(0)
_TYPING = const(1)
_AWAIT_PROMPT = const(2)
_BODY = const(3)
_AWAIT_RESULT = const(4)

_PROMPT_MS = const(5000)  # real prompts come within 20 ms; nobody gives a limit
_LOST_MS = const(300)  # how long an answer may still come after a framing loss
_DYING_MS = const(1500)  # a link that closes during its send may leave it without a result
_TYPING_MS = const(20000)  # a UART that takes nothing for so long has no flow
_PAYLOAD_MS = const(1500)  # without a byte of the payload that was announced
_STALL_MS = const(500)  # how long a pushed payload may wait for room in its ring
_SLICE = const(256)  # bytes of the body at hand for the UART
_QUEUE = const(4)  # commands of the application that may wait
_NOTES = const(8)  # log lines that may wait

_BEARER_EVENT = {
    _EV_CONNECTED: _B_OPENED,
    _EV_REFUSED: _B_REFUSED,
    _EV_CLOSE_OK: _B_GONE,
    _EV_CLOSED: _B_GONE,
}


class Engine:
    """The whole modem session but the wire. `config` is what the user chose: see `Modem`."""

    def __init__(self, dialect, config, size=512):
        self.dialect = dialect
        self.config = config
        self.framer = Framer(size)
        self.bearer = Bearer()
        self.links = Links(dialect, self.bearer, not config.flow, config.rx_size)
        self.baud = 0  # the rate the UART has, or shall have; 0: not known
        self.resync = Resync(self)
        self.bringup = Bringup(self)
        self.inflight = None
        self.phase = _IDLE
        self.deadline = 0
        self.power_key = False  # the power key shall be held down
        self.tx_buf = self._slice = bytearray(_SLICE)
        self.tx_at = self.tx_end = 0  # tx_buf[tx_at:tx_end] waits to be typed
        self.typed_at = 0  # when the last byte was typed
        self.heard = 0  # bytes that came
        self.heard_at = 0  # when the last of them came
        self.stalled = False  # a pushed payload waits for room: leave the UART unread
        self.lost = False
        self.queue = []
        self.notes = []  # log lines for the application
        self.understood = 0  # lines with a meaning
        self.unknown = 0  # lines without
        self.losses = 0
        self.discarded = 0  # payload bytes that had no taker
        self.timeouts = 0
        self.last_unknown = b""
        self._sink = None  # the link that the present payload is for
        self._moved_at = 0  # when payload last moved
        self._prompted = False
        self._body_left = 0

    def note(self, text):
        """A line for the log; the oldest gives way when nobody takes them."""
        if len(self.notes) == _NOTES:
            self.notes.pop(0)
        self.notes.append(text)

    def call(self, command):
        """Queue a command of the application. Raises OSError(ENOBUFS) when four wait already."""
        if len(self.queue) >= _QUEUE:
            raise OSError(errno.ENOBUFS)
        self.queue.append(command)

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
                self._prompted = True
                framer.prompting = False
                framer.take()
            elif kind == _LOSS:
                self._loss(self._sink if framer.tail else None, now)
                framer.take()
            else:
                break

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
        if self.inflight is None and until(after(self._moved_at, _STALL_MS), now) > 0:
            self.stalled = True
        else:
            sink.fail(errno.ENOBUFS)
            self._sink = None

    def _line(self, now):
        framer = self.framer
        buf = framer.line
        at = framer.start
        end = framer.stop
        command = self.inflight
        event = self.dialect.classify(buf, at, end)
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
        if self.phase != _AWAIT_RESULT:
            return False
        if command.prefix is not None:
            return buf.startswith(command.prefix, at)
        shape = command.shape
        if shape == _SHAPE_NONE or event:
            return False
        if shape == _SHAPE_ADDRESS:
            return is_address(buf, at, end)
        return shape == _SHAPE_TEXT or is_digits(buf, at, end)

    def _is_final(self, command, event):
        if self.phase == _BODY or not self._is_believed(command):
            return False
        if event == _EV_ERROR:
            command.cme = self.dialect.value
            return True
        if event >= _EV_LINK and self.dialect.link != command.link:
            return False
        if event == _EV_SENT and command.final == _EV_SENT:
            command.reported = self.dialect.value
        if event == _EV_SEND_FAILED:
            return command.final == _EV_SENT
        return event != _EV_UNKNOWN and event == command.final

    def _is_believed(self, command):
        """After a framing loss only those who mend it are, and a read whose header was good."""
        if not self.lost or self.bringup.active:
            return True
        return command.owner is self.resync or command.reported >= 0

    # -- what a line means ---------------------------------------------------------------------

    def _header(self, event, now):
        dialect = self.dialect
        link = self.links.all[dialect.link]
        size = dialect.value
        takes = link.begin(size)
        if event == _EV_PULLED:
            takes = takes and self._is_awaited(link)
            if takes:
                self.inflight.reported = size
                self.deadline = after(now, self.inflight.timeout_ms)
                link.pending = link.pending or dialect.left > 0
        elif self.lost:
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
        command = self.inflight
        if command is None or command.link != link.n:
            return False
        return command.reported < 0 or command.reported == self.dialect.value

    def _link_event(self, event, now):
        if self.lost:
            return
        n = self.dialect.link
        command = self.inflight
        self.links.all[n].on_event(event, self.dialect.value, now)
        if event in _BEARER_EVENT:
            self.bearer.event(_BEARER_EVENT[event], self.dialect.mux)
        if event == _EV_CLOSED and command is not None and command.body is self.links.all[n]:
            self._hasten(_DYING_MS, now)

    def _urc(self, event, buf, at, end, now):
        if event == _EV_DAMAGED:
            self._damaged(now)
        elif event == _EV_ECHO:
            self._echo(now)
        elif self.lost or event == _EV_NOTICE:
            return
        elif event == _EV_STATE:
            self._state(buf, word_at(buf, at + 6, end), end, now)
        elif event == _EV_STATUS:
            self._status(buf, at + 2, end, now)
        elif event == _EV_DEACT:
            self.bearer_lost(_B_DEACT, now)
        elif event == _EV_BOOT or event == _EV_OFF:
            self.bringup.on_boot(now)
        elif event == _EV_CHECK or event == _EV_SIM:
            self.links.suspicious = True

    def _echo(self, now):
        """Echo is off in service. Where it is back, payload comes back too and reads like lines."""
        if not self.bringup.active:
            self.resync.echo = True
            self._distrust(now)

    def _state(self, buf, at, end, now):
        """`STATE: …`; in multi-link mode six `C:` lines follow, or nothing does."""
        self.bearer.report(buf, at, end)
        command = self.inflight
        if command is not None and command.final == _EV_STATUS:
            if self.dialect.mux:
                self._hasten(_LOST_MS, now)
            else:
                command.outcome = _OK

    def _status(self, buf, at, end, now):
        """`C: <n>,<bearer>,"<kind>","<address>","<port>","<state>"`"""
        n = number(buf, at, end)
        name = quoted(buf, at, end, 3)
        if not 0 <= n < len(self.links.all) or name is None or name.decode() not in NAMES:
            return
        if self.resync.is_asking:
            self.links.all[n].on_status(NAMES.index(name.decode()), now)
        command = self.inflight
        if n == 5 and command is not None and command.final == _EV_STATUS:
            command.outcome = _OK

    def _unknown(self, buf, at, end, now):
        self.unknown += 1
        self.last_unknown = bytes(buf[at : min(end, at + 32)])
        command = self.inflight
        if command is None or command.link < 0 or command.final != _EV_OK or not self.links.pull:
            return
        # Beside a read this may be payload: its header lost a byte, or named too small a size.
        if command.reported >= 0:
            self._loss(self.links.all[command.link], now)
        else:
            self._distrust(now)

    # -- what goes wrong -----------------------------------------------------------------------

    def _damaged(self, now):
        n = self.dialect.link
        if self.links.pull:
            self._distrust(now)
        elif 0 <= n < len(self.links.all):
            self._loss(self.links.all[n], now)
        else:
            self.links.fail_pushed(errno.ECONNRESET)
            self._loss(None, now)

    def _loss(self, link, now):
        """Bytes were lost on the way. `link`, if known, is the one whose payload they were."""
        self.losses += 1
        if link is not None:
            link.fail(errno.ECONNRESET)
        self._sink = None
        self.framer.abandon()
        self._distrust(now)

    def _distrust(self, now):
        self.lost = True
        if self.inflight is not None and not self.bringup.active:
            self._hasten(_LOST_MS, now)

    def _hasten(self, ms, now):
        """The command in flight has `ms` left, not more."""
        if self.phase >= _AWAIT_PROMPT and self.phase != _BODY and until(self.deadline, now) > ms:
            self.deadline = after(now, ms)

    def bearer_lost(self, event, now):
        """The PDP context is gone, and every link with it."""
        self.bearer.event(event)
        self.links.vanish(errno.ECONNRESET)
        self.bringup.on_bearer_lost(now)

    def modem_lost(self):
        """The modem has rebooted or does not answer: nothing we know of it holds."""
        self.bearer.event(_B_LOST)
        self.links.vanish(errno.ECONNRESET)
        self.framer.abandon()
        self.lost = False
        self._sink = None

    # -- commands out --------------------------------------------------------------------------

    def tick(self, now):
        """Settle what is over or overdue, and start what comes next."""
        framer = self.framer
        if framer.payload and not self.stalled and until(self._moved_at, now) < -_PAYLOAD_MS:
            self._loss(self._sink, now)
        command = self.inflight
        if command is not None:
            if not command.outcome and until(self.deadline, now) <= 0:
                self._expire(command, now)
            if command.outcome:
                self._settle(command, now)
        if self.inflight is None and not self.stalled:
            self._start(self._next(now), now)

    def _next(self, now):
        if self.bringup.active:
            return self.bringup.next(now)
        if (self.lost or self.links.suspicious) and not self.resync.active:
            self.resync.begin(now)
        if self.resync.active:
            return self.resync.next(now)
        if self.queue:
            return self.queue[0]
        return self.links.next(now) if self.bearer.is_up else None

    def _start(self, command, now):
        if command is None:
            return
        self._prompted = False
        self._body_left = command.size if command.final == _EV_SENT or command.padding else 0
        self.framer.prompting = command.body is not None
        self.deadline = after(now, _TYPING_MS)
        self.tx_buf, self.tx_at, self.tx_end = command.text, 0, command.length
        self.phase, self.inflight = _TYPING, command

    def _expire(self, command, now):
        self.timeouts += 1
        if self.phase == _AWAIT_PROMPT:
            command.outcome = _NO_PROMPT
        else:
            command.outcome = _LOST if self.lost and not self.bringup.active else _TIMEOUT
        if command.owner is not self.resync and not self.bringup.active:
            self.resync.begin(
                now, command.size if self.phase == _AWAIT_PROMPT else self._body_left
            )

    def _settle(self, command, now):
        self.framer.prompting = False
        command.owner.done(command, now)
        if self.queue and self.queue[0] is command:
            self.queue.pop(0)
        self.tx_at, self.tx_end = 0, 0
        self.phase, self.inflight = _IDLE, None

    def to_type(self, now):
        """How many bytes of `tx_buf`, from `tx_at` on, wait for the UART; moves the phase on."""
        waiting = self.tx_end - self.tx_at
        if waiting or self.inflight is None:
            return waiting
        if self.phase == _TYPING:
            self._typed(now)
        if self.phase == _AWAIT_PROMPT and self._prompted:
            self.deadline = after(now, _TYPING_MS)
            self.phase = _BODY
        if self.phase == _BODY:
            if self._body_left:
                return self._fill()
            self.deadline = after(now, self._patience())
            self.phase = _AWAIT_RESULT
        return 0

    def _patience(self):
        """Milliseconds that the result of the body may take."""
        body = self.inflight.body
        if body is not None and not body.up:
            return _DYING_MS
        if self.lost and not self.bringup.active:
            return _LOST_MS
        return self.inflight.timeout_ms

    def _typed(self, now):
        command = self.inflight
        if command.body is not None:
            self.deadline = after(now, _PROMPT_MS)
            self.phase = _AWAIT_PROMPT
        elif self._body_left:
            self.deadline = after(now, _TYPING_MS)
            self.phase = _BODY
        else:
            self.deadline = after(now, command.timeout_ms)
            self.phase = _AWAIT_RESULT

    def _fill(self):
        """The next slice of the body. The link's bytes leave its ring as they enter the slice."""
        buf = self._slice
        n = min(self._body_left, _SLICE)
        body = self.inflight.body
        self.tx_buf = buf
        left = self._body_left - n
        if body is not None and body.tx.any() >= n:
            self._body_left, self.tx_at, self.tx_end = left, 0, body.tx.ring.readinto(buf, n)
        else:
            buf[:n] = b"\r" * n
            self._body_left, self.tx_at, self.tx_end = left, 0, n
        return n

    def due(self, now):
        """Milliseconds until something must happen without a byte coming in."""
        if self.tx_end > self.tx_at or self.framer.kind or self.phase == _BODY:
            return 0
        soonest = FOREVER
        if self.framer.payload or self.stalled:
            soonest = max(0, until(after(self._moved_at, _STALL_MS), now))
        command = self.inflight
        if command is not None:
            return 0 if command.outcome else min(soonest, max(0, until(self.deadline, now)))
        return min(soonest, self._next_due(now))

    def _next_due(self, now):
        if self.bringup.active:
            return self.bringup.due(now)
        if self.resync.active:
            return self.resync.due(now)
        if self.lost or self.links.suspicious or self.queue:
            return 0
        return self.links.due(now) if self.bearer.is_up else FOREVER
