"""What a modem can open, by its own word: the answer to AT+CIPSTART=?

Two lines, one for addresses and one for names; in multi-link mode the range of links comes first:

    +CIPSTART: (0-5),("TCP","UDP"),("(0-255).(0-255).(0-255).(0-255)"),("1-65535")
    +CIPSTART: (0-5),("TCP","UDP"),("DOMAIN NAME"),("1-65535")

No manual prints the lists of all firmwares, so only what can be made out is believed; the rest is
as the manuals have it (LUAT CIPSTART: links 0-5, TCP and UDP, ports 1-65535).
"""

from micropython import const

from .fields import is_address

_LAST_PORT = const(65535)
_LAST_LINK = const(5)
_ZERO = const(48)
_NINE = const(57)
_DASH = const(45)
_QUOTE = b'"'


class Capability:
    """`links`: how many at once. `tcp`, `udp`: whether it opens them. `ports`: first and last.
    `addresses`, `names`: whether the modem has said that it takes them for a server."""

    def __init__(self):
        self.links = _LAST_LINK + 1
        self.tcp = self.udp = True
        self.addresses = self.names = False
        self.ports = (1, _LAST_PORT)

    def read(self, buf, at, end):
        """A line of the answer, from behind its colon on. Reading one twice changes nothing."""
        ranges = _ranges(buf, at, end)
        first_quote = buf.find(_QUOTE, at, end)
        if not ranges or first_quote < 0:
            return
        self.tcp = buf.find(b"TCP", at, end) > 0
        self.udp = buf.find(b"UDP", at, end) > 0
        if buf.find(b"255", at, end) > 0:
            self.addresses = True
        else:
            self.names = True
        low, high, _ = ranges[-1]
        if 0 < low <= high <= _LAST_PORT:
            self.ports = (low, high)
        low, high, where = ranges[0]
        if where < first_quote and low == 0 and high <= _LAST_LINK:
            self.links = high + 1

    def check(self, udp, host, port):
        """Raises ValueError, naming it, for what this modem says it cannot open."""
        if self.addresses and not self.names and not is_address(host.encode(), 0, len(host)):
            raise ValueError("host %r: this modem takes no names" % host)
        if not (self.udp if udp else self.tcp):
            raise ValueError("%s: not in this modem" % ("UDP" if udp else "TCP"))
        low, high = self.ports
        if not low <= port <= high:
            raise ValueError("port %d: this modem has %d to %d" % (port, low, high))


def _ranges(buf, at, end):
    """[(low, high, index)] of each `<low>-<high>`."""
    found = []
    value = low = -1
    where = at
    while at <= end:
        c = buf[at] if at < end else 0
        if _ZERO <= c <= _NINE:
            if value < 0:
                value = 0
                where = at if low < 0 else where
            value = min(value * 10 + c - _ZERO, 1000000)
        elif c == _DASH and value >= 0 and low < 0:
            low, value = value, -1
        else:
            if low >= 0 and value >= 0:
                found.append((low, value, where))
            low = value = -1
        at += 1
    return found
