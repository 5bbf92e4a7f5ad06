"""Power, boot, SIM and registration of each family of the virtual modem."""

from dataclasses import replace

import pytest
from vmodem_host import Host, multi, served

from tools.vmodem import PROFILES, Faults, Wire

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
FAMILIES = sorted(PROFILES)
LUAT_LIKE = ("luat", "air724")
SYNC = b"\x00IIII\xff\xff\xff\xff"


def line(text):
    return b"\r\n" + text.encode() + b"\r\n"


def lines(said):
    return [text.decode("latin-1") for text in said.split(b"\r\n") if text]


def restarted(family, **options):
    host = Host(profile=family, network=served(), **options)
    host.rest(0)
    host.modem.reset(host.now_us)
    return host


def moments(host, seconds, step_ms=100):
    """What the modem says by itself, with the tenth of a second it comes in."""
    found = []
    for tenth in range(int(seconds * 1000 / step_ms)):
        found += [(tenth, text) for text in lines(host.rest(step_ms))]
    return found


# -- boot ----------------------------------------------------------------------------------------


def test_sim800_boots_over_several_seconds():
    said = moments(restarted("sim800"), 20)
    assert [text for _, text in said] == [
        "RDY",
        "+CFUN: 1",
        "+CPIN: READY",
        "Call Ready",
        "SMS Ready",
    ]
    times = [tenth for tenth, _ in said]
    assert times == sorted(set(times)) and times[-1] - times[0] > 30


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_boots_with_noise_rdy_and_one_burst(family):
    host = restarted(family)
    assert host.rest(1000) == b"\xfe" + line("RDY")
    assert lines(host.rest(5000))[0] == "^MODE: 17,17"


@pytest.mark.parametrize("family", FAMILIES)
def test_restart_brings_back_echo_and_the_familys_error_format(family):
    host = Host(profile=family)
    host.run("ATE0", "AT+CMEE=2")
    host.modem.reset(host.now_us)
    host.rest(20_000)
    cmee = PROFILES[family].cmee
    assert b"%d\r\n" % cmee in host.ask("AT+CMEE?") and host.modem.settings.echo


def test_sim_is_busy_while_sim800_starts():
    host = restarted("sim800")
    host.rest(2600)
    host.ask("ATE0", 20)
    host.ask("AT+CMEE=2", 20)
    assert host.ask("AT+CPIN?", 20) == line("+CME ERROR: SIM busy")
    host.rest(2000)
    assert host.ask("AT+CPIN?", 20) == line("+CPIN: READY") + OK


@pytest.mark.parametrize(
    "options, text", [({"sim": False}, "NOT INSERTED"), ({"pin": "1234"}, "SIM PIN")]
)
def test_sim800_tells_what_it_has_found_and_is_not_ready(options, text):
    said = [text for _, text in moments(restarted("sim800", **options), 20)]
    assert said == ["RDY", "+CFUN: 1", f"+CPIN: {text}"]


def test_sim800_is_ready_after_the_pin():
    host = restarted("sim800", pin="1234")
    host.rest(20_000)
    host.run("ATE0")
    assert lines(host.ask('AT+CPIN="1234"', 20_000)) == [
        "OK",
        "+CPIN: READY",
        "Call Ready",
        "SMS Ready",
    ]
    assert host.ask("AT+CREG?") == line("+CREG: 0,1") + OK


def test_ciurc_0_suppresses_call_ready_once_it_is_saved():
    host = restarted("sim800")
    host.rest(20_000)
    host.run("ATE0", "AT+CIURC=0", "AT&W")
    host.modem.reset(host.now_us)
    said = lines(host.rest(20_000))
    assert "Call Ready" not in said and "SMS Ready" in said
    host.run("AT+CIURC=1")
    host.modem.reset(host.now_us)
    assert "Call Ready" not in lines(host.rest(20_000))


@pytest.mark.parametrize("family", FAMILIES)
def test_lost_boot_hides_what_begins_it(family):
    host = Host(profile=family)
    host.rest(0)
    host.modem.inject("lost_boot")
    host.modem.inject("reboot")
    said = lines(host.rest(20_000))
    assert "RDY" not in said and "+CFUN: 1" not in said


# -- autobaud ------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["AT", "at"])
def test_sim800_that_finds_the_rate_is_mute_but_for_its_sync_string(word):
    host = restarted("sim800", power_on_baud=0)
    assert host.rest(20_000) == SYNC
    assert host.ask("AX") == b"" and host.modem.finds_rate
    host.modem.feed(word.encode() + b"\r", host.now_us, 57600)
    assert not host.modem.finds_rate and host.modem.baud == 57600
    host.rest(1000)
    assert host.ask("AT") == b"AT\r" + OK


def test_sync_string_is_garbage_at_another_rate():
    for baud, seen in ((115200, True), (9600, False)):
        host = restarted("sim800", baud=9600, power_on_baud=0)
        wire = Wire(host.modem)
        wire.host_baud = baud
        wire.advance(20_000_000)
        assert (wire.arrived(20_000_000) == SYNC) == seen


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_only_capitals_tell_luat_the_rate(family):
    host = restarted(family, power_on_baud=0)
    assert host.rest(20_000) == b""
    host.ask("at")
    assert host.modem.finds_rate
    host.ask("AT")
    assert not host.modem.finds_rate


@pytest.mark.parametrize("family", FAMILIES)
def test_saved_autobaud(family):
    host = Host(profile=family)
    host.run("AT+IPR=0", "AT&W")
    assert host.ask("AT+IPR?") == line("+IPR: 0") + OK
    host.modem.reset(host.now_us)
    host.rest(20_000)
    assert host.modem.finds_rate


# -- power ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("value, said", [(1, b"\r\nNORMAL POWER DOWN\r\n"), (0, b"")])
def test_cpowd(family, value, said):
    host = multi(profile=family)
    host.open()
    assert host.ask(f"AT+CPOWD={value}") == said
    assert host.modem.is_off and host.modem.connections[0].closed_by == "reboot"
    assert host.ask("AT") == b""
    host.modem.pins.power(0)
    host.rest(20_000)
    assert host.ask("AT") == b"AT\r" + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_power_key_that_switches_off(family):
    host = Host(profile=family)
    host.rest(0)
    host.modem.pins.power(0)
    said = host.rest(5000)
    assert host.modem.is_off
    assert said == (line("NORMAL POWER DOWN") if family == "sim800" else b"")


def test_brown_out_words_of_sim800():
    host = Host(profile="sim800", faults=Faults(1))
    host.rest(0)
    host.modem.inject("brown_out")
    assert host.ask("AT+CSQ", 500).endswith(line("UNDER-VOLTAGE WARNNING"))
    host.rest(20_000)
    assert host.ask("AT") == b"AT\r" + OK
    host.modem.inject("power_down")
    assert host.rest(10) == line("UNDER-VOLTAGE POWER DOWN")
    assert host.modem.is_off


@pytest.mark.parametrize(
    "family, command",
    [(family, "AT+CFUN=1,1") for family in FAMILIES] + [(luat, "AT+RESET") for luat in LUAT_LIKE],
)
def test_restart_by_command(family, command):
    host = multi("AT+CIPQSEND=1", profile=family)
    assert host.ask(command, 500) == OK
    host.rest(20_000)
    assert host.state == "IP INITIAL" and host.modem.settings.cipqsend == 0
    assert host.modem.settings.cipmux == 0


# -- functionality -------------------------------------------------------------------------------


def test_sim800_reports_what_cfun_0_takes_before_the_ok():
    host = multi(profile="sim800")
    host.open()
    host.run("AT+SAPBR=1,1")
    assert lines(host.ask("AT+CFUN=0")) == [
        "+SAPBR 1: DEACT",
        "+PDP: DEACT",
        "+CPIN: NOT READY",
        "OK",
    ]
    assert host.state == "PDP DEACT"
    host.run("AT+CMEE=1")
    assert host.ask("AT+CPIN?") == line("+CME ERROR: 797")
    assert host.ask("AT+CGATT=1") == line("+CME ERROR: 797")
    assert lines(host.ask("AT+CFUN=1", 20_000)) == [
        "OK",
        "+CPIN: READY",
        "Call Ready",
        "SMS Ready",
    ]
    assert host.ask("AT+CGATT?") == line("+CGATT: 1") + OK


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_reports_what_cfun_0_takes_after_the_ok(family):
    host = multi(profile=family)
    assert lines(host.ask("AT+CFUN=0")) == ["OK", "+PDP: DEACT", "+CGEV: ME DETACH"]


@pytest.mark.parametrize("family", FAMILIES)
def test_cfun_4_leaves_the_sim(family):
    host = Host(profile=family)
    said = lines(host.ask("AT+CFUN=4"))
    assert said == (["OK"] if family == "sim800" else ["OK", "+CGEV: ME DETACH"])
    assert host.ask("AT+CPIN?") == line("+CPIN: READY") + OK
    assert host.ask("AT+CFUN?") == line("+CFUN: 4") + OK
    assert host.ask("AT+CREG?") == line("+CREG: 0,0") + OK
    assert host.ask("AT+CSQ") == line("+CSQ: 99,99") + OK
    assert host.ask("AT+CFUN=?") == line("+CFUN: (0,1,4),(0,1)") + OK
    assert b"ERROR" in host.ask("AT+CFUN=0,1")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("command", ["AT+CGATT=0", "AT+CGACT=0,1"])
def test_order_of_ok_and_deact(family, command):
    host = multi(profile=family)
    order = ["+PDP: DEACT", "OK"] if family == "sim800" else ["OK", "+PDP: DEACT"]
    assert lines(host.ask(command)) == order
    assert host.state == "PDP DEACT"


def test_sim_that_is_pulled_and_put_back():
    for family, removed, inserted in (
        ("sim800", "+CPIN: NOT READY", "+CPIN: READY"),
        ("luat", "+CPIN: SIM REMOVED 0", "+CPIN: READY 0"),
    ):
        host = Host(profile=family)
        host.rest(0)
        host.modem.inject("sim_removed")
        assert lines(host.rest(100))[-1] == removed
        host.modem.inject("sim_inserted")
        assert lines(host.rest(100)) == [inserted]
        host.rest(20_000)
        assert host.ask("AT+CPIN?") == line("+CPIN: READY") + OK


def test_sim_that_is_pulled_while_sim800_starts():
    host = restarted("sim800")
    host.rest(2600)
    host.modem.inject("sim_removed")
    assert lines(host.rest(20_000)) == ["+CPIN: NOT READY", "+CFUN: 1", "+CPIN: NOT INSERTED"]
    host = restarted("sim800")
    host.rest(4000)
    host.modem.inject("sim_removed")
    assert lines(host.rest(20_000)) == ["+CPIN: NOT READY"]


# -- registration --------------------------------------------------------------------------------

CELLS = {
    "luat": '"1806","0B2AA30C",7',
    "air724": '"1806","0B2AA30C",7',
    "sim800": '"14B8","3AB6"',
}
REPORTS = [
    (family, name)
    for family in FAMILIES
    for name in ("CREG", "CGREG", "CEREG")
    if (family, name) != ("sim800", "CEREG")
]


@pytest.mark.parametrize("family, name", REPORTS)
def test_registration_with_every_n(family, name):
    host = Host(profile=family)
    for mode, tail in ((0, ""), (1, ""), (2, "," + CELLS[family])):
        host.run(f"AT+{name}={mode}")
        assert host.ask(f"AT+{name}?") == line(f"+{name}: {mode},1{tail}") + OK
    assert host.ask(f"AT+{name}=?") == line(f"+{name}: (0-2)") + OK


@pytest.mark.parametrize("family, name", REPORTS)
@pytest.mark.parametrize("mode", [0, 1, 2])
def test_change_of_registration_is_reported_without_n(family, name, mode):
    host = Host(profile=family)
    host.run(f"AT+{name}={mode}")
    host.modem.inject("registration_lost")
    lost = [f"+{name}: 2"] if mode else []
    assert lines(host.rest(100)) == lost
    host.modem.inject("registration_back")
    said = [text for text in lines(host.rest(20_000)) if name in text]
    back = f"+{name}: 1" + ("," + CELLS[family] if mode == 2 else "")
    assert said == ([back] if mode else [])


@pytest.mark.parametrize("family", FAMILIES)
def test_registration_denied(family):
    host = Host(profile=family)
    host.rest(0)
    host.modem.inject("registration_denied")
    host.rest(100)
    assert host.ask("AT+CREG?") == line("+CREG: 0,3") + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_operator(family):
    host = Host(profile=family)
    tail = "" if family == "sim800" else ",7"
    for form, name in enumerate(("CHINA MOBILE", "CMCC", "46000")):
        host.run(f"AT+COPS=3,{form}")
        assert host.ask("AT+COPS?") == line(f'+COPS: 0,{form},"{name}"{tail}') + OK
    assert host.ask("AT+COPS=?", 9000) == b""  # looking around takes its time
    heard = f'+COPS: (2,"CHINA MOBILE","CMCC","46000"{tail}),,(0-4),(0-2)'
    assert host.rest(2000) == line(heard) + OK


@pytest.mark.parametrize("family", FAMILIES)
def test_operator_is_left_and_chosen(family):
    host = multi(profile=family)
    assert lines(host.ask("AT+COPS=2")) == ["OK", "+PDP: DEACT"]
    assert host.ask("AT+COPS?") == line("+COPS: 2") + OK
    assert host.ask("AT+CREG?") == line("+CREG: 0,0") + OK
    refused = ERROR if family == "sim800" else line("+CME ERROR: 3")
    assert host.ask('AT+COPS=1,2,"99999"') == refused
    host.run('AT+COPS=1,2,"46000"')
    host.rest(20_000)
    assert host.ask("AT+COPS?").startswith(b'\r\n+COPS: 1,0,"CHINA MOBILE"')
    host.run("AT+COPS=0")
    assert host.ask("AT+COPS?").startswith(b'\r\n+COPS: 0,0,"CHINA MOBILE"')


def test_sim800_attaches_for_75_seconds_at_most():
    host = Host(profile="sim800")
    host.run("AT+CMEE=1", "AT+CGATT=0")
    host.modem.inject("registration_lost")
    assert host.ask("AT+CGATT=1", 70_000) == b""
    assert host.rest(10_000) == line("+CME ERROR: 180")
    assert host.ask("AT+CGACT=1,1") == line("+CME ERROR: 180")
    assert host.ask("AT+CGATT=1", 10_000) == b""
    host.modem.inject("registration_back")
    assert host.rest(20_000) == OK
    host.modem.inject("registration_denied")
    assert host.ask("AT+CGATT=1") == line("+CME ERROR: 107")


@pytest.mark.parametrize("family", LUAT_LIKE)
def test_luat_attaches_without_waiting(family):
    host = Host(profile=family)
    host.rest(0)
    host.modem.inject("registration_lost")
    assert host.ask("AT+CGATT=1", 100) == OK
    assert host.ask("AT+CGATT?") == line("+CGATT: 0") + OK
    assert host.ask("AT+CGATT=?") == line("+CGATT: (0,1)") + OK


# -- chatter -------------------------------------------------------------------------------------


def storm(host):
    host.modem.inject("urc_storm", 10)
    return set(lines(host.rest(100)))


@pytest.mark.parametrize("family", FAMILIES)
def test_storm_is_of_the_familys_own_lines(family):
    host = Host(profile=family)
    host.rest(0)
    profile = PROFILES[family]
    assert storm(host) == set(profile.chatter)


def test_sim800_tells_the_time_only_if_it_was_told_to():
    host = Host(profile="sim800")
    times = set(PROFILES["sim800"].time_lines)
    assert len(times) == 4 and not storm(host) & times
    host.run("AT+CLTS=1")
    assert times <= storm(host)
    host.modem.inject("registration_lost")
    host.rest(10)
    host.modem.inject("registration_back")
    assert times <= set(lines(host.rest(20_000)))


def test_boot_lines_are_options_of_the_profile():
    profile = replace(PROFILES["sim800"], boot_lines=(), later_boot_lines=(), ready_lines=())
    assert lines(restarted(profile).rest(20_000)) == ["+CPIN: READY"]
