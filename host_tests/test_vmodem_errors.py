"""How each family of the virtual modem words a refusal."""

from dataclasses import replace

import pytest
from vmodem_host import Host, multi, served

from tools.vmodem import PROFILES
from tools.vmodem.reasons import Reason, cme

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
FAMILIES = sorted(PROFILES)


def told(code):
    return b"\r\n+CME ERROR: %d\r\n" % code


def numbered(family, **options):
    host = Host(profile=family, network=served(), **options)
    host.run("AT+CMEE=1")
    return host


@pytest.mark.parametrize(
    "family, query", [("luat", b"+CMEE :1"), ("air724", b"+CMEE :1"), ("sim800", b"+CMEE: 0")]
)
def test_error_format_at_power_on(family, query):
    host = Host(profile=family)
    assert host.ask("AT+CMEE?") == b"\r\n" + query + b"\r\n" + OK
    assert host.ask("AT+CMEE=?") == b"\r\n+CMEE: (0-2)\r\n" + OK
    assert (host.ask("AT+CIFSR") == ERROR) == (family == "sim800")


@pytest.mark.parametrize("family", FAMILIES)
def test_three_formats(family):
    host = Host(profile=family)
    for level, line in ((0, ERROR), (1, told(3))):
        host.run(f"AT+CMEE={level}")
        assert host.ask("AT+CIFSR") == line
    host.run("AT+CMEE=2")
    assert host.ask("AT+CIFSR") == b"\r\n+CME ERROR: operation not allowed\r\n"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("line", ["AT+NOSUCH", "AT?", "AT+"])
def test_unknown_command_has_no_number(family, line):
    assert numbered(family).ask(line) == ERROR


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "line, number",
    [
        ("AT+CGDCONT=", 796),
        ("AT+CMEE=", 796),
        ("AT+IFC=2", 791),
        ("AT+CSTT=" + ",".join(['"a"'] * 4), 792),
        ("AT+CFUN=1,1,1", 792),
        ("AT+CMEE=3", 793),
        ("AT+CGATT=" + "9" * 300, 793),
        ("AT+CIPMUX=one", 794),
        ("AT+CIPMUX=-1", 794),
        ('AT+CSTT="' + "a" * 129 + '"', 765),
        ('AT+CCLK="24/13/01,00:00:00+00"', 765),
    ],
)
def test_bad_argument(family, line, number):
    """SIM800 tells what is wrong with it, Luat says 53."""
    assert numbered(family).ask(line) == told(number if family == "sim800" else 53)


@pytest.mark.parametrize("family", FAMILIES)
def test_form_a_command_does_not_have(family):
    assert numbered(family).ask("AT+CIICR=1") == told(3)


@pytest.mark.parametrize("family", FAMILIES)
def test_sim_states(family):
    host = numbered(family, sim=False)
    assert host.ask("AT+CPIN?") == host.ask("AT+CIMI") == told(10)
    host = numbered(family, pin="1234")
    assert host.ask("AT+CIMI") == told(11)
    assert host.ask('AT+CPIN="0000"') == told(16)
    host.ask('AT+CPIN="0000"')
    host.ask('AT+CPIN="0000"')
    assert host.ask("AT+CIMI") == told(12)
    host = numbered(family)
    host.modem.inject("sim_removed")
    host.rest(10)
    assert host.ask("AT+CPIN?") == told(13 if family == "sim800" else 10)


def test_texts_of_sim_errors():
    host = Host(profile="sim800", sim=False)
    host.run("AT+CMEE=2")
    assert host.ask("AT+CPIN?") == b"\r\n+CME ERROR: SIM not inserted\r\n"


@pytest.mark.parametrize("family, code", [("luat", 65535), ("air724", 65535), ("sim800", 177)])
def test_activation_that_fails(family, code):
    host = numbered(family, sim=False)
    host.run("AT+CSTT")
    assert host.ask("AT+CIICR") == b"\r\n+PDP: DEACT\r\n" + told(code)
    assert host.state == "PDP DEACT"
    for line in ("AT+CSTT", "AT+CIICR", "AT+CIFSR"):
        assert host.ask(line) == told(3)
    host.run("AT+CIPSHUT", "AT+CSTT")


def test_activation_that_fails_before_cmee_is_set():
    host = Host(profile="sim800", sim=False)
    host.run("AT+CSTT")
    assert host.ask("AT+CIICR") == b"\r\n+PDP: DEACT\r\n" + ERROR


@pytest.mark.parametrize("family", FAMILIES)
def test_address_that_is_not_there_as_error_or_as_number(family):
    plain = replace(PROFILES[family], address_refusal=Reason.PLAIN)
    for profile, answer in ((PROFILES[family], told(3)), (plain, ERROR)):
        host = Host(profile=profile)
        host.run("AT+CMEE=1")
        assert host.ask("AT+CIFSR") == answer


@pytest.mark.parametrize("family", FAMILIES)
def test_every_reason_has_a_number_and_a_text(family):
    errors = PROFILES[family].errors
    for reason in Reason:
        assert cme(reason, 0, errors) == "ERROR"
        if reason is not Reason.PLAIN:
            number, text = (cme(reason, n, errors).removeprefix("+CME ERROR: ") for n in (1, 2))
            assert number.isdigit() and text and not text.isdigit()


def test_the_same_number_may_mean_something_else():
    sim800, luat = PROFILES["sim800"].errors, PROFILES["luat"].errors
    numbers = {sim800[reason][0] for reason in sim800}
    assert {3, 10, 11, 13, 14, 107, 160, 161, 177, 180, 181} <= numbers
    assert {3, 10, 53, 914, 915, 65535} <= {luat[reason][0] for reason in luat}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "line", ["AT+CIPMUX=1", "AT+CIPMUX=0", "AT+CIPMODE=0", "AT+CIPQSEND=1", 'AT+CSTT="x"']
)
def test_ip_setting_while_the_application_runs_is_refused_even_if_nothing_changes(family, line):
    host = multi(profile=family)
    host.run("AT+CMEE=1")
    assert host.ask(line) == told(3)
    host.run("AT+CIPSHUT", line)
