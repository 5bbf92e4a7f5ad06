"""Any AT command, asked beside the links that run: `modem.at`.

Rules:

1. One command a line. What would take the session from under the engine is refused before a byte
   is typed; asking about it (`?`, `=?`) is not.
2. The answer is the lines with the command's own prefix, and bare lines that mean nothing else.
   Whatever else comes meanwhile goes where it always goes.
3. A line may be heard twice (an interrupt in between) and is kept once.
"""

import errno

from micropython import const

from .command import Command
from .fields import is_address, number, plain, word_at

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_TIMEOUT = const(3)
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_STATE = const(4)
_EV_STATUS = const(5)
_EV_SIM = const(9)
_EV_REGISTRATION = const(10)
_EV_DNS = const(11)
_EV_DAMAGED = const(16)
_EV_ARRIVED = const(39)
_EV_LEFT = const(40)
_SHAPE_OWN = const(4)
_QUEUE = const(4)
_TYPING_MS = const(20000)

_COLON = const(58)
_SPACE = const(32)
_LONGEST = const(256)  # bytes of a command; SIM800 takes 556 (S800 1.4.4), Luat does not say
_ROOM = const(4096)  # characters of an answer
_HOUR = const(3600)

_SIGNS = b"+^*$#%@"  # what the name of an extended command begins with
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = b"0123456789"
_NAME = _LETTERS + _DIGITS + b"_"

# What only the engine may type, or what waits for a text that nobody would type then.
_ENGINES = (
    "CIPSTART CIPSEND CIPSENDHEX CIPCLOSE CIPSHUT CIPMUX CIPMODE CIPRXGET CIPQSEND CIPSPRT CIPATS "
    "CIPRXF CIPHEAD CIPSRIP CIPSHOWTP CIPSERVER CIPSGTXT CIPUDPMODE CSTT CIICR "
    "CFUN RESET CPOWD CGATT CGACT CGDATA CMUX IPR IFC ICF CMEE CSCLK "
    "CMGS CMGW CMGC FSWRITE FTPPUT HTTPDATA"
).split()
# … but for these first arguments. A modem in a deeper sleep than 1 loses what wakes it up.
_HARMLESS = {"CIPRXGET": b"4", "CMEE": b"1", "CSCLK": b"01"}
# Basic commands: those that change the mode, those that may only be what they are in service.
_MODES = (b"D", b"O", b"Z", b"&F", b"&K")
_IN_SERVICE = {b"E": (b"", b"0"), b"Q": (b"", b"0"), b"V": (b"1",)}
# What is behind their `=`, or in the answer, may be a PIN or a password: not for the trace.
_SECRETS = ("CPIN", "CPWD", "CLCK", "CGAUTH", "SAPBR", "CPNETAPN", "MCONFIG", "FTPPW")
_TOLD = ("CSTT", "CGAUTH", "CIPSCONT", "MCONFIG", "FTPPW")


def ask(modem, text, timeout):
    """See `Modem.at`."""
    question = Question(modem, text, timeout)
    try:
        for ready, ms in question.asking():
            modem.driver.wait_for(ready, ms)
    finally:
        question.withdraw()
    return question.lines


class Question:
    """One command and its answer. Raises ValueError for what `at` refuses."""

    def __init__(self, modem, text, timeout):
        if not 0 < timeout <= _HOUR:
            raise ValueError("timeout=%r: more than 0 and at most %d seconds" % (timeout, _HOUR))
        body, self._name, self._asks = _checked(text)
        self._driver = modem.driver
        self._engine = modem.driver.engine
        self._lists = body.upper() in (b"&V", b"+CIPSCONT?")  # settings, those of others too
        self._status = body.upper() == b"+CIPSTATUS"
        self._address = body.upper() == b"+CIFSR"
        self._command = command = Command(self, b"AT" + body + b"\r", int(timeout * 1000))
        command.shape = _SHAPE_OWN
        command.final = _EV_OK
        if self._status:
            command.final = _EV_STATUS
        elif self._address:
            command.final = _EV_UNKNOWN  # no OK follows it
        command.secret = self._name[1:].decode() in (_TOLD if self._asks else _SECRETS)
        self.lines = []
        self._place = None  # where the last of them stood
        self._size = 0
        self._full = False
        self._over = False

    @property
    def shown(self):
        """The command for people: no PIN, no password."""
        text = self._command.text[:-1]
        return text[: (self._command.secret and text.find(b"=") + 1) or len(text)].decode()

    def asking(self):
        """Yields what to wait for, and how many ms at the most; raises what came of it."""
        engine = self._engine
        command = self._command
        # A modem that was never looked for may be at any rate and in any state. What it said of
        # its links would be believed.
        if not engine.bringup.count:
            raise OSError(errno.ENOTCONN)
        # In its first turn this raises EALREADY from inside a pump, while nothing is queued yet.
        yield self._has_room, command.timeout_ms
        engine.call(command)
        yield self._has_begun, command.timeout_ms
        if self._has_begun():
            yield self._is_over, command.timeout_ms + _TYPING_MS
        self._judge()

    def withdraw(self):
        """It need not be typed any more, if it is not yet."""
        queue = self._engine.queue
        if self._command in queue:
            with self._driver:
                if self._command in queue:
                    queue.remove(self._command)

    def _has_room(self):
        return len(self._engine.queue) < _QUEUE

    def _has_begun(self):
        return self._over or self._engine.inflight is self._command

    def _is_over(self):
        return self._over

    def _judge(self):
        from .errors import ModemError

        command = self._command
        outcome = command.outcome if self._over else _TIMEOUT
        if outcome == _OK and not self._full:
            return
        if outcome == _OK:
            code = errno.ENOBUFS
        elif outcome == _ERROR:
            code = self._engine.dialect.errno_of(command.cme)
        else:
            code = errno.ETIMEDOUT if outcome == _TIMEOUT else errno.EIO
        raise ModemError(code, self.shown, command.cme, "", self._engine.dialect.name)

    # -- for the engine ------------------------------------------------------------------------

    def hears(self, event, buf, at, end):
        """Keep the line if it belongs to the answer; true if it is for nobody else."""
        if not self._is_answer(event, buf, at, end):
            return False
        self._keep(buf, at, end)
        if event == _EV_SIM:  # `NOT READY` and `NOT INSERTED` may be news as well
            return buf.find(b"NOT", at, end) < 0
        # The engine believes what the modem says of its state, whoever asked.
        return event not in (_EV_STATE, _EV_STATUS, _EV_ARRIVED, _EV_LEFT)

    def reply(self, command, buf, at, end):
        return self._address

    def done(self, command, now):
        self._over = True

    def _is_answer(self, event, buf, at, end):
        if self._status:
            return event == _EV_STATE or event == _EV_STATUS
        if self._address:
            return not event and is_address(buf, at, end)
        if self._is_named(buf, at, end):
            return not self._is_news(event, buf, at, end)
        return not event and (self._lists or buf[at] not in _SIGNS)

    def _is_named(self, buf, at, end):
        """`+NAME:`; a few are printed with a space before the colon (LUAT CMEE)."""
        name = self._name
        if not name or not buf.startswith(name, at):
            return False
        return buf[word_at(buf, at + len(name), end)] == _COLON

    def _is_news(self, event, buf, at, end):
        """Whether the line is not the answer, but says the same unasked."""
        at += len(self._name) + 1
        if event == _EV_REGISTRATION:  # `<stat>[,"<lac>",…]`; the answer is `<n>,<stat>…`
            return number(buf, at, end) >= 0 and number(buf, at, end, 1) < 0
        if event == _EV_ARRIVED or event == _EV_DAMAGED:  # `1,<link>`; the answer to `?`: `<mode>`
            return not self._asks or buf.find(b",", at, end) >= 0
        if event == _EV_SIM:  # `READY 0`, `SIM REMOVED 0` when the card is changed
            return buf[end - 2] == _SPACE
        return event == _EV_DNS

    def _keep(self, buf, at, end):
        # Bytes received and place in the buffer: no other line has both.
        place = (self._engine.intake.heard, at)
        size = self._size + end - at
        if size > _ROOM:
            self._full = True
        elif place != self._place:
            lines = self.lines + [plain(buf, at, end)]
            self._place, self._size, self.lines = place, size, lines


def _checked(text):
    """What is typed behind AT, the name in upper case (empty for a basic command), and whether it
    only asks. Raises ValueError, naming what is wrong, for anything that must not be typed."""
    body = text.encode() if isinstance(text, str) else bytes(text)
    if len(body) > _LONGEST:
        raise ValueError("command of %d bytes, at most %d" % (len(body), _LONGEST))
    for c in body:
        if not 32 <= c <= 126:
            raise ValueError("byte 0x%02x not allowed in a command" % c)
    if body[:2].upper() == b"AT":
        body = body[2:]
    upper = body.upper()
    if not body or body[0] not in _SIGNS:
        _check_basic(upper)
        return body, b"", False
    end = 1
    while end < len(body) and upper[end] in _NAME:
        end += 1
    return body, upper[:end], _check_extended(upper[:end], body[end:])


def _check_basic(body):
    """`I`, `E0`, `&W`, `S7?` or nothing: one of them, for several may stand side by side."""
    end = 1 if body[:1] == b"&" else 0
    letter, number = body[: end + 1], body[end + 1 :]
    digits = number[:-1] if letter == b"S" and len(number) > 1 and number[-1:] == b"?" else number
    strange = body and letter[-1] not in _LETTERS
    if strange or any(c not in _DIGITS for c in digits):
        raise ValueError("not one AT command: %r" % body.decode())
    if letter in _MODES or number not in _IN_SERVICE.get(letter, (number,)):
        raise ValueError("AT%s would end the session" % body.decode())


def _check_extended(name, rest):
    """Whether it only asks."""
    asks = rest == b"?" or rest == b"=?"
    if len(name) < 2 or not (asks or not rest or rest[:1] == b"="):
        raise ValueError("not an AT command: %r" % name.decode())
    if rest.count(b'"') % 2 or any(b";" in part for part in rest.split(b'"')[::2]):
        raise ValueError("more than one command behind %s" % name.decode())
    word = name[1:].decode()
    first = rest[1:].split(b",")[0].strip()
    if not asks and word in _ENGINES and (not first or first not in _HARMLESS.get(word, b"")):
        raise ValueError("AT%s would end the session" % name.decode())
    return asks
