"""What a modem can open, by its own word: the answer to AT+CIPSTART=?

Two lines, one for addresses and one for names; in multi-link mode the range of links comes first:

    +CIPSTART: (0-5),("TCP","UDP"),("(0-255).(0-255).(0-255).(0-255)"),("1-65535")
    +CIPSTART: (0-5),("TCP","UDP"),("DOMAIN NAME"),("1-65535")

No manual prints the lists of all firmwares, and bytes get lost on the wire. So only what both
lines say is believed, and of an address what all four of its numbers say; the rest is as the
manuals have it (LUAT CIPSTART: links 0-5, TCP and UDP, ports 1-65535).
"""

from micropython import const

from .fields import is_address

_LAST_PORT = const(65535)
_LAST_LINK = const(5)
_ZERO = const(48)
_NINE = const(57)
_DASH = const(45)
_QUOTE = b'"'
_MODES = (b'"TCP","UDP"', b'"UDP","TCP"', b'"TCP"', b'"UDP"')


class Capability:
    """`links`: how many at once. `tcp`, `udp`: whether it opens them. `ports`: first and last.
    `octets`: those of the numbers in an address."""

    def __init__(self):
        self.links = _LAST_LINK + 1
        self.tcp = self.udp = True
        self.ports = (1, _LAST_PORT)
        self.octets = (0, 255)
        self._said = None

    def read(self, buf, at, end):
        """A line of the answer, from behind its colon on."""
        ranges = _ranges(buf, at, end)
        first_quote = buf.find(_QUOTE, at, end)
        modes = bytes(buf[first_quote : buf.find(b")", first_quote, end)])
        if not ranges or modes not in _MODES:
            return
        low, high, where = ranges[0]
        has_links = where < first_quote and low == 0
        said = (modes, min(high, _LAST_LINK) if has_links else _LAST_LINK, ranges[-1][:2])
        if said == self._said:
            self._believe(*said)
        self._said = said
        octets = [octet[:2] for octet in ranges[-5:-1]]
        if len(octets) == 4 and octets == octets[:1] * 4:
            self.octets = octets[0]

    def _believe(self, modes, last_link, ports):
        self.tcp, self.udp = b"TCP" in modes, b"UDP" in modes
        self.links = last_link + 1
        low, high = ports
        if 0 < low <= high <= _LAST_PORT:
            self.ports = ports

    def check(self, udp, host, port):
        """Raises ValueError, naming it, for what this modem says it cannot open."""
        if not (self.udp if udp else self.tcp):
            raise ValueError("%s: not in this modem" % ("UDP" if udp else "TCP"))
        low, high = self.ports
        if not low <= port <= high:
            raise ValueError("port %d: this modem has %d to %d" % (port, low, high))
        low, high = self.octets
        if is_address(host.encode(), 0, len(host)):
            for octet in host.split("."):
                if not low <= int(octet) <= high:
                    raise ValueError("host %r: numbers are %d to %d" % (host, low, high))


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
