"""Loopback servers for the virtual modem to reach: HTTP, TCP echo and UDP echo.

Each is a context manager with a `port`; it serves from threads of its own until it is left.

    with TcpEcho() as echo:
        ...  # connect to ("127.0.0.1", echo.port)

`python -m tools.servers` runs one of each in the foreground.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import socket
import socketserver
import sys
import threading
from typing import Any

HOST = "127.0.0.1"
_CHUNK = 4096


class _Background:
    """Runs a `socketserver` in a thread while the context lasts."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 16

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that goes away in mid-answer is no error of ours; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _HttpServer(_TcpServer, http.server.HTTPServer):
    pass


class TcpEcho(_Background):
    """Sends back what it receives, and ends a connection when its peer does.

    `received` holds one bytearray a connection, in order of arrival.
    """

    def __init__(self, port: int = 0) -> None:
        echo = self
        self.received: list[bytearray] = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                kept = bytearray()
                echo.received.append(kept)
                while data := self.request.recv(_CHUNK):
                    kept.extend(data)
                    self.request.sendall(data)

        super().__init__(_TcpServer((HOST, port), Handler))


class UdpEcho(_Background):
    """Sends every datagram back to its sender. `received` lists them."""

    def __init__(self, port: int = 0) -> None:
        echo = self
        self.received: list[bytes] = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, sock = self.request
                echo.received.append(data)
                sock.sendto(data, self.client_address)

        super().__init__(socketserver.UDPServer((HOST, port), Handler))


class HttpEcho(_Background):
    """Answers a GET with its path and a POST with the body posted.

    `requests` lists them: method, path and what was sent back.
    """

    def __init__(self, port: int = 0) -> None:
        echo = self
        self.requests: list[tuple[str, str, bytes]] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("GET", self.path.encode())

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self._answer("POST", self.rfile.read(length))

            def _answer(self, method: str, body: bytes) -> None:
                echo.requests.append((method, self.path, body))
                self.send_response(200)
                self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the caller's screen is not ours."""

        super().__init__(_HttpServer((HOST, port), Handler))


def refused_port() -> int:
    """A loopback TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.servers", description=__doc__)
    parser.add_argument("--http", type=int, default=0, metavar="PORT")
    parser.add_argument("--tcp", type=int, default=0, metavar="PORT")
    parser.add_argument("--udp", type=int, default=0, metavar="PORT")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        serve(options.http, options.tcp, options.udp)


def serve(http_port: int, tcp_port: int, udp_port: int) -> None:
    """Run one server of each kind for ever; port 0 stands for any."""
    with HttpEcho(http_port) as web, TcpEcho(tcp_port) as tcp, UdpEcho(udp_port) as udp:
        print(f"http://{HOST}:{web.port}/  TCP echo {tcp.port}  UDP echo {udp.port}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
