"""Opening and closing links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, Wait, ok
from ..bearer import Bearer, Event
from ..line import EXECUTE, SET, TEST
from ..link import CLOSING, CONNECTED, Link
from .arguments import count, number, only_number
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

PORTS = range(1, 65536)
SLOW, QUICK = 0, 1  # AT+CIPCLOSE
SLOW_POLL_US = 5_000
_IP_RANGE = '"(0-255).(0-255).(0-255).(0-255)"'


def require_idle(modem: VirtualModem) -> None:
    """Refuse unless the bearer is down: IP INITIAL."""
    modem.stack.require(Event.SETUP)


def _mux(modem: VirtualModem, value: int) -> None:
    require_idle(modem)
    if value == 1 and modem.settings.transparent:
        raise Refusal()
    for link in modem.links:
        link.reset()


setting("+CIPMUX", "cipmux", (0, 1), _mux)


def numbered(modem: VirtualModem, args: Args) -> tuple[Link, Args]:
    """The link a command names (always link 0 in single-link mode) and what follows."""
    if not modem.settings.multi:
        return modem.links[0], args
    count(args, 1, 8)
    return modem.links[number(args[0], range(len(modem.links)))], args[1:]


def kind_of(text: str) -> str:
    """TCP or UDP, however it was typed; raises Refusal."""
    if text.upper() not in ("TCP", "UDP"):
        raise Refusal(BAD_PARAMETER)
    return text.upper()


# -- CIPSTART ------------------------------------------------------------------------------------


@command("+CIPSTART", TEST)
def start_test(modem: VirtualModem, args: Args) -> Answer:
    head = f"(0-{len(modem.links) - 1})," if modem.settings.multi else ""
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
    kind = kind_of(kind)
    if not 0 < len(host) <= modem.profile.host_max:
        raise Refusal(BAD_PARAMETER)
    if kind == "UDP" and modem.settings.transparent and not modem.profile.transparent_udp:
        raise Refusal()
    return _start(modem, link, kind, host, number(port, PORTS))


def _start(modem: VirtualModem, link: Link, kind: str, host: str, port: int) -> Answer:
    if link.state == CONNECTED:
        tag = modem.stack.tag(link)
        return Answer((modem.profile.already_connect, f"{tag}ALREADY CONNECT"))
    if link.live or not modem.radio.attached:
        raise Refusal()
    modem.stack.require_start_state()
    modem.stack.reserve(link, kind, host, port)
    return ok(after=lambda: modem.stack.open(link))


# -- CIPCLOSE ------------------------------------------------------------------------------------


@command("+CIPCLOSE", EXECUTE)
def close_single(modem: VirtualModem, args: Args) -> Answer | Wait:
    if modem.settings.multi:
        raise Refusal()
    return _close(modem, modem.links[0], QUICK)


@command("+CIPCLOSE", SET)
def close(modem: VirtualModem, args: Args) -> Answer | Wait:
    link, rest = numbered(modem, args)
    # The argument that remains chooses quick or slow.
    count(rest, 0 if modem.settings.multi else 1, 1)
    return _close(modem, link, only_number(rest, (SLOW, QUICK)) if rest else QUICK)


def _close(modem: VirtualModem, link: Link, manner: int) -> Answer | Wait:
    if modem.stack.bearer.state is Bearer.LISTENING:
        modem.stack.server.stop()
        modem.stack.happen(Event.UNLISTEN)
        return Answer(("CLOSE OK",))
    if not link.live and not link.inbox.left:
        raise Refusal()
    if link.live:
        modem.stack.begin_close(link)
    if manner == SLOW:
        return _when_heard(modem, link, modem.now_us + modem.profile.slow_close_us)
    return _closed(modem, link)


def _when_heard(modem: VirtualModem, link: Link, give_up_us: int) -> Answer | Wait:
    """A slow close waits until the peer has acknowledged everything."""
    waits = link.state == CLOSING and modem.stack.outstanding(link)
    if waits and modem.now_us < give_up_us:
        return Wait(SLOW_POLL_US, lambda: _when_heard(modem, link, give_up_us))
    return _closed(modem, link)


def _closed(modem: VirtualModem, link: Link) -> Answer:
    modem.stack.close(link)
    return Answer((f"{modem.stack.tag(link)}CLOSE OK",))
