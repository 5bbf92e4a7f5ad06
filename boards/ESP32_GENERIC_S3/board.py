"""An ESP32-S3 with a modem on UART 1. Untested: nobody has reported it from a real board yet.

GPIO 17 and 18 are the chip's own pins of UART 1, GPIO 15 and 16 the RTS and CTS that UART 0 does
not use; those of UART 1, GPIO 19 and 20, are the USB port (ESP32-S3 Series Datasheet, "IO MUX").
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud
_FLOW = {"rts": 15, "cts": 16, "flow": UART.RTS | UART.CTS}


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    uart = UART(1, 115200, tx=17, rx=18, rxbuf=_RXBUF, **(_FLOW if flow else {}))
    power_key = Pin(4, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
