"""Functionality, restart and power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, Wait, ok
from ..line import EXECUTE, QUERY, SET, TEST
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

FULL = 1


@command("+CFUN", TEST)
def function_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CFUN: (0,1,4),(0,1)")


@command("+CFUN", QUERY)
def function_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CFUN: {modem.radio.function}")


@command("+CFUN", SET)
def function(modem: VirtualModem, args: Args) -> Answer | Wait:
    count(args, 1, 2)
    wanted = number(args[0], (0, 1, 4))
    if len(args) == 2 and number(args[1], (0, 1)):
        if wanted != FULL:
            raise Refusal()
        return ok(after=modem.restart)
    if wanted == modem.radio.function:
        return ok()
    return _switch_on(modem) if wanted == FULL else _switch_off(modem, wanted)


def _switch_on(modem: VirtualModem) -> Wait:
    answer = ok(after=lambda: modem.radio.set_function(FULL))
    return Wait(modem.profile.radio_on_us, lambda: answer)


def _switch_off(modem: VirtualModem, wanted: int) -> Wait:
    """Luat reports what is lost after the OK, SIM800 before it."""

    def off() -> Answer:
        if not modem.profile.detaches_before_ok:
            return ok(after=lambda: modem.radio.set_function(wanted))
        modem.radio.set_function(wanted)
        return ok()

    return Wait(modem.profile.radio_off_us, off)


@command("+RESET", EXECUTE)
def reset(modem: VirtualModem, args: Args) -> Answer:
    return ok(after=modem.restart)


@command("+CPOWD", SET)
def power_down(modem: VirtualModem, args: Args) -> Answer:
    """1 says good-bye, 0 is urgent and silent; neither says OK."""
    parts = ("NORMAL POWER DOWN",) if only_number(args, (0, 1)) else ()
    return Answer(parts, after=modem.switch_off)
