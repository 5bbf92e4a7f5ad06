"""One link, 0–5: its state, its rings, and the command it needs next.

Rules:

1. The state changes only through `_NEXT`. A pair without a row changes nothing and is counted.
2. `state` is what the application has; `up` is whether the modem may still hold the link. A link
   is free for a new user when the modem does not hold it and no reader has anything left in it.
3. `generation` grows with every user, so a socket can tell that its link has gone to another.
4. What is typed is never typed again. A send whose result got lost is settled by AT+CIPACK.
5. `pending` (data waits in the modem) is cleared when a read is issued, never when it is
   answered: a URC that comes between answer and OK must survive.
6. A count that an interrupted call could spoil is set from a base, or moves in the same line as
   the bytes it counts.
"""

import errno

from micropython import RingIO, const

from .clock import after, until
from .command import Command
from .errors import errno_of_cme
from .fields import number

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
_COALESCE_MS = const(10)
_DRAIN_MS = const(10000)
_ACK_EVERY_MS = const(250)
_SWEEP_MS = const(2000)  # a lost `+CIPRXGET: 1,n` costs at most this

_PREFIX = bytearray(2)  # the length before each datagram in a ring


class Link:
    """A row of the table. Sockets use `open`, `write`, `read…` and `close`; the engine the rest.

    `sent` and `received` count application bytes that the modem accepted from, and handed to, the
    present user; `opened_at` is when that user came, in the core's milliseconds.
    """

    def __init__(self, n, table):
        self.n = n
        self._table = table
        self._command = Command(self)
        self._command.outcome = _OK
        self._command.link = n
        self._send_form = table.dialect.send_form(n)
        self._pull_form = table.dialect.pull_form(n)
        self.rx = self.tx = None
        self._rx_size = 0
        self.state = _INITIAL
        self.generation = 0
        self.up = False
        self.owned = False
        self.kind = "TCP"
        self.peer = None
        self.opened_at = 0
        self._reset()

    def _reset(self):
        self.error = 0  # errno that the next call of the socket raises
        self.eof = False  # nothing will come any more
        self.pending = False  # data waits in the modem
        self.hurry = False  # the application waits: send what there is
        self.nodelay = False
        self.ready = 0  # whole datagrams in the ring
        self.sent = self.received = self.dropped = 0
        self.unsent = 0  # bytes given up because the link went away
        self.alert = False  # something has changed: ask `next`
        self.wake = -1  # or ask it at this time
        self._opening = False
        self._incoming = 0  # size of the datagram that is coming in
        self._filled = 0  # bytes of it in the ring, its length included
        self._spare = False  # that datagram has no room
        self._base = 0  # `sent` when the send in flight began
        self._outgoing = 0  # bytes of that send
        self._uncertain = False  # ask the modem what became of that send …
        self._doubtful = 0  # … which has arrived if it has taken so many bytes in all
        self._flush_at = -1
        self._sweep_at = -1
        self._ack_at = -1
        self._drain_by = -1
        self._give_up_at = -1

    # -- for its socket ------------------------------------------------------------------------

    @property
    def state_name(self):
        return NAMES[self.state]

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
        return (self.state == _CLOSED or self.state == _FAILED) and not self.rx.any()

    def open(self, kind, host, port, now):
        """Give the link to a new user and start connecting. `host` has been found safe."""
        table = self._table
        self.generation += 1  # first: from here on a socket that was promised it can give it back
        self._reset()
        self.kind = kind
        self._make_rings(table.datagram_size if kind == "UDP" else table.rx_size)
        self.peer = (host, port)
        self.owned = True
        self.opened_at = now
        self._opening = True
        self._give_up_at = after(now, _CONNECT_MS)
        self._event(_OPEN)

    def _make_rings(self, rx_size):
        """Empty rings, the old ones where they fit: a heap that runs for long stays whole."""
        if self._rx_size == rx_size:
            _drain_ring(self.rx)
            _drain_ring(self.tx)
        else:
            self.rx = self.tx = None
            self.rx = RingIO(rx_size)
            self.tx = RingIO(self._table.tx_size)
            self._rx_size = rx_size

    def close(self):
        """Its socket is closed: what was written still leaves, within ten seconds."""
        self.owned = False
        self.hurry = self.eof = True
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
        if self.state == _CONNECTING or _CONNECTED <= self.state <= _CLOSING:
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

    def room(self):
        """Bytes that the receive ring can take."""
        return self._rx_size - self.rx.any()

    def write_room(self):
        """Bytes that the transmit window can take."""
        return self._table.tx_size - self.tx.any()

    def write(self, buf, at, size, now):
        """Take up to `size` bytes into the window; returns how many. A datagram goes whole or
        not at all."""
        tx = self.tx
        if self.kind == "UDP":
            if self.write_room() < size + 2:
                return 0
            _put_size(size)
            tx.write(_PREFIX)
        taken = tx.write(buf, at, size)
        self._flush_at = after(now, _COALESCE_MS)
        self.alert = True
        return taken

    def push_now(self):
        """The application waits for this link: no reason to let data rest."""
        if not self.hurry and self.tx.any():
            self.hurry = self.alert = True

    def freed(self):
        """The application has read: there may be room to ask the modem for more."""
        if self.pending:
            self.alert = True

    def waiting(self):
        """Bytes that wait to be read; of datagrams, not less than the next one has."""
        if self.kind == "UDP":
            return self.rx.any() - 2 if self.datagrams() else 0
        return self.rx.any()

    def datagrams(self):
        """Whole datagrams that wait to be read."""
        self._count_datagram()
        return self.ready

    def datagram(self, buf, size):
        """Read the next datagram into `buf`, at most `size` bytes; returns how many. What does
        not fit is gone, as with any datagram socket."""
        rx = self.rx
        rx.readinto(_PREFIX)
        length = _PREFIX[0] << 8 | _PREFIX[1]
        n = min(length, size)
        self.ready, self.received, n = self.ready - 1, self.received + length, rx.readinto(buf, n)
        for _ in range(length - n):
            rx.readinto(_PREFIX, 1)
        return n

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

    def _written(self):
        """Bytes that wait to be sent; a link that was never ours has no window."""
        return 0 if self.tx is None else self.tx.any()

    def _lose_unsent(self):
        if self._written() and self.state != _CLOSED:
            self.unsent = self.tx.any()
            if self.owned:
                self.error = self.error or errno.ECONNRESET

    def _drained(self):
        self.eof = True
        self._event(_DRAINED)

    def begin(self, size):
        """`size` bytes of payload for this link follow; returns whether it takes them."""
        if self.kind == "UDP":
            self._count_datagram()
            self._incoming, self._filled = size, 0
            self._spare = self.room() < size + 2
        return _CONNECTED <= self.state <= _REMOTE_CLOSING

    def store(self, framer, size):
        """Take up to `size` bytes of payload out of the framer; returns how many (0: no room).

        Bytes and counts move in one line, so that Ctrl-C finds them either here or there.
        """
        if self.kind == "UDP":
            return self._store_datagram(framer, size)
        buf = framer.buf
        rx = self.rx
        n = min(size, self._rx_size - rx.any())
        at = framer.at + n
        left = framer.payload - n
        got = self.received
        if n:
            framer.at, framer.payload, self.received = at, left, got + rx.write(buf, at - n, n)
        return n

    def _store_datagram(self, framer, size):
        buf = framer.buf
        rx = self.rx
        at = framer.at + size
        left = framer.payload - size
        if self._spare:
            framer.at, framer.payload, self.dropped = at, left, self.dropped + (left == 0)
            return size
        if not self._filled:
            _put_size(self._incoming)
            self._filled = rx.write(_PREFIX)
        got = self._filled
        framer.at, framer.payload, self._filled = at, left, got + rx.write(buf, at - size, size)
        return size

    def _count_datagram(self):
        if self._filled and self._filled == self._incoming + 2:
            self._incoming, self._filled, self.ready = 0, 0, self.ready + 1

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
        if self._uncertain:
            return self._ask_acknowledged()
        if _CONNECTED <= state <= _REMOTE_CLOSING:
            return self._transfer(now)
        if state == _CONNECTING:
            return self._connect(now)
        if state == _CLOSING:
            return self._drain(now)
        return self._ask_close() if self.up else None

    def _transfer(self, now):
        room = self.room() if self.pending else 0
        if room and (self.kind == "TCP" or room >= _SEGMENT + 2):
            return self._ask_pull(room)
        if self.state == _CONNECTED:
            if self._is_send_due(now):
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
            self._ack_at = now if self.kind == "TCP" and self.sent + self._written() else -1
        if self.up and not self.error and until(self._drain_by, now) > 0:
            if self._written():
                return self._ask_send()
            if self._ack_at >= 0:
                return self._ask_acknowledged() if until(self._ack_at, now) <= 0 else None
        elif self.up:
            self._lose_unsent()
        return self._ask_close() if self.up else None

    def _is_send_due(self, now):
        waiting = self.tx.any()
        if not waiting:
            self.hurry = False
            return False
        if self.kind == "UDP" or self.hurry or self.nodelay or waiting >= _SEGMENT:
            return True
        return until(self._flush_at, now) <= 0

    def _earliest(self, now):
        """The next time at which something is to be done without being told."""
        state = self.state
        if state == _CONNECTING:
            return self._give_up_at
        if state == _CLOSING:
            return self._ack_at
        if state == _CONNECTED and self.tx.any():
            return self._flush_at
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
        size = _SEGMENT if self.kind == "UDP" or room > _SEGMENT else room
        length = self._table.dialect.fill_in(self._pull_form, size)
        self._command.tag = _DO_PULL
        self.pending, command = False, self._command.again(self._pull_form, length)
        return command

    def _ask_send(self):
        if not self._outgoing:
            self._take_segment()
        length = self._table.dialect.fill_in(self._send_form, self._outgoing)
        self._base = self.sent
        self._command.tag = _DO_SEND
        return self._command.again(
            self._send_form, length, _EV_SENT, _RESULT_MS, None, self, self._outgoing
        )

    def _take_segment(self):
        if self.kind == "UDP":
            self.tx.readinto(_PREFIX)
            self._outgoing = _PREFIX[0] << 8 | _PREFIX[1]
        else:
            self._outgoing = min(self.tx.any(), _SEGMENT)

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
            self.sent = self._base + command.size
            self._outgoing = 0
        elif outcome == _TIMEOUT or outcome == _LOST:
            self._doubtful = self._base + command.size
            self._uncertain = self.kind == "TCP"
            self._outgoing = 0
        else:
            self.fail(errno.ECONNRESET)
            self._table.suspicious = True

    def _acknowledged(self, command, now):
        if self._uncertain:
            self._settle(command)
            self._uncertain = False
        elif command.outcome == _OK and command.size > 0:
            self._ack_at = after(now, _ACK_EVERY_MS)
        else:
            self._ack_at = -1

    def _settle(self, command):
        """A send's result was lost; the modem now says how many bytes it has taken in all."""
        if command.outcome == _OK and command.reported == self._doubtful:
            self.sent = self._doubtful
        else:
            self.fail(errno.ECONNRESET)

    def _tell_bearer(self, event):
        self._table.bearer.event(event, self._table.dialect.mux)

    def _event(self, event):
        state = _NEXT.get(self.state << 4 | event, -1)
        if state < 0:
            self._table.unexpected += 1
        else:
            self.state = state
        self.alert = True


def _drain_ring(ring):
    while ring.readinto(_PREFIX):
        pass


def _put_size(size):
    _PREFIX[0] = size >> 8
    _PREFIX[1] = size & 255
