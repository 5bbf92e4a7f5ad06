"""The CIP* dialect, as Luat and SIMCom modems speak it; what they differ in is data of a family.

What is typed and what the lines mean. LUAT = Luat AT command manual (TCP/IP chapters), S800 =
SIM800 Series AT Command Manual V1.10; the words are the same in both unless a comment says
otherwise. Every spelling that a real modem was seen to use is understood in every family.

`classify` turns one line into an event; what the line carried is left in `link`, `value`, `left`.
"""

from micropython import const

from .fields import number, put_number, word_at

# As in their home files; a test holds the numbers together.
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_ERROR = const(2)
_EV_SHUT = const(3)
_EV_STATE = const(4)
_EV_STATUS = const(5)
_EV_BOOT = const(6)
_EV_DEACT = const(7)
_EV_SIM = const(9)
_EV_REGISTRATION = const(10)
_EV_DNS = const(11)
_EV_OFF = const(12)
_EV_NOTICE = const(13)
_EV_PUSHED = const(14)
_EV_PULLED = const(15)
_EV_DAMAGED = const(16)
_EV_ECHO = const(17)
_EV_SERVER = const(18)
_EV_CALLER = const(19)
_EV_CONNECTED = const(32)
_EV_REFUSED = const(33)
_EV_ALREADY = const(34)
_EV_SENT = const(35)
_EV_SEND_FAILED = const(36)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_EV_ARRIVED = const(39)
_EV_LEFT = const(40)
_EV_ONLINE = const(41)

_PLUS = const(43)
_COMMA = const(44)
_COLON = const(58)
_ZERO = const(48)
_NINE = const(57)
_HEADER_ROOM = const(20)  # bytes of `CR LF +RECEIVE,0,1460: CR LF`

MAX_SEND = 1460  # bytes in one AT+CIPSEND (LUAT and S800 CIPSEND)
MAX_HOST = 128  # bytes of a host name in AT+CIPSTART (LUAT CIPSTART)
LINKS = 6

# What a long transfer is made of.
_FULL_HEADERS = tuple([b"\r\n+RECEIVE,%d,1460:\r\n" % n for n in range(LINKS)])

# `<n>, <word>` in multi-link mode, `<word>` alone in single-link mode. Real modules put a space
# behind the comma, the manuals often do not.
_LINK_WORDS = (
    (b"CONNECT OK", _EV_CONNECTED),
    (b"SEND OK", _EV_SENT),
    (b"CLOSED", _EV_CLOSED),
    (b"CLOSE OK", _EV_CLOSE_OK),
    (b"CLOSED OK", _EV_CLOSE_OK),  # one UDP sample of the SIM800 TCPIP application note
    (b"CONNECT FAIL", _EV_REFUSED),
    (b"ALREADY CONNECT", _EV_ALREADY),
    (b"SEND FAIL", _EV_SEND_FAILED),
    (b"CONNECT", _EV_ONLINE),  # transparent mode, as the next
    (b"NO CARRIER", _EV_CLOSED),  # LUAT: the answer to ATO when the link is gone
)

# Lines known by how they begin; the first row that fits wins. A family puts its own before them.
_PLUS_LINES = (
    (b"+PDP", _EV_DEACT),  # `+PDP: DEACT`; LUAT also prints `+PDP DEACT` and `+PDP:DEACT`
    (b"+CPIN", _EV_SIM),
    (b"+CREG", _EV_REGISTRATION),
    (b"+CGREG", _EV_REGISTRATION),
    (b"+CEREG", _EV_REGISTRATION),
    (b"+CDNSGIP", _EV_DNS),
    (b"+SAPBR", _EV_NOTICE),
    (b"+CFUN", _EV_NOTICE),
    (b"+CMTI", _EV_NOTICE),
    (b"+CTZV", _EV_NOTICE),
    (b"+CIEV", _EV_NOTICE),
    (b"+RECV FROM:", _EV_NOTICE),
    (b"+++", _EV_ECHO),  # of an escape that was none
)
_OTHER_LINES = (
    (b"STATE:", _EV_STATE),
    (b"SHUT OK", _EV_SHUT),
    (b"C:", _EV_STATUS),
    (b"AT", _EV_ECHO),
    (b"RDY", _EV_BOOT),
    (b"SERVER ", _EV_SERVER),
    (b"S: ", _EV_NOTICE),  # the server's line in the answer to AT+CIPSTATUS
    (b"NORMAL POWER DOWN", _EV_OFF),
    (b"UNDER-VOLTAGE POWER DOWN", _EV_OFF),  # S800 19.3, as the next three
    (b"OVER-VOLTAGE POWER DOWN", _EV_OFF),
    (b"UNDER-VOLTAGE", _EV_NOTICE),
    (b"OVER-VOLTAGE", _EV_NOTICE),
    (b"RECV FROM:", _EV_NOTICE),  # AT+CIPSRIP=1
    (b"RING", _EV_NOTICE),
    # What SIM800 says while it starts, before anybody has asked what it is.
    (b"Call Ready", _EV_NOTICE),
    (b"SMS Ready", _EV_NOTICE),
    (b"CHARGE-ONLY MODE", _EV_NOTICE),
    (b"*PSUTTZ", _EV_NOTICE),
    (b"*PSNWID", _EV_NOTICE),
    (b"DST:", _EV_NOTICE),
)


class Dialect:
    """What all families share. A family names itself and overrides what is different."""

    name = ""
    lines: tuple = ()  # rows of its own: how a line begins, and the event
    errors: dict = {}  # CME numbers of its own, and their errno
    registrations: tuple = (b"CREG", b"CGREG", b"CEREG")  # asked for in turn
    needless: tuple = ()  # steps of bring-up that it has no command for
    texts: dict = {}  # steps of bring-up whose line it words otherwise, and that line
    pulls = True  # it has AT+CIPRXGET; else it pushes what it receives
    separator = _COMMA  # behind the link number in what it says of a link
    reopens = True  # single-link mode: a link may follow a closed one without AT+CIPSHUT
    # In data mode `+++` counts between silences of so many ms, and this is what ends the mode.
    guard_ms = 1000
    after_ms = 1000
    hangups: tuple = (b"CLOSED", b"+PDP: DEACT", b"+PDP DEACT", b"+PDP:DEACT", b"RDY")

    def __init__(self, mux=1):
        self.mux = mux  # AT+CIPMUX: 1 six links, 0 a single one
        self.links = LINKS if mux else 1
        self.link = -1
        self.value = -1
        self.left = -1

    def errno_of(self, cme):
        """The errno that says best what `+CME ERROR: <cme>` means in this family."""
        from .errors import errno_of_cme

        return self.errors.get(cme) or errno_of_cme(cme)

    # -- what is typed -------------------------------------------------------------------------

    def open_text(self, n, kind, host, port):
        """AT+CIPSTART; `kind` and `host` are bytes already found safe between quotes."""
        return b'AT+CIPSTART=%s"%s","%s",%d\r' % (self._which(n), kind, host, port)

    def bind_text(self, n, kind, port):
        """AT+CLPORT: the port to connect from."""
        return b'AT+CLPORT=%s"%s",%d\r' % (self._which(n), kind, port)

    def link_text(self, name, n):
        """AT+<name> about one link: CIPCLOSE, CIPACK."""
        return b"AT+%s=%d\r" % (name, n) if self.mux else b"AT+%s\r" % name

    def left_text(self, n):
        return b"AT+CIPRXGET=4,%d\r" % n if self.mux else b"AT+CIPRXGET=4\r"

    def send_form(self, n):
        """AT+CIPSEND with room for the size; it is built once and then only filled in."""
        return bytearray(b"AT+CIPSEND=%s     \r\n" % self._which(n))

    def pull_form(self, n):
        """AT+CIPRXGET=2, the same way."""
        return bytearray(b"AT+CIPRXGET=2,%s     \r\n" % self._which(n))

    def _which(self, n):
        return b"%d," % n if self.mux else b""

    def fill_in(self, form, size):
        """Put `size` into a form; returns how many of its bytes are to be typed.

        The line ends with CR LF: Luat takes an LF behind the CR of CIPSEND as part of the line
        end, so without it a payload that begins with LF would lose that byte and the modem would
        wait for one more for ever (LUAT CIPSEND, note 6). SIM800 drops it too.
        """
        end = put_number(form, len(form) - 7, size)
        form[end] = 13
        form[end + 1] = 10
        return end + 2

    # -- what is read --------------------------------------------------------------------------

    def classify(self, buf, at, end):
        """The event that line `buf[at:end]` means; UNKNOWN where no rule knows it."""
        first = buf[at]
        if first == _PLUS:
            return self._plus_line(buf, at, end)
        if end - at == 2 and buf.startswith(b"OK", at):
            return _EV_OK
        if _ZERO <= first < _ZERO + self.links and buf[at + 1] == self.separator:
            self.link = first - _ZERO
            event = self._link_word(buf, word_at(buf, at + 2, end), end)
        else:
            event = self._other_line(buf, at, end)
        return event or self._damaged(buf, at, end)

    def push_header(self, buf, at, end):
        """The header of a pushed payload as it nearly always is, at the beginning of a line: where
        the payload begins, or 0 if a closer look is needed. `classify` without its calls."""
        if at + _HEADER_ROOM > end:
            return 0
        self.link = buf[at + 11] - _ZERO
        if not 0 <= self.link < self.links:
            return 0
        if buf.startswith(_FULL_HEADERS[self.link], at):
            self.value = MAX_SEND
            return at + _HEADER_ROOM
        if not buf.startswith(b"\r\n+RECEIVE,", at) or buf[at + 12] != _COMMA:
            return 0
        at += 13
        size = 0
        while size <= MAX_SEND // 10 and _ZERO <= buf[at] <= _NINE:
            size = size * 10 + buf[at] - _ZERO
            at += 1
        self.value = size
        return at + 3 if 0 < size <= MAX_SEND and buf.startswith(b":\r\n", at) else 0

    def _plus_line(self, buf, at, end):
        if buf.startswith(b"+RECEIVE", at):
            return self._pushed(buf, at + 8, end)
        if buf.startswith(b"+CIPRXGET:", at):
            return self._pull_line(buf, at + 10, end)
        if buf.startswith(b"+IPD", at):
            return self._headed(buf, at + 4, end)
        if buf.startswith(b"+CME ERROR", at) or buf.startswith(b"+CMS ERROR", at):
            at += 10
            self.value = number(buf, at + 1 if buf[at] == _COLON else at, end)
            return _EV_ERROR
        return (
            _row_of(self.lines, buf, at)
            or _row_of(_PLUS_LINES, buf, at)
            or self._damaged(buf, at, end)
        )

    def _pushed(self, buf, at, end):
        if (
            buf[at] == _COMMA and buf[at + 2] == _COMMA and buf[end - 1] == _COLON
        ):  # as it should be
            self.link = buf[at + 1] - _ZERO
            self.value = number(buf, at + 3, end)
        else:
            self.link = number(buf, at, end, 1)
            self.value = number(buf, at, end, 2)
        # With AT+CIPSRIP=1 SIM800 adds the peer's address, and perhaps no second colon.
        if buf[at] != _COMMA or (buf[end - 1] != _COLON and buf.find(b".", at, end) < 0):
            return _EV_DAMAGED
        if 0 <= self.link < self.links and 0 < self.value <= MAX_SEND:
            return _EV_PUSHED
        return _EV_DAMAGED

    def _headed(self, buf, at, end):
        """`+IPD,<size>:` or `+IPD,<size>,TCP:`, single-link mode with AT+CIPHEAD=1."""
        self.link = 0
        self.value = number(buf, at, end, 1)
        if self.mux or buf[end - 1] != _COLON or not 0 < self.value <= MAX_SEND:
            return _EV_DAMAGED
        return _EV_PUSHED

    def _pull_line(self, buf, at, end):
        what = number(buf, at, end)
        mux = self.mux
        self.link = number(buf, at, end, 1) if mux else 0
        if not 0 <= self.link < self.links:
            return _EV_DAMAGED
        if what == 1:  # a URC; with CIPSRIP=1 an address follows
            return _EV_ARRIVED
        self.value = number(buf, at, end, 1 + mux)
        if what == 4:
            return _EV_LEFT if self.value >= 0 else _EV_DAMAGED
        self.left = number(buf, at, end, 2 + mux)
        if what == 2 and 0 <= self.value <= MAX_SEND and self.left >= 0:
            return _EV_PULLED
        return _EV_DAMAGED

    def _link_word(self, buf, at, end):
        size = end - at
        self.value = -1
        if buf.startswith(b"REMOTE IP:", at):
            return _EV_CALLER
        for word, event in _LINK_WORDS:
            if len(word) == size and buf.startswith(word, at):
                return event
        return _EV_UNKNOWN

    def _other_line(self, buf, at, end):
        if buf.startswith(b"DATA", at) and buf.find(b"ACCEPT:", at, end) > 0:
            return self._accepted(buf, buf.find(b":", at, end) + 1, end)
        if end - at == 5 and buf.startswith(b"ERROR", at):
            self.value = -1
            return _EV_ERROR
        event = _row_of(self.lines, buf, at) or _row_of(_OTHER_LINES, buf, at)
        if event or self.mux:
            return event
        self.link = 0
        return self._link_word(buf, at, end)

    def _accepted(self, buf, at, end):
        self.link = number(buf, at, end) if self.mux else 0
        self.value = number(buf, at, end, self.mux)
        return _EV_SENT if 0 <= self.link < self.links and self.value >= 0 else _EV_UNKNOWN

    def _damaged(self, buf, at, end):
        """A line such as `ECEIVE,3,10:` is a payload header that lost a byte."""
        if end - at > 5 and buf[end - 1] == _COLON and number(buf, at, end, 2) >= 0:
            self.link = number(buf, at, end, 1)
            return _EV_DAMAGED
        return _EV_UNKNOWN


def _row_of(rows, buf, at):
    """The event of the first row that fits."""
    for prefix, event in rows:
        if buf.startswith(prefix, at):
            return event
    return _EV_UNKNOWN
