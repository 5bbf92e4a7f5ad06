"""The outside world as the modem sees it: two protocols and nothing else.

All times are integer microseconds. A network never calls back from inside a call of the modem,
and after `close(link)` no event of that opening may come any more.
"""

from typing import Protocol


class NetworkEvents(Protocol):
    """What a network tells the modem."""

    def peer_connected(self, link: int, now_us: int, address: str | None = None) -> None:
        """The link is open; `address` is the peer's IP where the network resolved a name."""

    def peer_refused(self, link: int, now_us: int, unknown_name: bool = False) -> None:
        """The link could not be opened: refused, unreachable, name unknown."""

    def peer_arrived(self, address: str, port: int, now_us: int) -> int | None:
        """A peer connects to the listening port: the link it gets, None to reset it."""

    def peer_data(self, link: int, data: bytes, now_us: int) -> None:
        """One packet (TCP: at most `SEGMENT` bytes of the stream; UDP: one datagram)."""

    def peer_closed(self, link: int, now_us: int) -> None:
        """The peer closed or reset the link; everything it sent was delivered before."""

    def name_resolved(self, name: str, addresses: list[str], now_us: int) -> None:
        """The answer to `resolve`; no address means the name is unknown."""


class Network(Protocol):
    """What the modem asks of a network. `link` is 0 to 5, `kind` is "TCP" or "UDP"."""

    def open(
        self,
        link: int,
        kind: str,
        host: str,
        port: int,
        events: NetworkEvents,
        now_us: int,
        local_port: int = 0,
    ) -> None:
        """Start to open; one of `peer_connected`, `peer_refused` or nothing at all follows.

        `local_port` is the modem's own port, 0 for any.
        """

    def listen(self, port: int, events: NetworkEvents, now_us: int) -> bool:
        """Let peers connect to `port` until `unlisten`; False if that cannot be."""

    def unlisten(self, port: int) -> None:
        """No more peers; those that have connected stay."""

    @property
    def listening(self) -> dict[int, int]:
        """The modem's listening ports, and where the peers find them."""

    def keep_alive(self, link: int, idle_s: int, interval_s: int, count: int) -> None:
        """Probe a silent TCP peer after `idle_s`, then every `interval_s` s, `count` times."""

    def send(self, link: int, data: bytes, now_us: int) -> None:
        """Take TCP bytes or one datagram; never refuses, see `unacknowledged`."""

    def unacknowledged(self, link: int) -> int:
        """How many sent bytes the peer has not acknowledged yet (TCP)."""

    def close(self, link: int, now_us: int) -> None:
        """Close in an orderly way: what was sent still arrives."""

    def pause(self, link: int) -> None:
        """Hold the peer back; the packet being delivered may still come."""

    def resume(self, link: int, now_us: int) -> None:
        """Let the peer go on."""

    def resolve(self, name: str, events: NetworkEvents, now_us: int) -> None:
        """Start to look the name up; `name_resolved` follows."""

    def due_us(self) -> int | None:
        """When `tick` has something to do; None if events come by themselves or not at all."""

    def tick(self, now_us: int) -> None:
        """Deliver what is due."""


SEGMENT = 1460
"""The largest TCP packet handed to `peer_data`: an Ethernet MSS."""
