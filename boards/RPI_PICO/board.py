"""A Raspberry Pi Pico with a modem on UART 0. Untested: nobody has reported it from a board yet.

The pins are the usual ones of UART 0 (Raspberry Pi Pico Datasheet, "Pico pinout"; MicroPython,
ports/rp2/machine_uart.c).
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud
_FLOW = {"cts": 2, "rts": 3, "flow": UART.RTS | UART.CTS}


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    uart = UART(0, 115200, tx=0, rx=1, rxbuf=_RXBUF, **(_FLOW if flow else {}))
    power_key = Pin(6, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low

    def set_baud(baud):
        uart.init(baud, rxbuf=_RXBUF)  # unnamed, it would go back to 256 bytes

    options.setdefault("set_baud", set_baud)
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
