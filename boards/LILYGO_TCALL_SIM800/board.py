"""A LILYGO T-Call: an ESP32 and a SIM800L on one board. Untested: nobody has reported it yet.

Pins and the byte for the IP5306 are the maker's (github.com/Xinyuan-LilyGO/LilyGo-T-Call-SIM800,
doc/SIM800L_IP5306.MD and examples/Arduino_TinyGSM). A T-Call with an AXP192 is another board.
"""

import sixlink
from machine import I2C, UART, Pin

_RXBUF = 4096  # bytes: 0.35 s at 115200 baud

_IP5306 = 0x75  # the chip that makes 5 V of the battery
_SYS_CTL0 = 0
_BOOST_KEEPS_ON = b"\x37"  # or it switches off whenever the board draws little


def modem(flow=False, **options):
    """The modem of this board; `options` are those of `sixlink.Modem`.

    Raises ValueError for `flow=True`, and OSError(ENODEV) on a T-Call without an IP5306."""
    if flow:
        raise ValueError("flow=True: RTS and CTS of the SIM800L lead nowhere")
    I2C(0, scl=Pin(22), sda=Pin(21)).writeto_mem(_IP5306, _SYS_CTL0, _BOOST_KEEPS_ON)
    Pin(23, Pin.OUT, value=1)  # the modem's supply
    uart = UART(1, 115200, tx=27, rx=26, rxbuf=_RXBUF)
    power_key = Pin(4, Pin.OPEN_DRAIN, value=1)  # pressed by pulling it low, as is the reset pin
    reset = Pin(5, Pin.OPEN_DRAIN, value=1)
    return sixlink.Modem(uart, power=power_key, reset=reset, rxbuf=_RXBUF, **options)
