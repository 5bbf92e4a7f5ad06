"""Opening, sending, receiving and closing over the virtual modem's links."""

import random

import pytest
from vmodem_host import Host, every_split, multi, served, single

from tools.vmodem import CloseEarly, Echo, Peer, Refuse, Silent, Sink, Slow, Source

OK = b"\r\nOK\r\n"
REFUSED = b"\r\n+CME ERROR: 3\r\n"
BAD = b"\r\n+CME ERROR: 53\r\n"
FULL = b"\r\n+CME ERROR: 914\r\n"
TRAPS = b"\r\nOK\r\n\r\n0, CLOSED\r\n> \r\n+RECEIVE,1,5:\r\n\x1a\x1b+++" + bytes(range(256))


# -- byte vectors of real modems -----------------------------------------------------------------

VECTORS = (
    # A SIM800L's UART as hex (HEX), the echo rule of S868H, the payload echo of LUATSHOT.
    (b"AT+CIPSTATUS\r", b"AT+CIPSTATUS\r\r\nOK\r\n\r\nSTATE: IP INITIAL\r\n"),
    (b"AT+CIPMUX=1\r", b"AT+CIPMUX=1\r\r\nOK\r\n"),
    (b"AT+CSTT\r", b"AT+CSTT\r\r\nOK\r\n"),
    (b"AT+CIICR\r", b"AT+CIICR\r\r\nOK\r\n"),
    (b"AT+CIFSR\r", b"AT+CIFSR\r\r\n10.78.245.128\r\n"),
    (
        b'AT+CIPSTART=0,"UDP","echo","7"\r',
        b'AT+CIPSTART=0,"UDP","echo","7"\r\r\nOK\r\n\r\n0, CONNECT OK\r\n',
    ),
    (b"AT+CIPSEND=0,5\r", b"AT+CIPSEND=0,5\r\r\n> "),
    (b"hello", b"hello\r\n0, SEND OK\r\n\r\n+RECEIVE,0,5:\r\nhello"),
    (b"AT+CIPCLOSE=0\r", b"AT+CIPCLOSE=0\r\r\n0, CLOSE OK\r\n"),
    (b"AT+CIPSHUT\r", b"AT+CIPSHUT\r\r\nSHUT OK\r\n"),
)


def test_byte_vectors():
    host = Host(network=served(), echo=True)
    for typed, said in VECTORS:
        assert host.type(typed) == said


def test_byte_vectors_typed_one_by_one():
    host = Host(network=served(), echo=True)
    for typed, said in VECTORS:
        got = b"".join(host.type(typed[i : i + 1], 0.1) for i in range(len(typed)))
        assert got + host.rest(3000) == said


def test_byte_vector_of_a_peer_that_closes():
    host = multi(network=served(early=CloseEarly))
    assert host.ask('AT+CIPSTART=1,"TCP","early",1') == (
        OK + b"\r\n1, CONNECT OK\r\n" + b"\r\n1, CLOSED\r\n"
    )


def test_byte_vector_of_a_manual_read():
    host = multi("AT+CIPRXGET=1", network=served(), echo=True)
    host.ask('AT+CIPSTART=0,"TCP","echo",7')
    host.ask("AT+CIPSEND=0,4")
    assert host.type(b"abcd").endswith(b"\r\n+CIPRXGET: 1,0\r\n")
    line = b"AT+CIPRXGET=2,0,1460\r"
    assert host.type(line) == line + b"\r\n+CIPRXGET: 2,0,4,0\r\nabcd" + OK


# -- CIPSTART ------------------------------------------------------------------------------------

FORMS = ('"TCP","echo",7', '"TCP","echo","7"', "TCP,echo,7", 'tcp,"echo","7"', '"UDP",echo,7')


@pytest.mark.parametrize("form", FORMS)
def test_every_spelling_in_both_modes(form):
    assert single().ask("AT+CIPSTART=" + form) == OK + b"\r\nCONNECT OK\r\n"
    assert multi().ask("AT+CIPSTART=5," + form) == OK + b"\r\n5, CONNECT OK\r\n"


def test_at_every_split():
    line = b'AT+CIPSTART=2,"TCP","echo",7\r\n'
    for pieces in every_split(line):
        host = multi()
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(500) == OK + b"\r\n2, CONNECT OK\r\n"


def test_test_form_names_link_kind_address_and_port():
    lines = single().ask("AT+CIPSTART=?").split(b"\r\n")
    assert lines[1].startswith(b'+CIPSTART: ("TCP","UDP"),') and lines[1].endswith(b'("1-65535")')
    assert b"DOMAIN" in lines[3] and lines[-2] == b"OK"
    assert b'+CIPSTART: (0-5),("TCP","UDP")' in multi().ask("AT+CIPSTART=?")


def test_form_of_the_other_mode_is_refused():
    assert single().ask('AT+CIPSTART=1,"TCP","echo",7') == REFUSED
    assert multi().ask('AT+CIPSTART="TCP","echo",7') == REFUSED


def test_peer_is_told_of_the_hosts_close_once():
    class Listening(Sink):
        closes = 0

        def on_closed(self):
            self.closes += 1

    host = multi(network=served(listening=Listening))
    host.open(0, "listening")
    host.run("AT+CIPCLOSE=0", "AT+CIPSHUT")
    host.rest(1000)
    assert host.network.peers[0].closes == 1


@pytest.mark.parametrize(
    "form",
    ['6,"TCP","echo",7', '0,"SCTP","echo",7', '0,"TCP","",7', '0,"TCP","echo",0']
    + ['0,"TCP","echo",65536', '0,"TCP","echo",http', '0,"TCP","%s",7' % ("h" * 129)],
)
def test_bad_argument_is_refused_and_opens_nothing(form):
    host = multi()
    assert host.ask("AT+CIPSTART=" + form) == BAD
    assert host.modem.connections == [] and host.state == "IP STATUS"


def test_longest_host_and_highest_port():
    network = served()
    network.serve("h" * 128, 65535, Echo)
    multi(network=network).open(0, "h" * 128, 65535)


def test_unbalanced_quote_is_an_error():
    assert multi().ask('AT+CIPSTART=0,"TCP,"echo",7') == b"\r\nERROR\r\n"


def test_full_width_quotes_are_part_of_a_name_nobody_has():
    said = single().type('AT+CIPSTART="TCP",”112.125.89.8“,37076\r'.encode())
    assert said == OK + b"\r\nSTATE: IP STATUS\r\n\r\nCONNECT FAIL\r\n"


@pytest.mark.parametrize("before", [[], ["AT+CSTT"], ["AT+CSTT", "AT+CIICR"]])
def test_multi_link_needs_the_whole_bring_up(before):
    host = Host(network=served())
    host.run("AT+CIPMUX=1", *before)
    assert host.ask('AT+CIPSTART=0,"TCP","echo",7') == REFUSED


@pytest.mark.parametrize("before", [["AT+CSTT"], ["AT+CSTT", "AT+CIICR"]])
def test_single_link_is_refused_half_way_up(before):
    host = Host(network=served())
    host.run(*before)
    assert host.ask('AT+CIPSTART="TCP","echo",7') == REFUSED


def test_single_link_starts_from_ip_initial_too():
    host = Host(network=served())
    host.open_single()
    assert host.state == "CONNECT OK"


def test_existing_link():
    host = multi()
    host.open(4)
    assert host.ask('AT+CIPSTART=4,"TCP","sink",9') == OK + b"\r\n4, ALREADY CONNECT\r\n"
    assert len(host.modem.connections) == 1
    host = single()
    host.open_single()
    assert host.ask('AT+CIPSTART="TCP","sink",9') == OK + b"\r\nALREADY CONNECT\r\n"


def test_link_that_is_still_connecting_is_refused():
    host = multi(network=served(silent=Silent))
    assert host.ask('AT+CIPSTART=1,"TCP","silent",1') == OK
    assert host.ask('AT+CIPSTART=1,"TCP","echo",7') == REFUSED
    host.open(2)


def test_refused():
    host = multi(network=served(refuse=Refuse))
    assert host.ask('AT+CIPSTART=3,"TCP","refuse",1') == OK + b"\r\n3, CONNECT FAIL\r\n"
    assert host.modem.connections[0].closed_by == "refused"
    host.open(3)
    host = single(network=served(refuse=Refuse))
    said = host.ask('AT+CIPSTART="TCP","refuse",1')
    assert said == OK + b"\r\nSTATE: IP STATUS\r\n\r\nCONNECT FAIL\r\n"
    host.open_single()


def test_silent_peer_fails_after_75_seconds():
    host = multi(network=served(silent=Silent))
    assert host.ask('AT+CIPSTART=3,"TCP","silent",1', 75_000) == OK
    assert host.rest(100) == b"\r\n3, CONNECT FAIL\r\n"
    assert host.modem.connections[0].closed_by == "timeout"


def test_udp_is_connected_in_the_same_read_as_the_ok():
    host = single()
    assert host.ask('AT+CIPSTART="UDP","echo",1', 11) == OK + b"\r\nCONNECT OK\r\n"


def test_udp_to_a_port_nobody_serves_is_not_noticed_but_an_unknown_name_is():
    host = multi(network=served())
    host.network.serve("host", 1, Echo)
    host.open(0, "host", 2, "UDP")
    assert host.ask('AT+CIPSTART=1,"TCP","host",2').endswith(b"1, CONNECT FAIL\r\n")
    assert host.ask('AT+CIPSTART=1,"UDP","nowhere",2').endswith(b"1, CONNECT FAIL\r\n")


# -- states --------------------------------------------------------------------------------------


def state(host):
    return host.ask("AT+CIPSTATUS").split(b"\r\n")[3]


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
def test_single_link_states(kind):
    host = single(network=served(silent=Silent))
    host.ask(f'AT+CIPSTART="{kind}","silent",1')
    assert state(host) == b"STATE: %s CONNECTING" % kind.encode()
    host.run("AT+CIPCLOSE")
    host.open_single(kind=kind)
    assert state(host) == b"STATE: CONNECT OK"
    assert host.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
    assert state(host) == b"STATE: %s CLOSED" % kind.encode()
    host.open_single(kind=kind)


def test_single_link_closed_by_the_peer():
    host = single(network=served(early=CloseEarly))
    said = host.ask('AT+CIPSTART="TCP","early",1')
    assert said == OK + b"\r\nCONNECT OK\r\n\r\nCLOSED\r\n"
    assert state(host) == b"STATE: TCP CLOSED"
    assert host.ask("AT+CIPCLOSE") == REFUSED


def test_multi_link_states():
    host = multi()
    host.open(1)
    host.open(2, "sink", 14450, "UDP")
    lines = host.ask("AT+CIPSTATUS").split(b"\r\n")
    assert lines[3] == b"STATE: IP PROCESSING"
    assert lines[5:11] == [
        b'C: 0,,"","","","INITIAL"',
        b'C: 1,0,"TCP","echo","7","CONNECTED"',
        b'C: 2,0,"UDP","sink","14450","CONNECTED"',
        b'C: 3,,"","","","INITIAL"',
        b'C: 4,,"","","","INITIAL"',
        b'C: 5,,"","","","INITIAL"',
    ]
    host.run("AT+CIPCLOSE=1")
    assert state(host) == b"STATE: IP PROCESSING"
    assert b'C: 1,0,"TCP","echo","7","CLOSED"' in host.ask("AT+CIPSTATUS")
    host.run("AT+CIPCLOSE=2")
    assert state(host) == b"STATE: IP STATUS"


def test_status_of_one_link():
    host = multi()
    host.open(1)
    line = b'\r\n+CIPSTATUS: 1,0,"TCP","echo","7","CONNECTED"\r\n'
    assert host.ask("AT+CIPSTATUS=1") == line + OK
    assert host.ask("AT+CIPSTATUS=6") == BAD
    assert single().ask("AT+CIPSTATUS=0") == REFUSED


def test_close():
    host = multi()
    assert host.ask("AT+CIPCLOSE=0") == REFUSED
    host.open(0)
    assert host.ask("AT+CIPCLOSE") == REFUSED  # multi-link mode needs the number
    assert host.ask("AT+CIPCLOSE=0,1") == b"\r\n0, CLOSE OK\r\n"
    assert host.ask("AT+CIPCLOSE=0") == REFUSED
    assert host.modem.connections[0].closed_by == "host"
    host.rest(100)
    assert host.network.peers[0].closed


def test_shut_takes_all_links_without_a_word():
    host = multi()
    for link in range(6):
        host.open(link)
    assert host.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
    assert [one.closed_by for one in host.modem.connections] == ["shut"] * 6
    assert all(peer.closed for peer in host.network.peers)
    assert host.state == "IP INITIAL"


def test_pdp_loss_takes_all_links_without_a_word():
    host = multi()
    host.open(0)
    host.open(5)
    host.modem.inject("pdp_deact")
    assert host.rest(1) == b"\r\n+PDP: DEACT\r\n"
    assert host.state == "PDP DEACT"
    for line in ('AT+CIPSTART=0,"TCP","echo",7', "AT+CIPSEND=0,1", "AT+CIFSR", "AT+CSTT"):
        assert host.ask(line) == REFUSED
    host.run("AT+CIPSHUT")
    host.up()
    host.open(0)


# -- CIPSEND -------------------------------------------------------------------------------------


def test_payload_of_any_bytes_is_counted_never_read():
    host = multi()
    host.open(0, "sink")
    assert host.send(0, TRAPS) == b"\r\n0, SEND OK\r\n"
    host.rest(100)
    assert host.network.peers[0].received == TRAPS
    assert host.modem.links[0].sent == host.modem.connections[0].bytes_up == len(TRAPS)


def test_payload_at_every_split():
    payload = b"\n> \r\x1a\x1bAT\r"
    for pieces in every_split(payload):
        host = multi()
        host.open(0, "sink")
        assert host.type(b"AT+CIPSEND=0,%d\r\n" % len(payload), 100) == b"\r\n> "
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == b"\r\n0, SEND OK\r\n"
        assert host.network.peers[0].received == payload


def test_owed_bytes_are_counted_down():
    host = multi()
    host.open(0)
    assert (host.modem.mode, host.modem.awaiting_payload) == ("command", 0)
    host.ask("AT+CIPSEND=0,10")
    assert (host.modem.mode, host.modem.awaiting_payload) == ("payload", 10)
    host.type(b"abc")
    assert host.modem.awaiting_payload == 7
    host.type(b"AT+CIPS")  # commands are payload while bytes are owed
    assert (host.modem.mode, host.modem.awaiting_payload) == ("command", 0)


def test_line_feed_after_the_prompt_is_eaten():
    host = multi()
    host.open(0, "sink")
    assert host.type(b"AT+CIPSEND=0,5\r", 100) == b"\r\n> "
    assert host.type(b"\nabcd") == b""  # the host meant five bytes
    assert host.modem.awaiting_payload == 1
    assert host.modem.counters["payload_lf_eaten"] == 1
    assert host.type(b"e") == b"\r\n0, SEND OK\r\n"
    assert host.network.peers[0].received == b"abcde"


def test_line_feed_that_ends_the_line_saves_the_payloads_own():
    host = multi()
    host.open(0, "sink")
    assert host.type(b"AT+CIPSEND=0,5\r\n", 100) == b"\r\n> "
    assert host.type(b"\nabcd") == b"\r\n0, SEND OK\r\n"
    assert host.network.peers[0].received == b"\nabcd"


def test_payload_typed_before_the_prompt_is_lost():
    host = multi()
    host.open(0, "sink")
    assert host.type(b"AT+CIPSEND=0,5\r\nhello") == b"\r\n> "
    assert host.modem.awaiting_payload == 5
    assert host.modem.counters["typed_before_prompt"] == 5


def test_surplus_bytes_are_a_command():
    host = multi()
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0,2")
    assert host.type(b"abAT+CIPSTATUS=0\r").startswith(b"\r\n0, SEND OK\r\n\r\n+CIPSTATUS: 0,")


@pytest.mark.parametrize("end", [b"\r\n", b"\x1a"])
def test_surplus_line_end_or_ctrl_z_has_no_answer(end):
    host = multi()
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0,2")
    assert host.type(b"ab" + end) == b"\r\n0, SEND OK\r\n"
    assert host.ask("AT") == OK


def test_echo_of_the_payload():
    host = multi(echo=True)
    host.ask('AT+CIPSTART=0,"TCP","sink",9')
    assert host.ask("AT+CIPSEND=0,3").endswith(b"\r\n> ")
    assert host.type(b"a\x00\xff", 0.1) == b"a\x00\xff"
    assert host.rest(100) == b"\r\n0, SEND OK\r\n"


@pytest.mark.parametrize(
    "line, answer",
    [
        ("AT+CIPSEND=0,0", BAD),
        ("AT+CIPSEND=0,1461", BAD),
        ("AT+CIPSEND=0,", BAD),
        ("AT+CIPSEND=9,5", BAD),
        ("AT+CIPSEND=1,5", REFUSED),  # not connected
        ("AT+CIPSEND", REFUSED),  # multi-link mode needs the number
    ],
)
def test_send_refused_without_a_prompt(line, answer):
    host = multi()
    host.open(0)
    assert host.ask(line) == answer
    assert host.modem.mode == "command"


def test_send_on_a_closed_link_is_refused():
    host = multi(network=served(early=CloseEarly))
    host.ask('AT+CIPSTART=0,"TCP","early",1')
    assert host.ask("AT+CIPSEND=0,5") == REFUSED
    assert single().ask("AT+CIPSEND=5") == REFUSED


def test_largest_segment():
    host = multi()
    host.open(0, "sink")
    payload = random.Random(1).randbytes(1460)
    assert host.send(0, payload) == b"\r\n0, SEND OK\r\n"
    host.rest(100)
    assert host.network.peers[0].received == payload


def test_single_link_forms():
    host = single()
    host.open_single("sink")
    assert host.ask("AT+CIPSEND=2,2") == REFUSED
    host.ask("AT+CIPSEND=2")
    assert host.type(b"ab") == b"\r\nSEND OK\r\n"
    assert host.ask("AT+CIPSEND") == b"\r\n> "
    assert host.modem.mode == "payload"
    assert host.type(b"c\r\nd\x1a") == b"\r\nSEND OK\r\n"
    assert host.network.peers[0].received == b"abc\r\nd"


@pytest.mark.parametrize("line", ["AT+CIPSEND=0"])
def test_ctrl_z_form_at_every_split(line):
    for pieces in every_split(b"text\x1a"):
        host = multi()
        host.open(0, "sink")
        assert host.ask(line, 100) == b"\r\n> "
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(100) == b"\r\n0, SEND OK\r\n"
        assert host.network.peers[0].received == b"text"


def test_echo_of_the_ctrl_z_form():
    host = multi(echo=True)
    host.ask('AT+CIPSTART=0,"TCP","sink",9')
    host.ask("AT+CIPSEND=0")
    assert host.type(b"text\x1a") == b"text\r\n0, SEND OK\r\n"


def test_escape_cancels_the_ctrl_z_form():
    host = multi()
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0")
    assert host.type(b"text\x1bAT+CIPSEND?\r") == OK + b"\r\n+CIPSEND: 0,1460\r\n" + OK
    assert host.ask("AT") == OK
    assert host.network.peers[0].received == b""


def test_ctrl_z_form_beyond_the_largest_segment_is_an_error():
    host = multi()
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0")
    assert host.type(b"x" * 1461) == b"\r\nERROR\r\n"
    assert (host.modem.mode, host.network.peers[0].received) == ("command", b"")


def test_empty_ctrl_z_form_is_refused():
    host = multi()
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0")
    assert host.type(b"\x1a") == BAD


def test_quick_send_says_data_accept():
    host = multi("AT+CIPQSEND=1")
    host.open(0, "sink")
    assert host.send(0, b"hello") == b"\r\nDATA ACCEPT:0,5\r\n"
    host = single("AT+CIPQSEND=1")
    host.open_single("sink")
    host.ask("AT+CIPSEND=5")
    assert host.type(b"hello") == b"\r\nDATA ACCEPT:5\r\n"


def test_slow_send_waits_for_the_acknowledgement():
    host = multi("AT+CIPQSEND=2")
    host.open(0, "sink")
    assert host.send(0, b"hello") == b""
    assert host.rest(35) == b""  # a round trip is 40 ms
    assert host.rest(20) == b"\r\n0, SEND OK\r\n"


class Deaf(Peer):
    """Never reads, so nothing is ever acknowledged."""

    rate = 1

    def on_connected(self):
        self.channel.to_peer(bytes(1000))


def test_slow_send_gives_up_after_50_seconds():
    host = multi("AT+CIPQSEND=2", network=served(deaf=Deaf))
    host.open(0, "deaf")
    assert host.send(0, b"hello") == b""
    assert host.rest(49_990) == b""
    assert host.rest(20) == b"\r\n0, SEND FAIL\r\n"


def test_slow_send_ends_without_a_word_when_the_link_does():
    host = multi("AT+CIPQSEND=2", network=served(early=lambda: CloseEarly(5)))
    host.open(0, "early")
    assert host.send(0, b"hello") + host.rest(3000) == b"\r\n0, CLOSED\r\n"
    assert host.ask("AT") == OK


def test_send_test_form_in_multi_link_mode():
    assert multi().ask("AT+CIPSEND=?") == b"\r\n+CIPSEND: (0-5),<length>\r\n" + OK


def test_prompt_can_be_switched_off():
    host = multi()
    host.run("AT+CIPSPRT=0")
    host.open(0, "sink")
    assert host.ask("AT+CIPSEND=0,2") == b""
    assert host.type(b"ab") == b"\r\n0, SEND OK\r\n"
    host.run("AT+CIPSPRT=2")
    assert host.ask("AT+CIPSEND=0,2") == b""
    assert host.type(b"ab") == b""


def test_acknowledged_bytes():
    host = multi()
    host.open(0, "sink")
    assert host.ask("AT+CIPACK=0") == b"\r\n+CIPACK: 0,0,0\r\n" + OK
    host.ask("AT+CIPSEND=0,12", 20)
    host.type(b"123456789012", 11)
    assert host.ask("AT+CIPACK=0", 11) == b"\r\n+CIPACK: 12,0,12\r\n" + OK
    host.rest(100)
    assert host.ask("AT+CIPACK=0") == b"\r\n+CIPACK: 12,12,0\r\n" + OK
    assert host.ask("AT+CIPACK") == REFUSED
    assert host.ask("AT+CIPACK=1") == REFUSED
    host.open(1, "sink", kind="UDP")
    host.send(1, b"abc")
    assert host.ask("AT+CIPACK=1") == b"\r\n+CIPACK: 3,0,3\r\n" + OK


def test_send_buffer_fills_and_empties():
    host = multi(network=served(slow=Slow), send_window=3000)
    host.open(0, "slow", 1)
    assert host.ask("AT+CIPSEND?") == b"\r\n+CIPSEND: 0,1460\r\n" + OK
    for _ in range(2):
        assert host.ask("AT+CIPSEND=0,1460", 11) == b"\r\n> "
        assert host.type(b"x" * 1460, 11) == b"\r\n0, SEND OK\r\n"
    assert host.ask("AT+CIPSEND?", 11) == b"\r\n+CIPSEND: 0,80\r\n" + OK
    assert host.ask("AT+CIPSEND=0,1460", 11) == FULL
    assert host.ask("AT+CIPSEND=0,80", 11) == b"\r\n> "
    host.type(b"x" * 80, 3000)
    assert host.ask("AT+CIPSEND=0,1460", 11) == b"\r\n> "


def test_unfinished_send_can_time_out():
    host = multi(send_timeout_us=5_000_000)
    host.open(0, "sink")
    host.ask("AT+CIPSEND=0,10", 100)
    assert host.type(b"half", 4000) == b""
    assert host.rest(1000) == b"\r\n+CME ERROR: 915\r\n"
    assert host.ask("AT") == OK
    assert host.send(0, b"whole") == b"\r\n0, SEND OK\r\n"
    assert host.rest(10_000) == b""


# -- receiving, pushed ---------------------------------------------------------------------------


def test_push_header_counts_the_packet():
    host = multi(network=served(source=lambda: Source(TRAPS, close=False)))
    said = host.ask('AT+CIPSTART=3,"TCP","source",1')
    head = OK + b"\r\n3, CONNECT OK\r\n"
    assert said == head + b"\r\n+RECEIVE,3,%d:\r\n" % len(TRAPS) + TRAPS
    assert host.modem.links[3].received == len(TRAPS)


def test_long_data_comes_in_segments():
    data = random.Random(2).randbytes(4000)
    host = multi(network=served(source=lambda: Source(data)))
    said = host.ask('AT+CIPSTART=0,"TCP","source",1')
    rest = said[len(OK + b"\r\n0, CONNECT OK\r\n") :]
    for at in range(0, 4000, 1460):
        part = data[at : at + 1460]
        head = b"\r\n+RECEIVE,0,%d:\r\n" % len(part)
        assert rest.startswith(head + part)
        rest = rest[len(head + part) :]
    assert rest == b"\r\n0, CLOSED\r\n"


def test_single_link_data_is_raw():
    host = single()
    host.open_single()
    host.ask("AT+CIPSEND=4")
    assert host.type(b"test") == b"\r\nSEND OK\r\ntest"


def test_single_link_headers():
    host = single()
    host.run("AT+CIPHEAD=1")
    host.open_single()
    host.ask("AT+CIPSEND=4")
    assert host.type(b"test") == b"\r\nSEND OK\r\n\r\n+IPD,4:test"
    host.run("AT+CIPSRIP=1")
    host.ask("AT+CIPSEND=4")
    assert host.type(b"test") == b"\r\nSEND OK\r\n\r\nRECV FROM:echo:7\r\n\r\n+IPD,4:test"


def test_cr_lf_after_every_block_on_request():
    host = multi("AT+CIPRXF=0")
    host.open(0)
    assert host.send(0, b"hi") + host.rest(100) == b"\r\n0, SEND OK\r\n\r\n+RECEIVE,0,2:\r\nhi\r\n"


def test_peer_is_held_back_while_the_uart_is_behind():
    class Counting(Source):
        sent = 0

    host = multi(network=served(source=lambda: Counting(bytes(100_000))))
    said = host.ask('AT+CIPSTART=0,"TCP","source",1', 1000)
    line_bytes = 115200 // 10
    assert line_bytes * 0.8 < len(said) < line_bytes + 4 * 1500
    assert host.modem.links[0].paused
    whole = len(said) + len(host.rest(20_000))
    assert whole > 100_000 and host.modem.connections[0].closed_by == "peer"


class Chatterbox(Peer):
    """Goes on after its own close, as no TCP peer can."""

    def on_connected(self):
        self.send(b"last")
        self.close()
        self.send(b"words")
        self.close()


def test_nothing_comes_after_the_close():
    host = multi(network=served(peer=Chatterbox))
    said = host.ask('AT+CIPSTART=0,"TCP","peer",1')
    assert said.endswith(b"0, CONNECT OK\r\n\r\n+RECEIVE,0,4:\r\nlast\r\n0, CLOSED\r\n")


def test_late_data_does_not_reach_the_next_user_of_the_link():
    host = multi()
    host.open(0)
    host.send(0, b"old")  # its echo is under way
    host.run("AT+CIPCLOSE=0")
    host.open(0, "sink")
    assert host.rest(1000) == b""
    assert host.modem.links[0].received == 0


# -- receiving, pulled ---------------------------------------------------------------------------


def pulling(data=b"", close=False, **options):
    """A host in pull mode whose link 0 has got `data`."""
    network = served(source=lambda: Source(data, close))
    host = multi("AT+CIPRXGET=1", network=network, **options)
    said = host.ask('AT+CIPSTART=0,"TCP","source",1')
    assert said.startswith(OK + b"\r\n0, CONNECT OK\r\n")
    return host


def test_read_tells_what_it_gives_and_what_is_left():
    host = pulling(b"0123456789")
    assert host.ask("AT+CIPRXGET=4,0") == b"\r\n+CIPRXGET: 4,0,10\r\n" + OK
    assert host.ask("AT+CIPRXGET=2,0,4") == b"\r\n+CIPRXGET: 2,0,4,6\r\n0123" + OK
    assert host.ask("AT+CIPRXGET=3,0,4") == b"\r\n+CIPRXGET: 3,0,4,2\r\n34353637" + OK
    assert host.ask("AT+CIPRXGET=2,0,1460") == b"\r\n+CIPRXGET: 2,0,2,0\r\n89" + OK
    assert host.ask("AT+CIPRXGET=2,0,1460") == b"\r\n+CIPRXGET: 2,0,0,0\r\n" + OK
    assert host.modem.links[0].received == 10


def test_payload_that_reads_like_an_answer_is_given_as_it_is():
    host = pulling(TRAPS)
    head = b"\r\n+CIPRXGET: 2,0,%d,0\r\n" % len(TRAPS)
    assert host.ask("AT+CIPRXGET=2,0,1460") == head + TRAPS + OK


def test_one_announcement_until_the_host_reads():
    urc = b"\r\n+CIPRXGET: 1,0\r\n"
    host = multi("AT+CIPRXGET=1")
    host.open(0)
    assert host.send(0, b"a") + host.rest(100) == b"\r\n0, SEND OK\r\n" + urc
    assert host.send(0, b"b") + host.rest(100) == b"\r\n0, SEND OK\r\n"
    assert host.ask("AT+CIPRXGET=4,0").endswith(OK)  # asking is not reading
    assert host.send(0, b"c") + host.rest(100) == b"\r\n0, SEND OK\r\n"
    assert host.ask("AT+CIPRXGET=2,0,1") == b"\r\n+CIPRXGET: 2,0,1,2\r\na" + OK
    assert host.send(0, b"d") + host.rest(100) == b"\r\n0, SEND OK\r\n" + urc


@pytest.mark.parametrize("mode, options", [(5, {}), (1, {"rxget_urc": "every"})])
def test_announcement_of_every_packet(mode, options):
    host = multi(f"AT+CIPRXGET={mode}", **options)
    host.open(0)
    for _ in range(2):
        said = host.send(0, b"a") + host.rest(100)
        assert said == b"\r\n0, SEND OK\r\n\r\n+CIPRXGET: 1,0\r\n"


@pytest.mark.parametrize(
    "line, answer",
    [
        ("AT+CIPRXGET=2,0,0", BAD),
        ("AT+CIPRXGET=2,0,1461", BAD),
        ("AT+CIPRXGET=3,0,731", BAD),
        ("AT+CIPRXGET=2,0", BAD),
        ("AT+CIPRXGET=4", BAD),
        ("AT+CIPRXGET=4,0,1", BAD),
        ("AT+CIPRXGET=2,0,1,1", BAD),
        ("AT+CIPRXGET=2,6,10", BAD),
        ("AT+CIPRXGET=2,1,10", REFUSED),
        ("AT+CIPRXGET=4,1", REFUSED),
    ],
)
def test_read_refused(line, answer):
    assert pulling(b"data").ask(line) == answer


def test_read_in_push_mode_is_refused():
    host = multi()
    host.open(0)
    assert host.ask("AT+CIPRXGET=2,0,10") == REFUSED


def test_single_link_read():
    host = single("AT+CIPRXGET=1", network=served(source=lambda: Source(b"abcdef", close=False)))
    said = host.ask('AT+CIPSTART="TCP","source",1')
    assert said == OK + b"\r\nCONNECT OK\r\n" + b"\r\n+CIPRXGET: 1\r\n"
    assert host.ask("AT+CIPRXGET=4") == b"\r\n+CIPRXGET: 4,6\r\n" + OK
    assert host.ask("AT+CIPRXGET=2,1460") == b"\r\n+CIPRXGET: 2,6,0\r\nabcdef" + OK


def test_data_of_a_closed_link_stays_readable():
    host = pulling(b"farewell", close=True)
    assert host.modem.links[0].state == "CLOSED"
    assert host.ask("AT+CIPRXGET=4,0") == b"\r\n+CIPRXGET: 4,0,8\r\n" + OK
    assert host.ask("AT+CIPRXGET=2,0,4") == b"\r\n+CIPRXGET: 2,0,4,4\r\nfare" + OK
    assert host.ask("AT+CIPRXGET=2,0,10") == b"\r\n+CIPRXGET: 2,0,4,0\r\nwell" + OK
    assert host.ask("AT+CIPRXGET=2,0,10") == REFUSED


def test_close_discards_what_a_closed_link_still_held():
    host = pulling(b"farewell", close=True)
    assert host.ask("AT+CIPCLOSE=0") == b"\r\n0, CLOSE OK\r\n"
    assert host.ask("AT+CIPRXGET=2,0,4") == REFUSED
    assert host.ask("AT+CIPCLOSE=0") == REFUSED


def test_new_connection_discards_what_a_closed_link_still_held():
    host = pulling(b"farewell", close=True)
    host.open(0, "sink")
    assert host.ask("AT+CIPRXGET=4,0") == b"\r\n+CIPRXGET: 4,0,0\r\n" + OK


def test_window_holds_the_peer_back_and_nothing_is_lost():
    data = random.Random(3).randbytes(20_000)
    host = pulling(data, close=True, receive_window=4000)
    assert host.modem.links[0].inbox.left <= 4000
    assert host.modem.links[0].state == "CONNECTED"
    got = b""
    while len(got) < len(data):
        said = host.ask("AT+CIPRXGET=2,0,1460")
        head, _, rest = said[2:].partition(b"\r\n")
        got += rest[: int(head.split(b",")[2])]
        assert host.modem.links[0].inbox.left <= 4000
    assert got == data
    assert host.modem.links[0].state == "CLOSED"


class Datagrams(Peer):
    def on_connected(self):
        for text in (b"one", b"two", b"three"):
            self.send(text)


@pytest.mark.parametrize(
    "merge, reads",
    [
        (False, [(b"on", 9), (b"e", 8), (b"two", 5), (b"three", 0)]),
        (True, [(b"on", 9), (b"etwothree", 0)]),
    ],
)
def test_datagrams_in_pull_mode(merge, reads):
    host = multi("AT+CIPRXGET=1", network=served(udp=Datagrams), merge_datagrams=merge)
    host.ask('AT+CIPSTART=0,"UDP","udp",1')
    for i, (data, left) in enumerate(reads):
        head = b"\r\n+CIPRXGET: 2,0,%d,%d\r\n" % (len(data), left)
        assert host.ask(f"AT+CIPRXGET=2,0,{1460 if i else 2}") == head + data + OK


def test_datagram_beyond_the_window_is_dropped_whole():
    host = multi("AT+CIPRXGET=1", network=served(udp=Datagrams), receive_window=7)
    host.ask('AT+CIPSTART=0,"UDP","udp",1')
    assert host.modem.links[0].inbox.left == 6
    assert host.modem.counters["datagrams_dropped"] == 1


# -- transparent mode ----------------------------------------------------------------------------


def transparent(host_name="echo", network=None, **options):
    host = single("AT+CIPMODE=1", network=network, **options)
    assert host.ask(f'AT+CIPSTART="TCP","{host_name}",7') == OK + b"\r\nCONNECT\r\n"
    assert host.modem.mode == "data"
    return host


def test_all_bytes_are_data_and_nothing_is_echoed():
    host = transparent(echo=False)
    host.modem.settings.echo = True
    assert host.type(b"ATE0\r" + TRAPS) == b"ATE0\r" + TRAPS


def test_escape_at_every_split_and_back():
    for pieces in every_split(b"+++"):
        host = transparent("sink")
        host.rest(1000)
        said = b"".join(host.type(piece, 10) for piece in pieces)
        assert said + host.rest(500) == OK
        assert host.modem.mode == "command"
        assert host.ask("AT+CIPSEND=1") == REFUSED
        assert host.ask("ATO") == b"\r\nCONNECT\r\n"
        assert host.modem.mode == "data"
        assert host.network.peers[0].received == b""


def test_ok_of_the_escape_comes_half_a_second_after_the_last_plus():
    host = transparent()
    host.rest(1000)
    assert host.type(b"+++", 499) == b""
    assert host.rest(1) == OK


@pytest.mark.parametrize(
    "typed",
    [
        [(b"x", 999), (b"+++", 600)],  # too little silence before
        [(b"x", 1000), (b"+++", 499), (b"y", 600)],  # too little behind
        [(b"x", 1000), (b"+", 300), (b"+", 300), (b"+", 600)],  # too slow
        [(b"x", 1000), (b"+++\r", 600)],  # a line end makes it data
        [(b"x", 1000), (b"++++", 600)],
        [(b"x", 1000), (b"++", 600)],
    ],
)
def test_what_is_no_escape_is_data(typed):
    host = transparent("sink")
    for data, ms in typed:
        assert host.type(data, ms) == b""
    host.rest(600)
    assert host.modem.mode == "data"
    assert host.network.peers[0].received == b"".join(data for data, _ in typed)


def test_peer_closes_in_data_mode():
    host = transparent("early", network=served(early=lambda: CloseEarly(3)))
    assert host.type(b"bye") == b"\r\nCLOSED\r\n"
    assert host.modem.mode == "command"
    assert host.ask("ATO") == b"\r\nNO CARRIER\r\n"


def test_pdp_loss_in_data_mode():
    host = transparent()
    host.modem.inject("pdp_deact")
    assert host.rest(1) == b"\r\n+PDP DEACT\r\n"
    assert host.modem.mode == "command"


def test_data_that_comes_after_the_escape_waits_for_ato():
    host = transparent()
    host.rest(1000)
    assert host.type(b"+++", 600) == OK
    host.network.peers[0].send(b"later")
    assert host.rest(1000) == b""
    assert host.ask("ATO") == b"\r\nCONNECT\r\nlater"


def test_ato_without_transparent_mode_is_refused():
    assert single().ask("ATO") == REFUSED


def test_network_chatter_is_kept_out_of_the_data():
    host = transparent()
    host.modem.inject("urc_storm")
    assert host.rest(100) == b""
    assert host.modem.counters["urcs_withheld"] == 20


# -- the record ----------------------------------------------------------------------------------


def test_connections_are_remembered():
    host = multi()
    host.open(0)
    host.send(0, b"hello")
    host.rest(100)
    host.run("AT+CIPCLOSE=0")
    host.open(0, "sink", 9, "UDP")
    first, second = host.modem.connections
    assert (first.kind, first.host, first.port, first.closed_by) == ("TCP", "echo", 7, "host")
    assert (first.bytes_up, first.bytes_down) == (5, 5)
    assert (second.link, second.kind, second.bytes_up, second.closed_by) == (0, "UDP", 0, None)
    assert isinstance(host.network.peers[1], Sink)
    assert "CONNECTED UDP sink:9" in repr(host.modem.links[0])
