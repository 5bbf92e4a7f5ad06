"""Names, addresses, connecting, closing, options, files."""

import socket

from conformance import (
    BRIEF_S,
    HOST,
    IN,
    OUT,
    address,
    bits,
    breaks,
    connected,
    connecting,
    digest,
    error_of,
    gather_line,
    keep,
    ports,
    tcp,
    times_out,
    told,
)

TCP = getattr(socket, "IPPROTO_TCP", 6)  # not every port names them
NODELAY = getattr(socket, "TCP_NODELAY", 1)


def works(sock):
    """Whether a connected socket carries data both ways."""
    sock.write("digest\nabc\n")
    return sock.readline() == digest(b"abc")


# -- names and addresses -----------------------------------------------------------------------


def case_constants_are_there():
    names = ("AF_INET", "SOCK_STREAM", "SOCK_DGRAM", "SOL_SOCKET", "SO_REUSEADDR", "SO_KEEPALIVE")
    return [type(getattr(socket, name, None)) is int for name in names]


def case_constants_of_recv_are_there():
    return [type(getattr(socket, name, None)) is int for name in ("MSG_PEEK", "MSG_DONTWAIT")]


def case_kinds_differ():
    return socket.SOCK_STREAM != socket.SOCK_DGRAM


def case_inet_pton_and_ntop():
    packed = socket.inet_pton(socket.AF_INET, "10.1.2.255")
    return bytes(packed), socket.inet_ntop(socket.AF_INET, packed)


def case_inet_pton_refuses_what_is_no_address():
    return [breaks(socket.inet_pton, socket.AF_INET, text) for text in ("x", "1.2.3", "1.2.3.256")]


def case_getaddrinfo_gives_tuples_of_five():
    found = socket.getaddrinfo(HOST, 80)
    return (
        type(found) is list,
        all(len(entry) == 5 for entry in found),
        found[0][0] == socket.AF_INET,
    )


def case_getaddrinfo_finds_the_kind_asked_for():
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return [socket.getaddrinfo(HOST, 80, 0, kind)[0][1] == kind for kind in kinds]


def case_getaddrinfo_gives_a_stream_if_no_kind_is_asked_for():
    return socket.getaddrinfo(HOST, 80)[0][1] == socket.SOCK_STREAM


def case_getaddrinfo_takes_six_arguments():
    found = socket.getaddrinfo(HOST, 80, socket.AF_INET, socket.SOCK_STREAM, 0, 0)
    return len(found[0])


def case_socket_of_what_getaddrinfo_found():
    family, kind, protocol, _, sockaddr = socket.getaddrinfo(HOST, ports["puppet"])[0]
    sock = keep(socket.socket(family, kind, protocol))
    sock.connect(sockaddr)
    return works(sock)


def case_socket_takes_none_to_two_arguments():
    made = (
        socket.socket(),
        socket.socket(socket.AF_INET),
        socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    )
    for sock in map(keep, made):
        sock.connect(address("puppet"))
    return [works(sock) for sock in made]


def case_unknown_family_or_kind_is_an_error():
    return breaks(socket.socket, 99), breaks(socket.socket, socket.AF_INET, 99)


def case_a_name_is_as_good_as_an_address():
    found = socket.getaddrinfo("localhost", ports["puppet"], socket.AF_INET, socket.SOCK_STREAM)
    sock = tcp()
    sock.connect(found[0][-1])
    return works(sock)


def case_a_name_that_does_not_exist_is_an_error():
    def resolve_and_connect():
        tcp().connect(socket.getaddrinfo("nobody.invalid", 80)[0][-1])

    return breaks(resolve_and_connect)


# -- connecting --------------------------------------------------------------------------------


def case_connect_returns_none():
    return tcp().connect(address("puppet"))


def case_connect_is_refused():
    return error_of(tcp().connect, address("refused"))


def case_connect_after_a_refusal():
    sock = tcp()
    error_of(sock.connect, address("refused"))
    sock.connect(address("puppet"))
    return works(sock)


def case_connect_times_out():
    sock = tcp()
    sock.settimeout(BRIEF_S)
    return error_of(sock.connect, address("silent"))


def case_connect_works_after_another_timed_out():
    case_connect_times_out()
    return works(connected())


def case_connect_without_blocking_then_pollout():
    sock = connecting("puppet")
    return bits(sock), sock.write("digest\nabc\n"), gather_line(sock)


def case_connect_without_blocking_is_refused():
    sock = connecting("refused")
    return bits(sock), error_of(sock.read, 1)


def case_a_refused_connect_tells_the_writer():
    sock = connecting("refused")
    return bits(sock, OUT), error_of(sock.write, b"x")


def case_a_refused_connect_tells_recv():
    sock = connecting("refused")
    return bits(sock, IN), error_of(sock.recv, 1)


def case_no_answer_yet_is_neither_readable_nor_writable():
    return bits(connecting("silent"), IN | OUT, 50)


def case_no_answer_yet_reads_none():
    sock = connecting("silent")
    return sock.read(1), sock.readline(), sock.readinto(bytearray(1)), error_of(sock.recv, 1)


def case_no_answer_yet_writes_none():
    sock = connecting("silent")
    return sock.write(b"x"), error_of(sock.send, b"x")


def case_no_answer_yet_and_read_times_out():
    sock = connecting("silent")
    sock.settimeout(BRIEF_S)
    return error_of(sock.read, 1)


def case_no_answer_yet_and_write_times_out():
    sock = connecting("silent")
    sock.settimeout(BRIEF_S)
    return times_out(sock.write, b"x")


def case_no_answer_yet_and_connect_again():
    return error_of(connecting("silent").connect, address("silent"))


def case_no_answer_yet_and_close():
    sock = connecting("silent")
    sock.close()
    return error_of(sock.read, 1), works(connected())


def case_connecting_then_a_blocking_write_waits():
    sock = connecting("puppet")
    sock.settimeout(10)
    return works(sock)


def case_connecting_then_a_blocking_read_waits():
    sock = connecting("puppet")
    sock.settimeout(BRIEF_S)
    late = error_of(sock.read, 1)
    sock.settimeout(10)
    return late, works(sock)


def case_connect_twice_is_an_error_and_the_first_lives_on():
    sock = connected()
    return breaks(sock.connect, address("puppet")), works(sock)


# -- not connected -----------------------------------------------------------------------------


def case_not_connected_reading():
    sock = tcp()
    calls = (
        (sock.read, 1),
        (sock.read,),
        (sock.readinto, bytearray(1)),
        (sock.readline,),
        (sock.recv, 1),
        (sock.recvfrom, 1),
    )
    return [error_of(*call) for call in calls]


def case_not_connected_writing():
    sock = tcp()
    return [breaks(call, b"x") for call in (sock.write, sock.send, sock.sendall)]


def case_not_connected_without_blocking():
    sock = tcp()
    sock.setblocking(False)
    return error_of(sock.read, 1), error_of(sock.recv, 1), breaks(sock.write, b"x")


def case_not_connected_reading_nothing():
    sock = tcp()
    return sock.read(0), sock.readinto(bytearray(0)), sock.write(b"")


def case_not_listening_accept():
    return breaks(tcp().accept)


def case_bind():
    return error_of(tcp().bind, address("refused"))


# -- closing -----------------------------------------------------------------------------------


def closed():
    sock = connected()
    sock.close()
    return sock


def case_close_twice():
    sock = connected()
    return sock.close(), sock.close(), sock.close()


def case_close_before_connect():
    sock = tcp()
    return sock.close(), error_of(sock.connect, address("puppet"))


def case_closed_read():
    return error_of(closed().read, 1), error_of(closed().read)


def case_closed_readinto():
    return error_of(closed().readinto, bytearray(1))


def case_closed_readline():
    return error_of(closed().readline)


def case_closed_recv():
    return error_of(closed().recv, 1), error_of(closed().recvfrom, 1)


def case_closed_write():
    return error_of(closed().write, b"x")


def case_closed_send():
    return error_of(closed().send, b"x"), error_of(closed().sendall, b"x")


def case_closed_sendto():
    return error_of(closed().sendto, b"x", address("udp", socket.SOCK_DGRAM))


def case_closed_connect():
    return error_of(closed().connect, address("puppet"))


def case_closed_settimeout():
    return error_of(closed().settimeout, 1), error_of(closed().setblocking, False)


def case_closed_setsockopt():
    return error_of(closed().setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def case_the_peer_sees_the_end():
    told("keep end").close()
    return told("tell end").readline()


def case_what_was_written_before_close_arrives():
    sock = told("keep all")
    data = bytes(10000)
    sock.write(data)
    sock.close()
    return told("tell all").readline() == digest(data)


def case_close_with_data_unread():
    sock = told("send 5000")
    sock.read(10)
    sock.close()
    return error_of(sock.read, 1), works(connected())


def case_close_amid_a_flood():
    sock = told("flood")
    data = sock.read(1000)
    sock.close()
    return len(data), works(connected())


def case_many_sockets_one_after_the_other():
    def use():
        sock = connected()
        right = works(sock)
        sock.close()
        return right

    return [use() for _ in range(10)]


# -- options -----------------------------------------------------------------------------------


def case_nodelay_before_connect():
    sock = tcp()
    result = sock.setsockopt(TCP, NODELAY, 1)
    sock.connect(address("puppet"))
    return result, works(sock)


def case_nodelay_later_on_and_off():
    sock = connected()
    return sock.setsockopt(TCP, NODELAY, 1), sock.setsockopt(TCP, NODELAY, 0), works(sock)


def case_keepalive():
    sock = connected()
    return sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), works(sock)


def case_reuseaddr():
    sock = tcp()
    result = sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.connect(address("puppet"))
    return result, works(sock)


def case_option_as_bytes():
    one = (1).to_bytes(4, "little")
    return tcp().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, one)


def case_unknown_option_is_an_error():
    return breaks(tcp().setsockopt, socket.SOL_SOCKET, 999, 1)


def case_unknown_level_is_an_error():
    return breaks(tcp().setsockopt, 999, 1, 1)


# -- files -------------------------------------------------------------------------------------


def case_makefile_reads_and_writes():
    sock = connected()
    stream = sock.makefile("rwb", 0)
    stream.write(b"say one/two/three\n")
    result = stream.readline(), stream.read(4), stream.read()
    stream.close()
    return result


def case_makefile_for_reading():
    stream = told("say one/two/").makefile("rb")
    buf = bytearray(3)
    result = stream.readinto(buf), bytes(buf), stream.readline(), stream.readline()
    stream.close()
    return result


def case_makefile_for_writing():
    sock = connected()
    stream = sock.makefile("wb")
    stream.write(b"say heard\n")
    result = sock.read()
    stream.close()
    return result


def case_closing_the_file_closes_the_socket():
    sock = told("keep file")
    sock.makefile("rwb", 0).close()
    return error_of(sock.read, 1), told("tell file").readline()


def case_context_manager_closes():
    sock = told("keep with")
    with sock.makefile("rwb", 0) as stream:
        count = stream.write(b"abc")
    return count, error_of(sock.read, 1), told("tell with").readline() == digest(b"abc")
