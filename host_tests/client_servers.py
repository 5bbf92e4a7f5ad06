"""Servers for the tests with stock clients: HTTP as it should be and as it should not, NTP, DNS.

All listen on loopback and serve from threads while their context lasts.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator

from tools import servers

HOST = servers.HOST
PATTERN = bytes((i * 7 + i // 251) & 255 for i in range(4096))
DRIP_S = 0.02
GO_ON_S = 10


def body(size: int) -> bytes:
    """`size` bytes in which a lost or doubled one shows."""
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


class _HttpHandler(http.server.BaseHTTPRequestHandler):
    """/hello, /moved (to /hello), /bytes/<n>; whatever is posted or put comes back."""

    def do_GET(self) -> None:
        self.server.requests.append(("GET", self.path, dict(self.headers)))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"http://{HOST}:{self.server.server_port}/hello")
            self.end_headers()
        elif self.path.startswith("/bytes/"):
            self._answer(body(int(self.path[7:])), "application/octet-stream")
        else:
            self._answer(b"hello from a real server", "text/plain")

    def do_POST(self) -> None:
        self.server.requests.append((self.command, self.path, dict(self.headers)))
        self._answer(self._posted(), self.headers.get("Content-Type", "text/plain"))

    do_PUT = do_POST

    def _posted(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest's screen is not ours."""


class _Quiet(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 16

    def handle_error(self, request: object, client_address: object) -> None:
        """What a peer does is looked at by the test, not here."""
