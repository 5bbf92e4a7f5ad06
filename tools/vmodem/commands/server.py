"""AT+CIPSERVER: letting peers connect (SIM800 AT manual V1.10, CIPSERVER)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, ok
from ..bearer import Bearer, Event
from ..line import QUERY, SET, TEST
from .arguments import count, number
from .links import PORTS
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem


@command("+CIPSERVER", TEST)
def server_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CIPSERVER: (0-CLOSE SERVER,1-OPEN SERVER),(1-65535)")


@command("+CIPSERVER", QUERY)
def server_query(modem: VirtualModem, args: Args) -> Answer:
    port = modem.stack.server.port
    return ok("+CIPSERVER: 0" if port is None else f"+CIPSERVER: 1,{port},0,0")


@command("+CIPSERVER", SET)
def server(modem: VirtualModem, args: Args) -> Answer:
    count(args, 1, 2)
    if number(args[0], (0, 1)):
        count(args, 2, 2)
        return _open(modem, number(args[1], PORTS))
    count(args, 1, 1)
    return _close(modem)


def _open(modem: VirtualModem, port: int) -> Answer:
    stack = modem.stack
    if stack.server.port is not None or stack.bearer.state is Bearer.INITIAL:
        raise Refusal()
    stack.require_start_state()
    if not stack.server.start(port):
        raise Refusal(BAD_PARAMETER)
    stack.happen(Event.OPEN_ONE if modem.settings.multi else Event.LISTEN)
    return Answer(("OK", "SERVER OK"))


def _close(modem: VirtualModem) -> Answer:
    """Links of its peers stay."""
    stack = modem.stack
    if stack.server.port is None:
        raise Refusal()
    stack.server.stop()
    if modem.settings.multi:
        stack.rest_if_idle()
    elif stack.bearer.allows(Event.UNLISTEN):
        stack.happen(Event.UNLISTEN)
    return Answer(("OK", "SERVER CLOSE"))
