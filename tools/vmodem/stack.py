"""The modem's TCP/IP stack: its links on one context, between the command set and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answer import BUFFER_FULL, Refusal
from .bearer import Bearer, BearerMachine, Event, NotAllowed
from .clock import Timer
from .inflow import Inflow
from .link import CLOSING, CONNECTED, CONNECTING, Connection, Link
from .network import SEGMENT
from .server import Server

if TYPE_CHECKING:
    from .core import VirtualModem

REFUSAL_US = 50_000  # when the reset of a peer that is made to refuse arrives


class Stack:
    """Owns the links, the bearer, the server and every call to the network."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._network = modem.network
        self.bearer = BearerMachine()
        self.links = [Link(number) for number in range(modem.profile.links)]
        self.connections: list[Connection] = []
        self.inflow = Inflow(modem)
        self.server = Server(modem)
        self._connect_timers: dict[int, Timer] = {}
        self._context_dead = False
        self.sending = 0  # the link of the payload that is owed or being sent

    # -- the bearer --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The state's name as AT+CIPSTATUS prints it."""
        kind = self.links[0].kind
        if self.bearer.state is Bearer.CLOSED and kind == "UDP":
            return self._modem.profile.udp_closed_state
        return self.bearer.name(kind)

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

    def require_start_state(self) -> None:
        """Raise Refusal unless the family lets a connection start in this state."""
        profile = self._modem.profile
        multi = self._modem.settings.multi
        legal = profile.multi_start_states if multi else profile.single_start_states
        if self.state not in legal:
            raise Refusal()

    def take_down(self, closed_by: str) -> None:
        """Every link and the server vanish without a word to the host."""
        self.server.stop()
        for link in self.links:
            if link.live:
                self._network.close(link.number, self._modem.now_us)
            link.ended(closed_by)
            link.reset()
        for timer in self._connect_timers.values():
            timer.cancel()
        self._connect_timers.clear()
        self._context_dead = False
        self._modem.data_mode.link_ended()

    def restart(self) -> None:
        """The modem restarts: nothing is left but the history."""
        self.take_down("reboot")
        self.bearer = BearerMachine()
        self.inflow.restart()

    def shut(self, closed_by: str = "shut") -> None:
        self.take_down(closed_by)
        self.bearer.happen(Event.SHUT)

    def lose_context(self) -> str | None:
        """The network releases the context: what the host is told, None when there was none."""
        before = self.bearer.state
        self.bearer.happen(Event.LOST)
        if self.bearer.state is before:
            return None
        profile = self._modem.profile
        line = profile.deact_in_data if self._modem.data_mode.on else profile.deact
        self.take_down("pdp")
        return line

    def kill_context(self) -> None:
        """The context dies unnoticed: the next CIPSTART is answered `STATE: PDP DEACT` only."""
        self._context_dead = True

    # -- opening -----------------------------------------------------------------------------

    def reserve(self, link: Link, kind: str, host: str, port: int) -> None:
        """AT+CIPSTART is accepted: the link is connecting, its OK is not out yet."""
        settings = self._modem.settings
        if settings.multi:
            self.happen(Event.OPEN_ONE)
        elif self.bearer.allows(Event.SETUP):
            self.happen(Event.SETUP)
            self.happen(Event.ACTIVATE)
        else:
            self.happen(Event.OPEN)
        local_port = settings.clport.get((link.number, kind), 0)
        context = settings.cipsgtxt if settings.multi else 0
        self._occupy(
            link,
            Connection(link.number, kind, host, port, context=context, local_port=local_port),
        )

    def _occupy(self, link: Link, connection: Connection) -> None:
        self.connections.append(connection)
        link.opening(connection, connection.kind == "UDP" and not self._modem.merge_datagrams)

    def open(self, link: Link) -> None:
        """The OK is out; the context may have gone with it."""
        if link.state != CONNECTING:
            return
        profile = self._modem.profile
        implied = self.bearer.state is Bearer.CONFIG
        timeout_us = profile.implied_connect_timeout_us if implied else profile.connect_timeout_us
        self._connect_timers[link.number] = self._modem.after(
            timeout_us, lambda: self._connect_timed_out(link)
        )
        if implied:
            connection = link.connection
            delay_us = profile.activate_us + self._modem.lag.sample_us()
            self._modem.after(delay_us, lambda: self._brought_up(link, connection))
        elif self._context_dead:
            self.lose_context()
            self._modem.result(f"{profile.state_prefix}{self.state}")
        else:
            self._connect(link)

    def _brought_up(self, link: Link, connection: Connection | None) -> None:
        """What CSTT, CIICR and CIFSR do otherwise is done."""
        if link.connection is not connection or link.state != CONNECTING:
            return
        if not self._modem.radio.attached or self._modem.faults.strikes("activation_failed"):
            self._fail(link, "pdp")
            return
        for event in (Event.ACTIVATED, Event.ADDRESS, Event.OPEN):
            self.bearer.happen(event)
        self._connect(link)

    def _connect(self, link: Link) -> None:
        modem = self._modem
        if link.kind == "TCP" and modem.faults.strikes("silent_peer"):
            return
        connection = link.connection
        if link.kind == "TCP" and modem.faults.strikes("refused_peer"):
            modem.after(REFUSAL_US, lambda: self._refused(link, connection))
            return
        local_port = connection.local_port if connection else 0
        self._network.open(
            link.number, link.kind, link.host, link.port, modem, modem.now_us, local_port
        )

    def _refused(self, link: Link, connection: Connection | None) -> None:
        if link.connection is connection:
            self.peer_refused(link.number)

    def _connect_timed_out(self, link: Link) -> None:
        self._network.close(link.number, self._modem.now_us)
        self._fail(link, "timeout")

    def _fail(self, link: Link, closed_by: str, unknown_name: bool = False) -> None:
        self._end(link, closed_by)
        modem = self._modem
        lines = []
        if unknown_name and modem.profile.unknown_name_line:
            lines.append(modem.profile.unknown_name_line)
        if not modem.settings.multi:
            if self.bearer.allows(Event.REFUSED):
                self.bearer.happen(Event.REFUSED)
            lines.append(f"{modem.profile.state_prefix}{self.state}")
        modem.result(*lines, f"{self.tag(link)}CONNECT FAIL")

    # -- closing -----------------------------------------------------------------------------

    def begin_close(self, link: Link) -> None:
        """AT+CIPCLOSE is accepted; raises Refusal where it cannot be."""
        if not self._modem.settings.multi:
            self.happen(Event.CLOSING)
        if link.state == CONNECTED:
            link.state = CLOSING

    def close(self, link: Link) -> None:
        """Forget the link and what it still held."""
        if link.live:
            self._network.close(link.number, self._modem.now_us)
        self._end(link, "host")
        link.inbox.take(link.inbox.left)
        if self._modem.settings.multi:
            self.rest_if_idle()
        else:
            self._single_closed()

    def rest_if_idle(self) -> None:
        """Multi-link mode: back to IP STATUS when nothing is open any more, as the family does."""
        busy = self.server.port is not None or any(link.live for link in self.links)
        if not busy and not self._modem.profile.stays_processing:
            if self.bearer.allows(Event.IDLE):
                self.bearer.happen(Event.IDLE)

    def _single_closed(self) -> None:
        self.bearer.happen(Event.CLOSED)
        if self.server.port is not None:
            self.bearer.happen(Event.LISTEN)

    def _end(self, link: Link, closed_by: str) -> None:
        timer = self._connect_timers.pop(link.number, None)
        if timer:
            timer.cancel()
        link.ended(closed_by)
        self._modem.data_mode.link_ended()

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
        link.address = address or link.host
        if not self._modem.settings.multi:
            self.bearer.happen(Event.CONNECTED)
        self._connected(link)
        if not self._modem.settings.transparent:
            self._say_connected(f"{self.tag(link)}CONNECT OK")
        elif self._modem.profile.transparent_connect == "CONNECT":
            self.go_online()
        else:
            self._modem.result(self._modem.profile.transparent_connect)

    def _connected(self, link: Link) -> None:
        link.state = CONNECTED
        probing, *times = self._modem.settings.ciptka
        if probing and link.kind == "TCP":
            self._network.keep_alive(link.number, *times)

    def _say_connected(self, text: str) -> None:
        bare = self._modem.profile.bare_connect_ok
        self._modem.result(b"\r\n" + text.encode() if bare else text)

    def peer_refused(self, number: int, unknown_name: bool = False) -> None:
        if self.links[number].state == CONNECTING:
            self._fail(self.links[number], "refused", unknown_name)

    def accept(self, address: str, port: int) -> Link | None:
        """A peer asks for the server: its link, on which nothing is said yet."""
        link = self.server.free_link()
        if link:
            if not self._modem.settings.multi:
                self.bearer.happen(Event.ARRIVED)
            self._occupy(link, Connection(link.number, "TCP", address, port, accepted=True))
        return link

    def accepted(self, link: Link) -> None:
        if link.state != CONNECTING:
            return
        self._connected(link)
        self._modem.urc(f"{self.tag(link)}REMOTE IP: {link.address}")
        if self._modem.settings.transparent:
            self.go_online()

    def peer_closed(self, number: int) -> None:
        link = self.links[number]
        if not link.carries:
            return
        by_host = link.state == CLOSING  # CLOSE OK will be the only word about it
        self._end(link, "host" if by_host else "peer")
        if not self._modem.settings.multi:
            self._single_closed()
        if not by_host:
            self._modem.urc(f"{self.tag(link)}CLOSED")

    def hang_up(self, link: Link) -> None:
        """The peer of this link closes now, whatever the network thinks."""
        self._network.close(link.number, self._modem.now_us)
        self.peer_closed(link.number)

    def hang_up_sending(self) -> None:
        """The same for the link that is owed a payload."""
        self.hang_up(self.links[self.sending])

    def break_down(self, code: int) -> None:
        """The modem's own stack fails: `TCP ERROR:<code>` and the single link is gone.

        Luat AT manual, error codes of TCP and UDP. Raises ValueError where a modem cannot say so.
        """
        link = self.links[0]
        if self._modem.settings.multi or not self._modem.profile.stack_errors:
            raise ValueError("only a single link of a family with stack_errors breaks down")
        if link.state != CONNECTED:
            raise ValueError(f"link 0 is {link.state}, not CONNECTED")
        self._network.close(link.number, self._modem.now_us)
        self._end(link, "error")
        self._single_closed()
        self._modem.urc(f"{link.kind} ERROR:{code}")

    def peer_data(self, number: int, data: bytes) -> None:
        if self.links[number].carries:
            self.inflow.arrived(self.links[number], data)

    def go_online(self) -> None:
        """CONNECT, then what the peer sent while the host was at command level."""
        self._modem.data_mode.enter()
        self.inflow.empty(self.links[0])

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

    def redirect(self, link: Link, host: str, port: int) -> None:
        """From here on the datagrams of a UDP link go to another peer (AT+CIPUDPMODE=2)."""
        now_us = self._modem.now_us
        link.host, link.port, link.address = host, port, host
        self._network.close(link.number, now_us)
        local_port = link.connection.local_port if link.connection else 0
        self._network.open(link.number, "UDP", host, port, self._modem, now_us, local_port)

    def outstanding(self, link: Link) -> int:
        """Sent TCP bytes an acknowledgement can still be expected for."""
        if link.kind == "UDP" or not link.carries:
            return 0
        return self._network.unacknowledged(link.number)

    def unacknowledged(self, link: Link) -> int:
        """As AT+CIPACK counts them: UDP never acknowledges."""
        return link.sent if link.kind == "UDP" else self.outstanding(link)
