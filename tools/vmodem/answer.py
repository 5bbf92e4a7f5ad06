"""What a command handler may hand back, and how it looks on the wire."""

from collections.abc import Callable
from dataclasses import dataclass

from .reasons import Reason

PROMPT = b"\r\n> "

NOT_ALLOWED = Reason.NOT_ALLOWED
SIM_NOT_INSERTED = Reason.SIM_NOT_INSERTED
SIM_PIN_REQUIRED = Reason.SIM_PIN_REQUIRED
SIM_PUK_REQUIRED = Reason.SIM_PUK_REQUIRED
INCORRECT_PASSWORD = Reason.INCORRECT_PASSWORD
BAD_PARAMETER = Reason.BAD_PARAMETER
BUFFER_FULL = Reason.BUFFER_FULL
SEND_OVERTIME = Reason.SEND_OVERTIME
OTHER_ERROR = Reason.OTHER_ERROR


@dataclass(frozen=True)
class Answer:
    """Parts in wire order, then what the modem does once they are out.

    A `str` is a line and gets its CR LF before and behind; `bytes` go out as they are.
    Between two parts an unsolicited code may fall, inside one never. `failed` ends a line of
    several commands.
    """

    parts: tuple[str | bytes, ...]
    after: Callable[[], None] | None = None
    failed: bool = False


@dataclass(frozen=True)
class Wait:
    """The answer is not known yet: ask `then` again after `delay_us`."""

    delay_us: int
    then: Callable[[], "Answer | Wait"]


class Refusal(Exception):
    """The command is refused; `lines` precede the error, whose number the family knows."""

    def __init__(self, reason: Reason = NOT_ALLOWED, *lines: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lines = lines


class UnknownCommand(Exception):
    """Answered with a bare ERROR, whatever AT+CMEE says."""


def ok(*lines: str | bytes, after: Callable[[], None] | None = None) -> Answer:
    """Information lines and the final OK."""
    return Answer((*lines, "OK"), after)


def on_wire(part: str | bytes) -> bytes:
    if isinstance(part, bytes):
        return part
    return b"\r\n" + part.encode("latin-1", "replace") + b"\r\n"
