"""One link, 0–5: its state, and the command it needs next.

Rules:

1. The state changes only through `_NEXT`. A pair without a row changes nothing and is counted.
2. `state` is what the application has; `up` is whether the modem may still hold the link. A link
   is free for a new user when the modem does not hold it and no reader has anything left in it.
3. `generation` grows with every user, so a socket can tell that its link has gone to another.
4. `pending` (data waits in the modem) is cleared when a read is issued, never when it is
   answered: a URC that comes between answer and OK must survive.
"""

import errno

from micropython import const

from .clock import after, until
from .command import Command
from .errors import errno_of_cme
from .fields import number
from .inbox import Inbox
from .outbox import Outbox

# As in their home files; a test holds the numbers together.
_PENDING = const(0)
_OK = const(1)
_ERROR = const(2)
_TIMEOUT = const(3)
_LOST = const(5)
_EV_CONNECTED = const(32)
_EV_REFUSED = const(33)
_EV_ALREADY = const(34)
_EV_SENT = const(35)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_EV_ARRIVED = const(39)
_EV_LEFT = const(40)
_B_START = const(4)
_B_REFUSED = const(6)
_B_CLOSE = const(7)
_B_GONE = const(8)

# States, as AT+CIPSTATUS names them (LUAT CIPSTATUS, S800 8.2.12), and our own FAILED.
_INITIAL = const(0)
_CONNECTING = const(1)
_CONNECTED = const(2)
_REMOTE_CLOSING = const(3)
_CLOSING = const(4)
_CLOSED = const(5)
_FAILED = const(6)
NAMES = (
    "INITIAL",
    "CONNECTING",
    "CONNECTED",
    "REMOTE CLOSING",
    "CLOSING",
    "CLOSED",
    "FAILED",
)

# What can happen to a link.
_OPEN = const(0)  # a socket wants it
_OPENED = const(1)  # CONNECT OK
_GONE = const(2)  # the peer or the modem's stack closed it
_CLOSE = const(3)  # its socket is closed
_SHUT = const(4)  # the modem has confirmed that it holds it no more
_BROKEN = const(5)  # we cannot vouch for its data
_DRAINED = const(6)  # all that came before the peer's close has been read

_NEXT = {
    _INITIAL << 4 | _OPEN: _CONNECTING,
    _INITIAL << 4 | _OPENED: _CLOSING,  # nobody's link: close it
    _INITIAL << 4 | _CLOSE: _INITIAL,
    _INITIAL << 4 | _GONE: _INITIAL,
    _INITIAL << 4 | _SHUT: _INITIAL,
    _CONNECTING << 4 | _OPENED: _CONNECTED,
    _CONNECTING << 4 | _GONE: _CONNECTING,  # the late farewell of its last user
    _CONNECTING << 4 | _CLOSE: _CLOSING,
    _CONNECTING << 4 | _BROKEN: _FAILED,
    _CONNECTED << 4 | _OPENED: _CONNECTED,
    _CONNECTED << 4 | _GONE: _REMOTE_CLOSING,
    _CONNECTED << 4 | _CLOSE: _CLOSING,
    _CONNECTED << 4 | _BROKEN: _FAILED,
    _REMOTE_CLOSING << 4 | _GONE: _REMOTE_CLOSING,
    _REMOTE_CLOSING << 4 | _CLOSE: _CLOSED,
    _REMOTE_CLOSING << 4 | _DRAINED: _CLOSED,
    _REMOTE_CLOSING << 4 | _BROKEN: _FAILED,
    _REMOTE_CLOSING << 4 | _SHUT: _REMOTE_CLOSING,
    _CLOSING << 4 | _OPENED: _CLOSING,
    _CLOSING << 4 | _GONE: _CLOSED,
    _CLOSING << 4 | _CLOSE: _CLOSING,
    _CLOSING << 4 | _SHUT: _CLOSED,
    _CLOSING << 4 | _BROKEN: _CLOSING,  # its user is gone: nobody to tell
    _CLOSED << 4 | _OPEN: _CONNECTING,
    _CLOSED << 4 | _OPENED: _CLOSING,
    _CLOSED << 4 | _GONE: _CLOSED,
    _CLOSED << 4 | _CLOSE: _CLOSED,
    _CLOSED << 4 | _SHUT: _CLOSED,
    _FAILED << 4 | _OPEN: _CONNECTING,
    _FAILED << 4 | _OPENED: _FAILED,
    _FAILED << 4 | _GONE: _FAILED,
    _FAILED << 4 | _CLOSE: _CLOSED,
    _FAILED << 4 | _SHUT: _FAILED,
    _FAILED << 4 | _BROKEN: _FAILED,
}

# What the command in flight is for.
_DO_OPEN = const(1)
_DO_SEND = const(2)
_DO_PULL = const(3)
_DO_LOOK = const(4)  # how much waits in the modem
_DO_ACK = const(5)  # how much the modem took, how much the peer has acknowledged
_DO_CLOSE = const(6)

_SEGMENT = const(1460)  # the most one AT+CIPSEND or AT+CIPRXGET carries (LUAT, S800 8.2.2, 8.2.26)

_CONNECT_MS = const(80000)  # CIPSTART's result takes up to 75 s (S800 8.2.3)
_RESULT_MS = const(10000)  # quick send answers at once; more only while the modem is full
_DRAIN_MS = const(10000)
_ACK_EVERY_MS = const(250)
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
        self._command = Command(self)
        self._command.outcome = _OK
        self._command.link = n
        self._send_form = table.dialect.send_form(n)
        self._pull_form = table.dialect.pull_form(n)
        self.state = _INITIAL
        self.generation = 0
        self.up = False
        self.owned = False
        self.peer = None
        self.opened_at = 0
        self._clear()

    def _clear(self):
        self.error = 0  # errno that the next call of the socket raises
        self.eof = False  # nothing will come any more
        self.pending = False  # data waits in the modem
        self.unsent = 0  # bytes given up because the link went away
        self.alert = False  # something has changed: ask `next`
        self.wake = -1  # or ask it at this time
        self._opening = False
        self._sweep_at = -1
        self._ack_at = -1
        self._drain_by = -1
        self._give_up_at = -1

    # -- for its socket ------------------------------------------------------------------------

    @property
    def state_name(self):
        return NAMES[self.state]

    @property
    def kind(self):
        return "UDP" if self.rx.udp else "TCP"

    @property
    def sent(self):
        """Bytes that the modem has accepted from the present user."""
        return self.tx.sent

    @property
    def received(self):
        """Bytes that the modem has handed over for it."""
        return self.rx.received

    @property
    def busy(self):
        """Whether a command about this link is in flight."""
        return self._command.outcome == _PENDING

    @property
    def is_free(self):
        """Whether a new user may have it."""
        if self.up or self.busy or self._opening:
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
        self._give_up_at = after(now, _CONNECT_MS)
        state = _NEXT[self.state << 4 | _OPEN]
        new = self.generation + 1
        self.state, self.owned, self._opening, self.alert, self.generation = state, 1, 1, 1, new

    def close(self):
        """Its socket is closed: what was written still leaves, within ten seconds."""
        self.owned = False
        self.tx.hurry = self.eof = True
        if self._opening:
            self._opening = False
            self.up = False
        if self.state == _CONNECTING and not self.up:
            self._event(_CLOSE)
            self._event(_SHUT)
        else:
            self._event(_CLOSE)

    def fail(self, error):
        """Its data cannot be vouched for: the socket gets `error`, the modem is told to close."""
        if _CONNECTING <= self.state <= _CLOSING:
            self.error = self.error or error
            self._opening = False
            self.pending = False
            self._lose_unsent()
            self._drain_by = -1
            self._event(_BROKEN)

    def vanish(self, error):
        """The modem holds no links any more (reboot, CIPSHUT, PDP DEACT)."""
        self.up = False
        if self.busy:
            self._command.outcome = _LOST
        self.fail(error)
        self._event(_SHUT)

    def push_now(self):
        """The application waits for this link: no reason to let data rest."""
        if not self.tx.hurry and self.tx.any():
            self.tx.hurry = self.alert = True

    def freed(self):
        """The application has read: there may be room to ask the modem for more."""
        if self.pending:
            self.alert = True

    # -- what the modem says -------------------------------------------------------------------

    def on_event(self, event, value, now):
        """A URC about this link."""
        if event == _EV_CONNECTED:
            self.up = True
            self._sweep_at = after(now, _SWEEP_MS)
            self._event(_OPENED)
        elif event == _EV_ARRIVED or (event == _EV_LEFT and value > 0):
            self.pending = True
        elif event == _EV_CLOSED:
            self._closed_by_peer()
        elif event == _EV_REFUSED:
            self.up = False
            self.fail(errno.ECONNREFUSED)
            self._event(_SHUT)
        elif event == _EV_ALREADY:
            self.up = True
            self.fail(errno.EALREADY)
        elif event == _EV_CLOSE_OK:
            self.up = False
            self._event(_SHUT)
        self.alert = True

    def on_status(self, state, now):
        """AT+CIPSTATUS says that the link is in `state`: mend what a lost line left wrong."""
        gone = state == _INITIAL or state == _CLOSED
        if self.busy or self._opening:
            return
        if self.state == _CONNECTED and (gone or state == _REMOTE_CLOSING):
            if state == _INITIAL or not self._table.pull:
                self.up = False
                self.fail(errno.ECONNRESET)
            else:
                self._closed_by_peer()
        elif self.state == _CONNECTING and gone:
            self.on_event(_EV_REFUSED, -1, now)
        elif state == _CONNECTED and self.state != _CONNECTED:
            self.on_event(_EV_CONNECTED, -1, now)
        elif gone:
            self.up = False
            self._event(_SHUT)
        self.alert = True

    def _closed_by_peer(self):
        if self.state != _CONNECTING:
            self.up = False
        self._lose_unsent()
        self._event(_GONE)
        if self.state == _REMOTE_CLOSING:
            self.pending = self._table.pull
            if not self.pending:
                self._drained()

    def _lose_unsent(self):
        if self.tx.any() and self.state != _CLOSED:
            self.unsent = self.tx.any()
            if self.owned:
                self.error = self.error or errno.ECONNRESET

    def _drained(self):
        self.eof = True
        self._event(_DRAINED)

    def begin(self, size):
        """`size` bytes of payload for this link follow; returns whether it takes them."""
        if not _CONNECTED <= self.state <= _REMOTE_CLOSING:
            return False
        self.rx.begin(size)
        return True

    # -- what it wants to say ------------------------------------------------------------------

    def next(self, now):
        """The command this link needs now, or None; then `wake` says when to ask again."""
        if self.busy:
            return self._command  # made ready before, then Ctrl-C came
        command = self._next(now)
        if command is None:
            self.wake = self._earliest(now)
            self.alert = False
        return command

    def _next(self, now):
        state = self.state
        if self.tx.doubtful:
            return self._ask_acknowledged()
        if _CONNECTED <= state <= _REMOTE_CLOSING:
            return self._transfer(now)
        if state == _CONNECTING:
            return self._connect(now)
        if state == _CLOSING:
            return self._drain(now)
        return self._ask_close() if self.up else None

    def _transfer(self, now):
        room = self.rx.room() if self.pending else 0
        if room and (not self.rx.udp or room >= _SEGMENT + 2):
            return self._ask_pull(room)
        if self.state == _CONNECTED:
            if self.tx.is_due(now):
                return self._ask_send()
            if self._table.pull and until(self._sweep_at, now) <= 0:
                return self._ask_left(now)
        return None

    def _connect(self, now):
        if self._opening and self._table.bearer.can_start(self._table.dialect.mux):
            return self._ask_open()
        if until(self._give_up_at, now) <= 0:
            self.fail(errno.ETIMEDOUT)
            return self._ask_close()
        return None

    def _drain(self, now):
        if self._drain_by < 0 and self.up and not self.error:
            self._drain_by = after(now, _DRAIN_MS)
            self._ack_at = -1 if self.tx.udp or not self.tx.sent + self.tx.any() else now
        if self.up and not self.error and until(self._drain_by, now) > 0:
            if self.tx.any():
                return self._ask_send()
            if self._ack_at >= 0:
                return self._ask_acknowledged() if until(self._ack_at, now) <= 0 else None
        elif self.up:
            self._lose_unsent()
        return self._ask_close() if self.up else None

    def _earliest(self, now):
        """The next time at which something is to be done without being told."""
        state = self.state
        if state == _CONNECTING:
            return self._give_up_at
        if state == _CLOSING:
            return self._ack_at
        if state == _CONNECTED and self.tx.any():
            return self.tx.flush_at
        if state == _CONNECTED and self._table.pull:
            return self._sweep_at
        return -1

    def _ask_open(self):
        host, port = self.peer
        text = self._table.dialect.open_text(self.n, self.kind.encode(), host.encode(), port)
        self._command.tag = _DO_OPEN
        self._tell_bearer(_B_START)
        self._opening, self.up, command = False, True, self._command.again(text, len(text))
        return command

    def _ask_close(self):
        text = self._table.dialect.link_text(b"CIPCLOSE", self.n)
        self._command.tag = _DO_CLOSE
        self._tell_bearer(_B_CLOSE)
        return self._command.again(text, len(text), _EV_CLOSE_OK)

    def _ask_acknowledged(self):
        text = self._table.dialect.link_text(b"CIPACK", self.n)
        self._command.tag = _DO_ACK
        return self._command.again(text, len(text), prefix=b"+CIPACK")

    def _ask_left(self, now):
        self._sweep_at = after(now, _SWEEP_MS)
        text = self._table.dialect.left_text(self.n)
        self._command.tag = _DO_LOOK
        return self._command.again(text, len(text))

    def _ask_pull(self, room):
        size = _SEGMENT if self.rx.udp or room > _SEGMENT else room
        length = self._table.dialect.fill_in(self._pull_form, size)
        self._command.tag = _DO_PULL
        self.pending, command = False, self._command.again(self._pull_form, length)
        return command

    def _ask_send(self):
        size = self.tx.segment()
        length = self._table.dialect.fill_in(self._send_form, size)
        self._command.tag = _DO_SEND
        return self._command.again(self._send_form, length, _EV_SENT, _RESULT_MS, None, self, size)

    # -- what came of it -----------------------------------------------------------------------

    def reply(self, command, buf, at, end):
        """`+CIPACK: <sent>,<acknowledged>,<not yet>`"""
        if command.tag == _DO_ACK:
            at += 8
            command.reported = number(buf, at, end)
            command.size = number(buf, at, end, 2)
        return False

    def done(self, command, now):
        what = command.tag
        if what == _DO_PULL:
            self._pulled(command, now)
        elif what == _DO_SEND:
            self._sent(command)
        elif what == _DO_OPEN:
            self._opened(command)
        elif what == _DO_ACK:
            self._acknowledged(command, now)
        elif what == _DO_LOOK and command.outcome == _ERROR:
            self._table.suspicious = True
        elif what == _DO_CLOSE and command.outcome <= _ERROR:
            self.up = False  # ERROR: it was not open
            self._tell_bearer(_B_GONE)
            self._event(_SHUT)
        self.alert = True

    def _opened(self, command):
        if command.outcome == _ERROR:
            self.up = False
            self._tell_bearer(_B_REFUSED)
            self._table.suspicious = True
            self.fail(errno_of_cme(command.cme))
            self._event(_SHUT)

    def _pulled(self, command, now):
        self._sweep_at = after(now, _SWEEP_MS)
        if command.outcome == _OK and command.reported >= 0:
            if self.state == _REMOTE_CLOSING and not self.pending and not command.reported:
                self._drained()
            elif self.state == _REMOTE_CLOSING:
                self.pending = True  # ask until the modem says that nothing is left
        elif command.outcome == _ERROR and command.reported < 0:
            if self.state == _REMOTE_CLOSING:
                self._drained()
            else:
                self._table.suspicious = True
        else:
            self.fail(errno.ECONNRESET)

    def _sent(self, command):
        outcome = command.outcome
        if outcome == _OK and (command.reported < 0 or command.reported == command.size):
            self.tx.accepted(command.size)
        elif outcome == _TIMEOUT or outcome == _LOST:
            self.tx.doubt(command.size)
        else:
            self.fail(errno.ECONNRESET)
            self._table.suspicious = True

    def _acknowledged(self, command, now):
        if self.tx.doubtful:
            if command.outcome != _OK or not self.tx.settle(command.reported):
                self.fail(errno.ECONNRESET)
            self.tx.doubtful = False
        elif command.outcome == _OK and command.size > 0:
            self._ack_at = after(now, _ACK_EVERY_MS)
        else:
            self._ack_at = -1

    def _tell_bearer(self, event):
        self._table.bearer.event(event, self._table.dialect.mux)

    def _event(self, event):
        state = _NEXT.get(self.state << 4 | event, -1)
        if state < 0:
            self._table.unexpected += 1
        else:
            self.state = state
        self.alert = True
