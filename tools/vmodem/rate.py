"""The rate of the host's side of a line, and what two different rates make of each other."""

from __future__ import annotations

import random
import re
import termios

# What termios calls B115200 is 115200 bit/s.
_RATES = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)
}
_SPEEDS = {rate: speed for speed, rate in _RATES.items()}
_ISPEED, _OSPEED = 4, 5


def of_terminal(descriptor: int) -> int | None:
    """The rate in bit/s that the host has set on a terminal; None for what has no rate.

    On Linux the master of a pty tells the settings of its slave.
    """
    try:
        return _RATES.get(termios.tcgetattr(descriptor)[_OSPEED])
    except termios.error:
        return None


def set_on_terminal(descriptor: int, baud: int) -> None:
    """Set the rate of a terminal; what has none is left alone, as are rates termios lacks."""
    try:
        attributes = termios.tcgetattr(descriptor)
    except termios.error:
        return
    if baud in _SPEEDS:
        attributes[_ISPEED] = attributes[_OSPEED] = _SPEEDS[baud]
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def as_heard(data: bytes, said_baud: int, heard_baud: int, chance: random.Random) -> bytes:
    """What a listener at another rate takes `data` for: garbage of the same time span."""
    if said_baud == heard_baud:
        return data
    return chance.randbytes(max(1, len(data) * heard_baud // said_baud))
