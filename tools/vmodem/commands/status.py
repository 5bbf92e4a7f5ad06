"""What AT+CIPSTATUS tells about bearer, server and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, ok
from ..line import EXECUTE, SET
from ..link import INITIAL, Link
from .arguments import only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("+CIPSTATUS", EXECUTE)
def status(modem: VirtualModem, args: Args) -> Answer:
    """OK comes first, and nothing marks the end."""
    gap_us = modem.profile.status_gap_us
    if not gap_us:
        return Answer(("OK", *_report(modem)))
    modem.after(gap_us, lambda: modem.result(*_report(modem)))
    return ok()


def _report(modem: VirtualModem) -> list[str]:
    parts = [f"{modem.profile.state_prefix}{modem.stack.state}"]
    if modem.settings.multi:
        lines = [f"{modem.profile.link_line_prefix}{_line(link)}" for link in modem.links]
        parts.append("\r\n".join([*_server(modem), *lines]))
    return parts


def _server(modem: VirtualModem) -> list[str]:
    port = modem.stack.server.port
    return [] if port is None else [f'S: 0,0,"{port}","LISTENING"']


@command("+CIPSTATUS", SET)
def status_of_one(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi:
        raise Refusal()
    link = modem.links[only_number(args, range(len(modem.links)))]
    return ok(f"{modem.profile.status_prefix}{_line(link)}")


def _line(link: Link) -> str:
    if link.state == INITIAL or link.connection is None:
        return f'{link.number},,"","","","INITIAL"'
    head = f"{link.number},{link.connection.context}"
    return f'{head},"{link.kind}","{link.address}","{link.port}","{link.state}"'
