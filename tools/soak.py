"""Seeded fault scenarios, firmware against virtual modem, on a virtual clock.

    python -m tools.soak --seeds 2000 --from 0 --profile sim800

A seed decides everything: the modem's family and firmware, rates, latency, chunking, receive mode,
what the application does, which faults strike and when. After every step the invariants hold; at
the end, once no more faults come, all six links must work again. A failure prints its seed, the
shortest list of steps that still fails and the last exchanges on the wire;
`make soak FROM=<seed> SEEDS=1` runs it again, byte for byte. Without `--from` the seeds are fresh
ones; `--profile` takes one family for all of them. Results go to build/soak.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("host_tests/shims", "host_tests", "firmware")]

from rich.progress import (  # noqa: E402
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,  # noqa: E402
)
from scenario import STEPS, Scenario  # noqa: E402

from tools.vmodem import PROFILES  # noqa: E402

CPU_LIMIT_MS = 50.0  # a seed, on average
SHRINK_RUNS = 100


def run_seed(seed: int, family: str | None = None) -> dict:
    """One scenario; `failure` is its story, empty if all went well."""
    start = time.process_time()
    scenario = Scenario(seed, family=family)
    failure = scenario.run()
    return {
        "seed": seed,
        "family": scenario.profile.name,
        "failure": shrunk(scenario, failure, family) if failure else "",
        "virtual_s": scenario.virtual_s,
        "service_s": scenario.service_s,
        "cpu_ms": (time.process_time() - start) * 1000,
        "faults": scenario.faults_struck,
        "bytes": scenario.bytes_checked,
    }


def kind_of(failure: str) -> str:
    """The sentence that says what went wrong: the first line, or the last of a traceback."""
    lines = [line for line in failure.splitlines() if line and not line.startswith(" ")]
    head = lines[1] if lines[0].startswith("Traceback") else lines[0]
    return head.split(":")[0]


def shrunk(scenario: Scenario, failure: str, family: str | None) -> str:
    """The story of the shortest scenario, found by leaving out steps, that fails in this way."""
    kind = kind_of(failure)
    steps = list(range(STEPS))
    runs = 0
    size = STEPS // 2
    while size and runs < SHRINK_RUNS:
        at = 0
        while at < len(steps) and runs < SHRINK_RUNS:
            fewer = steps[:at] + steps[at + size :]
            shorter = Scenario(scenario.seed, fewer, family)
            story = shorter.run()
            runs += 1
            if story and kind_of(story) == kind:
                steps, scenario, failure = fewer, shorter, story
            else:
                at += size
        size //= 2
    told = "\n".join(scenario.told)
    return f"{failure}\nThe {len(steps)} of {STEPS} steps that it takes:\n{told}"


def run_all(first: int, count: int, family: str | None) -> list[dict]:
    columns = (TextColumn("soak"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    with Progress(*columns) as progress, multiprocessing.Pool(os.cpu_count()) as pool:
        task = progress.add_task("soak", total=count)
        seeds = range(first, first + count)
        for result in pool.imap_unordered(partial(run_seed, family=family), seeds, chunksize=8):
            results.append(result)
            progress.advance(task)
            if result["failure"]:
                told = f"seed {result['seed']}, {result['family']}:\n{result['failure']}\n"
                progress.console.print(told, markup=False)
    return results


def summary(results: list[dict], first: int) -> dict:
    failed = sorted(result["seed"] for result in results if result["failure"])
    return {
        "first_seed": first,
        "seeds": len(results),
        "families": Counter(result["family"] for result in results),
        "failed_seeds": failed,
        "virtual_hours": round(sum(result["virtual_s"] for result in results) / 3600, 2),
        "longest_service_s": round(max(result["service_s"] for result in results), 1),
        "faults": sum(result["faults"] for result in results),
        "bytes_checked": sum(result["bytes"] for result in results),
        "cpu_ms_a_seed": round(sum(result["cpu_ms"] for result in results) / len(results), 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--from", dest="first", type=int, help="the first seed (default: fresh)")
    parser.add_argument("--profile", choices=list(PROFILES), help="one family (default: drawn)")
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error(f"--seeds {options.seeds}: at least one is needed")
    first = int(time.time()) * 1000 if options.first is None else options.first
    found = summary(run_all(first, options.seeds, options.profile), first)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "soak.json").write_text(json.dumps(found, indent=2) + "\n")
    print(
        f"{found['seeds']} seeds from {found['first_seed']} "
        f"({', '.join(f'{name} {n}' for name, n in sorted(found['families'].items()))}), "
        f"{found['virtual_hours']} virtual hours, "
        f"{found['faults']} faults, six links again after {found['longest_service_s']} s at most, "
        f"{found['bytes_checked']} bytes checked, "
        f"{found['cpu_ms_a_seed']} ms CPU a seed (limit {CPU_LIMIT_MS:.0f}): "
        f"{len(found['failed_seeds'])} failed {found['failed_seeds'][:20] or ''}"
    )
    return 1 if found["failed_seeds"] or found["cpu_ms_a_seed"] > CPU_LIMIT_MS else 0


if __name__ == "__main__":
    sys.exit(main())
