"""Commands that only hold a small number: test, query and set forms made from one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..answer import Answer, ok
from ..line import QUERY, SET, TEST
from .arguments import only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

Gate = Callable[["VirtualModem", int], None]


def setting(
    name: str, field: str, values: tuple[int, ...], gate: Gate | None = None, listing: str = ""
) -> None:
    """`gate(modem, value)` raises Refusal where the value may not be set now."""

    @command(name, TEST)
    def test(modem: VirtualModem, args: Args) -> Answer:
        return ok(f"{name}: {listing or '(' + ','.join(map(str, values)) + ')'}")

    @command(name, QUERY)
    def query(modem: VirtualModem, args: Args) -> Answer:
        return ok(f"{name}: {getattr(modem.settings, field)}")

    @command(name, SET)
    def set_value(modem: VirtualModem, args: Args) -> Answer:
        value = only_number(args, values)
        if gate:
            gate(modem, value)
        setattr(modem.settings, field, value)
        return ok()
