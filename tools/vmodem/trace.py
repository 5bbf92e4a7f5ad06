"""A readable record of both directions with time stamps, without the secrets that cross."""

from __future__ import annotations

import re
from typing import TextIO

HOST = "host  "
MODEM = "modem "
NOTE = "      "

SHOWN_BYTES = 96
_COLOURS = {HOST: "\x1b[36m", MODEM: "\x1b[32m", NOTE: "\x1b[33m"}
_PLAIN = "\x1b[0m"
_ESCAPES = {ord("\r"): "\\r", ord("\n"): "\\n", ord("\\"): "\\\\"}

# PINs, and of an access point all behind its name. Commands, their echo, and the answers to
# CSTT?, SAPBR=4 and CIPSCONT?.
_SECRET = re.compile(
    rb"(\+CPIN *=|\+CSTT *[=:][^,\r\n]*,|\+SAPBR *= *3 *,[^,\r\n]*, *\"?(?:USER|PWD)\"? *,"
    rb"|\+SAPBR: (?:USER|PWD),|Gprs Config (?:UserId|Password):)([^\r\n]*)",
    re.IGNORECASE,
)
_LONGEST_LINE = 1024


def readable(data: bytes) -> str:
    """Printable characters as they are, control characters escaped, a long middle left out."""
    if len(data) > SHOWN_BYTES:
        half = SHOWN_BYTES // 2
        left_out = len(data) - 2 * half
        return f"{readable(data[:half])} …{left_out} bytes… {readable(data[-half:])}"
    return "".join(
        _ESCAPES.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}")
        for byte in data
    )


def _hidden(secret: re.Match[bytes]) -> bytes:
    return secret[1] + re.sub(rb'[^",]', b"*", secret[2])


class Mask:
    """Puts asterisks in the place of secrets, byte for byte, however the stream is cut."""

    def __init__(self) -> None:
        self._begun = b""  # the last line so far

    def __call__(self, data: bytes) -> bytes:
        text = self._begun + data
        line = max(text.rfind(b"\r"), text.rfind(b"\n")) + 1
        self._begun = text[line:][-_LONGEST_LINE:]
        return _SECRET.sub(_hidden, text)[-len(data) :] if data else data


class Trace:
    """Writes `seconds  who  bytes` lines to one file, in colour if it is a terminal."""

    def __init__(self, out: TextIO, start_us: int) -> None:
        self._out = out
        self._start_us = start_us
        self._colour = out.isatty()
        self._masks = {HOST: Mask(), MODEM: Mask()}

    def bytes(self, who: str, data: bytes, now_us: int) -> None:
        self._write(who, readable(self._masks[who](data)), now_us)

    def note(self, text: str, now_us: int) -> None:
        self._write(NOTE, text, now_us)

    def _write(self, who: str, text: str, now_us: int) -> None:
        seconds = (now_us - self._start_us) / 1_000_000
        if self._colour:
            text = f"{_COLOURS[who]}{text}{_PLAIN}"
        self._out.write(f"{seconds:12.6f}  {who}{text}\n")
        self._out.flush()
