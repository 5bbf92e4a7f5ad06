"""Fuzzing guided by coverage: the firmware's engine and the virtual modem, one core each.

    python -m tools.fuzz --seconds 600 [--keep]
    python -m tools.fuzz --replay engine build/fuzz/engine-crash-<hash>

Each target runs for half of the seconds, both at the same time, from the kept corpus in
host_tests/corpus and from what earlier runs found (build/fuzz). `--keep` then chooses the kept
corpus anew. A crash is left in build/fuzz and can be replayed without atheris.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from . import distil
from .targets import BUILD, COVERED, ROOT, inputs, load

_STATUS = re.compile(r"#(\d+)\s.*\bcov: (\d+)\b.*\bcorp: (\d+)/")
LAST_LINES = 60


class Fuzzer:
    """One target in a process of its own, and what it has said so far."""

    def __init__(self, name: str, seconds: int) -> None:
        self.name = name
        self.executions = self.coverage = self.corpus = 0
        self.said: list[str] = []
        command = [sys.executable, "-m", "tools.fuzz.guided", name, str(seconds)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    @property
    def state(self) -> str:
        return f"{self.executions} executions, {self.corpus} inputs, coverage {self.coverage}"

    def follow(self, progress: Progress, task: TaskID) -> None:
        """Show what it says until it ends."""
        for line in self.process.stderr or ():
            self.said = [*self.said[-LAST_LINES:], line]
            if status := _STATUS.match(line):
                self.executions, self.coverage, self.corpus = map(int, status.groups())
                progress.update(task, state=self.state)
        self.process.wait()
        progress.stop_task(task)

    def verdict(self) -> str:
        if not self.process.returncode:
            return f"{self.name}: {self.state}, no crash"
        failed = re.compile(rf"{self.name}-(crash|oom|timeout)-")
        crashes = [path for path in inputs(BUILD) if failed.match(path.name)]
        newest = max(crashes, key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            return "".join(self.said) + f"{self.name}: could not run"
        again = f"{sys.executable} -m tools.fuzz --replay {self.name} {newest.relative_to(ROOT)}"
        return "".join(self.said) + f"{self.name}: {self.state}, CRASH; again with\n  {again}"


def fuzz(seconds: int, console: Console) -> int:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    fuzzers = [Fuzzer(name, seconds) for name in COVERED]
    with Progress(*columns, console=console) as progress:
        threads = []
        for fuzzer in fuzzers:
            task = progress.add_task(fuzzer.name, total=None, state="starting")
            threads.append(threading.Thread(target=fuzzer.follow, args=(progress, task)))
            threads[-1].start()
        for thread in threads:
            thread.join()
    for fuzzer in fuzzers:
        console.print(fuzzer.verdict(), highlight=False, markup=False, soft_wrap=True)
    return sum(fuzzer.process.returncode != 0 for fuzzer in fuzzers)


def keep(console: Console) -> None:
    for name in COVERED:
        count = distil.keep(name, console)
        console.print(f"{name}: {count} inputs kept", highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="CPU time for both targets")
    parser.add_argument("--keep", action="store_true", help="choose the kept corpus anew")
    parser.add_argument("--replay", nargs=2, metavar=("TARGET", "FILE"), help="run one input")
    options = parser.parse_args()
    if options.replay:
        load(options.replay[0])(Path(options.replay[1]).read_bytes())
        return 0
    if options.seconds < 2:
        parser.error(f"--seconds {options.seconds}: at least 2, one for each target")
    console = Console()
    crashed = fuzz(options.seconds // 2, console)
    if options.keep and not crashed:
        keep(console)
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
