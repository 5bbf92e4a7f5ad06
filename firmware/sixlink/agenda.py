"""What a link wants to say to the modem, and what came of it.

The link itself keeps order: it has one command at a time. What is typed is never typed again: a
send whose result got lost is settled by AT+CIPACK.
"""

import errno

from micropython import const

from .clock import after, until
from .fields import number
from .request import Request

# As in their home files; a test holds the numbers together.
_PENDING = const(0)
_OK = const(1)
_ERROR = const(2)
_TIMEOUT = const(3)
_LOST = const(5)
_B_START = const(4)
_B_REFUSED = const(6)
_B_CLOSE = const(7)
_B_GONE = const(8)
_CONNECTING = const(1)
_CONNECTED = const(2)
_REMOTE_CLOSING = const(3)
_CLOSING = const(4)
_SHUT = const(4)
_DO_OPEN = const(1)
_DO_SEND = const(2)
_DO_PULL = const(3)
_DO_LOOK = const(4)
_DO_ACK = const(5)
_DO_CLOSE = const(6)
_DO_BIND = const(7)

# The most that one AT+CIPSEND or AT+CIPRXGET carries (LUAT and S800, CIPSEND and CIPRXGET).
_SEGMENT = const(1460)
_DRAIN_MS = const(10000)
_ACK_EVERY_MS = const(250)
_SWEEP_MS = const(2000)  # a lost `+CIPRXGET: 1,n` costs at most this
_CONNECT_MS = const(80000)  # CIPSTART's result takes up to 75 s (S800 CIPSTART)


class Agenda:
    def __init__(self, link, n, table):
        self._link = link
        self._table = table
        self.request = Request(self, n, table.dialect)
        self.own = 0  # the port to connect from; 0: the modem chooses
        self.told = {}  # kind -> the port that the modem has been told; -1: it may have lost it
        self.clear(0)

    def clear(self, now):
        """A new user."""
        self.sweep_at = -1
        self._owed = False  # data that the read in flight is to bring
        self._ack_at = -1
        self.drain_by = -1
        self.unacknowledged = 0  # bytes, when AT+CIPACK last told
        self._give_up_at = after(now, _CONNECT_MS)

    def is_busy(self):
        """Whether the command is in flight, or ready to be."""
        return self.request.outcome == _PENDING

    def is_asking(self):
        """Whether the command in flight changes nothing in the modem: AT+CIPRXGET or AT+CIPACK."""
        return self.is_busy() and _DO_PULL <= self.request.tag <= _DO_ACK

    def is_pulling(self):
        """Whether the command in flight is AT+CIPRXGET=2."""
        return self.is_busy() and self.request.tag == _DO_PULL

    def is_owed(self):
        """Whether a read in flight is to bring data that the modem has told of."""
        return self.is_pulling() and self._owed and self.request.reported < 0

    def connected(self, now):
        """The link has just been opened."""
        self.sweep_at = after(now, _SWEEP_MS)

    def forget_port(self):
        """The modem has lost the links; whether it has lost their ports nobody tells."""
        for kind in self.told:
            self.told[kind] = -1 if self.told[kind] else 0

    # -- what it wants to say ------------------------------------------------------------------

    def next(self, now):
        """The command this link needs now, or None; then `wake` says when to ask again."""
        link = self._link
        if self.is_busy():
            return self.request  # made ready before, then Ctrl-C came
        command = self._next(now)
        if command is None:
            link.wake = self._earliest(now)
            link.alert = False
        return command

    def _next(self, now):
        link = self._link
        state = link.state
        if link.tx.doubtful:
            return self.request.ask_acknowledged()
        if _CONNECTED <= state <= _REMOTE_CLOSING:
            return self._transfer(now)
        if state == _CONNECTING:
            return self._connect(now)
        if state == _CLOSING:
            return self._drain(now)
        return self._ask_close() if link.up else None

    def _transfer(self, now):
        link = self._link
        data = self._table.data
        if data is not None:
            return data.online(now) if link.state == _CONNECTED else None
        room = link.rx.room() if link.pending else 0
        if room and (not link.rx.udp or room >= _SEGMENT + 2):
            return self._ask_pull(room)
        if link.state == _CONNECTED:
            if link.tx.is_due(now):
                return self.request.send(link.tx.segment(), link)
            if self._table.pull and until(self.sweep_at, now) <= 0:
                return self._ask_left(now)
        return None

    def _connect(self, now):
        link = self._link
        if link.opening and link.up:
            return self._ask_close()  # the last user's CONNECT OK came late
        dialect = self._table.dialect
        if link.opening and self._table.bearer.can_start(dialect.mux, dialect.reopens):
            if self.own != self.told.get(link.kind(), 0):
                return self.request.bind(link.kind(), self.own)
            return self._ask_open()
        if until(self._give_up_at, now) <= 0:
            link.fail(errno.ETIMEDOUT)
            return self._ask_close()
        return None

    def _drain(self, now):
        link = self._link
        if self.drain_by < 0 and link.up and not link.error:
            self.drain_by = after(now, _DRAIN_MS)
            self._ack_at = -1 if link.kind() == "UDP" or not link.tx.sent + link.tx.any() else now
        if link.up and not link.error and until(self.drain_by, now) > 0:
            if link.tx.any() and self._table.data is None:
                due = link.tx.is_due(now)
                return self.request.send(link.tx.segment(), link) if due else None
            if self._ack_at >= 0:
                return self.request.ask_acknowledged() if until(self._ack_at, now) <= 0 else None
        elif link.up:
            link.lose_unsent()
        return self._ask_close() if link.up else None

    def _earliest(self, now):
        """The next time at which something is to be done without being told."""
        link = self._link
        state = link.state
        if state == _CONNECTING:
            return self._give_up_at
        if state == _CLOSING:
            return link.tx.next_at() if link.tx.any() else self._ack_at
        if state == _CONNECTED and link.tx.any():
            return link.tx.next_at()
        if state == _CONNECTED and self._table.pull:
            return self.sweep_at
        return -1

    def _ask_open(self):
        link = self._link
        self._tell_bearer(_B_START)
        link.opening, link.up, command = False, True, self.request.open(link.kind(), link.peer)
        return command

    def _ask_close(self):
        self._tell_bearer(_B_CLOSE)
        return self.request.close()

    def _ask_left(self, now):
        self.sweep_at = after(now, _SWEEP_MS)
        return self.request.look()

    def _ask_pull(self, room):
        link = self._link
        size = _SEGMENT if link.rx.udp or room > _SEGMENT else room
        self._owed = link.owed
        link.owed, link.pending, command = False, False, self.request.pull(size)
        return command

    # -- what came of it -----------------------------------------------------------------------

    def reply(self, command, buf, at, end):
        """`+CIPACK: <sent>,<acknowledged>,<not yet>`"""
        if command.tag == _DO_ACK:
            at += 8
            command.reported = number(buf, at, end)
            command.size = number(buf, at, end, 2)
        return False

    def done(self, command, now):
        link = self._link
        what = command.tag
        if what == _DO_PULL:
            self._pulled(command, now)
        elif what == _DO_SEND:
            self._sent(command, now)
        elif what == _DO_OPEN:
            self._opened(command)
        elif what == _DO_BIND:
            self._bind_done(command)
        elif what == _DO_ACK:
            self._acknowledged(command, now)
        elif what == _DO_LOOK and command.outcome == _ERROR:
            self._table.suspicious = True
        elif what == _DO_CLOSE and command.outcome <= _ERROR:
            link.up = False  # ERROR: it was not open
            self._tell_bearer(_B_GONE)
            if not link.opening:
                link.event(_SHUT)
        link.alert = self._table.alert = True

    def _bind_done(self, command):
        """Luat has no port 0, SIM800 means by it: choose one."""
        link = self._link
        if self.own and command.outcome != _OK:
            link.fail(self._table.dialect.errno_of(command.cme), command.cme)
            link.event(_SHUT)
        else:
            self.told[link.kind()] = self.own

    def _opened(self, command):
        link = self._link
        if command.outcome == _ERROR:
            link.up = False
            self._tell_bearer(_B_REFUSED)
            self._table.suspicious = True
            link.fail(self._table.dialect.errno_of(command.cme), command.cme)
            link.event(_SHUT)

    def _pulled(self, command, now):
        link = self._link
        self.sweep_at = after(now, _SWEEP_MS)
        if command.outcome == _OK and command.reported >= 0:
            link.rx.held = False
            if link.state == _REMOTE_CLOSING and not link.pending and not command.reported:
                link.drained()
            elif link.state == _REMOTE_CLOSING:
                link.pending = True  # ask until the modem says that nothing is left
        elif command.outcome == _ERROR and command.reported < 0:
            if link.state == _REMOTE_CLOSING and not (self._owed or link.owed):
                link.drained()
            elif link.state == _REMOTE_CLOSING:
                link.fail(errno.ECONNRESET)
            elif link.state == _CONNECTED:
                self._table.suspicious = True
        elif link.state != _CLOSING:  # else nobody reads, but what was written still leaves
            link.fail(errno.ECONNRESET)

    def _sent(self, command, now):
        link = self._link
        outcome = command.outcome
        if outcome == _OK and (command.reported < 0 or command.reported == command.size):
            link.tx.accepted(command.size)
        elif outcome == _TIMEOUT or outcome == _LOST:
            if link.up:
                link.tx.doubt(command.size)
        elif outcome == _ERROR and command.reported < 0:
            # Before the prompt: nothing was typed. The modem has no room, or no such link.
            self._table.suspicious = self._table.suspicious or link.tx.held_until < 0
            link.tx.hold(now)
        else:
            link.fail(errno.ECONNRESET)
            self._table.suspicious = True

    def _acknowledged(self, command, now):
        link = self._link
        if link.tx.doubtful:
            taken = command.reported if command.outcome == _OK else -1
            if not link.tx.settle(taken):
                link.fail(errno.ECONNRESET)
            link.tx.doubtful = False
            return
        self.unacknowledged = max(0, command.size) if command.outcome == _OK else 0
        if self.unacknowledged:
            self._ack_at = after(now, _ACK_EVERY_MS)
        else:
            self._ack_at = -1

    def _tell_bearer(self, event):
        self._table.bearer.event(event, self._table.dialect.mux)
