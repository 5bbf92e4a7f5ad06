"""Goodput, round trips and latency over a pty at a modem's pace, beside what the line allows.

The firmware runs on real MicroPython, the virtual modem in a process of its own; bytes are those
that the virtual modem counted.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.certificates import Authority
from tools.demo import rig

from . import figures, model, peers

PROGRAM = Path(__file__).parent / "device" / "wire.py"
HEAP = "heapsize=4M"
SECONDS = 2.5  # of transfer in a cell
RING = 1024  # bytes of a link's ring in pull mode (design, budgets): the most of one read
FEWEST = 8  # segments on each of several links
LIMIT_SECONDS = 60
MESSAGE = 64


class CellFailed(RuntimeError):
    """The board failed or its count is not the modem's; the text has what it said."""


@dataclass(frozen=True)
class Cell:
    """One measurement of goodput. `way`: down or up."""

    way: str
    baud: int = 115200
    latency_ms: int = 10
    links: int = 1
    push: bool = False
    tls: bool = False
    profile: str = "luat"

    @property
    def name(self) -> str:
        mode = self.way if self.way == "up" and not self.push else f"{self.way} {self.mode}"
        links = "1 link" if self.links == 1 else f"{self.links} links"
        secure = ", TLS" if self.tls else ""
        family = "" if self.profile == "luat" else f", {self.profile}"
        return f"{mode}, {self.baud} baud, {self.latency_ms} ms, {links}{secure}{family}"

    @property
    def mode(self) -> str:
        return "push" if self.push else "pull"

    @property
    def limit(self) -> float:
        """Bytes per second that the sequence of commands allows (of TLS records, too)."""
        if self.way == "up":
            return model.up(self.baud, self.latency_ms / 1000)
        if self.push:
            return model.push_down(self.baud)
        return model.pull_down(self.baud, self.latency_ms / 1000, RING)

    @property
    def size(self) -> int:
        """Bytes on each link: whole segments, about `SECONDS` at the limit."""
        segments = round(self.limit * SECONDS / self.links / model.SEGMENT)
        # A share that is one segment more or less must not look unfair.
        return max(FEWEST if self.links > 1 else 2, segments) * model.SEGMENT


@dataclass(frozen=True)
class Goodput:
    """What came of a cell: bytes per second, and the shares of the links."""

    cell: Cell
    rate: float
    shares: tuple[int, ...]

    @property
    def of_wire(self) -> float:
        return self.rate / model.wire(self.cell.baud)

    @property
    def of_limit(self) -> float:
        return self.rate / self.cell.limit

    @property
    def fairness(self) -> float:
        return figures.jain(self.shares)


def star() -> Iterator[Cell]:
    """The cells around the points where design bounds the efficiency: 115200 and 921600 baud at
    10 ms, one link, plain. From there one thing at a time is changed."""
    ways: tuple[dict[str, Any], ...] = (
        {"way": "down", "push": True},
        {"way": "down"},
        {"way": "up"},
    )
    for baud in (115200, 460800, 921600):
        for way in ways:
            yield Cell(baud=baud, **way)
    for baud in (115200, 921600):
        for way in ways:
            for latency_ms in (0, 50):
                yield Cell(baud=baud, latency_ms=latency_ms, **way)
            for links in (3, 6):
                yield Cell(baud=baud, links=links, **way)
            yield Cell(baud=baud, tls=True, **way)
    yield Cell("up", 115200, push=True)


def goodput(cell: Cell, authority: Authority | None = None) -> Goodput:
    """Raises CellFailed."""
    context = authority.server_context("localhost") if authority and cell.tls else None
    if cell.way == "down":
        start = threading.Barrier(cell.links)
        peer = peers.Server(peers.source, context, size=cell.size, start=start)
    else:
        peer = peers.Server(peers.sink, context, size=cell.size)
    with peer as server, _trusted(authority) as ca:
        options = {"links": cell.links, "size": cell.size, "ca": ca if cell.tls else None}
        told, stats = play(cell, cell.way, port=server.port, **options)
    check_counts(told, stats, cell)
    return Goodput(cell, told["bytes"] / told["seconds"], tuple(told["shares"]))


def check_counts(told: dict[str, Any], stats: dict[str, Any], cell: Cell) -> None:
    """The board's counts must be the modem's, and all of the payload among them."""
    way = "up" if cell.way == "up" else "down"
    counted = [connection[f"bytes_{way}"] for connection in stats["connections"]]
    fits = all(count >= cell.size for count in counted) and len(counted) == cell.links
    if counted != told[way] or not fits:
        raise CellFailed(f"{cell.name}: the board counts {told[way]}, the modem {counted}")


def round_trips(cell: Cell, count: int) -> list[float]:
    """Seconds of each of `count` messages of 64 bytes, there and back."""
    with peers.Server(peers.echo) as server:
        options = {"size": MESSAGE, "count": count}
        times, _ = play(cell, "round_trips", port=server.port, **options)
    return [time / 1e6 for time in times]


def arrivals(cell: Cell, count: int) -> list[float]:
    """Seconds from a peer's byte to the application that waits for it."""
    sent: list[int] = []
    with peers.Server(peers.single, stamps=sent) as server:
        there, _ = play(cell, "arrivals", port=server.port, count=count)
    return [(there_us - sent_us) / 1e6 for sent_us, there_us in zip(sent, there, strict=True)]


def play(cell: Cell, function: str, **options: Any) -> tuple[Any, dict[str, Any]]:
    """Run a function of device/wire.py: what it told, and the modem's statistics."""
    words = json.dumps({"baud": cell.baud, "push": cell.push, **options})
    flags = (*(("--flow",) if cell.push else ()), "--profile", cell.profile)
    settings: dict[str, Any] = {"baud": cell.baud, "latency_ms": cell.latency_ms}
    with rig.Board() as board, rig.ModemProcess(board, options=flags, **settings) as modem:
        program = board.start("-X", HEAP, PROGRAM, function, words)
        try:
            output, _ = program.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise CellFailed(f"{cell.name}: not done in {LIMIT_SECONDS} s") from late
        if program.returncode:
            raise CellFailed(f"{cell.name}: {output[-1500:]}")
        return json.loads(output.splitlines()[-1]), modem.stop()


class _trusted:
    """A file with the authority's certificate, for boards: `with _trusted(a) as path`."""

    def __init__(self, authority: Authority | None) -> None:
        self._authority = authority

    def __enter__(self) -> str | None:
        if self._authority is None:
            return None
        self._file = tempfile.NamedTemporaryFile(suffix=".der")
        self._file.write(self._authority.der)
        self._file.flush()
        return self._file.name

    def __exit__(self, *_: object) -> None:
        if self._authority is not None:
            self._file.close()
