"""Bring-up: from a modem in any state to a bearer that carries links, as a table of steps.

When a row of `steps` passes the next one follows; when it does not it is tried again after a
pause until its tries are used up.

After a first success the supervisor keeps it so: when the bearer or the modem is lost the steps
are taken again in the background, with growing pauses between attempts.
"""

import errno

from micropython import const

from .clock import after, until
from .command import Command
from .fields import number, plain, word_at
from .resync import Search
from .steps import ROWS, apn_text, is_needless, is_secret, text_of

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

_ROW_FIND = const(0)
_ROW_SHUT = const(1)

_BEARER_EVENT = {"shut": _B_SHUT, "apn": _B_CSTT, "bearer": _B_CIICR_OK, "address": _B_CIFSR}

# The OK that ended the search may have come from a peer, through a modem in data mode: then no
# SHUT OK comes, and the search goes on with `+++`. A modem that is merely slow is found again.
_FIRST_SHUT_MS = const(15000)

_NOISE_MS = const(80)
_SEARCHES = const(2)  # rounds through all rates and modes before we say that nobody is there
_ROUNDS = const(3)  # goes at a bearer that does not come up, or at a modem that falls silent
_FIRST_PAUSE_MS = const(1000)  # between attempts of the supervisor …
_LAST_PAUSE_MS = const(60000)  # … doubling up to this
_PRESS_MS = const(1500)  # the power key is held for 1–2 s, then the modem starts (LUAT flow chart)
_BOOT_MS = const(2000)


class Bringup:
    """`wanted`: the user wants a connection. `active`: it is being made. `failure`: why not."""

    def __init__(self, engine):
        self._engine = engine
        self._command = Command(self)
        self._search = Search(engine)
        self.wanted = False
        self.active = False
        self.failure = None  # (errno, step, cme, hint) of the last attempt
        self.model = ""
        self.rssi = -1  # as AT+CSQ gives it: 0–31, 99 unknown
        self.registered = 0  # <stat> of the registration that counted
        self.count = 0  # attempts begun
        self._healing = False
        self._row = _ROW_FIND
        self._tries = 0
        self._rounds = 0
        self._pause_ms = _FIRST_PAUSE_MS
        self._not_before = 0
        self._value = -1  # what the reply said
        self._word = ""
        self._pin_refused = False
        self._pressed = True  # the power key needs no more pressing

    @property
    def step(self):
        """The name of the present step."""
        return ROWS[self._row][_NAME]

    @property
    def hint(self):
        """What to check when the present step does not pass."""
        return ROWS[self._row][_HINT]

    def start(self, now):
        """Begin at the beginning, unless it is done or under way."""
        apn_text(self._engine.config)  # raises what is wrong with it before anything is typed
        self.wanted = True
        if not self.active and not self._engine.bearer.is_up:
            self._healing = False
            self._pause_ms = _FIRST_PAUSE_MS
            self._begin(_ROW_FIND, now)

    def stop(self):
        """The user does not want the connection any more."""
        self.wanted = self.active = False
        self._engine.links.claims = []  # nobody need wait any more

    def on_boot(self, now):
        """The modem says that it has just started."""
        if not self.active or self._row != _ROW_FIND:
            self._engine.modem_lost()
            self._heal(_ROW_FIND, "modem restarted", now)

    def on_silence(self, now):
        """The modem has not answered AT for seconds."""
        self._engine.modem_lost()
        self._heal(_ROW_FIND, "modem silent", now)

    def on_bearer_lost(self, now):
        """The PDP context is gone while the modem still answers."""
        if not self.active:
            self._heal(_ROW_SHUT, "bearer lost", now)

    def _heal(self, row, why, now):
        self._engine.links.fault(errno.ECONNRESET, why)
        self._engine.resync.cancel()
        if self.wanted:
            self._healing = self._healing or not self.active
            self._begin(row, now)

    def _begin(self, row, now):
        self.count += 1
        self.failure = None
        self._rounds = 0
        self._not_before = now
        self._pressed = not self._engine.config.has_power_key
        self._search.restart()
        self._go(row)
        self.active = True

    def _go(self, row):
        self._row = row
        self._tries = 0
        self._value, self._word = -1, ""

    # -- what is typed -------------------------------------------------------------------------

    def due(self, now):
        wait = until(self._not_before, now)
        if wait > 0:
            return wait
        return self._search.due(now) if self._row == _ROW_FIND else 0

    def next(self, now):
        if until(self._not_before, now) > 0:
            return None
        if self._row == _ROW_FIND:
            return self._find(now)
        while is_needless(self.step, self._engine, self._word):
            self._row += 1
        row = ROWS[self._row]
        text, prefix = text_of(row, self._engine, self._tries)
        command = self._command
        command.tag = self._row
        command.secret = is_secret(self.step, self._engine.config)
        command.shape = _SHAPE_NONE
        self._value = -1
        final = _EV_OK
        timeout_ms = row[_LIMIT]
        if self.step == "model":
            command.shape = _SHAPE_TEXT
        elif self.step == "shut":
            final = _EV_SHUT
            if not self._rounds:
                timeout_ms = _FIRST_SHUT_MS
        elif self.step == "address":
            final, command.shape = _EV_UNKNOWN, _SHAPE_ADDRESS
        elif self.step == "bearer":
            self._engine.bearer.event(_B_CIICR)
        return command.again(text, len(text), final, timeout_ms, prefix)

    def _find(self, now):
        search = self._search
        if search.found:
            self._engine.note("modem found at %d baud" % search.rate)
            if search.noisy:
                self._not_before = after(now, _NOISE_MS)
            self._go(_ROW_SHUT)
        elif search.rounds >= _SEARCHES:
            self._fail(ROWS[_ROW_FIND], -1, now)
        elif search.rounds and not self._pressed:
            self._press_power_key(now)
        else:
            return search.next(now)
        return None

    def _press_power_key(self, now):
        """Nobody answers: hold the power key for a while, then give the modem time to boot."""
        engine = self._engine
        engine.power_key = not engine.power_key
        self._pressed = not engine.power_key
        self._not_before = after(now, _PRESS_MS if engine.power_key else _BOOT_MS)

    # -- what comes back -----------------------------------------------------------------------

    def reply(self, command, buf, at, end):
        step = ROWS[command.tag][_NAME]
        if step == "model":
            self.model = self.model or plain(buf, at, end)
        elif step == "address":
            self._engine.bearer.address = plain(buf, at, end)
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
        if self._row == _ROW_FIND:
            return
        if self._passes(row, command.outcome):
            self._passed(row, command, now)
        else:
            self._try_again(row, command, now)

    def _passes(self, row, outcome):
        good = row[_GOOD]
        if good == _IF_ANY:
            return True
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
            engine.links.vanish(errno.ECONNRESET)
        elif step == "speed":
            engine.baud = engine.config.baud
        elif step == "signal":
            self.rssi = self._value
        elif step == "registration":
            self.registered = self._value
        elif step == "flow control":
            engine.links.pull = self._value != 2
        elif step == "receive mode" and command.outcome != _OK:
            engine.links.pull = False  # a firmware without AT+CIPRXGET pushes
        engine.note(self._report(step, command))
        if step == "address":
            self._up()
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

    def _up(self):
        self.active = False
        self._engine.lost = False
        self._pause_ms = _FIRST_PAUSE_MS

    def _try_again(self, row, command, now):
        if row[_NAME] == "pin":
            self._pin_refused = True
        self._tries += 1
        hopeless = row[_NAME] == "sim" and self._word.startswith("SIM P")
        hopeless = hopeless or (self._row == _ROW_SHUT and command.outcome == _TIMEOUT)
        if self._tries < row[_TRIES] and not hopeless:
            self._not_before = after(now, row[_PAUSE])
        elif self._rounds < _ROUNDS and command.outcome == _TIMEOUT:
            self._start_over(_ROW_FIND, now)
        elif self._rounds < _ROUNDS and row[_NAME] in ("apn", "bearer", "address"):
            self._start_over(_ROW_SHUT, now)
        else:
            self._fail(row, command.cme, now)

    def _start_over(self, row, now):
        self._rounds += 1
        if self._row == _ROW_SHUT and row == _ROW_FIND:
            self._search.escape()
        else:
            self._not_before = after(now, _FIRST_PAUSE_MS)
            self._search.restart()
        self._go(row)

    def _fail(self, row, cme, now):
        from .errors import errno_of_cme

        code = errno_of_cme(cme)
        if code == errno.EIO:
            code = row[_ERRNO]
        if self._word.startswith("SIM P"):
            code = errno.EACCES
        self.failure = (code, row[_NAME], cme, row[_HINT])
        self._engine.links.fault(code, row[_NAME], cme)
        self._engine.note("%s: failed, %s" % (row[_NAME], row[_HINT]))
        if self._healing:
            self._retry_later(now)
        else:
            self.stop()

    def _retry_later(self, now):
        failure = self.failure
        self._begin(_ROW_FIND, now)
        self.failure = failure
        self._not_before = after(now, self._pause_ms)
        self._pause_ms = min(self._pause_ms * 2, _LAST_PAUSE_MS)
