"""How received data reaches the host: pushed, or read by AT+CIPRXGET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import framing
from ..answer import Answer, Refusal, ok
from ..line import QUERY, SET, TEST
from ..link import INITIAL, Link
from .arguments import count, number
from .links import numbered, require_idle
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

READ, READ_HEX, ASK = 2, 3, 4
HEX_MAX = 730
EMPTY, PLAIN_ERROR = "empty", "error"  # of Profile.rxget_of_gone_link


def _before_connecting(modem: VirtualModem, value: int) -> None:
    if any(link.live for link in modem.links):
        raise Refusal()


setting("+CIPRXF", "ciprxf", (0, 1), _before_connecting, space="")
setting("+CIPHEAD", "ciphead", (0, 1))
setting("+CIPSHOWTP", "cipshowtp", (0, 1))
setting("+CIPSRIP", "cipsrip", (0, 1))


@command("+CIPRXGET", TEST)
def mode_test(modem: VirtualModem, args: Args) -> Answer:
    listing = modem.profile.rxget_test
    return ok(listing) if listing else ok()


@command("+CIPRXGET", QUERY)
def mode_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"{modem.profile.rxget_prefix}{modem.settings.ciprxget}")


@command("+CIPRXGET", SET)
def manual_read(modem: VirtualModem, args: Args) -> Answer:
    """One name for three things: choosing the mode, reading (2, 3) and asking (4)."""
    count(args, 1, 3)
    action = number(args[0], (*modem.profile.receive_values, READ, READ_HEX, ASK))
    if action in modem.profile.receive_values:
        count(args, 1, 1)
        return _choose(modem, action)
    if not modem.settings.pull:
        raise Refusal()
    link, rest = numbered(modem, args[1:])
    if link.state == INITIAL:
        raise Refusal()
    tag = f"{link.number}," if modem.settings.multi else ""
    head = f"{modem.profile.rxget_prefix}{action},{tag}"
    if action == ASK:
        count(rest, 0, 0)
        return ok(f"{head}{link.inbox.left}")
    count(rest, 1, 1)
    return _read(modem, link, head, rest[0], as_hex=action == READ_HEX)


def _choose(modem: VirtualModem, mode: int) -> Answer:
    if modem.profile.rxget_needs_initial:
        require_idle(modem)
    _before_connecting(modem, mode)
    modem.settings.ciprxget = mode
    return ok()


def _read(modem: VirtualModem, link: Link, head: str, wanted: str, as_hex: bool) -> Answer:
    profile = modem.profile
    limit = HEX_MAX if as_hex else profile.segment_max
    length = number(wanted, range(1, limit + 1))
    if not link.live and not link.inbox.left and profile.rxget_of_gone_link != EMPTY:
        return _gone(profile.rxget_of_gone_link)
    data = modem.stack.inflow.read(link, length)
    place = framing.read_place(profile, modem.settings, link)
    glued = profile.rxget_single_glued and not modem.settings.multi
    end = "" if glued else "\r\n"
    header = f"\r\n{head}{len(data)},{link.inbox.left}{place}{end}".encode()
    return ok(header + (data.hex().upper().encode() if as_hex else data))


def _gone(manner: str) -> Answer:
    if manner == PLAIN_ERROR:
        return Answer(("ERROR",))
    raise Refusal()
