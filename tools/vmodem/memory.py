"""A network in memory on the virtual clock: deterministic peers by host and port."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from .clock import Action, Timers
from .network import SEGMENT, NetworkEvents

ACCEPT, REFUSE, SILENT, UNKNOWN = "accept", "refuse", "silent", "unknown"


class Peer:
    """The far end of one connection; subclass it and override the `on_` methods.

    `answer` decides what becomes of a connection attempt: "accept", "refuse", "silent" (no
    answer at all) or "unknown" (there is no such name). `rate` limits how fast the peer
    takes in and sends, in bytes a second.
    """

    answer = ACCEPT
    rate: int | None = None

    def __init__(self) -> None:
        self.channel: Channel
        self.received = bytearray()
        self.packets: list[bytes] = []
        self.closed = False
        self.refused = False  # a peer that connected in: there was nobody, or no free link

    @property
    def now_us(self) -> int:
        return self.channel.now_us

    @property
    def network(self) -> MemoryNetwork:
        """Its `at(due_us, action)` is the peer's alarm clock."""
        return self.channel.network

    def send(self, data: bytes, after_us: int = 0) -> None:
        """TCP bytes or one UDP datagram to the modem, leaving `after_us` from now."""
        self.channel.to_modem(bytes(data), after_us)

    def close(self, after_us: int = 0) -> None:
        """Close behind everything sent so far."""
        self.channel.end(after_us)

    def vanish(self) -> None:
        """Be gone without a word: only keep-alive probes of the modem will find out."""
        self.channel.vanish()

    def deliver(self, data: bytes) -> None:
        """The network's side: keep a record, then tell `on_data`."""
        self.received += data
        self.packets.append(data)
        self.on_data(data)

    def on_connected(self) -> None:
        """The modem's link is open."""

    def on_data(self, data: bytes) -> None:
        """Bytes (or one datagram) from the modem."""

    def on_closed(self) -> None:
        """The modem closed."""


class Sink(Peer):
    """Records in `received` and `packets` and says nothing."""


class Echo(Peer):
    """Sends back what it gets."""

    def on_data(self, data: bytes) -> None:
        self.send(data)


class Source(Peer):
    """Sends `data` when the link opens and closes unless told to stay."""

    def __init__(self, data: bytes, close: bool = True) -> None:
        super().__init__()
        self._data = data
        self._close = close

    def on_connected(self) -> None:
        self.send(self._data)
        if self._close:
            self.close()


class Refuse(Peer):
    """Answers the attempt with a reset."""

    answer = REFUSE


class Nobody(Peer):
    """Stands for a name that no name server knows."""

    answer = UNKNOWN


class Silent(Peer):
    """Never answers the attempt."""

    answer = SILENT


class CloseEarly(Peer):
    """Closes as soon as it has got `after_bytes` (0: as soon as the link is open)."""

    def __init__(self, after_bytes: int = 0) -> None:
        super().__init__()
        self._after_bytes = after_bytes

    def on_connected(self) -> None:
        if not self._after_bytes:
            self.close()

    def on_data(self, data: bytes) -> None:
        if len(self.received) >= self._after_bytes:
            self.close()


class Slow(Echo):
    """An echo over a line of half the rate of a UART at 115200 bit/s."""

    rate = 5760


class Channel:
    """One connection between the modem's link and a peer: two queues with delay and rate."""

    def __init__(
        self,
        network: MemoryNetwork,
        link: int,
        kind: str,
        peer: Peer,
        events: NetworkEvents,
        local_port: int = 0,
    ) -> None:
        self.network = network
        self._link = link
        self._kind = kind
        self._events = events
        self.peer = peer
        self.local_port = local_port
        self.keep_alive: tuple[int, int, int] | None = None  # seconds, seconds, probes
        self._up_us = self._down_us = 0
        self._held: deque[Action] = deque()
        self._paused = False
        self._ended = False
        self.unacknowledged = 0
        peer.channel = self

    @property
    def now_us(self) -> int:
        return self.network.now_us

    def _alive(self) -> bool:
        return self.network.channels.get(self._link) is self

    def vanish(self) -> None:
        """The peer says and hears nothing any more, and acknowledges nothing."""
        self._ended = self.peer.closed = True
        if self.keep_alive:
            idle_s, interval_s, count = self.keep_alive
            found_us = self.now_us + (idle_s + interval_s * count) * 1_000_000
            self.network.at(found_us, lambda: self._deliver(self._closed_at_modem))

    # -- towards the peer --------------------------------------------------------------------

    def connect(self) -> None:
        if self.peer.answer == SILENT:
            return
        # UDP has nobody to ask: the port is registered at once.
        delay_us = 0 if self._kind == "UDP" else 2 * self.network.delay_us
        self.network.at(self.now_us + delay_us, self._answer)

    def _answer(self) -> None:
        if not self._alive():
            return
        if self.peer.answer in (REFUSE, UNKNOWN):
            del self.network.channels[self._link]
            unknown = self.peer.answer == UNKNOWN
            self._events.peer_refused(self._link, self.now_us, unknown)
            return
        self._events.peer_connected(self._link, self.now_us, None)
        self.peer.on_connected()

    def to_peer(self, data: bytes) -> None:
        if self._kind == "TCP":
            self.unacknowledged += len(data)
        self._up_us = self._crossing(self._up_us, len(data), 0)
        self.network.at(self._up_us, lambda: self._at_peer(data))

    def _at_peer(self, data: bytes) -> None:
        if self.peer.closed:
            return
        self.peer.deliver(data)
        acknowledged_us = self.now_us + self.network.delay_us
        self.network.at(acknowledged_us, lambda: self._acknowledge(len(data)))

    def _acknowledge(self, count: int) -> None:
        self.unacknowledged = max(0, self.unacknowledged - count)

    def close(self) -> None:
        """The modem closes: what is under way still arrives."""
        self._up_us = max(self._up_us, self.now_us + self.network.delay_us)
        self.network.at(self._up_us, self._closed_at_peer)

    def _closed_at_peer(self) -> None:
        if not self.peer.closed:
            self.peer.closed = True
            self.peer.on_closed()

    # -- towards the modem -------------------------------------------------------------------

    def to_modem(self, data: bytes, after_us: int) -> None:
        if self._ended or not self._alive():
            return
        size = SEGMENT if self._kind == "TCP" else max(len(data), 1)
        for at in range(0, len(data), size):
            self._arrive(data[at : at + size], after_us)

    def _arrive(self, packet: bytes, after_us: int) -> None:
        self._down_us = self._crossing(self._down_us, len(packet), after_us)
        deliver = self._deliver_packet(packet)
        self.network.at(self._down_us, lambda: self._deliver(deliver))

    def _deliver_packet(self, packet: bytes) -> Action:
        return lambda: self._events.peer_data(self._link, packet, self.now_us)

    def end(self, after_us: int) -> None:
        if self._ended:
            return
        self._ended = True
        self.peer.closed = True
        # UDP has no way to tell that the peer went.
        if self._kind == "TCP":
            self._down_us = self._crossing(self._down_us, 0, after_us)
            self.network.at(self._down_us, lambda: self._deliver(self._closed_at_modem))

    def _closed_at_modem(self) -> None:
        del self.network.channels[self._link]
        self._events.peer_closed(self._link, self.now_us)

    def _deliver(self, deliver: Action) -> None:
        if not self._alive():
            return
        if self._paused or self._held:
            self._held.append(deliver)
        else:
            deliver()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self.network.at(self.now_us, self._deliver_held)

    def _deliver_held(self) -> None:
        while self._held and self._alive() and not self._paused:
            self._held.popleft()()

    def _crossing(self, last_us: int, size: int, after_us: int) -> int:
        """When a packet that leaves `after_us` from now is over: never before its forerunner."""
        start_us = max(last_us, self.now_us + after_us + self.network.delay_us)
        return start_us + (size * 1_000_000 // self.peer.rate if self.peer.rate else 0)


class MemoryNetwork:
    """Peers by (host, port) and a one-way delay; what nobody serves is refused.

    `serve(host, port, factory)` names who answers there: `factory()` makes the `Peer` of each
    new connection, so a class of this module will do. All of them are kept in `peers`.
    """

    def __init__(self, *, delay_us: int = 20_000, seed: int = 0) -> None:
        self.delay_us = delay_us
        self.now_us = 0
        self.random = random.Random(seed)
        self.peers: list[Peer] = []
        self.channels: dict[int, Channel] = {}
        self._factories: dict[tuple[str, int], Callable[[], Peer]] = {}
        self._addresses: dict[str, str] = {}
        self._listening: dict[int, NetworkEvents] = {}
        self._timers = Timers()

    @classmethod
    def with_standard_peers(cls, **options: int) -> MemoryNetwork:
        """Host names tell what they do: echo, sink, source, refuse, silent, early, slow.

        Each answers on every port.
        """
        network = cls(**options)
        for host, factory in STANDARD_PEERS.items():
            network.serve(host, 0, factory)
        return network

    def serve(self, host: str, port: int, factory: Callable[[], Peer]) -> None:
        """Let `factory()` answer at `host`, on every port if `port` is 0."""
        self._factories[host, port] = factory
        self._addresses.setdefault(host, f"10.0.0.{len(self._addresses) + 1}")

    def dial(self, port: int, peer: Peer, address: str = "10.76.40.73", own: int = 40000) -> None:
        """`peer` connects to the modem's server; `refused` tells when nobody takes it.

        `address` and `own` are its IP and port as the modem sees them.
        """
        self.at(self.now_us + self.delay_us, lambda: self._arrive(port, peer, address, own))

    def _arrive(self, port: int, peer: Peer, address: str, own: int) -> None:
        events = self._listening.get(port)
        link = events.peer_arrived(address, own, self.now_us) if events else None
        if events is None or link is None:
            peer.refused = True
            return
        self.peers.append(peer)
        self.channels[link] = Channel(self, link, "TCP", peer, events, port)
        self.at(self.now_us + self.delay_us, peer.on_connected)

    def peers_of(self, kind: type[Peer]) -> list[Peer]:
        return [peer for peer in self.peers if isinstance(peer, kind)]

    # -- network.Network ---------------------------------------------------------------------

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
        self._advance(now_us)
        peer = self._factory(kind, host, port)()
        self.peers.append(peer)
        channel = Channel(self, link, kind, peer, events, local_port)
        self.channels[link] = channel
        channel.connect()

    def listen(self, port: int, events: NetworkEvents, now_us: int) -> bool:
        self._advance(now_us)
        self._listening[port] = events
        return True

    def unlisten(self, port: int) -> None:
        self._listening.pop(port, None)

    @property
    def listening(self) -> dict[int, int]:
        return {port: port for port in self._listening}

    def keep_alive(self, link: int, idle_s: int, interval_s: int, count: int) -> None:
        if link in self.channels:
            self.channels[link].keep_alive = (idle_s, interval_s, count)

    def send(self, link: int, data: bytes, now_us: int) -> None:
        self._advance(now_us)
        if link in self.channels:
            self.channels[link].to_peer(data)

    def unacknowledged(self, link: int) -> int:
        return self.channels[link].unacknowledged if link in self.channels else 0

    def close(self, link: int, now_us: int) -> None:
        self._advance(now_us)
        channel = self.channels.pop(link, None)
        if channel:
            channel.close()

    def pause(self, link: int) -> None:
        if link in self.channels:
            self.channels[link].pause()

    def resume(self, link: int, now_us: int) -> None:
        self._advance(now_us)
        if link in self.channels:
            self.channels[link].resume()

    def resolve(self, name: str, events: NetworkEvents, now_us: int) -> None:
        self._advance(now_us)
        found = [self._addresses[name]] if name in self._addresses else []
        self.at(now_us + 2 * self.delay_us, lambda: events.name_resolved(name, found, self.now_us))

    def due_us(self) -> int | None:
        return self._timers.due_us()

    def tick(self, now_us: int) -> None:
        while (due_us := self._timers.due_us()) is not None and due_us <= now_us:
            self._advance(due_us)
            self._timers.run_one()
        self._advance(now_us)

    def _factory(self, kind: str, host: str, port: int) -> Callable[[], Peer]:
        served = self._factories.get((host, port)) or self._factories.get((host, 0))
        if served:
            return served
        if host not in self._addresses and not _is_address(host):
            return Nobody
        # No host tells a UDP sender that nobody listens; only an unknown name is noticed.
        return Sink if kind == "UDP" and host in self._addresses else Refuse

    # -- for channels ------------------------------------------------------------------------

    def at(self, due_us: int, action: Action) -> None:
        self._timers.at(due_us, action)

    def _advance(self, now_us: int) -> None:
        self.now_us = max(self.now_us, now_us)


def _is_address(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)


STANDARD_PEERS: dict[str, Callable[[], Peer]] = {
    "echo": Echo,
    "sink": Sink,
    "source": lambda: Source(bytes(range(256)) * 16),
    "refuse": Refuse,
    "silent": Silent,
    "early": CloseEarly,
    "slow": Slow,
}
