"""Reading a stream: read, readinto, readline, recv, recvfrom."""

import array
import socket

from conformance import (
    BRIEF_S,
    IN,
    bits,
    error_of,
    gather,
    pattern,
    times_out,
    told,
)

PEEK = getattr(socket, "MSG_PEEK", 0)
DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)


def received(sock, size):
    """Bytes from as many `recv` as it takes."""
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            break
        data += part
    return data


# -- read --------------------------------------------------------------------------------------


def case_read_gives_exactly_what_is_asked_for():
    sock = told("send 10")
    return sock.read(3), sock.read(1), sock.read(6)


def case_read_waits_for_all_of_it():
    return told("slow 20 2").read(20) == pattern(20)


def case_read_across_a_pause_of_the_peer():
    sock = told("send 3, line, send 4")
    first = sock.read(2)
    sock.write("\n")
    return first, sock.read(5)


def case_read_gives_less_at_the_end():
    return told("send 5").read(100)


def case_read_to_the_end():
    return told("send 5").read()


def case_read_minus_one_is_read_to_the_end():
    return told("send 5").read(-1)


def case_read_to_the_end_of_much():
    return told("send 12000").read() == pattern(12000)


def case_read_much_at_once():
    return told("send 12000, line").read(12000) == pattern(12000)


def case_read_much_piece_by_piece():
    sock = told("send 6000")
    return b"".join([sock.read(77) for _ in range(80)]) == pattern(6000)


def case_read_nothing():
    sock = told("send 3")
    return sock.read(0), sock.read(3), sock.read(0)


def case_read_nothing_does_not_wait():
    return told("line").read(0)


def case_read_at_the_end_again_and_again():
    sock = told("send 2")
    return sock.read(2), sock.read(1), sock.read(1), sock.read()


def case_read_of_an_empty_stream():
    return told("half").read()


def case_read_with_a_size_that_is_no_number():
    return error_of(told("send 3").read, "3"), error_of(told("send 3").read, None)


def case_data_comes_before_the_end():
    sock = told("send 3000")
    parts = [sock.read(1000) for _ in range(3)]
    return b"".join(parts) == pattern(3000), sock.read(1)


def case_data_comes_before_the_end_for_recv():
    sock = told("send 3000")
    return received(sock, 5000) == pattern(3000), sock.recv(1)


def case_data_of_a_half_closed_peer_comes_before_the_end():
    sock = told("send 3000, half, sink")
    return sock.read(3000) == pattern(3000), sock.read(1)


def case_data_comes_before_the_reset():
    sock = told("send 3000, line, reset")
    data = sock.read(3000)
    sock.write("\n")
    return data == pattern(3000)


def case_reset():
    sock = told("send 3, line, reset")
    sock.read(3)
    sock.write("\n")
    return error_of(sock.read, 1)


# -- readinto ----------------------------------------------------------------------------------


def case_readinto_fills_the_buffer():
    buf = bytearray(4)
    sock = told("send 10")
    return sock.readinto(buf), bytes(buf), sock.readinto(buf), bytes(buf)


def case_readinto_waits_for_all_of_it():
    buf = bytearray(20)
    return told("slow 20 2").readinto(buf), buf == pattern(20)


def case_readinto_with_a_size():
    buf = bytearray(4)
    return told("send 10").readinto(buf, 2), bytes(buf)


def case_readinto_with_a_size_beyond_the_buffer():
    buf = bytearray(4)
    return told("send 10").readinto(buf, 9), bytes(buf)


def case_readinto_with_no_size():
    buf = bytearray(2)
    return told("send 10").readinto(buf, 0), told("line").readinto(bytearray(0)), bytes(buf)


def case_readinto_a_slice():
    buf = bytearray(6)
    return told("send 10").readinto(memoryview(buf)[2:5]), bytes(buf)


def case_readinto_an_array():
    numbers = array.array("H", [0, 0, 0])
    return told("send 10").readinto(numbers), bytes(numbers)


def case_readinto_an_array_from_a_slow_peer():
    numbers = array.array("H", [0, 0, 0])
    return told("slow 6 10, line").readinto(numbers), bytes(numbers)


def case_readinto_what_cannot_be_written():
    sock = told("send 10")
    return error_of(sock.readinto, b"abc"), error_of(sock.readinto, 3), sock.read(2)


def case_readinto_at_the_end():
    buf = bytearray(9)
    sock = told("send 5")
    return sock.readinto(buf), bytes(buf), sock.readinto(buf)


def case_readinto_much():
    buf = bytearray(12000)
    return told("send 12000, line").readinto(buf), buf == pattern(12000)


# -- readline ----------------------------------------------------------------------------------


def case_readline_line_by_line():
    sock = told("say one/two//four/")
    return [sock.readline() for _ in range(5)]


def case_readline_of_a_torn_line():
    sock = told("say be, line, say gin/next/")
    first = sock.read(1)
    sock.write("\n")
    return first, sock.readline(), sock.readline()


def case_readline_keeps_the_carriage_return():
    return told("say a\rb\r/c").readline()


def case_readline_at_the_end_without_a_line_feed():
    sock = told("say one/tw")
    return sock.readline(), sock.readline(), sock.readline()


def case_readline_with_a_limit():
    sock = told("say abcdef/gh/")
    return sock.readline(4), sock.readline(9), sock.readline(2), sock.readline(2)


def case_readline_with_a_limit_of_none_and_all():
    sock = told("say ab/cd/")
    return sock.readline(0), sock.readline(-1), sock.readline()


def case_readline_of_a_long_line():
    sock = told("say " + "x" * 3000 + "/end")
    return len(sock.readline()), sock.readline()


def case_readline_then_read():
    sock = told("say head//, send 4")
    return sock.readline(), sock.readline(), sock.read()


# -- recv --------------------------------------------------------------------------------------


def case_recv_does_not_wait_for_more():
    sock = told("send 5, line")
    data = b""
    while len(data) < 5:
        data += sock.recv(100)
    sock.settimeout(BRIEF_S)
    return data, times_out(sock.recv, 100)


def case_recv_leaves_the_rest():
    sock = told("send 5")
    return received(sock, 2), received(sock, 9)


def case_recv_at_the_end():
    sock = told("send 2")
    return received(sock, 9), sock.recv(9), sock.recv(9)


def case_recv_nothing():
    sock = told("send 3")
    bits(sock, IN)
    return sock.recv(0), sock.read()


def case_recv_more_than_there_can_be():
    sock = told("send 5")
    return gather(lambda: sock.recv(100000), sock, 5)


def case_recv_much():
    return received(told("send 12000"), 20000) == pattern(12000)


def case_recv_with_flags():
    sock = told("send 3")
    bits(sock, IN)
    return sock.recv(1, 0)


def case_recvfrom_a_stream():
    sock = told("send 3")
    bits(sock, IN)
    return sock.recvfrom(1)[0], sock.recvfrom(1, 0)[0]


def case_recv_between_the_others():
    sock = told("say ab/cdef/")
    return sock.recv(1), sock.readline(), sock.recv(1), sock.read(2), sock.readline()


def case_peek_takes_nothing():
    sock = told("send 3")
    bits(sock, IN)
    return sock.recv(1, PEEK), sock.recv(1, PEEK), sock.recv(1), sock.recv(1, PEEK), sock.read()


def case_peek_at_the_end():
    sock = told("send 1")
    return sock.read(1), sock.recv(5, PEEK), sock.recv(5)


def case_peek_with_recvfrom():
    sock = told("send 3")
    bits(sock, IN)
    return sock.recvfrom(1, PEEK)[0], sock.read()


def case_peek_waits_for_the_first_byte():
    sock = told("line, send 3")
    sock.settimeout(BRIEF_S)
    late = times_out(sock.recv, 1, PEEK)
    sock.settimeout(10)
    sock.write("\n")
    return late, sock.recv(1, PEEK), sock.read()


def case_peek_much():
    sock = told("send 3000")
    bits(sock, IN)
    seen = sock.recv(700, PEEK)
    return len(seen) > 0, seen == pattern(len(seen)), sock.read() == pattern(3000)


def case_dontwait():
    sock = told("line, send 3")
    idle = error_of(sock.recv, 9, DONTWAIT), error_of(sock.recv, 9, DONTWAIT | PEEK)
    sock.write("\n")
    bits(sock, IN)
    return idle, sock.recv(1, DONTWAIT), sock.read()


def case_dontwait_at_the_end():
    sock = told("half")
    bits(sock, IN)
    return sock.recv(1, DONTWAIT)
