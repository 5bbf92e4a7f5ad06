"""Bring-up: from a modem in any state to a bearer that carries links, as a table of steps.

When a row of `steps` passes the next one follows; when it does not it is tried again after a
pause until its tries are used up.
"""

import errno

from micropython import const

from .clock import after, until
from .command import Command
from .fields import number, plain, word_at
from .resync import Search
from .steps import ROWS, is_needless, is_secret, text_of

# As in their home files; a test holds the numbers together.
_OK = const(1)
_TIMEOUT = const(3)
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_SHUT = const(3)
_SHAPE_NONE = const(0)
_SHAPE_ADDRESS = const(1)
_SHAPE_TEXT = const(3)
_B_CSTT = const(0)
_B_CIICR = const(1)
_B_CIICR_OK = const(2)
_B_CIFSR = const(3)
_B_SHUT = const(9)

# As in `steps`.
_IF_ANY = const(0)
_IF_OK = const(1)
_IF_SIM = const(2)
_IF_READY = const(3)
_IF_HOME = const(4)
_IF_ONE = const(5)

# Columns of a row.
_NAME = const(0)
_TEXT = const(1)
_PREFIX = const(2)
_GOOD = const(3)
_LIMIT = const(4)
_TRIES = const(5)
_PAUSE = const(6)
_ERRNO = const(7)
_HINT = const(8)

ROW_FIND = const(0)
ROW_SHUT = const(1)

_BEARER_EVENT = {"shut": _B_SHUT, "apn": _B_CSTT, "bearer": _B_CIICR_OK, "address": _B_CIFSR}

# The OK that ended the search may have come from a peer, through a modem in data mode: then no
# SHUT OK comes, and the search goes on with `+++`. A modem that is merely slow is found again.
_FIRST_SHUT_MS = const(15000)

_PIN_HINT = "check the PIN"  # of a SIM that is there but locked
_NOISE_MS = const(80)
_SILENT = const(3)  # tries of a step without any answer: look for the modem again
_SEARCHES = const(2)  # rounds through all rates and modes before we say that nobody is there
_ROUNDS = const(3)  # goes at a bearer that does not come up, or at a modem that falls silent
_AGAIN_MS = const(1000)  # before another go
_ATTACH_MS = const(80000)  # AT+CGATT=1 (S800 CGATT: 75 s)
_BOOT_MS = const(2000)
_RADIO_OFF_MS = const(5000)


class Bringup:
    """`active`: the steps are being taken. `failure`: why they ended without a bearer."""

    def __init__(self, engine):
        self._engine = engine
        self._command = Command(self)
        self._search = Search(engine)
        self.active = False
        self.failure = None  # of the last attempt: what `ModemError` takes
        self.model = ""
        self.rssi = -1  # as AT+CSQ gives it: 0–31, 99 unknown
        self.registered = 0  # <stat> of the registration that counted …
        self.domain = b""  # … which is that of CREG, CGREG or CEREG
        self.count = 0  # attempts begun
        self._row = ROW_FIND
        self._tries = 0
        self._silent = 0  # of them without any answer
        self.rounds = 0  # goes that failed
        self._not_before = 0
        self._vain = 0  # rounds of the search without an answer
        self._value = -1  # what the reply said
        self._word = ""
        self._pin_refused = False

    def step(self):
        """The name of the present step."""
        return ROWS[self._row][_NAME]

    def hint(self):
        """What to check when the present step does not pass."""
        return ROWS[self._row][_HINT]

    def begin(self, row, now, pause_ms=0):
        """Take the steps from `row` on, after a pause."""
        self.count += 1
        engine = self._engine
        engine.links.alert = True
        engine.links.pull = (
            engine.dialect.pulls and not engine.config.flow
        )  # until this modem says otherwise
        if engine.data is not None:
            engine.links.pull = False
            engine.data.stop()
        self.failure = None
        self.rounds = 0
        self._vain = 0
        self._not_before = after(now, pause_ms)
        self._search.restart()
        self._go(row)
        self.active = True

    def hasten(self, now):
        """Network or SIM are there again: no reason to wait long for the next attempt."""
        if self.active and until(self._not_before, now) > _AGAIN_MS:
            self._not_before = after(now, _AGAIN_MS)

    def is_first_go(self):
        """Whether an OK may still be a peer's, from behind a modem in data mode."""
        return self.active and not self.rounds

    def is_searching(self):
        """Whether the modem has not been found yet."""
        return self.active and self._row == ROW_FIND

    def _go(self, row):
        self._row = row
        self._tries = self._silent = 0
        self._value, self._word = -1, ""

    # -- what is typed -------------------------------------------------------------------------

    def due(self, now):
        wait = until(self._not_before, now)
        if wait > 0:
            return wait
        return self._search.due(now) if self._row == ROW_FIND else 0

    def next(self, now):
        if until(self._not_before, now) > 0:
            return None
        if self._row == ROW_FIND:
            return self._find(now)
        while is_needless(self.step(), self._engine, self._word):
            self._row += 1
        row = ROWS[self._row]
        text, prefix = text_of(row, self._engine, self._tries)
        command = self._command
        command.tag = self._row
        command.secret = is_secret(self.step(), self._engine.config)
        command.shape = _SHAPE_NONE
        self._value = -1
        final = _EV_OK
        timeout_ms = row[_LIMIT]
        if self.step() == "model" or self.step() == "family":
            command.shape = _SHAPE_TEXT
        elif self.step() == "shut":
            final = _EV_SHUT
            if not self.rounds:
                timeout_ms = _FIRST_SHUT_MS
        elif self.step() == "address":
            final, command.shape = _EV_UNKNOWN, _SHAPE_ADDRESS
        elif self.step() == "bearer":
            self._engine.bearer.event(_B_CIICR)
        elif text == b"AT+CGATT=1\r":
            timeout_ms = _ATTACH_MS
        return command.again(text, len(text), final, timeout_ms, prefix)

    def _find(self, now):
        search = self._search
        ladder = self._engine.ladder
        if ladder.is_pressing():
            self._not_before = after(now, ladder.press())
        elif search.found:
            self._engine.note("modem found at %d baud" % search.rate())
            if search.noisy:
                self._not_before = after(now, _NOISE_MS)
            self._go(ROW_SHUT)
        elif search.rounds == self._vain:
            return search.next(now)
        else:
            self._vain = search.rounds
            if not ladder.knock() and self._vain >= _SEARCHES:
                self._fail(ROWS[ROW_FIND], -1, now)
        return None

    # -- what comes back -----------------------------------------------------------------------

    def reply(self, command, buf, at, end):
        step = ROWS[command.tag][_NAME]
        if step == "model":
            self.model = self.model or plain(buf, at, end)
            self._engine.identify(self.model)
        elif step == "family":
            self._engine.identify(plain(buf, at, end))
        elif step == "capability":
            self._engine.capability.read(buf, at + 10, end)
        elif step == "address":
            # Older Air724 pads with zeros, and a number with a leading zero may be read as octal.
            octets = plain(buf, at, end).split(".")
            self._engine.bearer.address = ".".join([str(int(octet)) for octet in octets])
            return True
        elif step == "sim" or step == "unlocked":
            self._word = plain(buf, word_at(buf, at + 6, end), end)
        else:
            at += len(command.prefix)
            self._value = number(buf, at, end)
            if step == "registration" and number(buf, at, end, 1) >= 0:
                # The answer is `<n>,<stat>`; the URC would be `<stat>` alone.
                self._value = number(buf, at, end, 1)
        return False

    def done(self, command, now):
        row = ROWS[command.tag]
        if command.tag != self._row:
            return
        if self._row == ROW_FIND:
            return
        if self._passes(row, command.outcome):
            self._passed(row, command, now)
        else:
            self._try_again(row, command, now)

    def _passes(self, row, outcome):
        good = row[_GOOD]
        if good == _IF_ANY:
            return outcome == _OK or self._tries + 1 >= row[_TRIES]
        if outcome != _OK:
            return False
        if good == _IF_READY:
            return self._word.startswith("READY")
        if good == _IF_SIM:
            return self._word.startswith("READY") or self._has_pin()
        if good == _IF_HOME:
            return self._value == 1 or self._value == 5
        return good == _IF_OK or self._value == 1

    def _has_pin(self):
        """A PIN that the card refused is not typed again: three wrong ones lock it."""
        return self._word == "SIM PIN" and self._engine.config.pin and not self._pin_refused

    def _passed(self, row, command, now):
        engine = self._engine
        step = row[_NAME]
        if step in _BEARER_EVENT:
            engine.bearer.event(_BEARER_EVENT[step])
        if step == "shut":
            engine.lose_links()
        elif step == "speed":
            engine.baud = engine.config.baud
        elif step == "signal":
            self.rssi = self._value
        elif step == "registration":
            self.registered = self._value
            names = engine.dialect.registrations
            self.domain = names[self._tries % len(names)]
        elif step == "radio off":
            self._not_before = after(now, _RADIO_OFF_MS)
        elif step == "radio on":
            engine.ladder.spent = True
        elif step == "flow control":
            pulls = engine.dialect.pulls and engine.data is None
            engine.links.pull = pulls and self._value != 2
        elif step == "capability" and engine.dialect.mux:
            engine.dialect.links = engine.capability.links
        elif step == "header":
            engine.intake.framer.headed = True
        elif step == "receive mode" and command.outcome != _OK:
            engine.links.pull = False  # a firmware without AT+CIPRXGET pushes
        engine.note(self._report(step, command))
        if step == "address":
            self.active = False
            engine.lost = False
            engine.supervisor.on_up(now)
        elif step == "restart":
            engine.ladder.spent = True
            self.begin(ROW_FIND, now, _BOOT_MS)
        else:
            word = self._word
            self._go(self._row + 1)
            self._word = word

    def _report(self, step, command):
        if step == "model":
            return "model: " + self.model
        if step == "signal":
            return "signal: %d of 31" % self.rssi
        if step == "sim":
            return "sim: " + self._word
        if step == "address":
            return "address: " + self._engine.bearer.address
        return step + (": ok" if command.outcome == _OK else ": not available")

    def _try_again(self, row, command, now):
        if row[_NAME] == "pin":
            self._pin_refused = True
        self._tries += 1
        self._silent = self._silent + 1 if command.outcome == _TIMEOUT else 0
        hopeless = row[_NAME] == "sim" and self._word.startswith("SIM P")
        hopeless = hopeless or self._silent >= _SILENT
        hopeless = hopeless or (self._row == ROW_SHUT and command.outcome == _TIMEOUT)
        if self._tries < self._most_tries(row) and not hopeless:
            self._not_before = after(now, row[_PAUSE])
        elif self.rounds < _ROUNDS and command.outcome == _TIMEOUT:
            if row[_NAME] == "new speed":
                self._give_up_rate()
            self._start_over(ROW_FIND, now)
        elif self.rounds < _ROUNDS and row[_NAME] in ("apn", "bearer", "address"):
            self._start_over(ROW_SHUT, now)
        else:
            self._fail(row, command.cme, now)

    def _give_up_rate(self):
        """The modem has taken the rate, but the line has not: go on at the one it is found at."""
        engine = self._engine
        engine.deaf_at = engine.config.baud
        engine.note("%d baud: not heard, not tried again" % engine.deaf_at)

    def _most_tries(self, row):
        """A modem that has been registered before soon gets its radio switched off and on; and
        each AT+CGATT=1 in vain takes 75 s, which two of them are enough of."""
        engine = self._engine
        step = row[_NAME]
        impatient = step == "attach" or (step == "registration" and not engine.ladder.rung)
        return row[_TRIES] // 3 if impatient and engine.supervisor.healing else row[_TRIES]

    def _start_over(self, row, now):
        self.rounds += 1
        if self._row == ROW_SHUT and row == ROW_FIND:
            self._search.escape()
        else:
            self._not_before = after(now, _AGAIN_MS)
            self._search.restart()
        self._go(row)

    def _fail(self, row, cme, now):
        code = self._engine.dialect.errno_of(cme)
        if code == errno.EIO:
            code = row[_ERRNO]
        if self._word.startswith("SIM P"):
            code = errno.EACCES
        hint = _PIN_HINT if row[_NAME] == "sim" and code == errno.EACCES else row[_HINT]
        self.failure = (code, row[_NAME], cme, hint, self._engine.dialect.name)
        self._engine.links.fault(code, row[_NAME], cme)
        self._engine.note("%s: failed, %s" % (row[_NAME], hint))
        self.active = False
        self._engine.supervisor.on_failure(now)
