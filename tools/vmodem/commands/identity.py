"""What the modem and its SIM are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, ok
from ..line import EXECUTE, TEST
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("I", EXECUTE)
@command("+VER", EXECUTE)
def firmware(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.firmware)


@command("+CGMR", EXECUTE)
@command("+GMR", EXECUTE)
def revision(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.revision)


@command("+CGMM", EXECUTE)
@command("+GMM", EXECUTE)
def model(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.model)


@command("+CGSN", EXECUTE)
@command("+GSN", EXECUTE)
def serial_number(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.imei)


@command("+CIMI", EXECUTE)
def subscriber(modem: VirtualModem, args: Args) -> Answer:
    modem.radio.require_sim()
    return ok(modem.profile.imsi)


@command("+ICCID", EXECUTE)
@command("+CCID", EXECUTE)
def card(modem: VirtualModem, args: Args) -> Answer:
    modem.radio.sim_state()
    return ok(f"{modem.profile.iccid_prefix}{modem.profile.iccid}")


@command("+CGMR", TEST)
@command("+GMR", TEST)
@command("+CGMM", TEST)
@command("+GMM", TEST)
@command("+CGSN", TEST)
@command("+GSN", TEST)
@command("+CIMI", TEST)
@command("+ICCID", TEST)
@command("+CCID", TEST)
def identity_test(modem: VirtualModem, args: Args) -> Answer:
    return ok()
