"""The messages of the long-life run: each end can tell from its number what it must hold.

Every byte value is in them, and the modem's own words.
"""

from micropython import const

_NUMBER = const(8)  # digits at the beginning
_MOST = const(1900)  # more than a link's window, and than one AT+CIPSEND

_PATTERN = (b"\r\nOK\r\n\r\n0, CLOSED\r\n> +CIPRXGET: 2,1,9\r\nRDY\r\n" + bytes(range(256))) * 8


def body(number):
    """Message `number`: 8 digits and up to 700 bytes; each 20th is near 1900 bytes long."""
    size = _MOST - number % 100 if number % 20 == 0 else number * 131 % 700
    start = number % 251
    return b"%08d" % number + _PATTERN[start : start + size]


def number_of(data):
    """The number of a message, -1 if `data` is not one, whole and right."""
    digits = bytes(data[:_NUMBER])
    if len(digits) < _NUMBER or not digits.isdigit():
        return -1
    number = int(digits)
    return number if data == body(number) else -1
