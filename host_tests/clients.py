"""Playing scenes with stock clients, and counting what they cost on the wire.

    record = play("scenes_clients_http", "get", web.port)
    record.result, record.sends, record.stats

`sends` is every AT+CIPSEND as (link, bytes), read from the wire and checked against the virtual
modem's own counters. `tell` prints such figures among pytest's dots.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from real import SECONDS, TRACE_LINES, Board

from tools.demo import rig

TERMINAL_MODEM = Path(__file__).parent / "terminal_modem.py"
BAUD = 460800  # that of the scenes
LATENCY_MS = 5


@dataclass
class Record:
    """What a scene returned, every AT+CIPSEND as (link, bytes), and the modem's statistics."""

    result: Any
    sends: list[tuple[int, int]]
    stats: dict[str, Any]

    def sizes(self, link: int | None = None) -> list[int]:
        """Bytes of each AT+CIPSEND, on `link` or on any."""
        return [size for number, size in self.sends if link in (None, number)]


class Modem:
    """The virtual modem's process, and the terminal on which faults are typed to it."""

    def __init__(self, process: rig.ModemProcess, keyboard: int) -> None:
        self._process = process
        self._keyboard = keyboard

    def type(self, line: str) -> None:
        """A fault, or a pin and its level."""
        os.write(self._keyboard, line.encode() + b"\n")

    def fault(self, name: str) -> None:
        self.type(name)

    def trace(self) -> str:
        return self._process.trace()

    def stop(self) -> dict[str, Any]:
        """End the modem; its statistics."""
        return self._process.stop()

    def record(self, result: Any) -> Record:
        """End the modem, and put together what it has seen."""
        stats = self.stop()
        sends = sends_in(self.trace())
        assert len(sends) == stats["counters"].get("prompts", 0)
        sent = sum(size for _, size in sends)
        # Transparent mode sends without a command.
        assert not sends or sent >= sum(c["bytes_up"] for c in stats["connections"])
        assert stats["counters"].get("host_overrun", 0) == 0
        return Record(result, sends, stats)


def sends_in(trace: str) -> list[tuple[int, int]]:
    """(link, bytes) of every AT+CIPSEND; a line may be torn over several writes of the host."""
    typed = re.findall(r"^ *[\d.]+  host  (.*)$", trace, re.MULTILINE)
    found = re.findall(r"AT\+CIPSEND=(\d),(\d+)\\r", "".join(typed))
    return [(int(link), int(size)) for link, size in found]


@contextlib.contextmanager
def board_and_modem(*options: str) -> Iterator[tuple[Board, Modem]]:
    """A board, and a virtual modem whose terminal takes faults; a failure shows the wire."""
    keyboard, terminal = os.openpty()
    tty.setraw(terminal)
    program = (str(TERMINAL_MODEM), os.ttyname(terminal))
    settings = {"baud": BAUD, "latency_ms": LATENCY_MS, "options": options, "program": program}
    try:
        with Board() as board, rig.ModemProcess(board, **settings) as process:
            modem = Modem(process, keyboard)
            try:
                yield board, modem
            except BaseException:
                print("\n".join(modem.trace().splitlines()[-TRACE_LINES:]), file=sys.stderr)
                raise
    finally:
        os.close(terminal)
        os.close(keyboard)


def play(module: str, scene: str, *args: Any, timeout: int = SECONDS) -> Record:
    """Play a scene over a fresh modem."""
    with board_and_modem() as (board, modem):
        record = modem.record(board.play(module, scene, "modem", *args, timeout=timeout))
    assert record.stats["connections"], "it went past the modem"
    return record


def play_on_own_sockets(module: str, scene: str, *args: Any, timeout: int = SECONDS) -> Any:
    """Play a scene over the interpreter's own sockets; what it returned."""
    with Board() as board:
        return board.play(module, scene, "own", *args, timeout=timeout)


def tell(capsys: Any, what: str, sizes: list[int]) -> None:
    """Print what a step of a client cost on the wire."""
    with capsys.disabled():
        print(f"\n  {what}: {len(sizes)} AT+CIPSEND for {sum(sizes)} bytes", end="")
