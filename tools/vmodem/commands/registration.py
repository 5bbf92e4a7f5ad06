"""SIM, signal and registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, UnknownCommand, ok
from ..line import EXECUTE, QUERY, SET
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

UNKNOWN = 99
SIGNAL = 23
LOCATION = '"1806","0B2AA30C"'


@command("+CPIN", QUERY)
def pin_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CPIN: {modem.radio.sim_state()}")


@command("+CPIN", SET)
def pin(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 1)
    modem.radio.enter_pin(args[0])
    return ok()


@command("+CIMI", EXECUTE)
def subscriber(modem: VirtualModem, args: Args) -> Answer:
    modem.radio.require_sim()
    return ok(modem.profile.imsi)


@command("+ICCID", EXECUTE)
def card(modem: VirtualModem, args: Args) -> Answer:
    modem.radio.sim_state()
    return ok(f"+ICCID: {modem.profile.iccid}")


@command("+CSQ", EXECUTE)
def signal(modem: VirtualModem, args: Args) -> Answer:
    seen = modem.radio.coverage and modem.radio.function == 1
    return ok(f"+CSQ: {SIGNAL if seen else UNKNOWN},{0 if seen else UNKNOWN}")


def _report(name: str) -> None:
    @command(name, QUERY)
    def query(modem: VirtualModem, args: Args) -> Answer:
        _known(modem, name)
        mode = modem.settings.report.get(name, 0)
        line = f"{name}: {mode},{modem.radio.status}"
        if mode == 2 and modem.radio.registered:
            line += f",{LOCATION},{modem.profile.access_technology}"
        return ok(line)

    @command(name, SET)
    def report(modem: VirtualModem, args: Args) -> Answer:
        _known(modem, name)
        modem.settings.report[name] = only_number(args, (0, 1, 2))
        return ok()


def _known(modem: VirtualModem, name: str) -> None:
    if name == "+CEREG" and not modem.profile.has_cereg:
        raise UnknownCommand(name)


for _name in ("+CREG", "+CGREG", "+CEREG"):
    _report(_name)


@command("+CGATT", QUERY)
def attached(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CGATT: {int(modem.radio.attached)}")


@command("+CGATT", SET)
def attach(modem: VirtualModem, args: Args) -> Answer:
    wanted = bool(only_number(args, (0, 1)))
    modem.radio.attach_wanted = wanted
    return ok(after=None if wanted else modem.lose_context)


@command("+COPS", QUERY)
def operator(modem: VirtualModem, args: Args) -> Answer:
    if not modem.radio.registered:
        return ok("+COPS: 0")
    return ok(f'+COPS: 0,0,"{modem.profile.operator}",{modem.profile.access_technology}')


# -- context commands that drivers of other modems send before CSTT ------------------------------


@command("+CGDCONT", QUERY)
def contexts(modem: VirtualModem, args: Args) -> Answer:
    stored = sorted(modem.settings.contexts.items())
    return ok(*(f"+CGDCONT: {cid}," + ",".join(f'"{x}"' for x in rest) for cid, rest in stored))


@command("+CGDCONT", SET)
def define_context(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 12)
    number(args[0], range(1, 17))
    modem.settings.contexts[args[0]] = args[1:3]
    return ok()


@command("+CGACT", QUERY)
def context_states(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CGACT: 1,{int(modem.radio.attached)}")


@command("+CGACT", SET)
def activate_context(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 2)
    wanted = number(args[0], (0, 1))
    return ok(after=None if wanted else modem.lose_context)
