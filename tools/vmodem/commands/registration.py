"""SIM, signal, registration and operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, Wait, ok
from ..line import EXECUTE, QUERY, SET, TEST
from ..reasons import Reason
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

UNKNOWN = 99
SIGNAL = 23
AUTOMATIC, MANUAL, LEAVE, FORMAT, EITHER = range(5)  # <mode> of AT+COPS, 3GPP TS 27.007, 7.3
LONG, SHORT, NUMERIC = range(3)


@command("+CPIN", TEST)
def pin_test(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("+CPIN", QUERY)
def pin_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CPIN: {modem.radio.sim_state()}")


@command("+CPIN", SET)
def pin(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 1)
    modem.radio.enter_pin(args[0])
    return ok(after=modem.radio.announce_sim)


@command("+CSQ", TEST)
def signal_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CSQ: (0-31,99),(0-7,99)")


@command("+CSQ", EXECUTE)
def signal(modem: VirtualModem, args: Args) -> Answer:
    seen = modem.radio.coverage and modem.radio.function == 1
    return ok(f"+CSQ: {SIGNAL if seen else UNKNOWN},{0 if seen else UNKNOWN}")


# -- registration --------------------------------------------------------------------------------


def _report(name: str) -> None:
    @command(name, TEST)
    def test(modem: VirtualModem, args: Args) -> Answer:
        return ok(f"{name}: (0-2)")

    @command(name, QUERY)
    def query(modem: VirtualModem, args: Args) -> Answer:
        mode = modem.settings.report.get(name, 0)
        return ok(f"{name}: {mode},{modem.radio.report(mode)}")

    @command(name, SET)
    def report(modem: VirtualModem, args: Args) -> Answer:
        modem.settings.report[name] = only_number(args, (0, 1, 2))
        return ok()


for _name in ("+CREG", "+CGREG", "+CEREG"):
    _report(_name)


# -- operator ------------------------------------------------------------------------------------


@command("+COPS", TEST)
def operators(modem: VirtualModem, args: Args) -> Wait:
    """Looking around takes its time."""
    return Wait(modem.profile.operators_us, lambda: _operators(modem))


def _operators(modem: VirtualModem) -> Answer:
    profile = modem.profile
    heard = modem.radio.coverage and modem.radio.function == 1
    state = 2 if modem.radio.registered else 3 if modem.radio.denied else 1
    names = f'"{profile.operator}","{profile.operator_short}","{profile.operator_code}"'
    one = f"({state},{names}{_technology(modem)})," if heard else ""
    return ok(f"+COPS: {one},(0-4),(0-2)")


@command("+COPS", QUERY)
def operator(modem: VirtualModem, args: Args) -> Answer:
    if not modem.radio.registered:
        return ok(f"+COPS: {AUTOMATIC if modem.radio.operator_wanted else LEAVE}")
    form = modem.settings.cops_format
    profile = modem.profile
    name = (profile.operator, profile.operator_short, profile.operator_code)[form]
    return ok(f'+COPS: {modem.radio.operator_mode},{form},"{name}"{_technology(modem)}')


def _technology(modem: VirtualModem) -> str:
    technology = modem.profile.access_technology
    return "" if technology is None else f",{technology}"


@command("+COPS", SET)
def choose_operator(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 4)
    mode = number(args[0], range(5))
    if mode in (AUTOMATIC, LEAVE):
        return ok(after=lambda: modem.radio.choose_operator(mode == AUTOMATIC, AUTOMATIC))
    count(args, 2, 4)
    form = number(args[1], range(3))
    if mode == FORMAT:
        modem.settings.cops_format = form
        return ok()
    count(args, 3, 4)
    _require_known(modem, form, args[2], mode)
    return ok(after=lambda: modem.radio.choose_operator(True, MANUAL))


def _require_known(modem: VirtualModem, form: int, name: str, mode: int) -> None:
    """There is one network; EITHER falls back to automatic, so any name will do."""
    profile = modem.profile
    known = (profile.operator, profile.operator_short, profile.operator_code)[form]
    if mode == MANUAL and name != known:
        raise Refusal(Reason.NOT_ALLOWED)
