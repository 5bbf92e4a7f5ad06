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
_K_RX = const(0)
_K_RX_PAYLOAD = const(2)
_K_WITHHELD = const(4)
_K_MARK = const(6)
_COLUMNS = const(67)  # of 80, the rest is time and direction
_GAP_MS = const(10)  # as in `recorder`
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


def show(modem, count):
    """Print the last `count` rows of the trace: seconds before now, direction, what was said; 80
    columns. A line of the modem has a row of its own, without its CR and LF."""
    records, began, now = _taken(modem)
    rows = []
    for ago, kind, left_out, data in _merged(_listed(records, (now - began) & _MASK)):
        head = "%10.3f" % (-ago / 1000)
        for text in _texts(kind, left_out, data):
            rows.append("%10s %s %s" % (head, _SIGNS[kind], text[:_COLUMNS]))
            for at in range(_COLUMNS, len(text), _COLUMNS):
                rows.append("%10s   %s" % ("", text[at : at + _COLUMNS]))
            head = ""
    hidden = max(0, len(rows) - count)
    if hidden:
        print("%10s . %d rows before these: modem.trace(rows=%d)" % ("", hidden, len(rows)))
    for row in rows[hidden:]:
        print(row)


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


def _listed(records, ago):
    """(ms ago, kind, bytes left out, bytes) of each record, oldest first; the newest began `ago`
    ms ago, and each knows only how long after the one before it began."""
    starts = []
    at = 0
    while at < len(records):
        starts.append(at)
        at += 1 + records[at]
    found = []
    for start in reversed(starts):
        ms, kind, left_out, data = _decoded(records, start + 1, start + 1 + records[start])
        found.append((ago, kind, left_out, data))
        ago += ms
    found.reverse()
    return found


def _merged(listed):
    """Records that were only cut because they grew too long, put together again."""
    found = listed[:1]
    for ago, kind, left_out, data in listed[1:]:
        last = found[-1]
        if last[1] == kind and _goes_on(last, ago):
            found[-1] = (last[0], kind, left_out, last[3] + data)
        else:
            found.append((ago, kind, left_out, data))
    return found


def _goes_on(record, ago):
    """Whether what came `ago` ms ago, in the same direction, belongs to `record`."""
    before, kind, left_out, data = record
    if kind == _K_MARK or left_out:
        return False
    return before - ago <= _GAP_MS or (kind == _K_RX and not data.endswith(b"\n"))


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


def _texts(kind, left_out, data):
    """What a record holds, for people: one text a row or more."""
    if kind == _K_WITHHELD:
        return ["[%d bytes withheld]" % left_out]
    if kind == _K_MARK:
        return [data.decode()]
    if kind >= _K_RX_PAYLOAD:
        size = len(data) + left_out
        return ["[%d bytes] %s%s" % (size, _escaped(data), "..." if left_out else "")]
    return [_escaped(line) for line in data.replace(b"\r", b"\n").split(b"\n") if line]


def _escaped(data):
    """Printable ASCII as it is, the rest as in a Python literal."""
    names = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
    return "".join(names.get(c) or (chr(c) if 32 <= c < 127 else "\\x%02x" % c) for c in data)
