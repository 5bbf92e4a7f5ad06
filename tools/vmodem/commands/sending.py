"""AT+CIPSEND and what decides how its result reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, PROMPT, Answer, Refusal, Wait, ok
from ..bearer import Event
from ..line import EXECUTE, QUERY, SET, TEST
from ..link import CONNECTED, Link
from .arguments import count, number, only_number
from .links import numbered
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

BUFFERED, ACCEPTED, ACKNOWLEDGED = 0, 1, 2  # AT+CIPQSEND on Luat
ACK_POLL_US = 5_000


def _before_the_network(modem: VirtualModem, value: int) -> None:
    modem.stack.require(Event.SETUP)
    if value not in modem.profile.quick_send_values:
        raise Refusal(BAD_PARAMETER)


setting("+CIPQSEND", "cipqsend", (0, 1, 2), _before_the_network)
setting("+CIPSPRT", "cipsprt", (0, 1, 2))


@command("+CIPSEND", TEST)
def send_test(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CIPSEND: {'(0-5),' if modem.settings.multi else ''}<length>")


@command("+CIPSEND", QUERY)
def send_query(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi:
        return ok(f"+CIPSEND: {_size(modem, modem.links[0])}")
    live = [link for link in modem.links if link.state == CONNECTED]
    return ok(*(f"+CIPSEND: {link.number},{_size(modem, link)}" for link in live))


def _size(modem: VirtualModem, link: Link) -> int:
    if link.state != CONNECTED:
        return modem.profile.segment_max
    return min(modem.profile.segment_max, modem.stack.room(link))


@command("+CIPSEND", EXECUTE)
def send_text(modem: VirtualModem, args: Args) -> Answer:
    if modem.settings.multi:
        raise Refusal()
    return _prompt(modem, modem.links[0], None)


@command("+CIPSEND", SET)
def send(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi and len(args) != 1:
        raise Refusal()
    link, rest = numbered(modem, args)
    count(rest, 0, 1)
    length = number(rest[0], range(1, modem.profile.segment_max + 1)) if rest else None
    return _prompt(modem, link, length)


def _prompt(modem: VirtualModem, link: Link, length: int | None) -> Answer:
    if modem.settings.transparent:
        raise Refusal()
    modem.stack.require_room(link, length or 1)
    modem.stack.sending = link.number
    parts = (PROMPT,) if modem.settings.cipsprt == 1 else ()
    return Answer(
        parts,
        after=lambda: modem.interpreter.expect_payload(
            length, lambda payload: _send(modem, link, payload)
        ),
    )


def _send(modem: VirtualModem, link: Link, payload: bytes) -> Answer | Wait:
    if not payload:
        raise Refusal(BAD_PARAMETER)
    if not modem.stack.send(link, payload):
        # `CLOSED` was the result already: neither SEND FAIL nor ERROR follows it.
        return Answer(())
    if modem.settings.cipqsend == ACKNOWLEDGED:
        return _when_acknowledged(modem, link, modem.now_us + modem.profile.acknowledge_us)
    return _result(modem, link, len(payload))


def _when_acknowledged(modem: VirtualModem, link: Link, give_up_us: int) -> Answer | Wait:
    if link.state != CONNECTED:
        return Answer(())
    if not modem.stack.outstanding(link):
        return _result(modem, link, 0)
    if modem.now_us >= give_up_us:
        return Answer((f"{modem.stack.tag(link)}SEND FAIL",))
    return Wait(ACK_POLL_US, lambda: _when_acknowledged(modem, link, give_up_us))


def _result(modem: VirtualModem, link: Link, length: int) -> Answer:
    settings = modem.settings
    if settings.cipsprt == 2:
        return Answer(())
    if settings.cipqsend == ACCEPTED:
        number = f"{link.number}," if settings.multi else ""
        return Answer((f"DATA ACCEPT:{number}{length}",))
    return Answer((f"{modem.stack.tag(link)}SEND OK",))


@command("+CIPACK", EXECUTE)
def acknowledged_single(modem: VirtualModem, args: Args) -> Answer:
    if modem.settings.multi:
        raise Refusal()
    return _acknowledged(modem, modem.links[0])


@command("+CIPACK", SET)
def acknowledged(modem: VirtualModem, args: Args) -> Answer:
    if not modem.settings.multi:
        raise Refusal()
    return _acknowledged(modem, modem.links[only_number(args, range(len(modem.links)))])


def _acknowledged(modem: VirtualModem, link: Link) -> Answer:
    if not link.connection:
        raise Refusal()
    unacknowledged = modem.stack.unacknowledged(link)
    return ok(f"+CIPACK: {link.sent},{link.sent - unacknowledged},{unacknowledged}")
