"""What select.poll says about sockets."""

import select

from conformance import (
    BRIEF_S,
    ERR,
    HUP,
    IN,
    OUT,
    WAIT_MS,
    address,
    bits,
    connected,
    connecting,
    error_of,
    fill,
    gather_line,
    tcp,
    told,
    udp,
)

NVAL = 32  # MicroPython's select has no name for it


def ready(poller, ms=0):
    """The flags of what is ready, in order of registration."""
    return [entry[1] for entry in poller.poll(ms)]


def polled(*sockets, flags=IN | OUT):
    poller = select.poll()
    for sock in sockets:
        poller.register(sock, flags)
    return poller


# -- each state --------------------------------------------------------------------------------


def case_new():
    sock = tcp()
    return bits(sock), bits(sock, IN), bits(sock, OUT), bits(sock, 0)


def case_connecting():
    sock = connecting("silent")
    return bits(sock, IN | OUT, 0), bits(sock, IN, 0), bits(sock, OUT, 20)


def case_just_connected():
    return bits(connecting("puppet"), OUT)


def case_idle():
    sock = connected()
    return bits(sock), bits(sock, IN, 0), bits(sock, OUT), bits(sock, 0, 0)


def case_data():
    sock = told("send 5, line")
    return bits(sock, IN), bits(sock, IN | OUT), bits(sock, OUT), bits(sock, 0, 0)


def case_data_stays_until_all_is_read():
    sock = told("send 2, line")
    seen = bits(sock, IN), sock.read(1), bits(sock, IN), sock.read(1)
    return seen, bits(sock, IN, 0), bits(sock, IN | OUT, 0)


def case_data_read_by_readline():
    sock = told("say one/, line")
    return bits(sock, IN), sock.readline(), bits(sock, IN, 0)


def case_the_end():
    sock = told("half, sink")
    return bits(sock, IN), bits(sock, IN | OUT), sock.read(1), bits(sock, IN), bits(sock, 0, 0)


def case_data_and_the_end():
    sock = told("send 5, half, sink")
    return bits(sock, IN), sock.read(5), bits(sock, IN), sock.read(1), bits(sock, IN)


def case_the_end_of_a_peer_that_has_closed():
    sock = told("send 5")
    return sock.read(), bits(sock, IN), bits(sock, IN | OUT)


def case_refused():
    sock = connecting("refused")
    return bits(sock, IN | OUT)


def case_refused_is_told_unasked():
    sock = connecting("refused")
    bits(sock, OUT)
    return bits(sock, IN) & (ERR | HUP) != 0, bits(sock, 0) & (ERR | HUP) != 0


def case_refused_when_nothing_was_asked():
    return bits(connecting("refused"), 0)


def case_full():
    sock = told("wait poll, sink")
    fill(sock)
    full = bits(sock, OUT, 0), bits(sock, IN | OUT, 0)
    told("signal poll").read()
    return full, bits(sock, OUT)


def case_full_with_data():
    sock = told("send 5, wait data, sink")
    fill(sock)
    full = bits(sock, IN | OUT)
    told("signal data").read()
    return full


def case_closed_while_registered():
    sock = connected()
    poller = polled(sock)
    sock.close()
    return ready(poller)[0] & NVAL


def case_closed_in_a_poll_for_input_only():
    sock = connected()
    poller = polled(sock, flags=IN)
    sock.close()
    return ready(poller)[0] & NVAL


def case_new_datagram_socket():
    sock = udp()
    return bits(sock), bits(sock, IN, 0), bits(sock, OUT)


def case_connected_datagram_socket():
    sock = udp()
    sock.connect(address("udp"))
    return bits(sock), bits(sock, IN, 0)


def case_datagram():
    sock = udp()
    sock.sendto(b"abc", address("udp"))
    return bits(sock, IN), bits(sock), sock.recv(9), bits(sock, IN, 0)


# -- waiting -----------------------------------------------------------------------------------


def case_poll_of_nothing_ready_is_empty():
    poller = polled(told("line"), flags=IN)
    return poller.poll(0), poller.poll(20), list(poller.ipoll(0)), list(poller.ipoll(20))


def case_poll_waits_for_data():
    sock = told("line, send 3")
    poller = polled(sock, flags=IN)
    idle = ready(poller)
    sock.write("\n")
    return idle, ready(poller, WAIT_MS), sock.read()


def case_poll_without_a_limit():
    sock = told("slow 3 10")
    poller = polled(sock, flags=IN)
    return [entry[1] for entry in poller.poll()], [entry[1] for entry in poller.poll(-1)]


def case_poll_lets_written_data_leave():
    sock = told("digest")
    sock.setblocking(False)
    sock.write("abc\n")
    return ready(polled(sock, flags=IN), WAIT_MS), gather_line(sock)


def case_poll_gives_the_socket():
    sock = told("send 1")
    entry = polled(sock, flags=IN).poll(WAIT_MS)[0]
    return entry[0] is sock, len(entry)


def case_ipoll_gives_the_same():
    sock = told("send 1")
    found = [(entry[0] is sock, entry[1]) for entry in polled(sock, flags=IN).ipoll(WAIT_MS)]
    return found


def case_ipoll_once():
    sock = told("send 1")
    poller = polled(sock, flags=IN)
    once = [entry[1] for entry in poller.ipoll(WAIT_MS, 1)]
    again = [entry[1] for entry in poller.ipoll(0)]
    poller.modify(sock, IN)
    return once, again, [entry[1] for entry in poller.ipoll(0)]


# -- registering -------------------------------------------------------------------------------


def case_register_asks_for_both():
    sock = told("send 1, line")
    bits(sock, IN)
    poller = select.poll()
    poller.register(sock)
    return ready(poller)


def case_register_again_changes_the_question():
    sock = connected()
    poller = polled(sock, flags=IN)
    before = ready(poller)
    poller.register(sock, OUT)
    return before, ready(poller)


def case_modify():
    sock = connected()
    poller = polled(sock, flags=OUT)
    before = ready(poller)
    poller.modify(sock, IN)
    return before, ready(poller)


def case_modify_what_is_not_registered():
    return error_of(select.poll().modify, connected(), IN)


def case_unregister():
    sock = connected()
    poller = polled(sock)
    before = ready(poller)
    poller.unregister(sock)
    return before, ready(poller)


def case_registered_before_connect():
    sock = tcp()
    poller = polled(sock, flags=IN | OUT)
    new = ready(poller)
    sock.connect(address("puppet"))
    return new, ready(poller), sock.write("say abc\n"), sock.read()


# -- more than one -----------------------------------------------------------------------------


def case_two_sockets_one_ready():
    idle, sock = told("line"), told("send 1, line")
    found = polled(idle, sock, flags=IN).poll(WAIT_MS)
    return [entry[0] is sock for entry in found], [entry[1] for entry in found]


def case_two_sockets_both_ready():
    one, two = told("send 1, line"), told("send 1, line")
    bits(one, IN)
    bits(two, IN)
    return ready(polled(one, two))


def case_two_sockets_each_with_its_question():
    one, two = told("line"), told("send 1, line")
    bits(two, IN)
    poller = select.poll()
    poller.register(one, OUT)
    poller.register(two, IN)
    return ready(poller)


def case_a_stream_and_a_datagram_socket():
    stream, packets = told("line"), udp()
    packets.sendto(b"abc", address("udp"))
    return ready(polled(stream, packets, flags=IN), WAIT_MS)


def case_four_sockets_served_by_one_poll():
    """Read four streams to their ends as poll says."""
    open_ones = [told("slow 5 %d" % pause) for pause in (3, 5, 7, 9)]
    got = {id(sock): b"" for sock in open_ones}
    poller = polled(*open_ones, flags=IN)
    while open_ones:
        for sock, _ in poller.poll(WAIT_MS):
            data = sock.recv(100)
            got[id(sock)] += data
            if not data:
                poller.unregister(sock)
                open_ones.remove(sock)
    return sorted(got.values())


def case_one_socket_in_two_polls():
    sock = told("send 1, line")
    one, two = polled(sock, flags=IN), polled(sock, flags=OUT)
    bits(sock, IN)
    return ready(one), ready(two)


def case_poll_after_a_timeout():
    sock = told("line, send 1")
    sock.settimeout(BRIEF_S)
    late = error_of(sock.read, 1)
    sock.write("\n")
    return late, bits(sock, IN), sock.read(1)
