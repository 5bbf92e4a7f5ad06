"""Servers on loopback that the wire is measured with. They keep no data and cost next to nothing.

with Server(source, size=1000) as server:
    ...  # connect to server.port
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

HOST = "127.0.0.1"
PAUSE_SECONDS = 0.03  # before a single byte is sent: what came before it has settled
START_SECONDS = 30
_CHUNK = 65536
_BLOCK = bytes(range(256)) * 256

Serve = Callable[..., Any]


class Server:
    """Serves each connection in a thread of its own by `serve(connection, **options)`."""

    def __init__(
        self, serve: Serve, context: ssl.SSLContext | None = None, **options: Any
    ) -> None:
        self._serve = serve
        self._context = context
        self._options = options
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, threading.BrokenBarrierError):  # the board has gone away
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._serve(connection, **self._options)


def source(connection: socket.socket, size: int, start: threading.Barrier) -> None:
    """Sends `size` bytes once it and all others have been told to."""
    if connection.recv(1):
        start.wait(START_SECONDS)
        left = size
        while left:
            left -= connection.send(_BLOCK[: min(left, len(_BLOCK))])
        connection.recv(1)


def sink(connection: socket.socket, size: int) -> None:
    """Takes `size` bytes and says when it has them."""
    got = 0
    while got < size and (data := connection.recv(_CHUNK)):
        got += len(data)
    connection.sendall(b"k")
    connection.recv(1)


def echo(connection: socket.socket) -> None:
    while data := connection.recv(_CHUNK):
        connection.sendall(data)


def single(connection: socket.socket, stamps: list[int]) -> None:
    """Sends a byte some time after each byte that comes; `stamps` are when, in microseconds."""
    while connection.recv(1):
        time.sleep(PAUSE_SECONDS)
        stamps.append(time.monotonic_ns() // 1000)
        connection.sendall(b"!")
