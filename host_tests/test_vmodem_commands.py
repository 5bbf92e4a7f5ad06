"""Command lines, identity, settings, SIM and context of the virtual modem."""

import pytest
from vmodem_host import Host, every_split, multi, served, single

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"


def cme(code):
    return b"\r\n+CME ERROR: %d\r\n" % code


REFUSED = cme(3)
BAD = cme(53)

ANSWERS = {
    "AT": OK,
    "at": OK,
    "ATE0": OK,
    "ATI": b"\r\nAirM2M_780EP_V1007_LTE_AT\r\n" + OK,
    "AT+CGMM": b"\r\nAir780EP\r\n" + OK,
    "AT+CGSN": b"\r\n861290079934290\r\n" + OK,
    "AT+CIMI": b"\r\n460083928707986\r\n" + OK,
    "AT+ICCID": b"\r\n+ICCID: 898604B9102271779909\r\n" + OK,
    "AT+CMEE?": b"\r\n+CMEE :1\r\n" + OK,
    "AT+CPIN?": b"\r\n+CPIN: READY\r\n" + OK,
    "AT+CSQ": b"\r\n+CSQ: 23,0\r\n" + OK,
    "AT+CREG?": b"\r\n+CREG: 0,1\r\n" + OK,
    "AT+CGREG?": b"\r\n+CGREG: 0,1\r\n" + OK,
    "AT+CEREG?": b"\r\n+CEREG: 0,1\r\n" + OK,
    "AT+CGATT?": b"\r\n+CGATT: 1\r\n" + OK,
    "AT+COPS?": b'\r\n+COPS: 0,0,"CHINA MOBILE",7\r\n' + OK,
    "AT+CFUN?": b"\r\n+CFUN: 1\r\n" + OK,
    "AT+IPR?": b"\r\n+IPR: 115200\r\n" + OK,
    "AT+IFC?": b"\r\n+IFC: 0,0\r\n" + OK,
    "AT+CDNSCFG?": b"\r\nPrimaryDns: 211.136.112.50\r\nSecondaryDns: 211.136.150.66\r\n" + OK,
    "AT+CIPMUX?": b"\r\n+CIPMUX: 0\r\n" + OK,
    "AT+CIPMUX=?": b"\r\n+CIPMUX: (0,1)\r\n" + OK,
    "AT+CIPMODE?": b"\r\n+CIPMODE: 0\r\n" + OK,
    "AT+CIPMODE=?": b"\r\n+CIPMODE: (0-NORMAL MODE,1-TRANSPARENT MODE)\r\n" + OK,
    "AT+CIPQSEND?": b"\r\n+CIPQSEND: 0\r\n" + OK,
    "AT+CIPQSEND=?": b"\r\n+CIPQSEND: (0,1,2)\r\n" + OK,
    "AT+CIPRXGET?": b"\r\n+CIPRXGET: 0\r\n" + OK,
    "AT+CIPRXGET=?": OK,
    "AT+CIPHEAD=?": b"\r\n+CIPHEAD: (0,1)\r\n" + OK,
    "AT+CIPHEAD=0": OK,
    "AT+CIPHEAD?": b"\r\n+CIPHEAD: 0\r\n" + OK,
    "AT+CIPSRIP?": b"\r\n+CIPSRIP: 0\r\n" + OK,
    "AT+CIPSTATUS": OK + b"\r\nSTATE: IP INITIAL\r\n",
    "AT+CIPSHUT": b"\r\nSHUT OK\r\n",
    "AT+CIPSHUT=?": OK,
    "AT+CLPORT?": b"\r\n+CLPORT: 0,0\r\n" + OK,
    "AT+CSTT?": b'\r\n+CSTT: "","",""\r\n' + OK,
    "AT+CSTT=?": b'\r\n+CSTT: "APN","USER","PWD"\r\n' + OK,
    "AT+CIPSEND?": b"\r\n+CIPSEND: 1460\r\n" + OK,
    "AT+CIPSEND=?": b"\r\n+CIPSEND: <length>\r\n" + OK,
    "AT+CIICRR": ERROR,  # the dialect has no such command
    "AT+CIPSERVER=1,80": ERROR,  # SIMCom only
    "SHUT OK": ERROR,  # an answer typed by mistake
    "": b"",
    # What drivers of other modems need before CSTT.
    'AT+SAPBR=3,1,"APN","x"': OK,
    "AT+SAPBR=1,1": OK,
    "AT+SAPBR=2,1": b'\r\n+SAPBR: 1,1,"10.78.245.128"\r\n' + OK,
    'AT+CGDCONT=1,"IP","x"': OK,
    "AT+CGACT=1,1": OK,
}


@pytest.mark.parametrize("line", ANSWERS)
def test_answer(line):
    assert Host().ask(line) == ANSWERS[line]


@pytest.mark.parametrize("line", ANSWERS)
def test_answer_at_every_split_of_the_line(line):
    typed = line.encode() + b"\r"
    for pieces in every_split(typed):
        host = Host()
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(3000) == ANSWERS[line], pieces


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_both_line_ends_and_their_echo(end):
    for pieces in every_split(b"AT" + end):
        host = Host(echo=True)
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == b"AT" + end + OK


def test_echo_is_immediate_and_the_answer_late_by_the_latency():
    host = Host(echo=True, latency_us=25_000)
    assert host.type(b"AT\r", 24.999) == b"AT\r"
    assert host.rest(0.001) == OK


def test_line_typed_while_another_is_executed_waits_for_its_answer():
    host = Host(echo=True)
    assert host.type(b"AT+CIFSR\rAT\r") == b"AT+CIFSR\r" + REFUSED + b"AT\r" + OK


def test_ate0_line_itself_is_still_echoed():
    host = Host(echo=True)
    assert host.ask("ATE0") == b"ATE0\r" + OK
    assert host.ask("AT") == OK
    assert host.ask("ATE1") == OK
    assert host.ask("AT") == b"AT\r" + OK


@pytest.mark.parametrize("level, text", [(0, b"ERROR"), (1, b"+CME ERROR: 3")])
def test_cmee_decides_how_an_error_reads(level, text):
    host = Host()
    host.run(f"AT+CMEE={level}")
    assert host.ask("AT+CIFSR") == b"\r\n" + text + b"\r\n"


def test_cmee_2_is_verbose():
    host = Host()
    host.run("AT+CMEE=2")
    assert host.ask("AT+CIFSR") == b"\r\n+CME ERROR: operation not allowed\r\n"


@pytest.mark.parametrize(
    "line",
    [
        "AT+CIPMUX=2",
        "AT+CIPMUX=",
        "AT+CIPMUX=1,1",
        "AT+CIPMUX=one",
        "AT+CIPMODE=2",
        "AT+CIPQSEND=3",
        "AT+CMEE=3",
        "AT+CFUN=7",
        "AT+CFUN=1,1,1",
        "AT+CIPRXGET=1,0",
        "AT+CPIN=1234,1234",
        "AT+CDNSGIP=a,b",
        "AT+CDNSCFG=8.8.8",
        "AT+CDNSCFG=8.8.8.8,,1",
        'AT+CLPORT="TCP"',
        'AT+CLPORT="TCP",1,2',
        'AT+CLPORT="SCTP",1',
        "AT+CIPCLOSE=0,0",
        "AT+CIPCLOSE=2",
        "AT+CGDCONT=",
        "AT+IPR=12345",
        "AT+CREG=3",
        "AT+CIPRXGET=9",
        "AT+CIPRXF=" + "9" * 400,
        "AT+CSTT=" + "a" * 129,
        "AT+CSTT=a," + "u" * 33,
        "AT+CSTT=a,u," + "p" * 33,
        "AT+CSTT=a,b,c,d",
    ],
)
def test_bad_argument_is_refused(line):
    assert Host().ask(line) == BAD


def test_form_a_command_does_not_have_is_refused():
    assert Host().ask("AT+CIICR=1") == REFUSED


def test_longest_line():
    host = Host()
    longest = "AT" + " " * (host.modem.profile.max_line - 3) + "I"
    assert host.ask(longest) == ANSWERS["ATI"]
    assert host.ask(longest[:-1] + " I") == ERROR


def test_no_latency_answers_at_once():
    host = Host(latency_us=0)
    assert host.ask("AT", 0) == OK


def test_endless_line_is_one_error_and_the_next_line_works():
    host = Host()
    assert host.type(b"AT+" + b"x" * 300_000 + b"\r") == ERROR
    assert host.ask("AT") == OK


def test_binary_rubbish_never_hangs():
    host = Host()
    host.type(bytes(range(256)) * 300)
    host.rest(10_000)
    host.ask("")
    assert host.ask("AT") == OK


def test_surplus_control_characters_are_ignored():
    assert Host().type(b"\x1a\x1bAT\n\r") == OK


# -- settings only IP INITIAL takes --------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["AT+CIPMUX=1", "AT+CIPMUX=0", "AT+CIPMODE=0", "AT+CIPQSEND=1", "AT+CSTT"]
)
def test_setting_after_cstt_is_refused_even_if_nothing_changes(line):
    host = Host()
    host.run("AT+CIPMUX=1", "AT+CSTT")
    assert host.ask(line) == REFUSED
    host.run("AT+CIPSHUT")
    host.run(line)


@pytest.mark.parametrize("line", ["AT+CIPRXGET=1", "AT+CIPRXGET=0", "AT+CIPRXF=1"])
def test_receive_setting_with_an_open_link_is_refused(line):
    host = multi()
    host.run(line)
    host.open(3)
    assert host.ask(line) == REFUSED


def test_transparent_mode_and_multi_link_mode_exclude_each_other():
    host = Host()
    host.run("AT+CIPMUX=1")
    assert host.ask("AT+CIPMODE=1") == REFUSED
    host.run("AT+CIPMUX=0", "AT+CIPMODE=1")
    assert host.ask("AT+CIPMUX=1") == REFUSED


def test_local_ports():
    host = Host()
    host.run('AT+CLPORT="TCP",5000')
    assert host.ask("AT+CLPORT?") == b"\r\n+CLPORT: 5000,0\r\n" + OK
    host.run("AT+CIPMUX=1", 'AT+CLPORT=5,"UDP",6000')
    last = host.ask("AT+CLPORT?").split(b"\r\n")[6]
    assert last == b"+CLPORT: 5,0,6000"


# -- context -------------------------------------------------------------------------------------


def test_bring_up_state_by_state():
    host = Host()
    for line, state in (
        ("AT", "IP INITIAL"),
        ("AT+CSTT=cmnet", "IP START"),
        ("AT+CIICR", "IP GPRSACT"),
        ("AT+CIFSR", "IP STATUS"),
        ("AT+CIFSR", "IP STATUS"),
        ("AT+CIPSHUT", "IP INITIAL"),
    ):
        host.run(line)
        assert host.state == state
        assert host.ask("AT+CIPSTATUS") == OK + b"\r\nSTATE: %s\r\n" % state.encode()


def test_ip_config_while_ciicr_is_at_work():
    host = Host()
    host.run("AT+CSTT")
    assert host.ask("AT+CIICR", 50) == b""
    assert host.state == "IP CONFIG"
    assert host.rest(1000) == OK


@pytest.mark.parametrize(
    "before, line",
    [
        ([], "AT+CIICR"),
        (["AT+CSTT", "AT+CIICR"], "AT+CIICR"),
        (["AT+CSTT"], "AT+CSTT"),
        ([], "AT+CIFSR"),
        (["AT+CSTT"], "AT+CIFSR"),
        ([], 'AT+CDNSGIP="echo"'),
    ],
)
def test_command_out_of_order_is_refused_and_changes_nothing(before, line):
    host = Host()
    host.run(*before)
    state = host.state
    assert host.ask(line) == REFUSED
    assert host.state == state


def test_ciicr_without_registration_fails_and_needs_cipshut():
    host = Host(sim=False)
    host.run("AT+CSTT")
    assert host.ask("AT+CIICR") == b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n"
    assert host.state == "PDP DEACT"
    for line in ("AT+CSTT", "AT+CIICR", "AT+CIFSR"):
        assert host.ask(line) == REFUSED
    host.run("AT+CIPSHUT", "AT+CSTT")


def test_cifsr_answers_the_address_and_no_ok():
    host = Host()
    host.run("AT+CSTT", "AT+CIICR")
    assert host.ask("AT+CIFSR") == b"\r\n10.78.245.128\r\n"


def test_name_servers_are_those_of_the_network_until_others_are_set():
    host = Host()
    host.run('AT+CDNSCFG="8.8.8.8","1.1.1.1"')
    two = b"\r\nPrimaryDns: 8.8.8.8\r\nSecondaryDns: 1.1.1.1\r\n" + OK
    assert host.ask("AT+CDNSCFG?") == two
    host.run("AT+CDNSCFG=9.9.9.9")
    assert b"PrimaryDns: 9.9.9.9\r\nSecondaryDns: 0.0.0.0" in host.ask("AT+CDNSCFG?")


def test_name_is_resolved_after_the_ok():
    host = multi()
    said = host.ask('AT+CDNSGIP="echo"')
    assert said == OK + b'\r\n+CDNSGIP: 1,"echo","10.0.0.1"\r\n'
    assert host.ask("AT+CDNSGIP=nowhere") == OK + b"\r\n+CDNSGIP: 0,10\r\n"
    assert host.ask("AT+CDNSGIP=" + "n" * 129) == BAD


@pytest.mark.parametrize("line", ["AT+CGATT=0", "AT+CFUN=0", "AT+CFUN=4", "AT+CGACT=0,1"])
def test_leaving_the_network_releases_the_context(line):
    host = multi()
    host.open()
    said = host.ask(line)
    assert said.startswith(OK + b"\r\n+PDP: DEACT\r\n")
    assert host.state == "PDP DEACT"
    assert host.modem.connections[0].closed_by == "pdp"
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7') == REFUSED


def test_status_in_multi_link_mode_has_six_lines_in_every_state():
    host = Host()
    host.run("AT+CIPMUX=1")
    said = host.ask("AT+CIPSTATUS")
    unused = b"\r\n".join(b'C: %d,,"","","","INITIAL"' % n for n in range(6))
    assert said == OK + b"\r\nSTATE: IP INITIAL\r\n" + b"\r\n" + unused + b"\r\n"


# -- SIM, radio, power ---------------------------------------------------------------------------


def test_wrong_pin_then_right_pin():
    host = Host(pin="1234")
    assert host.ask("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n" + OK
    assert host.ask("AT+CIMI") == cme(11)
    assert host.ask("AT+CGATT?") == b"\r\n+CGATT: 0\r\n" + OK
    assert host.ask('AT+CPIN="0000"') == cme(16)
    assert host.ask('AT+CPIN="1234"') == OK
    assert host.ask("AT+CPIN?", 100) == b"\r\n+CPIN: READY\r\n" + OK
    assert b"+E_UTRAN Service" in host.rest(10_000)
    assert host.ask("AT+CGATT?") == b"\r\n+CGATT: 1\r\n" + OK
    assert host.ask('AT+CPIN="1234"') == REFUSED


def test_three_wrong_pins_ask_for_the_puk():
    host = Host(pin="1234")
    for _ in range(3):
        assert host.ask('AT+CPIN="1"') == cme(16)
    assert host.ask("AT+CPIN?") == b"\r\n+CPIN: SIM PUK\r\n" + OK
    assert host.ask('AT+CPIN="1234"') == cme(12)
    assert host.ask("AT+CIMI") == cme(12)


def test_right_pin_gives_all_three_tries_back():
    host = Host(pin="1234")
    for pin in ("1", "2", "1234"):
        host.ask(f"AT+CPIN={pin}", 100)
    host.modem.reset(host.now_us)
    host.rest(2000)
    host.run("ATE0")
    for _ in range(2):
        assert host.ask('AT+CPIN="1"') == cme(16)
    assert host.ask("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n" + OK


def test_no_sim():
    host = Host(sim=False)
    assert host.ask("AT+CPIN?") == cme(10)
    assert host.ask("AT+CIMI") == cme(10)
    assert host.ask("AT+CREG?") == b"\r\n+CREG: 0,2\r\n" + OK


def test_registration_query_with_location():
    host = Host()
    host.run("AT+CEREG=2")
    assert host.ask("AT+CEREG?") == b'\r\n+CEREG: 2,1,"1806","0B2AA30C",7\r\n' + OK


def test_cfun_0_and_1():
    host = Host()
    host.run("AT+CREG=1")
    assert host.ask("AT+CFUN=0") == OK + b"\r\n+CREG: 0\r\n\r\n+CGEV: ME DETACH\r\n"
    assert host.ask("AT+CREG?") == b"\r\n+CREG: 1,0\r\n" + OK
    assert host.ask("AT+CSQ") == b"\r\n+CSQ: 99,99\r\n" + OK
    assert host.ask("AT+CFUN=1", 140) == b""  # a real modem takes this long
    assert host.rest(20) == OK
    said = host.rest(10_000)
    assert said.startswith(b"\r\n^MODE: 17,17\r\n") and said.endswith(b"\r\n+CREG: 1\r\n")
    assert host.ask("AT+CFUN=0,1") == REFUSED
    assert host.ask("AT+CFUN=1,0") == OK


@pytest.mark.parametrize("line", ["AT+RESET", "AT+CFUN=1,1"])
def test_restart_forgets_everything(line):
    host = multi("AT+CIPQSEND=1", "AT+CIPRXGET=1", echo=True)
    host.run("ATE0")
    host.ask('AT+CIPSTART=0,"TCP","echo",7')
    said = host.ask(line, 100)
    assert said == OK
    assert host.ask("AT", 500) == b""  # deaf while it boots
    assert host.rest(1000) == b"\xfe\r\nRDY\r\n"
    assert host.ask("AT+CGATT?") == b"AT+CGATT?\r\r\n+CGATT: 0\r\n" + OK
    assert host.rest(10_000) == (
        b"\r\n^MODE: 17,17\r\n\r\n+E_UTRAN Service\r\n\r\n+CGEV: ME PDN ACT 1\r\n"
        b"\r\n+NITZ: 24/08/22,07:27:15+32, \r\n"
    )
    assert host.ask("AT+CIPMUX?") == b"AT+CIPMUX?\r\r\n+CIPMUX: 0\r\n" + OK
    assert host.modem.settings.ciprxget == host.modem.settings.cipqsend == 0
    assert host.modem.connections[0].closed_by == "reboot"
    assert host.state == "IP INITIAL"
    assert [link.state for link in host.modem.links] == ["INITIAL"] * 6


def test_cold_start():
    host = Host(booted=False)
    assert host.ask("AT", 999) == b""
    assert host.rest(1) == b"\xfe\r\nRDY\r\n"
    assert host.ask("AT") == OK


def test_rate_changes_when_the_ok_has_left():
    host = Host(baud=9600)
    said = host.ask("AT+IPR=115200", 10)
    assert (said, host.modem.baud) == (OK, 9600)
    host.rest(6)  # six characters take 6.25 ms
    assert host.modem.baud == 9600
    host.rest(2)
    assert host.modem.baud == 115200
    host.ask("AT+RESET")
    assert host.modem.baud == 9600


def test_saved_rate_and_echo_survive_a_restart():
    host = Host(echo=True)
    host.run("AT+IPR=921600", "ATE0", "AT&W", "AT+RESET")
    host.rest(10_000)
    assert host.modem.baud == 921600
    assert host.ask("AT") == OK


def test_flow_control_takes_effect_after_save_and_restart():
    host = Host()
    off, on = b"\r\n+IFC: 0,0\r\n" + OK, b"\r\n+IFC: 2,2\r\n" + OK
    host.run("AT+IFC=2,2")
    assert host.ask("AT+IFC?") == off
    host.modem.reset(host.now_us)
    host.rest(10_000)
    host.run("ATE0")
    assert host.ask("AT+IFC?") == off  # it was not saved
    host.run("AT+IFC=2,2", "AT&W")
    host.modem.reset(host.now_us)
    host.rest(10_000)
    assert host.ask("AT+IFC?") == on
    assert host.ask("AT+IFC=2,0") == BAD
    assert Host(flow=True).ask("AT+IFC?") == on


def test_clock_counts_virtual_seconds():
    host = Host()
    first = host.ask("AT+CCLK?")
    assert first == b'\r\n+CCLK: "24/01/01,00:00:00+32"\r\n' + OK
    host.rest(3_600_000)
    assert b'"24/01/01,01:00:03+32"' in host.ask("AT+CCLK?")


@pytest.mark.parametrize("options", [{"profile": "nokia"}, {"rxget_urc": "never"}])
def test_unknown_option_names_the_value(options):
    with pytest.raises(ValueError, match=repr(next(iter(options.values())))):
        Host(**options)


def test_plain_at_in_every_context():
    for host in (Host(), multi(), single(), Host(network=served(), pin="1")):
        assert host.ask("AT") == OK
