"""TLS on real MicroPython, over the virtual modem, to real servers with real certificates."""

import re

import pytest
import tls_servers
from real import virtual_modem
from tls_servers import Relay, TlsServer, sink, talker

from tools.certificates import Authority
from tools.demo.device import echo

SIZES = [1, 2, 100, 1459, 1460, 4095, 4096, 4097, 16384, 20000]
LINES = 1000


@pytest.fixture
def server(authority):
    """Starts a server: `server(handler)`; its certificate is for "localhost"."""
    opened = []

    def start(handler=tls_servers.echo, names=("localhost",), by=authority, **options):
        opened.append(TlsServer(by.server_context(*names, **options), handler))
        return opened[-1].__enter__()

    yield start
    for one in opened:
        one.__exit__()


def play(scene, *args, latency_ms=5):
    """What the scene came to; every link it used is free again when it ends."""
    with virtual_modem(latency_ms=latency_ms) as (board, modem):
        result, left = board.play("scenes_tls", scene, *args)
        stats = modem.stop()
    assert stats["counters"].get("host_overrun", 0) == 0
    assert stats["connections"] == [] or left == 0
    return result


# -- both ways ------------------------------------------------------------------------------------


def test_a_blocking_stream_verifies_and_carries_all_sizes_both_ways(server, ca):
    echo_server = server()
    cipher, version, right = play("blocking_echo", echo_server.port, ca, SIZES)
    assert right == SIZES
    assert len(echo_server.received[0]) == sum(SIZES)
    assert "ECDHE" in cipher and version == "TLSv1.2"


def test_asyncio_verifies_and_carries_all_sizes_both_ways(server, ca):
    echo_server = server()
    assert play("asyncio_echo", echo_server.port, ca, SIZES) == SIZES
    assert len(echo_server.received[0]) == sum(SIZES)


def test_a_waiting_reader_does_not_hold_up_the_writer(server, ca):
    assert play("duplex", server().port, ca, 20_000) == 20_000


# -- what a silent loss would take ----------------------------------------------------------------


def lines_that_arrived(server, ca, guarded, early=False):
    """The numbers of the lines, in order of arrival."""
    collector = server(sink)
    play("lines", collector.port, ca, LINES, guarded, early, latency_ms=20)
    assert collector.ended.acquire(timeout=10)
    found = re.findall(
        rb"line (\d+) of a thousand, and some more words to make it longer\n",
        collector.received[0],
    )
    return [int(number) for number in found], len(collector.received[0])


@pytest.mark.parametrize("early", [False, True], ids=["", "context-before-install"])
def test_a_thousand_lines_through_asyncio_none_lost_none_doubled(server, ca, early):
    numbers, size = lines_that_arrived(server, ca, True, early)
    assert numbers == list(range(LINES))
    assert size == sum(
        len(b"line %d of a thousand, and some more words to make it longer\n" % n)
        for n in range(LINES)
    )


def test_without_the_guard_lines_are_lost(server, ca):
    numbers, _ = lines_that_arrived(server, ca, False)
    assert 0 < len(numbers) < LINES


def test_pieces_that_change_after_a_refusal_arrive_once(server, ca):
    collector = server(sink)
    taken, refused = play("changing_pieces", collector.port, ca, 60_000)
    assert collector.ended.acquire(timeout=10)
    assert taken == 60_000
    assert refused > 10
    assert collector.received[0] == echo.body(9, 60_000)


# -- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [1, 100, 513])
def test_poll_tells_what_mbedtls_holds_decrypted(server, ca, piece):
    one_record = server(talker([bytes(echo.body(1, 1500))], ending="stay"))
    assert play("polled_reading", one_record.port, ca, 1500, piece) is True


@pytest.mark.parametrize("asynchronous", [False, True], ids=["blocking", "asyncio"])
def test_records_of_one_byte_to_16_kib_and_an_end_that_lasts(server, ca, asynchronous):
    sizes = [1, 1, 2, 511, 512, 513, 1024, 4096, 16384, 1]
    records = server(talker([bytes(echo.body(1, n)) for n in sizes]))
    right, ends = play("reading_records", records.port, ca, sizes, asynchronous)
    assert right == sizes
    assert ends == [0, 0]


def test_every_way_of_reading(server, ca):
    speaker = server(talker([b"a line\nabcdefgh", b"ij\nklmn"]))
    result = play("ways_of_reading", speaker.port, ca)
    assert result[:4] == ["a line\n", "abcd", 3, "efg\0\0\0\0\0"]
    assert result[4] + result[5] == "hij\nklmn"
    assert 1 <= len(result[4]) <= 100


def test_a_stream_that_is_cut_short_ends_behind_its_data(server, ca):
    cut = server(talker([bytes(echo.body(1, 900))], ending="cut"))
    assert play("cut_short", cut.port, ca, 900) == [True, 0, 0]


def test_a_forged_record_is_an_error_behind_the_data_before_it(server, ca):
    forger = server(talker([bytes(echo.body(1, 900))], ending="forge"))
    whole, *failures = play("forged", forger.port, ca, 900)
    assert whole is True
    assert len(set(failures)) == 1
    assert "INVALID_MAC" in failures[0]


# -- certificates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, text",
    [
        ({"expired": True}, "expired"),
        ({"names": ["elsewhere.example"]}, "does not match"),
        ({"by": Authority()}, "not correctly signed"),
    ],
    ids=["expired", "wrong host", "unknown authority"],
)
def test_a_certificate_that_does_not_pass_yields_no_byte(server, ca, options, text):
    bad = server(**options)
    outcomes = play("untrusted", bad.port, ca, "localhost")
    print(outcomes)
    blocking, writing, reading, *again = outcomes
    for failure in (blocking, writing, reading):
        assert failure.startswith("ValueError: ") and text in failure
    assert again == [[writing] * 2, [reading] * 2]
    assert [bytes(received) for received in bad.received] == [b""] * 3
    assert len(bad.failures) == 3


# -- slow and stalling links ----------------------------------------------------------------------


def test_a_link_of_few_bytes_a_second(server, ca):
    echo_server = server()
    with Relay(echo_server.port, up_piece=40, down_piece=40, pause=0.02) as relay:
        *_, right = play("blocking_echo", relay.port, ca, [1, 1500, 3])
    assert right == [1, 1500, 3]


@pytest.mark.parametrize("limit", [0, 3, 100, 700])
def test_a_handshake_that_stalls_times_out(server, ca, limit):
    with Relay(server().port, down_limit=limit) as relay:
        (how, blocking_ms), (and_how, asyncio_ms) = play("stalled_handshake", relay.port, ca)
    assert (how, and_how) == ("ETIMEDOUT", "TimeoutError: ")
    assert 1000 <= blocking_ms < 3000 and 1000 <= asyncio_ms < 3000


def test_poll_in_a_handshake_waits_for_what_the_handshake_needs(server, ca):
    result = play("polling_in_a_handshake", server().port, ca)
    assert result == [None, 0, True, True, 1, 5, "hello"]


def test_a_silent_peer_is_a_time_out_and_nothing_is_lost(server, ca):
    assert play("silent_peer", server().port, ca) == ["ETIMEDOUT", "ETIMEDOUT", "hello"]


# -- the rest -------------------------------------------------------------------------------------


def test_the_cipher_is_told_when_there_is_one(server, ca):
    result = play("cipher_too_early", server().port, ca)
    assert result == ["ENOTCONN", "ENOTCONN", 2, "ENOTCONN", "EBADF", "EBADF"]


def test_tls_over_another_socket_is_left_alone(server, ca):
    kind, back = play("own_socket", server().port, ca)
    assert (kind, back) == ("SSLSocket", "hello")


def test_a_library_that_asks_the_module_tls_for_a_context_is_guarded(server, ca):
    assert play("context_of_a_library", server().port, ca) == ["Guard", "hello"]


def test_ctrl_c_in_a_read_leaves_the_stream_usable(server, ca):
    with virtual_modem() as (board, _):
        scene = board.scene("scenes_tls", "interrupted", server().port, ca)
        assert scene.line() == "reading"
        scene.interrupt()
        result, left = scene.result()
    assert result == ["before", "interrupted", "after!"]
    assert left == 0
