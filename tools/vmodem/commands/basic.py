"""The basic commands, echo and error format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, ok
from ..line import EXECUTE, QUERY, SET, TEST
from ..reasons import Reason
from ..settings import Settings
from .arguments import number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("", EXECUTE)
def attention(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("E", EXECUTE)
def echo(modem: VirtualModem, args: Args) -> Answer:
    modem.settings.echo = bool(number(args[0], (0, 1)) if args else 0)
    return ok()


@command("V", EXECUTE)
def words(modem: VirtualModem, args: Args) -> Answer:
    """Results are words here: V0, results as digits, is refused."""
    if not args or number(args[0], (0, 1)) == 0:
        raise Refusal(Reason.NOT_SUPPORTED)
    return ok()


@command("Q", EXECUTE)
def results(modem: VirtualModem, args: Args) -> Answer:
    """Results are always told: Q1, no results, is refused."""
    if args and number(args[0], (0, 1)) == 1:
        raise Refusal(Reason.NOT_SUPPORTED)
    return ok()


@command("X", EXECUTE)
def call_results(modem: VirtualModem, args: Args) -> Answer:
    """Which results a dialled call may have: kept, there are no calls."""
    modem.settings.call_results = number(args[0], range(5)) if args else 0
    return ok()


@command("&F", EXECUTE)
def factory(modem: VirtualModem, args: Args) -> Answer:
    """Echo comes back with it."""
    _no_profile(args)
    _take(modem, Settings.at_power_on(modem.profile, echo=True))
    return ok()


@command("Z", EXECUTE)
def stored(modem: VirtualModem, args: Args) -> Answer:
    _no_profile(args)
    _take(modem, modem.settings_at_power_on())
    return ok()


@command("&W", EXECUTE)
def save(modem: VirtualModem, args: Args) -> Answer:
    _no_profile(args)
    modem.power_on_baud = modem.settings.ipr
    modem.power_on_echo = modem.settings.echo
    if modem.settings.ifc is not None:
        modem.power_on_flow = modem.settings.ifc == 2
    modem.save(*modem.profile.saved)
    return ok()


def _no_profile(args: Args) -> None:
    """There is one user profile, number 0."""
    if args:
        number(args[0], (0,))


def _take(modem: VirtualModem, source: Settings) -> None:
    modem.settings.put(source.copy(("echo", *modem.profile.saved)))


@command("+CMEE", TEST)
def cmee_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CMEE: (0-2)")


@command("+CMEE", QUERY)
def cmee_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"{modem.profile.cmee_prefix}{modem.settings.cmee}")


@command("+CMEE", SET)
def cmee(modem: VirtualModem, args: Args) -> Answer:
    modem.settings.cmee = only_number(args, (0, 1, 2))
    return ok()
