"""How the modem notices peers and networks that have gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..answer import Answer, ok
from ..line import QUERY, SET, TEST
from .arguments import count, number
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

Limits = tuple[int, int]


def numbers(args: Args, limits: Sequence[Limits], present: tuple[int, ...]) -> tuple[int, ...]:
    """Arguments each within its limits; those left out at the end stay as they are at present."""
    given = [number(x, range(a, b + 1)) for x, (a, b) in zip(args, limits, strict=False)]
    return (*given, *present[len(given) :])


def listed(limits: Sequence[Limits]) -> str:
    return ",".join(f"({least}-{most})" for least, most in limits)


def printed(values: Sequence[int]) -> str:
    return ",".join(map(str, values))


# Seconds, seconds, probes: Luat AT manual, CIPTKA; SIM800 AT manual V1.10, CIPTKA.
KEEP_ALIVE = ((0, 1), (30, 7200), (30, 600), (1, 9))


@command("+CIPTKA", TEST)
def keep_alive_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"{modem.profile.keep_alive_prefix}{listed(KEEP_ALIVE)}")


@command("+CIPTKA", QUERY)
def keep_alive_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"{modem.profile.keep_alive_prefix}{printed(modem.settings.ciptka)}")


@command("+CIPTKA", SET)
def keep_alive(modem: VirtualModem, args: Args) -> Answer:
    """For links that are opened from here on."""
    count(args, 1, 4)
    modem.settings.ciptka = numbers(args, KEEP_ALIVE, modem.settings.ciptka)
    return ok()


# Supervision of the context and of a peer that has closed. A context is never lost unnoticed
# here unless a test wants it, and a close is told at once: both are only remembered.
# SIM800 AT manual V1.10, CIPDPDP and CIPRDTIMER.
SUPERVISION = ((0, 1), (1, 180), (1, 10))  # on or off, seconds, failures
REMOTE_DELAY = ((100, 4000), (100, 7000))  # ms, single and multi-link mode


@command("+CIPDPDP", TEST)
def supervision_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPDPDP: {listed(SUPERVISION)}")


@command("+CIPDPDP", QUERY)
def supervision_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPDPDP: {printed(modem.settings.cipdpdp)}")


@command("+CIPDPDP", SET)
def supervision(modem: VirtualModem, args: Args) -> Answer:
    if len(args) != 1:
        count(args, 3, 3)
    modem.settings.cipdpdp = numbers(args, SUPERVISION, modem.settings.cipdpdp)
    return ok()


@command("+CIPRDTIMER", TEST)
def remote_delay_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPRDTIMER: {listed(REMOTE_DELAY)}")


@command("+CIPRDTIMER", QUERY)
def remote_delay_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPRDTIMER: {printed(modem.settings.ciprdtimer)}")


@command("+CIPRDTIMER", SET)
def remote_delay(modem: VirtualModem, args: Args) -> Answer:
    count(args, 2, 2)
    modem.settings.ciprdtimer = numbers(args, REMOTE_DELAY, modem.settings.ciprdtimer)
    return ok()


# SIM900: whether a peer's close is answered by FIN or RST; the host sees CLOSED either way.
setting("+CIPQRCLOSE", "cipqrclose", (0, 1))
