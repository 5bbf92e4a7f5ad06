"""What can happen to a connection that is being made, beside what the manual's page promises.

Each for a modem of both families. Captures and application notes show all of it.
"""

import errno

from seed import OK, bearer, connecting, each, each_starting, fails_with, lines_of, listing, up
from session import Session, errno_of, splits
from sixlink.errors import ModemError
from test_bringup import AnsweringUart
from test_seed_cipstart import value_error_of
from test_send import status

START = b'AT+CIPSTART=0,"TCP","h",80\r'


# -- early, late, never, unterminated ------------------------------------------------------------


def test_result_75_seconds_later_inside_another_answer():
    for session, _sock, link in each_starting(1):
        session.say(OK)
        scripted = session.uart
        answers = {
            b"AT+CIPRXGET=4,0\r": b"\r\n+CIPRXGET: 4,0,0\r\n" + OK,
            b"AT+CIPSTATUS\r": status(b"CONNECTED", b"CONNECTING"),
        }
        session.uart = session.modem.driver.uart = AnsweringUart(answers)
        session.run(75_000)
        session.uart = session.modem.driver.uart = scripted
        session.say(b"\r\n+CIPRXGET: 1,0\r\n")
        session.talk((b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n"))
        assert link.state_name() == "CONNECTING"
        session.say(b"\r\n1, CONNECT OK\r\n" + OK)
        assert (session.modem.links[0].rx.received, link.state_name()) == (3, "CONNECTED")


def test_result_that_never_comes():
    for session, sock, link in each_starting():
        session.say(OK)
        for _ in range(2):
            session.expect(b"AT+CIPSTATUS\r", ms=31_000)
            session.say(status(b"CONNECTING"))
        session.run(21_000)
        fails_with(sock, link, errno.ETIMEDOUT)
        session.talk((b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSE OK\r\n"))
        sock.close()
        session.open(0)


def test_result_before_the_ok():
    for session, _sock, link in each_starting():
        session.say(b"\r\n0, CONNECT OK\r\n" + OK)
        assert link.state_name() == "CONNECTED"


def test_result_at_every_split():
    for mux, answer in ((0, b"\r\nCONNECT OK\r\n"), (1, b"\r\n0, CONNECT OK\r\n")):
        for chunks in splits(OK + answer):
            for session, _sock, link in each_starting(mux=mux):
                for chunk in chunks:
                    session.say(chunk)
                assert link.state_name() == "CONNECTED", chunks


def test_unterminated_connect_ok_is_taken_after_300_ms():
    for mux, answer in ((0, b"\r\nCONNECT OK"), (1, b"\r\n0, CONNECT OK")):
        for session, _sock, link in each_starting(mux=mux):
            session.say(OK + answer)
            session.run(290)
            assert link.state_name() == "CONNECTING"
            session.run(20)
            assert link.state_name() == "CONNECTED"


def test_unterminated_connect_ok_is_taken_when_the_next_line_begins():
    for session, _sock, link in each_starting(1):
        session.say(OK + b"\r\n1, CONNECT OK")
        session.say(b"\r\n+CIPRXGET: 1,0\r\n")
        assert link.state_name() == "CONNECTED"
        session.expect(b"AT+CIPRXGET=2,0,1024\r\n")


def test_half_a_connect_ok_is_none():
    for session, _sock, link in each_starting():
        session.say(OK + b"\r\n0, CONNECT")
        session.run(2000)
        assert link.state_name() == "CONNECTING"
        session.say(b" OK\r\n")
        assert link.state_name() == "CONNECTED"


# -- refusals ------------------------------------------------------------------------------------


def test_error_without_a_number():
    for mux in (0, 1):
        for session, sock, link in each_starting(mux=mux):
            session.say(b"\r\nERROR\r\n")
            fails_with(sock, link, errno.EIO)
            assert link.cme == -1


def test_already_connect_after_error():
    for mux, answer in ((0, b"\r\nALREADY CONNECT\r\n"), (1, b"\r\n0, ALREADY CONNECT\r\n")):
        for session, sock, _link in each_starting(mux=mux):
            session.say(b"\r\nERROR\r\n" + answer)
            assert errno_of(sock.recv, 1) in (errno.EIO, errno.EALREADY)
            sock.close()
            session.talk((b"AT\r", OK))
            is_given_back(session)


def is_given_back(session):
    """What the modem holds and nobody owns is closed."""
    mux = session.engine.dialect.mux
    session.expect(b"AT+CIPSTATUS\r")
    session.say(status(b"CONNECTED") if mux else OK + b"\r\nSTATE: CONNECT OK\r\n")
    session.run(400)
    session.expect(b"AT+CIPCLOSE=0\r" if mux else b"AT+CIPCLOSE\r")


def test_state_and_connect_fail_for_every_state():
    for state in (
        b"IP INITIAL",
        b"IP START",
        b"IP CONFIG",
        b"IP GPRSACT",
        b"IP STATUS",
        b"TCP CONNECTING",
        b"UDP CONNECTING",
        b"SERVER LISTENING",
        b"CONNECT OK",
        b"TCP CLOSING",
        b"UDP CLOSING",
        b"TCP CLOSED",
        b"UDP CLOSED",
        b"PDP DEACT",
    ):
        for session, sock, link in each_starting(mux=0):
            session.say(OK + b"\r\nSTATE: " + state + b"\r\n\r\nCONNECT FAIL\r\n")
            fails_with(sock, link, errno.ECONNREFUSED)
            # Nobody asked for it: make sure. What it then says is where a new link begins.
            session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: IP STATUS\r\n"))
            sock.close()
            connecting(session)
            session.expect(b'AT+CIPSTART="TCP","example.com",80\r')


def test_a_state_alone_is_all_that_a_dead_context_says():
    for session, sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nSTATE: PDP DEACT\r\n")
        session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: PDP DEACT\r\n"))
        session.expect(b"AT+CIPSHUT\r")
        fails_with(sock, link, errno.ETIMEDOUT)


def test_a_blocking_connect_raises_the_modems_own_number():
    for name, cme, code, words in (
        ("luat", 910, errno.ECONNREFUSED, "connection refused"),
        ("luat", 911, errno.ETIMEDOUT, "connection timed out"),
        ("sim800", 161, errno.ECONNREFUSED, "socket not opened"),
        ("sim800", 181, errno.EAGAIN, "TCP/IP stack busy"),
    ):
        session = up(name)
        answers = {START: b"\r\n+CME ERROR: %d\r\n" % cme}
        session.uart = session.modem.driver.uart = AnsweringUart(answers)
        try:
            session.modem.socket().connect(("h", 80))
            raise AssertionError("connected")
        except ModemError as error:
            assert (error.errno, error.cme) == (code, cme)
            assert words in str(error)


# -- what nobody asked for -----------------------------------------------------------------------


def test_a_connect_ok_that_nobody_asked_for_is_closed():
    for mux, word in ((0, b""), (1, b"0, ")):
        for session in each(mux):
            session.say(b"\r\n" + word + b"CONNECT OK\r\n")
            session.talk((b"AT+CIPCLOSE=0\r" if mux else b"AT+CIPCLOSE\r", b"\r\nERROR\r\n"))


def test_single_link_mode_has_no_link_but_its_own():
    for session, _sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n")
        for line in (b"1, CLOSED", b"5, CONNECT OK", b"DATA ACCEPT:3,5", b"+CIPRXGET: 2,3"):
            session.say(b"\r\n" + line + b"\r\n")
        assert link.state_name() == "CONNECTED"
        second = session.modem.socket()
        assert errno_of(second.connect, ("h", 80)) == errno.ENOBUFS


# -- the test form -------------------------------------------------------------------------------


def listed(answer, mux=1):
    """Sessions for whose AT+CIPSTART=? that was the answer."""
    for name in ("luat", "sim800"):
        lines = [
            (typed, answer + OK) if typed == b"AT+CIPSTART=?\r" else (typed, usual)
            for typed, usual in lines_of(name, mux)
        ]
        yield up(name, mux, lines)


def told(session):
    capability = session.engine.capability
    return capability.links, capability.tcp, capability.udp, capability.ports


USUAL = (6, True, True, (1, 65535))


def test_a_listing_that_says_nothing_leaves_what_the_manual_has():
    line = listing().split(b"\r\n")[1]
    for answer in (
        b"",
        b"\r\n+CIPSTART:\r\n" * 2,
        b"\r\n+CIPSTART: ()\r\n" * 2,
        b'\r\n+CIPSTART: (0-),("TCP"),(-)\r\n' * 2,
        b'\r\n+CIPSTART: (0-3),("T\xfeP"),("80-81")\r\n' * 2,
        b"\r\n+CIPSTART: " + b"(" * 200 + b"\r\n",
        b'\r\n+CIPSTART: (0-3),("TCP"),("80-81")\r\n',  # one line of two
        b"".join([b"\r\n" + line[:size] + b"\r\n" for size in range(10, len(line))]),
    ):
        for session in listed(answer):
            assert told(session) == USUAL, answer


def test_a_byte_lost_anywhere_in_the_listing_costs_nothing():
    whole = listing()
    for mux in (0, 1):
        whole = listing(mux)
        for lost in range(2, len(whole) - 2):
            for session in listed(whole[:lost] + whole[lost + 1 :], mux):
                assert told(session) == USUAL, lost


def test_a_modem_with_fewer_links():
    for session in listed(listing(links=b"(0-3)")):
        assert session.engine.dialect.links == 4
        for n in range(4):
            session.open(n)
        assert errno_of(session.modem.socket().connect, ("h", 80)) == errno.ENOBUFS


def test_a_modem_with_more_links_than_six():
    for session in listed(listing(links=b"(0-7)")):
        assert session.engine.dialect.links == 6


def test_a_modem_without_udp():
    for session in listed(listing(modes=b'("TCP")')):
        sock = session.modem.socket(type=2)
        assert "UDP" in value_error_of(sock.sendto, b"x", ("h", 80))
        assert "UDP" in value_error_of(sock.connect, ("h", 80))
        session.open(0)


def test_a_modem_without_tcp():
    for session in listed(listing(modes=b'("UDP")')):
        assert "TCP" in value_error_of(session.modem.socket().connect, ("h", 80))
        session.open(0, kind="UDP")


def test_a_modem_with_fewer_ports():
    for session in listed(listing(ports=b'("1024-49151")')):
        for port in (80, 1023, 49152):
            said = value_error_of(session.modem.socket().connect, ("h", port))
            assert str(port) in said and "1024" in said
        session.open(0, port=1024)
        session.open(1, port=49151)


def test_a_listing_without_quotes_or_with_spaces_in_other_places():
    usual = listing(links=b"(0-3)")
    for answer in (
        usual.replace(b'("1-65535")', b"(1-65535)"),
        usual.replace(b"+CIPSTART: ", b"+CIPSTART:"),
        usual.replace(b"),(", b"), ("),
        usual.replace(b'"TCP","UDP"', b'"UDP","TCP"'),
    ):
        assert answer != usual
        for session in listed(answer):
            assert told(session) == (4, True, True, (1, 65535)), answer


def test_the_listing_is_read_anew_at_each_bring_up():
    for session in listed(listing(links=b"(0-3)")):
        session.say(b"\r\n+PDP: DEACT\r\n")
        session.talk(*lines_of(session.engine.dialect.name)[1:])
        assert session.engine.dialect.links == 6


def test_a_refused_listing_is_no_failure():
    for name in ("luat", "sim800"):
        lines = [
            (typed, b"\r\nERROR\r\n" if typed == b"AT+CIPSTART=?\r" else usual)
            for typed, usual in lines_of(name)
        ]
        session = Session(dialect=name).bring_up(lines)
        assert told(session) == USUAL
        assert bearer(session) == "IP STATUS"
