"""Commands that only hold a small number: test, query and set forms made from one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..answer import Answer, ok
from ..line import QUERY, SET, TEST
from ..profiles import Profile
from .arguments import only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

Gate = Callable[["VirtualModem", int], None]
Values = Callable[[Profile], tuple[int, ...]]


def setting(
    name: str,
    field: str,
    values: tuple[int, ...] | Values,
    gate: Gate | None = None,
    listing: str = "",
    space: str = " ",
) -> None:
    """`gate(modem, value)` raises Refusal where the value may not be set now.

    `values` may depend on the family; `space` is what follows the colon of the query's answer.
    """

    def values_of(modem: VirtualModem) -> tuple[int, ...]:
        return values(modem.profile) if callable(values) else values

    @command(name, TEST)
    def test(modem: VirtualModem, args: Args) -> Answer:
        listed = ",".join(map(str, values_of(modem)))
        return ok(f"{name}: {listing or '(' + listed + ')'}")

    @command(name, QUERY)
    def query(modem: VirtualModem, args: Args) -> Answer:
        return ok(f"{name}:{space}{getattr(modem.settings, field)}")

    @command(name, SET)
    def set_value(modem: VirtualModem, args: Args) -> Answer:
        value = only_number(args, values_of(modem))
        if gate:
            gate(modem, value)
        setattr(modem.settings, field, value)
        return ok()
