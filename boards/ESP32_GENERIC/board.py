"""An ESP32 with a modem on UART 1. Untested: nobody has reported it from a real board yet.

The chip leads any UART to any GPIO, and these two are the usual ones of UART 2 (MicroPython, Quick
reference for the ESP32, "UART"). A WROVER module needs them for its PSRAM: take others.
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud
_FLOW = {"rts": 18, "cts": 19, "flow": UART.RTS | UART.CTS}


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    uart = UART(1, 115200, tx=17, rx=16, rxbuf=_RXBUF, **(_FLOW if flow else {}))
    power_key = Pin(4, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
