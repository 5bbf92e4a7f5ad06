"""Transparent mode: choosing it, how it cuts the stream, coming back, and its pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, UnknownCommand, ok
from ..line import EXECUTE, QUERY, SET, TEST
from ..link import CONNECTED
from .arguments import count, number
from .keepalive import numbers, printed
from .links import require_idle
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

FIELDS = ("NmRetry", "WaitTm", "SendSz", "esc", "Rxmode", "RxSize", "Rxtimer", "BufClean")


def _mode(modem: VirtualModem, value: int) -> None:
    require_idle(modem)
    if value == 1 and modem.settings.multi:
        raise Refusal()


setting(
    "+CIPMODE",
    "cipmode",
    (0, 1),
    _mode,
    listing="(0-NORMAL MODE,1-TRANSPARENT MODE)",
)


@command("O", EXECUTE)
def online(modem: VirtualModem, args: Args) -> Answer:
    if not modem.profile.has_escape:
        raise UnknownCommand("O")
    if not modem.settings.transparent or modem.profile.transparent_connect != "CONNECT":
        raise Refusal()
    if modem.links[0].state != CONNECTED:
        return Answer((modem.profile.no_carrier,))
    return Answer((), after=modem.stack.go_online)


# -- CIPCCFG -------------------------------------------------------------------------------------


@command("+CIPCCFG", TEST)
def transfer_test(modem: VirtualModem, args: Args) -> Answer:
    fields = zip(FIELDS, modem.profile.transfer_ranges, strict=False)
    listed = (f"({name}:{a}{',' if (a, b) == (0, 1) else '-'}{b})" for name, (a, b) in fields)
    return ok("+CIPCCFG: " + ",".join(listed))


@command("+CIPCCFG", QUERY)
def transfer_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPCCFG: {printed(modem.settings.cipccfg)}")


@command("+CIPCCFG", SET)
def transfer(modem: VirtualModem, args: Args) -> Answer:
    settings, profile = modem.settings, modem.profile
    if settings.multi or (profile.transfer_needs_transparent and not settings.transparent):
        raise Refusal()
    count(args, profile.transfer_least, len(profile.transfer_ranges))
    settings.cipccfg = numbers(args, profile.transfer_ranges, settings.cipccfg)
    return ok()


# -- pins ----------------------------------------------------------------------------------------


@command("&C", EXECUTE)
def carrier_detect(modem: VirtualModem, args: Args) -> Answer:
    """0: DCD is always on; 1: it follows the link."""
    modem.settings.dcd = number(args[0], (0, 1)) if args else 0
    return ok()


@command("&D", EXECUTE)
def terminal_ready(modem: VirtualModem, args: Args) -> Answer:
    """What DTR going off means in data mode: 0 nothing, 1 command level, 2 hang up."""
    modem.settings.dtr = number(args[0], (0, 1, 2)) if args else 0
    return ok()
