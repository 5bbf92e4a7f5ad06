"""A NUCLEO-F767ZI with a modem on UART 2. Untested: nobody has reported it from a board yet.

The pins come with the UART: MicroPython, ports/stm32/boards/NUCLEO_F767ZI/mpconfigboard.h and
pins.csv. UART 3 is the ST-LINK's, where the REPL is.
"""

import sixlink
from machine import UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud


def modem(flow=False, **options):
    """The modem of this board. `flow`: RTS and CTS are wired. `options` are those of
    `sixlink.Modem`."""
    settings = {"rxbuf": _RXBUF, "flow": UART.RTS | UART.CTS if flow else 0}
    uart = UART(2, 115200, **settings)
    power_key = Pin("D7", Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low

    def set_baud(baud):
        uart.init(baud, **settings)  # what is not named, a STM32 sets back to its default

    options.setdefault("set_baud", set_baud)
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, flow=flow, **options)
