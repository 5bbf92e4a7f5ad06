"""The modem as a server, and `bind`, against a scripted modem.

The manuals' pages: SIM800 AT manual V1.10, 8.2.17 CIPSERVER, 8.2.7 CLPORT; Luat AT manual, CLPORT.
"""

import errno

from session import BRING_UP, PUSH_BRING_UP, Session, errno_of, splits
from sixlink.transparent import Transparent

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
START = b"AT+CIPSERVER=1,8080\r"
STARTED = OK + b"\r\nSERVER OK\r\n"
STOP = b"AT+CIPSERVER=0\r"
STOPPED = OK + b"\r\nSERVER CLOSE\r\n"
FAMILIES = ("sim800", "luat")

_RD = 1
_WR = 4
_ERR = 8
_HUP = 16


def up(dialect="sim800", lines=BRING_UP, **options):
    return Session(dialect=dialect, **options).bring_up(lines)


def pushing():
    """A session whose modem pushes; SIM800 has no AT+CIPRXF."""
    lines = [line for line in PUSH_BRING_UP if line[0] != b"AT+CIPRXF=1\r"]
    return up(lines=lines, flow=True)


def obey(session, ms, **answers):
    """Answer for `ms` whatever is typed: with what is given for a command's name, or OK. What was
    typed."""
    typed = b""
    for _ in range(ms // 10):
        session.run(10)
        line = bytes(session.uart.typed)
        if line.endswith((b"\r", b"\r\n")):
            session.uart.typed = bytearray()
            typed += line
            name = line.strip()[3:].split(b"=")[0].decode()
            session.say(answers.get(name, OK))
    return typed


def status(*states):
    """The answer to AT+CIPSTATUS; links that are not given are INITIAL."""
    states += (b"INITIAL",) * (6 - len(states))
    lines = [b'\r\nC: %d,0,"TCP","1.2.3.4","9","%s"\r\n' % line for line in enumerate(states)]
    return OK + b"\r\nSTATE: IP PROCESSING\r\n" + b"".join(lines)


def answer(session, *answers):
    """Let each rest of a blocking call bring one of these, once a line has been typed."""
    answers = list(answers)
    rest = session.rest

    def wait(ms):
        rest(ms)
        if answers and (session.uart.typed.endswith(b"\r") or not session.uart.typed):
            session.uart.say(answers.pop(0))

    session.modem.driver._wait = wait


def bound(session, port=8080):
    sock = session.modem.socket()
    sock.bind(("", port))
    return sock


def listening(session, backlog=2):
    """A socket that listens and does not block."""
    sock = bound(session)
    answer(session, STARTED)
    sock.listen(backlog)
    session.expect(START)
    sock.setblocking(False)
    return sock


def call(session, n=0, address=b"10.76.40.73"):
    session.say(b"\r\n%d, REMOTE IP: %s\r\n" % (n, address))


def hung_up(session, *links):
    for n in links:
        session.talk((b"AT+CIPCLOSE=%d\r" % n, b"\r\n%d, CLOSE OK\r\n" % n))


def accepted(session, listener, n=0):
    call(session, n)
    sock, _ = listener.accept()
    sock.setblocking(False)
    return sock


def nothing_more(session, ms=1500):
    session.run(ms)
    assert not session.uart.typed, session.uart.typed


def states(session):
    return [link.state_name() for link in session.modem.links]


# -- listen --------------------------------------------------------------------------------------


def test_listen_waits_for_server_ok():
    for family in FAMILIES:
        session = up(family)
        sock = bound(session)
        answer(session, OK, b"", b"\r\nSERVER OK\r\n")
        sock.listen()
        session.expect(START)
        nothing_more(session)


def test_a_firmware_without_a_server():
    for family, said in (
        ("luat", ERROR),
        ("sim800", ERROR),
        ("sim800", b"\r\n+CME ERROR: 601\r\n"),
        ("luat", b"\r\n+CME ERROR: 52\r\n"),
    ):
        session = up(family)
        sock = bound(session)
        answer(session, said)
        assert errno_of(sock.listen) == errno.EOPNOTSUPP, said
        session.expect(START)
        nothing_more(session)
        assert session.engine.server is None
        assert errno_of(sock.accept) == errno.EINVAL
        assert session.modem.driver.errors[-1][2] == "AT+CIPSERVER"
        session.open(0)


def test_a_port_that_the_modem_refuses():
    session = up()
    sock = bound(session)
    answer(session, b"\r\n+CME ERROR: 3\r\n")
    assert errno_of(sock.listen) == errno.EADDRINUSE
    session.expect(START)
    answer(session, STARTED)
    sock.listen()  # it may try again
    session.expect(START)


def test_a_modem_that_never_says_server_ok_is_told_to_stop():
    session = up()
    sock = bound(session)
    answer(session, OK)
    assert errno_of(sock.listen) == errno.ETIMEDOUT
    assert session.uart.typed.startswith(START)
    session.uart.typed = session.uart.typed[len(START) :]
    session.modem.driver._wait = session.rest
    said = obey(session, 3000, CIPSERVER=STOPPED, CIPSTATUS=status())
    assert said.endswith(STOP) and START not in said, said
    assert session.engine.server is None


def test_what_cannot_listen():
    session = up()
    for sock in (session.modem.socket(), bound(session, 0)):
        try:
            sock.listen()
            raise AssertionError("no error")
        except ValueError as error:
            assert "0" in str(error)
    udp = session.modem.socket(type=2)
    udp.bind(("", 8080))
    assert errno_of(udp.listen) == errno.EOPNOTSUPP
    assert errno_of(session.open(0).listen) == errno.EINVAL
    assert errno_of(session.modem.socket().accept) == errno.EINVAL
    nothing_more(session)


def test_listen_without_a_bearer():
    session = Session(dialect="sim800")
    assert errno_of(bound(session).listen) == errno.EHOSTUNREACH
    assert not session.uart.typed


def test_one_server_a_modem():
    session = up()
    first = listening(session)
    assert errno_of(bound(session, 81).listen) == errno.EADDRINUSE
    assert errno_of(first.listen) == errno.EINVAL
    assert errno_of(first.bind, ("", 81)) == errno.EINVAL
    assert errno_of(first.connect, ("h", 80)) == errno.EALREADY
    assert errno_of(session.modem.transparent, "h", 80) == errno.EALREADY
    nothing_more(session)


def test_a_listening_socket_carries_no_data():
    session = up()
    sock = listening(session)
    assert errno_of(sock.recv, 1) == errno.ENOTCONN
    assert errno_of(sock.send, b"x") == errno.ENOTCONN


def test_listen_while_in_transparent_mode():
    session = up()
    stream = Transparent(session.modem)
    steps = stream.opening("h", 80, 30)
    next(steps)
    assert errno_of(bound(session).listen) == errno.EALREADY
    assert session.engine.server is None


def test_listen_that_is_given_up_leaves_nothing():
    session = up()
    sock = bound(session)
    turns = []

    def interrupt(ms):
        session.now += 1
        turns.append(ms)
        if len(turns) == 3:
            raise KeyboardInterrupt

    session.modem.driver._wait = interrupt
    try:
        sock.listen()
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    session.modem.driver._wait = session.rest
    session.talk((START, STARTED), (STOP, STOPPED))
    nothing_more(session)
    assert session.engine.server is None


# -- callers -------------------------------------------------------------------------------------


def test_a_caller_is_accepted_in_every_spelling():
    for line in (
        b"0, REMOTE IP: 10.76.40.73",
        b"0,REMOTE IP:10.76.40.73",
        b"0, REMOTE IP:  10.76.40.73",
    ):
        for parts in splits(b"\r\n" + line + b"\r\n"):
            session = up()
            listener = listening(session)
            for part in parts:
                assert errno_of(listener.accept) == errno.EAGAIN, parts
                session.say(part)
            sock, address = listener.accept()
            assert address == ("10.76.40.73", 0), parts
            assert session.modem.links[0].state_name() == "CONNECTED"
            assert errno_of(listener.accept) == errno.EAGAIN
            assert session.engine.intake.unknown == 0
            if len(parts) > 2:
                sock.close()
                hung_up(session, 0)


def test_bytes_both_ways():
    session = up()
    sock = accepted(session, listening(session), 3)
    session.say(b"\r\n+CIPRXGET: 1,3\r\n")
    session.talk((b"AT+CIPRXGET=2,3,1024\r\n", b"\r\n+CIPRXGET: 2,3,5,0\r\nhello" + OK))
    assert sock.recv(9) == b"hello"
    sock.send(b"OK")
    session.talk((b"AT+CIPSEND=3,2\r\n", b"\r\n> "), (b"OK", b"\r\nDATA ACCEPT:3,2\r\n"))
    session.say(b"\r\n3, CLOSED\r\n")
    session.talk((b"AT+CIPRXGET=2,3,1024\r\n", b"\r\n+CIPRXGET: 2,3,0,0\r\n" + OK))
    assert sock.recv(9) == b""


def test_data_before_accept_is_kept():
    session = pushing()
    listener = listening(session)
    session.say(b"\r\n1, REMOTE IP: 10.0.0.1\r\n\r\n+RECEIVE,1,5:\r\nhello")
    sock, _ = listener.accept()
    sock.setblocking(False)
    assert sock.recv(9) == b"hello"
    assert errno_of(sock.recv, 9) == errno.EAGAIN


def test_a_caller_who_has_gone_before_accept():
    session = pushing()
    listener = listening(session)
    session.say(b"\r\n1, REMOTE IP: 10.0.0.1\r\n\r\n+RECEIVE,1,3:\r\nbye\r\n1, CLOSED\r\n")
    sock, _ = listener.accept()
    assert sock.recv(9) == b"bye"
    assert sock.recv(9) == b""


def test_the_link_of_a_caller_who_has_gone_may_go_to_the_next():
    session = pushing()
    listener = listening(session, 1)
    call(session)
    session.say(b"\r\n0, CLOSED\r\n")
    call(session, 0, b"10.0.0.2")
    sock, address = listener.accept()
    assert address[0] == "10.0.0.2"
    assert errno_of(listener.accept) == errno.EAGAIN
    nothing_more(session)


def test_an_end_that_was_not_read_yet_outlives_the_next_caller():
    session = pushing()
    listener = listening(session)
    first = accepted(session, listener)
    session.say(b"\r\n0, CLOSED\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
    assert first.ioctl(3, _RD | _WR) & _RD
    assert first.recv(9) == b"" == first.recv(9)
    assert first.read(9) == b"" and first.readline() == b""
    assert errno_of(first.send, b"x") == errno.ECONNRESET
    second, _ = listener.accept()
    first.close()
    session.say(b"\r\n+RECEIVE,0,3:\r\nnew")
    assert second.recv(9) == b"new"


def test_a_caller_behind_the_close_of_one_who_may_have_left_data():
    session = up()
    listener = listening(session)
    first = accepted(session, listener)
    session.say(b"\r\n0, CLOSED\r\n")
    session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
    call(session)
    session.say(b"\r\n+CIPRXGET: 2,0,3,0\r\nnew" + OK)
    second, _ = listener.accept()
    assert second.recv(9) == b"new"
    assert first.recv(9) == b""
    session.run(100)
    assert states(session)[0] == "CONNECTED"


def test_a_caller_whose_line_crosses_a_question():
    session = up()
    listener = listening(session)
    first = accepted(session, listener)
    first.send(b"text")
    session.talk((b"AT+CIPSEND=0,4\r\n", b"\r\n> "), (b"text", b"\r\nDATA ACCEPT:0,4\r\n"))
    first.close()
    session.expect(b"AT+CIPACK=0\r")
    session.say(b"\r\n0, CLOSED\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
    session.say(b"\r\n+CIPACK: 0,0,0\r\n" + OK)
    second, _ = listener.accept()
    nothing_more(session)
    second.setblocking(False)
    second.send(b"new")
    session.talk((b"AT+CIPSEND=0,3\r\n", b"\r\n> "), (b"new", b"\r\nDATA ACCEPT:0,3\r\n"))


def test_a_caller_whose_line_crosses_the_close_of_the_last_user():
    session = up()
    listener = listening(session)
    accepted(session, listener).close()
    session.expect(b"AT+CIPCLOSE=0\r")
    session.say(b"\r\n0, CLOSED\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
    session.say(b"\r\n0, CLOSE OK\r\n")  # it was the caller who was hung up
    assert errno_of(listener.accept) == errno.EAGAIN
    nothing_more(session)
    assert session.modem.links[0].is_free()


def test_a_caller_in_the_place_of_data_that_was_told_of():
    for typed in (False, True):
        session = up()
        listener = listening(session)
        first = accepted(session, listener)
        if typed:
            session.say(b"\r\n+CIPRXGET: 1,0\r\n")
            session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
            session.say(b"\r\n0, CLOSED\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
            session.say(b"\r\n+CIPRXGET: 2,0,3,0\r\nnew" + OK)
        else:
            session.say(b"\r\n+CIPRXGET: 1,0\r\n\r\n0, CLOSED\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
        assert errno_of(first.recv, 9) == errno.ECONNRESET
        assert errno_of(listener.accept) == errno.EAGAIN
        typed = obey(
            session, 2000, CIPSTATUS=status(b"CONNECTED"), CIPCLOSE=b"\r\n0, CLOSE OK\r\n"
        )
        assert b"AT+CIPCLOSE=0\r" in typed


def test_an_error_that_was_not_read_yet_stays_one():
    session = pushing()
    listener = listening(session)
    first = accepted(session, listener)
    first.send(b"unsent")
    session.uart.typed = bytearray()
    session.say(b"\r\n0, CLOSED\r\n")
    session.modem.driver.wait_for(lambda: session.modem.links[0].is_free(), 30000)
    assert session.modem.links[0].error == errno.ECONNRESET
    call(session)
    assert errno_of(first.recv, 9) == errno.ECONNRESET


def test_more_callers_than_may_wait_are_hung_up():
    session = up()
    listener = listening(session, 2)
    for n in range(4):
        call(session, n)
    hung_up(session, 2, 3)
    for _ in range(2):
        listener.accept()
    assert errno_of(listener.accept) == errno.EAGAIN
    call(session, 2)
    listener.accept()
    assert states(session)[:3] == ["CONNECTED"] * 3


def test_a_backlog_of_less_than_one_is_one():
    for backlog in (0, -1):
        session = up()
        listener = listening(session, backlog)
        call(session)
        listener.accept()


def test_six_callers():
    session = up()
    listener = listening(session, 6)
    for n in range(6):
        call(session, n)
    socks = [listener.accept()[0] for _ in range(6)]
    assert errno_of(session.modem.socket().connect, ("h", 80)) == errno.ENOBUFS
    assert [sock._link.n for sock in socks] == list(range(6))


def test_a_caller_on_a_link_in_use_fails_it_and_is_hung_up():
    for move in ("connected", "remote closing", "closing"):
        session = up()
        listener = listening(session)
        sock = session.open(0)
        if move == "remote closing":
            session.say(b"\r\n+CIPRXGET: 1,0\r\n\r\n0, CLOSED\r\n")
            session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
        elif move == "closing":
            sock.send(b"text")
            sock.close()
            session.talk(
                (b"AT+CIPSEND=0,4\r\n", b"\r\n> "),
                (b"text", b"\r\nDATA ACCEPT:0,4\r\n"),
                (b"AT+CIPACK=0\r", b"\r\n+CIPACK: 4,0,4\r\n" + OK),
            )
        call(session)
        session.say(OK)  # to a read in flight
        typed = obey(
            session, 2000, CIPSTATUS=status(b"CONNECTED"), CIPCLOSE=b"\r\n0, CLOSE OK\r\n"
        )
        assert b"AT+CIPCLOSE=0\r" in typed, (move, typed)
        if move != "closing":
            assert errno_of(sock.recv, 9) == errno.ECONNRESET, move
        assert errno_of(listener.accept) == errno.EAGAIN
        assert session.modem.links[0].is_free()


def test_a_caller_on_a_link_that_is_about_to_be_opened():
    session = up()
    listener = listening(session)
    sock = session.modem.socket()
    sock.setblocking(False)
    session.uart.say(b"\r\n0, REMOTE IP: 10.0.0.1\r\n")  # read in the turn that would open it
    with session.modem.driver:
        session.engine.links.open(sock, False, "h", 80, session.now & 0x1FFFFFFF)
    hung_up(session, 0)
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', OK + b"\r\n0, CONNECT OK\r\n"))
    assert states(session)[0] == "CONNECTED"
    assert errno_of(listener.accept) == errno.EAGAIN


def test_a_caller_on_a_link_that_is_being_opened():
    for said in (ERROR, OK + b"\r\n0, ALREADY CONNECT\r\n"):
        session = up()
        listener = listening(session)
        sock = session.modem.socket()
        sock.setblocking(False)
        errno_of(sock.connect, ("h", 80))
        session.expect(b'AT+CIPSTART=0,"TCP","h",80\r')
        call(session)
        session.say(said)
        assert sock.ioctl(3, _WR) & _ERR
        assert errno_of(sock.recv, 1) in (errno.EIO, errno.EALREADY)
        assert errno_of(listener.accept) == errno.EAGAIN
        if said == ERROR:
            session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", status(b"CONNECTED")))
        hung_up(session, 0)


def test_a_caller_right_behind_the_close_of_the_last_user():
    session = up()
    listener = listening(session)
    first = accepted(session, listener)
    first.close()
    session.expect(b"AT+CIPCLOSE=0\r")
    session.say(b"\r\n0, CLOSE OK\r\n\r\n0, REMOTE IP: 10.0.0.2\r\n")
    _, address = listener.accept()
    assert address[0] == "10.0.0.2"
    assert states(session)[0] == "CONNECTED"
    nothing_more(session)


def test_callers_while_nobody_listens_are_hung_up():
    session = up()
    call(session, 4)
    hung_up(session, 4)
    assert session.modem.links[4].is_free()


def test_callers_of_a_server_that_is_being_closed_are_hung_up():
    session = up()
    listener = listening(session)
    listener.close()
    call(session, 1)
    session.talk((STOP, STOPPED))
    hung_up(session, 1)


def test_a_caller_during_bring_up_is_nobodys():
    session = Session(dialect="sim800")
    session.modem.connect(timeout=0)
    session.talk(*BRING_UP[:1])
    call(session, 1)
    session.talk(*BRING_UP[1:])
    assert states(session)[1] == "INITIAL"
    session.open(0)


# -- waiting -------------------------------------------------------------------------------------


def test_poll_bits():
    session = up()
    listener = listening(session)
    assert listener.ioctl(3, _RD | _WR) == 0
    call(session)
    assert listener.ioctl(3, _RD | _WR) == _RD
    assert listener.ioctl(3, _WR) == 0
    listener.accept()
    assert listener.ioctl(3, _RD) == 0
    listener.close()
    assert listener.ioctl(3, _RD) & _ERR


def test_accept_that_does_not_block_looks_for_itself():
    session = up()
    listener = listening(session)
    session.uart.say(b"\r\n0, REMOTE IP: 10.0.0.1\r\n")
    assert listener.accept()[1] == ("10.0.0.1", 0)


def test_accept_waits_as_long_as_it_is_told():
    session = up()
    listener = listening(session)
    listener.settimeout(2)
    before = session.now
    session.modem.driver._wait = session.rest
    session.engine.checked(before & 0x1FFFFFFF)
    assert errno_of(listener.accept) == errno.ETIMEDOUT
    assert 2000 <= session.now - before <= 2100
    answer(session, b"", b"\r\n2, REMOTE IP: 10.0.0.1\r\n")
    sock, _ = listener.accept()
    assert sock._link.n == 2


def test_a_listener_that_is_closed_while_it_waits():
    session = up()
    listener = listening(session)
    listener.setblocking(True)
    session.modem.keep_going = listener.close
    assert errno_of(listener.accept) == errno.EBADF


def test_accept_from_inside_a_pump():
    session = up()
    listener = listening(session)
    call(session)
    with session.modem.driver:
        assert errno_of(listener.accept) == errno.EAGAIN
        assert session.modem.driver.busy
    listener.accept()


# -- the end of a server -------------------------------------------------------------------------


def test_closing_stops_the_server_and_leaves_those_who_were_accepted():
    for family in FAMILIES:
        session = up(family)
        listener = listening(session)
        inside = accepted(session, listener)
        call(session, 1)
        listener.close()
        session.talk((STOP, STOPPED))
        hung_up(session, 1)
        assert states(session)[0] == "CONNECTED"
        assert errno_of(inside.recv, 1) == errno.EAGAIN
        assert errno_of(listener.accept) == errno.EBADF
        assert session.engine.server is None
        listener.close()
        nothing_more(session)


def test_closing_inside_a_pump_is_done_behind_it():
    session = up()
    listener = listening(session)
    call(session)
    with session.modem.driver:
        listener.close()
        assert states(session)[0] == "CONNECTED"
    session.talk((STOP, STOPPED))
    hung_up(session, 0)


def test_a_server_that_was_closed_listens_again():
    # An ERROR is not believed at once: the modem may have trouble of another kind.
    for said in ((STOPPED,), (ERROR, ERROR), (ERROR, STOPPED)):
        session = up()
        listening(session).close()
        sock = bound(session)
        answer(session, *said, STARTED)
        sock.listen()
        session.expect(STOP * len(said) + START)
        sock.setblocking(False)
        accepted(session, sock)


def rebooted(session):
    """The modem restarts, and is brought up again."""
    session.say(b"\r\nRDY\r\n")
    session.expect(b"AT\r", ms=60000)
    session.say(OK)
    session.talk(*BRING_UP[1:])
    assert session.modem.isconnected()


def test_the_bearer_is_lost_and_the_server_listens_again_by_itself():
    session = up()
    listener = listening(session)
    inside = accepted(session, listener)
    call(session, 1)
    obey(session, 61000, CIPRXGET=OK, CIPSTATUS=status(b"CONNECTED", b"CONNECTED"))
    session.say(b"\r\n+PDP: DEACT\r\n")
    assert errno_of(inside.recv, 1) == errno.ECONNRESET
    assert errno_of(listener.accept) == errno.EAGAIN  # who waited has gone
    assert listener.ioctl(3, _RD) == 0
    session.talk(*BRING_UP[1:])
    session.talk((START, STARTED))
    accepted(session, listener)
    nothing_more(session, 1000)


def test_a_reboot_and_the_server_listens_again_by_itself():
    session = up()
    listener = listening(session)
    rebooted(session)
    session.talk((START, STARTED))
    accepted(session, listener)
    nothing_more(session, 1000)


def test_a_caller_who_was_not_accepted_holds_no_link_after_a_loss():
    session = pushing()
    listening(session)
    session.say(b"\r\n0, REMOTE IP: 10.0.0.1\r\n\r\n+RECEIVE,0,5:\r\nhello")
    session.say(b"\r\n+PDP: DEACT\r\n")
    link = session.modem.links[0]
    assert link.is_free() and not link.owned


def test_a_modem_that_will_not_listen_again_is_asked_every_half_minute():
    session = up()
    listener = listening(session)
    rebooted(session)
    refusal = b"\r\n+CME ERROR: 3\r\n"
    session.talk((START, refusal))
    assert START not in obey(session, 29000, CIPSTATUS=status())
    assert START in obey(session, 2000, CIPSERVER=refusal, CIPSTATUS=status())
    assert START in obey(session, 31000, CIPSERVER=STARTED, CIPSTATUS=status())
    assert START not in obey(session, 31000, CIPSTATUS=status())
    accepted(session, listener)


def test_a_modem_that_will_not_listen_again_and_then_need_not():
    session = up()
    listener = listening(session)
    rebooted(session)
    session.talk((START, b"\r\n+CME ERROR: 3\r\n"))
    listener.close()
    nothing_more(session)
    assert session.engine.server is None
    listening(session)


def test_closing_while_the_bearer_is_lost():
    session = up()
    listener = listening(session)
    session.say(b"\r\nRDY\r\n")
    listener.close()
    session.expect(b"AT\r", ms=60000)
    session.say(OK)
    session.talk(*BRING_UP[1:])
    nothing_more(session, 1000)
    assert session.engine.server is None


def test_disconnect_takes_no_more_callers():
    session = up()
    listening(session)
    call(session, 0)
    steps = session.modem._disconnecting()
    ready, _ = next(steps)
    call(session, 1)
    hung_up(session, 0, 1)
    assert ready()


# -- bind, for servers and clients ---------------------------------------------------------------


def test_what_cannot_be_bound_is_named():
    session = up()
    sock = session.modem.socket()
    for host, port in (("1.2.3.4", 80), ("", -1), ("", 65536), ("", "80"), ("", None), ('"', 80)):
        try:
            sock.bind((host, port))
            raise AssertionError("no error")
        except ValueError as error:
            assert repr(host) in str(error) or repr(port) in str(error), error
    assert not session.uart.typed
    sock.bind(("0.0.0.0", 65535))
    sock.close()
    assert errno_of(sock.bind, ("", 1)) == errno.EBADF
    assert errno_of(session.open(0).bind, ("", 1)) == errno.EINVAL


def connect_from(session, port, kind="TCP"):
    """A socket that is bound to `port` and has begun to connect."""
    sock = session.modem.socket(type=1 if kind == "TCP" else 2)
    sock.setblocking(False)
    if port is not None:
        sock.bind(("", port))
    errno_of(sock.connect, ("h", 80))
    return sock


def port_is(port, kind=b"TCP", said=OK, n=0):
    return b'AT+CLPORT=%d,"%s",%d\r' % (n, kind, port), said


def start_is(kind=b"TCP"):
    return b'AT+CIPSTART=0,"%s","h",80\r' % kind, OK + b"\r\n0, CONNECT OK\r\n"


def finish(session, sock):
    sock.close()
    hung_up(session, 0)


def test_a_client_is_bound_before_it_connects():
    for family in FAMILIES:
        for kind in ("TCP", "UDP"):
            session = up(family)
            sock = connect_from(session, 5000, kind)
            session.talk(port_is(5000, kind.encode()), start_is(kind.encode()))
            assert states(session)[0] == "CONNECTED"
            sock.close()


def test_port_0_types_nothing():
    session = up()
    for port in (0, None):
        sock = connect_from(session, port)
        session.talk(start_is())
        finish(session, sock)


def test_a_port_that_is_refused_is_an_error_of_connect():
    for said, code in ((ERROR, errno.EIO), (b"\r\n+CME ERROR: 53\r\n", errno.EINVAL)):
        session = up()
        sock = connect_from(session, 5000)
        session.talk(port_is(5000, said=said))
        assert sock.ioctl(3, _WR) & _ERR
        assert errno_of(sock.recv, 1) == code
        sock.close()
        nothing_more(session)
        sock = connect_from(session, None)
        session.talk(start_is())


def test_the_next_user_of_the_link_has_no_port_of_the_last():
    for family, said in (("sim800", OK), ("luat", b"\r\n+CME ERROR: 53\r\n")):
        session = up(family)
        sock = connect_from(session, 5000)
        session.talk(port_is(5000), start_is())
        finish(session, sock)
        sock = connect_from(session, None)
        session.talk(port_is(0, said=said), start_is())  # Luat has no 0
        finish(session, sock)
        sock = connect_from(session, None)
        session.talk(start_is())


def test_the_same_port_again_is_not_told_again():
    session = up()
    sock = connect_from(session, 5000)
    session.talk(port_is(5000), start_is())
    finish(session, sock)
    connect_from(session, 5000)
    session.talk(start_is())


def test_tcp_and_udp_have_ports_of_their_own():
    session = up()
    sock = connect_from(session, 5000)
    session.talk(port_is(5000), start_is())
    finish(session, sock)
    sock = connect_from(session, None, "UDP")
    session.talk(start_is(b"UDP"))
    finish(session, sock)
    sock = connect_from(session, None)
    session.talk(port_is(0), start_is())
    finish(session, sock)


def test_after_a_reboot_the_port_is_told_again():
    for port in (5000, None):
        session = up()
        sock = connect_from(session, 5000)
        session.talk(port_is(5000), start_is())
        rebooted(session)
        sock.close()
        connect_from(session, port)
        session.talk(port_is(port or 0), start_is())


def test_a_modem_that_does_not_hear_that_it_shall_stop_is_told_again():
    """Else it would listen on, and refuse the next who wants to."""
    session = up()
    listening(session).close()
    session.expect(STOP)
    session.run(9100)
    session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", status()), (STOP, STOPPED))
    assert session.engine.server is None


def test_a_caller_who_is_found_on_a_link_that_is_being_opened():
    """REMOTE IP and ALREADY CONNECT were lost: the port tells whose link it is."""
    for port, code in ((b"40000", errno.EALREADY), (b"80", errno.EAGAIN)):
        session = up()
        listening(session)
        sock = session.modem.socket()
        sock.setblocking(False)
        errno_of(sock.connect, ("h", 80))
        session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', OK))
        session.engine.links.suspicious = session.engine.links.alert = True
        found = status(b"CONNECTED").replace(b'"9"', b'"%s"' % port, 1)
        session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", found))
        assert errno_of(sock.recv, 1) == code, port
        if code == errno.EALREADY:
            hung_up(session, 0)
