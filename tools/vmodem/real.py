"""The real network: TCP and UDP sockets and name resolution of this machine, through asyncio."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import termios
import time
from collections.abc import Callable
from typing import Any, cast

from .listener import Listener, reset
from .network import SEGMENT, NetworkEvents

# What can be wrong with a host: unreachable, refused, unknown (OSError), or text that cannot be a
# host name at all (ValueError).
_UNREACHABLE = (OSError, ValueError)


def monotonic_us() -> int:
    return time.monotonic_ns() // 1000


class AsyncNetwork:
    """Opens links with asyncio; lives in the running event loop.

    clock_us  the clock the modem is driven with
    wake      called after every event, so that the face takes what the modem says to it
    places    (host, port) that stand for another (host, port): names where there is no DNS
    servers   port of the modem's server -> port of this machine it listens at; 0: any free one.
              A port that is not named is the same on both.

    Servers listen at 127.0.0.1 only; `listening` tells where: modem's port -> this machine's.
    """

    def __init__(
        self,
        clock_us: Callable[[], int] = monotonic_us,
        places: dict[tuple[str, int], tuple[str, int]] | None = None,
        servers: dict[int, int] | None = None,
    ) -> None:
        self.clock_us = clock_us
        self._places = places or {}
        self._servers = servers or {}
        self._listeners: dict[int, Listener] = {}
        self.wake: Callable[[], None] = lambda: None
        self._channels: dict[int, _Tcp | _Udp] = {}
        self._lookups: set[asyncio.Task[None]] = set()

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
        channel = (_Tcp if kind == "TCP" else _Udp)(self, link, events, local_port)
        self._channels[link] = channel
        channel.start(*self._places.get((host, port), (host, port)))

    def listen(self, port: int, events: NetworkEvents, now_us: int) -> bool:
        try:
            own = socket.create_server(("127.0.0.1", self._servers.get(port, port)))
        except OSError:
            return False
        self._listeners[port] = Listener(
            own, lambda peer, address: self._arrived(peer, address, events)
        )
        return True

    def unlisten(self, port: int) -> None:
        self._listeners.pop(port).close()

    @property
    def listening(self) -> dict[int, int]:
        return {port: listener.port for port, listener in self._listeners.items()}

    def keep_alive(self, link: int, idle_s: int, interval_s: int, count: int) -> None:
        if link in self._channels:
            self._channels[link].keep_alive(idle_s, interval_s, count)

    def send(self, link: int, data: bytes, now_us: int) -> None:
        if link in self._channels:
            self._channels[link].send(data)

    def unacknowledged(self, link: int) -> int:
        return self._channels[link].unacknowledged() if link in self._channels else 0

    def close(self, link: int, now_us: int) -> None:
        channel = self._channels.pop(link, None)
        if channel:
            channel.close()

    def pause(self, link: int) -> None:
        if link in self._channels:
            self._channels[link].pause()

    def resume(self, link: int, now_us: int) -> None:
        if link in self._channels:
            self._channels[link].resume()

    def resolve(self, name: str, events: NetworkEvents, now_us: int) -> None:
        lookup = asyncio.get_running_loop().create_task(self._look_up(name, events))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    def due_us(self) -> int | None:
        return None

    def tick(self, now_us: int) -> None:
        """Events come from the event loop."""

    def close_all(self) -> None:
        """The modem is switched off."""
        while self._channels:
            self._channels.popitem()[1].close()
        while self._listeners:
            self._listeners.popitem()[1].close()

    def _arrived(
        self, peer: socket.socket, address: tuple[str, int], events: NetworkEvents
    ) -> None:
        link = events.peer_arrived(*address, self.clock_us())
        if link is None:
            reset(peer)
        else:
            channel = _Tcp(self, link, events)
            self._channels[link] = channel
            channel.take_over(peer)
        self.wake()

    # -- for channels ------------------------------------------------------------------------

    def carries(self, channel: _Tcp | _Udp) -> bool:
        """Is this channel still the one its link means?"""
        return self._channels.get(channel.link) is channel

    def forget(self, channel: _Tcp | _Udp) -> None:
        self._channels.pop(channel.link, None)

    async def _look_up(self, name: str, events: NetworkEvents) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(name, None, family=socket.AF_INET)
        except _UNREACHABLE:
            found = []
        addresses = sorted({str(entry[4][0]) for entry in found})
        events.name_resolved(name, addresses, self.clock_us())
        self.wake()


class _Channel:
    """What both kinds share: opening in a task, and telling the modem only while it cares."""

    def __init__(
        self, network: AsyncNetwork, link: int, events: NetworkEvents, local_port: int = 0
    ) -> None:
        self.link = link
        self._local_port = local_port
        self._network = network
        self._events = events
        self._opening: asyncio.Task[None] | None = None

    def start(self, host: str, port: int) -> None:
        self._opening = asyncio.get_running_loop().create_task(self._open(host, port))

    async def _open(self, host: str, port: int) -> None:
        try:
            transport = await self._connect(host, port)
        except _UNREACHABLE as error:
            unknown = isinstance(error, (socket.gaierror, ValueError))
            self._tell(lambda now: self._refused(now, unknown))
            return
        peer = transport.get_extra_info("peername")
        self._tell(lambda now: self._events.peer_connected(self.link, now, peer and peer[0]))
        self._opened()

    async def _connect(self, host: str, port: int) -> asyncio.BaseTransport:
        raise NotImplementedError

    def _opened(self) -> None:
        """The modem knows of the connection: its events may come now."""

    def _refused(self, now_us: int, unknown_name: bool) -> None:
        self._network.forget(cast("_Tcp | _Udp", self))
        self._events.peer_refused(self.link, now_us, unknown_name)

    def _tell(self, event: Callable[[int], None]) -> None:
        if self._network.carries(cast("_Tcp | _Udp", self)):
            event(self._network.clock_us())
            self._network.wake()

    def _stop_opening(self) -> None:
        if self._opening:
            self._opening.cancel()


class _Tcp(_Channel, asyncio.BufferedProtocol):
    """Reads a segment at a time, so that a pause holds back all but that one segment."""

    _transport: asyncio.Transport | None = None

    async def _connect(self, host: str, port: int) -> asyncio.BaseTransport:
        loop = asyncio.get_running_loop()
        if self._local_port:
            own = await self._connected_from(self._local_port, host, port)
            transport, _ = await loop.create_connection(lambda: self, sock=own)
        else:
            transport, _ = await loop.create_connection(lambda: self, host, port)
        return transport

    @staticmethod
    async def _connected_from(local_port: int, host: str, port: int) -> socket.socket:
        own = socket.socket()
        try:
            own.setblocking(False)
            # A port whose last connection is in TIME-WAIT is as good as free.
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            own.bind(("0.0.0.0", local_port))
            await asyncio.get_running_loop().sock_connect(own, (host, port))
        except BaseException:
            own.close()
            raise
        return own

    def take_over(self, connected: socket.socket) -> None:
        """The peer has opened the connection, and the modem knows."""
        loop = asyncio.get_running_loop()
        self._opening = loop.create_task(self._adopt(connected))

    async def _adopt(self, connected: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: self, connected)
        self._opened()

    # -- asyncio.BufferedProtocol ------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._buffer = bytearray(SEGMENT)
        # Nothing may be delivered before `peer_connected`.
        self._transport.pause_reading()

    def _opened(self) -> None:
        if self._transport and not self._transport.is_closing():
            self.resume()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._buffer[:nbytes])
        self._tell(lambda now: self._events.peer_data(self.link, data, now))

    def connection_lost(self, exc: Exception | None) -> None:
        def closed(now_us: int) -> None:
            self._network.forget(self)
            self._events.peer_closed(self.link, now_us)

        self._tell(closed)

    # -- for AsyncNetwork --------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)

    def unacknowledged(self) -> int:
        """Our buffer and the kernel's bytes without acknowledgement (tcp(7), SIOCOUTQ)."""
        if self._transport is None or self._transport.is_closing():
            return 0
        buffered = self._transport.get_write_buffer_size()
        descriptor = self._transport.get_extra_info("socket").fileno()
        try:
            answer = fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0" * 4)
        except OSError:
            return buffered
        return buffered + int(struct.unpack("i", answer)[0])

    def close(self) -> None:
        self._stop_opening()
        if self._transport:
            self._transport.close()

    def keep_alive(self, idle_s: int, interval_s: int, count: int) -> None:
        if self._transport:
            own = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle_s)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval_s)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)

    def pause(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.resume_reading()


class _Udp(_Channel, asyncio.DatagramProtocol):
    """A connected UDP socket; while paused, datagrams are lost, as they are on a busy modem."""

    _transport: asyncio.DatagramTransport | None = None
    _paused = False

    async def _connect(self, host: str, port: int) -> asyncio.BaseTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self,
            local_addr=("0.0.0.0", self._local_port) if self._local_port else None,
            remote_addr=(host, port),
            family=socket.AF_INET,
        )
        self._transport = transport
        return transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        if not self._paused:
            self._tell(lambda now: self._events.peer_data(self.link, data, now))

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer: UDP is allowed to lose datagrams, and the modem is not told."""

    def send(self, data: bytes) -> None:
        if self._transport:
            self._transport.sendto(data)

    def unacknowledged(self) -> int:
        return 0

    def keep_alive(self, idle_s: int, interval_s: int, count: int) -> None:
        """UDP has none."""

    def close(self) -> None:
        self._stop_opening()
        if self._transport:
            self._transport.close()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
