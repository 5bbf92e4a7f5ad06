"""The first moments after power-on: what is said, and the search for the host's rate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .core import VirtualModem

SYNC_BAUD = 115200


class Startup:
    """Until the rate is found (at once where it is fixed) the modem is mute."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self.restart(finds_rate=False)

    def restart(self, finds_rate: bool) -> None:
        self.finds_rate = finds_rate
        self._heard = b""

    def announce(self) -> None:
        """The boot time is over."""
        modem, profile = self._modem, self._modem.profile
        if self.finds_rate and profile.sync:
            modem.baud = SYNC_BAUD
            modem.output.put(profile.sync, modem.now_us, modem.baud)
        modem.say(profile.boot_noise)
        if not modem.faults.strikes("lost_boot"):
            modem.urc(*profile.boot_lines)
            for delay_us, line in profile.later_boot_lines:
                modem.after(delay_us, partial(modem.urc, line))
        modem.radio.start()

    def find_rate(self, data: bytes, baud: int) -> None:
        """The host has typed at `baud`; what it typed until the rate is found is lost.

        Only AT in capitals can tell a Luat modem the rate (Luat AT manual, IPR).
        """
        modem = self._modem
        self._heard = (self._heard + data)[-len(data) - 1 :]
        if any(finder in self._heard for finder in modem.profile.rate_finders):
            self.finds_rate = False
            modem.baud = baud
