"""The failure ladder: what an attempt to bring the modem up begins with, one rung harder after
each attempt that failed.

    again      nothing: AT+CIPSHUT and all the steps once more
    radio      AT+CFUN=0, five seconds, AT+CFUN=1
    restart    AT+CFUN=1,1
    reset      a pulse on the reset pin
    power      the power key, long and then short: off and on

Rules:

1. A rung whose pin is not wired is left out. Behind the last comes the second again.
2. A modem that does not answer gets, whatever the rung, the reset pin, then a short press of the
   key, in case it is off, then a long and a short one, in case it hangs: see `knock`.
3. The ladder is left as soon as a command of the application works, or a check of the idle modem.
4. Attempts are a second apart, then two, four … 60, and up to a quarter more, so that a fleet that
   lost its network does not come back as one.
"""

from micropython import const

_AGAIN = const(0)
_RADIO = const(1)
_RESET = const(3)
_POWER = const(4)

NAMES = ("again", "radio", "restart", "reset", "power")

# Pins, as in `engine.pressed`.
_PIN_RESET = const(1)
_PIN_KEY = const(2)
_LONG_KEY = const(3)

# The reset pin is held for 150 ms or more (S800: 105), the power key of a modem that is off for
# 1-2 s, then it starts (LUAT flow chart). How long one that hangs wants it no manual says.
_HOLD_MS = (0, 200, 1500, 3500)
_OFF_AND_ON = [_LONG_KEY, _PIN_KEY]
_BOOT_MS = const(2000)
_OFF_MS = const(5000)  # a modem that is switched off takes leave of the network first

_FIRST_PAUSE_MS = const(1000)
_LAST_PAUSE_MS = const(60000)


class Ladder:
    """`rung` of the present attempt, `counts` how often each was climbed to. `spent`: what the
    rung asks for has been done in this attempt."""

    def __init__(self, engine):
        self._engine = engine
        self.counts = [0] * len(NAMES)
        self.rung = _AGAIN
        self.spent = False
        self._pulses = []  # pins that are to be pressed, one after the other
        self._knocks = []  # pins for a modem that does not answer
        self._pause_ms = _FIRST_PAUSE_MS

    def relax(self):
        """The modem works."""
        self.rung = _AGAIN
        self._pause_ms = _FIRST_PAUSE_MS

    def begin(self):
        """A new attempt, on the present rung."""
        self.spent = self.rung == _AGAIN
        self.counts[self.rung] += 1
        self._knocks = [[_PIN_RESET]] if self._has(_PIN_RESET) else []
        if self._has(_PIN_KEY):
            self._knocks += [[_PIN_KEY], _OFF_AND_ON]
        self._pulses = []
        if self.rung == _RESET:
            self._pulses = [_PIN_RESET]
        elif self.rung == _POWER:
            self._pulses = _OFF_AND_ON

    def climb(self):
        """One rung up."""
        rung = self.rung + 1
        if rung == _RESET and not self._has(_PIN_RESET):
            rung = _POWER
        if rung == _POWER and not self._has(_PIN_KEY):
            rung += 1
        self.rung = rung if rung < len(NAMES) else _RADIO

    def pause(self, now):
        """Milliseconds until the next attempt; each is longer than the one before."""
        ms = self._pause_ms
        self._pause_ms = min(2 * ms, _LAST_PAUSE_MS)
        chance = now ^ (self._engine.intake.heard * 37)  # no two boards hear the same
        return ms + ms * (chance & 255) // 1024

    # -- pins ----------------------------------------------------------------------------------

    def knock(self):
        """Nobody answers: the next pin will be pressed. False if there is none left."""
        if self._knocks:
            self._pulses = self._knocks.pop(0)
        return len(self._pulses) > 0

    def is_pressing(self):
        """Whether a pin is to be pressed, or let go."""
        return self._engine.pressed or len(self._pulses) > 0

    def press(self):
        """Press the next pin or let it go; how many ms to wait then."""
        engine = self._engine
        if not engine.pressed:
            engine.pressed = self._pulses[0]
            return _HOLD_MS[engine.pressed]
        engine.pressed = 0
        self._pulses = self._pulses[1:]
        return _OFF_MS if self._pulses else _BOOT_MS

    def _has(self, pin):
        return self._engine.config.pins & pin
