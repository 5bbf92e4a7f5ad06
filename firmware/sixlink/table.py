"""The table of six links: who is next, who is free, what happens to all.

Fair turns are taken between links; within a link order is kept by the link itself. A user who
finds every link taken, but one of them closing, is put on a short list and gets that link as soon
as the modem has let go of it.
"""

import errno

from micropython import const

from .clock import FOREVER, after, until
from .link import Link

# As in their home files; a test holds the numbers together.
_CONNECTED = const(2)
_OPEN = const(0)
_CLOSE = const(3)
_SHUT = const(4)

_RX_SIZE = const(1024)
_TX_SIZE = const(1536)
_DATAGRAM_SIZE = const(1536)  # one datagram of 1460 bytes and its length
_FAULTS = const(8)
_LINKS = const(6)


class Links:
    """Six links. `pull`: received data is asked for (AT+CIPRXGET) and not pushed by the modem."""

    def __init__(self, dialect, bearer, pull=True, rx_size=_RX_SIZE):
        self.dialect = dialect
        self.bearer = bearer
        self.pull = pull
        self.rx_size = rx_size
        self.tx_size = _TX_SIZE
        self.datagram_size = max(rx_size + 4, _DATAGRAM_SIZE)  # two lengths beside two packets
        self.unexpected = 0  # events that fitted no state
        self.unsent = 0  # bytes given up because their link went away
        self.data = None  # as in `engine`: transparent mode
        self.suspicious = False  # the modem contradicts the table: ask it AT+CIPSTATUS
        self.alert = False  # something has changed, for some link or beside them: look
        self.wake = -1  # when to look all the same
        self.all = [Link(n, self) for n in range(_LINKS)]
        self.faults = []  # (errno, what, cme) of errors that the driver has not seen yet
        self.claims = []  # users who wait for a link that is closing
        self._turn = 0
        self._past = None

    def past(self):
        """A link that is at its end for ever, for the user whose own has gone to another after
        its stream had ended, and who does not know yet that it had."""
        if self._past is None:
            self._past = Link(_LINKS, self)
            self._past.rx.open(False, 1)
            self._past.eof = True
            for event in (_OPEN, _CLOSE, _SHUT):
                self._past.event(event)
        return self._past

    def speak(self, dialect):
        """From now on in another dialect; no link may be in use."""
        self.dialect = dialect
        for link in self.all:
            link.agenda.request.speak(dialect)

    def open(self, claim, udp, host, port, now, own=0):
        """Give `claim` a link and start connecting it, from port `own` if that is not 0.

        `claim.adopt(link, generation)` is called with the link: at once, or later when none is
        free but one of ours is closing, or while the bearer is being mended. Raises
        OSError(ENOBUFS) when six links are in use.
        """
        self.alert = True
        up = self.bearer.is_up and not self._is_spent()
        link = self._free() if up else None
        if link is not None:
            self._give(link, claim, udp, host, port, now, own)
        elif len(self.claims) < (self._closing() if up else self.dialect.links):
            self.claims.append((claim, udp, host, port, own))
        else:
            raise OSError(errno.ENOBUFS)

    def fault(self, code, what, cme=-1):
        """Something went wrong; the oldest gives way when nobody takes them."""
        if len(self.faults) == _FAULTS:
            self.faults.pop(0)
        self.faults.append((code, what, cme))
        self.alert = True

    def is_waiting(self, claim):
        """Whether `claim` is on the list of those who wait for a link."""
        return any(entry[0] is claim for entry in self.claims)

    def withdraw(self, claim):
        """`claim` does not want a link any more."""
        self.claims = [entry for entry in self.claims if entry[0] is not claim]

    def next(self, now):
        """The command that some link needs now, or None."""
        if self.claims:
            self._serve_claims(now)
        if not self.alert and (self.wake < 0 or until(self.wake, now) > 0):
            return None
        soonest = FOREVER
        for _ in self.all:
            link = self.all[self._turn]
            self._turn = (self._turn + 1) % _LINKS
            if link.alert or (link.wake >= 0 and until(link.wake, now) <= 0):
                command = link.agenda.next(now)
                if command is not None:
                    return command
            if link.wake >= 0:
                soonest = min(soonest, until(link.wake, now))
        self.alert, self.wake = False, -1 if soonest == FOREVER else after(now, max(0, soonest))
        return None

    def leave_to(self, only, soonest, now):
        """Whether no link wants anything but `only`, which is to go on sending, for `soonest`
        milliseconds at the most: then `alert` is cleared, and `wake` says when to ask again."""
        if self.suspicious or self.claims or only.state != _CONNECTED or only.pending:
            return False
        for link in self.all:
            if link is not only:
                if link.alert:
                    return False
                if link.wake >= 0:
                    soonest = min(soonest, until(link.wake, now))
        self.alert, self.wake = False, after(now, max(0, soonest))
        return True

    def is_stuck(self):
        """Whether somebody waits for a link that there will be after AT+CIPSHUT only."""
        return self.claims and self._is_spent()

    def due(self, now):
        """Milliseconds until some link needs attention."""
        if self.alert or (self.claims and self._free() is not None):
            return 0
        return FOREVER if self.wake < 0 else max(0, until(self.wake, now))

    def vanish(self, error, typing=None):
        """The modem has let go of all links: each user is told `error`."""
        for link in self.all:
            link.vanish(error, typing)

    def fail_pushed(self, error):
        """A pushed payload was lost and nobody knows whose it was."""
        if not self.pull:
            for link in self.all:
                link.fail(error)

    def _serve_claims(self, now):
        link = self._free()
        if link is not None:
            claim, udp, host, port, own = self.claims[0]
            self._give(link, claim, udp, host, port, now, own)
            self.withdraw(claim)

    def _give(self, link, claim, udp, host, port, now, own):
        """The claim knows its link before the link knows its user: cut short in between, neither
        is bound, and the link is still free."""
        link.generation += 1  # whoever had it is out
        claim.adopt(link, link.generation + 1)
        link.agenda.own = own
        link.open(udp, host, port, now)

    def _is_spent(self):
        """Whether all links are free, and the modem opens none."""
        return self.bearer.is_spent(self.dialect) and self._free() is not None

    def _free(self):
        """A free link: one that nobody remembers before one that a dead socket still holds."""
        second = None
        for link in self.all:
            if link.n < self.dialect.links and link.is_free():
                if not link.owned:
                    return link
                second = second or link
        return second

    def _closing(self):
        return sum(1 for link in self.all if not link.owned and not link.is_free())
