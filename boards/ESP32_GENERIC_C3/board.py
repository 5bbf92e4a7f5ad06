"""An ESP32-C3 with a modem on UART 1. Untested: nobody has reported it from a real board yet.

The chip leads any UART to any GPIO. These are neither strapping pins (2, 8, 9) nor flash (12 to
17), USB (18, 19) or UART 0 (20, 21) (ESP32-C3 Series Datasheet, "Pin Definitions"); 4 to 7 are
JTAG, if you use that.
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud
_FLOW = {"rts": 6, "cts": 7, "flow": UART.RTS | UART.CTS}


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    uart = UART(1, 115200, tx=5, rx=4, rxbuf=_RXBUF, **(_FLOW if flow else {}))
    power_key = Pin(10, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
