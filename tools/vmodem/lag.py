"""A slow network: what it tells comes many seconds late, but in order."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from .clock import Action

if TYPE_CHECKING:
    from .core import VirtualModem

SPELL_US = 60_000_000  # how long the network stays slow
LATE_US = (2_000_000, 9_000_000)


class Lag:
    """Stands between the network's events and the stack; passes them through at other times.

    While events of a link wait, the network is held back, so that no more than a few ever do.
    """

    def __init__(self, modem: VirtualModem, seed: int) -> None:
        self._modem = modem
        self._random = random.Random(seed)
        self.restart()

    def restart(self) -> None:
        """What waited went with the modem's timers."""
        self._until_us = 0
        self._waiting: defaultdict[int, deque[Action]] = defaultdict(deque)
        self._last_us: defaultdict[int, int] = defaultdict(int)

    def begin(self) -> None:
        self._until_us = self._modem.now_us + SPELL_US

    def sample_us(self) -> int:
        """How much longer an answer that depends on the network takes now."""
        return self._random.randint(*LATE_US) if self._modem.now_us < self._until_us else 0

    def tell(self, number: int, event: Action) -> None:
        """Let `event` of link `number` happen, now or later; not for another use of the link."""
        modem = self._modem
        delay_us = self.sample_us()
        if not delay_us and not self._waiting[number]:
            event()
            return
        connection = modem.links[number].connection
        due_us = max(modem.now_us + delay_us, self._last_us[number])
        self._last_us[number] = due_us
        self._waiting[number].append(
            lambda: event() if modem.links[number].connection is connection else None
        )
        modem.network.pause(number)
        modem.at(due_us, lambda: self._arrive(number))

    def _arrive(self, number: int) -> None:
        self._waiting[number].popleft()()
        if not self._waiting[number] and not self._modem.links[number].paused:
            self._modem.network.resume(number, self._modem.now_us)
