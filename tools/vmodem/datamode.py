"""Transparent mode: what is typed goes to the peer, until `+++` leads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answer import on_wire
from .clock import Timer
from .escape import EscapeGuard
from .typed import COMMAND, DATA

if TYPE_CHECKING:
    from .core import VirtualModem


class DataMode:
    """Between `CONNECT` and the escape, the peer's close or the loss of the context."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._escape = EscapeGuard(modem.profile)
        self._timer: Timer | None = None

    @property
    def on(self) -> bool:
        return self._modem.typed.mode == DATA

    def enter(self) -> None:
        self._modem.say(on_wire("CONNECT"))
        self._modem.typed.mode = DATA
        self._escape.start(self._modem.now_us)

    def leave(self) -> None:
        if self.on:
            self._modem.typed.mode = COMMAND
        self._stop_timer()

    def typed(self, data: bytes) -> None:
        self._send(self._escape.feed(data, self._modem.now_us))
        self._stop_timer()
        due_us = self._escape.due_us()
        if due_us is not None:
            self._timer = self._modem.at(due_us, self._due)

    def _due(self) -> None:
        self._timer = None
        pluses = self._escape.expire(self._modem.now_us)
        if pluses is None:
            self.leave()
            self._modem.say(on_wire("OK"))
        else:
            self._send(pluses)

    def _send(self, data: bytes) -> None:
        if data:
            self._modem.stack.send(self._modem.links[0], data)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
