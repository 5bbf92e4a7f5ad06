"""The way back to a known state: after a lost answer, and from a modem in any state at all.

`Resync` mends a session: it waits for silence, fills up a payload the modem may be owed, says AT
until the modem answers, and asks AT+CIPSTATUS what became of the links.

`Search` finds a modem whose baud rate and mode nobody knows. Each rate is tried in three rounds
that go from the most likely to the most costly:

1. AT, twice: a modem in command mode answers.
2. `+++` with its guard times: a modem in data mode leaves it. The silence after one rate's `+++`
   is the silence before the next one's.
3. 1460 CRs, then AT: a modem that is owed the payload of an AT+CIPSEND gets it. At command level
   CRs are empty lines. (A peer may see them: it was promised a payload.)
"""

from micropython import const

from .clock import after, until
from .command import Command

# As in their home files; a test holds the numbers together.
_OK = const(1)
_EV_UNKNOWN = const(0)
_ERROR = const(2)
_EV_STATUS = const(5)

_SILENCE_MS = const(50)
_NEVER_SILENT_MS = const(2000)
_AT_MS = const(1000)
_AT_TRIES = const(5)
_LATE_MS = const(200)  # an earlier AT may still be answered
_STATUS_MS = const(3000)

# What `Resync` does next.
_QUIET = const(0)
_PAD = const(1)
_AT = const(2)
_LATE = const(3)
_STATUS = const(4)

_SEGMENT = const(1460)


class Resync:
    """Mends the session of an engine. `active` while it does."""

    def __init__(self, engine):
        self._engine = engine
        self._command = Command(self)
        self.active = False
        self.echo = False  # echo has come back
        self.count = 0  # how often it was needed
        self._step = _QUIET
        self._pad = 0
        self._tries = 0
        self._since = 0
        self._is_terse = False  # its last AT+CIPSTATUS had no line about a link

    def is_asking(self):
        """Whether the modem's answer to AT+CIPSTATUS is to be taken as the truth."""
        return self.active and self._step == _STATUS

    def begin(self, now, pad=0):
        """Start. `pad` is the size of a payload that the modem may be waiting for."""
        self._pad = max(pad, self._pad if self.active else 0)
        self._step, self._tries, self._since = _QUIET, 0, now
        self.count += not self.active
        self.active = True

    def check(self, now):
        """Nothing is wrong that we know of: only ask AT+CIPSTATUS."""
        self._pad, self._tries, self._since = 0, 0, now
        self._step = _STATUS
        self.active = True

    def cancel(self):
        self.active = False

    def due(self, now):
        if self._step == _QUIET or self._step == _LATE:
            return max(1, self._quiet_in(now))
        return 0

    def next(self, now):
        step = self._step
        if step == _QUIET or step == _LATE:
            if self._quiet_in(now) > 0:
                return None
            self._step = step = _STATUS if step == _LATE else _PAD if self._pad else _AT
        command = self._command
        command.padding = step == _PAD
        command.tag = step
        if step == _PAD:
            return command.again(b"", 0, timeout_ms=_SILENCE_MS, size=self._pad)
        if step == _AT:
            text = b"ATE0\r" if self.echo else b"AT\r"
            return command.again(text, len(text), timeout_ms=_AT_MS)
        self._engine.links.suspicious = False
        return command.again(b"AT+CIPSTATUS\r", 13, _EV_STATUS, _STATUS_MS)

    def _quiet_in(self, now):
        """Milliseconds until the line has been silent for long enough, or never will be."""
        silence = _LATE_MS if self._step == _LATE else _SILENCE_MS
        heard = max(until(self._engine.intake.heard_at, now), until(self._since, now))
        return min(heard + silence, until(after(self._since, _NEVER_SILENT_MS), now))

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        step = command.tag
        good = command.outcome == _OK
        answered = command.outcome <= _ERROR
        if step == _PAD:
            self._pad, self._step = 0, _AT
        elif step == _AT and answered and self.echo and command.length == 3:
            return  # that AT was echoed: ATE0 next
        elif step == _AT and good:
            self._engine.lost = self.echo = False
            late = self._tries
            self._since = now
            self._step = _LATE if late else _STATUS
        elif step == _STATUS and (good or not self._engine.bearer.is_up):
            self._is_terse = self._is_terse and not good
            self._finish(now)
        elif self._tries < _AT_TRIES:
            self._tries += 1
            self._step = _AT
        elif step == _STATUS and command.reported >= 0 and not self._is_terse:
            # Links are not told of in single-link mode: it has restarted, and nobody noticed. One
            # that never tells of them is believed from then on.
            self._is_terse = True
            self._engine.supervisor.on_boot(now)
        elif step == _STATUS and (answered or command.reported >= 0):
            # A modem that answers AT, but does not tell of its links.
            code = self._engine.dialect.errno_of(command.cme)
            self._engine.links.fault(code, "AT+CIPSTATUS", command.cme)
            self._finish(now)
        else:
            self._engine.supervisor.on_silence(now)

    def _finish(self, now):
        self.active = False
        self._engine.checked(now)
        if not self._engine.bearer.is_up:
            self._engine.bearer_lost(None, now)


_PROBE_MS = const(150)
_GUARD_MS = const(1005)  # silence before `+++`: 1 s (LUAT CIPMODE; S800APP 2.2.3)
_LISTEN_MS = const(1100)  # after it: OK comes behind 1 s more of it (S800 2.2.9; LUAT: 0.5 s)
_PADDED_MS = const(25)
_FLOOD = const(16000000)  # ms × baud: the time in which a flooding link shows one header
_ECHOES = const(24)  # bytes: more than this are no echo of our probe

_ROUND_AT = const(0)
_ROUND_ESCAPE = const(1)
_ROUND_PAD = const(2)
_ROUND_PADDED = const(3)
_ROUND_CONFIRM = const(4)  # something legible has come: does AT work?

_RATES = (115200, 460800, 921600, 230400, 57600, 38400, 19200, 9600)


class Search:
    """Finds the modem. `found` when something legible has come back."""

    def __init__(self, engine):
        self._engine = engine
        self._command = Command(self)
        self.restart()

    def restart(self):
        engine = self._engine
        deaf = engine.deaf_at
        rates = [r for r in (engine.baud, engine.config.baud) if r and r != deaf]
        rates += [r for r in _RATES if r not in rates and r != deaf]
        self._rates = rates + [deaf] if deaf else rates
        self.found = False
        self._is_likely = False  # the present rate is the modem's
        self.noisy = False  # the modem still answers what it took for commands
        self.rounds = 0  # how often every rate has been tried in vain
        self._round = _ROUND_AT
        self._index = 0
        self._tries = 0
        self._understood = self._heard = 0

    def escape(self):
        """What answered was no modem in command mode, or one with few words: go on at this rate,
        first with `+++`, then with AT."""
        self.found = False
        self._is_likely = True
        self._round, self._tries = _ROUND_ESCAPE, 0

    def rate(self):
        return self._rates[self._index]

    def due(self, now):
        if self._round == _ROUND_ESCAPE:
            return max(0, self._silence_left(now))
        return 0

    def next(self, now):
        """The next thing to type, or None while silence must be kept."""
        engine = self._engine
        command = self._command
        if self._round == _ROUND_ESCAPE and self._silence_left(now) > 0:
            return None
        engine.baud = self.rate()
        self._understood = engine.intake.understood
        command.tag = self._round
        command.padding = self._round == _ROUND_PAD
        if self._round == _ROUND_PAD:
            return command.again(b"", 0, timeout_ms=0, size=_SEGMENT)
        if self._round == _ROUND_ESCAPE:
            # No line ends it: an early OK is the peer's, and silence must be kept behind it too.
            return command.again(b"+++", 3, _EV_UNKNOWN, _LISTEN_MS)
        return command.again(b"AT\r", 3, timeout_ms=self._probe_ms(now))

    def _silence_left(self, now):
        return _GUARD_MS + until(self._engine.typed_at, now)

    def _probe_ms(self, now):
        """150 ms; where bytes keep coming, long enough to see one header of a flooding link."""
        if self._round == _ROUND_PADDED:
            return _PADDED_MS
        if self._round == _ROUND_CONFIRM:
            return _AT_MS
        flooded = self._tries and self._engine.intake.heard - self._heard > _ECHOES
        self._heard = self._engine.intake.heard
        return max(_PROBE_MS, _FLOOD // self.rate()) if flooded else _PROBE_MS

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        if command.outcome <= _ERROR:
            self.found = True
            self.noisy = self._round >= _ROUND_PAD
        elif self._round == _ROUND_CONFIRM and self._tries < _AT_TRIES:
            self._tries += 1
        elif self._round != _ROUND_CONFIRM and self._is_promising():
            self._resume, self._is_likely = self._round, False
            self._round, self._tries = _ROUND_CONFIRM, 0
        elif self._round == _ROUND_AT and not self._tries:
            self._tries = 1
        elif self._round == _ROUND_PAD:
            self._round = _ROUND_PADDED
        else:
            self._advance()

    def _is_promising(self):
        """Whether something legible has come at this rate."""
        return self._is_likely or self._engine.intake.understood > self._understood

    def _advance(self):
        self._tries = 0
        if self._round == _ROUND_CONFIRM:
            self._round = max(self._resume, _ROUND_ESCAPE)
            return
        step = -1 if self._round == _ROUND_PADDED else 1
        self._round = _ROUND_PAD if step < 0 else self._round
        self._index += step
        if 0 <= self._index < len(self._rates):
            return
        if step < 0:
            self._round, self._index = _ROUND_AT, 0
            self.rounds += 1
        elif self._round == _ROUND_AT:
            self._round, self._index = _ROUND_ESCAPE, 0
        else:
            self._round, self._index = _ROUND_PAD, len(self._rates) - 1
