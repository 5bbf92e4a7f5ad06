"""Transparent mode: what is typed goes to the peer, until `+++` leads back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .answer import on_wire
from .clock import Timer
from .escape import EscapeGuard
from .typed import COMMAND, DATA, FIFO_BYTES

if TYPE_CHECKING:
    from .core import VirtualModem

ROOM_POLL_US = 5_000  # how often a full send buffer is asked for room


class Transfer(NamedTuple):
    """The fields of AT+CIPCCFG (Luat AT manual, CIPCCFG; SIM800 AT manual V1.10, CIPCCFG).

    `wait` and `size` decide when typed bytes leave: after so many units of 100 ms without a new
    one, or when so many are there. `escape` 0 switches +++ off where the family heeds it.
    `discard` is Luat's: 1 throws away what has not left when the mode is left. The rest is kept
    and printed only: no radio packet is ever lost here, and what is received goes out at once.
    """

    retries: int
    wait: int
    size: int
    escape: int
    rx_mode: int
    rx_size: int
    rx_timer: int
    discard: int = 0


class DataMode:
    """Between `CONNECT` and the escape, the peer's close or the loss of the context."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._escape = EscapeGuard(modem.profile)
        self._escape_timer: Timer | None = None
        self._unsent = bytearray()
        self._send_due_us = 0
        self._send_timer: Timer | None = None
        self.carrier = False  # DCD: from CONNECT until the link ends, +++ or not

    @property
    def on(self) -> bool:
        return self._modem.typed.mode == DATA

    @property
    def waiting(self) -> int:
        """Bytes typed that have not left for the peer."""
        return len(self._unsent)

    def enter(self) -> None:
        self._modem.say(on_wire("CONNECT"))
        self._modem.typed.mode = DATA
        self.carrier = True
        self._escape.start(self._modem.now_us)

    def leave(self) -> None:
        """Back to command level, with the link or without."""
        if self.on:
            self._modem.typed.mode = COMMAND
            if self._transfer.discard:
                self._unsent.clear()
        self._stop(self._escape_timer)

    def link_ended(self) -> None:
        """Nobody is left to send to."""
        self.leave()
        self.carrier = False
        self._unsent.clear()
        self._stop(self._send_timer)

    def typed(self, data: bytes) -> None:
        if not self._escapes:
            self._keep(data)
            return
        self._keep(self._escape.feed(data, self._modem.now_us))
        self._stop(self._escape_timer)
        due_us = self._escape.due_us()
        if due_us is not None:
            self._escape_timer = self._modem.at(due_us, self._escape_due)

    def escape(self) -> None:
        """To command level; the link stays."""
        self.leave()
        self._modem.say(on_wire("OK"))

    @property
    def _transfer(self) -> Transfer:
        return Transfer(*self._modem.settings.cipccfg)

    @property
    def _escapes(self) -> bool:
        profile = self._modem.profile
        switched_off = profile.transfer_escape_field and not self._transfer.escape
        return profile.has_escape and not switched_off

    def _escape_due(self) -> None:
        pluses = self._escape.expire(self._modem.now_us)
        if pluses is None:
            self.escape()
        else:
            self._keep(pluses)

    # -- on the way to the peer --------------------------------------------------------------

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        room = FIFO_BYTES - len(self._unsent)
        if len(data) > room:
            self._modem.counters["rx_overrun"] += len(data) - room
        self._unsent += data[:room]
        unit_us = self._modem.profile.transfer_wait_unit_us
        self._send_due_us = self._modem.now_us + self._transfer.wait * unit_us
        self._send()

    def _send(self) -> None:
        self._stop(self._send_timer)
        size = self._transfer.size
        link, stack = self._modem.links[0], self._modem.stack
        while self._unsent and (self._overdue or len(self._unsent) >= size):
            part = bytes(self._unsent[: min(size, stack.room(link))])
            if not part or not stack.send(link, part):
                break
            del self._unsent[: len(part)]
        if self._unsent:
            poll_us = self._modem.now_us + ROOM_POLL_US
            stuck = self._overdue or len(self._unsent) >= size
            self._send_timer = self._modem.at(poll_us if stuck else self._send_due_us, self._send)

    @property
    def _overdue(self) -> bool:
        return self._modem.now_us >= self._send_due_us

    @staticmethod
    def _stop(timer: Timer | None) -> None:
        if timer:
            timer.cancel()
