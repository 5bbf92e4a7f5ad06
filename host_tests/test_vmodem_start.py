"""AT+CIPSTART, AT+CIPCLOSE and AT+CIPSTATUS of the virtual modem, family by family."""

import pytest
from vmodem_families import ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import Host, served

from tools.vmodem import CloseEarly, Peer, Refuse, Silent, Sink

UP = b"\r\nCONNECT OK\r\n"
FAIL = b"\r\nCONNECT FAIL\r\n"


def fresh(profile, **options):
    """A modem in IP INITIAL, single link."""
    network = served(silent=Silent, refuse=Refuse, early=CloseEarly)
    return Host(network=network, profile=profile, **options)


# -- legal states --------------------------------------------------------------------------------


@pytest.mark.parametrize("profile, allowed", [(luat(), True), (sim800(), False)])
def test_single_link_after_a_close(profile, allowed):
    host = single(profile)
    host.open_single()
    host.run("AT+CIPCLOSE")
    assert host.state == "TCP CLOSED"
    said = host.ask('AT+CIPSTART="TCP","echo",7')
    assert said == (OK + UP if allowed else ERROR)
    if not allowed:
        host.run("AT+CIPSHUT")
        host.open_single()


@pytest.mark.parametrize("profile", [luat(), sim800()])
def test_several_links_may_be_opened_one_after_the_other(profile):
    host = multi(profile)
    for link in range(6):
        host.open(link)
    assert host.state == "IP PROCESSING"


def test_single_link_from_ip_initial_takes_the_time_of_the_bring_up():
    host = fresh(luat())
    before_us = host.modem.profile.activate_us
    assert host.ask('AT+CIPSTART="TCP","echo",7', before_us / 1000) == OK
    assert host.state == "IP CONFIG"
    assert host.rest(100) == UP
    assert host.ask("AT+CIFSR") == b"\r\n10.78.245.128\r\n"


@pytest.mark.parametrize("profile, seconds", [(luat(), 75), (sim800(), 160)])
def test_single_link_from_ip_initial_has_a_limit_of_its_own(profile, seconds):
    host = fresh(profile)
    assert host.ask('AT+CIPSTART="TCP","silent",1', seconds * 1000) == OK
    assert host.rest(100) == b"\r\nSTATE: IP STATUS\r\n" + FAIL


def test_bring_up_inside_cipstart_can_fail():
    host = fresh(luat())
    host.modem.inject("activation_failed")
    assert host.ask('AT+CIPSTART="TCP","echo",7') == OK + b"\r\nSTATE: PDP DEACT\r\n" + FAIL
    assert host.ask('AT+CIPSTART="TCP","echo",7') == REFUSED
    host.run("AT+CIPSHUT")
    host.open_single()


def test_bring_up_inside_cipstart_that_is_shut_meanwhile_opens_nothing():
    host = fresh(luat(activate_us=5_000_000))
    assert host.ask('AT+CIPSTART="TCP","echo",7') == OK
    assert host.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
    assert host.rest(10_000) == b""
    assert host.network.peers == []


@pytest.mark.parametrize("lost", ["AT+CGATT=0"])
def test_no_link_without_the_network(lost):
    host = single(luat())
    host.ask(lost)
    assert host.state == "PDP DEACT"
    assert host.ask('AT+CIPSTART="TCP","echo",7') == REFUSED
    host.run("AT+CIPSHUT")
    assert host.ask('AT+CIPSTART="TCP","echo",7') == REFUSED


def test_multi_link_form_never_starts_from_ip_initial():
    host = fresh(sim800())
    host.run("AT+CIPMUX=1")
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7') == ERROR


# -- results -------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["OK", "ERROR"])
def test_already_connect_follows_ok_or_error(first):
    host = multi(luat(already_connect=first))
    host.open(1)
    said = host.ask('AT+CIPSTART=1,"TCP","echo",7')
    assert said == b"\r\n%s\r\n\r\n1, ALREADY CONNECT\r\n" % first.encode()


@pytest.mark.parametrize("bare, end", [(False, b"\r\n"), (True, b"")])
def test_connect_ok_may_lack_its_line_end(bare, end):
    profile = luat(bare_connect_ok=bare)
    assert single(profile).ask('AT+CIPSTART="TCP","echo",7') == OK + b"\r\nCONNECT OK" + end
    said = multi(profile).ask('AT+CIPSTART=4,"TCP","echo",7')
    assert said == OK + b"\r\n4, CONNECT OK" + end


@pytest.mark.parametrize("separator", [", ", ","])
def test_space_behind_the_link_number(separator):
    host = multi(luat(link_separator=separator), network=served(early=CloseEarly))
    tag = b"2" + separator.encode()
    said = host.ask('AT+CIPSTART=2,"TCP","early",7')
    assert said == OK + b"\r\n" + tag + b"CONNECT OK\r\n\r\n" + tag + b"CLOSED\r\n"


@pytest.mark.parametrize("line, more", [("", b""), ("DNS Fail", b"\r\nDNS Fail\r\n")])
def test_unknown_name(line, more):
    profile = luat(unknown_name_line=line)
    said = multi(profile).ask('AT+CIPSTART=2,"TCP","nowhere.example",7')
    assert said == OK + more + b"\r\n2, CONNECT FAIL\r\n"
    said = single(profile).ask('AT+CIPSTART="TCP","nowhere.example",7')
    assert said == OK + more + b"\r\nSTATE: IP STATUS\r\n" + FAIL


def test_name_that_is_known_but_refuses_is_no_dns_failure():
    host = multi(sim800(), network=served(refuse=Refuse))
    assert host.ask('AT+CIPSTART=2,"TCP","refuse",7') == OK + b"\r\n2, CONNECT FAIL\r\n"
    assert host.ask('AT+CIPSTART=2,"TCP","10.1.2.3",7') == OK + b"\r\n2, CONNECT FAIL\r\n"


def test_dead_context_tells_its_state_and_nothing_else():
    host = multi(luat())
    host.open(0)
    host.modem.stack.kill_context()
    assert host.ask('AT+CIPSTART=1,"TCP","echo",7') == OK + b"\r\nSTATE: PDP DEACT\r\n"
    assert host.rest(200_000) == b""
    assert [one.closed_by for one in host.modem.connections] == ["pdp", "pdp"]
    assert host.ask('AT+CIPSTART=1,"TCP","echo",7') == REFUSED
    host.run("AT+CIPSHUT")
    host.up()
    host.open(1)


# -- CIPCLOSE ------------------------------------------------------------------------------------


class Reluctant(Peer):
    """Takes the first 500 bytes a second after they were sent, then nothing."""

    rate = 500


def closing(manner, mux):
    host = (multi if mux else single)(luat(), network=served(reluctant=Reluctant))
    if mux:
        host.open(3, "reluctant")
        host.send(3, bytes(500))
        return host, host.ask(f"AT+CIPCLOSE=3,{manner}", 100)
    host.open_single("reluctant")
    host.ask("AT+CIPSEND=500", 100)
    host.type(bytes(500), 10)
    return host, host.ask(f"AT+CIPCLOSE={manner}", 100)


@pytest.mark.parametrize("mux, answer", [(0, b"\r\nCLOSE OK\r\n"), (1, b"\r\n3, CLOSE OK\r\n")])
def test_quick_close_is_answered_at_once_and_a_slow_one_when_the_peer_has_heard(mux, answer):
    assert closing(1, mux)[1] == answer
    host, said = closing(0, mux)
    assert said == b""
    assert host.modem.links[3 * mux].state == "CLOSING"
    assert host.rest(2000) == answer
    assert host.modem.links[3 * mux].state == "CLOSED"
    assert host.network.peers[-1].received == bytes(500)


def test_slow_close_gives_up():
    host = multi(luat(slow_close_us=300_000), network=served(reluctant=Reluctant))
    host.open(0, "reluctant")
    host.send(0, bytes(1000))
    assert host.ask("AT+CIPCLOSE=0,0", 290) == b""
    assert host.rest(30) == b"\r\n0, CLOSE OK\r\n"


def test_peer_that_closes_during_a_slow_close_is_not_told_of_twice():
    class Leaves(Peer):
        rate = 100

        def on_connected(self):
            self.close(after_us=200_000)

    host = multi(luat(), network=served(leaves=Leaves))
    assert host.ask('AT+CIPSTART=0,"TCP","leaves",1', 60).endswith(b"0, CONNECT OK\r\n")
    host.ask("AT+CIPSEND=0,500", 20)
    host.type(bytes(500), 20)
    assert host.ask("AT+CIPCLOSE=0,0", 1000) == b"\r\n0, CLOSE OK\r\n"
    assert host.rest(5000) == b""
    assert host.modem.connections[0].closed_by == "host"


@pytest.mark.parametrize("stays, state", [(False, "IP STATUS"), (True, "IP PROCESSING")])
def test_state_when_the_last_of_several_links_has_been_closed(stays, state):
    host = multi(luat(stays_processing=stays))
    host.open(0)
    host.open(1)
    host.run("AT+CIPCLOSE=0")
    assert host.state == "IP PROCESSING"
    host.run("AT+CIPCLOSE=1")
    assert host.state == state
    host.open(5)


@pytest.mark.parametrize("line", ["AT+CIPCLOSE=2", "AT+CIPCLOSE=0,2"])
def test_close_of_a_bad_link_or_in_a_bad_manner_is_refused(line):
    host = multi(luat())
    host.open(0)
    assert b"ERROR" in host.ask(line)
    assert host.modem.links[0].state == "CONNECTED"


def test_close_in_single_link_mode_takes_one_argument_at_most():
    host = single(luat())
    host.open_single()
    assert b"ERROR" in host.ask("AT+CIPCLOSE=0,1")
    assert host.ask("AT+CIPCLOSE=1") == b"\r\nCLOSE OK\r\n"
    assert host.ask("AT+CIPCLOSE") == REFUSED


# -- CIPSTATUS -----------------------------------------------------------------------------------


def test_multi_link_status_on_the_wire():
    host = multi(luat(), network=served(**{"81.161.156.81": Sink}))
    host.open(0, "81.161.156.81", 14450, "UDP")
    rest = b"".join(b'C: %d,,"","","","INITIAL"\r\n' % n for n in range(1, 6))
    assert host.ask("AT+CIPSTATUS") == (
        OK
        + b"\r\nSTATE: IP PROCESSING\r\n"
        + b'\r\nC: 0,0,"UDP","81.161.156.81","14450","CONNECTED"\r\n'
        + rest
    )


def test_six_lines_follow_in_every_state():
    host = Host(network=served())
    host.run("AT+CIPMUX=1")
    for command in ("AT", "AT+CSTT", "AT+CIICR", "AT+CIFSR", "AT+CGATT=0", "AT+CIPSHUT"):
        host.ask(command)
        assert host.ask("AT+CIPSTATUS").count(b"INITIAL") - (host.state == "IP INITIAL") == 6


@pytest.mark.parametrize("links", [6, 8])
def test_number_of_links(links):
    host = multi(luat(links=links, send_test_links=f"(0-{links - 1})"))
    host.open(links - 1)
    assert host.ask("AT+CIPSTATUS").count(b"\r\nC: ") == links
    assert host.ask(f'AT+CIPSTART={links},"TCP","echo",7') == b"\r\n+CME ERROR: 53\r\n"
    assert b"+CIPSTART: (0-%d)," % (links - 1) in host.ask("AT+CIPSTART=?")
    assert host.ask("AT+CIPSEND=?") == b"\r\n+CIPSEND: (0-%d),<length>\r\n" % (links - 1) + OK


@pytest.mark.parametrize("state, link", [("STATE: ", "C: "), ("STATE:", "C:")])
def test_space_behind_state_and_c(state, link):
    profile = luat(state_prefix=state, link_line_prefix=link)
    said = multi(profile).ask("AT+CIPSTATUS")
    assert b"\r\n%sIP STATUS\r\n\r\n%s0,," % (state.encode(), link.encode()) in said
    said = single(profile).ask('AT+CIPSTART="TCP","nowhere",1')
    assert said == OK + b"\r\n%sIP STATUS\r\n" % state.encode() + FAIL


@pytest.mark.parametrize("prefix", ["+CIPSTATUS: ", ""])
def test_status_of_one_link_with_its_prefix_or_without(prefix):
    host = multi(luat(status_prefix=prefix))
    host.open(1)
    line = b'%s1,0,"TCP","echo","7","CONNECTED"' % prefix.encode()
    assert host.ask("AT+CIPSTATUS=1") == b"\r\n" + line + b"\r\n" + OK
    assert host.ask("AT+CIPSTATUS=0").startswith(b'\r\n%s0,,"",' % prefix.encode())


@pytest.mark.parametrize("gap_us", [0, 100_000])
def test_state_line_may_come_a_while_after_the_ok(gap_us):
    host = single(luat(status_gap_us=gap_us))
    line = b"\r\nSTATE: IP STATUS\r\n"
    assert host.ask("AT+CIPSTATUS", 15) == (OK if gap_us else OK + line)
    assert host.rest(100) == (line if gap_us else b"")


@pytest.mark.parametrize("name", ["UDP CLOSED", "TCP CLOSED"])
def test_name_of_the_closed_udp_state(name):
    host = single(luat(udp_closed_state=name))
    host.open_single(kind="UDP")
    host.run("AT+CIPCLOSE")
    assert host.ask("AT+CIPSTATUS") == OK + b"\r\nSTATE: %s\r\n" % name.encode()
    host.open_single(kind="UDP")


@pytest.mark.parametrize("command", ["CIPCLOSE", "CIPSTATUS", "CIPACK", "CIPSHUT"])
def test_test_forms_that_are_just_ok(command):
    assert single(luat()).ask(f"AT+{command}=?") == OK
