"""The IP context: APN, activation, address, names, and taking it all down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, OTHER_ERROR, Answer, Refusal, Wait, ok
from ..bearer import Bearer, Event
from ..line import EXECUTE, QUERY, SET, TEST
from .arguments import count, number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


@command("+CSTT", TEST)
def access_point_test(modem: VirtualModem, args: Args) -> Answer:
    return ok('+CSTT: "APN","USER","PWD"')


@command("+CSTT", QUERY)
def access_point_query(modem: VirtualModem, args: Args) -> Answer:
    apn, user, password = modem.settings.cstt
    return ok(f'+CSTT: "{apn}","{user}","{password}"')


@command("+CSTT", EXECUTE, SET)
def access_point(modem: VirtualModem, args: Args) -> Answer:
    """Bare CSTT takes the network's APN."""
    count(args, 0, 3)
    for text, longest in zip(args, modem.profile.credential_max, strict=False):
        if len(text) > longest:
            raise Refusal(BAD_PARAMETER)
    modem.stack.happen(Event.SETUP)
    apn, user, password = (*args, "", "", "")[:3]
    modem.settings.cstt = (apn, user, password)
    return ok()


@command("+CIICR", TEST)
@command("+CIFSR", TEST)
@command("+CIPSHUT", TEST)
@command("+CIPCLOSE", TEST)
@command("+CIPSTATUS", TEST)
@command("+CIPACK", TEST)
@command("+CIPRXGET", TEST)
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
        raise Refusal(OTHER_ERROR, "+PDP: DEACT")
    modem.stack.happen(Event.ACTIVATED)
    return ok()


@command("+CIFSR", EXECUTE)
def address(modem: VirtualModem, args: Args) -> Answer:
    """The address alone: no OK follows."""
    modem.stack.happen(Event.ADDRESS)
    return Answer((modem.profile.address,))


@command("+CIPSHUT", EXECUTE)
def shut(modem: VirtualModem, args: Args) -> Wait:
    return Wait(modem.profile.shut_us, lambda: _shut(modem))


def _shut(modem: VirtualModem) -> Answer:
    modem.stack.shut()
    return Answer(("SHUT OK",))


@command("+CDNSCFG", QUERY)
def name_servers(modem: VirtualModem, args: Args) -> Answer:
    primary, secondary = modem.settings.dns or modem.profile.dns
    return ok(f"PrimaryDns: {primary}\r\nSecondaryDns: {secondary}")


@command("+CDNSCFG", SET)
def set_name_servers(modem: VirtualModem, args: Args) -> Answer:
    """The names of the network are resolved all the same."""
    count(args, 1, 2)
    if not all(_ADDRESS.fullmatch(server) for server in args):
        raise Refusal(BAD_PARAMETER)
    modem.settings.dns = (args[0], args[1] if len(args) == 2 else "0.0.0.0")
    return ok()


@command("+CDNSGIP", SET)
def resolve(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 1)
    name = args[0]
    if not 0 < len(name) <= modem.profile.host_max:
        raise Refusal(BAD_PARAMETER)
    if modem.stack.bearer.state in (Bearer.INITIAL, Bearer.START, Bearer.CONFIG, Bearer.DEACT):
        raise Refusal()
    return ok(after=lambda: modem.network.resolve(name, modem, modem.now_us))


@command("+SAPBR", SET)
def bearer_profile(modem: VirtualModem, args: Args) -> Answer:
    """The second bearer of HTTP and FTP; TCP/IP works without it, but drivers ask for it."""
    count(args, 2, 4)
    action = number(args[0], range(5))
    number(args[1], range(1, 4))
    if action == 2:
        state = 1 if modem.radio.attached else 3
        return ok(f'+SAPBR: {args[1]},{state},"{modem.profile.address}"')
    return ok()
