"""Names the network was asked for, and who waits for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .core import VirtualModem

Resolved = Callable[[list[str]], None]


class Resolver:
    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._waiting: dict[str, list[Resolved]] = {}

    def restart(self) -> None:
        """Answers to what was asked before concern nobody any more."""
        self._waiting.clear()

    def ask(self, name: str, then: Resolved) -> None:
        """`then` gets the addresses; none means that the name is unknown."""
        self._waiting.setdefault(name, []).append(then)
        self._modem.network.resolve(name, self._modem, self._modem.now_us)

    def answered(self, name: str, addresses: list[str]) -> None:
        waiting = self._waiting.get(name)
        if waiting:
            waiting.pop(0)(addresses)
