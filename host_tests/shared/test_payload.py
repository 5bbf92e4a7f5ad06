"""Payload that reads like the modem's own words, in both receive modes, at every split."""

import errno

from session import PUSH_BRING_UP, Session, errno_of, splits

HOSTILE = (
    b"\r\nOK\r\n",
    b"\r\n0, CLOSED\r\n",
    b"\r\n+RECEIVE,1,5:\r\n",
    b"> ",
    b"\r\n> ",
    b"\r\nERROR\r\n",
    b"\r\n+PDP: DEACT\r\n",
    b"\r\nRDY\r\n",
    b"\r\n+CIPRXGET: 2,0,9,0\r\n",
    bytes(range(256)),
)
ALL = b"".join(HOSTILE)


def pulling():
    """A session whose link 0 has just asked for data."""
    session = Session().bring_up()
    sock = session.open(0)
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
    return session, sock


def pushing():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    return session, session.open(0)


def pull_answer(payload, left=0):
    return b"\r\n+CIPRXGET: 2,0,%d,%d\r\n%s\r\nOK\r\n" % (len(payload), left, payload)


def push(payload, n=0):
    return b"\r\n+RECEIVE,%d,%d:\r\n%s" % (n, len(payload), payload)


def say_split(session, chunks):
    for chunk in chunks:
        session.uart.say(chunk)
        session.modem.driver.pump()


def test_each_hostile_text_pulled_at_every_split():
    session, sock = pulling()
    for payload in HOSTILE[:-1]:
        for chunks in splits(pull_answer(payload)):
            say_split(session, chunks)
            session.pump(2)
            assert sock.read() == payload, chunks
            session.say(b"\r\n+CIPRXGET: 1,0\r\n")
            session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
    assert session.engine.intake.losses == session.engine.intake.unknown == 0


def test_every_byte_value_pulled_at_every_split():
    session, sock = pulling()
    for chunks in splits(pull_answer(ALL)):
        say_split(session, chunks)
        session.pump(2)
        assert sock.read() == ALL, chunks
        session.say(b"\r\n+CIPRXGET: 1,0\r\n")
        session.expect(b"AT+CIPRXGET=2,0,1024\r\n")


def test_each_hostile_text_pushed_at_every_split():
    session, sock = pushing()
    for payload in HOSTILE[:-1]:
        for chunks in splits(push(payload) + b"\r\n+NITZ: 24/08/22,07:27:15+32, \r\n"):
            say_split(session, chunks)
            assert sock.read() == payload, chunks
    assert session.engine.intake.losses == session.engine.intake.unknown == 0


def test_every_byte_value_pushed_at_every_split():
    session, sock = pushing()
    for chunks in splits(push(ALL) + b"\r\n"):
        say_split(session, chunks)
        assert sock.read() == ALL, chunks
    assert session.engine.intake.losses == 0


def test_urc_between_pulled_payload_and_ok():
    session, sock = pulling()
    session.say(b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n\r\n+CGEV: ME DETACH\r\n\r\nOK\r\n")
    assert sock.read() == b"abc"
    assert session.engine.intake.losses == 0


def test_wake_up_between_pulled_payload_and_ok_survives():
    session, sock = pulling()
    session.say(b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n\r\n+CIPRXGET: 1,0\r\n\r\nOK\r\n")
    session.expect(b"AT+CIPRXGET=2,0,1021\r\n")


def test_wake_up_glued_to_the_answer():
    session, sock = pulling()
    session.say(b"\r\n+CIPRXGET: 1,0\r\n\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\nOK\r\n")
    session.expect(b"AT+CIPRXGET=2,0,1021\r\n")


def test_left_over_data_is_asked_for_without_a_wake_up():
    session, sock = pulling()
    session.say(pull_answer(b"abc", left=7))
    session.expect(b"AT+CIPRXGET=2,0,1021\r\n")


def test_a_full_ring_asks_again_only_when_read():
    session, sock = pulling()
    session.say(pull_answer(b"x" * 1024, left=10))
    session.run(500)
    assert bytes(session.uart.typed) == b""
    assert sock.read(24) == b"x" * 24
    session.expect(b"AT+CIPRXGET=2,0,24\r\n")


def test_closed_while_data_waits_is_read_to_the_end_before_eof():
    session, sock = pulling()
    session.say(pull_answer(b"abc", left=2) + b"\r\n0, CLOSED\r\n")
    session.talk(
        (b"AT+CIPRXGET=2,0,1021\r\n", pull_answer(b"de")),
        (b"AT+CIPRXGET=2,0,1019\r\n", b"\r\n+CIPRXGET: 2,0,0,0\r\n\r\nOK\r\n"),
    )
    assert sock.read() == b"abcde"
    assert sock.read() == b""
    assert session.modem.links[0].state_name() == "CLOSED"


def test_closed_and_an_error_where_nothing_was_left():
    session, sock = pulling()
    session.say(pull_answer(b"abc") + b"\r\n0, CLOSED\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1021\r\n", b"\r\nERROR\r\n"))
    assert sock.read() == b"abc"
    assert sock.read() == b""


def test_closed_during_a_read_and_then_an_error_where_nothing_was_left():
    session, sock = pulling()
    session.say(b"\r\n0, CLOSED\r\n" + pull_answer(b"abc"))
    session.talk((b"AT+CIPRXGET=2,0,1021\r\n", b"\r\nERROR\r\n"))
    assert sock.read() == b"abc"
    assert sock.read() == b""


def test_closed_and_an_error_instead_of_the_rest_is_no_end():
    session, sock = pulling()
    session.say(b"\r\n0, CLOSED\r\n\r\nERROR\r\n")
    session.pump(3)
    assert drain(sock) == (b"", errno.ECONNRESET)
    session, sock = pulling()
    session.say(pull_answer(b"abc", left=2) + b"\r\n0, CLOSED\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1021\r\n", b"\r\nERROR\r\n"))
    assert drain(sock) == (b"abc", errno.ECONNRESET)


def test_news_of_data_during_a_read_that_fails_is_no_end():
    session, sock = pulling()
    session.say(pull_answer(b"abc") + b"\r\n0, CLOSED\r\n")
    session.expect(b"AT+CIPRXGET=2,0,1021\r\n")
    session.say(b"\r\n+CIPRXGET: 1,0\r\n\r\nERROR\r\n")
    session.pump(3)
    assert drain(sock) == (b"abc", errno.ECONNRESET)


def test_a_missing_wake_up_costs_two_seconds():
    session = Session().bring_up()
    sock = session.open(0)
    session.expect(b"AT+CIPRXGET=4,0\r", 2100)
    session.say(b"\r\n+CIPRXGET: 4,0,3\r\n\r\nOK\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1024\r\n", pull_answer(b"abc")))
    assert sock.read() == b"abc"


def drain(sock):
    """All that a socket gives, and the errno that ended it (None: nothing more yet)."""
    got = b""
    while True:
        try:
            part = sock.read()
        except OSError as error:
            return got, error.args[0]
        if part is None:
            return got, None
        assert part, "end of stream invented"
        got += part


def test_a_byte_lost_anywhere_in_a_pulled_packet_invents_nothing():
    payload = b"\r\n0, CLOSED\r\n\r\nOK\r\n1234567890"
    answer = pull_answer(payload)
    for i in range(len(answer)):
        session, sock = pulling()
        session.say(answer[:i] + answer[i + 1 :])
        session.run(1600)
        got, code = drain(sock)
        if code is None:
            assert got == payload, (i, got)
        else:  # only the packet that was torn may be spoilt
            assert code == errno.ECONNRESET
            assert len(got) <= len(payload) + 2, (i, got)


def test_a_byte_lost_anywhere_in_a_pushed_packet_invents_nothing():
    payload = b"\r\n0, CLOSED\r\n\r\nOK\r\n1234567890"
    stream = push(payload) + b"\r\n+CGEV: ME DETACH\r\n"
    for i in range(len(push(payload)) + 1):
        session, sock = pushing()
        session.say(stream[:i] + stream[i + 1 :])
        session.run(2000)
        got, code = drain(sock)
        assert code == errno.ECONNRESET or got == payload, (i, got, code)


def test_a_push_before_a_missed_connect_ok_is_not_lost():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.modem.socket()
    sock.setblocking(False)
    errno_of(sock.connect, ("h", 80))
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', b"\r\nOK\r\n"))
    session.say(push(b"first") + b"\r\n")
    assert sock.read() == b"first"
    assert session.engine.intake.discarded == 0


def test_a_lost_header_start_is_recognised():
    session, sock = pushing()
    session.say(b"ECEIVE,0,5:\r\nhello\r\n")
    assert errno_of(sock.recv, 5) == errno.ECONNRESET
    assert session.engine.intake.losses == 1


def test_after_a_loss_no_link_line_is_believed_until_an_at_is_answered():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    torn = session.open(0)
    other = session.open(1)
    session.say(b"ECEIVE,0,15:\r\n\r\n1, CLOSED\r\n\r\n")
    assert session.modem.links[1].state_name() == "CONNECTED"
    session.expect(b"AT\r")
    session.say(b"\r\nOK\r\n")
    session.expect(b"AT+CIPSTATUS\r")
    session.say(
        b'\r\nOK\r\n\r\nSTATE: IP PROCESSING\r\n\r\nC: 0,0,"TCP","1.2.3.4","80","CONNECTED"\r\n'
        b'C: 1,0,"TCP","1.2.3.4","80","CONNECTED"\r\nC: 2,,"","","","INITIAL"\r\n'
        b'C: 3,,"","","","INITIAL"\r\nC: 4,,"","","","INITIAL"\r\nC: 5,,"","","","INITIAL"\r\n'
    )
    session.expect(b"AT+CIPCLOSE=0\r")
    assert errno_of(torn.recv, 1) == errno.ECONNRESET
    assert other.read() is None


def test_a_header_that_nobody_can_attribute_fails_every_pushed_link():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    socks = [session.open(n) for n in range(3)]
    session.say(b"\r\n+RECEIVE,,5:\r\nhello\r\n")
    assert [errno_of(sock.recv, 1) for sock in socks] == [errno.ECONNRESET] * 3


def test_a_payload_that_stops_fails_its_link_and_no_other():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    torn = session.open(0)
    other = session.open(1)
    session.say(b"\r\n+RECEIVE,0,100:\r\nhello")
    session.run(1700)
    assert torn.read() == b"hello"
    assert errno_of(torn.recv, 1) == errno.ECONNRESET
    assert other.read() is None


def test_nonsense_lengths_are_survived():
    for header in (b"1,-5:", b"1,1000000000:", b"1,99999999999999999999:", b"9,5:", b"1,\x00:"):
        session = Session(flow=True).bring_up(PUSH_BRING_UP)
        sock = session.open(0)
        session.open(1)
        session.say(b"\r\n+RECEIVE," + header + b"\r\n\r\n")
        session.talk((b"AT\r", b"\r\nOK\r\n"))
        assert session.engine.intake.losses == 1, header
        assert sock is not None


def test_pushed_data_without_room_waits_for_the_reader_while_nothing_is_in_flight():
    session, sock = pushing()
    session.say(push(b"a" * 1460) + push(b"b" * 1460))
    session.uart.say(push(b"c" * 100) + b"\r\n")
    session.run(300)
    assert sock.read(1460) == b"a" * 1460
    session.run(20)
    assert sock.read() == b"b" * 1460 + b"c" * 100


def test_pushed_data_without_room_fails_its_link_after_half_a_second():
    session, sock = pushing()
    other = session.open(1)
    session.say(push(b"a" * 1460) + push(b"b" * 1460))
    session.uart.say(push(b"c" * 100) + push(b"hello", 1) + b"\r\n")
    session.run(700)
    assert other.read() == b"hello"
    assert sock.read(2920) == b"a" * 1460 + b"b" * 1460
    assert errno_of(sock.recv, 1) == errno.ENOBUFS
    assert session.engine.intake.discarded == 100


def test_pushed_data_without_room_fails_at_once_while_an_answer_is_owed():
    session, sock = pushing()
    other = session.open(1)
    other.send(b"x")
    session.say(push(b"a" * 1460) + push(b"b" * 1460))
    session.expect(b"AT+CIPSEND=1,1\r\n")
    session.say(push(b"c" * 100) + b"\r\n> ")
    session.expect(b"x")
    assert sock.read(2920) == b"a" * 1460 + b"b" * 1460
    assert errno_of(sock.recv, 1) == errno.ENOBUFS


def test_datagrams_keep_their_bounds_and_a_short_read_drops_the_tail():
    session = Session().bring_up()
    sock = session.open(0, kind="UDP")
    for text in (b"one", b"three"):
        session.say(b"\r\n+CIPRXGET: 1,0\r\n")
        session.talk((b"AT+CIPRXGET=2,0,1460\r\n", pull_answer(text)))
    assert sock.recvfrom(100) == (b"one", ("h", 80))
    assert sock.recvfrom(2) == (b"th", ("h", 80))
    assert sock.read(10) is None


def pulling_a_datagram():
    """A session whose link 0 holds `one` and has just been handed `noise`, but for the end."""
    session = Session().bring_up()
    sock = session.open(0, kind="UDP")
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1460\r\n", pull_answer(b"one", left=5)))
    session.expect(b"AT+CIPRXGET=2,0,1460\r\n")
    session.say(b"\r\n+CIPRXGET: 2,0,5,0\r\nnoise")
    return session, sock


def test_a_pulled_datagram_is_read_when_its_ok_has_come():
    for pieces in splits(b"\r\n+CREG: 1\r\n\r\nOK\r\n"):
        session, sock = pulling_a_datagram()
        assert sock.recv(10) == b"one"
        for piece in pieces:
            assert sock.read(10) is None and not sock.ioctl(3, 1)
            session.say(piece)
        assert sock.recv(10) == b"noise"
        assert sock.read(10) is None


def test_a_pulled_datagram_behind_which_another_stands_is_whole():
    session, sock = pulling_a_datagram()
    session.say(b"\r\n+CIPRXGET: 2,0,5,0\r\nafter\r\nOK\r\n")
    assert [sock.recv(10) for _ in range(3)] == [b"one", b"noise", b"after"]
    assert sock.read(10) is None


def test_a_pulled_datagram_whose_answer_does_not_end_is_dropped():
    endings = (b"", b"\r\nRDY\r\n", b"\r\nERROR\r\n", b"\r\nwhat?\r\n", b"\xff")
    for ending in endings:
        session, sock = pulling_a_datagram()
        session.say(ending)
        session.run(10_000)
        assert sock.recv(10) == b"one"
        assert errno_of(sock.recv, 10) == errno.ECONNRESET


def test_a_pulled_stream_is_read_as_it_comes():
    session, sock = pulling()
    session.say(b"\r\n+CIPRXGET: 2,0,9,0\r\nhello")
    assert sock.recv(10) == b"hello"


def test_a_datagram_without_room_is_dropped_whole_and_counted():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.open(0, kind="UDP")
    session.say(push(b"a" * 1460) + push(b"b" * 1460) + push(b"c" * 5) + b"\r\n")
    assert [sock.recv(2000)[:1], session.modem.links[0].rx.dropped] == [b"a", 1]
    assert sock.recv(2000) == b"b" * 1460
    assert sock.read(10) is None


def test_after_a_loss_no_result_is_believed_either():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    session.open(0)
    other = session.open(1)
    other.send(b"hello")
    session.talk((b"AT+CIPSEND=1,5\r\n", b"\r\n> "))
    session.expect(b"hello")
    session.say(b"ECEIVE,0,30:\r\n\r\nDATA ACCEPT:1,5\r\n")
    session.run(400)
    assert session.modem.links[1].tx.sent == 0
    session.expect(b"\r" * 1460 + b"AT\r")  # the modem may have misheard the length
