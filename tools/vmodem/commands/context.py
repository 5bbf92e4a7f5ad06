"""The IP context: APN, activation, address, and taking it all down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, Wait, ok
from ..bearer import Event
from ..line import EXECUTE, QUERY, SET, TEST
from .arguments import count
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("+CSTT", TEST)
def access_point_test(modem: VirtualModem, args: Args) -> Answer:
    return ok('+CSTT: "APN","USER","PWD"')


@command("+CSTT", QUERY)
def access_point_query(modem: VirtualModem, args: Args) -> Answer:
    apn, user, password = modem.settings.cstt
    return ok(f'+CSTT: "{apn}","{user}","{password}"')


@command("+CSTT", EXECUTE, SET)
def access_point(modem: VirtualModem, args: Args) -> Answer:
    """Bare CSTT takes what is set, on Luat the network's APN."""
    count(args, 0, 3)
    for text, longest in zip(args, modem.profile.credential_max, strict=False):
        if len(text) > longest:
            raise Refusal(BAD_PARAMETER)
    if not args and not modem.profile.bare_cstt:
        raise Refusal()
    modem.stack.happen(Event.SETUP)
    if args:
        apn, user, password = (*args, "", "", "")[:3]
        modem.settings.cstt = (apn, user, password)
    return ok()


@command("+CIICR", TEST)
@command("+CIFSR", TEST)
@command("+CIPSHUT", TEST)
@command("+CIPCLOSE", TEST)
@command("+CIPSTATUS", TEST)
@command("+CIPACK", TEST)
def plain_test(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("+CIICR", EXECUTE)
def activate(modem: VirtualModem, args: Args) -> Wait:
    modem.stack.happen(Event.ACTIVATE)
    return Wait(modem.profile.activate_us + modem.lag.sample_us(), lambda: _activated(modem))


def _activated(modem: VirtualModem) -> Answer:
    failed = not modem.radio.attached or modem.faults.strikes("activation_failed")
    # The context may also have gone while the command was waiting.
    if failed or not modem.stack.bearer.allows(Event.ACTIVATED):
        if modem.stack.bearer.allows(Event.REFUSED):
            modem.stack.happen(Event.REFUSED)
        raise Refusal(modem.profile.activation_refusal, modem.profile.deact)
    modem.stack.happen(Event.ACTIVATED)
    return ok()


@command("+CIFSR", EXECUTE)
def address(modem: VirtualModem, args: Args) -> Answer:
    """The address alone: no OK follows."""
    if not modem.stack.bearer.allows(Event.ADDRESS):
        raise Refusal(modem.profile.address_refusal)
    modem.stack.happen(Event.ADDRESS)
    return Answer((modem.profile.padded(modem.profile.address),))


@command("+CIPSHUT", EXECUTE)
def shut(modem: VirtualModem, args: Args) -> Wait:
    return Wait(modem.profile.shut_us, lambda: _shut(modem))


def _shut(modem: VirtualModem) -> Answer:
    modem.stack.shut()
    return Answer((modem.profile.shut_answer,))


# -- keeping it ----------------------------------------------------------------------------------

KEPT = ("cstt", "cipsprt", "ciphead", "cipsrip", "cipmode")


@command("+CIPSCONT", EXECUTE)
def save(modem: VirtualModem, args: Args) -> Answer:
    """Save the application's settings for the next start."""
    modem.save(*KEPT)
    return ok()


@command("+CIPSCONT", QUERY)
def saved(modem: VirtualModem, args: Args) -> Answer:
    settings = modem.settings
    apn, user, password = settings.cstt
    rows = {
        "+CIPSPRT": settings.cipsprt,
        "+CIPHEAD": settings.ciphead,
        "+CIPSRIP": settings.cipsrip,
        "Gprs Config APN": apn,
        "Gprs Config UserId": user,
        "Gprs Config Password": password,
        "App Tcpip Mode": settings.cipmode,
    }
    gap = modem.profile.listing_gap
    return ok("\r\n".join(f"{name}:{gap}{value}" for name, value in rows.items()))
