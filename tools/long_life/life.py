"""One long life: the parts put together, run to the end, and judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tools.vmodem import MemoryNetwork, VirtualModem, Wire

from . import DEVICE, ROOT
from .broker import EchoPeer, HttpPeer, Ledger, MqttPeer
from .campaign import Campaign, TellingFaults
from .lockstep import START_US, Died, Lockstep, Program
from .verdict import fault_rows, heap_problems, message_problems, service_problems

# The 64-bit interpreter has 198 kB in use here, firmware and program compiled on the spot among
# them. By its own rule (-X heapsize=128wk) 256 kB are what 128 kB are to a 32-bit board.
HEAP = "256k"
CALM_S = 300  # without faults at the end
REPORTS = 16  # at least


class LongLife:
    """`hours` of virtual time, faults by `seed`, a heap as in `-X heapsize=`.

    `leak` has the program keep so many bytes for each connection: a run that must fail.
    `on_hours(hours)` hears how far it is.
    """

    def __init__(self, hours: float, *, seed: int = 1, heap: str = HEAP, leak: int = 0):
        self.samples: list[dict[str, Any]] = []
        self.found: list[str] = []
        self.on_hours: Callable[[float], None] = lambda hours: None
        network = MemoryNetwork(delay_us=40_000)
        modem = VirtualModem(network, seed=seed, faults=TellingFaults(seed))
        calm_us = START_US + int(hours * 3600 - CALM_S) * 1_000_000
        self.campaign = Campaign(modem, network, seed, calm_us)
        self.ledger = Ledger(self.campaign.answered)
        network.serve("broker", 1883, lambda: MqttPeer(self.ledger))
        network.serve("telemetry", 80, lambda: HttpPeer(self.ledger))
        network.serve("echo", 7, lambda: EchoPeer(self.ledger))
        settings = {"hours": hours, "seed": seed, "leak": leak}
        settings["report_min"] = min(10, hours * 60 / REPORTS)
        self._program = Program(
            (str(DEVICE / "long_life.py"), json.dumps(settings)), (ROOT / "firmware", DEVICE), heap
        )
        self._lockstep = Lockstep(
            self._program, Wire(modem, chunk=(20, 300), seed=seed), self._report
        )

    def run(self) -> list[str]:
        """To the end: what went wrong, a sentence each."""
        try:
            self.campaign.start(START_US)
            self._lockstep.run()
            self.found = self._problems()
        except Died as death:
            self.found = [f"after {self.virtual_hours:.2f} h: {death}\n{self._lockstep.trace()}"]
        finally:
            self._program.close()
        return self.found

    @property
    def virtual_hours(self) -> float:
        return (self._lockstep.now_us - START_US) / 3600e6

    def figures(self) -> dict[str, Any]:
        """Everything that was measured."""
        last = self.samples[-1] if self.samples else {}
        hours = self.virtual_hours
        return {
            "virtual_hours": round(hours, 2),
            "problems": self.found,
            "faults": fault_rows(self.campaign.strikes),
            "peers": dict(self.ledger.counts),
            "wakeups_an_hour": round(last["waits"] / hours) if last else None,
            "last": last,
            "heap": [
                [sample["allocated"], sample["free"], sample["largest"]] for sample in self.samples
            ],
        }

    def _problems(self) -> list[str]:
        last = self.samples[-1]
        return [
            *self.ledger.violations,
            *heap_problems(self.samples),
            *message_problems(last, self.ledger.counts["messages"]),
            *service_problems(self.campaign.strikes),
        ]

    def _report(self, text: bytes) -> None:
        self.samples.append(json.loads(text))
        self.on_hours(self.virtual_hours)
