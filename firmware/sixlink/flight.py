"""What the flight recorder holds, for a person at the REPL or for `python -m tools.flight`.

A saved trace, numbers big end first:

    8 bytes   SIXTRACE
    1         version of the format: 1
    4         wall time when it was saved, in seconds since 1970; 0 if the clock was not set
    4         ms counter when it was saved (29 bits)
    4         ms counter when the newest record began
    4         bytes of records that follow, oldest first: see `sixlink.recorder`
"""

import errno
import struct
import time

from micropython import const

_MASK = const(0x1FFFFFFF)
_K_RX_PAYLOAD = const(2)
_K_WITHHELD = const(4)
_K_MARK = const(6)
_COLUMNS = const(67)  # of 80, the rest is time and direction
_SET = const(2024)  # a clock that shows an earlier year has not been set

_SIGNS = "<><><>="


def save(modem, file):
    """Write the trace to `file`, a path or an object with `write`."""
    if isinstance(file, str):
        with open(file, "wb") as opened:
            save(modem, opened)
        return
    records, began, now = _taken(modem)
    file.write(struct.pack(">8sBIIII", b"SIXTRACE", 1, _wall(), now, began, len(records)))
    file.write(records)


def show(modem):
    """Print the trace: seconds before now, direction, bytes; 80 columns."""
    records, began, now = _taken(modem)
    ago = (now - began) & _MASK
    lines = []
    end = len(records)
    starts = _starts(records)
    for start in reversed(starts):
        lines.append((ago,) + _decoded(records, start + 1, end)[1:])
        ago += _decoded(records, start + 1, end)[0]
        end = start
    for ago, kind, left_out, data in reversed(lines):
        _print(ago, _SIGNS[kind], _text(kind, left_out, data))


def _taken(modem):
    """The records, when the newest of them began, and the time."""
    driver = modem.driver
    recorder = driver.recorder
    if recorder is None:
        raise OSError(errno.EOPNOTSUPP)
    with driver:
        return recorder.snapshot(), recorder.began, driver.now()


def _wall():
    """Seconds since 1970: `time` counts from 2000 on most boards."""
    if time.gmtime()[0] < _SET:
        return 0
    return int(time.time()) + (946684800 if time.gmtime(0)[0] == 2000 else 0)


def _starts(records):
    found = []
    at = 0
    while at < len(records):
        found.append(at)
        at += 1 + records[at]
    return found


def _decoded(records, at, end):
    """(ms since the record before, kind, bytes left out, bytes) of `records[at:end]`."""
    kind = records[at]
    ms, at = _number(records, at + 1)
    left_out, at = _number(records, at)
    return ms, kind, left_out, records[at:end]


def _number(records, at):
    value = shift = 0
    while records[at] & 128:
        value |= (records[at] & 127) << shift
        shift += 7
        at += 1
    return value | records[at] << shift, at + 1


def _text(kind, left_out, data):
    if kind == _K_MARK:
        return data.decode()
    text = "".join(_escaped(c) for c in data)
    if kind == _K_WITHHELD:
        return "[%d bytes withheld]" % left_out
    if kind >= _K_RX_PAYLOAD:
        text = "[%d bytes] %s%s" % (len(data) + left_out, text, "..." if left_out else "")
    return text


def _escaped(c):
    if 32 <= c < 127 and c != 92:
        return chr(c)
    return {13: "\\r", 10: "\\n", 92: "\\\\"}.get(c) or "\\x%02x" % c


def _print(ago, sign, text):
    head = "%10.3f %s " % (-ago / 1000, sign)
    for at in range(0, len(text) or 1, _COLUMNS):
        print(head + text[at : at + _COLUMNS])
        head = " " * 13
