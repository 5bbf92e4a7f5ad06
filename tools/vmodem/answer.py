"""What a command handler may hand back, and how it looks on the wire."""

from collections.abc import Callable
from dataclasses import dataclass

PROMPT = b"\r\n> "

NOT_ALLOWED = 3
SIM_NOT_INSERTED = 10
SIM_PIN_REQUIRED = 11
SIM_PUK_REQUIRED = 12
INCORRECT_PASSWORD = 16
BAD_PARAMETER = 53
BUFFER_FULL = 914
SEND_OVERTIME = 915
OTHER_ERROR = 65535

# Texts of AT+CMEE=2, Luat AT manual page CME_ERROR.
CME_TEXT = {
    NOT_ALLOWED: "operation not allowed",
    SIM_NOT_INSERTED: "SIM not inserted",
    SIM_PIN_REQUIRED: "SIM PIN required",
    SIM_PUK_REQUIRED: "SIM PUK required",
    INCORRECT_PASSWORD: "incorrect password",
    BAD_PARAMETER: "invalid parameters",
    BUFFER_FULL: "buffer over size",
    SEND_OVERTIME: "sending overtime",
    OTHER_ERROR: "other error",
}


@dataclass(frozen=True)
class Answer:
    """Parts in wire order, then what the modem does once they are out.

    A `str` is a line and gets its CR LF before and behind; `bytes` go out as they are.
    Between two parts an unsolicited code may fall, inside one never.
    """

    parts: tuple[str | bytes, ...]
    after: Callable[[], None] | None = None


@dataclass(frozen=True)
class Wait:
    """The answer is not known yet: ask `then` again after `delay_us`."""

    delay_us: int
    then: Callable[[], "Answer | Wait"]


class Refusal(Exception):
    """The command is refused with a CME code; `lines` precede it in the answer."""

    def __init__(self, code: int = NOT_ALLOWED, *lines: str) -> None:
        super().__init__(code)
        self.code = code
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


def cme(code: int, cmee: int) -> str:
    """The final result of a refusal under AT+CMEE=`cmee`."""
    if cmee == 0:
        return "ERROR"
    return f"+CME ERROR: {code if cmee == 1 else CME_TEXT.get(code, 'unknown')}"
