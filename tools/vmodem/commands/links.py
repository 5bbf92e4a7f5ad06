"""Opening and closing links, and what AT+CIPSTATUS tells about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, ok
from ..bearer import Event
from ..line import EXECUTE, QUERY, SET, TEST
from ..link import CONNECTED, INITIAL, Link
from ..settings import LINKS
from .arguments import count, number, only_number
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

PORTS = range(1, 65536)
_IP_RANGE = '"(0-255).(0-255).(0-255).(0-255)"'


def _idle(modem: VirtualModem) -> None:
    """Refuse unless the bearer is down: IP INITIAL."""
    modem.stack.require(Event.SETUP)


def _mux(modem: VirtualModem, value: int) -> None:
    _idle(modem)
    if value == 1 and modem.settings.transparent:
        raise Refusal()
    for link in modem.links:
        link.reset()


def _transparent(modem: VirtualModem, value: int) -> None:
    _idle(modem)
    if value == 1 and modem.settings.multi:
        raise Refusal()


setting("+CIPMUX", "cipmux", (0, 1), _mux)
setting(
    "+CIPMODE",
    "cipmode",
    (0, 1),
    _transparent,
    listing="(0-NORMAL MODE,1-TRANSPARENT MODE)",
)


def numbered(modem: VirtualModem, args: Args) -> tuple[Link, Args]:
    """The link a command names (always link 0 in single-link mode) and what follows."""
    if not modem.settings.multi:
        return modem.links[0], args
    count(args, 1, 8)
    return modem.links[number(args[0], range(LINKS))], args[1:]


# -- CIPSTART ------------------------------------------------------------------------------------


@command("+CIPSTART", TEST)
def start_test(modem: VirtualModem, args: Args) -> Answer:
    head = "(0-5)," if modem.settings.multi else ""
    return ok(
        f'+CIPSTART: {head}("TCP","UDP"),({_IP_RANGE}),("1-65535")',
        f'+CIPSTART: {head}("TCP","UDP"),("DOMAIN NAME"),("1-65535")',
    )


@command("+CIPSTART", SET)
def start(modem: VirtualModem, args: Args) -> Answer:
    # Three arguments are the single-link form, four the multi-link form; the other one is
    # refused with "operation not allowed".
    if len(args) != (4 if modem.settings.multi else 3):
        raise Refusal()
    link, (kind, host, port) = numbered(modem, args)
    kind = kind.upper()
    if kind not in ("TCP", "UDP") or not 0 < len(host) <= modem.profile.host_max:
        raise Refusal(BAD_PARAMETER)
    return _start(modem, link, kind, host, number(port, PORTS))


def _start(modem: VirtualModem, link: Link, kind: str, host: str, port: int) -> Answer:
    if link.state == CONNECTED:
        tag = modem.stack.tag(link)
        return Answer((modem.profile.already_connect, f"{tag}ALREADY CONNECT"))
    if link.live:
        raise Refusal()
    if not modem.radio.attached:
        raise Refusal()
    modem.stack.happen(Event.OPEN_ONE if modem.settings.multi else Event.OPEN)
    modem.stack.reserve(link, kind, host, port)
    return ok(after=lambda: modem.stack.open(link))


@command("O", EXECUTE)
def online(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.transparent:
        raise Refusal()
    if modem.links[0].state != CONNECTED:
        return Answer((modem.profile.no_carrier,))
    return Answer((), after=modem.stack.go_online)


# -- CIPCLOSE ------------------------------------------------------------------------------------


@command("+CIPCLOSE", EXECUTE)
def close_single(modem: VirtualModem, args: Args) -> Answer:
    if modem.settings.multi:
        raise Refusal()
    return _close(modem, modem.links[0])


@command("+CIPCLOSE", SET)
def close(modem: VirtualModem, args: Args) -> Answer:
    link, rest = numbered(modem, args)
    # The argument that remains chooses quick or slow; both are quick here.
    count(rest, 0 if modem.settings.multi else 1, 1)
    if rest:
        only_number(rest, (0, 1))
    return _close(modem, link)


def _close(modem: VirtualModem, link: Link) -> Answer:
    if not link.live and not link.inbox.left:
        raise Refusal()
    if link.live and not modem.settings.multi:
        modem.stack.happen(Event.CLOSING)
    modem.stack.close(link)
    return Answer((f"{modem.stack.tag(link)}CLOSE OK",))


# -- CIPSTATUS -----------------------------------------------------------------------------------


@command("+CIPSTATUS", EXECUTE)
def status(modem: VirtualModem, args: Args) -> Answer:
    """OK comes first, and nothing marks the end."""
    parts = ["OK", f"STATE: {modem.stack.state}"]
    if modem.settings.multi:
        parts.append("\r\n".join(f"C: {_line(link)}" for link in modem.links))
    return Answer(tuple(parts))


@command("+CIPSTATUS", SET)
def status_of_one(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi:
        raise Refusal()
    return ok(f"+CIPSTATUS: {_line(modem.links[only_number(args, range(LINKS))])}")


def _line(link: Link) -> str:
    if link.state == INITIAL:
        return f'{link.number},,"","","","INITIAL"'
    return f'{link.number},0,"{link.kind}","{link.address}","{link.port}","{link.state}"'


# -- CLPORT --------------------------------------------------------------------------------------


@command("+CLPORT", QUERY)
def local_port_query(modem: VirtualModem, args: Args) -> Answer:
    ports = modem.settings.clport

    def pair(link: int) -> str:
        return f"{ports.get((link, 'TCP'), 0)},{ports.get((link, 'UDP'), 0)}"

    if not modem.settings.multi:
        return ok(f"+CLPORT: {pair(0)}")
    return ok("\r\n".join(f"+CLPORT: {link},{pair(link)}" for link in range(LINKS)))


@command("+CLPORT", SET)
def local_port(modem: VirtualModem, args: Args) -> Answer:
    link, rest = numbered(modem, args)
    count(rest, 2, 2)
    kind = rest[0].upper()
    if kind not in ("TCP", "UDP"):
        raise Refusal(BAD_PARAMETER)
    modem.settings.clport[link.number, kind] = number(rest[1], range(65536))
    return ok()
