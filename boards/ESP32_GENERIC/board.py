"""An ESP32 with a modem on UART 1. The pins are untested: chosen from the data sheet.

GPIO 16 and 17 are free on modules without PSRAM (a WROVER uses them itself: take others).
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud


def modem(**options):
    """The modem of this board; `options` are those of `sixlink.Modem`."""
    uart = UART(1, 115200, tx=17, rx=16, rxbuf=_RXBUF)
    power_key = Pin(4, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, **options)
