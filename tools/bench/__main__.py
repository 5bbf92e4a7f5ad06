"""Measure everything: `make bench`. Prints one table, writes build/bench.json, .svg and .png.

Takes six to nine minutes; what the clock can change is measured with nothing else beside it, so
leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tools import interpreter, sizes
from tools.certificates import Authority

from . import board, callgrind, fona, ideal, instructions, memory, plots, report, wire
from .wire import Cell

JSON = board.ROOT / "build" / "bench.json"
GROUPS = 6  # of what callgrind counts
IDEAL_SECONDS = 3.0
TRIES = 2
TRIPS = 150
ARRIVALS = 100
PEER = "Adafruit FONA (CPython)"

Tell = Callable[[str], None]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.parse_args(argv)
    console = Console(highlight=False)
    try:
        results = measure(console)
    except interpreter.MissingInterpreter as error:
        console.print(error, markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    rows = report.all_figures(results)
    report.write(JSON, rows, results)
    plots.draw(results, JSON.with_suffix(".svg"), JSON.with_suffix(".png"))
    print(report.table(rows))
    print(f"\n{report.summary(rows)} {results['seconds']:.0f} s. build/bench.json, .svg, .png")
    return 0


def measure(console: Console) -> report.Results:
    """Run every stage, one after the other."""
    interpreter.find()
    started = time.monotonic()
    results: report.Results = {}
    works = list(stages())
    columns = (TextColumn("{task.description:<60}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=sum(steps for _, steps, _ in works))
        for name, _, stage in works:

            def tell(what: str, name: str = name) -> None:
                progress.update(bar, description=f"{name}: {what}"[:60], advance=1)

            results[name] = stage(tell)
    results["seconds"] = time.monotonic() - started
    results["where"] = where()
    return results


def where() -> str:
    """The machine, as far as it matters for what the clock measures."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"


def stages() -> Iterator[tuple[str, int, Callable[[Tell], Any]]]:
    """Name, how many steps it tells of, and what it does."""
    yield "instructions", GROUPS, count_instructions
    yield "heap", 2, measure_heap
    yield "mpy", 1, weigh
    yield "ram", 2, measure_ram
    yield "sends", 1, count_sends
    yield "goodput", len(list(wire.star())), measure_goodput
    yield "ideal", 4, measure_ideal
    yield "round trips", 4, measure_round_trips
    yield "arrivals", 2, measure_arrivals
    yield "peer", 4, compare_peer


# -- stages --------------------------------------------------------------------------------------


def count_instructions(tell: Tell) -> dict[str, Any]:
    """In groups, two at a time: what else the machine does moves no count."""
    works = list((instructions.LIGHT | instructions.MORE | instructions.curves()).items())
    size = -(-len(works) // GROUPS)
    groups = [dict(works[at : at + size]) for at in range(0, len(works), size)]
    counts: dict[str, Any] = {}
    with ThreadPoolExecutor(2) as pool:
        try:
            for counted in pool.map(instructions.measure, groups):
                tell(next(iter(counted)))
                counts |= {name: asdict(count) for name, count in counted.items()}
        except (callgrind.MissingValgrind, callgrind.CountFailed) as error:
            return {"missing": str(error)}
    return counts


def measure_heap(tell: Tell) -> dict[str, Any]:
    tell("packets and segments")
    traffic, over_time = memory.traffic()
    told = {name: (figure.bytes, figure.locked) for name, figure in traffic.items()}
    return {"figures": told, "over time": over_time}


def weigh(tell: Tell) -> dict[str, Any]:
    tell("modules")
    files = sizes.compile_all(sizes.SOURCE, sizes.OUTPUT)
    return {"always": sizes.counted(files), "all": sum(files.values()), "modules": files}


def measure_ram(tell: Tell) -> dict[str, Any]:
    tell("unix port")
    ram: dict[str, Any] = {"64-bit": asdict(memory.taken_64())}
    tell("webassembly build")
    try:
        ram["32-bit"] = asdict(memory.taken_32())
    except memory.MissingNode as error:
        ram["32-bit"] = {"missing": str(error)}
    return ram


def count_sends(tell: Tell) -> dict[str, int]:
    tell("stock clients")
    return memory.sends()


def measure_goodput(tell: Tell) -> list[dict[str, Any]]:
    authority = Authority()
    rows = []
    for cell in wire.star():
        tell(cell.name)
        rows.append(goodput(cell, authority))
    return rows


def goodput(cell: Cell, authority: Authority | None = None) -> dict[str, Any]:
    """Where there is a bound, the better of two: what else the machine does only slows it down."""

    def run() -> dict[str, Any]:
        tries = TRIES if report.is_bounded(cell) else 1
        result = max((wire.goodput(cell, authority) for _ in range(tries)), key=lambda r: r.rate)
        return {"rate": result.rate, "shares": result.shares, "limit": cell.limit}

    return _told(cell, run)


def measure_ideal(tell: Tell) -> list[dict[str, Any]]:
    rows = []
    for baud in report.POINTS:
        for way in ("up", "down"):
            tell(f"{way}, {baud} baud")
            rate = getattr(ideal, way)(baud, report.LATENCY_MS, IDEAL_SECONDS)
            rows.append({"way": way, "baud": baud, "rate": rate})
    return rows


def measure_round_trips(tell: Tell) -> list[dict[str, Any]]:
    rows = []
    for baud in report.POINTS:
        for push in (True, False):
            cell = Cell("up", baud, push=push)
            tell(f"{baud} baud, {cell.mode}")
            rows.append(_told(cell, partial(_seconds, wire.round_trips, cell, TRIPS)))
    return rows


def measure_arrivals(tell: Tell) -> list[dict[str, Any]]:
    rows = []
    for baud in report.POINTS:
        cell = Cell("down", baud, push=True)
        tell(f"{baud} baud")
        rows.append(_told(cell, partial(_seconds, wire.arrivals, cell, ARRIVALS)))
    return rows


def compare_peer(tell: Tell) -> list[dict[str, Any]]:
    """The same work by a published driver of this dialect, and by ours."""
    rows = []
    for way, work in (("up", "upload"), ("down", "download")):
        tell(f"Sixlink, {work}")
        row = goodput(Cell(way, profile="sim800"))
        rows.append({"driver": "Sixlink", "work": work, "rate": row.get("rate")})
        rows[-1]["failure"] = row.get("missing", "")
        tell(f"{PEER}, {work}")
        rows.append({"driver": PEER, "work": work, **fona.measure(way)})
    return rows


def _seconds(
    stage: Callable[[Cell, int], list[float]], cell: Cell, count: int
) -> dict[str, list[float]]:
    return {"seconds": stage(cell, count)}


def _told(cell: Cell, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `run` gives, or why it has failed: that is a result too."""
    try:
        return {"cell": asdict(cell), **run()}
    except (wire.CellFailed, subprocess.SubprocessError, TimeoutError) as error:
        return {"cell": asdict(cell), "missing": f"failed: {' '.join(str(error).split())[-200:]}"}


if __name__ == "__main__":
    sys.exit(main())
