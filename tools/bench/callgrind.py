"""MicroPython under `valgrind --tool=callgrind`: instructions between two marks in a program.

The program calls `micropython.mem_total()` where the work begins and `mem_current()` where it
ends. Callgrind counts what the processor would execute, so the figures are the same at every run
and on every machine with the same interpreter; which memcpy the C library picks for the processor
moves them by less than 0.1 %.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools import interpreter

from . import board

# A collection would come at a moment that depends on the size of the heap.
HEAP = "heapsize=8M"
SECONDS = 900

_MARKS = ("mp_micropython_mem_total", "mp_micropython_mem_current")
_FUNCTION = re.compile(r"(c?)fn=\((\d+)\)(?: (.*))?")
_COST = re.compile(r"[-+*\d]\S* (\d+)$")


class MissingValgrind(LookupError):
    """There is no valgrind here; the text says what to do."""


class CountFailed(RuntimeError):
    """The marks of a program were not seen."""


@dataclass(frozen=True)
class Stretch:
    """What was executed between a pair of marks: instructions in all, and by C function."""

    instructions: int
    functions: Counter[str]


def find() -> str:
    """The path of valgrind. Raises MissingValgrind."""
    path = shutil.which("valgrind")
    if path is None:
        raise MissingValgrind("There is no valgrind here (`make tools` installs it)")
    return path


def run(program: str, said: str) -> tuple[str, list[Stretch]]:
    """Run a program of device/ that reads `said` under callgrind: what it printed, and its marked
    stretches in order. Raises MissingValgrind, MissingInterpreter, ProgramFailed."""
    with tempfile.TemporaryDirectory(prefix="sixlink-callgrind-") as folder:
        out = Path(folder, "out")
        command = [find(), "--tool=callgrind", f"--callgrind-out-file={out}"]
        command += [f"--dump-before={mark}" for mark in _MARKS]
        command += [interpreter.find(), "-X", HEAP, str(board.DEVICE / program)]
        output = board.run_command(command, board.environment(), SECONDS, said)
        dumps = sorted(Path(folder).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        # A dump ends at every mark, so each second one holds what was between two of a pair.
        return output, [parse(path.read_text()) for path in dumps[1::2]]


def parse(dump: str) -> Stretch:
    """The costs in a callgrind dump; a function's own, without those that it calls."""
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    current = ""
    called = False  # the next cost is that of a call
    for line in dump.splitlines():
        if line.startswith(("fn=", "cfn=")):
            callee, number, name = _FUNCTION.match(line).groups()  # type: ignore[union-attr]
            names.setdefault(number, (name or "").strip())
            current = current if callee else number
        elif line.startswith("calls="):
            called = True
        elif cost := _COST.match(line):
            costs[current] += 0 if called else int(cost[1])
            called = False
    functions: Counter[str] = Counter()
    for number, cost_of_it in costs.items():
        functions[names[number].partition("'")[0].partition("@")[0]] += cost_of_it
    return Stretch(sum(costs.values()), functions)
