"""How received data reaches the host: pushed, or read by AT+CIPRXGET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, ok
from ..line import QUERY, SET
from ..link import INITIAL, Link
from .arguments import count, number
from .links import numbered
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

READ, READ_HEX, ASK = 2, 3, 4
HEX_MAX = 730


def _before_connecting(modem: VirtualModem, value: int) -> None:
    if any(link.live for link in modem.links):
        raise Refusal()


setting("+CIPRXF", "ciprxf", (0, 1), _before_connecting)
setting("+CIPHEAD", "ciphead", (0, 1))
setting("+CIPSRIP", "cipsrip", (0, 1))


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
        _before_connecting(modem, action)
        modem.settings.ciprxget = action
        return ok()
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


def _read(modem: VirtualModem, link: Link, head: str, wanted: str, as_hex: bool) -> Answer:
    limit = HEX_MAX if as_hex else modem.profile.segment_max
    length = number(wanted, range(1, limit + 1))
    if not link.live and not link.inbox.left:
        raise Refusal()
    data = modem.stack.read(link, length)
    header = f"\r\n{head}{len(data)},{link.inbox.left}\r\n".encode()
    return ok(header + (data.hex().upper().encode() if as_hex else data))
