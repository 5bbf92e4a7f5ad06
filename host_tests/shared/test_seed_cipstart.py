"""Every answer and URC of the set-form table of AT+CIPSTART, and every state it names.

The manual's page: Luat AT command manual, TCP/IP, AT+CIPSTART. Multi-link mode is what Sixlink
lives in; single-link mode is tested at engine level.
"""

import errno

from session import BRING_UP, Session, errno_of
from sixlink.bearer import Bearer
from sixlink.luat import Luat
from test_send import status

SINGLE_BRING_UP = tuple(
    (b"AT+CIPMUX=0\r", answer) if typed == b"AT+CIPMUX=1\r" else (typed, answer)
    for typed, answer in BRING_UP
)


def starting(n=0):
    """A session that has typed AT+CIPSTART for link `n` and waits for the answer."""
    session = Session().bring_up()
    for taken in range(n):
        session.open(taken)
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("example.com", 80)) == errno.EINPROGRESS
    session.expect(b'AT+CIPSTART=%d,"TCP","example.com",80\r' % n)
    return session, sock, session.modem.links[n]


def starting_single():
    session = Session(dialect=Luat(mux=0)).bring_up(SINGLE_BRING_UP)
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("example.com", 80)) == errno.EINPROGRESS
    session.expect(b'AT+CIPSTART="TCP","example.com",80\r')
    return session, sock, session.modem.links[0]


def fails_with(session, sock, link, code):
    assert link.state_name == "FAILED"
    assert errno_of(sock.send, b"x") == code
    assert errno_of(sock.recv, 1) == code


# -- multi-link mode (+CIPMUX=1) ---------------------------------------------------------------


def test_multi_ok_then_connect_ok():
    session, sock, link = starting(2)
    session.say(b"\r\nOK\r\n")
    assert link.state_name == "CONNECTING"
    session.say(b"\r\n2, CONNECT OK\r\n")
    assert link.state_name == "CONNECTED"
    assert session.engine.bearer.name == "IP PROCESSING"


def test_multi_connect_ok_without_the_space():
    session, sock, link = starting()
    session.say(b"\r\nOK\r\n\r\n0,CONNECT OK\r\n")
    assert link.state_name == "CONNECTED"


def test_multi_ok_then_connect_fail():
    session, sock, link = starting()
    session.say(b"\r\nOK\r\n\r\n0, CONNECT FAIL\r\n")
    fails_with(session, sock, link, errno.ECONNREFUSED)


def test_multi_ok_then_already_connect():
    session, sock, link = starting()
    session.say(b"\r\nOK\r\n\r\n0, ALREADY CONNECT\r\n")
    fails_with(session, sock, link, errno.EALREADY)
    session.expect(b"AT+CIPCLOSE=0\r")
    session.say(b"\r\n0, CLOSE OK\r\n")
    sock.close()
    session.open(0)


def test_multi_cme_error():
    session, sock, link = starting()
    session.say(b"\r\n+CME ERROR: 911\r\n")
    fails_with(session, sock, link, errno.ETIMEDOUT)


def test_multi_cme_error_3_asks_the_modem_for_its_state():
    session, sock, link = starting()
    session.say(b"\r\n+CME ERROR: 3\r\n")
    fails_with(session, sock, link, errno.EIO)
    session.expect(b"AT\r")
    session.say(b"\r\nOK\r\n")
    session.expect(b"AT+CIPSTATUS\r")


def test_multi_error_without_a_number():
    session, sock, link = starting()
    session.say(b"\r\nERROR\r\n")
    fails_with(session, sock, link, errno.EIO)


def test_multi_needs_ip_status_or_ip_processing():
    for state, allowed in (
        (b"IP INITIAL", False),
        (b"IP START", False),
        (b"IP CONFIG", False),
        (b"IP GPRSACT", False),
        (b"IP STATUS", True),
        (b"IP PROCESSING", True),
        (b"PDP DEACT", False),
    ):
        bearer = Bearer()
        assert bearer.report(state, 0, len(state))
        assert bearer.can_start(1) == allowed, state


def test_multi_result_comes_75_seconds_later_inside_another_answer():
    session, sock, link = starting(1)
    session.say(b"\r\nOK\r\n")
    busy = session.modem.links[0]
    session.uart.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.run(1500)
    session.talk((b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n"))
    session.say(b"\r\n1, CONNECT FAIL\r\n\r\nOK\r\n")
    assert busy.received == 3 and busy.state_name == "CONNECTED"
    fails_with(session, sock, link, errno.ECONNREFUSED)


def test_multi_result_that_never_comes():
    session, sock, link = starting()
    session.say(b"\r\nOK\r\n")
    for _ in range(2):
        session.expect(b"AT+CIPSTATUS\r", ms=31_000)
        session.say(status(b"CONNECTING"))
    session.run(21_000)
    fails_with(session, sock, link, errno.ETIMEDOUT)
    session.expect(b"AT+CIPCLOSE=0\r")


# -- single-link mode (+CIPMUX=0) --------------------------------------------------------------


def test_single_ok_then_connect_ok():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n")
    assert session.engine.bearer.name == "CONNECTING"
    session.say(b"\r\nCONNECT OK\r\n")
    assert link.state_name == "CONNECTED"
    assert session.engine.bearer.name == "CONNECT OK"


def test_single_ok_then_connect():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n\r\nCONNECT\r\n")
    assert link.state_name == "CONNECTED"


def test_single_ok_then_state_and_connect_fail():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n\r\nSTATE: IP STATUS\r\n\r\nCONNECT FAIL\r\n")
    assert session.engine.bearer.name == "IP STATUS"
    fails_with(session, sock, link, errno.ECONNREFUSED)


def test_single_connect_that_nobody_asked_for():
    session = Session(dialect=Luat(mux=0)).bring_up(SINGLE_BRING_UP)
    session.say(b"\r\nCONNECT OK\r\n")
    session.talk((b"AT+CIPCLOSE\r", b"\r\nERROR\r\n"))
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
    session.expect(b'AT+CIPSTART="TCP","h",80\r')


def test_single_has_no_link_but_its_own():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n\r\nCONNECT OK\r\n")
    lines = (b"1, CLOSED", b"5, CONNECT OK", b"DATA ACCEPT:3,5", b"+CIPRXGET: 1,4")
    for line in lines + (b"+RECEIVE,1,5:\r\nhello",):
        session.say(b"\r\n" + line + b"\r\n")
    assert link.state_name == "CONNECTED"
    assert session.engine.intake.losses == 0


def test_single_ok_then_already_connect():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n\r\nALREADY CONNECT\r\n")
    fails_with(session, sock, link, errno.EALREADY)
    session.expect(b"AT+CIPCLOSE\r")


def test_single_cme_error():
    session, sock, link = starting_single()
    session.say(b"\r\n+CME ERROR: 3\r\n")
    fails_with(session, sock, link, errno.EIO)


def test_single_sends_and_closes():
    session, sock, link = starting_single()
    session.say(b"\r\nOK\r\n\r\nCONNECT OK\r\n")
    sock.send(b"hello")
    session.expect(b"AT+CIPSEND=5\r\n")
    session.say(b"\r\n> ")
    session.expect(b"hello")
    session.say(b"\r\nDATA ACCEPT:5\r\n")
    assert link.sent == 5
    session.say(b"\r\nCLOSED\r\n")
    assert session.engine.bearer.name == "CLOSED"
    assert session.engine.bearer.can_start(0)


# -- <sl_state> --------------------------------------------------------------------------------


def reported(text):
    bearer = Bearer()
    assert bearer.report(text, 0, len(text)), text
    return bearer.name


def test_each_state_is_understood_when_the_modem_reports_it():
    for text in (
        b"IP INITIAL",
        b"IP START",
        b"IP CONFIG",
        b"IP GPRSACT",
        b"IP STATUS",
        b"IP PROCESSING",
        b"CONNECT OK",
        b"SERVER LISTENING",
        b"PDP DEACT",
    ):
        assert reported(text) == text.decode()
    for name in (b"CONNECTING", b"CLOSING", b"CLOSED"):
        assert reported(b"TCP " + name) == reported(b"UDP " + name) == name.decode()
    assert not Bearer().report(b"NONSENSE", 0, 8)


def test_bring_up_passes_through_the_states_in_order():
    session = Session()
    bearer = session.engine.bearer
    names = []
    change = bearer.event

    def event(*args):
        change(*args)
        names.append(bearer.name)

    bearer.event = event
    session.bring_up()
    assert names == ["IP INITIAL", "IP START", "IP CONFIG", "IP GPRSACT", "IP STATUS"]


def test_single_link_states_from_connecting_to_closed():
    session, sock, link = starting_single()
    bearer = session.engine.bearer
    session.say(b"\r\nOK\r\n")
    names = [bearer.name]
    session.say(b"\r\nCONNECT OK\r\n")
    names.append(bearer.name)
    sock.close()
    session.expect(b"AT+CIPCLOSE\r")
    names.append(bearer.name)
    session.say(b"\r\nCLOSE OK\r\n")
    names.append(bearer.name)
    assert names == ["CONNECTING", "CONNECT OK", "CLOSING", "CLOSED"]


def test_server_listening_is_reached_by_report():
    session = Session(dialect=Luat(mux=0)).bring_up(SINGLE_BRING_UP)
    session.say(b"\r\nSTATE: SERVER LISTENING\r\n")
    assert session.engine.bearer.name == "SERVER LISTENING"


def test_pdp_deact_in_service_fails_every_link_and_heals():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    session.say(b"\r\n+PDP: DEACT\r\n")
    assert session.engine.bearer.name == "PDP DEACT"
    assert [errno_of(sock.recv, 1) for sock in socks] == [errno.ECONNRESET] * 6
    for sock in socks:
        sock.close()
    session.talk(*BRING_UP[1:])
    session.open(0)


def test_every_spelling_of_pdp_deact():
    for text in (b"+PDP: DEACT", b"+PDP DEACT", b"+PDP:DEACT"):
        session = Session().bring_up()
        session.say(b"\r\n" + text + b"\r\n")
        assert session.engine.bearer.name == "PDP DEACT", text
