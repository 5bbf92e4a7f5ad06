"""What the table of docs/dialect.md says of one form of a command."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

FAMILIES = ("luat", "sim800")

# What AT+CIPMUX must be for a form to have its meaning; "" where it does not matter.
SINGLE = "single"
MULTI = "multi"


# A test is named by its file and function, `shared/test_send.py::test_prompt_body_result`; with
# `@luat` behind it, it is one of that family only.


@dataclass(frozen=True)
class Typed:
    """The firmware types it; `tests` see it do so."""

    where: str
    tests: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"types it: {self.where}"


@dataclass(frozen=True)
class Untyped:
    """The firmware never types it by itself. `tests` show what takes its place, if anything."""

    text: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the virtual modem does: "speaks", "refuses" (+CME ERROR) or "unknown" (ERROR)."""

    word: str
    reason: str = ""

    @property
    def text(self) -> str:
        return f"{self.word}: {self.reason}" if self.reason else self.word


SPEAKS = Outcome("speaks")
ON_REQUEST = Untyped("on request: `modem.at`")


def typed(where: str, *tests: str) -> Typed:
    return Typed(where, tests)


def never(reason: str, *tests: str) -> Untyped:
    return Untyped(f"not typed: {reason}", tests)


def refuses(reason: str) -> Outcome:
    return Outcome("refuses", reason)


def unknown(reason: str) -> Outcome:
    return Outcome("unknown", reason)


@dataclass(frozen=True)
class Form:
    """`line` is written as manuals write it, `<…>` for what varies and `[…]` for what may be left
    out; an `example` of it is typed at the virtual modem in the scene `at`. `engine` and `modem`
    hold for every family but those in `engines` and `modems`. `heard` are the tests that type it
    at a virtual modem."""

    line: str
    engine: Typed | Untyped = ON_REQUEST
    modem: Outcome = SPEAKS
    mode: str = ""
    example: str = ""
    at: str = "idle"
    heard: tuple[str, ...] = ()
    engines: dict[str, Typed | Untyped] = field(default_factory=dict)
    modems: dict[str, Outcome] = field(default_factory=dict)
    key: str = ""  # of a form that is no command line: Ctrl-Z, +++ …

    def engine_of(self, family: str) -> Typed | Untyped:
        return self.engines.get(family, self.engine)

    def modem_of(self, profile: str) -> Outcome:
        """Of a virtual modem of that profile; those of a family that are not named are like it."""
        family = profile if profile in FAMILIES else FAMILIES[0]
        return self.modems.get(profile, self.modems.get(family, self.modem))

    @property
    def is_line(self) -> bool:
        return not self.key

    @property
    def leaves_traces(self) -> bool:
        """Whether it can be told from outside that the firmware typed it."""
        return self.key in ("", "prompt", "+++")

    @property
    def kind(self) -> str:
        """Which of the manuals' four forms it is."""
        if not self.is_line:
            return "special"
        for mark, kind in (("=?", "test"), ("?", "query")):
            if self.line.endswith(mark):
                return kind
        kind = "set" if "=" in self.line else "execute"
        return f"{kind} {self.mode}".strip()

    @property
    def name(self) -> str:
        """The form and the mode it is meant in, which together are unique."""
        return f"{self.line} ({self.mode})" if self.mode else self.line

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_pattern(self.line))

    def fits(self, line: str, mode: str) -> bool:
        """Whether a typed line is of this form; `mode` is the one the modem is in."""
        if self.key:
            return line == self.key
        return self.mode in ("", mode) and bool(self.pattern.fullmatch(line))


def _pattern(line: str) -> str:
    """Quotes may always be left out: both families take unquoted parameters somewhere."""
    pattern = re.escape(line).replace(r"\[", "(?:").replace(r"\]", ")?")
    return re.sub(r'("?)<(.*?)>\1|"', _place, pattern)


def _place(match: re.Match[str]) -> str:
    choices = (match[2] or "").split(r"\|")
    if len(choices) > 1:
        return f"(?:{'|'.join(choices)})"
    if match[0] == '"':
        return '"?'
    return '(?:"[^"]*"|[^",?]*)' if match[1] else '[^",?]*'


def those_for(names: tuple[str, ...], family: str) -> list[str]:
    """Those of `names` that are for `family`, without their mark."""
    pairs = [name.partition("@") for name in names]
    return [name for name, _, only in pairs if only in ("", family)]
