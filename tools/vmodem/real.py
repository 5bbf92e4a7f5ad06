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
    """

    def __init__(
        self,
        clock_us: Callable[[], int] = monotonic_us,
        places: dict[tuple[str, int], tuple[str, int]] | None = None,
    ) -> None:
        self.clock_us = clock_us
        self._places = places or {}
        self.wake: Callable[[], None] = lambda: None
        self._channels: dict[int, _Tcp | _Udp] = {}
        self._lookups: set[asyncio.Task[None]] = set()

    # -- network.Network ---------------------------------------------------------------------

    def open(
        self, link: int, kind: str, host: str, port: int, events: NetworkEvents, now_us: int
    ) -> None:
        channel = (_Tcp if kind == "TCP" else _Udp)(self, link, events)
        self._channels[link] = channel
        channel.start(*self._places.get((host, port), (host, port)))

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

    def __init__(self, network: AsyncNetwork, link: int, events: NetworkEvents) -> None:
        self.link = link
        self._network = network
        self._events = events
        self._opening: asyncio.Task[None] | None = None

    def start(self, host: str, port: int) -> None:
        self._opening = asyncio.get_running_loop().create_task(self._open(host, port))

    async def _open(self, host: str, port: int) -> None:
        try:
            transport = await self._connect(host, port)
        except _UNREACHABLE:
            self._tell(self._refused)
            return
        peer = transport.get_extra_info("peername")
        self._tell(lambda now: self._events.peer_connected(self.link, now, peer and peer[0]))
        self._opened()

    async def _connect(self, host: str, port: int) -> asyncio.BaseTransport:
        raise NotImplementedError

    def _opened(self) -> None:
        """The modem knows of the connection: its events may come now."""

    def _refused(self, now_us: int) -> None:
        self._network.forget(cast("_Tcp | _Udp", self))
        self._events.peer_refused(self.link, now_us)

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
        transport, _ = await loop.create_connection(lambda: self, host, port)
        return transport

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
            lambda: self, remote_addr=(host, port), family=socket.AF_INET
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

    def close(self) -> None:
        self._stop_opening()
        if self._transport:
            self._transport.close()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
