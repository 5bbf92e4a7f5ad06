"""Checked command arguments."""

from collections.abc import Container

from ..answer import Refusal
from ..line import Argument, Request
from ..reasons import Reason

# Which arguments are strings that SIMCom modems want in quotes (SIM800 AT manual V1.10; the mode
# and the port of CIPSTART are taken with and without). Numbers from the end are negative.
_STRINGS = {
    "+CSTT": (0, 1, 2),
    "+CIPSTART": (-2,),
    "+CDNSGIP": (0,),
    "+CDNSCFG": (0, 1),
    "+SAPBR": (2, 3),
    "+CGDCONT": (1, 2),
    "+CCLK": (0,),
}


def check_quotes(request: Request) -> None:
    """Raise Refusal for a string argument without quotes; an empty one needs none."""
    count_given = len(request.args)
    for at in _STRINGS.get(request.name, ()):
        if -count_given <= at < count_given and _is_bare(request.args[at]):
            raise Refusal(Reason.WRONG_TYPE)


def _is_bare(argument: Argument) -> bool:
    return bool(argument) and not argument.quoted


def count(args: tuple[str, ...], least: int, most: int) -> None:
    """Raise Refusal unless there are between `least` and `most` arguments."""
    if len(args) < least:
        raise Refusal(Reason.TOO_FEW_PARAMETERS)
    if len(args) > most:
        raise Refusal(Reason.TOO_MANY_PARAMETERS)


def number(text: str, allowed: Container[int]) -> int:
    """A decimal number out of `allowed`; raises Refusal."""
    if not text:
        raise Refusal(Reason.EMPTY_PARAMETER)
    if not (text.isascii() and text.isdigit()):
        raise Refusal(Reason.WRONG_TYPE)
    if len(text) > 10 or int(text) not in allowed:
        raise Refusal(Reason.OUT_OF_RANGE)
    return int(text)


def only_number(args: tuple[str, ...], allowed: Container[int]) -> int:
    count(args, 1, 1)
    return number(args[0], allowed)
