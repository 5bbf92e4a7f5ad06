"""A socket whose connect is under way while it still waits for another link to be closed."""

import errno

from session import Session, errno_of
from test_send import status


def waiting():
    """All six links are taken, one is closing, and a seventh socket waits for it."""
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    socks[2].close()
    early = session.modem.socket()
    early.setblocking(False)
    assert errno_of(early.connect, ("h", 80)) == errno.EINPROGRESS
    return session, early


def test_it_would_block_and_is_not_unconnected():
    _, early = waiting()
    assert early.write(b"x") is None
    assert early.read(1) is None
    assert early.readinto(bytearray(4)) is None
    assert errno_of(early.recv, 1) == errno.EAGAIN
    assert errno_of(early.send, b"x") == errno.EAGAIN
    assert errno_of(early.sendall, b"x") == errno.EAGAIN
    assert early.ioctl(3, 5) == 0


def test_it_gets_the_link_and_works():
    session, early = waiting()
    session.talk(
        (b"AT+CIPCLOSE=2\r", b"\r\n2, CLOSE OK\r\n"),
        (b'AT+CIPSTART=2,"TCP","h",80\r', b"\r\nOK\r\n\r\n2, CONNECT OK\r\n"),
    )
    assert early.write(b"x") == 1


def test_closed_while_it_waits():
    session, early = waiting()
    early.close()
    assert errno_of(early.read, 1) == errno.EBADF
    session.talk((b"AT+CIPCLOSE=2\r", b"\r\n2, CLOSE OK\r\n"))
    session.run(1000)
    assert session.modem.links[2].is_free()


def test_a_blocking_read_waits_for_the_link_and_then_for_data():
    session, early = waiting()
    early.settimeout(5)
    answers = [
        (b"AT+CIPCLOSE=2\r", b"\r\n2, CLOSE OK\r\n"),
        (b'AT+CIPSTART=2,"TCP","h",80\r', b"\r\nOK\r\n\r\n2, CONNECT OK\r\n\r\n2, CLOSED\r\n"),
        (b"AT+CIPRXGET=2,2,1024\r\n", b"\r\n+CIPRXGET: 2,2,3,0\r\nabc\r\nOK\r\n"),
        (b"AT+CIPRXGET=2,2,1021\r\n", b"\r\n+CIPRXGET: 2,2,0,0\r\n\r\nOK\r\n"),
    ]

    def answer():
        typed = bytes(session.uart.typed)
        if answers and typed.endswith(answers[0][0]):
            session.uart.say(answers.pop(0)[1])

    session.modem.keep_going = answer
    assert early.read(9) == b"abc"


def test_a_connect_that_never_got_through_timed_out():
    session = Session().bring_up()
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
    session.expect(b'AT+CIPSTART=0,"TCP","h",80\r')
    session.run(9100)  # swallowed
    session.talk((b"AT\r", b"\r\nOK\r\n"), (b"AT+CIPSTATUS\r", status()))
    assert errno_of(sock.recv, 1) == errno.ETIMEDOUT
