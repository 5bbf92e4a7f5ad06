"""Command lines: what the host typed between two carriage returns."""

import re
from dataclasses import dataclass

EXECUTE = "execute"
QUERY = "query"
TEST = "test"
SET = "set"

_EXTENDED = re.compile(r"([+^*$][A-Z0-9_]+) *(=\?|\?|=(.*))?", re.IGNORECASE | re.DOTALL)
_BASIC = re.compile(r"(&?[A-Z])(\d*)", re.IGNORECASE)
_ARGUMENT = re.compile(r'\s*(?:"([^"]*)"|([^",]*))\s*(,|$)')


class BadLine(Exception):
    """The line is not an AT command."""


@dataclass(frozen=True)
class Request:
    """One command: `name` in upper case without AT, e.g. `+CIPSEND`, `E`, or empty."""

    name: str
    form: str
    args: tuple[str, ...] = ()


def clean(typed: bytes) -> str:
    """The line without control characters, which the modem ignores (S3 excepted)."""
    return "".join(char for char in typed.decode("latin-1") if char >= " ").strip()


def parse(text: str) -> Request:
    """The command on a line such as `AT+CIPSEND=0,5`; raises BadLine."""
    if text[:2] not in ("AT", "at"):
        raise BadLine(text)
    body = text[2:].strip()
    if not body:
        return Request("", EXECUTE)
    if match := _EXTENDED.fullmatch(body):
        return _extended(match[1].upper(), match[2] or "", match[3])
    if match := _BASIC.fullmatch(body):
        return Request(match[1].upper(), EXECUTE, (match[2],) if match[2] else ())
    raise BadLine(text)


def _extended(name: str, suffix: str, arguments: str | None) -> Request:
    if suffix == "=?":
        return Request(name, TEST)
    if suffix == "?":
        return Request(name, QUERY)
    if arguments is not None:
        return Request(name, SET, split(arguments))
    return Request(name, EXECUTE)


def split(arguments: str) -> tuple[str, ...]:
    """Split at commas outside quotes and drop the quotes; raises BadLine."""
    found = []
    position = 0
    while match := _ARGUMENT.match(arguments, position):
        found.append(match[2].strip() if match[1] is None else match[1])
        position = match.end()
        if not match[3]:
            return tuple(found)
    raise BadLine(arguments)
