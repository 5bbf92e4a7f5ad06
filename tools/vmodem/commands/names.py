"""Name servers, names, and whether a host answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, Wait, ok
from ..bearer import Bearer
from ..line import QUERY, SET, TEST
from .arguments import count, number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
WITHOUT_CONTEXT = (Bearer.INITIAL, Bearer.START, Bearer.CONFIG, Bearer.DEACT)

# Luat AT manual, CIPPING: a ping that is lost has a time of 600 and a TTL of 255.
PINGS = 4
PING_MS, PING_TTL = 40, 52
LOST_MS, LOST_TTL = 600, 255
PING_POLL_US = 100_000
PING_WAIT_US = 10_000_000


def _require_context(modem: VirtualModem) -> None:
    if modem.stack.bearer.state in WITHOUT_CONTEXT:
        raise Refusal()


@command("+CDNSCFG", TEST)
def name_servers_test(modem: VirtualModem, args: Args) -> Answer:
    return ok('+CDNSCFG: ("Primary DNS"),("Secondary DNS")')


@command("+CDNSCFG", QUERY)
def name_servers_query(modem: VirtualModem, args: Args) -> Answer:
    primary, secondary = modem.settings.dns
    return ok(f"PrimaryDns: {primary}\r\nSecondaryDns: {secondary}")


@command("+CDNSCFG", SET)
def name_servers(modem: VirtualModem, args: Args) -> Answer:
    """Kept and told; names are resolved by the network behind the modem whatever is set."""
    count(args, 1, 3 if modem.profile.dns_has_context else 2)
    if len(args) == 3:
        number(args[2], range(1, 4))
    servers = tuple(args[:2])
    if not all(_IPV4.fullmatch(server) for server in servers):
        raise Refusal(BAD_PARAMETER)
    primary, secondary = (*servers, "0.0.0.0")[:2]
    modem.settings.dns = (primary, secondary)
    return ok()


@command("+CDNSGIP", TEST)
def resolve_test(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("+CDNSGIP", SET)
def resolve(modem: VirtualModem, args: Args) -> Answer:
    """OK, and the addresses or an error number later."""
    count(args, 1, 1)
    name = args[0]
    if not 0 < len(name) <= modem.profile.host_max:
        raise Refusal(BAD_PARAMETER)
    _require_context(modem)
    if not _NAME.fullmatch(name):
        return ok(after=lambda: _failed(modem, modem.profile.dns_invalid_name))
    return ok(after=lambda: modem.resolver.ask(name, lambda found: _resolved(modem, name, found)))


def _resolved(modem: VirtualModem, name: str, addresses: list[str]) -> None:
    if modem.stack.bearer.state in WITHOUT_CONTEXT:
        _failed(modem, modem.profile.dns_network_failure)
    elif not addresses:
        _failed(modem, modem.profile.dns_failure)
    else:
        quoted = ",".join(f'"{address}"' for address in addresses)
        modem.result(f'{modem.profile.dns_prefix}1,"{name}",{quoted}')


def _failed(modem: VirtualModem, error: int) -> None:
    modem.result(f"{modem.profile.dns_prefix}0,{error}")


# -- CIPPING -------------------------------------------------------------------------------------


@command("+CIPPING", SET)
def ping(modem: VirtualModem, args: Args) -> Wait:
    """`"host"[,times 1-100[,bytes 0-1024[,wait 1-600[,ttl 1-255]]]]`: a host with an address
    answers."""
    count(args, 1, 5)
    limits = (range(1, 101), range(1025), range(1, 601), range(1, 256))
    values = [number(text, allowed) for text, allowed in zip(args[1:], limits, strict=False)]
    if not 0 < len(args[0]) <= modem.profile.host_max:
        raise Refusal(BAD_PARAMETER)
    _require_context(modem)
    found: list[list[str]] = []
    modem.resolver.ask(args[0], found.append)
    times = values[0] if values else PINGS
    overdue_us = modem.now_us + PING_WAIT_US
    return Wait(PING_POLL_US, lambda: _pinged(modem, args[0], found, times, overdue_us))


def _pinged(
    modem: VirtualModem, host: str, found: list[list[str]], times: int, overdue_us: int
) -> Answer | Wait:
    if not found and modem.now_us < overdue_us:
        return Wait(PING_POLL_US, lambda: _pinged(modem, host, found, times, overdue_us))
    addresses = found[0] if found else []
    address = addresses[0] if addresses else host
    time_ms, ttl = (PING_MS, PING_TTL) if addresses else (LOST_MS, LOST_TTL)
    return ok(
        *(f'+CIPPING: {number},"{address}",{time_ms},{ttl}' for number in range(1, times + 1))
    )
