"""A NUCLEO-F411RE with a modem on UART 6. Untested: nobody has reported it from a board yet.

The pins come with the UART: MicroPython, ports/stm32/boards/NUCLEO_F411RE/mpconfigboard.h. UART 2
is the ST-LINK's, where the REPL is.
"""

import sixlink
from machine import UART, Pin

_RXBUF = 2048  # bytes: 0.18 s at 115200 baud; 128 kB of RAM are not much


def modem(flow=False, **options):
    """The modem of this board; `options` are those of `sixlink.Modem`.

    Raises ValueError for `flow=True`."""
    if flow:
        raise ValueError("flow=True: UART 6 has neither RTS nor CTS here")
    uart = UART(6, 115200, rxbuf=_RXBUF)
    power_key = Pin(Pin.cpu.A8, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low

    def set_baud(baud):
        uart.init(baud, rxbuf=_RXBUF)  # what is not named, a STM32 sets back to its default

    options.setdefault("set_baud", set_baud)
    return sixlink.Modem(uart, power=power_key, rxbuf=_RXBUF, **options)
