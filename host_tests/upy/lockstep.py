"""A UART and a clock whose other end is `tools/long_life/lockstep.py`.

Time stands still while the program runs. It moves on while the program waits: `wait(ms)` asks the
other end to let so much time pass, or less if bytes come in, and takes over the new time and the
bytes. `import lockstep` puts this module in the place of `time`, as a board's 30-bit counter.

    up    kind (1 byte), number (4 bytes); behind WRITE and REPORT so many bytes
    down  the answer to ADVANCE: microseconds (8 bytes), count (2 bytes), so many bytes
"""

import json
import os
import struct
import sys

from micropython import RingIO, const

# As in tools/long_life/lockstep.py.
_ADVANCE = const(65)
_BAUD = const(66)
_POWER = const(80)
_REPORT = const(82)
_WRITE = const(87)

_TICKS_MASK = const(0x3FFFFFFF)
_TICKS_HALF = const(0x20000000)
_RXBUF = const(1024)

waits = 0
overflows = 0  # bytes that found no room in the UART

_file = open(int(os.getenv("SIXLINK_LOCKSTEP")), "rb+")
_up = bytearray(5)
_down = bytearray(10)
_rx = RingIO(_RXBUF)
_bytes = bytearray(_RXBUF)
_now_ms = 0


def _tell(kind, number):
    struct.pack_into("<BI", _up, 0, kind, number)
    _file.write(_up)


def wait(ms):
    """Let `ms` milliseconds pass, or fewer if bytes come in."""
    global _now_ms, waits, overflows
    waits += 1
    _tell(_ADVANCE, int(ms))
    if _file.readinto(_down) != len(_down):
        raise SystemExit("the other end of the lockstep has gone")
    now_us, count = struct.unpack("<QH", _down)
    _now_ms = now_us // 1000
    if count:
        _file.readinto(_bytes, count)
        overflows += count - (_rx.write(_bytes, 0, count) or 0)


def ticks_ms():
    return _now_ms & _TICKS_MASK


def ticks_diff(end, start):
    return ((end - start + _TICKS_HALF) & _TICKS_MASK) - _TICKS_HALF


def ticks_add(ticks, ms):
    return (ticks + ms) & _TICKS_MASK


def power(level):
    """The pin of the modem's power key."""
    _tell(_POWER, level)


def report(**figures):
    """Give figures to the other end."""
    text = json.dumps(figures).encode()
    _tell(_REPORT, len(text))
    _file.write(text)


class Uart:
    """The least that the firmware asks of a UART."""

    def __init__(self, baudrate):
        self.init(baudrate)

    def init(self, baudrate):
        self._baudrate = baudrate
        _tell(_BAUD, baudrate)

    def any(self):
        return _rx.any()

    def readinto(self, buf, n):
        return _rx.readinto(buf, n) or None

    def write(self, buf, at, n):
        _tell(_WRITE, n)
        return _file.write(buf, at, n)

    def __repr__(self):
        return "UART(1, baudrate=%d)" % self._baudrate


wait(0)  # what time is it?
sys.modules["time"] = sys.modules[__name__]
