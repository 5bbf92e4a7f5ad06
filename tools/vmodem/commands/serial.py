"""The serial line: rate, flow control, sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, ok
from ..line import QUERY, SET, TEST
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("+IPR", QUERY)
def baud_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+IPR: {modem.settings.ipr}")


@command("+IPR", TEST)
def baud_test(modem: VirtualModem, args: Args) -> Answer:
    rates = ",".join(map(str, modem.profile.baud_rates))
    return ok(modem.profile.baud_listing.format(f"({rates})"))


@command("+IPR", SET)
def baud(modem: VirtualModem, args: Args) -> Answer:
    rate = only_number(args, modem.profile.baud_rates)
    modem.settings.ipr = rate
    # Autobaud finds the rate in use, so for a host that keeps its rate nothing changes.
    return ok(after=lambda: modem.change_baud(rate or modem.baud))


@command("+IFC", TEST)
def flow_control_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+IFC: (0,2),(0,2)")


@command("+IFC", QUERY)
def flow_control_query(modem: VirtualModem, args: Args) -> Answer:
    return ok("+IFC: 2,2" if modem.flow else "+IFC: 0,0")


@command("+IFC", SET)
def flow_control(modem: VirtualModem, args: Args) -> Answer:
    """On Luat it takes effect after AT&W and a restart (Luat AT manual, IFC)."""
    count(args, 2, 2)
    if args[0] != args[1]:
        raise Refusal(BAD_PARAMETER)
    wanted = modem.settings.ifc = number(args[0], (0, 2))
    if not modem.profile.flow_at_once:
        return ok()
    return ok(after=lambda: setattr(modem, "flow", wanted == 2))


@command("+CSCLK", TEST)
def sleep_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CSCLK: ({','.join(map(str, modem.profile.sleep_modes))})")


@command("+CSCLK", QUERY)
def sleep_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CSCLK: {modem.settings.csclk}")


@command("+CSCLK", SET)
def sleep(modem: VirtualModem, args: Args) -> Answer:
    """The value is kept; this modem never sleeps."""
    modem.settings.csclk = only_number(args, modem.profile.sleep_modes)
    return ok()
