"""AT+CIPSEND and its neighbours on the virtual modem, family by family."""

import pytest
from vmodem_families import BAD, ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import every_split, served

from tools.vmodem import CloseEarly, Peer, Sink

PROMPT = b"\r\n> "
SENT = b"\r\n0, SEND OK\r\n"
FAMILIES = pytest.mark.parametrize("profile", [luat(), sim800()], ids=["luat", "sim800"])


class Deaf(Peer):
    """Takes a byte a second, so nothing much is ever acknowledged."""

    rate = 1


def sending(profile, *before, host_name="sink", network=None, **options):
    """A host with link 0 open to a peer."""
    network = network or served(deaf=Deaf)
    host = multi(profile, *before, network=network, **options)
    host.open(0, host_name)
    return host


def peer_of(host):
    host.rest(200)
    return bytes(host.network.peers[-1].received)


# -- forms ---------------------------------------------------------------------------------------


@FAMILIES
def test_payload_of_announced_length_at_every_split(profile):
    payload = b"\x1a\x1b> \r\nAT\r"
    for pieces in every_split(payload):
        host = sending(profile)
        assert host.type(b"AT+CIPSEND=0,%d\r\n" % len(payload), 100) == PROMPT
        said = b"".join(host.type(piece, 0.1) for piece in pieces)
        assert said + host.rest(200) == SENT
        assert peer_of(host) == payload


@FAMILIES
def test_more_than_a_segment_is_refused_in_every_form(profile):
    error = BAD if profile.cmee else ERROR
    host = sending(profile)
    assert host.ask("AT+CIPSEND=0,1461") == error
    assert host.ask("AT+CIPSEND=0", 100) == PROMPT
    assert host.type(b"x" * 1461 + b"\x1a") == ERROR
    assert host.ask("AT") == OK
    assert peer_of(host) == b""
    host = single(profile)
    host.open_single("sink")
    assert host.ask("AT+CIPSEND=1461") == error
    assert host.ask("AT+CIPSEND=1460", 100) == PROMPT


@FAMILIES
def test_a_whole_segment_up_to_ctrl_z(profile):
    host = sending(profile)
    host.ask("AT+CIPSEND=0", 100)
    assert host.type(b"x" * 1460 + b"\x1a") == SENT
    assert peer_of(host) == b"x" * 1460


@pytest.mark.parametrize(
    "answer, said",
    [("OK", OK), ("SEND FAIL", b"\r\nSEND FAIL\r\n"), ("ERROR", ERROR), ("", b"")],
)
def test_what_escape_is_answered_with(answer, said):
    host = sending(luat(cancel_answer=answer))
    host.ask("AT+CIPSEND=0", 100)
    assert host.type(b"text\x1b") == said
    assert host.ask("AT") == OK
    assert peer_of(host) == b""


def test_size_of_every_live_link():
    host = sending(luat())
    host.open(3, "sink", kind="UDP")
    assert host.ask("AT+CIPSEND?") == (b"\r\n+CIPSEND: 0,1460\r\n\r\n+CIPSEND: 3,1460\r\n" + OK)
    assert single(luat()).ask("AT+CIPSEND?") == b"\r\n+CIPSEND: 1460\r\n" + OK
    assert single(luat()).ask("AT+CIPSEND=?") == b"\r\n+CIPSEND: <length>\r\n" + OK


@pytest.mark.parametrize("trap", [True, False])
def test_line_feed_after_the_prompt(trap):
    """A host that ends CIPSEND with CR alone, and whose payload begins with LF."""
    host = sending(luat(line_feed_trap=trap))
    assert host.type(b"AT+CIPSEND=0,5\r", 100) == PROMPT
    assert host.type(b"\nabcd") == (b"" if trap else SENT)
    assert host.modem.awaiting_payload == (1 if trap else 0)
    if not trap:
        assert peer_of(host) == b"\nabcd"


@FAMILIES
def test_line_feed_before_the_prompt_belongs_to_the_line(profile):
    host = sending(profile)
    assert host.type(b"AT+CIPSEND=0,5\r", 5) == b""
    assert host.type(b"\n", 100) == PROMPT
    assert host.type(b"\nabcd") == SENT
    assert peer_of(host) == b"\nabcd"


@FAMILIES
def test_line_feed_that_a_slow_line_brings_after_the_latency(profile):
    host = sending(profile, baud=9600, latency_us=1000)
    assert host.type(b"AT+CIPSEND=0,5\r", 1.042) == PROMPT  # said, but the line needs 4 ms for it
    assert host.type(b"\n", 100) == b""
    assert host.type(b"\nabcd") == SENT
    assert peer_of(host) == b"\nabcd"


def test_line_feed_whose_prompt_is_lost_belongs_to_the_line_too():
    host = sending(sim800(), baud=9600, latency_us=1000)
    host.modem.inject("lost_prompt")
    assert host.type(b"AT+CIPSEND=0,5\r", 1.042) == b""
    host.type(b"\n", 100)
    assert host.modem.awaiting_payload == 5


# -- results -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "profile, value, at_once",
    [
        (luat(), 0, SENT),
        (luat(), 1, b"\r\nDATA ACCEPT:0,5\r\n"),
        (luat(), 2, b""),
        (sim800(), 0, b""),
        (sim800(), 1, b"\r\nDATA ACCEPT:0,5\r\n"),
    ],
)
def test_what_every_value_of_quick_send_means(profile, value, at_once):
    host = sending(profile, f"AT+CIPQSEND={value}")
    assert host.ask("AT+CIPQSEND?") == b"\r\n+CIPQSEND: %d\r\n" % value + OK
    assert host.send(0, b"hello") == at_once
    assert host.rest(100) == (b"" if at_once else SENT)


@pytest.mark.parametrize(
    "profile, listed, refused",
    [(luat(), b"(0,1,2)", 3), (sim800(), b"(0,1)", 2)],
)
def test_values_of_quick_send(profile, listed, refused):
    host = single(profile)
    host.run("AT+CIPSHUT")
    assert host.ask("AT+CIPQSEND=?") == b"\r\n+CIPQSEND: " + listed + b"\r\n" + OK
    assert b"ERROR" in host.ask(f"AT+CIPQSEND={refused}")
    host.run("AT+CIPQSEND=1", "AT+CSTT")
    assert b"ERROR" in host.ask("AT+CIPQSEND=1")  # the value it has, but too late


@pytest.mark.parametrize("prefix", ["DATA ACCEPT:", "DATA ACCEPT: ", "DATAACCEPT:"])
def test_spelling_of_data_accept(prefix):
    host = sending(luat(accept_prefix=prefix), "AT+CIPQSEND=1")
    assert host.send(0, b"hello") == b"\r\n%s0,5\r\n" % prefix.encode()
    host = single(luat(accept_prefix=prefix), "AT+CIPQSEND=1")
    host.open_single("sink")
    host.ask("AT+CIPSEND=5", 100)
    assert host.type(b"hello") == b"\r\n%s5\r\n" % prefix.encode()


@pytest.mark.parametrize(
    "closes, more", [(False, b""), (True, b"\r\n0, CLOSED\r\n")], ids=["stays", "closes"]
)
def test_send_fail(closes, more):
    profile = luat(close_after_send_fail=closes)
    host = sending(profile, "AT+CIPQSEND=2", host_name="deaf")
    assert host.send(0, bytes(1000)) == b""
    assert host.rest(49_900) == b""
    assert host.rest(200) == b"\r\n0, SEND FAIL\r\n" + more
    assert host.modem.links[0].state == ("CLOSED" if closes else "CONNECTED")


def test_sim800_waits_for_the_peer_for_645_seconds():
    host = sending(sim800(), host_name="deaf")
    host.send(0, bytes(1000))
    assert host.rest(644_900) == b""
    assert host.rest(200) == b"\r\n0, SEND FAIL\r\n\r\n0, CLOSED\r\n"


@FAMILIES
def test_link_that_dies_in_a_send_says_closed_and_no_more(profile):
    host = sending(profile, host_name="early", network=served(early=lambda: CloseEarly(1)))
    host.ask("AT+CIPSEND=0,1", 100)
    assert host.type(b"x", 200).endswith(b"\r\n0, CLOSED\r\n")
    host = sending(profile)
    host.ask("AT+CIPSEND=0,10", 100)
    host.network.peers[-1].close()
    assert host.type(b"half", 100) == b"\r\n0, CLOSED\r\n"
    assert host.modem.awaiting_payload == 6
    assert host.type(b"other!") == b""  # the announced length is taken all the same
    assert host.ask("AT") == OK


@pytest.mark.parametrize(
    "mode, prompt, result",
    [(0, b"", SENT), (1, PROMPT, SENT), (2, b"", b"")],
)
def test_prompt_and_result_switched_off(mode, prompt, result):
    host = sending(luat(), f"AT+CIPSPRT={mode}")
    assert host.ask("AT+CIPSPRT?") == b"\r\n+CIPSPRT: %d\r\n" % mode + OK
    assert host.ask("AT+CIPSEND=0,2", 100) == prompt
    assert host.type(b"ab") == result
    assert peer_of(host) == b"ab"
    assert host.ask("AT") == OK


@pytest.mark.parametrize("line", ["AT+CIPSPRT=3", "AT+CIPSPRT=", "AT+CIPSPRT=0,1"])
def test_bad_prompt_mode_is_refused(line):
    assert single(luat()).ask(line) == BAD


@pytest.mark.parametrize("separator", [",", ", "])
def test_spaces_of_cipack(separator):
    host = sending(luat(ack_separator=separator))
    host.send(0, b"abc")
    host.rest(200)
    line = separator.join(("3", "3", "0")).encode()
    assert host.ask("AT+CIPACK=0") == b"\r\n+CIPACK: " + line + b"\r\n" + OK
    host = single(luat(ack_separator=separator))
    assert host.ask("AT+CIPACK") == REFUSED  # nothing was ever opened
    host.open_single("sink")
    line = separator.join("000").encode()
    assert host.ask("AT+CIPACK") == b"\r\n+CIPACK: " + line + b"\r\n" + OK
    assert host.ask("AT+CIPACK=0") == REFUSED


def test_cipack_begins_anew_with_the_next_connection_and_ends_with_the_context():
    host = sending(luat())
    host.send(0, b"abc")
    host.rest(200)
    host.run("AT+CIPCLOSE=0")
    host.open(0, "sink")
    assert host.ask("AT+CIPACK=0") == b"\r\n+CIPACK: 0,0,0\r\n" + OK
    host.run("AT+CIPSHUT")
    assert host.ask("AT+CIPACK=0") == REFUSED


# -- CIPATS --------------------------------------------------------------------------------------


def test_auto_send_takes_what_was_typed_after_its_time():
    host = sending(luat(), "AT+CIPQSEND=1", "AT+CIPATS=1,10")
    host.ask("AT+CIPSEND=0,100", 100)
    assert host.type(b"12345", 9_800) == b""
    assert host.rest(200) == b"\r\nDATA ACCEPT:0,5\r\n"
    assert (host.modem.mode, peer_of(host)) == ("command", b"12345")
    assert host.ask("AT") == OK


def test_auto_send_ends_the_ctrl_z_form_too():
    host = sending(luat(), "AT+CIPATS=1,2")
    host.ask("AT+CIPSEND=0", 100)
    assert host.type(b"text", 2100) == SENT
    assert peer_of(host) == b"text"


def test_auto_send_leaves_a_later_payload_alone():
    host = sending(luat(), "AT+CIPATS=1,2")
    assert host.ask("AT+CIPSEND=0", 100) == PROMPT
    host.type(b"\x1b", 1000)
    host.ask("AT+CIPSEND=0,9", 100)
    assert host.type(b"first", 1500) == b""  # the cancelled one's two seconds are over
    assert host.type(b"rest", 100) == SENT
    assert peer_of(host) == b"firstrest"


@pytest.mark.parametrize("from_setting", [False, True])
def test_when_the_clock_of_auto_send_starts(from_setting):
    host = sending(luat(auto_send_runs_from_setting=from_setting))
    host.run("AT+CIPATS=1,10")  # takes 3 s
    host.ask("AT+CIPSEND=0,9", 100)
    assert host.type(b"abc", 7000) == (SENT if from_setting else b"")
    assert host.rest(4000) == (b"" if from_setting else SENT)
    if from_setting:  # its time is over: the next payload waits for its length
        host.ask("AT+CIPSEND=0,9", 100)
        assert host.type(b"abc", 20_000) == b""


def test_auto_send_can_be_switched_off():
    host = sending(luat(), "AT+CIPATS=1,1", "AT+CIPATS=0")
    host.ask("AT+CIPSEND=0,9", 100)
    assert host.type(b"abc", 20_000) == b""


def test_forms_of_auto_send():
    host = single(luat())
    assert host.ask("AT+CIPATS=?") == b"\r\n+CIPATS: (0,1),(1-100)\r\n" + OK
    assert host.ask("AT+CIPATS?") == b"\r\n+CIPATS: 0,0\r\n" + OK
    host.run("AT+CIPATS=1,100")
    assert host.ask("AT+CIPATS?") == b"\r\n+CIPATS: 1,100\r\n" + OK
    for bad in ("2", "1", "1,0", "1,101", "1,x", "1,5,5"):
        assert host.ask("AT+CIPATS=" + bad) == BAD
    assert host.ask("AT+CIPATS?") == b"\r\n+CIPATS: 1,100\r\n" + OK


# -- the peer's side -----------------------------------------------------------------------------


def test_datagrams_leave_one_by_one_in_both_families():
    for profile in (luat(), sim800()):
        host = multi(profile, network=served(udp=Sink))
        host.open(0, "udp", kind="UDP")
        for text in (b"one", b"two"):
            assert host.send(0, text) == SENT  # UDP has nothing to wait for
        host.rest(200)
        assert host.network.peers[-1].packets == [b"one", b"two"]
