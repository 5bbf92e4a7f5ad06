"""AT+CIPSTATUS is believed over what we think, for each state of a link on either side."""

import errno

from session import BRING_UP, PUSH_BRING_UP, Session, errno_of
from test_send import status


def asked(session, *states):
    """Make the firmware ask, and answer it."""
    session.engine.links.suspicious = session.engine.links.alert = True
    session.talk((b"AT\r", b"\r\nOK\r\n"), (b"AT+CIPSTATUS\r", status(*states)))


def test_all_as_we_think():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(3)]
    asked(session, b"CONNECTED", b"CONNECTED", b"CONNECTED")
    assert [sock.read() for sock in socks] == [None] * 3
    assert session.engine.resync.count == 1 and not session.engine.resync.active


def test_a_missed_closed_of_a_pulled_link_is_read_to_its_end():
    session = Session().bring_up()
    sock = session.open(0)
    asked(session, b"CLOSED")
    session.talk(
        (b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\nOK\r\n"),
        (b"AT+CIPRXGET=2,0,1021\r\n", b"\r\n+CIPRXGET: 2,0,0,0\r\n\r\nOK\r\n"),
    )
    assert sock.read() == b"abc"
    assert sock.read() == b""


def test_a_missed_closed_of_a_pushed_link_is_an_error():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.open(0)
    asked(session, b"CLOSED")
    assert errno_of(sock.recv, 1) == errno.ECONNRESET


def test_a_link_the_modem_forgot_is_an_error():
    session = Session().bring_up()
    sock = session.open(0)
    other = session.open(1)
    asked(session, b"INITIAL", b"CONNECTED")
    assert errno_of(sock.recv, 1) == errno.ECONNRESET
    assert other.read() is None


def connecting(session):
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', b"\r\nOK\r\n"))
    return sock


def test_a_missed_connect_ok():
    session = Session().bring_up()
    sock = connecting(session)
    asked(session, b"CONNECTED")
    assert sock.ioctl(3, 4) == 4


def test_a_missed_connect_fail():
    session = Session().bring_up()
    sock = connecting(session)
    asked(session, b"CLOSED")
    assert errno_of(sock.send, b"x") == errno.ECONNREFUSED


def test_still_connecting():
    session = Session().bring_up()
    sock = connecting(session)
    asked(session, b"CONNECTING")
    assert session.modem.links[0].state_name() == "CONNECTING"
    session.say(b"\r\n0, CONNECT OK\r\n")
    assert sock.ioctl(3, 4) == 4


def test_a_link_that_nobody_owns_is_closed():
    session = Session().bring_up()
    asked(session, b"INITIAL", b"CONNECTED")
    session.talk((b"AT+CIPCLOSE=1\r", b"\r\n1, CLOSE OK\r\n"))
    assert not session.modem.links[1].up


def test_an_answer_cut_short_is_asked_for_again():
    session = Session().bring_up()
    sock = session.open(0)
    session.engine.links.suspicious = session.engine.links.alert = True
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.talk((b"AT+CIPSTATUS\r", b"\r\nOK\r\n\r\nSTATE: IP PROCESSING\r\n"))
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.run(300)
    session.talk((b"AT+CIPSTATUS\r", status(b"CONNECTED")))
    assert sock.read() is None


def test_a_bearer_found_dead_is_brought_up_again():
    session = Session().bring_up()
    sock = session.open(0)
    session.engine.links.suspicious = session.engine.links.alert = True
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.talk((b"AT+CIPSTATUS\r", b"\r\nOK\r\n\r\nSTATE: PDP DEACT\r\n"))
    session.run(400)
    session.expect(b"AT+CIPSHUT\r")
    assert errno_of(sock.recv, 1) == errno.ECONNRESET


def test_a_state_that_nobody_asked_for_is_made_sure_of():
    for state in (b"PDP DEACT", b"IP CONFIG", b"CONNECT OK"):
        session = Session().bring_up()
        sock = session.open(0)
        session.say(b"\r\nSTATE: " + state + b"\r\n")
        session.talk((b"AT\r", b"\r\nOK\r\n"), (b"AT+CIPSTATUS\r", status(b"CONNECTED")))
        assert session.modem.isconnected(), state
        assert sock.read() is None
        session.open(1)


def test_a_late_connect_ok_is_not_for_the_next_user():
    session = Session().bring_up()
    first = session.modem.socket()
    first.setblocking(False)
    assert errno_of(first.connect, ("h", 80)) == errno.EINPROGRESS
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', b"\r\nERROR\r\n"))
    assert errno_of(first.send, b"x") == errno.EIO
    first.close()
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.expect(b"AT+CIPSTATUS\r")
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("other", 80)) == errno.EINPROGRESS
    session.say(b"\r\n0, CONNECT OK\r\n")
    assert sock.ioctl(3, 4) == 0
    session.say(status(b"CONNECTED"))
    session.talk(
        (
            b"AT+CIPCLOSE=0\r",
            b"\r\n0, CLOSE OK\r\n",
        ),  # what the modem still holds is the first one's
        (b'AT+CIPSTART=0,"TCP","other",80\r', b"\r\nOK\r\n\r\n0, CONNECT OK\r\n"),
    )
    assert sock.ioctl(3, 4) == 4


def test_a_close_that_nobody_asked_for_is_an_error():
    session = Session().bring_up()
    sock = session.open(0)
    session.say(b"\r\n0, CLOSE OK\r\n")
    assert errno_of(sock.send, b"x") == errno.ECONNRESET
    sock.close()
    session.open(0)


def test_a_modem_that_nobody_wants_any_more_is_left_alone():
    """What was doubted when it fell silent is not asked about for ever."""
    session = Session().bring_up()
    session.engine.supervisor.stop()
    session.engine.links.suspicious = session.engine.links.alert = True
    session.engine.supervisor.on_silence(session.modem.driver.now())
    session.run(10_000)
    assert not session.uart.typed


def test_six_lines_that_come_as_slowly_as_at_9600_baud_are_one_answer():
    session = Session().bring_up()
    sock = session.open(0)
    session.engine.links.suspicious = session.engine.links.alert = True
    session.talk((b"AT\r", b"\r\nOK\r\n"))
    session.expect(b"AT+CIPSTATUS\r")
    for line in status(b"CONNECTED").split(b"\r\n"):
        session.run(60)
        session.say(line + b"\r\n")
    assert session.engine.timeouts == 0 and not session.engine.resync.active
    assert sock.read() is None


def test_a_modem_that_has_lost_its_link_mode_is_brought_up_anew():
    session = Session().bring_up()
    engine = session.engine
    told = b"\r\nOK\r\n\r\nSTATE: IP STATUS\r\n"  # and no line about a link: AT+CIPMUX is 0
    for restarts in (1, 1):  # one that is like that all the same is believed from then on
        engine.links.suspicious = engine.links.alert = True
        for _ in range(6):
            session.talk((b"AT\r", b"\r\nOK\r\n"), (b"AT+CIPSTATUS\r", told))
        session.run(1000)
        assert engine.supervisor.restarts == restarts
        if engine.bringup.active:
            session.talk(*BRING_UP)
        session.uart.typed = bytearray()
        assert session.modem.isconnected()
