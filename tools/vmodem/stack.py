"""The modem's TCP/IP stack: six links on one context, between the command set and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answer import BUFFER_FULL, Refusal
from .bearer import BearerMachine, Event, NotAllowed
from .clock import Timer
from .link import CLOSING, CONNECTED, CONNECTING, Connection, Link
from .network import SEGMENT
from .settings import LINKS

if TYPE_CHECKING:
    from .core import VirtualModem

# Push peers are held back while the UART is this far behind, and go on below the second mark:
# a segment in hand at any rate, so the line never runs dry, and answers are not late for long.
PUSH_BEHIND_BYTES = 2 * SEGMENT
PUSH_REFILL_BYTES = SEGMENT
REFUSAL_US = 50_000  # when the reset of a peer that is made to refuse arrives


class Stack:
    """Owns the links, the bearer and every call to the network."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._network = modem.network
        self.bearer = BearerMachine()
        self.links = [Link(number) for number in range(LINKS)]
        self.connections: list[Connection] = []
        self._connect_timers: dict[int, Timer] = {}
        self._refill: Timer | None = None
        self.sending = 0  # the link of the payload that is owed or being sent

    # -- the bearer --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The state's name as AT+CIPSTATUS prints it."""
        return self.bearer.name(self.links[0].kind)

    def happen(self, event: Event) -> None:
        """Take a row of the bearer's table; raises Refusal where there is none."""
        try:
            self.bearer.happen(event)
        except NotAllowed as error:
            raise Refusal() from error

    def require(self, event: Event) -> None:
        """Raise Refusal unless the bearer's table has a row for `event`."""
        if not self.bearer.allows(event):
            raise Refusal()

    def take_down(self, closed_by: str) -> None:
        """Every link vanishes without a word to the host."""
        for link in self.links:
            if link.live:
                self._network.close(link.number, self._modem.now_us)
            link.ended(closed_by)
            link.reset()
        for timer in self._connect_timers.values():
            timer.cancel()
        self._connect_timers.clear()
        self._modem.data_mode.leave()

    def restart(self) -> None:
        """The modem restarts: nothing is left but the history."""
        self.take_down("reboot")
        self.bearer = BearerMachine()
        self._refill = None

    def shut(self, closed_by: str = "shut") -> None:
        self.take_down(closed_by)
        self.bearer.happen(Event.SHUT)

    def lose_context(self) -> bool:
        """The network releases the context; False when there was none."""
        before = self.bearer.state
        self.bearer.happen(Event.LOST)
        if self.bearer.state is before:
            return False
        self.take_down("pdp")
        return True

    # -- opening and closing -----------------------------------------------------------------

    def reserve(self, link: Link, kind: str, host: str, port: int) -> None:
        """AT+CIPSTART is accepted: the link is connecting, its OK is not out yet."""
        connection = Connection(link.number, kind, host, port)
        self.connections.append(connection)
        link.opening(connection, kind == "UDP" and not self._modem.merge_datagrams)

    def open(self, link: Link) -> None:
        """The OK is out; the context may have gone with it."""
        if link.state != CONNECTING:
            return
        modem = self._modem
        self._connect_timers[link.number] = modem.after(
            modem.profile.connect_timeout_us, lambda: self._connect_timed_out(link)
        )
        if link.kind == "TCP" and modem.faults.strikes("silent_peer"):
            return
        if link.kind == "TCP" and modem.faults.strikes("refused_peer"):
            connection = link.connection
            modem.after(REFUSAL_US, lambda: self._refused(link, connection))
            return
        self._network.open(link.number, link.kind, link.host, link.port, modem, modem.now_us)

    def close(self, link: Link) -> None:
        """AT+CIPCLOSE: forget the link and what it still held."""
        if link.live:
            self._network.close(link.number, self._modem.now_us)
        self._end(link, "host")
        link.inbox.take(link.inbox.left)
        if self._modem.settings.multi:
            if self.bearer.allows(Event.IDLE) and not any(other.live for other in self.links):
                self.bearer.happen(Event.IDLE)
        else:
            self.bearer.happen(Event.CLOSED)

    def _connect_timed_out(self, link: Link) -> None:
        self._network.close(link.number, self._modem.now_us)
        self._fail(link, "timeout")

    def _fail(self, link: Link, closed_by: str) -> None:
        self._end(link, closed_by)
        modem = self._modem
        if modem.settings.multi:
            modem.result(f"{self.tag(link)}CONNECT FAIL")
            return
        if self.bearer.allows(Event.REFUSED):
            self.bearer.happen(Event.REFUSED)
        modem.result(f"STATE: {self.state}", "CONNECT FAIL")

    def _refused(self, link: Link, connection: Connection | None) -> None:
        if link.connection is connection:
            self.peer_refused(link.number)

    def _end(self, link: Link, closed_by: str) -> None:
        timer = self._connect_timers.pop(link.number, None)
        if timer:
            timer.cancel()
        link.ended(closed_by)

    def tag(self, link: Link) -> str:
        """What stands before a link's result: `0, ` in multi-link mode."""
        if not self._modem.settings.multi:
            return ""
        return f"{link.number}{self._modem.profile.link_separator}"

    # -- what the network tells --------------------------------------------------------------

    def peer_connected(self, number: int, address: str | None) -> None:
        link = self.links[number]
        if link.state != CONNECTING:
            return
        self._connect_timers.pop(number).cancel()
        link.state = CONNECTED
        link.address = address or link.host
        if not self._modem.settings.multi:
            self.bearer.happen(Event.CONNECTED)
        if self._modem.settings.transparent:
            self.go_online()
        else:
            self._modem.result(f"{self.tag(link)}CONNECT OK")

    def peer_refused(self, number: int) -> None:
        if self.links[number].state == CONNECTING:
            self._fail(self.links[number], "refused")

    def peer_closed(self, number: int) -> None:
        link = self.links[number]
        if link.state not in (CONNECTED, CLOSING):
            return
        self._end(link, "peer")
        if not self._modem.settings.multi:
            self.bearer.happen(Event.CLOSED)
        self._modem.data_mode.leave()
        self._modem.urc(f"{self.tag(link)}CLOSED")

    def hang_up_sending(self) -> None:
        """The peer of the link that is owed a payload closes now, whatever the network thinks."""
        link = self.links[self.sending]
        self._network.close(link.number, self._modem.now_us)
        self.peer_closed(link.number)

    # -- transparent mode --------------------------------------------------------------------

    def go_online(self) -> None:
        """CONNECT, then what the peer sent while the host was at command level."""
        self._modem.data_mode.enter()
        link = self.links[0]
        while link.inbox.left:
            self._hand_over(link, link.inbox.take(SEGMENT))
        self._let_go(link)

    # -- receiving ---------------------------------------------------------------------------

    def peer_data(self, number: int, data: bytes) -> None:
        link = self.links[number]
        if link.state not in (CONNECTED, CLOSING):
            return
        settings = self._modem.settings
        if settings.transparent and not self._modem.data_mode.on:
            self._buffer(link, data)
        elif settings.pull and not settings.transparent:
            self._buffer(link, data)
            self._announce(link)
        else:
            self._push(link, data)

    def _buffer(self, link: Link, data: bytes) -> None:
        window = self._modem.receive_window
        if link.kind == "UDP":
            if link.inbox.left + len(data) > window:
                self._modem.counters["datagrams_dropped"] += 1
                return
        elif link.inbox.left + len(data) + SEGMENT > window:
            self._hold_back(link)
        link.inbox.put(data)

    def _announce(self, link: Link) -> None:
        modem = self._modem
        if link.announced and modem.rxget_urc == "first" and modem.settings.ciprxget != 5:
            return
        link.announced = True
        number = f",{link.number}" if modem.settings.multi else ""
        modem.urc(f"{modem.profile.rxget_prefix}1{number}")

    def read(self, link: Link, limit: int) -> bytes:
        """AT+CIPRXGET=2 or 3."""
        data = link.inbox.take(limit)
        link.announced = False
        self._count_down(link, data)
        if link.inbox.left + SEGMENT <= self._modem.receive_window:
            self._let_go(link)
        return data

    def _push(self, link: Link, data: bytes) -> None:
        for at in range(0, len(data), SEGMENT):
            self._hand_over(link, data[at : at + SEGMENT])
        if self._behind_bytes() > PUSH_BEHIND_BYTES:
            self._hold_back(link)
            self._arm_refill()

    def _hand_over(self, link: Link, data: bytes) -> None:
        self._count_down(link, data)
        self._modem.say(self._framed(link, data), payload=True)

    def _framed(self, link: Link, data: bytes) -> bytes:
        settings = self._modem.settings
        if settings.transparent:
            return data
        head = b""
        if settings.multi:
            head = b"\r\n+RECEIVE,%d,%d:\r\n" % (link.number, len(data))
        else:
            if settings.cipsrip:
                head += b"\r\nRECV FROM:%s:%d\r\n" % (link.address.encode(), link.port)
            if settings.ciphead:
                head += b"\r\n+IPD,%d:" % len(data)
        return head + data + (b"" if settings.ciprxf else b"\r\n")

    def _count_down(self, link: Link, data: bytes) -> None:
        if link.connection:
            link.connection.bytes_down += len(data)

    # -- flow control ------------------------------------------------------------------------

    def _behind_bytes(self) -> int:
        modem = self._modem
        return modem.output.behind_us(modem.now_us) * modem.baud // 10_000_000

    def _hold_back(self, link: Link) -> None:
        if not link.paused:
            link.paused = True
            self._network.pause(link.number)

    def _let_go(self, link: Link) -> None:
        if link.paused and link.state in (CONNECTED, CLOSING):
            link.paused = False
            self._network.resume(link.number, self._modem.now_us)

    def _arm_refill(self) -> None:
        if self._refill is None:
            modem = self._modem
            surplus = self._behind_bytes() - PUSH_REFILL_BYTES
            self._refill = modem.after(surplus * 10_000_000 // modem.baud, self._refill_due)

    def _refill_due(self) -> None:
        self._refill = None
        if self._behind_bytes() > PUSH_BEHIND_BYTES:
            self._arm_refill()
            return
        for link in self.links:
            if self._modem.data_mode.on or not self._modem.settings.pull:
                self._let_go(link)

    # -- sending -----------------------------------------------------------------------------

    def room(self, link: Link) -> int:
        """How many bytes the link's send buffer has room for."""
        if link.kind == "UDP":
            return SEGMENT
        return max(0, self._modem.send_window - self._network.unacknowledged(link.number))

    def require_room(self, link: Link, length: int) -> None:
        """Raise Refusal unless the link is connected and `length` bytes fit its buffer."""
        if link.state != CONNECTED:
            raise Refusal()
        if length > self.room(link):
            raise Refusal(BUFFER_FULL)

    def send(self, link: Link, data: bytes) -> bool:
        """Hand a payload to the network; False when the link is gone."""
        if link.state != CONNECTED:
            return False
        if link.connection:
            link.connection.bytes_up += len(data)
        self._network.send(link.number, data, self._modem.now_us)
        return True

    def outstanding(self, link: Link) -> int:
        """Sent TCP bytes an acknowledgement can still be expected for."""
        if link.kind == "UDP" or link.state != CONNECTED:
            return 0
        return self._network.unacknowledged(link.number)

    def unacknowledged(self, link: Link) -> int:
        """As AT+CIPACK counts them: UDP never acknowledges."""
        return link.sent if link.kind == "UDP" else self.outstanding(link)
