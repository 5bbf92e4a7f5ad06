"""A modem that plays along, but answers one command badly: for `test_bad_answers`."""

from session import Session
from test_bringup import OK, AnsweringUart
from test_send import status

PROMPT = b"\r\n> "
SENT = b"sent"  # for the result of a send, which is no answer to a line


def usual(uart):
    """(how a line begins, what it is answered) where all is well."""
    yield b"AT+CIPSTART=0", OK + b"\r\n0, CONNECT OK\r\n"
    yield b"AT+CIPSEND=0", PROMPT
    yield b"AT+CIPRXGET=2,0", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc" + OK
    yield b"AT+CIPRXGET=4,0", b"\r\n+CIPRXGET: 4,0,0\r\n" + OK
    yield b"AT+CIPCLOSE=0", b"\r\n0, CLOSE OK\r\n"
    yield b"AT+CIPACK=0", b"\r\n+CIPACK: 5,5,0\r\n" + OK
    yield b"AT+CIPSTATUS", status(b"CONNECTED") if uart.linked else status()
    yield b"AT+CIPSERVER=1", OK + b"\r\nSERVER OK\r\n"
    yield b"AT+CIPSERVER=0", OK + b"\r\nSERVER CLOSE\r\n"
    yield b"AT+CDNSGIP", OK + b'\r\n+CDNSGIP: 1,"h","10.0.0.1"\r\n'


class PlayingUart(AnsweringUart):
    """`spoil(begin, answer, times)`: so often a line that begins so gets that answer. `spoilt`:
    how often it has."""

    def __init__(self, answers=None):
        super().__init__(answers)
        self.linked = False
        self.spoil(None, b"", 0)
        self._body = 0
        self._trap = False  # an LF here is the end of AT+CIPSEND, not payload

    def spoil(self, begin, answer, times=9):
        self.bad, self.worse, self.left, self.spoilt = begin, answer, times, 0

    def write(self, buf, at, n):
        data = bytes(buf[at : at + n])
        if not self._body and not self._line and not data.strip(b"\r"):
            return n  # padding: empty lines
        for byte in data:
            if self._trap and byte == 10:  # it belongs to the line
                self._trap = False
            elif self._body:
                self._trap = False
                self._body -= 1
                if not self._body:
                    self.say(self._answer(SENT, b"\r\nDATA ACCEPT:0,%d\r\n" % self._size))
            elif byte == 13 and self._line:
                self.lines.append(self._line + b"\r")
                self._obey(self._line)
                self._line = b""
            elif byte not in b"\r\n":
                self._line += bytes((byte,))
        return n

    def _obey(self, line):
        answer = self._answers.get(line + b"\r", self._default)
        for begin, good in usual(self):
            if line.startswith(begin):
                answer = good
        good = answer = answer.pop(0) if isinstance(answer, list) else answer
        if self.bad is not SENT and self.bad and line.startswith(self.bad):
            answer = self._answer(self.bad, good)
        self.say(answer)
        if answer is good:
            self._do(line)

    def _answer(self, begin, good):
        if begin != self.bad or not self.left:
            return good
        self.left -= 1
        self.spoilt += 1
        return self.worse

    def _do(self, line):
        if line.startswith(b"AT+CIPSEND=0,"):
            self._size = self._body = int(line[13:])
            self._trap = True
        elif line.startswith(b"AT+CIPSTART=0"):
            self.linked = True
        elif line.startswith(b"AT+CIPCLOSE=0") or line == b"AT+CIPSHUT":
            self.linked = False


class Play(Session):
    """A session with such a modem; what it says ends a rest, as it does on a board."""

    def __init__(self, uart=None, **options):
        # With room in the UART nobody need look each few ms whether it is half full.
        super().__init__(uart=uart or PlayingUart(), rxbuf=1 << 16, **options)

    def rest(self, ms):
        super().rest(1 if self.uart.any() else ms)
