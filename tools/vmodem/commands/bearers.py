"""AT+SAPBR: the bearers of HTTP and FTP. TCP/IP works without them, but drivers open one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, Wait, ok
from ..bearers import CLOSED, CONNECTED
from ..line import SET, TEST
from ..reasons import Reason
from .arguments import count, number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

# <cmd_type>, SIM800 AT manual V1.10 section 9.2.1.
CLOSE, OPEN, ASK, SET_PARAMETER, LIST = range(5)
NO_ADDRESS = "0.0.0.0"


@command("+SAPBR", TEST)
def bearer_test(modem: VirtualModem, args: Args) -> Answer:
    return ok('+SAPBR: (0-4),(1-3),"ConParamTag","ConParamValue"')


@command("+SAPBR", SET)
def bearer(modem: VirtualModem, args: Args) -> Answer | Wait:
    count(args, 2, 4)
    action = number(args[0], range(5))
    number(args[1], range(1, 4))
    cid = args[1]
    if action == SET_PARAMETER:
        count(args, 4, 4)
        modem.bearers.parameters.setdefault(cid, {})[args[2].upper()] = args[3]
        return ok()
    count(args, 2, 2)
    if action == ASK:
        return _state(modem, cid)
    if action == LIST:
        stored = modem.bearers.parameters.get(cid, {})
        return ok(*(f"+SAPBR: {tag},{value}" for tag, value in stored.items()))
    if modem.profile.bearer_by_itself:
        return ok()
    return _open(modem, cid) if action == OPEN else _close(modem, cid)


def _state(modem: VirtualModem, cid: str) -> Answer:
    profile = modem.profile
    is_open = modem.radio.attached if profile.bearer_by_itself else cid in modem.bearers.open
    state, address = (CONNECTED, profile.address) if is_open else (CLOSED, NO_ADDRESS)
    text = profile.bearer_address.format(profile.padded(address))
    return ok(f"+SAPBR: {cid},{state},{text}")


def _open(modem: VirtualModem, cid: str) -> Wait:
    if cid in modem.bearers.open:
        raise Refusal()

    def opened() -> Answer:
        if not modem.radio.attached:
            raise Refusal(Reason.NOT_ATTACHED)
        modem.bearers.open.add(cid)
        return ok()

    return Wait(modem.profile.activate_us, opened)


def _close(modem: VirtualModem, cid: str) -> Answer:
    if cid not in modem.bearers.open:
        raise Refusal()
    modem.bearers.open.remove(cid)
    return ok()
