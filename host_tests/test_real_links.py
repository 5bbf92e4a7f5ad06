"""The firmware on real MicroPython, the virtual modem in a process of its own, real sockets."""

import errno

import pytest
from real import virtual_modem

from tools import servers

KIB = 1024
BOTH_MODES = pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])


def play(scene, *args, flow=False):
    """Play a scene against a fresh modem: its result, and the modem's statistics."""
    with virtual_modem(flow=flow) as (board, modem):
        result = board.play("scenes_socket", scene, *args)
        stats = modem.stop()
    assert stats["counters"].get("host_overrun", 0) == 0
    return result, stats


def counted_by_modem(stats):
    return [[c["link"], c["bytes_up"], c["bytes_down"]] for c in stats["connections"]]


def test_bring_up_tells_every_step_and_ends_with_an_address():
    result, stats = play("bring_up")
    assert result["connected"] is True
    assert result["address"] == "10.78.245.128"
    assert any("SIM" in step.upper() for step in result["steps"])
    assert any(result["address"] in step for step in result["steps"])
    assert result["afterwards"] is False
    assert stats["bearer"] == "IP INITIAL"


def test_a_second_program_starts_from_what_the_first_left(tcp_echo):
    with virtual_modem() as (board, modem):
        board.play("scenes_socket", "leave_a_link_open", tcp_echo.port)
        connected, states = board.play("scenes_socket", "bring_up_again")
        stats = modem.stop()
    assert connected is True
    assert "CONNECTED" not in states
    assert [c["closed_by"] for c in stats["connections"]] == ["shut"]


@BOTH_MODES
def test_tcp_carries_64_kib_both_ways(tcp_echo, flow):
    (right, figures), stats = play("tcp_echo", tcp_echo.port, 64 * KIB, flow, flow=flow)
    assert right == 64 * KIB
    assert len(tcp_echo.received[0]) == 64 * KIB
    assert set(tcp_echo.received[0]) == set(range(256))
    assert figures == counted_by_modem(stats) == [[0, 64 * KIB, 64 * KIB]]


@BOTH_MODES
def test_udp_datagrams_keep_their_boundaries(udp_echo, flow):
    lengths = [1, 2, 3, 100, 1023, 1024, 1025, 1459, 1460, 5]
    (back, figures), stats = play("udp_echo", udp_echo.port, lengths, flow, flow=flow)
    assert back == lengths
    assert [len(datagram) for datagram in udp_echo.received] == lengths
    assert figures == counted_by_modem(stats) == [[0, sum(lengths), sum(lengths)]]


@BOTH_MODES
def test_six_links_at_once(tcp_echo, flow):
    (compared, figures), stats = play("six_links", tcp_echo.port, 16 * KIB, flow, flow=flow)
    assert compared == [16 * KIB] * 6
    assert figures == counted_by_modem(stats) == [[n, 16 * KIB, 16 * KIB] for n in range(6)]
    assert len({bytes(data) for data in tcp_echo.received}) == 6


def test_a_seventh_link_is_refused_and_the_six_live_on(tcp_echo):
    (error, back), _ = play("seventh_link", tcp_echo.port)
    assert error == errno.ENOBUFS
    assert back == [f"still here {number}" for number in range(6)]


def test_forgotten_sockets_show_and_their_links_can_be_freed(tcp_echo):
    (error, rows, back, owned), stats = play("forgotten", tcp_echo.port)
    assert error == errno.ENOBUFS
    for number, row in enumerate(rows):
        assert f"  {number} CONNECTED" in row
        assert f"TCP 127.0.0.1:{tcp_echo.port}" in row
        assert row.endswith(" s")  # how long it has been open
    assert back == "works"
    assert owned == []
    assert len(stats["connections"]) == 7


def test_stock_requests_get_and_post(http_echo):
    answers, stats = play("stock_requests", http_echo.port, 20_000)
    assert answers == [200, "/a/path", 200, True]
    assert [request[:2] for request in http_echo.requests] == [
        ("GET", "/a/path"),
        ("POST", "/form"),
    ]
    assert len(stats["connections"]) == 2


def test_refused_connect_is_an_error_and_the_modem_goes_on(tcp_echo):
    (error, back), stats = play("refused", servers.refused_port(), tcp_echo.port)
    assert error == errno.ECONNREFUSED
    assert back == "works"
    assert [c["closed_by"] for c in stats["connections"]] == ["refused", "host"]


@BOTH_MODES
def test_payload_that_looks_like_the_modems_own_words(tcp_echo, flow):
    (mode, right), _ = play("traps", tcp_echo.port, flow, flow=flow)
    assert mode is flow
    assert right == [True] * 13
    assert b"\r\n0, CLOSED\r\n" in tcp_echo.received[0]


def test_ctrl_c_in_a_read_leaves_every_socket_usable(tcp_echo):
    with virtual_modem() as (board, modem):
        scene = board.scene("scenes_socket", "interrupted", tcp_echo.port)
        assert scene.line() == "reading"
        scene.interrupt()
        answers, figures = scene.result()
        stats = modem.stop()
    assert answers == ["before", "interrupted", "after!", "another"]
    assert figures == counted_by_modem(stats) == [[0, 12, 12], [1, 7, 7]]


def test_a_timer_moves_data_while_the_program_sleeps(tcp_echo):
    figures, _ = play("asleep", tcp_echo.port)
    assert figures == [900, 900, True]
