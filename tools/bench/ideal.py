"""A host that needs no time: the command sequence of the model on the virtual modem, typed by a
loop that knows every answer in advance.

What it reaches says how much of a cell's distance from the model is the virtual modem's and the
pty's, and how much the firmware's.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

from tools.demo import rig

from . import model, peers
from .wire import RING

_SET_UP = (
    (b"AT", b"OK\r\n"),
    (b"ATE0", b"OK\r\n"),
    (b"AT+CIPSHUT", b"SHUT OK\r\n"),
    (b"AT+CIPMUX=1", b"OK\r\n"),
    (b"AT+CIPQSEND=1", b"OK\r\n"),
    (b"AT+CIPRXGET=1", b"OK\r\n"),
    (b"AT+CSTT", b"OK\r\n"),
    (b"AT+CIICR", b"OK\r\n"),
    (b"AT+CIFSR", b".128\r\n"),
)
_SECONDS = 10
_SILENCE_SECONDS = 0.3


class Host:
    """At the pty `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def ask(self, line: bytes, end: bytes) -> bytes:
        """Type a command and read up to `end`."""
        return self.type(line + b"\r\n", end)

    def type(self, data: bytes, end: bytes, size: int = 0) -> bytes:
        """Type `data`, read until `end` has come behind the first `size` bytes."""
        while data:
            data = data[os.write(self._descriptor, data) :]
        heard = b""
        give_up = time.monotonic() + _SECONDS
        while heard.find(end, size) < 0:
            if not select.select([self._descriptor], [], [], 1)[0]:
                if time.monotonic() > give_up:
                    raise TimeoutError(f"{end!r} did not come after {heard[-100:]!r}")
                continue
            heard += os.read(self._descriptor, 65536)
        return heard

    def connect(self, port: int) -> None:
        for line, end in _SET_UP:
            self.ask(line, end)
        self.ask(b'AT+CIPSTART=0,"TCP","127.0.0.1",%d' % port, b"CONNECT OK\r\n")

    def start(self, data: bytes) -> None:
        """Type `data` and let what the modem has to say go by until it is silent."""
        os.write(self._descriptor, data)
        while select.select([self._descriptor], [], [], _SILENCE_SECONDS)[0]:
            os.read(self._descriptor, 65536)

    def send(self, payload: bytes) -> None:
        size = len(payload)
        self.ask(b"AT+CIPSEND=0,%d" % size, b"> ")
        self.type(payload, b"DATA ACCEPT:0,%d\r\n" % size)

    def read(self, size: int) -> None:
        self.type(b"AT+CIPRXGET=2,0,%d\r\n" % size, b"\r\nOK\r\n", size)


def up(baud: int, latency_ms: int, seconds: float) -> float:
    """Bytes per second in segments of 1460."""
    with peers.Server(peers.sink, size=1 << 30) as server:
        return _rate(baud, latency_ms, seconds, server.port, _sender(bytes(model.SEGMENT)))


def down(baud: int, latency_ms: int, seconds: float, size: int = RING) -> float:
    """Bytes per second in reads of `size`."""
    with peers.Server(peers.source, size=1 << 24, start=threading.Barrier(1)) as server:
        return _rate(baud, latency_ms, seconds, server.port, _reader(size))


Step = Callable[[Host], int]  # returns the bytes it has moved


def _sender(payload: bytes) -> Step:
    def run(host: Host) -> int:
        host.send(payload)
        return len(payload)

    return run


def _reader(size: int) -> Step:
    def run(host: Host) -> int:
        host.read(size)
        return size

    return run


def _rate(baud: int, latency_ms: int, seconds: float, port: int, step: Step) -> float:
    with rig.Board() as board, rig.ModemProcess(board, baud=baud, latency_ms=latency_ms):
        host = Host(board.uart)
        host.connect(port)
        host.ask(b"AT+CIPSEND=0,1", b"> ")
        host.start(b"g")
        start = time.monotonic()
        moved = 0
        while time.monotonic() - start < seconds:
            moved += step(host)
        return moved / (time.monotonic() - start)
