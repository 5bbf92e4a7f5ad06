"""The board on a pty: its UART 1 is the virtual modem's, which has no power key."""

import sixlink
from machine import UART

_RXBUF = 4096
_BAUD = 460800


def modem(**options):
    """The modem of this board; `options` are those of `sixlink.Modem`."""
    return sixlink.Modem(UART(1, _BAUD, rxbuf=_RXBUF), rxbuf=_RXBUF, **options)
