"""The two pins that hosts pull: power key and reset, both pressed by a low level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import Timer

if TYPE_CHECKING:
    from .core import VirtualModem


class Pins:
    """Levels as the host drives them, at the modem's present time; both rest at 1.

    The times are the profile's. Held for less than them a pin has no effect.
    """

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._power_timer: Timer | None = None
        self._reset_timer: Timer | None = None
        self._in_reset = False

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

    def _stop(self) -> None:
        self._in_reset = True
        self._release_power()
        self._modem.switch_off()

    def _release_power(self) -> None:
        if self._power_timer:
            self._power_timer.cancel()
        self._power_timer = None
