"""From the network to the host: pushed at once, or kept until the host reads; and flow control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import framing
from .clock import Timer
from .link import Link
from .network import SEGMENT

if TYPE_CHECKING:
    from .core import VirtualModem

# Push peers are held back while the UART is further behind than this: a segment is in hand at any
# rate, so the line never runs dry, and answers are not late for long. TCP goes on at the mark that
# stopped it. One packet takes the UART beyond it again, so every peer has one packet a round,
# whoever is first. Datagrams are lost while they are held back: they have a second segment.
PUSH_BEHIND_BYTES = {"TCP": SEGMENT, "UDP": 2 * SEGMENT}


class Inflow:
    """What the peers send, on its way to the host."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._network = modem.network
        self._refill: Timer | None = None

    def restart(self) -> None:
        """Pending timers went with the modem's."""
        self._refill = None

    def arrived(self, link: Link, data: bytes) -> None:
        settings = self._modem.settings
        if settings.transparent and not self._modem.data_mode.on:
            self._buffer(link, data)
        elif settings.pull and not settings.transparent:
            self._buffer(link, data)
            self._announce(link)
        else:
            self._push(link, data)

    def read(self, link: Link, limit: int) -> bytes:
        """AT+CIPRXGET=2 or 3."""
        data = link.inbox.take(limit)
        link.announced = False
        self._count(link, data)
        if link.inbox.left + SEGMENT <= self._modem.receive_window:
            self.let_go(link)
        return data

    def empty(self, link: Link) -> None:
        """Hand over what came while the host was at command level in transparent mode."""
        while link.inbox.left:
            self._hand_over(link, link.inbox.take(SEGMENT))
        self.let_go(link)

    def let_go(self, link: Link) -> None:
        if link.paused and link.carries:
            link.paused = False
            self._network.resume(link.number, self._modem.now_us)

    # -- kept --------------------------------------------------------------------------------

    def _buffer(self, link: Link, data: bytes) -> None:
        window = self._modem.receive_window
        if link.kind == "UDP":
            if link.inbox.left + len(data) > window:
                self._modem.counters["datagrams_dropped"] += 1
                return
        elif link.inbox.left + len(data) + SEGMENT > window:
            self._hold_back(link)
        link.inbox.put(data)

    def _announce(self, link: Link) -> None:
        modem = self._modem
        if link.announced and modem.rxget_urc == "first" and modem.settings.ciprxget != 5:
            return
        link.announced = True
        number = f",{link.number}" if modem.settings.multi else ""
        place = framing.read_place(modem.profile, modem.settings, link)
        modem.urc(f"{modem.profile.rxget_prefix}1{number}{place}")

    # -- pushed ------------------------------------------------------------------------------

    def _push(self, link: Link, data: bytes) -> None:
        for at in range(0, len(data), SEGMENT):
            self._hand_over(link, data[at : at + SEGMENT])
        if self._surplus_us(link.kind) > 0:
            self._hold_back(link)
            self._arm_refill()

    def _hand_over(self, link: Link, data: bytes) -> None:
        modem = self._modem
        self._count(link, data)
        modem.say(framing.pushed(modem.profile, modem.settings, link, data), payload=True)

    def _count(self, link: Link, data: bytes) -> None:
        if link.connection:
            link.connection.bytes_down += len(data)

    # -- flow control ------------------------------------------------------------------------

    def _surplus_us(self, kind: str = "TCP") -> int:
        """How long the UART needs to be no further behind than it may be."""
        modem = self._modem
        allowed_us = PUSH_BEHIND_BYTES[kind] * 10_000_000 // modem.baud
        return modem.output.behind_us(modem.now_us) - allowed_us

    def _hold_back(self, link: Link) -> None:
        if not link.paused:
            link.paused = True
            self._network.pause(link.number)

    def _arm_refill(self) -> None:
        if self._refill is None:
            self._refill = self._modem.after(self._surplus_us(), self._refill_due)

    def _refill_due(self) -> None:
        self._refill = None
        if self._surplus_us() > 0:
            self._arm_refill()
            return
        for link in self._modem.links:
            if self._modem.data_mode.on or not self._modem.settings.pull:
                self.let_go(link)
