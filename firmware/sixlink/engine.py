"""The engine: every command finds its turn, and what does not come in time is noticed.

It has no IO and no clock. The driver puts received bytes into `intake.framer.buf`, takes bytes to
type from `tx_buf`, and says what time it is. Rules:

1. One command is in flight. Its life: TYPING the line, waiting for the PROMPT, typing the BODY,
   waiting for the RESULT. Whatever does not come in time is settled by `resync`.
2. Who may ask for a command, first come first: bring-up, resync, the application and the links;
   these two by turns.
3. No payload is typed without a prompt.
"""

import errno

from micropython import const

from .bearer import Bearer
from .bringup import ROW_SHUT, Bringup
from .capability import Capability
from .clock import FOREVER, after, until
from .express import Express
from .families import family, family_of
from .fields import number, plain, word_at
from .intake import Intake
from .ladder import Ladder
from .resync import Resync
from .supervisor import Supervisor
from .table import Links

# As in their home files; a test holds the numbers together.
_OK = const(1)
_TIMEOUT = const(3)
_NO_PROMPT = const(4)
_LOST = const(5)
_EV_SHUT = const(3)
_EV_CHECK = const(8)
_EV_SIM = const(9)
_EV_REGISTRATION = const(10)
_EV_DNS = const(11)
_EV_CALLER = const(19)
_EV_SENT = const(35)
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
_SEGMENT = const(1460)  # the most one AT+CIPSEND carries
_SLICE = const(256)  # bytes of the body at hand for the UART
_CHECK_MS = const(30000)  # what was missed in silence is found out after this
_UNWELL = const(3)  # commands in a row without an answer
_USELESS = const(8)
_QUEUE = const(4)  # commands of the application that may wait
_NOTES = const(8)  # log lines that may wait


class Engine:
    """The whole modem session but the wire. `config` is what the user chose: see `Modem`."""

    def __init__(self, dialect, is_told, config, size=256):
        self.dialect = dialect
        self.is_told = is_told  # the user has said which family it is
        self.config = config
        self.capability = Capability()
        self.data = None  # transparent mode, when that is what is wanted
        self.server = None  # what listens, if anything does
        self.intake = Intake(self, size)
        self.bearer = Bearer()
        self.links = Links(dialect, self.bearer, not config.flow, config.rx_size)
        self.express = Express(self)
        self.baud = 0  # the rate the UART has, or shall have; 0: not known
        self.deaf_at = 0  # the rate that the modem took, and then could not be heard at
        self.resync = Resync(self)
        self.ladder = Ladder(self)
        self.bringup = Bringup(self)
        self.supervisor = Supervisor(self)
        self.inflight = None
        self.phase = _IDLE
        self.deadline = 0
        self.pressed = 0  # the pin that shall be held down, as in `ladder`
        self.tx_buf = self.slice = bytearray(_SLICE)
        self.tx_at = self.tx_end = 0  # tx_buf[tx_at:tx_end] waits to be typed
        self.typed_at = 0  # when the last byte was typed
        self.lost = False
        self.queue = []
        self.notes = []  # log lines for the application
        self.resolver = None  # takes what AT+CDNSGIP brings: `resolved(buf, at, end)`
        self.timeouts = 0
        self.strikes = 0  # … of them in a row, not counting those of bring-up and resync
        self.check_at = 0
        self._asked = False  # the last command was one of the application: the links come next
        self.prompted = False
        self.untyped = 0

    def note(self, text):
        """A line for the log; the oldest gives way when nobody takes them."""
        if len(self.notes) == _NOTES:
            self.notes.pop(0)
        self.notes.append(text)

    def is_well(self):
        """Whether the modem does what it is asked to."""
        return self.strikes < _UNWELL

    def call(self, command):
        """Queue a command of the application. Raises OSError(ENOBUFS) when four wait already."""
        if len(self.queue) >= _QUEUE:
            raise OSError(errno.ENOBUFS)
        self.queue.append(command)
        self.links.alert = True

    # -- whom we talk to -----------------------------------------------------------------------

    def speak(self, dialect):
        """From now on in another dialect, or in another mode; no link may be in use."""
        self.dialect = dialect
        self.links.pull = self.links.pull and dialect.pulls
        self.links.speak(dialect)

    def use(self, mux, data):
        """Change to six links (`mux` 1), or to the transparent mode `data`."""
        self.data = self.links.data = data
        self.intake.framer.headed = False
        self.speak(type(self.dialect)(mux))

    def identify(self, model):
        """Speak as the family that makes `model` does, unless the user has chosen one."""
        name = family_of(model)
        if name and name != self.dialect.name and not self.is_told:
            self.speak(family(name)(self.dialect.mux))

    # -- what goes wrong -----------------------------------------------------------------------

    def hasten(self, ms, now):
        """The command in flight has `ms` left, not more."""
        if self.phase >= _AWAIT_PROMPT and self.phase != _BODY and until(self.deadline, now) > ms:
            self.deadline = after(now, ms)

    def bearer_lost(self, event, now):
        """The PDP context is gone, and every link with it. `event`: what says so, None if the
        bearer has been told."""
        if event is not None:
            self.bearer.event(event)
        self.lose_links()
        self.supervisor.on_bearer_lost(now)

    def lose_links(self):
        """The modem has let go of all links, and of the server."""
        self.links.vanish(errno.ECONNRESET, self.inflight if self.phase == _BODY else None)
        if self.server is not None:
            self.server.lost()

    def modem_lost(self):
        """The modem has rebooted or does not answer: nothing we know of it holds."""
        self.bearer.event(_B_LOST)
        if self.data is not None:
            self.data.stop()
        self.lose_links()
        self.intake.forget()
        self.lost = self.links.suspicious = False

    def checked(self, now):
        """The modem and what we think of it agree."""
        self.check_at = after(now, _CHECK_MS)

    def on_urc(self, event, buf, at, end, now):
        """A line that nobody waits for, about neither a link nor the bearer."""
        if event == _EV_REGISTRATION:
            colon = buf.find(b":", at, end)
            stat = number(buf, word_at(buf, colon + 1, end), end)
            if not self.supervisor.on_registration(stat, now):
                self.check_at = now
        elif event == _EV_DNS and self.resolver is not None:
            self.resolver.resolved(buf, at, end)
        elif event == _EV_CALLER:
            self._called(buf, at, end, now)
        elif event == _EV_CHECK or event == _EV_SIM:
            self.links.suspicious = True
            if buf.find(b"READY", at, end) > at + 6:
                self.supervisor.on_good_news(now)

    def _called(self, buf, at, end, now):
        link = self.links.all[self.dialect.link]
        address = plain(buf, word_at(buf, buf.find(b":", at, end) + 1, end), end)
        if self.inflight is not None and self.inflight.outcome:
            self._settle(self.inflight, now)  # it may be what has freed the link
        link.let_go()
        if self.server is None or not self.server.called(link, address, now):
            link.refuse()

    # -- commands out --------------------------------------------------------------------------

    def tick(self, now):
        """Settle what is over or overdue, and start what comes next."""
        if not self.intake.is_clean():
            self.intake.tick(now)
        if self.data is not None and self.data.on:
            self.data.tick(now)
        command = self.inflight
        if command is not None:
            if not command.outcome and until(self.deadline, now) <= 0:
                self._expire(command, now)
            if command.outcome:
                self._settle(command, now)
        if self.inflight is None and not self.intake.stalled:
            self._start(self._next(now), now)

    def _next(self, now):
        if self.bringup.active:
            return self.bringup.next(now)
        if self.data is not None and self.data.on:
            return self.data.next(now)
        if not self.resync.active:
            if self.lost or self.links.suspicious:
                self.resync.begin(now)
            elif self.bearer.is_up and until(self.check_at, now) <= 0:
                self.resync.check(now)
        if self.resync.active:
            return self.resync.next(now)
        if self.queue and not self._asked:
            return self.queue[0]
        if self.server is not None and self.bearer.is_up:
            command = self.server.next(now)
            if command is not None:
                return command
        if self.data is not None and self.data.is_over():
            self.supervisor.use_links(now)
            return None
        if self.links.is_stuck():
            self.bringup.begin(ROW_SHUT, now)
            return None
        command = self.links.next(now) if self.bearer.is_up else None
        return self.queue[0] if command is None and self.queue else command

    def _start(self, command, now):
        if command is None:
            return
        self.prompted = False
        self.untyped = command.size if command.final == _EV_SENT or command.padding else 0
        self.deadline = after(now, _TYPING_MS)
        self.tx_buf, self.tx_at, self.tx_end = command.text, 0, command.length
        self.phase, self.inflight = _TYPING, command

    def _expire(self, command, now):
        self.timeouts += 1
        if self.phase == _AWAIT_PROMPT:
            command.outcome = _NO_PROMPT
        elif command.final == _EV_SHUT and not command.reported:
            command.outcome = _OK
            return
        else:
            command.outcome = _LOST if self.lost and not self.bringup.active else _TIMEOUT
        if command.owner is not self.resync and not self.bringup.active:
            shown = (command.secret and command.text.find(b"=") + 1) or command.length
            self.links.fault(errno.ETIMEDOUT, plain(command.text, 0, shown))
            self.resync.begin(now, self._owed(command))

    def _owed(self, command):
        """How much payload the modem may be waiting for; it may have misheard the length."""
        if self.phase == _AWAIT_PROMPT:
            return _SEGMENT
        body = command.body
        if self.untyped or body is None or body.leaving:
            return self.untyped
        return _SEGMENT if body.up else 0

    def _settle(self, command, now):
        self.intake.framer.prompting = False
        command.owner.done(command, now)
        self._judge(command, now)
        self._asked = bool(self.queue) and self.queue[0] is command
        if self._asked:
            self.queue.pop(0)
        self.tx_at, self.tx_end = 0, 0
        self.phase, self.inflight = _IDLE, None

    def _judge(self, command, now):
        """Commands in a row that are not answered: the modem is not well, then useless."""
        if self.bringup.active or command.owner is self.resync:
            return
        if command.outcome == _OK:
            if self.strikes or self.ladder.rung:
                self.strikes = 0
                self.ladder.relax()
        elif command.outcome == _TIMEOUT or command.outcome == _NO_PROMPT:
            self.strikes += 1
            if self.strikes % _USELESS == 0:
                self.supervisor.on_useless(now)

    def to_type(self, now):
        """How many bytes of `tx_buf`, from `tx_at` on, wait for the UART; moves the phase on."""
        waiting = self.tx_end - self.tx_at
        if waiting:
            return waiting
        if self.inflight is None:
            return self.data.fill(now) if self.data is not None and self.data.on else 0
        if self.phase == _TYPING:
            self._typed(now)
        if self.phase == _AWAIT_PROMPT and self.prompted:
            self.deadline = after(now, _TYPING_MS)
            self.phase = _BODY
        if self.phase == _BODY:
            if self.untyped:
                return self._fill()
            self.deadline = after(now, self._patience())
            self.phase = _AWAIT_RESULT
        return 0

    def _patience(self):
        """Milliseconds that the result of the body may take."""
        body = self.inflight.body
        if body is not None and (body.leaving or not body.up):
            return _DYING_MS
        if self.lost and not self.bringup.active:
            return _LOST_MS
        return self.inflight.timeout_ms

    def _typed(self, now):
        command = self.inflight
        if command.body is not None:
            self.intake.framer.prompting = True
            self.deadline = after(now, _PROMPT_MS)
            self.phase = _AWAIT_PROMPT
        elif self.untyped:
            self.deadline = after(now, _TYPING_MS)
            self.phase = _BODY
        else:
            self.deadline = after(now, command.timeout_ms)
            self.phase = _AWAIT_RESULT

    def _fill(self):
        """The next slice of the body. The link's bytes leave its ring as they enter the slice."""
        buf = self.tx_buf = self.slice
        n = self.untyped if self.untyped < _SLICE else _SLICE
        body = self.inflight.body
        ring = body.tx.ring if body is not None else None
        if ring is not None and ring.any() >= n:
            self.untyped, self.tx_at, self.tx_end = self.untyped - n, 0, ring.readinto(buf, n)
        else:
            buf[:n] = b"\r" * n
            self.untyped, self.tx_at, self.tx_end = self.untyped - n, 0, n
        return n

    def due(self, now):
        """Milliseconds until something must happen without a byte coming in."""
        if self.tx_end > self.tx_at or self.phase == _BODY:
            return 0
        soonest = self.intake.due(now)
        command = self.inflight
        if command is not None:
            return 0 if command.outcome else min(soonest, max(0, until(self.deadline, now)))
        return min(soonest, self._next_due(now))

    def _next_due(self, now):
        if self.bringup.active:
            return self.bringup.due(now)
        if self.data is not None and self.data.on:
            return self.data.due(now)
        if self.resync.active:
            return self.resync.due(now)
        if self.lost or self.links.suspicious or self.queue:
            return 0
        if not self.bearer.is_up:
            return FOREVER
        soonest = FOREVER if self.server is None else self.server.due(now)
        return min(soonest, self.links.due(now), max(0, until(self.check_at, now)))
