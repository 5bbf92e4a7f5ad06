"""The pins beside TX and RX: power key, reset and DTR, which hosts pull, and DCD, which they read.

All are active low and rest at 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import Timer

if TYPE_CHECKING:
    from .core import VirtualModem


class Pins:
    """Levels at the modem's present time.

    The times are the profile's. Held for less than them power key and reset have no effect.
    """

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._power_timer: Timer | None = None
        self._reset_timer: Timer | None = None
        self._in_reset = False
        self._dtr = 0  # a host that does not wire it has it on

    def power(self, level: int) -> None:
        """The power key: held low it starts a modem that is off; held for longer it switches one
        that is on off, whatever its firmware is doing."""
        profile = self._modem.profile
        if level:
            self._release_power()
        elif self._power_timer is None and not self._in_reset:
            if self._modem.is_off:
                delay_us, action = profile.power_on_us, self._modem.restart
            else:
                delay_us, action = profile.power_off_us, self._switch_off
            self._power_timer = self._modem.after_outside(delay_us, action)

    def reset(self, level: int) -> None:
        """The reset pin: low for long enough it stops the modem, which starts when it rises."""
        if level:
            if self._reset_timer:
                self._reset_timer.cancel()
            self._reset_timer = None
            if self._in_reset:
                self._in_reset = False
                self._modem.restart()
        elif self._reset_timer is None and not self._modem.is_off:
            self._reset_timer = self._modem.after_outside(self._modem.profile.reset_us, self._stop)

    def _switch_off(self) -> None:
        self._modem.power_down(*self._modem.profile.power_key_lines)

    def dtr(self, level: int) -> None:
        """Rising, it leads from data mode to command level (AT&D1) or hangs up too (AT&D2).

        SIM800 AT manual V1.10 section 2.2.3.
        """
        modem = self._modem
        if level and not self._dtr and modem.settings.dtr and modem.data_mode.on:
            modem.data_mode.escape()
            if modem.settings.dtr == 2:
                modem.stack.hang_up(modem.links[0])
        self._dtr = level

    @property
    def dcd(self) -> int:
        return int(not self._modem.carrier)

    def _stop(self) -> None:
        self._in_reset = True
        self._release_power()
        self._modem.switch_off()

    def _release_power(self) -> None:
        if self._power_timer:
            self._power_timer.cancel()
        self._power_timer = None
