"""Decisions read from bytes, so that a fuzzer which changes a byte changes a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """False once all bytes are used up; from there on every decision is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def number(self) -> int:
        """0 to 255."""
        return (self.bytes(1) or b"\0")[0]

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.number() % len(options)]

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes, or those that are left."""
        self._at += count
        return self._data[self._at - count : self._at]

    def filled(self, template: bytes) -> bytes:
        """`template` with a small number from the input in the place of each `#`."""
        head, *rest = template.split(b"#")
        return head + b"".join(b"%d" % self.one_of(NUMBERS) + part for part in rest)


# Links, sizes and states that mean something, and numbers that nothing may be done with.
NUMBERS = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 64, 1024, 1459, 1460, 1461, 65535, 65536, -1, 10**9)
