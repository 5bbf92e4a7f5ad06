"""The clock, and what SIM800 says by itself at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, ok
from ..line import QUERY, SET, TEST
from .arguments import count
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

setting("+CLTS", "clts", (0, 1))
setting("+CIURC", "ciurc", (0, 1))


@command("+CCLK", TEST)
def clock_test(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("+CCLK", QUERY)
def clock_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f'+CCLK: "{modem.clock.text(modem.now_us)}"')


@command("+CCLK", SET)
def clock(modem: VirtualModem, args: Args) -> Answer:
    # The comma between date and time separates arguments where the quotes are left out.
    count(args, 1, 2)
    try:
        modem.clock.set(",".join(args), modem.now_us)
    except ValueError as error:
        raise Refusal(BAD_PARAMETER) from error
    return ok()
