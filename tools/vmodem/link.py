"""One TCP or UDP link: its state, what it counts, and what waits to be read."""

from collections import deque
from dataclasses import dataclass

INITIAL = "INITIAL"
CONNECTING = "CONNECTING"
CONNECTED = "CONNECTED"
CLOSING = "CLOSING"
CLOSED = "CLOSED"


@dataclass
class Connection:
    """One opening of a link, kept after it has ended.

    `bytes_up` were accepted from the host, `bytes_down` were handed to the host. `closed_by` is
    None while open, then one of refused, timeout, host, peer, error, shut, pdp, reboot.
    `accepted` ones were opened by the peer. `context` is the PDP context it was opened on,
    `local_port` the port that AT+CLPORT wanted, 0 for any.
    """

    link: int
    kind: str
    host: str
    port: int
    bytes_up: int = 0
    bytes_down: int = 0
    closed_by: str | None = None
    accepted: bool = False
    context: int = 0
    local_port: int = 0


class Inbox:
    """Received bytes the host has not read: a stream (TCP) or a row of datagrams (UDP)."""

    def __init__(self, keep_boundaries: bool) -> None:
        self._keep_boundaries = keep_boundaries
        self._packets: deque[bytes] = deque()
        self.left = 0

    def put(self, packet: bytes) -> None:
        self._packets.append(packet)
        self.left += len(packet)

    def take(self, limit: int) -> bytes:
        """At most `limit` bytes, and no more than one datagram where boundaries are kept."""
        taken: list[bytes] = []
        while self._packets and limit and not (taken and self._keep_boundaries):
            packet = self._packets.popleft()
            if len(packet) > limit:
                self._packets.appendleft(packet[limit:])
                packet = packet[:limit]
            taken.append(packet)
            limit -= len(packet)
        data = b"".join(taken)
        self.left -= len(data)
        return data


class Link:
    """`state` carries the names of the `C:` lines of AT+CIPSTATUS."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.reset()

    def reset(self) -> None:
        """As after a restart or CIPSHUT: never used."""
        self.state = INITIAL
        self.kind = ""
        self.host = ""
        self.port = 0
        self.address = ""
        self.connection: Connection | None = None
        self.inbox = Inbox(keep_boundaries=False)
        self.announced = False
        self.paused = False

    def opening(self, connection: Connection, keep_boundaries: bool) -> None:
        self.reset()
        self.state = CONNECTING
        self.kind, self.host, self.port = connection.kind, connection.host, connection.port
        self.address = connection.host
        self.connection = connection
        self.inbox = Inbox(keep_boundaries)

    def ended(self, closed_by: str) -> None:
        """No traffic from here on; what was received stays readable."""
        self.state = CLOSED
        if self.connection and self.connection.closed_by is None:
            self.connection.closed_by = closed_by

    @property
    def live(self) -> bool:
        return self.state in (CONNECTING, CONNECTED, CLOSING)

    @property
    def carries(self) -> bool:
        """Do bytes still come, and does the peer still acknowledge?"""
        return self.state in (CONNECTED, CLOSING)

    @property
    def place(self) -> str:
        """The peer as the modem prints it."""
        return f"{self.address}:{self.port}"

    @property
    def sent(self) -> int:
        """Bytes accepted from the host since the link was opened."""
        return self.connection.bytes_up if self.connection else 0

    @property
    def received(self) -> int:
        """Bytes handed to the host since the link was opened."""
        return self.connection.bytes_down if self.connection else 0

    def __repr__(self) -> str:
        return f"<Link {self.number} {self.state} {self.kind} {self.host}:{self.port}>"
