"""What each fault of the virtual modem costs an application: docs/reliability.md.

    python -m tools.reliability             writes the page anew
    python -m tools.reliability hang error  prints the rows of these faults

The real firmware on a virtual clock; a fault's name, the application's activity, the receive mode
and a seed decide everything. A failure prints the four and the last exchanges on the wire.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("host_tests/shims", "host_tests", "firmware")]

from accident import ACTIVITIES, NAMES, Accident  # noqa: E402
from rich.progress import (  # noqa: E402
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from tools.vmodem.faults import ALL  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
SEEDS = 5
MODES = ("pull", "push")

INTRODUCTION = f"""\
# What happens when something goes wrong

Faults of modem and network, one at a time, against the firmware as it is: what an application sees
and how long it takes until everything works again. `make reliability` measures this page on a
virtual clock, with the [virtual modem](../tools/vmodem/) at 115200 bit/s, its power key and reset
pin wired. No real modem has been measured.

The socket that is watched has no timeout and

- *idle*: waits for a message, which its peer sends ten seconds after the connection was made;
- *download*: is reading 20 kB, and the end behind them;
- *upload*: has written a part of 20 kB, writes the rest and waits for a receipt;
- *connect*: is connecting.

A cell tells the errno that the application gets, or *nothing* where all its data come and go as if
nothing had happened. Then the application closes the socket, opens six links, and opens again what
fails, a second later and with a timeout of 30 s: the cell's seconds, rounded up, are from the
fault until all six echo. A cell without seconds: they did at once. A dash: the fault has no
occasion there. Each cell is the worst of {SEEDS} seeds, which vary latency, distance and moment.

Bytes are compared: those read and written before an error are right, but for the packet that was
being torn; nothing is ever wrong or missing without an error.

"""

LASTING = """\
Some faults last. The seconds of `registration_lost`, `registration_denied` and `sim_removed` count
from the moment when the network or the SIM is back, a minute later; those of `slow_network` (60 s)
and `error_spell` (20 s) from its end. All others count from the fault, also of those that only the
firmware can end: `radio_stuck`, `error_everything`, `hang`, `power_down`, `autobaud`. `lost_boot`
strikes with `reboot`, `activation_failed` with `pdp_deact`: alone they have no occasion.
"""

MODE_TEXT = {
    "pull": "## Data are pulled (`AT+CIPRXGET`)",
    "push": "## Data are pushed (`Modem(flow=True)`)",
}


class Case(NamedTuple):
    fault: str
    activity: str
    mode: str
    seed: int


class Result(NamedTuple):
    """`seen` is None where the fault had no occasion; `story` is empty if all went well."""

    case: Case
    seen: str | None
    seconds: float | None
    story: str


def measure(case: Case) -> Result:
    accident = Accident(case.fault, case.activity, case.mode == "push", case.seed)
    try:
        outcome = accident.run()
    except Exception as problem:
        wire = "\n".join("  " + line for line in accident.world.trace().splitlines()[-25:])
        return Result(case, None, None, f"{problem!r}\n{wire}\n{accident.world.nic!r}")
    return Result(case, outcome.seen, outcome.seconds, "")


def measure_all(faults: Iterable[str]) -> list[Result]:
    """All cases of these faults, on all cores."""
    cases = [
        Case(fault, activity, mode, seed)
        for fault in faults
        for activity in ACTIVITIES
        for mode in MODES
        for seed in range(SEEDS)
    ]
    columns = (TextColumn("faults"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    with Progress(*columns) as progress, multiprocessing.Pool(os.cpu_count()) as pool:
        task = progress.add_task("faults", total=len(cases))
        for result in pool.imap(measure, cases, chunksize=4):
            results.append(result)
            progress.advance(task)
            if result.story:
                progress.console.print(f"{result.case}:\n{result.story}\n", markup=False)
    return results


def cell(results: list[Result]) -> str:
    """The worst of all seeds."""
    seen = [result.seen for result in results if result.seen]
    seconds = [result.seconds for result in results if result.seconds is not None]
    if not seen:
        return "–"
    text = " or ".join(sorted(set(seen), key=lambda name: (name != "nothing", name)))
    return text + (f", {math.ceil(max(seconds))} s" if seconds else "")


def rows(results: list[Result], mode: str) -> list[str]:
    """A line of the table of `mode` for each fault."""
    cells: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        if result.case.mode == mode:
            row = cells.setdefault(result.case.fault, {name: [] for name in ACTIVITIES})
            row[result.case.activity].append(result)
    return [
        f"| `{fault}` | {' | '.join(cell(found) for found in row.values())} |"
        for fault, row in cells.items()
    ]


def tables(results: list[Result]) -> str:
    head = f"| fault | {' | '.join(ACTIVITIES)} |\n|{'---|' * (1 + len(ACTIVITIES))}"
    return "\n\n".join(
        "\n".join([f"{MODE_TEXT[mode]}\n\n{head}", *rows(results, mode)]) for mode in MODES
    )


def meanings() -> str:
    lines = [f"| `{name}` | {ALL[name]} |" for name in NAMES]
    return "\n".join(["## The faults", "", "| fault | meaning |", "|---|---|", *lines])


def page(results: list[Result]) -> str:
    return f"{INTRODUCTION}{LASTING}\n{tables(results)}\n\n{meanings()}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fault", nargs="*", help="print the rows of these only")
    options = parser.parse_args()
    for name in options.fault:
        if name not in NAMES:
            parser.error(f"{name}: not one of {', '.join(NAMES)}")
    results = measure_all(options.fault or NAMES)
    failures = sum(bool(result.story) for result in results)
    if failures:
        print(f"{failures} of {len(results)} cases failed")
    elif options.fault:
        print(tables(results))
    else:
        PAGE.write_text(page(results))
        print(f"{len(results)} cases: {PAGE.relative_to(ROOT)} written")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
