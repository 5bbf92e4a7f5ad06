"""A listening TCP socket of this machine, for the server of the virtual modem."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

Arrival = Callable[[socket.socket, tuple[str, int]], None]


class Listener:
    """Accepts in the running event loop until `close`; `arrived(socket, address)` gets each."""

    def __init__(self, own: socket.socket, arrived: Arrival) -> None:
        self._own = own
        self._arrived = arrived
        own.setblocking(False)
        self.port: int = own.getsockname()[1]
        asyncio.get_running_loop().add_reader(own, self._accept)

    def _accept(self) -> None:
        try:
            peer, address = self._own.accept()
        except OSError:  # it has gone again
            return
        peer.setblocking(False)
        self._arrived(peer, address)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._own)
        self._own.close()


def reset(peer: socket.socket) -> None:
    """Close with RST, as a stack without a free connection does."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
