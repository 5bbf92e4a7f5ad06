"""Packet access: attaching, and the contexts of 3GPP TS 27.007, which drivers set before CSTT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, Wait, ok
from ..line import QUERY, SET, TEST
from ..reasons import Reason
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

ATTACH_POLL_US = 500_000
CONTEXTS = range(1, 17)


@command("+CGATT", TEST)
def attach_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CGATT: (0,1)")


@command("+CGATT", QUERY)
def attached(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CGATT: {int(modem.radio.attached)}")


@command("+CGATT", SET)
def attach(modem: VirtualModem, args: Args) -> Answer | Wait:
    wanted = bool(only_number(args, (0, 1)))
    modem.radio.attach_wanted = wanted
    if not wanted:
        return leaving(modem)
    if not modem.profile.attach_wait_us:
        return ok()
    if modem.radio.function != 1:
        raise Refusal(Reason.RADIO_OFF)
    return _when_attached(modem, modem.now_us + modem.profile.attach_wait_us)


def _when_attached(modem: VirtualModem, give_up_us: int) -> Answer | Wait:
    if modem.radio.attached:
        return ok()
    if modem.radio.denied:
        raise Refusal(Reason.NO_GPRS)
    if modem.now_us >= give_up_us:
        raise Refusal(Reason.NOT_ATTACHED)
    return Wait(ATTACH_POLL_US, lambda: _when_attached(modem, give_up_us))


def leaving(modem: VirtualModem) -> Answer:
    """The context goes: Luat says so after the OK, SIM800 before it."""
    if not modem.profile.detaches_before_ok:
        return ok(after=modem.lose_context)
    modem.lose_context()
    return ok()


# -- contexts ------------------------------------------------------------------------------------


@command("+CGDCONT", TEST)
def context_test(modem: VirtualModem, args: Args) -> Answer:
    return ok('+CGDCONT: (1-16),"IP",,,(0-2),(0-4)')


@command("+CGDCONT", QUERY)
def contexts(modem: VirtualModem, args: Args) -> Answer:
    stored = sorted(_contexts(modem).items(), key=lambda item: int(item[0]))
    tail = modem.profile.context_tail
    return ok(*(f"+CGDCONT: {cid}{_quoted(rest)}{tail}" for cid, rest in stored))


def _quoted(values: tuple[str, ...]) -> str:
    return "".join(f',"{value}"' for value in values)


def _contexts(modem: VirtualModem) -> dict[str, tuple[str, ...]]:
    """An LTE network opens one by itself, with an APN of its own choice."""
    profile = modem.profile
    if not (profile.network_apn and modem.radio.registered):
        return modem.settings.contexts
    by_itself = ("IP", profile.network_apn, profile.padded(profile.address))
    return {"1": by_itself, **modem.settings.contexts}


@command("+CGDCONT", SET)
def define_context(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 12)
    number(args[0], CONTEXTS)
    if len(args) == 1:
        modem.settings.contexts.pop(args[0], None)
    else:
        modem.settings.contexts[args[0]] = args[1:3]
    return ok()


@command("+CGACT", TEST)
def activation_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CGACT: (0,1)")


@command("+CGACT", QUERY)
def context_states(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CGACT: 1,{int(modem.radio.attached)}")


@command("+CGACT", SET)
def activate_context(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 2)
    wanted = number(args[0], (0, 1))
    if len(args) == 2:
        number(args[1], CONTEXTS)
    if not wanted:
        return leaving(modem)
    if modem.profile.attach_wait_us and not modem.radio.attached:
        raise Refusal(Reason.NOT_ATTACHED)
    return ok()
