"""SO_KEEPALIVE and its times: AT+CIPTKA, one setting for all links."""

import errno

from seed import OK, lines_of, up
from session import Session, errno_of
from test_seed_cipstart import value_error_of

SOL_SOCKET, IPPROTO_TCP = 1, 6
SO_KEEPALIVE = 8
TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT = 4, 5, 6


def connected():
    session = Session().bring_up()
    return session, session.open(0)


def with_keepalive(typed):
    """What bring-up types where keep-alive has been chosen."""
    lines = list(lines_of("luat"))
    at = [line for line, _ in lines].index(b"AT+CIPSTART=?\r")
    return lines[:at] + [(typed, OK)] + lines[at:]


def test_switching_it_on_types_the_usual_times():
    for name in ("luat", "sim800"):
        session = up(name)
        session.open(0).setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
        session.talk((b"AT+CIPTKA=1,7200,75,9\r", OK))


def test_switching_it_off():
    session, sock = connected()
    sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 0)
    session.talk((b"AT+CIPTKA=0,7200,75,9\r", OK))


def test_each_time_keeps_the_others():
    session, sock = connected()
    for option, value, typed in (
        (TCP_KEEPIDLE, 60, b"AT+CIPTKA=1,60,75,9\r"),
        (TCP_KEEPINTVL, 30, b"AT+CIPTKA=1,60,30,9\r"),
        (TCP_KEEPCNT, 3, b"AT+CIPTKA=1,60,30,3\r"),
    ):
        sock.setsockopt(IPPROTO_TCP, option, value)
        session.talk((typed, OK))


def test_all_at_once_is_one_command():
    session, sock = connected()
    sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    for _ in range(5):
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 30)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 600)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 1)
    session.talk((b"AT+CIPTKA=1,30,600,1\r", OK))
    session.run(100)
    assert not session.uart.typed


def test_a_change_while_the_command_is_in_flight_is_typed_behind_it():
    session, sock = connected()
    sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 60)
    session.expect(b"AT+CIPTKA=1,60,75,9\r")
    sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 120)
    session.say(OK)
    session.talk((b"AT+CIPTKA=1,120,75,9\r", OK))


def test_values_outside_are_named_and_nothing_is_typed():
    session, sock = connected()
    for option, name, values in (
        (TCP_KEEPIDLE, "TCP_KEEPIDLE", (29, 7201, -1, 0, None, "60", 1.5)),
        (TCP_KEEPINTVL, "TCP_KEEPINTVL", (29, 601)),
        (TCP_KEEPCNT, "TCP_KEEPCNT", (0, 10)),
    ):
        for value in values:
            said = value_error_of(sock.setsockopt, IPPROTO_TCP, option, value)
            assert name in said and str(value) in said, said
    session.run(100)
    assert not session.uart.typed and session.engine.config.keepalive is None


def test_the_last_values_inside_are_taken():
    session, sock = connected()
    for option, values in ((TCP_KEEPIDLE, (30, 7200)), (TCP_KEEPINTVL, (30, 600))):
        for value in values:
            sock.setsockopt(IPPROTO_TCP, option, value)
    assert session.engine.config.keepalive == (1, 7200, 600, 9)


def test_other_options_are_refused():
    session, sock = connected()
    for level, option in ((IPPROTO_TCP, 7), (SOL_SOCKET, 4096), (0, SO_KEEPALIVE)):
        assert errno_of(sock.setsockopt, level, option, 1) == errno.EOPNOTSUPP


def test_chosen_before_there_is_a_bearer_it_is_left_to_bring_up():
    session = Session()
    session.modem.socket().setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 90)
    session.bring_up(with_keepalive(b"AT+CIPTKA=1,90,75,9\r"))
    session.run(100)
    assert not session.uart.typed


def test_every_bring_up_tells_it_again():
    session, sock = connected()
    sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, False)
    session.talk((b"AT+CIPTKA=0,7200,75,9\r", OK))
    session.say(b"\r\n+PDP: DEACT\r\n")
    session.talk(*with_keepalive(b"AT+CIPTKA=0,7200,75,9\r")[1:])


def test_a_modem_that_has_none_is_an_error_in_the_statistics():
    session, sock = connected()
    sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    session.talk((b"AT+CIPTKA=1,7200,75,9\r", b"\r\n+CME ERROR: 4\r\n"))
    session.pump()
    _, code, what, cme = session.modem.stats()["errors"][-1]
    assert (code, what, cme) == (errno.errorcode[errno.EOPNOTSUPP], "AT+CIPTKA", 4)
    assert sock.ioctl(3, 4) == 4
