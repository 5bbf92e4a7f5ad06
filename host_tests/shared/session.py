"""An engine with a scripted modem: for tests that want one exact answer at one exact place.

Tests that want a modem that behaves use `world.World` instead.
"""

from sixlink.modem import Modem

START_MS = (1 << 29) - 5000  # the firmware's clock wraps five seconds in

CAPABILITY = (
    b'\r\n+CIPSTART: (0-5),("TCP","UDP"),("(0-255).(0-255).(0-255).(0-255)"),("1-65535")\r\n'
    b'\r\n+CIPSTART: (0-5),("TCP","UDP"),("DOMAIN NAME"),("1-65535")\r\n'
)
BRING_UP = (
    (b"AT\r", b"\r\nOK\r\n"),
    (b"AT+CIPSHUT\r", b"\r\nSHUT OK\r\n"),
    (b"ATE0\r", b"ATE0\r\r\nOK\r\n"),
    (b"AT+CMEE=1\r", b"\r\nOK\r\n"),
    (b"ATI\r", b"\r\nAirM2M_780E_V1169_LTE_AT\r\n\r\nOK\r\n"),
    (b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
    (b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"),
    (b"AT+CREG?\r", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
    (b"AT+CREG=1\r", b"\r\nOK\r\n"),
    (b"AT+CGATT?\r", b"\r\n+CGATT: 1\r\n\r\nOK\r\n"),
    (b"AT+CIPMODE=0\r", b"\r\nOK\r\n"),
    (b"AT+CIPMUX=1\r", b"\r\nOK\r\n"),
    (b"AT+CIPQSEND=1\r", b"\r\nOK\r\n"),
    (b"AT+CIPSPRT=1\r", b"\r\nOK\r\n"),
    (b"AT+CIPATS=0\r", b"\r\nOK\r\n"),
    (b"AT+CIPRXGET=1\r", b"\r\nOK\r\n"),
    (b"AT+CIPSTART=?\r", CAPABILITY + b"\r\nOK\r\n"),
    (b'AT+CSTT="cmnet","",""\r', b"\r\nOK\r\n"),
    (b"AT+CIICR\r", b"\r\nOK\r\n"),
    (b"AT+CIFSR\r", b"\r\n10.74.100.63\r\n"),
)
_PULL = 15  # where the receive mode is chosen
PUSH_BRING_UP = (
    BRING_UP[:5]
    + ((b"AT+IFC?\r", b"\r\n+IFC: 2,2\r\n\r\nOK\r\n"),)
    + BRING_UP[5:_PULL]
    + ((b"AT+CIPRXGET=0\r", b"\r\nOK\r\n"), (b"AT+CIPRXF=1\r", b"\r\nOK\r\n"))
    + BRING_UP[_PULL + 1 :]
)


class ScriptedUart:
    """What is typed gathers in `typed`; what `say` is given comes in, `grain` bytes a read."""

    def __init__(self, grain=0):
        self.typed = bytearray()
        self.grain = grain
        self._rx = bytearray()

    def say(self, data):
        self._rx = self._rx + data

    def any(self):
        return min(len(self._rx), self.grain or len(self._rx))

    def readinto(self, buf, n):
        n = min(n, len(self._rx))
        buf[:n] = self._rx[:n]
        self._rx = self._rx[n:]
        return n or None

    def write(self, buf, at, n):
        self.typed.extend(bytes(buf[at : at + n]))
        return n


class Session:
    """`Session()` is a modem object whose other end is the test."""

    def __init__(self, grain=0, **options):
        self.now = START_MS
        self.uart = options.pop("uart", None) or ScriptedUart(grain)
        self.log = []
        self.modem = Modem(
            self.uart,
            options.pop("apn", "cmnet"),
            ticks_ms=lambda: self.now,
            wait=self.rest,
            log=self.log.append,
            **options,
        )
        self.engine = self.modem.driver.engine

    def rest(self, ms):
        self.now += max(1, int(ms))

    def pump(self, times=1):
        for _ in range(times):
            self.modem.driver.pump()
            heard = -1
            while self.uart.any() and heard != self.engine.intake.heard:  # else it is left there
                heard = self.engine.intake.heard
                self.modem.driver.pump()

    def run(self, ms):
        end = self.now + ms
        while self.now < end:
            self.pump()
            self.rest(min(self.modem.driver.due(), end - self.now))
        self.pump()

    def expect(self, text, ms=3000):
        """Wait until exactly `text` has been typed."""
        end = self.now + ms
        while len(self.uart.typed) < len(text):
            assert self.now < end, (text, bytes(self.uart.typed))
            self.pump()
            self.rest(1)
        assert bytes(self.uart.typed) == text, (text, bytes(self.uart.typed))
        self.uart.typed = bytearray()

    def say(self, data):
        self.uart.say(data)
        self.pump(2)

    def talk(self, *lines):
        """Pairs of what must be typed and what comes back."""
        for typed, answer in lines:
            self.expect(typed)
            self.say(answer)

    def bring_up(self, lines=BRING_UP):
        self.modem.connect(timeout=0)
        self.talk(*lines)
        assert self.modem.isconnected(), self.modem
        return self

    def open(self, n=0, host="h", port=80, kind="TCP", blocking=False):
        """A socket that is connected on link `n`; it does not block unless told."""
        sock = self.modem.socket(type=1 if kind == "TCP" else 2)
        sock.setblocking(False)
        try:
            sock.connect((host, port))
        except OSError:
            pass
        self.talk(
            (
                b'AT+CIPSTART=%d,"%s","%s",%d\r' % (n, kind.encode(), host.encode(), port),
                b"\r\nOK\r\n\r\n%d, CONNECT OK\r\n" % n,
            )
        )
        assert self.modem.links[n].state_name() == "CONNECTED"
        sock.setblocking(blocking)
        return sock


def splits(data):
    """`data` whole, byte by byte, and cut in two at every place."""
    yield (data,)
    yield tuple(data[i : i + 1] for i in range(len(data)))
    for i in range(1, len(data)):
        yield (data[:i], data[i:])


def errno_of(function, *args):
    """The errno that a call raises, or None."""
    try:
        function(*args)
    except OSError as error:
        return error.args[0]  # CPython sets `errno` only beside a text
    return None
