"""Real servers on loopback, with and without TLS, and a relay that makes the way to them slow.

with TlsServer(authority.server_context("localhost"), echo) as server:
    with Relay(server.port, down_piece=16, pause=0.02) as relay:
        ...  # connect to relay.port
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable

HOST = "127.0.0.1"
LARGEST_RECORD = 16384  # bytes of data (RFC 5246, 6.2.1)


class _Server:
    """Accepts connections and serves each in a thread of its own while the context lasts."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.stopped = threading.Event()

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self._start(self._serve_quietly, connection)

    def _start(self, function: Callable, *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve_quietly(self, connection: socket.socket) -> None:
        """That a peer goes away is for the test to judge."""
        with contextlib.suppress(OSError):
            self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError


class TcpServer(_Server):
    """`handler(connection, received)` talks to each client.

    `received`: one bytearray of application data for each connection, made as it comes in.
    `ended`: connections that are over, however they ended.
    """

    def __init__(self, handler: Callable) -> None:
        super().__init__()
        self._handler = handler
        self.received: list[bytearray] = []
        self.ended = threading.Semaphore(0)

    def serve(self, connection: socket.socket) -> None:
        received = bytearray()
        self.received.append(received)
        try:
            secured = self._secured(connection)
            if secured:
                self._handler(secured, received)
                secured.close()
        finally:
            connection.close()
            self.ended.release()

    def _secured(self, connection: socket.socket) -> socket.socket | None:
        return connection


class TlsServer(TcpServer):
    """The same with TLS. `failures`: why handshakes failed."""

    def __init__(self, context: ssl.SSLContext, handler: Callable) -> None:
        super().__init__(handler)
        self._context = context
        self.failures: list[str] = []

    def _secured(self, connection: socket.socket) -> socket.socket | None:
        try:
            return self._context.wrap_socket(connection, server_side=True)
        except (ssl.SSLError, ConnectionError) as error:
            self.failures.append(str(error))
            return None


def echo(connection: socket.socket, received: bytearray) -> None:
    while data := connection.recv(LARGEST_RECORD):
        received += data
        connection.sendall(data)


def sink(connection: socket.socket, received: bytearray) -> None:
    while data := connection.recv(LARGEST_RECORD):
        received += data


def talker(records: list[bytes], ending: str = "farewell") -> Callable:
    """A handler that waits for a line and then sends each of `records` as one record.

    `ending`: "farewell" ends with TLS's own, "cut" with that of TCP alone; "stay" says no more;
    "forge" puts a record behind that none of the two has made.
    """

    def handler(connection: socket.socket, received: bytearray) -> None:
        while not received.endswith(b"\n"):
            received += connection.recv(100)
        for record in records:
            assert connection.send(record) == len(record)
        if ending == "farewell" and isinstance(connection, ssl.SSLSocket):
            connection.unwrap()
        elif ending == "stay":
            connection.recv(1)
        elif ending == "forge":
            os.write(connection.fileno(), b"\x17\x03\x03\x00\x40" + b"forged 0" * 8)
            connection.recv(1)

    return handler


class Relay(_Server):
    """Passes bytes between its clients and `target`, a port.

    Each way goes in pieces of `up_piece` or `down_piece` bytes with a `pause` in seconds behind
    each. Of what the target says, `down_limit` bytes come through and the rest does not.
    """

    def __init__(
        self,
        target: int,
        *,
        up_piece: int = 4096,
        down_piece: int = 4096,
        pause: float = 0.0,
        down_limit: int | None = None,
    ) -> None:
        super().__init__()
        self._target = target
        self._up_piece = up_piece
        self._down_piece = down_piece
        self._pause = pause
        self._down_limit = down_limit

    def serve(self, connection: socket.socket) -> None:
        far = socket.create_connection((HOST, self._target))
        self._open.append(far)
        self._start(self._pass, far, connection, self._down_piece, self._down_limit)
        self._pass(connection, far, self._up_piece, None)

    def _pass(self, source: socket.socket, sink: socket.socket, piece: int, limit) -> None:
        with contextlib.suppress(OSError):
            passed = 0
            while data := source.recv(piece):
                room = len(data) if limit is None else max(0, limit - passed)
                sink.sendall(data[:room])
                passed += len(data)
                self.stopped.wait(self._pause)
            sink.shutdown(socket.SHUT_WR)
