"""Print a trace that a board has saved: `python -m tools.flight FILE`.

On the board `modem.trace("trace.bin")` saves it. The format is described in the firmware's
`flight.py` and `recorder.py`; this decoder is written from that description and shares no code
with them. Exit status 2 for a file that is no trace, or not a whole one.
"""

from __future__ import annotations

import argparse
import json
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.text import Text

HEADER = struct.Struct(">8sBIIII")
MAGIC = b"SIXTRACE"
VERSION = 1
TICKS = 1 << 29  # the board's millisecond counter wraps here
MERGE_MS = 10  # what one direction brings within this belongs together

KINDS = ("rx", "tx", "rx payload", "tx payload", "rx withheld", "tx withheld", "mark")
SIGNS = {"rx": "<", "tx": ">", "mark": "="}
STYLES = {"prompt": "magenta", "urc": "yellow", "error": "red", "mark": "cyan", "payload": "dim"}

FINAL = re.compile(rb"^(OK|ERROR|SHUT OK|\+CM[ES] ERROR.*|\d, ?(CLOSE OK|SEND OK|SEND FAIL)"
                   rb"|DATA ACCEPT:.*|\d+\.\d+\.\d+\.\d+)$", re.MULTILINE)  # fmt: skip
FAILED = re.compile(rb"^(ERROR|\+CM[ES] ERROR|\d, ?(SEND|CONNECT) FAIL|\+PDP)", re.MULTILINE)


class NoTrace(ValueError):
    """The file cannot be read as a trace; the text is one sentence that says why."""


@dataclass
class Record:
    """`at_ms`: when it began, before the trace was saved (0 or less). `left_out`: bytes that
    crossed the UART but were not kept."""

    at_ms: int
    kind: str
    data: bytes
    left_out: int = 0

    @property
    def way(self) -> str:
        return self.kind.split()[0]


@dataclass
class Trace:
    """`wall`: seconds since 1970 when it was saved, 0 if the board's clock was not set."""

    wall: int
    records: list[Record]


@dataclass
class Line:
    """A line to be shown. `note`: how long a command took. `style`: what it is."""

    at_ms: int
    way: str
    text: str
    note: str = ""
    style: str = ""


# -- decoding -----------------------------------------------------------------------------------


def decode(blob: bytes) -> Trace:
    """Raises NoTrace."""
    if len(blob) < HEADER.size or not blob.startswith(MAGIC):
        raise NoTrace("this is not a trace of Sixlink: it does not begin with SIXTRACE")
    _, version, wall, saved, newest, size = HEADER.unpack_from(blob)
    if version != VERSION:
        raise NoTrace(f"it has format {version}, and only format {VERSION} is known here")
    body = blob[HEADER.size :]
    if len(body) != size:
        raise NoTrace(f"it holds {len(body)} bytes of records where its header names {size}")
    records = list(_records(body))
    at = -((saved - newest) % TICKS)
    for record in reversed(records):  # each knows only how long after the one before it began
        record.at_ms, at = at, at - record.at_ms
    return Trace(wall, records)


def _records(body: bytes) -> Iterator[Record]:
    at = 0
    while at < len(body):
        end = at + 1 + body[at]
        if end > len(body) or body[at] < 3:
            raise NoTrace(f"the record at byte {at} has a length that cannot be")
        yield _record(body[at + 1 : end], at)
        at = end


def _record(body: bytes, where: int) -> Record:
    if body[0] >= len(KINDS):
        raise NoTrace(f"the record at byte {where} is of kind {body[0]}, which does not exist")
    ms, at = _number(body, 1, where)
    left_out, at = _number(body, at, where)
    return Record(ms, KINDS[body[0]], body[at:], left_out)


def _number(body: bytes, at: int, where: int) -> tuple[int, int]:
    value = 0
    for i, byte in enumerate(body[at : at + 5]):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, at + i + 1
    raise NoTrace(f"the record at byte {where} ends in the middle of a number")


# -- reading it to a person ---------------------------------------------------------------------


def merged(records: list[Record]) -> list[Record]:
    """Records that were only cut because they grew too long, put together again."""
    found: list[Record] = []
    for record in records:
        last = found[-1] if found else None
        near = last is not None and record.at_ms - last.at_ms <= MERGE_MS
        if last is not None and near and last.kind == record.kind != "mark" and not last.left_out:
            found[-1] = Record(last.at_ms, last.kind, last.data + record.data, record.left_out)
        else:
            found.append(record)
    return found


def lines(trace: Trace) -> list[Line]:
    """What is to be shown: each line of the modem by itself, with what it means."""
    found: list[Line] = []
    asked: Line | None = None  # the command whose final result is to come
    for record in merged(trace.records):
        parts = [record.data]
        if record.kind == "rx":
            parts = re.findall(rb"[\r\n]*[^\r\n]*[\r\n]*", record.data)[:-1]
        for part in parts:
            line = _line(record, part)
            found.append(line)
            if record.kind == "tx" and part.startswith(b"AT"):
                asked = line
            elif record.kind == "rx" and asked and FINAL.search(part.replace(b"\r", b"")):
                asked.note, asked = f"{line.at_ms - asked.at_ms} ms", None
            elif record.kind == "rx" and line.style == "" and not asked:
                line.style = "urc"
    return found


def _line(record: Record, part: bytes) -> Line:
    text = escaped(part)
    if record.kind == "mark":
        return Line(record.at_ms, "mark", part.decode("ascii", "replace"), style="mark")
    if "withheld" in record.kind:
        return Line(record.at_ms, record.way, f"[{record.left_out} bytes withheld]", style="mark")
    if "payload" in record.kind:
        more = " ..." if record.left_out else ""
        text = f"[{len(part) + record.left_out} bytes] {text}{more}"
        return Line(record.at_ms, record.way, text, style="payload")
    style = "error" if FAILED.search(part) else ""
    if record.kind == "rx" and part.strip() == b">":
        style = "prompt"
    return Line(record.at_ms, record.way, text, style=style)


def escaped(data: bytes) -> str:
    """Printable ASCII as it is, the rest as in a Python literal."""
    names = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
    return "".join(
        chr(c) if 32 <= c < 127 and c != 92 else names.get(c, f"\\x{c:02x}") for c in data
    )


def show(trace: Trace, console: Console) -> None:
    """Print the trace, seconds before it was saved in front."""
    if trace.wall:
        saved = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=trace.wall)
        console.print(f"saved {saved:%Y-%m-%d %H:%M:%S} UTC", highlight=False)
    for line in lines(trace):
        head = f"{line.at_ms / 1000:10.3f} {SIGNS[line.way]} "
        text = Text(head, style="bold" if line.way == "tx" else "")
        text.append(line.text, style=line.style or None)
        if line.note:
            text.append(f"   {line.note}", style="green")
        console.print(text, soft_wrap=True)


def as_json(trace: Trace) -> str:
    """The records and the lines, for other programs; bytes as hexadecimal digits."""
    records = [{**asdict(record), "data": record.data.hex()} for record in trace.records]
    shown = [asdict(line) for line in lines(trace)]
    return json.dumps({"wall": trace.wall, "records": records, "lines": shown}, indent=1)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.flight", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="saved by modem.trace(FILE)")
    parser.add_argument("--json", action="store_true", help="for other programs")
    options = parser.parse_args(argv)
    try:
        trace = decode(options.file.read_bytes())
    except (OSError, NoTrace) as error:
        print(f"{options.file}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        return 2
    if options.json:
        print(as_json(trace))
    else:
        show(trace, Console(highlight=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
