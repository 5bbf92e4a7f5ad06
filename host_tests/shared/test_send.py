"""Sending: prompt, body, result, and what becomes of each when it does not come."""

import errno

from session import Session, errno_of

STATUS = b"\r\nOK\r\n\r\nSTATE: IP PROCESSING\r\n\r\n"
PADDING = b"\r" * 1460


def status(*states):
    """The answer of AT+CIPSTATUS; links beyond `states` are INITIAL."""
    lines = [b'C: %d,0,"TCP","1.2.3.4","80","%s"' % (n, s) for n, s in enumerate(states)]
    lines += [b'C: %d,,"","","","INITIAL"' % n for n in range(len(states), 6)]
    return STATUS + b"\r\n".join(lines) + b"\r\n"


def sending(data=b"hello"):
    session = Session().bring_up()
    sock = session.open(0)
    assert sock.send(data) == len(data)
    session.expect(b"AT+CIPSEND=0,%d\r\n" % len(data))
    return session, sock, session.modem.links[0]


def test_nothing_is_typed_without_a_prompt():
    session, sock, link = sending()
    session.run(4000)
    session.say(b"\r\n0, CLOSED\r\n\r\n+NITZ: x > y\r\n")
    assert bytes(session.uart.typed) == b""


def test_prompt_body_result():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    assert link.tx.sent == 0
    session.say(b" \r\nDATA ACCEPT:0,5\r\n")
    assert link.tx.sent == 5


def test_send_ok_is_a_result_too():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\n0, SEND OK\r\n")
    assert link.tx.sent == 5


def test_every_byte_value_is_typed_as_it_is():
    data = bytes(range(256)) + b"\x1a\x1b+++\r\nAT\r"
    session, sock, link = sending(data)
    session.say(b"\r\n> ")
    session.expect(data)


def test_payload_that_begins_with_lf_follows_a_command_that_ends_with_crlf():
    session, sock, link = sending(b"\nhello")
    session.say(b"\r\n> ")
    session.expect(b"\nhello")


def test_urc_between_body_and_result():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\n+CREG: 1\r\n\r\n+CIPRXGET: 1,0\r\n\r\nDATA ACCEPT:0,5\r\n")
    assert link.tx.sent == 5
    session.expect(b"AT+CIPRXGET=2,0,1024\r\n")


def test_send_fail_is_an_error_on_the_socket():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\n0, SEND FAIL\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET


def test_fewer_bytes_accepted_than_typed_is_an_error():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\nDATA ACCEPT:0,4\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET


def refused():
    session, sock, link = sending()
    session.say(b"\r\n+CME ERROR: 914\r\n")
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.expect(b"AT+CIPSTATUS\r")
    return session, sock, link


def test_refused_send_of_a_live_link_is_asked_for_again():
    session, sock, link = refused()
    session.say(status(b"CONNECTED"))
    for _ in range(3):
        session.talk((b"AT+CIPSEND=0,5\r\n", b"\r\n+CME ERROR: 914\r\n"))
    session.talk((b"AT+CIPSEND=0,5\r\n", b"\r\n> "))
    session.expect(b"hello")
    session.say(b"\r\nDATA ACCEPT:0,5\r\n")
    assert link.tx.sent == 5


def test_refused_send_of_a_dead_link_is_an_error():
    session, sock, link = refused()
    session.say(status(b"INITIAL"))
    assert errno_of(sock.send, b"x") == errno.ECONNRESET
    assert link.tx.sent == 0


def test_a_refusal_after_the_body_is_an_error():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\nERROR\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET


def test_lost_prompt_fails_the_link_first_then_pads_then_says_at():
    session, sock, link = sending()
    session.run(5100)
    assert errno_of(sock.send, b"x") == errno.ECONNRESET
    session.expect(PADDING + b"AT\r")
    session.say(b"\r\nOK\r\n")
    session.talk((b"AT+CIPSTATUS\r", status(b"CONNECTED")))
    session.talk((b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSE OK\r\n"))
    sock.close()
    session.open(0)


def test_a_prompt_that_comes_too_late_gets_no_payload():
    session, sock, link = sending()
    session.run(5100)
    session.expect(PADDING + b"AT\r")
    session.say(b"\r\n> ")
    session.run(500)
    assert b"hello" not in bytes(session.uart.typed)


def lost_result():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.run(10_200)
    session.expect(PADDING + b"AT\r")  # the modem may have misheard the length
    session.say(b"\r\nOK\r\n")
    session.talk((b"AT+CIPSTATUS\r", status(b"CONNECTED")))
    session.expect(b"AT+CIPACK=0\r")
    return session, sock, link


def test_lost_result_that_had_arrived_goes_on_without_sending_twice():
    session, sock, link = lost_result()
    session.say(b"\r\n+CIPACK: 5,5,0\r\n\r\nOK\r\n")
    assert link.tx.sent == 5
    session.talk((b"AT+CIPRXGET=4,0\r", b"\r\n+CIPRXGET: 4,0,0\r\n\r\nOK\r\n"))
    sock.send(b"more")
    session.expect(b"AT+CIPSEND=0,4\r\n")


def test_lost_result_that_had_not_arrived_fails_the_link():
    session, sock, link = lost_result()
    session.say(b"\r\n+CIPACK: 0, 0, 0\r\n\r\nOK\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET


def test_closed_during_the_body_still_types_the_announced_length():
    session, sock, link = sending(b"x" * 600)
    session.say(b"\r\n> ")
    session.rest(6)
    session.modem.driver.pump()
    assert 0 < len(session.uart.typed) < 600
    session.say(b"\r\n0, CLOSED\r\n")
    session.expect(b"x" * 600)
    session.run(2000)
    session.talk((b"AT\r", b"\r\nOK\r\n"), (b"AT+CIPSTATUS\r", status(b"CLOSED")))
    session.talk((b"AT+CIPACK=0\r", b"\r\n+CIPACK: 600,0,600\r\n\r\nOK\r\n"))
    session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET


def test_an_echoed_body_that_reads_like_closed_closes_nothing():
    """Echo may come back between AT+CIPSEND and its payload."""
    session = Session().bring_up()
    session.open(0)
    sock = session.open(1)
    sock.send(b"\r\n0, CLOSED\r\n")
    session.talk((b"AT+CIPSEND=1,13\r\n", b"\r\n> "))
    session.expect(b"\r\n0, CLOSED\r\n")
    session.say(b"\r\n0, CLOSED\r\n\r\nDATA ACCEPT:1,13\r\n")
    session.talk(
        (b"AT\r", b"AT\r\r\nOK\r\n"),
        (b"ATE0\r", b"ATE0\r\r\nOK\r\n"),
        (b"AT+CIPSTATUS\r", status(b"CONNECTED", b"CONNECTED")),
    )
    assert [link.state_name() for link in session.modem.links[:2]] == ["CONNECTED"] * 2


def test_closed_instead_of_a_result():
    session, sock, link = sending()
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\n0, CLOSED\r\n")
    session.run(1600)
    session.expect(b"AT\r")


def test_a_silent_modem_fails_all_links_and_is_searched_for():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    socks[0].send(b"hello")
    session.run(30_000)
    assert [errno_of(sock.recv, 1) for sock in socks] == [errno.ECONNRESET] * 6
    assert not session.modem.isconnected()
    assert session.engine.bringup.active


def test_small_writes_leave_as_one_segment_ten_milliseconds_after_the_last():
    session = Session().bring_up()
    sock = session.open(0)
    for part in (b"a", b"b", b"c", b"d"):
        assert sock.write(part) == 1
        session.rest(5)
        session.pump()
        assert bytes(session.uart.typed) == b""
    session.expect(b"AT+CIPSEND=0,4\r\n", 12)


def test_a_reader_that_waits_sends_what_there_is():
    session = Session().bring_up()
    sock = session.open(0)
    sock.write(b"abc")
    assert sock.ioctl(3, 1) == 0
    session.expect(b"AT+CIPSEND=0,3\r\n", 2)


def test_a_full_segment_leaves_at_once():
    session = Session().bring_up()
    sock = session.open(0)
    assert sock.write(b"x" * 2000) == 1536
    session.expect(b"AT+CIPSEND=0,1460\r\n", 10)


def test_nodelay_leaves_at_once():
    session = Session().bring_up()
    sock = session.open(0)
    sock.setsockopt(6, 1, 1)
    sock.write(b"a")
    session.expect(b"AT+CIPSEND=0,1\r\n", 2)


def test_one_datagram_a_send():
    session = Session().bring_up()
    sock = session.open(0, kind="UDP")
    sock.send(b"one")
    sock.send(b"three")
    for text in (b"one", b"three"):
        session.talk((b"AT+CIPSEND=0,%d\r\n" % len(text), b"\r\n> "))
        session.expect(text)
        session.say(b"\r\nDATA ACCEPT:0,%d\r\n" % len(text))
    assert errno_of(sock.send, b"x" * 1461) == errno.EINVAL


def test_close_drains_then_asks_cipack_then_closes():
    session = Session().bring_up()
    sock = session.open(0)
    sock.write(b"bye")
    sock.close()
    session.talk((b"AT+CIPSEND=0,3\r\n", b"\r\n> "))
    session.expect(b"bye")
    session.say(b"\r\nDATA ACCEPT:0,3\r\n")
    session.talk(
        (b"AT+CIPACK=0\r", b"\r\n+CIPACK: 3,0,3\r\n\r\nOK\r\n"),
        (b"AT+CIPACK=0\r", b"\r\n+CIPACK: 3,3,0\r\n\r\nOK\r\n"),
        (b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSE OK\r\n"),
    )
    assert session.modem.links[0].state_name() == "CLOSED"


def test_a_peer_that_never_acknowledges_is_closed_after_ten_seconds():
    session = Session().bring_up()
    sock = session.open(0)
    sock.write(b"bye")
    sock.close()
    session.talk((b"AT+CIPSEND=0,3\r\n", b"\r\n> "))
    session.expect(b"bye")
    session.say(b"\r\nDATA ACCEPT:0,3\r\n")
    start = session.now
    while bytes(session.uart.typed) != b"AT+CIPCLOSE=0\r":
        if bytes(session.uart.typed) == b"AT+CIPACK=0\r":
            session.uart.typed = bytearray()
            session.say(b"\r\n+CIPACK: 3,0,3\r\n\r\nOK\r\n")
        session.pump()
        session.rest(1)
        assert session.now - start < 11_000


def test_a_late_farewell_of_the_last_user_does_not_touch_the_next():
    session = Session().bring_up()
    sock = session.open(0)
    sock.close()
    session.talk((b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSE OK\r\n"))
    sock = session.modem.socket()
    sock.setblocking(False)
    errno_of(sock.connect, ("h", 80))
    session.expect(b'AT+CIPSTART=0,"TCP","h",80\r')
    session.say(b"\r\n0, CLOSED\r\n\r\nOK\r\n\r\n0, CONNECT OK\r\n")
    assert session.modem.links[0].state_name() == "CONNECTED"
    assert sock.read() is None


def test_a_prompt_before_the_command_is_typed_is_none():
    session = Session().bring_up()
    sock = session.open(0)
    session.modem.driver._credit = 0  # the line is slow: nothing can be typed yet
    assert sock.send(b"hello") == 5
    session.modem.links[0].push_now()
    session.say(b"\r\n> ")
    session.expect(b"AT+CIPSEND=0,5\r\n")
    session.run(200)
    assert bytes(session.uart.typed) == b""
    session.say(b"\r\n> ")
    session.expect(b"hello")
