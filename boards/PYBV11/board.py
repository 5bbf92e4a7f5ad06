"""A pyboard 1.1 with a modem on UART 3. Untested: nobody has reported it from a real board yet.

The pins come with the UART: MicroPython, ports/stm32/boards/PYBV11/mpconfigboard.h and pins.csv.
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    settings = {"rxbuf": _RXBUF, "flow": UART.RTS | UART.CTS if flow else 0}
    uart = UART(3, 115200, **settings)
    power_key = Pin("Y8", Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low

    def set_baud(baud):
        uart.init(baud, **settings)  # what is not named, a STM32 sets back to its default

    options.setdefault("set_baud", set_baud)
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
