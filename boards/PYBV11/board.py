"""A pyboard 1.1 with a modem on UART 1. The pins are untested.

X9 and X10 are the port's own pins of UART 1 (MicroPython, ports/stm32/boards/PYBV11).
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud


def modem(**options):
    """The modem of this board; `options` are those of `sixlink.Modem`."""
    uart = UART(1, 115200, rxbuf=_RXBUF)
    power_key = Pin("X11", Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, **options)
