"""Checked command arguments."""

from collections.abc import Container

from ..answer import BAD_PARAMETER, Refusal


def count(args: tuple[str, ...], least: int, most: int) -> None:
    """Raise Refusal unless there are between `least` and `most` arguments."""
    if not least <= len(args) <= most:
        raise Refusal(BAD_PARAMETER)


def number(text: str, allowed: Container[int]) -> int:
    """A decimal number out of `allowed`; raises Refusal."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) in allowed):
        raise Refusal(BAD_PARAMETER)
    return int(text)


def only_number(args: tuple[str, ...], allowed: Container[int]) -> int:
    count(args, 1, 1)
    return number(args[0], allowed)
