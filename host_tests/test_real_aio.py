"""`modem.aio` on real MicroPython, over the virtual modem, to real servers."""

import contextlib
import errno

import pytest
import tls_servers
from clients import board_and_modem
from real import virtual_modem
from tls_servers import Relay, TcpServer, TlsServer, sink, talker

from tools import servers
from tools.demo.device import echo

BOTH = pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])


@pytest.fixture
def server(authority):
    """Starts a server with or without TLS: `server(handler, tls)`."""
    with contextlib.ExitStack() as stack:

        def start(handler, tls=False):
            context = authority.server_context("localhost") if tls else None
            opened = TlsServer(context, handler) if tls else TcpServer(handler)
            return stack.enter_context(opened)

        yield start


def play(scene, *args, options=()):
    """What the scene came to, and the modem's statistics and trace."""
    with virtual_modem(*options) as (board, modem):
        result = board.play("scenes_aio", scene, *args)
        stats = modem.stop()
        trace = modem.trace()
    assert stats["counters"].get("host_overrun", 0) == 0
    return result, stats, trace


def play_links(scene, *args, options=()):
    """The same for a scene that uses links: each of them is free again when it ends."""
    (result, left), *_ = play(scene, *args, options=options)
    assert left == 0
    return result


# -- up and down ----------------------------------------------------------------------------------


def test_async_with_takes_down_what_it_brought_up_and_nothing_else():
    states, stats, _ = play("up_and_down")
    assert states == [False, True, False, True, False, True, False, True, True, False]
    assert stats["bearer"] == "IP INITIAL"


def test_a_cancelled_bring_up_stops_and_another_one_works():
    states, *_ = play("cancelled_bring_up")
    assert states == ["TimeoutError: ", False, False, True, True]


def test_a_bring_up_that_fails_names_its_step():
    (step, active), *_ = play("failing_bring_up", options=("--pin", "1234"))
    assert "sim" in step or "pin" in step
    assert active is False


# -- connections ----------------------------------------------------------------------------------


@BOTH
def test_all_sizes_both_ways(server, ca, tls):
    sizes = [1, 100, 1460, 4096, 4097, 16384, 20000]
    echo_server = server(tls_servers.echo, tls)
    assert play_links("echoes", echo_server.port, ca if tls else "", sizes) == sizes
    assert len(echo_server.received[0]) == sum(sizes)


def until_bye(connection, received):
    """Echoes, until it is told `bye`."""
    while not received.endswith(b"bye\n"):
        data = connection.recv(4096)
        received += data
        connection.sendall(data)
    if hasattr(connection, "unwrap"):
        connection.unwrap()


@BOTH
def test_every_method_of_a_reader(server, ca, tls):
    speaker = server(until_bye, tls)
    result = play_links("ways_of_reading", speaker.port, ca if tls else "")
    assert result[:6] == ["a line\n", "abc", 4, "defg", 0, "hij"]
    assert result[6:9] == [" and the rest, which has no end\n", "EOFError: ", "bye\n"]
    assert result[9:] == [0, 0, 0, "EBADF"]


def test_what_is_refused_says_why(server, ca):
    port = server(tls_servers.echo, True).port
    refused, unknown, certificate, text = play_links("refusals", servers.refused_port(), port, ca)
    assert (refused, unknown) == ("ECONNREFUSED", "ECONNREFUSED")
    assert certificate.startswith("ValueError: ") and "does not match" in certificate
    assert text.startswith("ValueError: ") and "0x22" in text


def test_a_cancelled_connect_gives_its_link_back(server, ca, black_hole):
    good = server(tls_servers.echo)
    with Relay(server(tls_servers.echo, True).port, down_limit=100) as stalled:
        result = play_links("cancelled_connects", black_hole, stalled.port, good.port, ca)
    assert result == ["TimeoutError: ", "TimeoutError: ", 6, "ENOBUFS"] + ["still here\n"] * 6


# -- cancellation ---------------------------------------------------------------------------------


def numbered(count):
    lines = [b"line %d\n" % number for number in range(count)]
    return lines + [b"block %10d" % number for number in range(count, 2 * count)]


@BOTH
def test_reading_that_is_given_up_loses_and_doubles_nothing(server, ca, tls):
    speaker = server(talker([b"".join(numbered(150))], ending="stay"), tls)
    with Relay(speaker.port, down_piece=23, pause=0.008) as relay:
        right, gave_up = play_links("impatient_reading", relay.port, ca if tls else "", 150, 20)
    assert right == 300
    assert gave_up > 30


@BOTH
def test_draining_that_is_given_up_loses_and_doubles_nothing(server, ca, tls):
    collector = server(sink, tls)
    gave_up = play_links("impatient_draining", collector.port, ca if tls else "", 40_000)
    assert collector.ended.acquire(timeout=10)
    assert collector.received[0] == echo.body(4, 40_000)
    assert gave_up > 10


@BOTH
def test_a_cancelled_reader_does_not_strand_the_writer(server, ca, tls):
    echo_server = server(tls_servers.echo, tls)
    result = play_links("cancelled_reader", echo_server.port, ca if tls else "", 12_000)
    assert result == [None, "CancelledError: ", True]


@BOTH
def test_a_second_waiter_is_refused_and_the_first_goes_on(server, ca, tls):
    result = play_links("second_waiters", server(tls_servers.echo, tls).port, ca if tls else "")
    assert all("another task" in refusal for refusal in result[:3])
    assert result[3:] == ["for the first\n", True]


@BOTH
def test_a_reader_whose_stream_is_closed_wakes_up(server, ca, tls):
    result = play_links(
        "closed_under_a_reader", server(tls_servers.echo, tls).port, ca if tls else ""
    )
    assert result == "EBADF"


# -- names ----------------------------------------------------------------------------------------


def test_names_are_asked_for_once(tcp_echo):
    (result, left), _, trace = play("names", tcp_echo.port)
    host = servers.HOST
    assert result[:4] == [[host, 80], [host, 81], [host, 82], [host, 83]]
    assert result[4:6] == ["ENOENT", "TimeoutError: "]
    assert "0x22" in result[6]
    assert result[7] == "by address\n"
    assert trace.count("AT+CDNSGIP") == 3
    assert left == 0


def test_a_silent_name_server_holds_up_nobody(tcp_echo):
    with board_and_modem() as (board, modem):
        scene = board.scene("scenes_aio", "silent_name_server", tcp_echo.port)
        assert scene.line() == "connected"
        modem.fault("lost_result")
        (how, exchanged, longest_ms), left = scene.result("go on\n")
    assert how == "ETIMEDOUT"
    assert exchanged > 4 and longest_ms < 3000  # of the 16 s that the look-up takes
    assert left == 0


# -- events ---------------------------------------------------------------------------------------


def test_events_tell_of_steps_links_and_the_bearer(tcp_echo):
    with board_and_modem() as (board, modem):
        scene = board.scene("scenes_aio", "events", tcp_echo.port)
        assert scene.line() == "up"
        modem.fault("pdp_deact")
        told, logged, missed = scene.result()
    kinds = [event[0] for event in told if event[0] not in ("note", "registration")]
    assert kinds[:4] == ["bearer up", "link lost", "bearer lost", "bearer up"]
    assert ["link lost", 0, errno.ECONNRESET] in told
    assert ["bearer up", "10.78.245.128"] in told
    assert ["note", "address: 10.78.245.128"] in told
    assert logged is True
    assert missed == 0


def test_events_that_nobody_takes_do_not_pile_up():
    (left, missed), *_ = play("nobody_listens")
    assert (left, missed) == (16, True)


def test_data_moves_while_every_task_sleeps(tcp_echo):
    assert play_links("asleep", tcp_echo.port) == [900, 900, True, True]
