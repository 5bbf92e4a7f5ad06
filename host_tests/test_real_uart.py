"""The UART and Timer shims of the unix port, run by MicroPython; the test plays the modem."""

import os
import select
import termios
import threading

import pytest


def read_exactly(fd, count):
    data = b""
    while len(data) < count and select.select([fd], [], [], 10)[0]:
        data += os.read(fd, count - len(data))
    return data


def test_idle_uart_reads_none(board):
    assert board.play("scenes_uart", "idle") == [0, None, None, None, True]


def test_bytes_go_both_ways(board):
    sent = bytes(range(256)) * 40
    scene = board.scene("scenes_uart", "upper", len(sent))
    writer = threading.Thread(target=os.write, args=(board.far_end, sent))
    writer.start()
    assert read_exactly(board.far_end, len(sent)) == sent.upper()
    writer.join()
    assert scene.result() == [0, 0]


def test_what_rxbuf_cannot_hold_is_lost_and_counted(board):
    sent = bytes(i & 255 for i in range(1500))
    scene = board.scene("scenes_uart", "overflow", len(sent), 1024, False)
    assert scene.line() == "ready"
    os.write(board.far_end, sent)
    assert scene.result("go\n") == [sent[:1024].hex(), 476]


def test_with_rts_nothing_is_lost(board):
    sent = bytes(i & 255 for i in range(1500))
    scene = board.scene("scenes_uart", "overflow", len(sent), 1024, True)
    assert scene.line() == "ready"
    os.write(board.far_end, sent)
    assert scene.result("go\n") == [sent.hex(), 0]


def test_write_to_a_peer_that_does_not_read_ends_in_none(board):
    taken, last = board.play("scenes_uart", "full", 1_000_000)
    assert 0 < taken < 1_000_000
    assert last is None


@pytest.mark.parametrize("baud", [9600, 115200])
def test_written_bytes_need_the_time_of_the_line(board, baud):
    size = 200 if baud == 9600 else 2400
    elapsed_us = board.play("scenes_uart", "pace", baud, size)
    assert elapsed_us >= size * 10_000_000 // baud
    assert elapsed_us < 2 * size * 10_000_000 // baud


def test_speed_is_told_to_the_pty(board):
    board.play("scenes_uart", "pace", 9600, 1)
    assert termios.tcgetattr(board.uart)[4:6] == [termios.B9600, termios.B9600]


def test_poll_sees_bytes_in_the_file_and_in_the_ring(board):
    scene = board.scene("scenes_uart", "poll")
    assert scene.line() == "ready"
    os.write(board.far_end, b"x")
    assert scene.result() == [0, [1], [1]]


def test_irq_handler_is_scheduled_when_bytes_come(board):
    scene = board.scene("scenes_uart", "irq")
    assert scene.line() == "ready"
    os.write(board.far_end, b"ring")
    assert scene.result() == [True, True, "ring"]


def test_timers_fire_in_the_main_thread(board):
    fired = board.play("scenes_uart", "timer")
    assert fired["cleared"] == []
    assert len(fired["once"]) == 1
    assert fired["once"][0] >= 30
    assert len(fired["periodic"]) >= 4
    assert all(at >= 20 * (i + 1) for i, at in enumerate(fired["periodic"]))


def test_a_modem_that_went_away_is_an_error(board):
    scene = board.scene("scenes_uart", "hang_up")
    assert scene.line() == "ready"
    board.release_far_end()
    assert scene.result("go\n") == 19  # ENODEV
