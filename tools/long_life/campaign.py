"""Faults every few minutes, all of them by turns, and how long the service took to come back.

A fault counts from the moment when it strikes; one that lasts (no coverage, no SIM) from the
moment when it is over. Service is back when the board has
acknowledged a message that the broker sent after that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tools.vmodem import Faults, MemoryNetwork, VirtualModem
from tools.vmodem.faults import ALL, OCCASIONS

PAUSE_S = (120, 360)
LASTS_S = (20, 90)

# What ends a fault that lasts. A modem that hangs, is off or out of its mind is the board's to
# wake, with AT+CFUN or the power key.
ENDS = {
    "registration_lost": "registration_back",
    "registration_denied": "registration_back",
    "sim_removed": "sim_inserted",
}
NAMES = sorted(set(ALL) - set(ENDS.values()))


@dataclass
class Strike:
    """Microseconds; `over_us` is when service could begin to come back, `back_us` when it was."""

    name: str
    over_us: int
    back_us: int | None = None

    @property
    def took_s(self) -> float | None:
        return None if self.back_us is None else (self.back_us - self.over_us) / 1e6


class TellingFaults(Faults):
    """Tells the campaign when an armed fault has found its occasion."""

    campaign: Campaign

    def strikes(self, name: str) -> bool:
        struck = super().strikes(name)
        if struck:
            self.campaign.happened(name)
        return struck


class Campaign:
    """Injects faults into `modem` until `until_us`. Its clock is the network's: unlike the
    modem's own timers that one survives a reboot."""

    def __init__(
        self, modem: VirtualModem, network: MemoryNetwork, seed: int, until_us: int
    ) -> None:
        assert isinstance(modem.faults, TellingFaults)
        modem.faults.campaign = self
        self._modem = modem
        self._network = network
        self._random = random.Random(seed)
        self._until_us = until_us
        self.strikes: list[Strike] = []
        self._rest: list[str] = []

    def start(self, now_us: int) -> None:
        self._network.at(now_us + self._seconds(PAUSE_S), self._inject)

    def happened(self, name: str) -> None:
        """The fault is over, or has nothing more to do than what it did."""
        self.strikes.append(Strike(name, self._modem.now_us))

    def answered(self, sent_us: int) -> None:
        """A message that the broker sent at `sent_us` has been acknowledged."""
        for strike in reversed(self.strikes):
            if strike.back_us is not None:
                return
            if strike.over_us < sent_us:
                strike.back_us = self._network.now_us

    def _seconds(self, bounds: tuple[int, int]) -> int:
        return self._random.randrange(bounds[0] * 1_000_000, bounds[1] * 1_000_000)

    def _inject(self) -> None:
        now_us = self._network.now_us
        if now_us >= self._until_us:
            return
        self._network.at(now_us + self._seconds(PAUSE_S), self._inject)
        name = self._choose()
        self._modem.inject(name)
        if name in ENDS:
            self._network.at(now_us + self._seconds(LASTS_S), lambda: self._end(name))
        elif name not in OCCASIONS:
            self.happened(name)

    def _choose(self) -> str:
        """Every fault once, in random order, before any comes again."""
        if not self._rest:
            self._rest = self._random.sample(NAMES, len(NAMES))
        return self._rest.pop()

    def _end(self, name: str) -> None:
        self._modem.inject(ENDS[name])
        self.happened(name)
