"""Reading with timeouts, without blocking, and beside other sockets."""

from conformance import (
    BRIEF_S,
    IN,
    bits,
    digest,
    error_of,
    gather,
    pattern,
    tcp,
    times_out,
    told,
)


def told_not_to_block(programme):
    sock = told(programme)
    sock.setblocking(False)
    return sock


# -- timeouts ----------------------------------------------------------------------------------


def case_read_times_out():
    sock = told("line, send 3")
    sock.settimeout(BRIEF_S)
    late = error_of(sock.read, 1), error_of(sock.readline), error_of(sock.readinto, bytearray(1))
    sock.settimeout(10)
    sock.write("\n")
    return late, sock.read()


def case_recv_times_out():
    sock = told("line, send 3")
    sock.settimeout(BRIEF_S)
    late = times_out(sock.recv, 1), times_out(sock.recvfrom, 1)
    sock.settimeout(10)
    sock.write("\n")
    return late, sock.read()


def case_read_to_the_end_times_out():
    sock = told("send 3, line")
    sock.settimeout(BRIEF_S)
    return error_of(sock.read), error_of(sock.read, 9)


def case_timeout_of_none_waits():
    sock = told("slow 10 5")
    sock.settimeout(None)
    return sock.read(10)


def case_timeout_of_a_whole_number():
    sock = told("slow 10 5")
    sock.settimeout(9)
    return sock.read(10)


def case_timeout_of_zero_does_not_block():
    sock = told("line")
    sock.settimeout(0)
    return sock.read(1), error_of(sock.recv, 1)


def case_timeout_is_for_each_wait_of_a_slow_peer():
    sock = told("slow 20 40")
    sock.settimeout(0.5)
    return sock.read(20)


# -- without blocking --------------------------------------------------------------------------


def case_idle_reads_none():
    sock = told_not_to_block("line")
    return sock.read(1), sock.read(), sock.readinto(bytearray(3)), sock.readline()


def case_idle_recv_is_eagain():
    sock = told_not_to_block("line")
    return error_of(sock.recv, 1), error_of(sock.recvfrom, 1)


def case_idle_reads_nothing():
    sock = told_not_to_block("line")
    return sock.read(0), sock.readinto(bytearray(0)), error_of(sock.recv, 0)


def case_ready_read_gives_what_there_is():
    sock = told_not_to_block("send 5, line")
    return gather(lambda: sock.read(100), sock, 5), sock.read(100)


def case_ready_read_to_the_end_gives_what_there_is():
    sock = told_not_to_block("send 5, line")
    return gather(sock.read, sock, 5), sock.read()


def case_ready_readinto_gives_what_there_is():
    sock = told_not_to_block("send 5, line")
    buf = bytearray(100)

    def read():
        return bytes(buf[: sock.readinto(buf) or 0]) or None

    return gather(read, sock, 5), sock.readinto(buf)


def case_ready_readline_gives_what_there_is():
    sock = told_not_to_block("say ab, line, say c/")
    first = gather(sock.readline, sock, 2), sock.readline()
    sock.write("\n")
    return first, gather(sock.readline, sock, 2)


def case_ready_recv_gives_what_there_is():
    sock = told_not_to_block("send 5, line")
    return gather(lambda: sock.recv(100), sock, 5), error_of(sock.recv, 100)


def case_ready_at_the_end():
    sock = told_not_to_block("half")
    bits(sock, IN)
    return sock.read(1), sock.read(), sock.readinto(bytearray(1)), sock.readline(), sock.recv(1)


def case_ready_much():
    sock = told_not_to_block("send 12000")
    return gather(lambda: sock.read(500), sock, 20000) == pattern(12000)


def case_to_blocking_and_back():
    sock = told_not_to_block("line, send 3, line, send 3")
    idle = sock.read(1)
    sock.setblocking(True)
    sock.write("\n")
    waited = sock.read(3)
    sock.setblocking(False)
    return idle, waited, sock.read(1)


def case_not_blocking_is_kept_over_a_timeout_setting():
    sock = told("line")
    sock.settimeout(5)
    sock.setblocking(False)
    return sock.read(1)


# -- more than one -----------------------------------------------------------------------------


def case_a_flood_on_one_socket_leaves_another_alone():
    flooded = told("flood")
    sock = told("send 4000")
    data = sock.read()
    return data == pattern(4000), flooded.read(900) == pattern(900)


def case_two_sockets_in_turn():
    one, two = told("send 9"), told("send 9")
    return [(one.read(3), two.read(3)) for _ in range(3)]


def case_a_socket_that_is_not_read_stops_its_peer_only():
    idle = told("send 12000, line")
    first = idle.read(10)  # the rest is under way, too
    sock = told("digest, send 6000")
    sock.write("abc\n")
    answer = sock.readline()
    return (
        answer == digest(b"abc"),
        sock.read() == pattern(6000),
        first + idle.read(11990) == pattern(12000),
    )


def case_a_new_socket_is_not_given_the_old_ones_data():
    old = told("send 3000")
    old.read(1)
    old.close()
    return told("say new").read(), error_of(tcp().read, 1)
