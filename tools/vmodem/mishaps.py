"""What the faults of `faults.EVENTS` do to the modem: one method each, under the fault's name."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .core import VirtualModem

STORM_LINES = 20
ERROR_SPELL_US = 20_000_000
# What happens in the world goes on while the modem is off.
OUTSIDE = {
    "registration_lost",
    "registration_denied",
    "registration_back",
    "sim_removed",
    "sim_inserted",
}
BAUD_RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)


class Mishaps:
    """Each method happens at the modem's present time, mostly to one that is on."""

    def __init__(self, modem: VirtualModem, seed: int) -> None:
        self._modem = modem
        self._random = random.Random(seed)

    def suffer(self, name: str) -> None:
        if name in OUTSIDE or not self._modem.is_off:
            self._modem.counters[name] += 1
            getattr(self, name)()

    # -- network and SIM ---------------------------------------------------------------------

    def pdp_deact(self) -> None:
        self._modem.lose_context()

    def registration_lost(self) -> None:
        self._modem.radio.lose_coverage()

    def registration_denied(self) -> None:
        self._modem.radio.be_denied()

    def registration_back(self) -> None:
        self._modem.radio.find_coverage()

    def radio_stuck(self) -> None:
        self._modem.radio.get_stuck()

    def sim_removed(self) -> None:
        self._modem.radio.pull_sim()

    def sim_inserted(self) -> None:
        self._modem.radio.insert_sim()

    def slow_network(self) -> None:
        self._modem.lag.begin()

    # -- the modem's firmware ----------------------------------------------------------------

    def urc_storm(self) -> None:
        self._modem.urc(*self._random.choices(self._modem.chatter, k=STORM_LINES))

    def echo_back(self) -> None:
        self._modem.settings.echo = True

    def error_spell(self) -> None:
        self._modem.interpreter.refuse_all_until(self._modem.now_us + ERROR_SPELL_US)

    def error_everything(self) -> None:
        self._modem.interpreter.refuse_all_until(None)

    def hang(self) -> None:
        self._modem.hang()

    # -- power -------------------------------------------------------------------------------

    def reboot(self) -> None:
        self._modem.restart()

    def power_down(self) -> None:
        self._modem.power_down(*self._modem.profile.supply_gone_lines)

    def baud_changed(self) -> None:
        others = [rate for rate in BAUD_RATES if rate != self._modem.baud]
        self._modem.power_on_baud = self._random.choice(others)
        self._modem.restart()

    def autobaud(self) -> None:
        self._modem.power_on_baud = 0
        self._modem.restart()
