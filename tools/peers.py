"""Loopback peers that do as they are told, well or badly.

The first line a client sends is the programme of its peer, steps parted by commas:

    send 5, line, reset

sends five bytes, waits for a line and resets the connection. A programme that has ended closes
the connection in the ordinary way.

    send N      the next N bytes of `pattern`
    slow N MS   the next N bytes, one by one, with a pause of MS after each
    flood       bytes of `pattern` until the client goes away
    say TEXT    the text; each "/" in it is sent as a line feed
    line        waits for a line
    digest      waits for a line and answers with its `digest`
    echo        sends everything back until the client closes
    sink        reads until the client closes
    half        closes this direction only; the other one stays open
    reset       resets the connection
    signal KEY  lets those go on who wait for KEY
    keep KEY    reads until the client closes, then `signal`, with a digest to be told
    wait KEY    waits for `signal` or `keep`, on another connection too
    tell KEY    waits likewise, then sends what was kept

Bytes sent so far count for the pattern: `send 3, line, send 2` sends `pattern(5)` in two parts.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
import zlib

from .servers import HOST, _Background, _TcpServer

PATIENCE_SECONDS = 30  # for a client that does nothing, and for a signal that nobody gives

_CHUNK = 4096
# So that a peer that does not read is felt after kilobytes, not megabytes, as on a real network.
_RECEIVE_BUFFER = 4096
_SEGMENT = 1460


def pattern(count: int, at: int = 0) -> bytes:
    """`count` bytes of what a peer sends, from the byte numbered `at`."""
    return bytes(number & 255 for number in range(at, at + count))


def digest(data: bytes) -> bytes:
    """Length and CRC-32 of `data`, as a line."""
    return b"%d %08x\n" % (len(data), zlib.crc32(data))


class Board:
    """What connections leave for each other, by key."""

    def __init__(self) -> None:
        self._notes: dict[str, bytes] = {}
        self._changed = threading.Condition()

    def put(self, key: str, note: bytes) -> None:
        with self._changed:
            self._notes[key] = note
            self._changed.notify_all()

    def get(self, key: str) -> bytes:
        """The note under `key`, as soon as there is one."""
        with self._changed:
            if not self._changed.wait_for(lambda: key in self._notes, PATIENCE_SECONDS):
                raise TimeoutError(f"nobody signals {key!r}")
            return self._notes[key]


class _Gone(Exception):
    """The programme ends here."""


class _Player:
    """Plays one programme on one connection."""

    def __init__(self, sock: socket.socket, board: Board) -> None:
        self._sock = sock
        self._board = board
        self._unread = b""
        self._sent = 0

    def play(self) -> None:
        programme = self._read_line().decode()
        for step in programme.split(","):
            name, *words = step.split(None, 1)
            getattr(self, "do_" + name)(*words)

    # -- steps -------------------------------------------------------------------------------

    def do_send(self, count: str) -> None:
        data = pattern(int(count), self._sent)
        self._sent += len(data)
        self._sock.sendall(data)

    def do_slow(self, words: str) -> None:
        count, pause_ms = map(int, words.split())
        for _ in range(count):
            self.do_send("1")
            time.sleep(pause_ms / 1000)

    def do_flood(self) -> None:
        while True:
            self.do_send(str(_CHUNK))

    def do_say(self, text: str) -> None:
        self._sock.sendall(text.replace("/", "\n").encode())

    def do_line(self) -> None:
        self._read_line()

    def do_digest(self) -> None:
        self._sock.sendall(digest(self._read_line()))

    def do_echo(self) -> None:
        while data := self._read():
            self._sock.sendall(data)

    def do_sink(self) -> None:
        while self._read():
            pass

    def do_half(self) -> None:
        self._sock.shutdown(socket.SHUT_WR)

    def do_reset(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()
        raise _Gone

    def do_signal(self, key: str) -> None:
        self._board.put(key, b"")

    def do_keep(self, key: str) -> None:
        kept = b"".join(iter(self._read, b""))
        self._board.put(key, digest(kept))

    def do_wait(self, key: str) -> None:
        self._board.get(key)

    def do_tell(self, key: str) -> None:
        self._sock.sendall(self._board.get(key))

    # -- reading -----------------------------------------------------------------------------

    def _read(self) -> bytes:
        """What has come; nothing at the end, however the client made it."""
        data, self._unread = self._unread, b""
        if data:
            return data
        try:
            return self._sock.recv(_CHUNK)
        except ConnectionError:
            return b""

    def _read_line(self) -> bytes:
        """The next line, without its end. A client that closes before ends the programme."""
        parts = []
        while data := self._read():
            line, end, self._unread = data.partition(b"\n")
            parts.append(line)
            if end:
                return b"".join(parts)
        raise _Gone


class Puppet(_Background):
    """A TCP server whose clients say what it does."""

    def __init__(self) -> None:
        board = Board()

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.settimeout(PATIENCE_SECONDS)
                try:
                    _Player(self.request, board).play()
                except _Gone:
                    pass

        server = _TcpServer((HOST, 0), Handler, bind_and_activate=False)
        # A connection inherits both from its listener.
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
        server.server_bind()
        server.server_activate()
        super().__init__(server)


class UdpPuppet(_Background):
    """Answers the datagram `reply 3 1460` with one datagram of each of these lengths, and sends
    any other datagram back."""

    def __init__(self) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, sock = self.request
                for answer in _answers(data):
                    sock.sendto(answer, self.client_address)

        super().__init__(socketserver.UDPServer((HOST, 0), Handler))


def _answers(datagram: bytes) -> list[bytes]:
    if not datagram.startswith(b"reply"):
        return [datagram]
    return [pattern(int(length)) for length in datagram.split()[1:]]


class Silent:
    """A TCP port that never answers a connect: the queue of its listener is full."""

    def __enter__(self) -> Silent:
        self._listener = socket.socket()
        self._listener.bind((HOST, 0))
        self._listener.listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._queued = socket.create_connection((HOST, self.port), PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._queued.close()
        self._listener.close()
