"""The board that the examples run on in tests: UART 1 is the pty, the virtual modem behind it."""

import sixlink
from machine import UART

_RXBUF = 4096


def modem(**options):
    """As in boards/<BOARD>/board.py."""
    return sixlink.Modem(UART(1, 460800, rxbuf=_RXBUF), rxbuf=_RXBUF, **options)
