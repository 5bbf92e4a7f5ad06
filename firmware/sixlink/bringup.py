"""Bring-up: from a modem in any state to a bearer that carries links, as a table of steps.

One row is one AT command. When it passes the next row follows; when it does not it is tried again
after a pause until its tries are used up. Time limits: LUAT flow chart, S800 (CIICR 85 s, CIPSHUT
65 s, CGATT 75 s) with a little more.

After a first success the supervisor keeps it so: when the bearer or the modem is lost the steps
are taken again in the background, with growing pauses between attempts.
"""

import errno

from micropython import const

from .clock import after, until
from .command import Command
from .errors import errno_of_cme
from .fields import number, safe
from .resync import Search

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

# What makes a row pass.
_IF_ANY = const(0)  # whatever the answer: nice to know, or not every firmware has it
_IF_OK = const(1)
_IF_SIM = const(2)  # ready, or asking for a PIN that we have
_IF_READY = const(3)
_IF_REGISTERED = const(4)  # at home (1) or roaming (5)
_IF_ATTACHED = const(5)

# name, text, prefix of the reply, passes when, time limit, tries, pause, errno, what to check
_ROWS = (
    (
        "find",
        b"",
        None,
        _IF_OK,
        0,
        0,
        0,
        errno.ENODEV,
        "check power, TX and RX swapped, baud rate",
    ),
    # Before all else, so that old links stop talking while the rest is set up. It is also the one
    # answer that no late OK of the search can be taken for.
    ("shut", b"AT+CIPSHUT\r", None, _IF_OK, 90000, 20, 150, errno.EIO, "restart the modem"),
    ("echo off", b"ATE0\r", None, _IF_OK, 3000, 3, 300, errno.EIO, "restart the modem"),
    ("error numbers", b"AT+CMEE=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("model", b"ATI\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("speed", b"", None, _IF_OK, 3000, 2, 300, errno.EINVAL, "choose a baud rate the modem has"),
    ("new speed", b"AT\r", None, _IF_OK, 500, 5, 100, errno.EIO, "check wires, try a lower rate"),
    ("flow control", b"AT+IFC?\r", b"+IFC:", _IF_ANY, 3000, 1, 0, 0, ""),
    ("sim", b"AT+CPIN?\r", b"+CPIN:", _IF_SIM, 5000, 20, 500, errno.ENODEV, "check the SIM card"),
    ("pin", b"", None, _IF_OK, 10000, 1, 0, errno.EACCES, "wrong PIN; it is not tried again"),
    (
        "sim ready",
        b"AT+CPIN?\r",
        b"+CPIN:",
        _IF_READY,
        5000,
        20,
        500,
        errno.EACCES,
        "check the SIM",
    ),
    ("signal", b"AT+CSQ\r", b"+CSQ:", _IF_ANY, 3000, 1, 0, 0, ""),
    (
        "registration",
        b"",
        b"",
        _IF_REGISTERED,
        3000,
        360,
        300,
        errno.EHOSTUNREACH,
        "check antenna",
    ),
    (
        "attach",
        b"",
        b"+CGATT:",
        _IF_ATTACHED,
        80000,
        60,
        500,
        errno.EHOSTUNREACH,
        "check contract",
    ),
    ("normal mode", b"AT+CIPMODE=0\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("link mode", b"", None, _IF_OK, 3000, 3, 500, errno.EIO, "restart the modem"),
    ("quick send", b"AT+CIPQSEND=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("receive mode", b"", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("raw data", b"AT+CIPRXF=1\r", None, _IF_ANY, 3000, 1, 0, 0, ""),
    ("apn", b"", None, _IF_OK, 3000, 1, 0, errno.EINVAL, "check APN, user, password"),
    ("bearer", b"AT+CIICR\r", None, _IF_OK, 90000, 1, 0, errno.EHOSTUNREACH, "check APN, credit"),
    ("address", b"AT+CIFSR\r", None, _IF_OK, 9000, 1, 0, errno.EHOSTUNREACH, "check APN, credit"),
)
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

_REGISTRATION = (
    (b"AT+CREG?\r", b"+CREG:"),
    (b"AT+CGREG?\r", b"+CGREG:"),
    (b"AT+CEREG?\r", b"+CEREG:"),
)
_BEARER_EVENT = {"shut": _B_SHUT, "apn": _B_CSTT, "bearer": _B_CIICR_OK, "address": _B_CIFSR}

# The OK that ended the search may have come from a peer, through a modem in data mode: then SHUT OK
# does not come, and the search goes on with `+++`. A modem that is merely slow is found again.
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
        self._word = b""
        self._pin_refused = False
        self._pressed = True  # the power key needs no more pressing
        self._apn_text = b""

    @property
    def step(self):
        """The name of the present step."""
        return _ROWS[self._row][_NAME]

    @property
    def hint(self):
        """What to check when the present step does not pass."""
        return _ROWS[self._row][_HINT]

    def start(self, now):
        """Begin at the beginning, unless it is done or under way."""
        self._apn_text = self._make_apn_text()
        self.wanted = True
        if not self.active and not self._engine.bearer.is_up:
            self._healing = False
            self._pause_ms = _FIRST_PAUSE_MS
            self._begin(_ROW_FIND, now)

    def stop(self):
        """The user does not want the connection any more."""
        self.wanted = self.active = False

    def on_boot(self, now):
        """The modem says that it has just started."""
        if not self.active or self._row != _ROW_FIND:
            self._engine.modem_lost()
            self._heal(_ROW_FIND, now)

    def on_silence(self, now):
        """The modem has not answered AT for seconds."""
        self._engine.modem_lost()
        self._heal(_ROW_FIND, now)

    def on_bearer_lost(self, now):
        """The PDP context is gone while the modem still answers."""
        if not self.active:
            self._engine.links.vanish(errno.ECONNRESET)
            self._heal(_ROW_SHUT, now)

    def _heal(self, row, now):
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
        self._value, self._word = -1, b""

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
        while self._is_needless():
            self._row += 1
        row = _ROWS[self._row]
        text, prefix = self._text(row)
        command = self._command
        command.tag = self._row
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
            self._fail(_ROWS[_ROW_FIND], -1, now)
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

    def _is_needless(self):
        """Whether this configuration has no use for the present row."""
        step = self.step
        config = self._engine.config
        if step == "speed" or step == "new speed":
            return not config.baud or (step == "speed" and config.baud == self._engine.baud)
        if step == "flow control":
            return not config.flow
        if step == "pin" or step == "sim ready":
            return self._word.startswith(b"READY")
        return step == "raw data" and self._engine.links.pull

    def _text(self, row):
        """The line to type and the prefix of its reply."""
        step = row[_NAME]
        config = self._engine.config
        if step == "registration":
            return _REGISTRATION[self._tries % 3]
        if step == "speed":
            return b"AT+IPR=%d\r" % config.baud, None
        if step == "pin":
            return b'AT+CPIN="%s"\r' % safe(config.pin, 8, "pin"), None
        if step == "attach":
            return b"AT+CGATT=1\r" if self._tries % 10 == 9 else b"AT+CGATT?\r", row[_PREFIX]
        if step == "receive mode":
            return b"AT+CIPRXGET=1\r" if self._engine.links.pull else b"AT+CIPRXGET=0\r", None
        if step == "link mode":
            return b"AT+CIPMUX=%d\r" % self._engine.dialect.mux, None
        if step == "apn":
            return self._apn_text, None
        return row[_TEXT], row[_PREFIX]

    def _make_apn_text(self):
        """AT+CSTT; lengths by LUAT CSTT. Without an APN the network gives its own."""
        config = self._engine.config
        safe(config.pin, 8, "pin")
        words = (
            safe(config.apn, 128, "apn"),
            safe(config.user, 32, "user"),
            safe(config.password, 32, "password"),
        )
        return b'AT+CSTT="%s","%s","%s"\r' % words if config.apn else b"AT+CSTT\r"

    # -- what comes back -----------------------------------------------------------------------

    def reply(self, command, buf, at, end):
        step = _ROWS[command.tag][_NAME]
        if step == "model":
            self.model = bytes(buf[at:end]).decode()
        elif step == "address":
            self._engine.bearer.address = bytes(buf[at:end]).decode()
            return True
        elif step == "sim" or step == "sim ready":
            self._word = bytes(buf[at + 6 : end]).strip()
        else:
            at += len(command.prefix)
            self._value = number(buf, at, end)
            if step == "registration" and number(buf, at, end, 1) >= 0:
                # The answer is `<n>,<stat>`; the URC would be `<stat>` alone.
                self._value = number(buf, at, end, 1)
        return False

    def done(self, command, now):
        row = _ROWS[command.tag]
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
            return self._word.startswith(b"READY")
        if good == _IF_SIM:
            return self._word.startswith(b"READY") or self._has_pin()
        if good == _IF_REGISTERED:
            return self._value == 1 or self._value == 5
        return good == _IF_OK or self._value == 1

    def _has_pin(self):
        """A PIN that the card refused is not typed again: three wrong ones lock it."""
        return self._word == b"SIM PIN" and self._engine.config.pin and not self._pin_refused

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
            return "sim: " + self._word.decode()
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
        hopeless = row[_NAME] == "sim" and self._word.startswith(b"SIM P")
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
        code = errno_of_cme(cme)
        if code == errno.EIO:
            code = row[_ERRNO]
        if self._word.startswith(b"SIM P"):
            code = errno.EACCES
        self.failure = (code, row[_NAME], cme, row[_HINT])
        self._engine.note("%s: failed, %s" % (row[_NAME], row[_HINT]))
        if self._healing:
            self._retry_later(now)
        else:
            self.active = False

    def _retry_later(self, now):
        failure = self.failure
        self._begin(_ROW_FIND, now)
        self.failure = failure
        self._not_before = after(now, self._pause_ms)
        self._pause_ms = min(self._pause_ms * 2, _LAST_PAUSE_MS)
