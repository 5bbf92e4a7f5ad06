"""Writing a stream: write, send, sendall, with and without blocking, to peers that read or not."""

import array

from conformance import (
    BRIEF_S,
    IN,
    OUT,
    bits,
    breaks,
    connected,
    digest,
    error_of,
    fill,
    gather_line,
    pattern,
    refusal,
    times_out,
    told,
)


def written(*args):
    """What `write(*args)` returns, and what the peer got."""
    sock = told("digest, say ok")
    count = sock.write(*args)
    sock.write("\n")
    return count, sock.readline()


def sent(call, data):
    """The same for another call of the socket, by name."""
    sock = told("digest, say ok")
    result = getattr(sock, call)(data)
    sock.write("\n")
    return result, sock.readline()


# -- the forms of write ------------------------------------------------------------------------


def case_write_bytes():
    return written(b"abc") == (3, digest(b"abc"))


def case_write_every_byte_value():
    data = bytes(value for value in range(256) if value != 10)
    return written(data) == (255, digest(data))


def case_write_what_looks_like_a_modem():
    data = b"\r\rOK\r\r+++\x1a\x1bAT+CIPSHUT\r> 0, CLOSED\r+RECEIVE,0,5:\r"
    return written(data) == (len(data), digest(data))


def case_write_a_bytearray():
    return written(bytearray(b"abc")) == (3, digest(b"abc"))


def case_write_a_memoryview():
    return written(memoryview(b"abc")) == (3, digest(b"abc"))


def case_write_a_slice():
    return written(memoryview(b"abcdef")[2:5]) == (3, digest(b"cde"))


def case_write_an_array():
    return written(array.array("H", [0x4241, 0x4443])) == (4, digest(b"ABCD"))


def case_write_a_slice_of_an_array():
    return written(memoryview(array.array("H", [0x4241, 0x4443, 0x4645]))[1:]) == (
        4,
        digest(b"CDEF"),
    )


def case_write_a_string():
    return written("abc") == (3, digest(b"abc"))


def case_write_a_string_beyond_ascii():
    return written("a\u00e9\u4e2d") == (6, digest(b"a\xc3\xa9\xe4\xb8\xad"))


def case_write_a_string_in_part():
    return written("a\u00e9b", 3) == (3, digest(b"a\xc3\xa9"))


def case_write_nothing():
    return written(b"") == (0, digest(b""))


def case_write_an_empty_string():
    return written("") == (0, digest(b""))


def case_write_with_a_size():
    return written(b"abcdef", 4) == (4, digest(b"abcd"))


def case_write_with_a_size_beyond_the_buffer():
    return written(b"abc", 9) == (3, digest(b"abc"))


def case_write_with_a_size_of_none_and_all():
    return written(b"abc", 0) == (0, digest(b"")), written(b"abc", -1) == (3, digest(b"abc"))


def case_write_with_an_offset():
    return written(b"abcdef", 1, 3) == (3, digest(b"bcd"))


def case_write_with_an_offset_to_the_end_and_beyond():
    return [
        written(b"abcdef", 4, 9) == (2, digest(b"ef")),
        written(b"abcdef", 6, 2) == (0, digest(b"")),
        written(b"abcdef", 9, 2) == (0, digest(b"")),
    ]


def case_write_a_part_of_an_array():
    return written(array.array("H", [0x4241, 0x4443]), 1, 2) == (2, digest(b"BC"))


def case_write_what_is_no_buffer():
    sock = told("digest, say ok")
    errors = [error_of(sock.write, data) for data in (5, None, [65, 66], 1.5)]
    sock.write("\n")
    return errors, sock.readline() == digest(b"")


def case_write_changes_nothing():
    data = bytearray(b"abc")
    sock = told("digest")
    sock.write(data)
    data[:] = b"xyz"
    sock.write("\n")
    return sock.readline() == digest(b"abc")


# -- send and sendall --------------------------------------------------------------------------


def case_send():
    return sent("send", b"abc") == (3, digest(b"abc"))


def case_send_a_string():
    return sent("send", "a\u00e9") == (3, digest(b"a\xc3\xa9"))


def case_send_an_array():
    return sent("send", array.array("H", [0x4241])) == (2, digest(b"AB"))


def case_send_nothing():
    return sent("send", b"") == (0, digest(b""))


def case_send_with_flags():
    sock = told("digest")
    count = sock.send(b"abc", 0)
    sock.write("\n")
    return count, sock.readline() == digest(b"abc")


def case_send_what_is_no_buffer():
    sock = told("line")
    return error_of(sock.send, 5), error_of(sock.sendall, None)


def case_sendall():
    return sent("sendall", b"abc") == (None, digest(b"abc"))


def case_sendall_a_string():
    return sent("sendall", "abc") == (None, digest(b"abc"))


def case_sendall_nothing():
    return sent("sendall", b"") == (None, digest(b""))


def case_sendall_much():
    return sent("sendall", bytes(10000)) == (None, digest(bytes(10000)))


# -- more than fits at once --------------------------------------------------------------------


def case_write_much():
    return written(bytes(10000)) == (10000, digest(bytes(10000)))


def case_write_many_small_ones():
    sock = told("digest")
    counts = [sock.write(b"%d" % (number & 7)) for number in range(300)]
    sock.write("\n")
    data = b"".join([b"%d" % (number & 7) for number in range(300)])
    return sum(counts), sock.readline() == digest(data)


def case_write_of_every_size():
    sock = told("digest")
    data = b""
    for size in (1, 2, 63, 64, 65, 511, 512, 513, 1459, 1460, 1461, 1536, 1537):
        piece = bytes([size & 127 | 128]) * size
        data += piece
        if sock.write(piece) != size:
            return size
    sock.write("\n")
    return sock.readline() == digest(data)


def case_send_may_be_short_and_goes_on():
    data = bytes(6000)
    sock = told("digest")
    at = 0
    while at < len(data):
        at += sock.send(data[at:])
    sock.write("\n")
    return at, sock.readline() == digest(data)


def case_echo_of_much_in_pieces():
    sock = told("echo")
    for at in range(0, 6000, 1000):
        sock.write(pattern(1000, at))
        if sock.read(1000) != pattern(1000, at):
            return at
    return True


def case_echo_of_much_on_two_sockets_in_turn():
    one, two = told("echo"), told("echo")
    for at in range(0, 3000, 500):
        one.write(pattern(500, at))
        two.write(pattern(500, at + 7))
        if (one.read(500), two.read(500)) != (pattern(500, at), pattern(500, at + 7)):
            return at
    return True


def case_write_and_read_wait_for_each_other():
    sock = told("digest, digest, digest")
    answers = []
    for word in (b"one", b"two", b"three"):
        sock.write(word + b"\n")
        answers.append(sock.readline() == digest(word))
    return answers


# -- without blocking --------------------------------------------------------------------------


def told_not_to_block(programme):
    sock = told(programme)
    sock.setblocking(False)
    return sock


def case_ready_write():
    sock = told_not_to_block("digest")
    return bits(sock, OUT), sock.write(b"abc\n"), gather_line(sock)


def case_ready_write_of_much_takes_a_part():
    sock = told_not_to_block("wait write, sink")
    count = sock.write(bytes(200000))
    told("signal write").read()
    return 0 < count < 200000


def case_ready_write_nothing():
    return told_not_to_block("line").write(b""), told_not_to_block("line").send(b"")


def case_ready_sendall():
    sock = told_not_to_block("digest")
    return sock.sendall(b"abc\n"), gather_line(sock)


def case_full_write_gives_none():
    sock = told("wait none, sink")
    taken = fill(sock)
    result = taken > 0, refusal(sock.write, b"x"), bits(sock, OUT, 0)
    told("signal none").read()
    return result


def case_full_send_is_eagain():
    sock = told("wait eagain, sink")
    fill(sock)
    result = refusal(sock.send, b"x"), refusal(sock.send, bytes(5000))
    told("signal eagain").read()
    return result


def case_full_socket_can_be_read():
    sock = told("send 5, wait read, sink")
    fill(sock)
    result = bits(sock, IN), sock.read(5)
    told("signal read").read()
    return result


def case_full_then_room_again_and_nothing_is_lost():
    sock = told("wait room, digest")
    taken = fill(sock)
    told("signal room").read()
    room = bits(sock, OUT)
    sock.settimeout(10)
    sock.write("\n")
    return room, sock.readline() == digest(bytes(taken))


def case_full_blocking_write_times_out():
    sock = told("wait late, sink")
    fill(sock)
    sock.settimeout(BRIEF_S)
    late = times_out(sock.write, bytes(60000))
    result = late, refusal(sock.send, bytes(60000)) in ("ETIMEDOUT", "EAGAIN")
    told("signal late").read()
    return result


def case_full_blocking_write_waits_for_room():
    sock = told("wait free, digest")
    taken = fill(sock)
    sock.settimeout(10)
    other = told("slow 5 40, signal free")  # a moment later
    count = sock.write(bytes(9000) + b"\n")
    return count, other.read(), sock.readline() == digest(bytes(taken + 9000))


def case_full_socket_does_not_hinder_another():
    sock = told("wait other, sink")
    fill(sock)
    other = told("digest")
    other.write("abc\n")
    result = other.readline() == digest(b"abc")
    told("signal other").read()
    return result


def case_full_and_closed():
    sock = told("wait closed, keep prefix")
    fill(sock)
    sock.close()
    result = error_of(sock.write, b"x")
    told("signal closed").read()
    return result, told("tell prefix").readline().split()[0] != b"0"


# -- peers that go away ------------------------------------------------------------------------


def writes_until_it_breaks(sock):
    """Whether writing fails for good; the first write may go into the void."""
    for _ in range(50):
        if breaks(sock.write, b"x"):
            return breaks(sock.write, b"x")
        bits(sock, 0, 20)
    return False


def case_write_to_a_peer_that_has_closed():
    sock = told("send 3")
    return sock.read(), writes_until_it_breaks(sock)


def case_write_to_a_peer_that_has_reset():
    sock = told("send 3, line, reset")
    data = sock.read(3)
    sock.write("\n")
    bits(sock, IN)
    return data, writes_until_it_breaks(sock)


def case_write_to_a_peer_that_has_closed_in_half():
    sock = told("half, keep half")
    end = sock.read()
    error = error_of(sock.write, b"still there?")
    sock.close()
    return end, error


def case_write_while_the_peer_closes():
    sock = told("line")
    count = sock.write("\n")
    return count, sock.read(), writes_until_it_breaks(sock)


def case_a_broken_socket_does_not_hinder_another():
    sock = told("send 3")
    sock.read()
    writes_until_it_breaks(sock)
    other = connected()
    other.write("digest\nabc\n")
    return other.readline() == digest(b"abc")


def case_data_that_waits_can_be_read_after_a_write_to_a_closed_peer():
    sock = told("send 3000")
    first = sock.read(1)
    bits(sock, 0, 100)
    breaks(sock.write, b"x")
    return first, len(sock.read(999))
