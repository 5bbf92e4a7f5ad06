"""Identity, serial line, clock and saved settings of each family of the virtual modem."""

from dataclasses import replace

import pytest
from vmodem_host import Host

from tools.vmodem import PROFILES
from tools.vmodem.__main__ import parser

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
FAMILIES = sorted(PROFILES)
LUAT_LIKE = ("luat", "air724")


def line(text):
    return b"\r\n" + text.encode() + b"\r\n"


def restart(host):
    host.modem.reset(host.now_us)
    host.rest(20_000)


# -- identity ------------------------------------------------------------------------------------

LUAT_VERSION = "AirM2M_780EP_V1007_LTE_AT"
AIR724_VERSION = "AirM2M_Air724UG_V401857_LTE_AT"
IDENTITY = {
    "luat": {
        "AT+CGMM": "Air780EP",
        "AT+CGSN": "861290079934290",
        "AT+CIMI": "460083928707986",
        "AT+ICCID": "+ICCID: 898604B9102271779909",
        **dict.fromkeys(("ATI", "AT+CGMR", "AT+VER"), LUAT_VERSION),
    },
    "air724": {
        "AT+CGMM": "Air724UG",
        "AT+ICCID": "+ICCID: 898604B9102271779909",
        **dict.fromkeys(("ATI", "AT+CGMR", "AT+VER"), AIR724_VERSION),
    },
    "sim800": {
        "ATI": "SIM800 R14.18",
        "AT+CGMM": "SIMCOM_SIM800L",
        "AT+GMM": "SIMCOM_SIM800L",
        "AT+CGMR": "Revision:1418B05SIM800L24",
        "AT+GMR": "Revision:1418B05SIM800L24",
        "AT+CGSN": "869988012345675",
        "AT+GSN": "869988012345675",
        "AT+CIMI": "460001234567890",
        "AT+CCID": "89860012345678901234",
    },
}
NAMED = [(family, command) for family in FAMILIES for command in IDENTITY[family]]


@pytest.mark.parametrize("family, command", NAMED)
def test_identity(family, command):
    host = Host(profile=family)
    assert host.ask(command) == line(IDENTITY[family][command]) + OK
    if command not in ("ATI", "AT+VER"):
        assert host.ask(command + "=?") == OK


# -- basic commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "command",
    ["ATE0", "ATE", "ATV1", "ATQ0", "ATQ", "ATX4", "ATX", "AT&W", "AT&W0", "ATZ", "ATZ0"],
)
def test_basic_command(family, command):
    assert Host(profile=family).ask(command) == OK


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "command", ["ATE2", "ATV0", "ATV", "ATV2", "ATQ1", "ATX5", "AT&W1", "ATZ1", "AT&F2"]
)
def test_basic_command_that_would_be_a_lie_is_refused(family, command):
    assert b"ERROR" in Host(profile=family).ask(command)


@pytest.mark.parametrize("family", FAMILIES)
def test_factory_setting_brings_the_echo_back(family):
    host = Host(profile=family)
    assert host.ask("AT&F") == OK
    assert host.ask("AT") == b"AT\r" + OK


def test_sim800_saves_more_than_luat():
    for family, saved in (("sim800", True), ("luat", False)):
        host = Host(profile=family)
        host.run("AT+CMEE=2", "AT+CREG=2", "AT+CSCLK=1", "AT&W", "AT+CMEE=0", "AT+CREG=1")
        restart(host)
        settings = host.modem.settings
        assert not settings.echo
        assert (settings.cmee == 2) == (settings.csclk == 1) == saved
        assert settings.report == ({"+CREG": 2} if saved else {})


def test_atz_takes_what_was_saved_and_atf_the_factorys():
    host = Host(profile="sim800", echo=True)
    host.run("ATE0+CMEE=2;&W", "ATE1+CMEE=1", "ATZ")
    assert host.ask("AT+CMEE?") == line("+CMEE: 2") + OK
    host.run("AT&F")
    assert host.ask("AT+CMEE?").endswith(line("+CMEE: 0") + OK)
    restart(host)
    assert host.ask("AT+CMEE?") == line("+CMEE: 2") + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_saved_is_an_option_of_the_profile(family):
    host = Host(profile=replace(PROFILES[family], saved=("cipqsend",)))
    host.run("AT+CIPQSEND=1", "AT&W")
    restart(host)
    assert host.modem.settings.cipqsend == 1


# -- serial line ---------------------------------------------------------------------------------


def test_rates():
    for family in LUAT_LIKE:
        said = Host(profile=family).ask("AT+IPR=?")
        assert said.startswith(b"\r\n+IPR:(0,600,") and said.endswith(b",921600)\r\n" + OK)
    said = Host(profile="sim800").ask("AT+IPR=?")
    assert said.startswith(b"\r\n+IPR: (),(0,1200,") and said.endswith(b",460800)\r\n" + OK)
    assert Host(profile="sim800").ask("AT+IPR=921600") == ERROR


@pytest.mark.parametrize("family", FAMILIES)
def test_rate_is_saved_or_forgotten(family):
    host = Host(profile=family)
    host.run("AT+IPR=9600")
    assert (host.modem.baud, host.ask("AT+IPR?")) == (9600, line("+IPR: 9600") + OK)
    restart(host)
    assert host.modem.baud == 115200
    host.run("ATE0", "AT+IPR=9600", "AT&W")
    restart(host)
    assert host.modem.baud == 9600
    assert host.ask("AT+IPR?") == line("+IPR: 9600") + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_flow_control_at_once_on_sim800_after_save_and_restart_on_luat(family):
    at_once = family == "sim800"
    host = Host(profile=family)
    assert host.ask("AT+IFC=?") == line("+IFC: (0,2),(0,2)") + OK
    host.run("AT+IFC=2,2")
    assert host.modem.flow == at_once
    assert host.ask("AT+IFC?") == line("+IFC: 2,2" if at_once else "+IFC: 0,0") + OK
    host.run("AT&W")
    restart(host)
    assert host.modem.flow
    assert b"ERROR" in host.ask("AT+IFC=2,0")


@pytest.mark.parametrize("family", FAMILIES)
def test_sleep_mode_is_kept(family):
    host = Host(profile=family)
    modes = (0, 1, 2) if family == "sim800" else (0, 1, 2, 3)
    assert host.ask("AT+CSCLK=?") == line(f"+CSCLK: ({','.join(map(str, modes))})") + OK
    for mode in modes:
        host.run(f"AT+CSCLK={mode}")
        assert host.ask("AT+CSCLK?") == line(f"+CSCLK: {mode}") + OK
    assert b"ERROR" in host.ask(f"AT+CSCLK={len(modes)}")
    assert host.ask("AT") == OK


@pytest.mark.parametrize("name", ["CLTS", "CIURC"])
def test_sim800_switches(name):
    host = Host(profile="sim800")
    for value in (1, 0):
        host.run(f"AT+{name}={value}")
        assert host.ask(f"AT+{name}?") == line(f"+{name}: {value}") + OK
    assert host.ask(f"AT+{name}=?") == line(f"+{name}: (0,1)") + OK
    assert host.ask(f"AT+{name}=2") == ERROR


# -- clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_clock_is_set_and_goes_on(family):
    host = Host(profile=family)
    start = "04/01/01,00:00:00+00" if family == "sim800" else "24/01/01,00:00:00+32"
    assert host.ask("AT+CCLK?", 1000) == line(f'+CCLK: "{start}"') + OK
    assert host.ask("AT+CCLK=?") == OK
    host.run('AT+CCLK="23/12/31,23:59:58-07"')
    assert host.ask("AT+CCLK?") == line('+CCLK: "24/01/01,00:00:01-07"') + OK
    restart(host)  # the clock is not stopped by it
    assert b'+CCLK: "24/01/01,00:00:24-07"' in host.ask("AT+CCLK?")
    host.run("ATE0", 'AT+CCLK="24/02/29,12:00:00"')  # the zone may be left out
    assert b'+CCLK: "24/02/29,12:00:03-07"' in host.ask("AT+CCLK?")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "text", ["", "now", "23/02/29,00:00:00+00", "24/01/01,24:00:00+00", "24/01/01,00:00:00+49"]
)
def test_time_that_is_none_is_refused(family, text):
    host = Host(profile=family)
    assert b"ERROR" in host.ask(f'AT+CCLK="{text}"')
    assert b"00:00:03" in host.ask("AT+CCLK?")


@pytest.mark.parametrize("family", FAMILIES)
def test_terminal_takes_every_family(family):
    assert parser().parse_args(["--pty", "--profile", family]).profile == family
