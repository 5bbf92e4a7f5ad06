"""Servers for the tests with stock clients: HTTP as it should be and as it should not, NTP, DNS.

All listen on loopback and serve from threads while their context lasts.
"""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import trustme
from websockets.sync.server import ServerConnection, serve

from tools import servers

HOST = servers.HOST
PATTERN = bytes((i * 7 + i // 251) & 255 for i in range(4096))
DRIP_S = 0.003  # from byte to byte; a test has no time for a second each


def body(size: int) -> bytes:
    """`size` bytes in which a lost or doubled one shows."""
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


class _Quiet(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 16

    def handle_error(self, request: object, client_address: object) -> None:
        """What a peer does is looked at by the test, not here."""


class _QuietHttp(_Quiet, http.server.HTTPServer):
    def __init__(self, handler: type) -> None:
        super().__init__((HOST, 0), handler)
        self.requests: list[tuple[str, str, dict[str, str]]] = []


@contextlib.contextmanager
def serving(server: Any) -> Iterator[Any]:
    """Run a `socketserver`; its `port` is what clients want to know."""
    server.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- HTTP -----------------------------------------------------------------------------------------


class _HttpHandler(http.server.BaseHTTPRequestHandler):
    """/moved (to /hello), /bytes/<n>; whatever is posted or put comes back."""

    server: _QuietHttp

    def do_GET(self) -> None:
        self.server.requests.append(("GET", self.path, dict(self.headers)))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"http://{HOST}:{self.server.server_port}/hello")
            self.send_header("Content-Length", "0")
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
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest's screen is not ours."""


def http_server() -> Any:
    """`with http_server() as web`: `web.port`, `web.requests`."""
    return serving(_QuietHttp(_HttpHandler))


class Authority:
    """Signs certificates; `der` is what a client needs to know to believe them."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.der = ssl.PEM_cert_to_DER_cert(self._ca.cert_pem.bytes().decode())

    def context(self, name: str) -> ssl.SSLContext:
        """For a server that is called `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context


def https_server(context: ssl.SSLContext) -> Any:
    """Like `http_server`; the handshake is made in the connection's own thread."""
    server = _QuietHttp(_HttpHandler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    return serving(server)


# -- HTTP servers that misbehave ------------------------------------------------------------------

_ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nbyte by byte"


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()  # at once: what comes after a handler would end it gracefully


def _close_at_once(connection: socket.socket) -> None:
    """The handler's end closes it."""


def _close_in_headers(connection: socket.socket) -> None:
    connection.sendall(_ANSWER[:30])


def _close_in_body(connection: socket.socket) -> None:
    connection.sendall(_ANSWER[:-5])


def _never_answer(connection: socket.socket) -> None:
    connection.recv(1)  # the end of a client that has lost patience


def _drip(connection: socket.socket) -> None:
    pause = threading.Event()
    for at in range(len(_ANSWER)):
        connection.sendall(_ANSWER[at : at + 1])
        pause.wait(DRIP_S)


def _nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\r\nOK\r\n0, CLOSED\r\n+PDP: DEACT\r\n> \x00\xff\r\n")


MISBEHAVIOUR = {
    "reset": _reset,
    "close at once": _close_at_once,
    "close in headers": _close_in_headers,
    "close in body": _close_in_body,
    "never answer": _never_answer,
    "byte by byte": _drip,
    "nonsense": _nonsense,
}


def _bad_server(misbehave: Callable[[socket.socket], None]) -> _Quiet:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += self.request.recv(4096)
            misbehave(self.request)

    return _Quiet((HOST, 0), Handler)


@contextlib.contextmanager
def bad_servers() -> Iterator[dict[str, int]]:
    """What is wrong with a server: its port. Port 0 stands for a name that does not exist."""
    with contextlib.ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(_bad_server(how))).port
            for name, how in MISBEHAVIOUR.items()
        }
        yield {**ports, "refuse": servers.refused_port(), "unknown name": 0}


# -- UDP ------------------------------------------------------------------------------------------


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


def _udp_server(answer: Callable[[bytes], bytes | None]) -> Any:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query, sock = self.request
            reply = answer(query)
            if reply is not None:
                sock.sendto(reply, self.client_address)

    return serving(_Udp((HOST, 0), Handler))


NTP_SECONDS = 4_000_000_000  # what our server says it is: 2026-10-03 07:06:40 UTC, since 1900


def ntp_server() -> Any:
    """Answers mode 3 with mode 4, as RFC 5905 has it; anything else not at all."""

    def answer(query: bytes) -> bytes | None:
        if len(query) != 48 or query[0] & 7 != 3:
            return None
        version = query[0] & 0x38
        stamp = struct.pack("!II", NTP_SECONDS, 0)
        head = struct.pack("!BBbbII4s", version | 4, 1, 6, -20, 0, 0, b"TEST")
        return head + stamp + query[40:48] + stamp + stamp

    return _udp_server(answer)


NAMES = {b"board.example": "192.0.2.7"}


def dns_server() -> Any:
    """An authority for `NAMES`: an A record, or NXDOMAIN (RFC 1035)."""

    def answer(query: bytes) -> bytes | None:
        number, _, questions = struct.unpack("!HHH", query[:6])
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length])
            at += 1 + length
        question = query[12 : at + 5]
        address = NAMES.get(b".".join(labels))
        if address is None:
            return struct.pack("!HHHHHH", number, 0x8183, questions, 0, 0, 0) + question
        record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address)
        head = struct.pack("!HHHHHH", number, 0x8180, questions, 1, 0, 0)
        return head + question + record

    return _udp_server(answer)


def silent_udp_server() -> Any:
    """Takes every datagram and answers none."""
    return _udp_server(lambda query: None)


# -- WebSocket ------------------------------------------------------------------------------------


def _talk(connection: ServerConnection) -> None:
    """/bye ends well, /rude without a word, anything else sends back what comes."""
    path = connection.request.path if connection.request else ""
    if path == "/bye":
        connection.send("bye")
        connection.close(1001, "going away")
    elif path == "/rude":
        connection.send("rude")
        connection.socket.shutdown(socket.SHUT_RDWR)
    else:
        for message in connection:
            connection.send(message)


@contextlib.contextmanager
def websocket_server() -> Iterator[int]:
    """The port of a `websockets` server."""
    with serve(_talk, HOST, 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()
