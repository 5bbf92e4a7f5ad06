"""The IP context, its names and the bearers of each family of the virtual modem."""

from dataclasses import replace

import pytest
from vmodem_host import Host, multi, served

from tools.vmodem import PROFILES
from tools.vmodem.trace import HOST, MODEM, Mask

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
ADDRESS = b"\r\n10.78.245.128\r\n"
FAMILIES = sorted(PROFILES)
LUAT_LIKE = ("luat", "air724")


def line(text):
    return b"\r\n" + text.encode() + b"\r\n"


def refusal(family, code=3):
    return ERROR if family == "sim800" else line(f"+CME ERROR: {code}")


def with_options(family, **options):
    return replace(PROFILES[family], **options)


# -- CSTT ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_access_point(family):
    host = Host(profile=family)
    default = "CMNET" if family == "sim800" else ""
    assert host.ask("AT+CSTT?") == line(f'+CSTT: "{default}","",""') + OK
    assert host.ask("AT+CSTT=?") == line('+CSTT: "APN","USER","PWD"') + OK
    host.run('AT+CSTT="internet","me","secret"')
    assert host.state == "IP START"
    assert host.ask("AT+CSTT?") == line('+CSTT: "internet","me","secret"') + OK
    assert host.ask('AT+CSTT="internet"') == refusal(family)
    host.run("AT+CIPSHUT", "AT+CSTT")  # bare: what was set stays
    assert host.ask("AT+CSTT?") == line('+CSTT: "internet","me","secret"') + OK


@pytest.mark.parametrize("family, limits", [("sim800", (50, 50, 50)), ("luat", (128, 32, 32))])
def test_longest_credentials(family, limits):
    for at, limit in enumerate(limits):
        texts = ["a", "b", "c"]
        for length, taken in ((limit, True), (limit + 1, False)):
            texts[at] = "x" * length
            said = Host(profile=family).ask("AT+CSTT=" + ",".join(f'"{text}"' for text in texts))
            assert said == (OK if taken else refusal(family, 53))


@pytest.mark.parametrize("family", FAMILIES)
def test_bare_cstt_is_refused_by_firmware_that_wants_a_name(family):
    host = Host(profile=with_options(family, bare_cstt=False))
    assert host.ask("AT+CSTT") == refusal(family)
    assert host.state == "IP INITIAL"
    host.run('AT+CSTT="cmnet"')


# -- CIICR, CIFSR, CIPSHUT -----------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("command", ["CIICR", "CIFSR", "CIPSHUT", "CDNSGIP"])
def test_test_forms(family, command):
    assert Host(profile=family).ask(f"AT+{command}=?") == OK


@pytest.mark.parametrize("family", FAMILIES)
def test_bring_up(family):
    host = Host(profile=family)
    for command, state in (
        ("AT+CSTT", "IP START"),
        ("AT+CIICR", "IP GPRSACT"),
        ("AT+CIFSR", "IP STATUS"),
        ("AT+CIPSHUT", "IP INITIAL"),
    ):
        host.run(command)
        assert host.state == state


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "before, command",
    [
        ([], "AT+CIICR"),
        (["AT+CSTT", "AT+CIICR"], "AT+CIICR"),
        ([], "AT+CIFSR"),
        (["AT+CSTT"], "AT+CIFSR"),
        (["AT+CSTT"], 'AT+CDNSGIP="echo"'),
        (["AT+CSTT"], "AT+CIPMUX=1"),
    ],
)
def test_command_out_of_order_is_refused_and_changes_nothing(family, before, command):
    host = Host(profile=family)
    host.run(*before)
    state = host.state
    assert host.ask(command) == refusal(family)
    assert host.state == state


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("padded", [True, False])
def test_address_with_and_without_padding(family, padded):
    host = multi(profile=with_options(family, padded_addresses=padded))
    octets = "010.078.245.128" if padded else "10.78.245.128"
    assert host.ask("AT+CIFSR") == line(octets)


def test_only_the_oldest_family_pads():
    assert multi(profile="air724").ask("AT+CIFSR") == line("010.078.245.128")
    for family in ("luat", "sim800"):
        assert multi(profile=family).ask("AT+CIFSR") == ADDRESS


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("answer", ["SHUT OK", "OK"])
def test_answer_of_cipshut(family, answer):
    host = multi(profile=with_options(family, shut_answer=answer))
    host.open()
    assert host.ask("AT+CIPSHUT") == line(answer)
    assert host.state == "IP INITIAL"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("text", ["+PDP: DEACT", "+PDP DEACT", "+PDP:DEACT"])
def test_text_of_a_lost_context(family, text):
    host = multi(profile=with_options(family, deact=text))
    host.modem.inject("pdp_deact")
    assert host.rest(10) == line(text)
    host.run("AT+CIPSHUT", "AT+CSTT")
    host.modem.inject("activation_failed")
    assert host.ask("AT+CIICR").startswith(line(text))


# -- names ---------------------------------------------------------------------------------------

PRIMARY, SECONDARY = "211.136.112.50", "211.136.150.66"


def servers(first, second):
    return line(f"PrimaryDns: {first}\r\nSecondaryDns: {second}") + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_name_servers(family):
    host = Host(profile=family)
    assert host.ask("AT+CDNSCFG?") == servers(PRIMARY, SECONDARY)
    assert host.ask("AT+CDNSCFG=?") == line('+CDNSCFG: ("Primary DNS"),("Secondary DNS")') + OK
    host.run('AT+CDNSCFG="8.8.8.8","9.9.9.9"')
    assert host.ask("AT+CDNSCFG?") == servers("8.8.8.8", "9.9.9.9")
    host.run('AT+CDNSCFG="1.1.1.1"')
    assert host.ask("AT+CDNSCFG?") == servers("1.1.1.1", "0.0.0.0")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bad", ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.4.", "dns.x"])
def test_name_server_that_is_no_address_is_refused(family, bad):
    host = Host(profile=family)
    assert host.ask(f'AT+CDNSCFG="{bad}"') == refusal(family, 53)
    assert host.ask("AT+CDNSCFG?") == servers(PRIMARY, SECONDARY)


def test_context_of_name_servers_is_luats():
    three = 'AT+CDNSCFG="1.2.3.4","1.2.3.5",{}'
    assert Host(profile="luat").ask(three.format(3)) == OK
    assert Host(profile="luat").ask(three.format(4)) == line("+CME ERROR: 53")
    assert Host(profile="sim800").ask(three.format(1)) == ERROR


@pytest.mark.parametrize("family, unknown, invalid", [("luat", 10, 14), ("sim800", 8, 8)])
@pytest.mark.parametrize("prefix", ["+CDNSGIP: ", "+CDNSGIP:"])
def test_names_with_and_without_a_space(family, unknown, invalid, prefix):
    host = multi(profile=with_options(family, dns_prefix=prefix))
    assert host.ask('AT+CDNSGIP="echo"') == OK + line(f'{prefix}1,"echo","10.0.0.1"')
    assert host.ask('AT+CDNSGIP="nowhere"') == OK + line(f"{prefix}0,{unknown}")
    assert host.ask('AT+CDNSGIP="no where"') == OK + line(f"{prefix}0,{invalid}")


@pytest.mark.parametrize("family, error", [("luat", 11), ("sim800", 3)])
def test_context_that_is_lost_while_a_name_is_resolved(family, error):
    host = multi(profile=family, network=served())
    host.ask('AT+CDNSGIP="echo"', 10.5)
    host.modem.inject("pdp_deact")
    host.modem.tick(host.now_us)
    assert host.rest(3000).endswith(line(f"+CDNSGIP: 0,{error}"))


@pytest.mark.parametrize("family", FAMILIES)
def test_name_that_is_resolved_after_a_restart_concerns_nobody(family):
    host = multi(profile=family)
    host.network.resolve = lambda *asked: None  # the test answers in its place
    assert host.ask('AT+CDNSGIP="echo"') == OK
    host.modem.reset(host.now_us)
    host.rest(20_000)
    host.modem.name_resolved("echo", ["10.0.0.1"], host.now_us)
    assert host.rest(10) == b""


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("args", ["", '""', '"' + "n" * 129 + '"', '"a","b"'])
def test_bad_name_is_refused(family, args):
    assert multi(profile=family).ask(f"AT+CDNSGIP={args}") == refusal(family, 53)


# -- CIPPING -------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_pings(family):
    host = multi(profile=family)
    said = host.ask('AT+CIPPING="echo"')
    lines = said.split(b"\r\n")[1:-3:2]
    assert lines == [b'+CIPPING: %d,"10.0.0.1",40,52' % n for n in (1, 2, 3, 4)]
    assert said.endswith(OK)
    assert host.ask("AT+CIPPING=nowhere,1") == line('+CIPPING: 1,"nowhere",600,255') + OK


@pytest.mark.parametrize("args", ["", '""', "echo,0", "echo,101", "echo,1,1025", "echo,1,1,1,1,1"])
def test_bad_ping_is_refused(args):
    assert multi(profile="luat").ask(f"AT+CIPPING={args}") == line("+CME ERROR: 53")


def test_ping_without_a_context_is_refused():
    assert Host(profile="luat").ask("AT+CIPPING=echo") == line("+CME ERROR: 3")


# -- CIPSCONT ------------------------------------------------------------------------------------


@pytest.mark.parametrize("family, gap", [("luat", ""), ("air724", ""), ("sim800", " ")])
def test_saved_application_settings(family, gap):
    host = Host(profile=family)
    host.run("AT+CIPHEAD=1", 'AT+CSTT="internet"', "AT+CIPSCONT")
    said = host.ask("AT+CIPSCONT?")
    assert line(f"+CIPSPRT:{gap}1")[:-2] in said and said.endswith(OK)
    assert f"\r\nGprs Config APN:{gap}internet\r\n".encode() in said
    host.modem.reset(host.now_us)
    host.rest(20_000)
    host.run("ATE0")
    assert host.ask("AT+CIPHEAD?") == line("+CIPHEAD: 1") + OK
    assert host.ask("AT+CSTT?") == line('+CSTT: "internet","",""') + OK
    assert host.state == "IP INITIAL"


@pytest.mark.parametrize("family", FAMILIES)
def test_application_settings_that_were_not_saved_are_forgotten(family):
    host = Host(profile=family)
    host.run("AT+CIPHEAD=1", 'AT+CSTT="internet"')
    host.modem.reset(host.now_us)
    host.rest(20_000)
    assert host.modem.settings.ciphead == 0
    assert host.modem.settings.cstt == PROFILES[family].access_point


# -- contexts and bearers ------------------------------------------------------------------------


def test_context_the_network_has_opened_by_itself():
    luat = Host(profile="luat")
    assert luat.ask("AT+CGDCONT?") == line('+CGDCONT: 1,"IP","cmiot","10.78.245.128"') + OK
    assert Host(profile="luat", sim=False).ask("AT+CGDCONT?") == OK
    assert Host(profile="sim800").ask("AT+CGDCONT?") == OK


@pytest.mark.parametrize("family", FAMILIES)
def test_contexts_that_are_defined(family):
    tail = ',"0.0.0.0",0,0' if family == "sim800" else ""
    host = Host(profile=family)
    host.run('AT+CGDCONT=10,"IP","ten"', 'AT+CGDCONT=1,"IP","one"')
    told = line(f'+CGDCONT: 1,"IP","one"{tail}') + line(f'+CGDCONT: 10,"IP","ten"{tail}')
    assert host.ask("AT+CGDCONT?") == told + OK
    host.run("AT+CGDCONT=10")
    assert b"ten" not in host.ask("AT+CGDCONT?")
    assert b"ERROR" in host.ask('AT+CGDCONT=17,"IP","x"')


@pytest.mark.parametrize("family", FAMILIES)
def test_activation_of_a_context(family):
    host = Host(profile=family)
    assert host.ask("AT+CGACT=1,1") == OK
    assert host.ask("AT+CGACT?") == line("+CGACT: 1,1") + OK
    assert host.ask("AT+CGACT=?") == line("+CGACT: (0,1)") + OK
    assert b"ERROR" in host.ask("AT+CGACT=1,17")


def test_sim800_bearer():
    host = Host(profile="sim800")
    closed = line('+SAPBR: 1,3,"0.0.0.0"') + OK
    assert host.ask("AT+SAPBR=2,1") == closed
    assert host.ask("AT+SAPBR=0,1") == ERROR
    host.run('AT+SAPBR=3,1,"CONTYPE","GPRS"', 'AT+SAPBR=3,1,"APN","cmnet"', "AT+SAPBR=1,1")
    assert host.ask("AT+SAPBR=1,1") == ERROR
    assert host.ask("AT+SAPBR=2,1") == line('+SAPBR: 1,1,"10.78.245.128"') + OK
    assert host.ask("AT+SAPBR=2,2") == line('+SAPBR: 2,3,"0.0.0.0"') + OK
    assert (
        host.ask("AT+SAPBR=4,1") == line("+SAPBR: CONTYPE,GPRS") + line("+SAPBR: APN,cmnet") + OK
    )
    host.run("AT+SAPBR=0,1")
    assert host.ask("AT+SAPBR=2,1") == closed


def test_sim800_bearer_goes_with_the_network_and_needs_it():
    host = Host(profile="sim800")
    host.run("AT+CMEE=1", "AT+SAPBR=1,1", "AT+SAPBR=1,2")
    host.modem.inject("registration_lost")
    assert host.rest(10) == line("+SAPBR 1: DEACT") + line("+SAPBR 2: DEACT")
    assert host.ask("AT+SAPBR=1,1", 10_000) == line("+CME ERROR: 180")


def test_restart_closes_bearers_and_forgets_their_parameters():
    host = Host(profile="sim800")
    host.run('AT+SAPBR=3,1,"APN","cmnet"', "AT+SAPBR=1,1")
    host.modem.reset(host.now_us)
    host.rest(20_000)
    host.run("ATE0")
    assert host.ask("AT+SAPBR=2,1") == line('+SAPBR: 1,3,"0.0.0.0"') + OK
    assert host.ask("AT+SAPBR=4,1") == OK


@pytest.mark.parametrize(
    "family, address", [("luat", '"10.78.245.128"'), ("air724", "010.078.245.128")]
)
def test_luat_bearer_is_open_by_itself(family, address):
    host = Host(profile=family)
    assert host.ask("AT+SAPBR=2,1") == line(f"+SAPBR: 1,1,{address}") + OK
    assert host.ask("AT+SAPBR=1,1") == OK
    assert Host(profile=family, sim=False).ask("AT+SAPBR=2,1").startswith(b"\r\n+SAPBR: 1,3,")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("args", ["", "5,1", "1,0", "1,4", "3,1", '3,1,"APN"', "1", '1,1,"APN"'])
def test_bad_bearer_command_is_refused(family, args):
    assert b"ERROR" in Host(profile=family).ask(f"AT+SAPBR={args}")


# -- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [HOST, MODEM])
@pytest.mark.parametrize(
    "text",
    [
        b'AT+SAPBR=3,1,"USER","anna"\r',
        b'AT+SAPBR=3,1,"PWD","anna"\r',
        b"\r\n+SAPBR: PWD,anna\r\n",
        b"\r\nGprs Config UserId: anna\r\nGprs Config Password:anna\r\n",
    ],
)
def test_trace_hides_credentials(who, text):
    for cut in range(len(text)):
        mask = Mask()
        shown = mask(text[:cut]) + mask(text[cut:])
        assert len(shown) == len(text) and b"anna" not in shown
    assert Mask()(b'AT+SAPBR=3,1,"APN","anna"\r').endswith(b'"anna"\r')
