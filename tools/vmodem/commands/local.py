"""The modem's own end of a link: its port, its context, and where datagrams go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, ok
from ..line import QUERY, SET, TEST
from ..link import CONNECTED, Link
from .arguments import count, number
from .links import PORTS, kind_of, numbered
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

NORMAL, EXTENDED, REDIRECTED = 0, 1, 2  # AT+CIPUDPMODE
_IP_RANGE = '("(0-255).(0-255).(0-255).(0-255)")'


def _links(modem: VirtualModem) -> str:
    return f"(0-{len(modem.links) - 1})," if modem.settings.multi else ""


# -- CLPORT --------------------------------------------------------------------------------------


@command("+CLPORT", TEST)
def local_port_test(modem: VirtualModem, args: Args) -> Answer:
    least = modem.profile.local_port_min
    return ok(f'+CLPORT: {_links(modem)}("TCP","UDP"),({least}-65535)')


@command("+CLPORT", QUERY)
def local_port_query(modem: VirtualModem, args: Args) -> Answer:
    ports = modem.settings.clport

    def pair(link: int) -> str:
        return f"{ports.get((link, 'TCP'), 0)},{ports.get((link, 'UDP'), 0)}"

    if not modem.settings.multi:
        return ok(f"+CLPORT: {pair(0)}")
    lines = (f"+CLPORT: {link.number},{pair(link.number)}" for link in modem.links)
    return ok("\r\n".join(lines))


@command("+CLPORT", SET)
def local_port(modem: VirtualModem, args: Args) -> Answer:
    """In force from the link's next CIPSTART on."""
    link, rest = numbered(modem, args)
    count(rest, 2, 2)
    port = number(rest[1], range(modem.profile.local_port_min, 65536))
    modem.settings.clport[link.number, kind_of(rest[0])] = port
    return ok()


# -- CIPSGTXT ------------------------------------------------------------------------------------


def _only_multi(modem: VirtualModem, value: int) -> None:
    if not modem.settings.multi:
        raise Refusal()


# There is one context here: the number is only remembered, and shown by CIPSTATUS.
setting("+CIPSGTXT", "cipsgtxt", (0, 1), _only_multi)


# -- CIPUDPMODE ----------------------------------------------------------------------------------


@command("+CIPUDPMODE", TEST)
def udp_mode_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPUDPMODE: {_links(modem)}(0-2),{_IP_RANGE},(1-65535)")


@command("+CIPUDPMODE", QUERY)
def udp_mode_query(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi:
        return ok(f"+CIPUDPMODE: {_udp_mode(modem, modem.links[0])}")
    return ok(
        "\r\n".join(f"+CIPUDPMODE: {link.number},{_udp_mode(modem, link)}" for link in modem.links)
    )


def _udp_mode(modem: VirtualModem, link: Link) -> str:
    mode = modem.settings.cipudpmode.get(link.number, NORMAL)
    return f'{mode},"{link.address}","{link.port}"' if mode else "0"


@command("+CIPUDPMODE", SET)
def udp_mode(modem: VirtualModem, args: Args) -> Answer:
    """0 and 1 set the mode; 2 names the peer of the next datagrams, in mode 1 only."""
    link, rest = numbered(modem, args)
    count(rest, 1, 3)
    mode = number(rest[0], (NORMAL, EXTENDED, REDIRECTED))
    if mode == REDIRECTED:
        _redirect(modem, link, rest)
    else:
        count(rest, 1, 1)
        modem.settings.cipudpmode[link.number] = mode
    return ok()


def _redirect(modem: VirtualModem, link: Link, args: Args) -> None:
    count(args, 3, 3)
    extended = modem.settings.cipudpmode.get(link.number) == EXTENDED
    if not extended or link.kind != "UDP" or link.state != CONNECTED:
        raise Refusal()
    if not args[1]:
        raise Refusal(BAD_PARAMETER)
    modem.stack.redirect(link, args[1], number(args[2], PORTS))
