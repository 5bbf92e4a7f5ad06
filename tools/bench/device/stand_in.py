# mypy: ignore-errors
"""A modem that is all in memory: UART, clock and answers, the same at every run.

It takes nothing of the heap once an answer has been given before, and it can write down every
call that the firmware makes of it, so that the same calls can be made again without the firmware:
what they cost is then the stand-in's own cost.
"""

from micropython import RingIO, const

BAUD = const(460800)
READ_BYTES = const(256)  # the most that one `readinto` brings
SEGMENT = const(1460)  # the most in one AT+CIPSEND, AT+CIPRXGET and +RECEIVE (LUAT, S800)

_START_MS = const(1000)
_LOG = const(40000)  # calls
_SAID = const(40000)  # bytes of command lines
_ANY = const(0)
_READ = const(1)
_TICKS = const(2)
_WAIT = const(3)
_BODY = const(4)  # and the number of bytes; below 0: a command line of so many

_CR = const(13)
_LF = const(10)

_OK = b"\r\nOK\r\n"
_BLANK = b"\n\r\n"
_ANSWERS = (
    (b"AT+CIPSHUT", b"\r\nSHUT OK\r\n"),
    (b"ATI", b"\r\nAirM2M_780E_V1169_LTE_AT\r\n" + _OK),
    (b"AT+CPIN?", b"\r\n+CPIN: READY\r\n" + _OK),
    (b"AT+CSQ", b"\r\n+CSQ: 20,0\r\n" + _OK),
    (b"AT+CREG?", b"\r\n+CREG: 0,1\r\n" + _OK),
    (b"AT+CGATT?", b"\r\n+CGATT: 1\r\n" + _OK),
    (b"AT+IFC?", b"\r\n+IFC: 2,2\r\n" + _OK),
    (b"AT+CIPSTART=?", b'\r\n+CIPSTART: (0-5),("TCP","UDP"),("IP"),("1-65535")\r\n' + _OK),
    (b"AT+CIFSR", b"\r\n10.74.100.63\r\n"),
)
_NOTHING_LEFT = [b"\r\n+CIPRXGET: 4,%d,0\r\n" % n + _OK for n in range(6)]
_PROMPT = b"\r\n> "
_OPEN = b'C: %d,0,"TCP","10.0.0.1","7","CONNECTED"\r\n'
_FREE = b'C: %d,,"","","","INITIAL"\r\n'


class StandIn:
    """`uart`, `ticks_ms` and `wait` of a Modem in one.

    `coming`: what the modem says by itself, one entry whenever all before it has been read.
    `held`: bytes that it holds for each link until they are asked for (AT+CIPRXGET).
    `trickle`: `any()` tells of no more than one read, as when bytes come in one by one.
    """

    def __init__(self, logging=False, trickle=False):
        self.rx = RingIO(32768)
        self.coming = ()
        self.at = 0
        self.held = [0] * 6
        self.ms = _START_MS
        self._bits = 0  # thousandths of bits beyond that millisecond
        self.log = [0] * _LOG if logging else None
        self.said = RingIO(_SAID if logging else 1)
        self.logged = 0
        self.trickle = trickle
        self.sends = 0  # payloads accepted
        self.page = b""  # what comes behind a request that ends with an empty line
        self._typed = RingIO(512)
        self._line = bytearray(512)
        self._answers = {}
        self._body = 0  # bytes of a send that are still to be typed
        self._accept = b""
        self._open = set()  # links with a peer

    def __repr__(self):
        return "UART(1, baudrate=%d)" % BAUD

    # -- what the firmware calls ---------------------------------------------------------------

    def ticks_ms(self):
        if self.log is not None:
            self._note(_TICKS)
        return self.ms

    def wait(self, ms):
        if self.log is not None:
            self._note(_WAIT)
        self.ms += 1 if self.rx.any() else max(1, ms)

    def any(self):
        if self.log is not None:
            self._note(_ANY)
        waiting = self.rx.any()
        if not waiting and self.at < len(self.coming):
            waiting = self.rx.write(self.coming[self.at])
            self.at += 1
        return min(waiting, READ_BYTES) if self.trickle else waiting

    def readinto(self, buf, n):
        if self.log is not None:
            self._note(_READ)
        got = self.rx.readinto(buf, n if n < READ_BYTES else READ_BYTES) or 0
        self._carry(got)
        return got or None

    def write(self, buf, at, n):
        self._carry(n)
        if self._body:
            if self.log is not None:
                self._note(_BODY + n)
            self._body -= n
            if not self._body:
                self.sends += 1
                self.rx.write(self._accept)
                if self.page and buf[at + n - 3 : at + n] == _BLANK:
                    self.rx.write(self.page)
            return n
        if self.log is not None:
            self._note(-n)
            self.said.write(buf, at, n)
        last = buf[at + n - 1]
        if last == _LF and n == 1:  # the line before it has been answered
            return n
        self._typed.write(buf, at, n)
        if last == _CR or last == _LF:
            self._reply(self._line, self._typed.readinto(self._line))
        return n

    def _carry(self, size):
        """The line takes its time for so many bytes."""
        self._bits += size * 10000
        self.ms += self._bits // BAUD
        self._bits %= BAUD

    def _note(self, what):
        self.log[self.logged] = what
        self.logged += 1

    # -- what it answers -----------------------------------------------------------------------

    def _reply(self, line, size):
        if line.find(b"AT+CIPRXGET=2,", 0, size) == 0:
            self._read(line[14] - 48, _number(line, 16))
        elif line.find(b"AT+CIPSEND=", 0, size) == 0:
            self._send(line[11] - 48, _number(line, 13))
        elif line.find(b"AT+CIPRXGET=4,", 0, size) == 0:
            self.rx.write(_NOTHING_LEFT[line[14] - 48])
        else:
            self.rx.write(self._answer(bytes(line[:size])))

    def _read(self, n, size):
        size = min(size, self.held[n])
        self.held[n] -= size
        key = (n << 16) + (size << 1) + (self.held[n] > 0)
        if key not in self._answers:
            left = SEGMENT if self.held[n] else 0
            head = b"\r\n+CIPRXGET: 2,%d,%d,%d\r\n" % (n, size, left)
            self._answers[key] = head + payload(size) + b"\r\n" + _OK if size else head + _OK
        self.rx.write(self._answers[key])

    def _send(self, n, size):
        key = -(n << 16) - size
        if key not in self._answers:
            self._answers[key] = b"\r\nDATA ACCEPT:%d,%d\r\n" % (n, size)
        self._accept = self._answers[key]
        self._body = size
        self.rx.write(_PROMPT)

    def _answer(self, line):
        for begin, answer in _ANSWERS:
            if line.startswith(begin):
                return answer
        if line.startswith(b"AT+CIPSTATUS"):
            rows = [_OPEN % n if n in self._open else _FREE % n for n in range(6)]
            return _OK + b"\r\nSTATE: IP PROCESSING\r\n\r\n" + b"".join(rows)
        if line.startswith(b"AT+CIPSTART="):
            self._open.add(line[12] - 48)
            return _OK + b"\r\n%d, CONNECT OK\r\n" % (line[12] - 48)
        return _OK

    # -- the same again without the firmware ---------------------------------------------------

    def record(self):
        """Forget the calls so far; returns them, and the command lines among them."""
        log, self.logged = self.log[: self.logged], 0
        return log, self.said.read()

    def replay(self, log, said):
        """Make the calls of `log` again."""
        buf = bytearray(READ_BYTES)
        at = 0
        for what in log:
            if what is _ANY:
                self.any()
            elif what is _READ:
                self.readinto(buf, READ_BYTES)
            elif what is _TICKS:
                self.ticks_ms()
            elif what is _WAIT:
                self.wait(1)
            elif what > 0:
                self.write(buf, 0, what - _BODY)
            else:
                self.write(said, at, -what)
                at -= what


def hollow(log):
    """What `replay` does beside the calls."""
    at = 0
    for what in log:
        if what is _ANY:
            pass
        elif what is _READ:
            pass
        elif what is _TICKS:
            pass
        elif what is _WAIT:
            pass
        elif what > 0:
            pass
        else:
            at -= what


def payload(size):
    """`size` bytes in which a careless reader finds all that it looks for."""
    block = b"\r\nOK\r\n> 0, CLOSED\r\n" + bytes(range(256))
    return (block * (size // len(block) + 1))[:size]


def pushed(n, size):
    """A packet as the modem pushes it."""
    return b"\r\n+RECEIVE,%d,%d:\r\n" % (n, size) + payload(size)


def _number(line, at):
    value = 0
    while 48 <= line[at] <= 57:
        value = value * 10 + line[at] - 48
        at += 1
    return value
