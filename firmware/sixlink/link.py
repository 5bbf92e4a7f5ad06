"""One link, 0–5: its state, and the command it needs next.

Rules:

1. `state` is what the application has; `up` is whether the modem may still hold the link. A link
   is free for a new user when the modem does not hold it and no reader has anything left in it.
2. `generation` grows with every user, so a socket can tell that its link has gone to another.
3. `pending` (data may wait in the modem) is cleared when a read is issued, never when it is
   answered: a URC that comes between answer and OK must survive. `owed` goes with it, but is only
   true where the modem has said so: what it then does not hand over is lost, not the end.
"""

import errno

from micropython import const

from .agenda import Agenda
from .inbox import Inbox
from .linkstate import NAMES, NEXT
from .outbox import Outbox

# As in their home files; a test holds the numbers together.
_PENDING = const(0)
_LOST = const(5)
_EV_CONNECTED = const(32)
_EV_REFUSED = const(33)
_EV_ALREADY = const(34)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_EV_ARRIVED = const(39)
_EV_LEFT = const(40)
_EV_ONLINE = const(41)
_INITIAL = const(0)
_CONNECTING = const(1)
_CONNECTED = const(2)
_REMOTE_CLOSING = const(3)
_CLOSING = const(4)
_CLOSED = const(5)
_FAILED = const(6)
_OPEN = const(0)
_OPENED = const(1)
_GONE = const(2)
_CLOSE = const(3)
_SHUT = const(4)
_BROKEN = const(5)
_DRAINED = const(6)
_CALLED = const(7)


_CONNECT_MS = const(80000)  # CIPSTART's result takes up to 75 s (S800 CIPSTART)
_SWEEP_MS = const(2000)  # a lost `+CIPRXGET: 1,n` costs at most this


class Link:
    """A row of the table. `rx` holds what has come in, `tx` what is to go out.

    `opened_at` is when the present user came, in the core's milliseconds.
    """

    def __init__(self, n, table):
        self.n = n
        self.rx = Inbox()
        self.tx = Outbox()
        self._table = table
        self.agenda = Agenda(self, n, table)
        self.state = _INITIAL
        self.generation = 0
        self.ended = -1  # the last user whose stream has come to its end
        self.up = False
        self.owned = False
        self.peer = None
        self.opened_at = 0
        self._clear()

    def _clear(self):
        self.error = 0  # errno that the next call of the socket raises
        self.cme = -1  # the modem's own number for it
        self.eof = False  # nothing will come any more
        self.pending = False  # data may wait in the modem
        self.owed = False  # the modem has said that it does
        self.leaving = False  # a CLOSED was read that has to be confirmed
        self.unsent = 0  # bytes given up because the link went away
        self.alert = False  # something has changed: ask `next`
        self.wake = -1  # or ask it at this time
        self.opening = False

    # -- for its socket ------------------------------------------------------------------------

    def state_name(self):
        """The state in the words of AT+CIPSTATUS."""
        return NAMES[self.state]

    def kind(self):
        """TCP or UDP."""
        data = self._table.data
        return data.kind if data is not None else "UDP" if self.rx.udp else "TCP"

    def refusal(self):
        """What a `connect` that failed raises: with the modem's own number if it has given one."""
        if self.cme < 0:
            return OSError(self.error)
        from .errors import ModemError

        return ModemError(self.error, "AT+CIPSTART", self.cme, "", self._table.dialect.name)

    def is_connecting(self):
        """Whether AT+CIPSTART is typed and its result is to come."""
        return self.state == _CONNECTING and self.up

    def busy(self):
        """Whether a command about this link is in flight."""
        return self.agenda.is_busy()

    def is_free(self):
        """Whether a new user may have it."""
        return self.is_callable() and not self.busy()

    def is_callable(self):
        """Whether a caller may have it: what a question in flight brings is his."""
        if self.up or self.opening or (self.busy() and not self.agenda.is_asking()):
            return False
        if not self.owned:
            return True
        return (self.state == _CLOSED or self.state == _FAILED) and not self.rx.waiting()

    def open(self, udp, host, port, now):
        """Start connecting for a new user. `host` has been found safe.

        The last line makes it so: cut short before it, the link is still free.
        """
        table = self._table
        self._clear()
        self.rx.open(udp, table.datagram_size if udp else table.rx_size)
        self.tx.open(udp, table.tx_size)
        self.peer = (host, port)
        self.opened_at = now
        self.agenda.clear(now)
        state = NEXT[self.state << 4 | _OPEN]
        new = self.generation + 1
        yes = True
        self.state, self.owned, self.opening, self.alert, self.generation = (
            state,
            yes,
            yes,
            yes,
            new,
        )
        table.alert = yes

    def called(self, address, now):
        """A peer has connected to our server: there is a new user, if somebody accepts it."""
        table = self._table
        self._clear()
        self.rx.open(False, table.rx_size)
        self.tx.open(False, table.tx_size)
        self.peer = (address, 0)
        self.opened_at = now
        self.agenda.clear(now)
        self.agenda.connected(now)
        self.up = self.alert = self._table.alert = True
        new = self.generation + 1
        state = NEXT[self.state << 4 | _CALLED]
        self.state, self.owned, self.generation = state, True, new

    def let_go(self):
        """A peer has connected to our server: the modem holds nothing of the last user's."""
        if self.state == _REMOTE_CLOSING and not (self.owed or self.agenda.is_owed()):
            self.drained()

    def refuse(self):
        """A peer has connected to our server whom nobody accepts. A user who is there has lost the
        link to it: neither may see the other's data."""
        if _CONNECTED <= self.state <= _CLOSING:
            self._table.suspicious = True  # or the modem meant another link
            self.fail(errno.ECONNRESET)
        self.up = self.alert = self._table.alert = True

    def close(self):
        """Its socket is closed: what was written still leaves, within ten seconds."""
        self.owned = False
        self.tx.hurry = self.eof = True
        self.opening = False
        if self.state == _CONNECTING and not self.up:
            self.event(_CLOSE)
            self.event(_SHUT)
        else:
            self.event(_CLOSE)

    def fail(self, error, cme=-1):
        """Its data cannot be vouched for: the socket gets `error`, the modem is told to close.
        `cme`: the modem's own number for it."""
        if _CONNECTING <= self.state <= _CLOSING:
            self._table.fault(error, "link %d" % self.n, cme)
            if not self.error:
                self.error, self.cme = error, cme
            self.opening = False
            self.pending = False
            self.lose_unsent()
            self.agenda.drain_by = -1
            self.event(_BROKEN)

    def vanish(self, error, typing):
        """The modem holds no links any more (reboot, CIPSHUT, PDP DEACT). `typing` is the command
        whose body is being typed, if any: that must be finished, for it was announced."""
        self.up = False
        self.tx.doubtful = False  # nobody is left to ask
        self.agenda.forget_port()
        if self.busy() and self.agenda.request is not typing:
            self.agenda.request.outcome = _LOST
        self.fail(error)
        self.event(_SHUT)

    def push_now(self):
        """The application waits for this link: no reason to let data rest."""
        if not self.tx.hurry and self.tx.any():
            self.tx.hurry = self.alert = self._table.alert = True

    def freed(self):
        """The application has read: there may be room to ask the modem for more."""
        if self.pending:
            self.alert = self._table.alert = True

    # -- what the modem says -------------------------------------------------------------------

    def on_event(self, event, value, now):
        """A URC about this link."""
        if self.opening:  # AT+CIPSTART is not typed yet: this is about the last user
            self.up = self.up or event == _EV_CONNECTED
            return
        if event == _EV_CONNECTED or event == _EV_ONLINE:
            self.up = True
            self.agenda.connected(now)
            self.event(_OPENED)
        elif event == _EV_ARRIVED:
            self.left(1)
        elif event == _EV_LEFT:
            self.left(value)
        elif event == _EV_CLOSED:
            self._closed_by_peer()
        elif event == _EV_REFUSED or event == _EV_CLOSE_OK:
            self.up = False
            if self.state != _CLOSING:  # it was not we who gave it up
                self.fail(errno.ECONNREFUSED if event == _EV_REFUSED else errno.ECONNRESET)
            self.event(_SHUT)
        elif event == _EV_ALREADY:
            self.up = True
            self.fail(errno.EALREADY)
        self.alert = self._table.alert = True

    def left(self, size):
        """The modem has told that it holds `size` more bytes, or a byte at least."""
        if size > 0:
            self.pending = self.owed = True

    def on_status(self, state, now):
        """AT+CIPSTATUS says that the link is in `state`: mend what a lost line left wrong."""
        gone = state == _INITIAL or state == _CLOSED
        if self.busy():
            return
        if self.opening:  # the last user, or a caller, whose line was taken for something else
            self.up = self.up or not gone
            return
        leaving = self.leaving
        if self.state == _CONNECTED and (gone or state == _REMOTE_CLOSING):
            if state == _INITIAL or not (self._table.pull or leaving):
                self.up = False
                self.fail(errno.ECONNRESET)
            else:
                self._closed_by_peer(leaving)
        elif self.state == _CONNECTING and gone:
            if state == _INITIAL:
                self.fail(errno.ETIMEDOUT)  # AT+CIPSTART never got through
            self.on_event(_EV_REFUSED, -1, now)
        elif self.state == _REMOTE_CLOSING:
            pass  # the CLOSED came while the answer was being given
        elif state == _CONNECTED and self.state != _CONNECTED:
            self.on_event(_EV_CONNECTED, -1, now)
        elif state == _CONNECTING and not self.up:
            self.up = True  # its AT+CIPCLOSE was refused, or lost: close it again
        elif gone:
            self.up = False
            self.event(_SHUT)
        self._table.alert = self.alert = True
        self.leaving = False  # last: this may be cut short and run again

    def _closed_by_peer(self, held=False):
        """`held`: in transparent mode the CLOSED was held back, and not read as a line."""
        if self.state != _CONNECTING:
            self.up = False
        if self._table.data is not None:
            self._table.data.hung_up(held)
        self.lose_unsent()
        self.event(_GONE)
        if self.state == _REMOTE_CLOSING:
            self.pending = self._table.pull
            if not self.pending:
                self.drained()

    def lose_unsent(self):
        left = self.tx.any() + self.agenda.unacknowledged
        if left and self.state != _CLOSED:
            self._table.unsent += left - self.unsent  # may be found out twice
            self.unsent = left
            if self.owned:
                self.error = self.error or errno.ECONNRESET

    def drained(self):
        self.eof = True
        if not self.error:
            self.ended = self.generation
        self.event(_DRAINED)

    def begin(self, size):
        """`size` bytes of payload for this link follow; returns whether it takes them."""
        if not _CONNECTED <= self.state <= _REMOTE_CLOSING:
            return False
        # Of a modem that browns out noise may follow, as much as was announced: a datagram is
        # whole when the OK behind it has come. A stream is delivered as it comes.
        self.rx.begin(size, self.rx.udp and self.agenda.is_pulling())
        return True

    # -- its state ------------------------------------------------------------------------------

    def event(self, event):
        state = NEXT.get(self.state << 4 | event, -1)
        if state < 0:
            self._table.unexpected += 1
        else:
            self.state = state
        self.alert = self._table.alert = True
