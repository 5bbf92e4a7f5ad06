"""Faults: each does what it says, once or by probability, and the same seed does the same."""

import re

import pytest
from vmodem_host import Host, multi, served, single

from tools.vmodem import Faults, Source, VirtualModem
from tools.vmodem.__main__ import main
from tools.vmodem.faults import ALL, EVENTS, OCCASIONS

OK = b"\r\nOK\r\n"
LASTING = ("hang", "error_everything", "power_down", "radio_stuck", "registration_denied")
SENT = b"\r\n0, SEND OK\r\n"


def connected(*before, host="sink", **options):
    result = multi(*before, **options)
    result.open(0, host)
    return result


# -- one-shot ------------------------------------------------------------------------------------


def test_lost_prompt_leaves_the_modem_waiting_for_the_payload():
    host = connected()
    host.modem.inject("lost_prompt")
    assert host.ask("AT+CIPSEND=0,3") == b""
    assert host.modem.awaiting_payload == 3
    assert host.type(b"abc") == SENT
    assert host.send(0, b"next") == SENT


@pytest.mark.parametrize("extra", [1, 5, 2000])
def test_owed_payload_is_more_than_the_host_was_told(extra):
    host = connected()
    host.modem.faults.random.randint = lambda low, high: min(extra, high)
    host.modem.inject("owed_payload")
    assert host.ask("AT+CIPSEND=0,3", 50) == b"\r\n> "
    assert host.type(b"abc") == b""
    owed = min(extra, 1460 - 3)
    assert host.modem.awaiting_payload == owed
    assert host.type(b"\r" * (owed - 1)) == b""
    assert host.type(b"\r" * 1460) == SENT
    assert host.network.peers[0].received == b"abc" + b"\r" * owed
    assert host.ask("AT") == OK


def test_owed_payload_waits_for_a_segment_that_can_be_misheard():
    host = connected()
    host.modem.inject("owed_payload")
    host.send(0, bytes(1460))
    assert host.modem.faults.armed["owed_payload"] == 1
    assert host.ask("AT+CIPSEND=0,1459", 50) == b"\r\n> "
    assert host.type(bytes(1459)) == b""
    assert host.modem.awaiting_payload == 1


def test_owed_payload_does_not_strike_where_the_end_is_typed():
    host = single()
    host.open_single("sink")
    host.modem.inject("owed_payload")
    host.ask("AT+CIPSEND", 50)
    assert host.type(b"abc\x1a") == b"\r\nSEND OK\r\n"
    assert host.modem.faults.armed["owed_payload"] == 1


@pytest.mark.parametrize(
    "line, rest",
    [("AT", b""), ("AT+CSQ", b"\r\n+CSQ: 23,0\r\n"), ("AT+CIPSHUT", b""), ("AT+NONSENSE", b"")],
)
def test_lost_ok_of_a_command(line, rest):
    host = connected()
    host.modem.inject("lost_result")
    host.modem.inject("lost_urc")
    host.modem.inject("lost_ok")
    assert host.ask(line) == rest
    assert host.ask("AT") == OK
    assert host.modem.faults.struck == {"lost_ok": 1}


def test_lost_ok_of_cipstart_spares_its_result():
    host = multi()
    host.modem.inject("lost_ok")
    assert host.ask('AT+CIPSTART=0,"TCP","sink",7') == b"\r\n0, CONNECT OK\r\n"


@pytest.mark.parametrize("line", ['AT+CIPSTART=0,"TCP","sink",7', 'AT+CDNSGIP="sink"'])
def test_lost_result_spares_the_ok(line):
    host = multi()
    host.modem.inject("lost_urc")
    host.modem.inject("lost_ok")
    assert host.ask("AT") == b""
    host.modem.inject("lost_result")
    assert host.ask(line) == OK
    assert host.modem.faults.struck == {"lost_ok": 1, "lost_result": 1}


def test_lost_result_of_a_refused_connect():
    host = multi()
    host.modem.inject("lost_result")
    assert host.ask('AT+CIPSTART=0,"TCP","nobody",7') == OK
    assert host.modem.links[0].state == "CLOSED"


def test_lost_result_of_a_send_is_not_a_lost_payload():
    host = connected()
    host.ask("AT+CIPSEND=0,3")
    host.modem.inject("lost_result")
    assert host.type(b"abc") == b""
    assert host.network.peers[0].received == b"abc"


def test_lost_result_does_not_eat_a_prompt():
    host = connected()
    host.modem.inject("lost_result")
    assert host.ask("AT+CIPSEND=0,3") == b"\r\n> "
    assert host.type(b"abc") == b""


def test_lost_urc():
    host = multi("AT+CIPRXGET=1")
    host.open(0)
    host.ask("AT+CIPSEND=0,3")
    host.modem.inject("lost_urc")
    assert host.type(b"abc") == SENT
    assert host.ask("AT+CIPRXGET=2,0,9") == b"\r\n+CIPRXGET: 2,0,3,0\r\nabc" + OK


def test_drop_byte_loses_exactly_one():
    host = Host()
    host.modem.inject("drop_byte")
    damaged = host.ask("AT+CGSN")
    whole = host.ask("AT+CGSN")
    assert len(damaged) == len(whole) - 1
    assert any(whole[:i] + whole[i + 1 :] == damaged for i in range(len(whole)))
    assert host.modem.faults.struck["drop_byte"] == 1


def test_corrupt_byte_flips_one_bit_and_spares_payload():
    host = connected(host="echo")
    host.modem.inject("corrupt_byte")
    said = host.ask("AT")
    flips = [bin(a ^ b).count("1") for a, b in zip(said, OK, strict=True)]
    assert sorted(flips) == [0, 0, 0, 0, 0, 1]
    host.ask("AT+CIPSEND=0,5")
    host.type(b"hello", 11)
    host.modem.inject("corrupt_byte")
    assert host.rest(100) == b"\r\n+RECEIVE,0,5:\r\nhello"
    assert host.ask("AT") != OK


def test_close_in_the_middle_of_a_payload():
    host = connected()
    host.ask("AT+CIPSEND=0,6")
    host.modem.inject("close_mid_send")
    assert host.type(b"abc", 1) == b"\r\n0, CLOSED\r\n"
    assert host.modem.awaiting_payload == 3  # the announced length is still to be typed
    assert host.type(b"def") == b""  # CLOSED was the result
    assert host.network.peers[0].received == b""
    assert host.ask("AT") == OK
    assert host.modem.connections[0].closed_by == "peer"


def test_close_mid_send_waits_for_a_payload_in_two_parts():
    host = connected()
    host.modem.inject("close_mid_send")
    assert host.send(0, b"whole") == SENT
    host.ask("AT+CIPSEND=0,6")
    assert host.type(b"a", 1) == b"\r\n0, CLOSED\r\n"


def test_silent_swallows_one_line():
    host = multi()
    host.modem.inject("silent")
    assert host.ask("AT+CIPSHUT") == b""
    assert host.state == "IP STATUS"
    assert host.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"


def test_error_refuses_one_line():
    host = multi()
    host.modem.inject("error")
    assert host.ask("AT+CIPSHUT") == b"\r\nERROR\r\n"
    assert host.state == "IP STATUS"
    assert host.ask("AT") == OK


def test_error_everything_until_the_restart():
    host = Host()
    host.modem.inject("error_everything")
    for line in ("AT", "AT+CSQ", "AT+RESET"):
        assert host.ask(line, 30_000) == b"\r\nERROR\r\n"
    host.modem.reset(host.now_us)
    assert b"RDY" in host.rest(2000)
    assert host.ask("AT") == b"AT\r" + OK


def test_error_spell_ends_by_itself():
    host = connected()
    host.modem.inject("error_spell")
    answers = [host.ask("AT", 1000) for _ in range(22)]
    assert answers == [b"\r\nERROR\r\n"] * 20 + [OK] * 2
    assert host.modem.links[0].state == "CONNECTED"


def test_error_spell_ends_with_a_restart():
    host = Host()
    host.modem.inject("error_spell")
    assert host.ask("AT") == b"\r\nERROR\r\n"
    host.modem.reset(host.now_us)
    host.rest(1100)
    assert host.ask("AT") == b"AT\r" + OK


def test_hang_until_the_reset_pin():
    host = connected(host="echo")
    host.modem.inject("hang")
    assert host.ask("AT", 60_000) == b""
    host.modem.reset(host.now_us)
    assert b"RDY" in host.rest(2000)
    assert host.ask("AT") == b"AT\r" + OK
    assert host.modem.connections[0].closed_by == "reboot"


def test_reboot():
    host = connected(echo=False)
    host.modem.inject("reboot")
    assert host.ask("AT", 900) == b""
    assert host.rest(200) == b"\xfe\r\nRDY\r\n"
    assert host.ask("AT") == b"AT\r" + OK  # echo is back
    assert host.network.peers[0].closed
    assert host.state == "IP INITIAL"


@pytest.mark.parametrize("option, after", [(None, 115200), (57600, 57600)])
def test_reboot_goes_back_to_the_power_on_rate(option, after):
    host = Host(baud=115200, power_on_baud=option)
    host.run("AT+IPR=9600")
    assert host.modem.baud == 9600
    host.modem.inject("reboot")
    host.rest(1)
    assert host.modem.baud == after


def brown_out(seed):
    host = connected(echo=False, faults=Faults(seed))
    host.modem.inject("brown_out")
    return host, host.ask("AT+CGSN", 500), host.rest(2000)


def test_brown_out_tears_an_answer_and_restarts():
    whole = b"\r\n861290079934290\r\n"
    for seed in range(20):
        host, noise, boot = brown_out(seed)
        assert len(noise) == len(whole) and noise != whole and OK not in noise
        assert boot in (b"\xfe", b"\xfe\r\nRDY\r\n")
        assert host.ask("AT") == b"AT\r" + OK
        assert host.state == "IP INITIAL" and host.network.peers[0].closed


def test_brown_out_hides_the_restart_half_the_time():
    silent = sum(b"RDY" not in brown_out(seed)[2] for seed in range(40))
    assert 10 < silent < 30


def test_lost_boot():
    host = Host()
    host.rest(1)
    host.modem.inject("lost_boot")
    host.modem.inject("reboot")
    assert host.rest(2000) == b"\xfe"
    assert host.ask("AT") == b"AT\r" + OK


def test_baud_changed_is_another_rate_for_good():
    for seed in range(20):
        host = Host(seed=seed)
        host.rest(1)
        host.modem.inject("baud_changed")
        assert b"RDY" in host.rest(2000)
        rate = host.modem.baud
        assert rate != 115200
        host.modem.reset(host.now_us)
        host.rest(2000)
        assert host.modem.baud == rate


def test_autobaud_is_mute_until_an_at_tells_the_rate():
    host = Host()
    host.modem.inject("autobaud")
    assert host.rest(10_000) == b""
    assert host.ask("at") == host.ask("XA") == b""
    host.modem.feed(b"\rA", host.now_us, 57600)
    assert host.modem.finds_rate and host.modem.baud == 115200
    host.modem.feed(b"T\r", host.now_us, 57600)
    assert not host.modem.finds_rate and host.modem.baud == 57600
    assert host.rest(1000) == b""  # this AT is lost
    assert host.ask("AT") == b"AT\r" + OK


@pytest.mark.parametrize("when", ["half a line", "payload owed", "answer pending"])
def test_reboot_in_the_middle(when):
    host = connected()
    typed = {
        "half a line": b"AT+CI",
        "payload owed": b"AT+CIPSEND=0,9\r\n",
        "answer pending": b"AT\r",
    }
    host.type(typed[when], 5 if when == "answer pending" else 100)
    host.modem.inject("reboot")
    assert host.rest(900) == b""
    host.rest(10_000)
    assert host.modem.mode == "command"
    assert host.ask("ATE0") == b"ATE0\r" + OK


def test_echo_back():
    host = Host()
    host.modem.inject("echo_back")
    assert host.ask("AT") == b"AT\r" + OK


def test_urc_storm():
    host = Host()
    host.modem.inject("urc_storm")
    lines = [line for line in host.rest(1).split(b"\r\n") if line]
    assert len(lines) == 20
    assert {line.decode() for line in lines} <= {*host.modem.profile.chatter}
    assert host.ask("AT") == OK


def test_registration_lost_and_back():
    host = connected()
    host.modem.inject("registration_lost")
    assert host.rest(1) == b"\r\n+PDP: DEACT\r\n"
    assert host.ask("AT+CREG?") == b"\r\n+CREG: 0,2\r\n" + OK
    host.run("AT+CIPSHUT", "AT+CSTT")
    assert b"65535" in host.ask("AT+CIICR")
    host.modem.inject("registration_back")
    assert b"+E_UTRAN Service" in host.rest(10_000)
    host.run("AT+CIPSHUT")
    host.up()
    host.open(0)


def test_registration_denied():
    host = connected()
    host.run("AT+CREG=1")
    host.modem.inject("registration_denied")
    assert host.rest(1) == b"\r\n+CREG: 3\r\n\r\n+PDP: DEACT\r\n"
    assert host.ask("AT+CEREG?", 60_000) == b"\r\n+CEREG: 0,3\r\n" + OK
    assert host.ask("AT+CGATT?") == b"\r\n+CGATT: 0\r\n" + OK
    host.run("AT+CFUN=0", "AT+CFUN=1")
    assert host.ask("AT+CREG?", 60_000) == b"\r\n+CREG: 1,3\r\n" + OK
    host.modem.inject("registration_back")
    assert b"\r\n+CREG: 1\r\n" in host.rest(10_000)


@pytest.mark.parametrize("function", [0, 4])
def test_radio_stuck_until_cfun_cycles(function):
    host = connected()
    host.modem.inject("radio_stuck")
    assert host.rest(1) == b"\r\n+PDP: DEACT\r\n"
    assert host.ask("AT+CREG?", 60_000) == b"\r\n+CREG: 0,2\r\n" + OK
    host.run("AT+CFUN=1")
    assert host.ask("AT+CREG?", 60_000) == b"\r\n+CREG: 0,2\r\n" + OK
    host.run(f"AT+CFUN={function}", "AT+CFUN=1")
    host.rest(10_000)
    assert host.ask("AT+CREG?") == b"\r\n+CREG: 0,1\r\n" + OK


def test_radio_stuck_until_a_restart():
    host = connected()
    host.modem.inject("radio_stuck")
    host.rest(1)
    host.modem.reset(host.now_us)
    assert b"+E_UTRAN Service" in host.rest(10_000)


def test_refused_peer():
    host = multi()
    host.modem.inject("refused_peer")
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7') == OK + b"\r\n0, CONNECT FAIL\r\n"
    assert host.modem.connections[0].closed_by == "refused"
    host.open(0)


def test_refused_peer_of_a_link_that_was_closed_meanwhile():
    host = multi()
    host.modem.inject("refused_peer")
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7', 11) == OK
    assert host.ask("AT+CIPCLOSE=0", 11) == b"\r\n0, CLOSE OK\r\n"
    host.modem.feed(b'AT+CIPSTART=0,"TCP","echo",7\r', host.now_us)
    assert host.rest(1000) == OK + b"\r\n0, CONNECT OK\r\n"


def test_silent_peer():
    host = multi()
    host.modem.inject("silent_peer")
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7', 75_000) == OK
    assert host.rest(1000) == b"\r\n0, CONNECT FAIL\r\n"
    assert host.modem.connections[0].closed_by == "timeout"
    host.open(0)


def test_peers_of_udp_cannot_refuse():
    host = multi()
    for name in ("refused_peer", "silent_peer"):
        host.modem.inject(name)
    host.open(0, kind="UDP")


def test_slow_network_is_late_but_in_order():
    host = multi()
    host.open(0)
    host.modem.inject("slow_network")
    assert host.ask('AT+CIPSTART=2,"TCP","echo",7', 1900) == OK
    assert host.rest(8000) == b"\r\n2, CONNECT OK\r\n"
    for number in range(5):
        host.send(0, b"%d" % number)
    late = host.rest(60_000)
    assert late == b"".join(b"\r\n+RECEIVE,0,1:\r\n%d" % number for number in range(5))
    host.send(0, b"x")
    assert host.rest(100) == b"\r\n+RECEIVE,0,1:\r\nx"


def test_slow_network_forgets_a_closed_link():
    host = multi()
    host.open(0)
    host.modem.inject("slow_network")
    host.send(0, b"old")
    host.rest(1000)
    host.run("AT+CIPCLOSE=0")
    host.ask('AT+CIPSTART=0,"TCP","echo",7', 60_000)
    host.send(0, b"new")
    assert host.rest(60_000) == b"\r\n+RECEIVE,0,3:\r\nnew"


def test_slow_network_holds_a_fast_peer_back():
    body = bytes(range(256)) * 100
    network = served(flood=lambda: Source(body, close=False))
    host = multi("AT+CIPRXGET=1", network=network)
    host.modem.inject("slow_network")
    host.ask('AT+CIPSTART=0,"TCP","flood",7', 12_000)
    assert host.modem.links[0].inbox.left < 4 * 1460
    host.rest(60_000)
    for at in range(0, 25 * 1024, 1024):
        said = host.ask("AT+CIPRXGET=2,0,1024", 500)
        assert body[at : at + 1024] in said


def test_slow_network_delays_activation():
    host = Host(network=served())
    host.run("AT+CSTT")
    host.modem.inject("slow_network")
    assert host.ask("AT+CIICR", 2000) == b""
    assert host.rest(8000) == OK


def test_power_down_until_the_power_key():
    host = connected()
    host.modem.inject("power_down")
    assert host.ask("AT", 60_000) == b""
    host.modem.inject("reboot")  # a modem that is off cannot
    assert host.rest(10_000) == b"" and host.modem.is_off
    press(host, "power", 1100)
    assert b"RDY" in host.rest(2000)


# -- pins ----------------------------------------------------------------------------------------


def press(host, pin, ms):
    drive = getattr(host.modem.pins, pin)
    drive(0)
    said = host.rest(ms)
    drive(1)
    return said


@pytest.mark.parametrize("ms, starts", [(990, False), (1000, True), (2000, True), (9000, True)])
def test_power_key_starts_a_modem_that_is_off(ms, starts):
    host = Host(powered=False)
    assert host.ask("AT", 60_000) == b""
    said = press(host, "power", ms) + host.rest(2000)
    assert (b"RDY" in said) == starts == (not host.modem.is_off)
    assert bool(host.ask("AT")) == starts


def test_power_key_twice_too_short_does_not_add_up():
    host = Host(powered=False)
    for _ in range(5):
        press(host, "power", 900)
        host.rest(10)
    assert host.modem.is_off


@pytest.mark.parametrize("before", [(), ("hang",)])
@pytest.mark.parametrize("ms, off", [(2000, False), (2990, False), (3000, True)])
def test_power_key_held_for_long_switches_off(before, ms, off):
    host = connected()
    for fault in before:
        host.modem.inject(fault)
    press(host, "power", ms)
    assert host.modem.is_off == off
    host.rest(50)
    assert host.network.peers[0].closed == off
    if off:
        assert host.ask("AT", 10_000) == b""
        press(host, "power", 1500)
        host.rest(2000)
        assert host.ask("AT") == b"AT\r" + OK


@pytest.mark.parametrize("before", [(), ("hang",), ("error_everything",)])
@pytest.mark.parametrize("ms, restarts", [(99, False), (100, True), (5000, True)])
def test_reset_pin(before, ms, restarts):
    host = connected()
    for fault in before:
        host.modem.inject(fault)
    assert press(host, "reset", ms) == b""
    assert host.rest(990) == b""  # it starts when the pin rises
    assert (b"RDY" in host.rest(20)) == restarts
    assert host.network.peers[0].closed == restarts


def test_modem_in_reset_is_dead():
    host = Host()
    host.modem.pins.reset(0)
    assert host.ask("AT", 99)
    host.rest(1)
    assert host.ask("AT", 5000) == b""
    host.modem.pins.power(0)
    assert host.rest(5000) == b""
    host.modem.pins.power(1)
    host.modem.pins.reset(1)
    assert b"RDY" in host.rest(2000)


def test_reset_pin_does_not_start_a_modem_that_is_off():
    host = Host(powered=False)
    press(host, "reset", 1000)
    assert host.rest(5000) == b"" and host.modem.is_off


def test_pin_pressed_through_a_restart():
    host = Host()
    host.modem.pins.reset(0)
    host.rest(50)
    host.modem.inject("reboot")
    host.rest(60)
    assert host.rest(5000) == b""  # held in reset
    host.modem.pins.reset(1)
    assert b"RDY" in host.rest(1100)


# -- AT+CFUN -------------------------------------------------------------------------------------


def test_cfun_cycle_takes_links_and_context_down_and_registers_again():
    host = connected()
    host.run("AT+CREG=1", "ATE1")
    assert host.ask("AT+CFUN=0") == (
        b"AT+CFUN=0\r" + OK + b"\r\n+CREG: 0\r\n\r\n+PDP: DEACT\r\n\r\n+CGEV: ME DETACH\r\n"
    )
    assert host.network.peers[0].closed and host.modem.connections[0].closed_by == "pdp"
    assert host.state == "PDP DEACT"
    assert b"+CREG: 1,0" in host.ask("AT+CREG?", 60_000)
    assert host.ask("AT+CFUN=1", 1000) == b"AT+CFUN=1\r" + OK
    assert b"\r\n+CREG: 1\r\n" in host.rest(5000)
    host.run("AT+CIPSHUT")
    host.up()
    host.modem.settings.echo = False
    host.open(0)


@pytest.mark.parametrize("function, asked", [(0, b"SIM PIN"), (4, b"READY")])
def test_cfun_0_switches_the_sim_off(function, asked):
    host = Host(pin="1234")
    host.run('AT+CPIN="1234"', f"AT+CFUN={function}", "AT+CFUN=1")
    assert asked in host.ask("AT+CPIN?")


def test_cfun_1_1_restarts():
    host = connected()
    assert host.ask("AT+CFUN=1,1", 900) == OK
    assert host.rest(200) == b"\xfe\r\nRDY\r\n"
    assert host.ask("AT") == b"AT\r" + OK
    assert host.network.peers[0].closed and host.state == "IP INITIAL"


# -- one-shot again ------------------------------------------------------------------------------


def test_sim_removed_and_inserted():
    host = connected()
    host.modem.inject("sim_removed")
    assert host.rest(1) == (
        b"\r\n+PDP: DEACT\r\n\r\n^MODE: 0,0\r\n\r\n+NO Service\r\n\r\n+CGEV: NW PDN DEACT 1\r\n"
        b"\r\n+CGEV: ME DETACH\r\n\r\n+CPIN: SIM REMOVED 0\r\n"
    )
    assert host.ask("AT+CPIN?") == b"\r\n+CME ERROR: 10\r\n"
    host.modem.inject("sim_inserted")
    assert host.rest(1) == b"\r\n+CPIN: READY 0\r\n"
    assert b"+E_UTRAN Service" in host.rest(10_000)
    assert host.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK


def test_activation_failed():
    host = Host(network=served())
    host.run("AT+CSTT")
    host.modem.inject("activation_failed")
    assert host.ask("AT+CIICR") == b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n"
    host.run("AT+CIPSHUT")
    host.up()


def test_context_lost_while_ciicr_is_at_work():
    host = Host()
    host.run("AT+CSTT")
    host.ask("AT+CIICR", 50)
    host.modem.inject("pdp_deact")
    assert host.rest(1000).endswith(b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n")
    assert host.state == "PDP DEACT"


def test_times():
    host = Host()
    host.modem.inject("silent", times=3)
    assert [bool(host.ask("AT")) for _ in range(5)] == [False] * 3 + [True] * 2


# -- interleaving --------------------------------------------------------------------------------


def test_unsolicited_line_between_reply_and_ok():
    host = Host(interleave=1.0)
    lines = [line for line in host.ask("AT+CSQ").split(b"\r\n") if line]
    assert lines.index(b"+CSQ: 23,0") == 1 and lines[-1] == b"OK" and len(lines) == 4


def test_data_between_manual_read_and_its_ok():
    host = multi("AT+CIPRXGET=1")
    host.open(0)
    host.open(1)
    host.send(0, b"hello")
    host.rest(100)
    host.modem.faults.probabilities["interleave"] = 1.0
    host.network.peers[1].send(b"x", after_us=-9_999)  # is there 10.001 ms from now
    said = host.ask("AT+CIPRXGET=2,0,5")
    payload = said.index(b"+CIPRXGET: 2,0,5,0\r\nhello\r\n")
    urc = said.index(b"\r\n+CIPRXGET: 1,1\r\n")
    assert payload < urc < said.rindex(OK)


def test_next_command_waits_for_the_torn_answer():
    host = Host(interleave=1.0)
    said = host.type(b"AT+CSQ\rAT+CGSN\r")
    assert said.index(b"+CSQ") < said.index(OK) < said.index(b"8612")


# -- probabilities -------------------------------------------------------------------------------


def test_certain_fault_strikes_on_every_occasion():
    host = Host(faults=Faults(error=1.0))
    assert [host.ask("AT") for _ in range(20)] == [b"\r\nERROR\r\n"] * 20


def test_payload_echo_is_spared_by_bit_flips():
    host = multi(echo=True)
    host.ask('AT+CIPSTART=0,"TCP","sink",9')
    for line in ("AT+CIPSEND=0,5", "AT+CIPSEND=0"):
        host.ask(line)
        host.modem.inject("corrupt_byte")
        assert host.type(b"hello", 1) == b"hello"
        host.type(b"\x1a" if line.endswith("0") else b"")


@pytest.mark.parametrize("name", ["lost_ok", "silent", "error", "echo_back", "urc_storm"])
def test_probability_is_kept(name):
    host = Host(faults=Faults(seed=4, **{name: 0.25}))
    for _ in range(400):
        host.ask("AT", 50)
    assert 70 < host.modem.faults.struck[name] < 130


def session(seed):
    faults = Faults(seed, lost_ok=0.1, drop_byte=0.02, urc_storm=0.05, silent=0.05)
    host = Host(network=served(), faults=faults, seed=seed, interleave=0.2)
    return b"".join(host.ask(line) for line in ("AT", "AT+CSQ", "AT+CGSN", "AT+CIPSTATUS") * 20)


def test_seed_decides_everything():
    assert session(1) == session(1)
    assert session(1) != session(2)


def test_sum_of_all_faults_never_breaks_the_modem():
    rates = {name: 0.02 for name in ALL if name not in LASTING}
    for seed in range(5):
        host = Host(network=served(), faults=Faults(seed, **rates), seed=seed)
        for line in ("AT+CIPMUX=1", "AT+CSTT", "AT+CIICR", "AT+CIFSR") * 3:
            host.ask(line)
        for i in range(60):
            host.ask(f'AT+CIPSTART={i % 6},"TCP","echo",7')
            host.ask(f"AT+CIPSEND={i % 6},10")
            host.type(b"0123")
            host.type(b"456789")
            host.ask("AT+CIPRXGET=2,0,1460")
        host.modem.faults.probabilities.clear()
        host.modem.faults.armed.clear()
        host.modem.reset(host.now_us)
        host.rest(2000)
        host.ask("AT")  # of autobaud
        host.rest(20_000)
        assert host.ask("AT").endswith(OK)
        for connection in host.modem.connections:
            assert connection.closed_by is not None
            assert connection.bytes_down <= connection.bytes_up


# -- names ---------------------------------------------------------------------------------------


def test_unknown_names_and_bad_probabilities_are_named():
    with pytest.raises(ValueError, match="'gremlins'"):
        Faults(gremlins=0.5)
    with pytest.raises(ValueError, match="lost_prompt=1.5"):
        Faults(lost_prompt=1.5)
    with pytest.raises(ValueError, match="'gremlins'"):
        VirtualModem(served()).inject("gremlins")


def test_every_event_can_be_injected():
    for name in EVENTS:
        host = connected()
        host.modem.inject(name)
        host.rest(1)
        assert host.modem.counters[name] == 1
    assert not set(EVENTS) & set(OCCASIONS)


def test_help_tells_every_fault(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for name, meaning in ALL.items():
        assert re.search(rf"^  {name} +{re.escape(meaning)}$", said, re.MULTILINE), name
