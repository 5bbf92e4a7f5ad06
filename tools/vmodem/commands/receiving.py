"""How received data reaches the host: pushed, or read by AT+CIPRXGET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, ok
from ..line import QUERY, SET
from ..link import INITIAL
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
    count(args, 1, 3)
    mode = number(args[0], (*modem.profile.receive_values, READ, READ_HEX, ASK))
    if mode in modem.profile.receive_values:
        count(args, 1, 1)
        _before_connecting(modem, mode)
        modem.settings.ciprxget = mode
        return ok()
    if not modem.settings.pull:
        raise Refusal()
    link, rest = numbered(modem, args[1:])
    if link.state == INITIAL:
        raise Refusal()
    head = f"{modem.profile.rxget_prefix}{mode}," + (
        f"{link.number}," if modem.settings.multi else ""
    )
    if mode == ASK:
        count(rest, 0, 0)
        return ok(f"{head}{link.inbox.left}")
    count(rest, 1, 1)
    limit = HEX_MAX if mode == READ_HEX else modem.profile.segment_max
    wanted = number(rest[0], range(1, limit + 1))
    if not link.live and not link.inbox.left:
        raise Refusal()
    data = modem.stack.read(link, wanted)
    header = f"\r\n{head}{len(data)},{link.inbox.left}\r\n".encode()
    return ok(header + (data.hex().upper().encode() if mode == READ_HEX else data))
