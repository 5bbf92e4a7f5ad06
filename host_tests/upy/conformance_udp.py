"""Datagrams."""

import socket

from conformance import (
    BRIEF_S,
    IN,
    address,
    bits,
    breaks,
    error_of,
    pattern,
    times_out,
    udp,
)

PEEK = getattr(socket, "MSG_PEEK", 0)
LARGEST = 1460  # what one AT+CIPSEND carries


def asked(*lengths):
    """A socket whose peer sends back datagrams of these lengths."""
    sock = udp()
    sock.sendto(b"reply " + b" ".join([b"%d" % length for length in lengths]), address("udp"))
    return sock


def echoed(data):
    """What `sendto` returns for `data`, and what came back."""
    sock = udp()
    count = sock.sendto(data, address("udp"))
    return count, sock.recv(2000)


def bound(peer="udp"):
    """A socket with a fixed peer."""
    sock = udp()
    sock.connect(address(peer))
    return sock


# -- there and back ----------------------------------------------------------------------------


def case_sendto_and_recvfrom():
    sock = udp()
    return sock.sendto(b"abc", address("udp")), sock.recvfrom(100)[0]


def case_answer_to_where_it_came_from():
    sock = udp()
    sock.sendto(b"abc", address("udp"))
    data, peer = sock.recvfrom(100)
    sock.sendto(data + b"d", peer)
    return sock.recvfrom(100)[0]


def case_answers_come_from_the_same_peer():
    sock = asked(1, 1)
    return sock.recvfrom(9)[1] == sock.recvfrom(9)[1]


def case_sendto_and_recv():
    return echoed(b"abc")


def case_sendto_a_string():
    return echoed("a\u00e9")


def case_sendto_a_bytearray():
    return echoed(bytearray(b"abc"))


def case_sendto_a_slice():
    return echoed(memoryview(b"abcdef")[1:4])


def case_sendto_with_flags():
    sock = udp()
    return sock.sendto(b"abc", 0, address("udp")), sock.recv(9)


def case_address_made_for_a_stream():
    sock = udp()
    sock.sendto(b"abc", address("udp", socket.SOCK_STREAM))
    return sock.recv(9)


def case_socket_of_what_getaddrinfo_found():
    found = socket.getaddrinfo("127.0.0.1", 9, socket.AF_INET, socket.SOCK_DGRAM)[0]
    sock = socket.socket(*found[:3])
    sock.settimeout(10)
    sock.sendto(b"abc", address("udp"))
    data = sock.recv(9)
    sock.close()
    return data


def case_ntp_as_in_the_stock_module():
    sock = udp()
    sock.settimeout(5)
    count = sock.sendto(b"\x1b" + bytes(47), address("udp"))
    return count, sock.recv(48)


def case_ten_questions_ten_answers():
    sock = udp()
    answers = []
    for number in range(10):
        sock.sendto(b"number %d" % number, address("udp"))
        answers.append(sock.recv(100))
    return answers


def case_two_sockets_get_their_own():
    one, two = udp(), udp()
    one.sendto(b"one", address("udp"))
    two.sendto(b"two", address("udp"))
    return two.recv(9), one.recv(9)


def case_another_address():
    sock = udp()
    answers = []
    for peer, data in (("udp", b"one"), ("udp2", b"two"), ("udp", b"three")):
        sock.sendto(data, address(peer))
        answers.append(sock.recv(100))
    return answers


# -- a fixed peer ------------------------------------------------------------------------------


def case_connect_then_send_and_recv():
    sock = bound()
    return sock.send(b"abc"), sock.recv(100)


def case_connect_then_write_and_read():
    sock = bound()
    return sock.write(b"abc"), sock.read(3)


def case_connect_then_recvfrom():
    sock = bound()
    sock.send(b"abc")
    return sock.recvfrom(100)[0]


def case_connect_returns_at_once():
    sock = udp()
    return sock.connect(address("udp")), bits(sock)


def case_connect_without_blocking():
    sock = udp()
    sock.setblocking(False)
    sock.connect(address("udp"))
    return sock.send(b"abc"), bits(sock, IN), sock.recv(9)


def case_one_write_is_one_datagram():
    sock = bound()
    for data in (b"a", b"bc", b"def"):
        sock.write(data)
    return sorted([sock.recv(100) for _ in range(3)])


def case_no_address():
    return breaks(udp().send, b"x"), breaks(udp().write, b"x")


# -- bounds ------------------------------------------------------------------------------------


def case_length_of_one():
    return echoed(b"a")


def case_every_byte_value():
    data = bytes(range(256))
    return echoed(data) == (256, data)


def case_what_looks_like_a_modem():
    data = b"\r\nOK\r\n\r\n0, CLOSED\r\n+RECEIVE,0,5:\r\n> \x1a\x1b"
    return echoed(data) == (len(data), data)


def case_the_largest():
    data = pattern(LARGEST)
    return echoed(data) == (LARGEST, data)


def case_lengths_that_one_cipsend_cannot_carry():
    sock = udp()
    return [error_of(sock.sendto, bytes(length), address("udp")) for length in (0, LARGEST + 1)]


def case_larger_than_any_datagram():
    return breaks(udp().sendto, bytes(70000), address("udp"))


def case_after_one_that_was_too_large():
    sock = udp()
    breaks(sock.sendto, bytes(70000), address("udp"))
    sock.sendto(b"abc", address("udp"))
    return sock.recv(9)


def case_bounds_are_kept():
    sock = asked(1, 3, 2)
    return [sock.recv(100) for _ in range(3)]


def case_bounds_of_large_ones_are_kept():
    sock = asked(LARGEST, 1, 700)
    return [sock.recv(2000) == pattern(length) for length in (LARGEST, 1, 700)]


def case_two_of_the_largest():
    sock = asked(LARGEST, LARGEST)
    return [sock.recv(LARGEST) == pattern(LARGEST) for _ in range(2)]


# -- reading -----------------------------------------------------------------------------------


def case_a_short_recv_drops_the_tail():
    sock = asked(9, 3)
    return sock.recv(2), sock.recv(9)


def case_a_short_recvfrom_drops_the_tail():
    sock = asked(9, 3)
    return sock.recvfrom(2)[0], sock.recvfrom(9)[0]


def case_a_short_read_of_a_large_one_drops_the_tail():
    sock = asked(LARGEST, 3)
    return sock.recv(1), sock.recv(9)


def case_a_short_readinto_drops_the_tail():
    sock = asked(9, 3)
    buf = bytearray(2)
    return sock.readinto(buf), bytes(buf), sock.recv(9)


def case_recv_of_nothing_drops_all():
    sock = asked(9, 3)
    bits(sock, IN)
    return sock.recv(0), sock.recv(9)


def case_read_of_exactly_one():
    sock = asked(5, 3)
    return sock.read(5), sock.read(3)


def case_readinto_of_exactly_one():
    sock = asked(5)
    buf = bytearray(5)
    return sock.readinto(buf), bytes(buf)


def case_readinto_a_part_of_a_buffer():
    sock = asked(3)
    buf = bytearray(6)
    return sock.readinto(memoryview(buf)[2:5]), bytes(buf)


def case_peek():
    sock = asked(5, 3)
    seen = sock.recv(9, PEEK), sock.recv(2, PEEK), sock.recvfrom(9, PEEK)[0]
    return seen, sock.recv(9), sock.recv(9)


def case_peek_after_a_short_recv():
    sock = asked(5, 3)
    return sock.recv(1), sock.recv(9, PEEK), sock.recv(9)


# -- waiting -----------------------------------------------------------------------------------


def case_recv_times_out():
    sock = asked()
    sock.settimeout(BRIEF_S)
    return times_out(sock.recv, 1), times_out(sock.recvfrom, 1), times_out(sock.read, 1)


def case_works_after_a_timeout():
    sock = asked()
    sock.settimeout(BRIEF_S)
    late = times_out(sock.recv, 1)
    sock.settimeout(10)
    sock.sendto(b"abc", address("udp"))
    return late, sock.recv(9)


def case_idle_without_blocking():
    sock = asked()
    sock.setblocking(False)
    return error_of(sock.recv, 1), error_of(sock.recvfrom, 1), sock.read(1)


def case_ready_without_blocking():
    sock = udp()
    sock.setblocking(False)
    count = sock.sendto(b"abc", address("udp"))
    return count, bits(sock, IN), sock.recv(9), error_of(sock.recv, 9)


def case_dontwait():
    sock = asked()
    return error_of(sock.recv, 9, getattr(socket, "MSG_DONTWAIT", 0))


def case_close_and_use():
    sock = asked(3)
    sock.close()
    return error_of(sock.recv, 9), error_of(sock.sendto, b"x", address("udp")), sock.close()


def case_close_right_after_sendto():
    sock = udp()
    sock.sendto(b"abc", address("udp"))
    sock.close()
    return echoed(b"next")
