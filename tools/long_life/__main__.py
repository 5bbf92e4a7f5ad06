"""Virtual hours of a telemetry device, with a fault every few minutes, on real MicroPython.

    python -m tools.long_life --hours 24 --seed 1

The firmware runs on MicroPython's unix port with a small heap, in lockstep with the virtual modem
on one virtual clock. An MQTT client that stays connected, a datagram a minute and an HTTP request
every five minutes share the modem; every byte is checked at both ends. Figures are printed and
written to build/long-life.json; exit status 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from . import ROOT
from .life import HEAP, LongLife

MOST_HOURS = 120  # the program measures spans on a counter of 30 bits of milliseconds
LEAST_HOURS = 0.5


def main() -> int:
    options = arguments()
    life = LongLife(options.hours, seed=options.seed, heap=options.heap, leak=options.leak)
    start = time.monotonic()
    columns = (TextColumn("long life"), BarColumn(), TextColumn("{task.completed:.1f} h"))
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task("", total=options.hours)
        life.on_hours = lambda hours: progress.update(task, completed=hours)
        life.run()
    figures = {"seed": options.seed, "heap_size": options.heap, **life.figures()}
    figures["wall_s"] = round(time.monotonic() - start, 1)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "long-life.json").write_text(json.dumps(figures, indent=2) + "\n")
    show(figures)
    return 1 if life.found else 0


def arguments() -> argparse.Namespace:
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0, help="of virtual time")
    parser.add_argument("--seed", type=int, default=1, help="of faults and chunks")
    parser.add_argument("--heap", default=HEAP, help="as in MicroPython's -X heapsize=")
    parser.add_argument(
        "--leak", type=int, default=0, help="bytes that each connection leaves behind: must fail"
    )
    options = parser.parse_args()
    if not LEAST_HOURS <= options.hours <= MOST_HOURS:
        parser.error(f"--hours {options.hours}: {LEAST_HOURS} to {MOST_HOURS}")
    return options


def show(figures: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    if len(figures["heap"]) > 1:
        console.print(faults_table(figures["faults"]), main_table(figures))
    for problem in figures["problems"]:
        console.print(problem, markup=False, highlight=False)
    broken = len(figures["problems"])
    verdict = f"{broken} broken promise{'s' * (broken > 1)}" if broken else "all well"
    console.print(
        f"{figures['virtual_hours']} virtual hours in {figures['wall_s']} s, "
        f"seed {figures['seed']}: {verdict}"
    )


def faults_table(faults: dict[str, dict[str, Any]]) -> Table:
    table = Table("fault", title="Seconds from the end of a fault to full service")
    for column in ("times", "median", "most"):
        table.add_column(column, justify="right")
    for name, row in faults.items():
        table.add_row(name, str(row["times"]), str(row["median_s"]), str(row["most_s"] or "never"))
    return table


def main_table(figures: dict[str, Any]) -> Table:
    table = Table("figure", show_header=False)
    table.add_column(justify="right")
    for name, value in rows(figures):
        table.add_row(name, f"{value:,}" if isinstance(value, int) else value)
    return table


def rows(figures: dict[str, Any]) -> list[tuple[str, int | str]]:
    last, peers, heap = figures["last"], figures["peers"], figures["heap"]
    counts = last["counts"]
    used = [in_use for in_use, _, _ in heap]
    return [
        ("heap: in use after a collection, first report", used[0]),
        ("… least, most, last", f"{min(used):,} {max(used):,} {used[-1]:,}"),
        ("… free in the end", heap[-1][1]),
        ("… largest free block: smallest, last", f"{min(h[2] for h in heap):,} {heap[-1][2]:,}"),
        ("messages made", last["made"]),
        ("… acknowledged by the broker", counts.get("acked", 0)),
        ("… that came back", last["returned"]),
        ("… put off, as eight were waiting", counts.get("skipped", 0)),
        ("… sent again with DUP: up, down", f"{peers.get('again', 0)} {counts.get('again', 0)}"),
        ("connections of the MQTT client", counts.get("connects", 0)),
        ("HTTP requests done, abandoned", _done(counts, "request")),
        ("datagrams done, abandoned", _done(counts, "datagram")),
        ("packets torn, then failed", counts.get("torn", 0)),
        ("bytes corrupted", counts.get("corrupted", 0)),
        ("errors that the program saw", " ".join(f"{n} {c}" for n, c in _by_name(last["errors"]))),
        ("connections that ended in padding", peers.get("padded", 0)),
        ("faults", sum(row["times"] for row in figures["faults"].values())),
        ("bring-ups", last["bringups"]),
        ("resyncs", last["resyncs"]),
        ("wake-ups an hour", figures["wakeups_an_hour"]),
    ]


def _done(counts: dict[str, int], name: str) -> str:
    return f"{counts.get(name + '_done', 0):,} {counts.get(name + '_abandoned', 0):,}"


def _by_name(errors: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(errors.items())


if __name__ == "__main__":
    sys.exit(main())
