"""Identity, echo, error format, serial line, clock and power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answer import BAD_PARAMETER, Answer, Refusal, Wait, ok
from ..line import EXECUTE, QUERY, SET, TEST
from .arguments import count, number, only_number
from .registry import Args, command

if TYPE_CHECKING:
    from ..core import VirtualModem

# Luat AT manual, IPR; 0 means autobaud.
BAUD_RATES = (0, 600, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 33600, 38400, 57600, 115200)
FAST_BAUD_RATES = (230400, 460800, 921600)


@command("", EXECUTE)
def attention(modem: VirtualModem, args: Args) -> Answer:
    return ok()


@command("E", EXECUTE)
def echo(modem: VirtualModem, args: Args) -> Answer:
    modem.settings.echo = bool(number(args[0], (0, 1)) if args else 0)
    return ok()


@command("I", EXECUTE)
@command("+CGMR", EXECUTE)
@command("+VER", EXECUTE)
def firmware(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.firmware)


@command("+CGMM", EXECUTE)
@command("+GMM", EXECUTE)
def model(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.model)


@command("+CGSN", EXECUTE)
def serial_number(modem: VirtualModem, args: Args) -> Answer:
    return ok(modem.profile.imei)


@command("+CMEE", TEST)
def cmee_test(modem: VirtualModem, args: Args) -> Answer:
    return ok("+CMEE: (0-2)")


@command("+CMEE", QUERY)
def cmee_query(modem: VirtualModem, args: Args) -> Answer:
    # The space before the colon is Luat's.
    return ok(f"+CMEE :{modem.settings.cmee}")


@command("+CMEE", SET)
def cmee(modem: VirtualModem, args: Args) -> Answer:
    modem.settings.cmee = only_number(args, (0, 1, 2))
    return ok()


@command("+IPR", QUERY)
def baud_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+IPR: {modem.baud}")


@command("+IPR", TEST)
def baud_test(modem: VirtualModem, args: Args) -> Answer:
    rates = ",".join(str(rate) for rate in BAUD_RATES + FAST_BAUD_RATES)
    return ok(f"+IPR:({rates})")


@command("+IPR", SET)
def baud(modem: VirtualModem, args: Args) -> Answer:
    rate = only_number(args, BAUD_RATES + FAST_BAUD_RATES)
    # Autobaud finds the rate in use, so for a host that keeps its rate nothing changes.
    return ok(after=lambda: modem.change_baud(rate or modem.baud))


@command("+IFC", QUERY)
def flow_control_query(modem: VirtualModem, args: Args) -> Answer:
    return ok("+IFC: 2,2" if modem.flow else "+IFC: 0,0")


@command("+IFC", SET)
def flow_control(modem: VirtualModem, args: Args) -> Answer:
    """Takes effect after AT&W and a restart (Luat AT manual, IFC)."""
    count(args, 2, 2)
    if args[0] != args[1]:
        raise Refusal(BAD_PARAMETER)
    modem.settings.ifc = number(args[0], (0, 2))
    return ok()


@command("&W", EXECUTE)
def save(modem: VirtualModem, args: Args) -> Answer:
    modem.power_on_baud = modem.baud
    modem.power_on_echo = modem.settings.echo
    if modem.settings.ifc is not None:
        modem.power_on_flow = modem.settings.ifc == 2
    return ok()


@command("+CCLK", QUERY)
def clock(modem: VirtualModem, args: Args) -> Answer:
    # The virtual clock, counted from the beginning of 2024; 32 quarter hours are UTC+8.
    seconds = modem.now_us // 1_000_000
    days, rest = divmod(seconds, 86400)
    day = days % 28 + 1
    month = days // 28 % 12 + 1
    year = 24 + days // 336 % 76
    time = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return ok(f'+CCLK: "{year:02}/{month:02}/{day:02},{time}+32"')


@command("+CFUN", QUERY)
def function_query(modem: VirtualModem, args: Args) -> Answer:
    return ok(f"+CFUN: {modem.radio.function}")


@command("+CFUN", SET)
def function(modem: VirtualModem, args: Args) -> Answer | Wait:
    count(args, 1, 2)
    wanted = number(args[0], (0, 1, 4))
    if len(args) == 2 and number(args[1], (0, 1)):
        if wanted != 1:
            raise Refusal()
        return ok(after=modem.restart)
    # Luat reports ME DETACH after the OK of CFUN=0; the OK of CFUN=1 takes its time.
    answer = ok(after=lambda: modem.radio.set_function(wanted))
    if wanted == modem.radio.function or wanted != 1:
        return answer
    return Wait(modem.profile.radio_on_us, lambda: answer)


@command("+RESET", EXECUTE)
def reset(modem: VirtualModem, args: Args) -> Answer:
    return ok(after=modem.restart)
