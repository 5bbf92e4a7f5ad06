"""Firmware that is broken on purpose, and the seeded scenarios that find it.

    python -m tools.mutants [--record] [name ...]

Each mutant of the catalogue is tried with seeds 0, 1, 2 … until one fails, with one that the
unbroken firmware passes. Results go to build/mutants.json; a mutant that survives is a failure.
`--record` keeps the finding seeds in host_tests/mutants.json, where the tests replay them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from .catalogue import CATALOGUE
from .hunt import Try, trying, trying_unbroken
from .plant import ROOT, Misplaced, Mutant

SEEDS = 2000
MOST = 100  # characters of a failure in the table
RECORD = ROOT / "host_tests" / "mutants.json"


@dataclass(frozen=True)
class Hunt:
    """`seed` found the mutant by `failure`, after `cpu_s`; None: it survived."""

    mutant: Mutant
    seed: int | None
    failure: str
    cpu_s: float


def problems(mutants: list[Mutant]) -> list[str]:
    """What keeps mutants from being planted: told before the long hunt."""
    found = []
    for mutant in mutants:
        try:
            mutant.source()
        except Misplaced as problem:
            found.append(str(problem))
    return found


def hunt(mutant: Mutant, seeds: int, unbroken: Try, advance: Callable[[], object]) -> Hunt:
    cpu_s = 0.0
    with trying(mutant) as attempt:
        for trial in attempt(range(seeds)):
            cpu_s += trial.cpu_s
            advance()
            if trial.failure and passes(trial.seed, unbroken):
                return Hunt(mutant, trial.seed, trial.failure, cpu_s)
    return Hunt(mutant, None, "survived", cpu_s)


def passes(seed: int, attempt: Try) -> bool:
    return not any(trial.failure for trial in attempt([seed]))


def hunt_all(mutants: list[Mutant], seeds: int) -> list[Hunt]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    hunts = []
    with Progress(*columns) as progress, trying_unbroken() as unbroken:
        whole = progress.add_task("mutants", total=len(mutants))
        for mutant in mutants:
            task = progress.add_task(mutant.name, total=seeds)
            hunts.append(hunt(mutant, seeds, unbroken, partial(progress.advance, task)))
            progress.remove_task(task)
            progress.advance(whole)
    return hunts


def table(hunts: list[Hunt]) -> Table:
    shown = Table(Column("mutant", no_wrap=True), "seed", "how it failed", "CPU s")
    for found in hunts:
        seed = "-" if found.seed is None else str(found.seed)
        shown.add_row(found.mutant.name, seed, found.failure[:MOST], f"{found.cpu_s:.1f}")
    return shown


def report(hunts: list[Hunt]) -> list[dict]:
    return [
        {
            "mutant": found.mutant.name,
            "breaks": found.mutant.breaks,
            "seed": found.seed,
            "failure": found.failure,
            "cpu_s": round(found.cpu_s, 1),
        }
        for found in hunts
    ]


def record(hunts: list[Hunt]) -> None:
    """Keep the finding seeds, in the order of the catalogue; those not hunted now stay."""
    seeds = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    seeds |= {found.mutant.name: found.seed for found in hunts if found.seed is not None}
    names = [mutant.name for mutant in CATALOGUE if mutant.name in seeds]
    RECORD.write_text(json.dumps({name: seeds[name] for name in names}, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help="the mutants to hunt (all)")
    parser.add_argument("--record", action="store_true", help="keep the finding seeds")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many to try on each")
    options = parser.parse_args()
    known = {mutant.name: mutant for mutant in CATALOGUE}
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no mutant {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    mutants = [known[name] for name in options.names or known]
    misplaced = problems(mutants)
    if misplaced:
        print("\n".join(misplaced), file=sys.stderr)
        return 2
    hunts = hunt_all(mutants, options.seeds)
    Console().print(table(hunts))
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "mutants.json").write_text(json.dumps(report(hunts), indent=2) + "\n")
    if options.record:
        record(hunts)
    survivors = [found.mutant.name for found in hunts if found.seed is None]
    print(f"{len(hunts) - len(survivors)} of {len(hunts)} mutants found {survivors or ''}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
