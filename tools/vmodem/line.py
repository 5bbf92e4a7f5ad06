"""Command lines: what the host typed between two line ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .profiles import Profile

EXECUTE = "execute"
QUERY = "query"
TEST = "test"
SET = "set"

_EXTENDED = re.compile(r"([+^*$][A-Z0-9_]+) *(=\?|\?|=(.*))?", re.IGNORECASE | re.DOTALL)
_BASIC = re.compile(r"(&?[A-Z])(\d*)", re.IGNORECASE)
# Basic commands may stand side by side and before one extended command (V.250, section 5.2.1).
_RUN = re.compile(r"((?:&?[A-Z]\d* *)*)([+^*$].*)?", re.IGNORECASE | re.DOTALL)
_BETWEEN_SEMICOLONS = re.compile(r'(?:"[^"]*(?:"|$)|[^";])+')
_ARGUMENT = re.compile(r'\s*(?:"([^"]*)"|([^",]*))\s*(,|$)')


class BadLine(Exception):
    """The line is not an AT command."""


class Argument(str):
    """The text of an argument without its quotes, and whether it had some."""

    quoted = False


@dataclass(frozen=True)
class Request:
    """One command: `name` in upper case without AT, e.g. `+CIPSEND`, `E`, or empty."""

    name: str
    form: str
    args: tuple[Argument, ...] = ()


def clean(typed: bytes) -> str:
    """The line without control characters, which the modem ignores (S3 excepted)."""
    return "".join(char for char in typed.decode("latin-1") if char >= " ").strip()


def from_attention(text: str, profile: Profile) -> str:
    """The line from where the family lets it begin; empty for one it does not listen to."""
    if not profile.skips_to_attention:
        return text
    starts = [at for at in map(text.find, profile.attention) if at >= 0]
    return text[min(starts) :] if starts else ""


def parse(text: str, profile: Profile) -> list[Request]:
    """The commands on a line such as `AT+CIPSEND=0,5`, at least one; raises BadLine."""
    if text[:2] not in profile.attention:
        raise BadLine(text)
    body = text[2:].strip()
    if not body:
        return [Request("", EXECUTE)]
    if not profile.chains:
        return [_one(body)]
    return [_one(part) for part in _parts(body)] or [Request("", EXECUTE)]


def _parts(body: str) -> Iterator[str]:
    for piece in _BETWEEN_SEMICOLONS.findall(body):
        run = _RUN.fullmatch(piece.strip())
        if not run:
            raise BadLine(body)
        yield from (basic[0] for basic in _BASIC.finditer(run[1]))
        if run[2]:
            yield run[2]


def _one(body: str) -> Request:
    if match := _EXTENDED.fullmatch(body):
        return _extended(match[1].upper(), match[2] or "", match[3])
    if match := _BASIC.fullmatch(body):
        return Request(match[1].upper(), EXECUTE, (Argument(match[2]),) if match[2] else ())
    raise BadLine(body)


def _extended(name: str, suffix: str, arguments: str | None) -> Request:
    if suffix == "=?":
        return Request(name, TEST)
    if suffix == "?":
        return Request(name, QUERY)
    if arguments is not None:
        return Request(name, SET, split(arguments))
    return Request(name, EXECUTE)


def split(arguments: str) -> tuple[Argument, ...]:
    """Split at commas outside quotes and drop the quotes; raises BadLine."""
    found = []
    position = 0
    while match := _ARGUMENT.match(arguments, position):
        found.append(_argument(match))
        position = match.end()
        if not match[3]:
            return tuple(found)
    raise BadLine(arguments)


def _argument(match: re.Match[str]) -> Argument:
    argument = Argument(match[2].strip() if match[1] is None else match[1])
    argument.quoted = match[1] is not None
    return argument
