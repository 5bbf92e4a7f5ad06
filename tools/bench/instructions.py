"""Instructions that the firmware takes a byte, a packet, a pump and a command.

    python -m tools.bench.instructions [--all] [--profile NAME]

Real MicroPython under callgrind, with a modem that is all in memory (device/stand_in.py): packets
of 1460 bytes in reads of 256, `any()` tells what waits. What the stand-in itself takes is counted
in a run of its own, with the same calls, and subtracted. The application's `readinto` and `write`
are part of what is counted. `--profile` tells where the instructions go: the C functions of the
interpreter, and how often each function of the firmware is called.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from . import board, callgrind

SIZES = (1, 16, 64, 256, 1460, 4096, 16384)
LINKS = range(1, 7)
BURSTS = (1, 2, 4, 8, 16)
UNITS = 6  # messages of each point of a curve; one for each link
SHOWN = 40


@dataclass(frozen=True)
class Work:
    """What is measured: a scene of device/scenes.py, and its options."""

    scene: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """What came of it. `units`: messages, pumps or commands; `bytes`: the payload moved."""

    instructions: int
    stand_in: int
    units: int
    bytes: int

    @property
    def own(self) -> int:
        return self.instructions - self.stand_in

    @property
    def per_unit(self) -> float:
        return self.own / self.units

    @property
    def per_byte(self) -> float:
        return self.own / self.bytes


PUSH = {"push": True}
LIGHT = {
    "receive push": Work("Receive", PUSH),
    "receive pull": Work("Receive"),
    "send": Work("Send", {"units": 936}),
    "idle pump": Work("Idle"),
    "command": Work("Command"),
}
MORE = {
    "receive push, no trace": Work("Receive", PUSH | {"trace": 0}),
    "receive push, 256 bytes at a time": Work("Receive", PUSH | {"trickle": True}),
    "receive pull, no trace": Work("Receive", {"trace": 0}),
    "send, no trace": Work("Send", {"trace": 0}),
    "ioctl(POLL)": Work("Poll"),
}


def curves() -> dict[str, Work]:
    """Cost against payload size, number of links and rate of URCs."""
    works = {}
    for size in SIZES:
        units = max(2, min(UNITS, 16384 // size))
        works[f"receive push of {size}"] = Work("Receive", PUSH | {"size": size, "units": units})
        works[f"receive pull of {size}"] = Work("Receive", {"size": size, "units": units})
        works[f"send of {size}"] = Work("Send", {"size": size, "units": units})
    for links in LINKS:
        works[f"receive push, {links} links"] = Work(
            "Receive", PUSH | {"links": links, "units": UNITS}
        )
        works[f"send, {links} links"] = Work("Send", {"links": links, "units": UNITS})
        works[f"idle pump, {links} links"] = Work("Idle", {"links": links})
    for burst in BURSTS:
        works[f"URCs, {burst} at a time"] = Work("Urc", {"burst": burst})
    return works


def measure(works: dict[str, Work]) -> dict[str, Count]:
    """Raises MissingValgrind, CountFailed."""
    output, stretches = _run(list(works.values()))
    counts = {}
    for at, (name, line) in enumerate(zip(works, output.splitlines(), strict=True)):
        work, alone, loop = (stretch.instructions for stretch in stretches[3 * at : 3 * at + 3])
        done = json.loads(line)
        counts[name] = Count(work, alone - loop, done["units"], done["bytes"])
    return counts


def profile(work: Work) -> tuple[Counter[str], int]:
    """Instructions by C function, those of the stand-in subtracted, and in all."""
    _, (all_, alone, loop) = _run([work])
    functions = Counter(all_.functions)
    functions.subtract(alone.functions)
    functions.update(loop.functions)
    return functions, sum(functions.values())


def calls(work: Work) -> list[tuple[float, str]]:
    """Calls of each function of the firmware for one unit of the work, most frequent first."""
    output = board.run("calls.py", work.scene, json.dumps(work.options))
    return [(count, name) for count, name in json.loads(output)]


def _run(works: list[Work]) -> tuple[str, list[callgrind.Stretch]]:
    words = json.dumps([[work.scene, work.options] for work in works])
    output, stretches = callgrind.run("count.py", words)
    if len(stretches) != 3 * len(works):
        raise callgrind.CountFailed(
            "callgrind saw %d of %d stretches: the interpreter has no symbols, or its GIL moved"
            % (len(stretches), 3 * len(works))
        )
    return output, stretches


def table(counts: dict[str, Count]) -> str:
    rows = [f"{'':36}{'a byte':>10}{'each':>12}{'stand-in':>12}"]
    for name, count in counts.items():
        per_byte = f"{count.per_byte:10.1f}" if count.bytes else " " * 10
        stand_in = count.stand_in / count.units
        rows.append(f"{name:36}{per_byte}{count.per_unit:12,.0f}{stand_in:12,.0f}")
    return "\n".join(rows)


def profile_table(functions: Counter[str], total: int, called: list[tuple[float, str]]) -> str:
    left = [
        f"{cost:12,}{100 * cost / total:7.1f} %  {name}"
        for name, cost in functions.most_common(SHOWN)
    ]
    right = [f"{count:8.1f}  {name}" for count, name in called[:SHOWN]]
    title = f"{'instructions':>12}{'':9}  {'C function':34}{'calls each':>8}  function"
    rows = zip_longest(left, right, fillvalue="")
    return "\n".join([title, *(f"{one:57}{other}" for one, other in rows)])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.instructions", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--all", action="store_true", help="the curves too: takes two minutes")
    parser.add_argument("--profile", metavar="NAME", help="where they go: " + ", ".join(LIGHT))
    options = parser.parse_args(argv)
    works = LIGHT | MORE | curves()
    try:
        if options.profile:
            if options.profile not in works:
                parser.error(f"there is no {options.profile!r}")
            work = works[options.profile]
            print(profile_table(*profile(work), calls(work)))
        else:
            print(table(measure(works if options.all else LIGHT | MORE)))
    except (callgrind.MissingValgrind, callgrind.CountFailed, board.ProgramFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
