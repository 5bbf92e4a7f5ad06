"""Pure functions on one line of modem output, in place and without allocation.

A line is `(buf, at, end)`: the bytes `buf[at:end]`, with CR or LF behind `end`, so a prefix test
can never run into the bytes of what follows.
"""

from micropython import const

_COMMA = const(44)
_COLON = const(58)
_SPACE = const(32)
_QUOTE = const(34)
_ZERO = const(48)
_NINE = const(57)
_MOST_DIGITS = const(8)  # more than any field of the dialect has; every result is a small int


def number(buf, at, end, index=0):
    """The integer in comma-separated field `index`, or -1 if it is not a plain number.

    A field ends at a comma, a colon or the end of the line. A sign, a letter, an empty field or
    a number over 99,999,999 is not a plain number.
    """
    while index:
        at = buf.find(b",", at, end) + 1
        if not at:
            return -1
        index -= 1
    while at < end and buf[at] == _SPACE:
        at += 1
    begin = at
    value = 0
    while at < end:
        c = buf[at] - _ZERO
        if c < 0 or c > 9:
            break
        value = value * 10 + c
        at += 1
    if at == begin or at - begin > _MOST_DIGITS:
        return -1
    while at < end and buf[at] == _SPACE:
        at += 1
    return value if at >= end or buf[at] == _COMMA or buf[at] == _COLON else -1


def quoted(buf, at, end, index=0):
    """The bytes between the quotes of quoted string `index`, or None if there is none."""
    while True:
        start = buf.find(b'"', at, end) + 1
        stop = buf.find(b'"', start, end) if start else -1
        if stop < 0:
            return None
        if not index:
            return bytes(buf[start:stop])
        at = stop + 1
        index -= 1


def plain(buf, at, end):
    """The printable ASCII of the line: noise on the wire must not become an exception."""
    return "".join([chr(c) for c in buf[at:end] if _SPACE <= c < 127])


def word_at(buf, at, end):
    """Where the first byte that is no space stands, `end` if there is none."""
    while at < end and buf[at] == _SPACE:
        at += 1
    return at


def is_digits(buf, at, end):
    """Whether the line is nothing but decimal digits (an IMEI, an IMSI)."""
    if at == end:
        return False
    for i in range(at, end):
        if not _ZERO <= buf[i] <= _NINE:
            return False
    return True


def is_address(buf, at, end):
    """Whether the line is a dotted IPv4 address, the bare answer of AT+CIFSR."""
    dots = digits = 0
    for i in range(at, end):
        c = buf[i]
        if c == 46:
            if not digits:
                return False
            dots += 1
            digits = 0
        elif _ZERO <= c <= _NINE and digits < 3:
            digits += 1
        else:
            return False
    return dots == 3 and digits > 0


def put_number(buf, at, value):
    """Write `value` (0 … 99999) in decimal at `buf[at]`; returns the index behind it."""
    scale = 10000
    while scale > value and scale > 1:
        scale //= 10
    while scale:
        buf[at] = _ZERO + value // scale % 10
        scale //= 10
        at += 1
    return at


def safe(text, longest, what):
    """`text` as the bytes that may stand between quotes in an AT line.

    Raises ValueError, naming the value, when it is longer than `longest` bytes or holds anything
    that could end the string or the line: a quote, a control character (CR, LF, Ctrl-Z, ESC, NUL)
    or a byte that is not ASCII.
    """
    if isinstance(text, str):
        text = text.encode()
    if len(text) > longest:
        raise ValueError("%s longer than %d bytes" % (what, longest))
    for c in text:
        if c < _SPACE or c == _QUOTE or c > 126:
            raise ValueError("byte 0x%02x not allowed in %s" % (c, what))
    return bytes(text)
