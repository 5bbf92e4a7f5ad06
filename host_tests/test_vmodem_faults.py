"""Faults: each does what it says, once or by probability, and the same seed does the same."""

import pytest
from vmodem_host import Host, multi, served

from tools.vmodem import Faults, VirtualModem
from tools.vmodem.faults import ALL, EVENTS, OCCASIONS

OK = b"\r\nOK\r\n"
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


def test_lost_result_of_a_command():
    host = Host()
    host.modem.inject("lost_result")
    assert host.ask("AT+CSQ") == b"\r\n+CSQ: 23,0\r\n"
    assert host.ask("AT+CSQ") == b"\r\n+CSQ: 23,0\r\n" + OK


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
        assert host.ask(line) == b"\r\nERROR\r\n"
    host.modem.reset(host.now_us)
    assert b"RDY" in host.rest(2000)
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


@pytest.mark.parametrize("name", ["lost_result", "silent", "error", "echo_back", "urc_storm"])
def test_probability_is_kept(name):
    host = Host(faults=Faults(seed=4, **{name: 0.25}))
    for _ in range(400):
        host.ask("AT", 50)
    assert 70 < host.modem.faults.struck[name] < 130


def session(seed):
    faults = Faults(seed, lost_result=0.1, drop_byte=0.02, urc_storm=0.05, silent=0.05)
    host = Host(network=served(), faults=faults, seed=seed, interleave=0.2)
    return b"".join(host.ask(line) for line in ("AT", "AT+CSQ", "AT+CGSN", "AT+CIPSTATUS") * 20)


def test_seed_decides_everything():
    assert session(1) == session(1)
    assert session(1) != session(2)


def test_sum_of_all_faults_never_breaks_the_modem():
    rates = {name: 0.02 for name in ALL if name not in ("hang", "error_everything")}
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
