"""AT+CIPSEND and what decides how its result reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, PROMPT, Answer, Refusal, Wait, ok
from ..bearer import Event
from ..line import EXECUTE, QUERY, SET, TEST
from ..link import CONNECTED, Link
from ..typed import PAYLOAD
from .arguments import count, number, only_number
from .links import numbered
from .registry import Args, command
from .toggles import setting

if TYPE_CHECKING:
    from ..core import VirtualModem

ACCEPTED = 1  # AT+CIPQSEND: DATA ACCEPT instead of SEND OK
ACK_POLL_US = 5_000
AUTO_SEND_S = range(1, 101)


def _before_the_network(modem: VirtualModem, value: int) -> None:
    modem.stack.require(Event.SETUP)


setting("+CIPQSEND", "cipqsend", lambda profile: profile.quick_send_values, _before_the_network)
setting("+CIPSPRT", "cipsprt", (0, 1, 2))


# -- CIPATS --------------------------------------------------------------------------------------


@command("+CIPATS", TEST)
def auto_send_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CIPATS: (0,1),(1-100)")


@command("+CIPATS", QUERY)
def auto_send_query(modem: VirtualModem, args: Args) -> Answer:
    on, seconds = modem.settings.cipats
    return ok(f"+CIPATS: {on},{seconds}")


@command("+CIPATS", SET)
def auto_send(modem: VirtualModem, args: Args) -> Answer:
    """What was typed after so many seconds is sent, whatever length was announced."""
    count(args, 1, 2)
    on = number(args[0], (0, 1))
    count(args, 1 + on, 2)
    seconds = number(args[1], AUTO_SEND_S) if len(args) == 2 else 0
    modem.settings.cipats = (on, seconds)
    modem.settings.cipats_us = modem.now_us
    return ok()


def _auto_send(modem: VirtualModem) -> None:
    """The payload just asked for is cut when the time of AT+CIPATS is over."""
    on, seconds = modem.settings.cipats
    from_setting = modem.profile.auto_send_runs_from_setting
    due_us = (modem.settings.cipats_us if from_setting else modem.now_us) + seconds * 1_000_000
    if on and due_us > modem.now_us:
        number = modem.typed.payloads
        modem.at(due_us, lambda: _cut(modem, number))


def _cut(modem: VirtualModem, number: int) -> None:
    if modem.typed.mode == PAYLOAD and modem.typed.payloads == number:
        modem.typed.cut_payload()


# -- CIPSEND -------------------------------------------------------------------------------------


@command("+CIPSEND", TEST)
def send_test(modem: VirtualModem, args: Args) -> Answer:
    links = f"{modem.profile.send_test_links}," if modem.settings.multi else ""
    return ok(f"+CIPSEND: {links}<length>")


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
    return Answer(parts, after=lambda: _await_payload(modem, link, length))


def _await_payload(modem: VirtualModem, link: Link, length: int | None) -> None:
    modem.interpreter.expect_payload(length, lambda payload: _send(modem, link, payload))
    _auto_send(modem)


def _send(modem: VirtualModem, link: Link, payload: bytes) -> Answer | Wait:
    if not payload:
        raise Refusal(BAD_PARAMETER)
    if not modem.stack.send(link, payload):
        # `CLOSED` was the result already: neither SEND FAIL nor ERROR follows it.
        return Answer(())
    if modem.settings.cipqsend in modem.profile.acknowledged_send_values:
        return _when_acknowledged(modem, link, modem.now_us + modem.profile.acknowledge_us)
    return _result(modem, link, len(payload))


def _when_acknowledged(modem: VirtualModem, link: Link, give_up_us: int) -> Answer | Wait:
    if link.state != CONNECTED:
        return Answer(())
    if not modem.stack.outstanding(link):
        return _result(modem, link, 0)
    if modem.now_us >= give_up_us:
        hangs_up = modem.profile.close_after_send_fail
        after = (lambda: modem.stack.hang_up(link)) if hangs_up else None
        return Answer((f"{modem.stack.tag(link)}SEND FAIL",), after)
    return Wait(ACK_POLL_US, lambda: _when_acknowledged(modem, link, give_up_us))


def _result(modem: VirtualModem, link: Link, length: int) -> Answer:
    settings = modem.settings
    if settings.cipsprt == 2:
        return Answer(())
    if settings.cipqsend == ACCEPTED:
        number = f"{link.number}," if settings.multi else ""
        return Answer((f"{modem.profile.accept_prefix}{number}{length}",))
    return Answer((f"{modem.stack.tag(link)}SEND OK",))


# -- CIPACK --------------------------------------------------------------------------------------


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
    figures = (link.sent, link.sent - unacknowledged, unacknowledged)
    return ok("+CIPACK: " + modem.profile.ack_separator.join(map(str, figures)))
