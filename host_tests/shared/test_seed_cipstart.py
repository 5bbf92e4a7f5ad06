"""The manual's page of AT+CIPSTART: each row of its two tables and each of its notes.

Luat AT command manual, TCP/IP, AT+CIPSTART. Multi-link mode is what Sixlink lives in, single-link
mode what its transparent mode is made of. What else can happen to a connection that is being made
is in `test_seed_outcomes`.
"""

import errno

from seed import (
    OK,
    bearer,
    connecting,
    each,
    each_starting,
    fails_with,
    lines_of,
    starting,
    up,
)
from session import errno_of
from sixlink.bearer import Bearer

DOWN = (b"IP INITIAL", b"IP START", b"IP CONFIG", b"IP GPRSACT", b"PDP DEACT")


def value_error_of(function, *args):
    try:
        function(*args)
    except ValueError as error:
        return str(error)
    return None


# -- set form, single-link mode (+CIPMUX=0) ------------------------------------------------------


def test_single_ok_where_the_state_allows_it():
    for session in each(mux=0):
        assert bearer(session) == "IP STATUS"
        sock, link = starting(session)
        session.say(OK)
        assert (link.state_name(), bearer(session)) == ("CONNECTING", "CONNECTING")


def test_single_cme_error():
    for session, sock, link in each_starting(mux=0):
        session.say(b"\r\n+CME ERROR: 3\r\n")
        fails_with(sock, link, errno.EIO)
        assert link.cme == 3 and bearer(session) == "IP STATUS"


def test_single_ok_then_already_connect():
    for session, sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nALREADY CONNECT\r\n")
        fails_with(sock, link, errno.EALREADY)
        session.expect(b"AT+CIPCLOSE\r")


def test_single_ok_then_connect_ok():
    for session, _sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n")
        assert (link.state_name(), bearer(session)) == ("CONNECTED", "CONNECT OK")


def test_single_ok_then_connect():
    for session, _sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT\r\n")
        assert link.state_name() == "CONNECTED"


def test_single_ok_then_state_and_connect_fail():
    for session, sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nSTATE: IP STATUS\r\n\r\nCONNECT FAIL\r\n")
        assert bearer(session) == "IP STATUS"
        fails_with(sock, link, errno.ECONNREFUSED)


def test_single_sends_and_closes():
    for session, sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n")
        sock.send(b"hello")
        session.talk((b"AT+CIPSEND=5\r\n", b"\r\n> "), (b"hello", b"\r\nDATA ACCEPT:5\r\n"))
        assert link.tx.sent == 5
        session.say(b"\r\nCLOSED\r\n")
        assert bearer(session) == "CLOSED"


# -- set form, multi-link mode (+CIPMUX=1) -------------------------------------------------------


def test_multi_ok_where_the_state_allows_it():
    for session in each():
        for n, before in enumerate(("IP STATUS", "IP PROCESSING")):
            assert bearer(session) == before
            connecting(session)
            session.talk((b'AT+CIPSTART=%d,"TCP","example.com",80\r' % n, OK))
            assert session.modem.links[n].state_name() == "CONNECTING"
            assert bearer(session) == "IP PROCESSING"


def test_multi_cme_error():
    for session, sock, link in each_starting():
        session.say(b"\r\n+CME ERROR: 3\r\n")
        fails_with(sock, link, errno.EIO)
        assert link.cme == 3
        session.talk((b"AT\r", OK))
        session.expect(b"AT+CIPSTATUS\r")


def test_multi_ok_then_already_connect():
    for session, sock, link in each_starting():
        session.say(OK + b"\r\n0, ALREADY CONNECT\r\n")
        fails_with(sock, link, errno.EALREADY)
        session.talk((b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSE OK\r\n"))
        sock.close()
        session.open(0)


def test_multi_ok_then_connect_ok():
    for session, _sock, link in each_starting(2):
        session.say(OK)
        assert link.state_name() == "CONNECTING"
        session.say(b"\r\n2, CONNECT OK\r\n")
        assert (link.state_name(), bearer(session)) == ("CONNECTED", "IP PROCESSING")


def test_multi_connect_ok_without_the_space():
    for session, _sock, link in each_starting():
        session.say(OK + b"\r\n0,CONNECT OK\r\n")
        assert link.state_name() == "CONNECTED"


def test_multi_ok_then_connect_fail():
    for session, sock, link in each_starting():
        session.say(OK + b"\r\n0, CONNECT FAIL\r\n")
        fails_with(sock, link, errno.ECONNREFUSED)


# -- test form -----------------------------------------------------------------------------------


def test_test_form_single():
    for session in each(mux=0):
        capability = session.engine.capability
        assert capability.tcp and capability.udp
        assert (capability.ports, capability.octets) == ((1, 65535), (0, 255))
        assert session.engine.dialect.links == 1


def test_test_form_multi():
    for session in each():
        capability = session.engine.capability
        assert capability.tcp and capability.udp
        assert (capability.ports, capability.octets) == ((1, 65535), (0, 255))
        assert (capability.links, session.engine.dialect.links) == (6, 6)


# -- notes ---------------------------------------------------------------------------------------


def test_note_1_tcp_and_udp():
    for session in each():
        session.open(0, kind="TCP")
        session.open(1, kind="UDP")
        assert [link.kind() for link in session.modem.links[:2]] == ["TCP", "UDP"]


def test_note_2_cipstatus_tells_the_state():
    for mux in (0, 1):
        for session in each(mux):
            session.run(30_000)
            session.talk((b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: PDP DEACT\r\n"))
            session.run(400)  # in multi-link mode six lines may follow
            assert bearer(session) == "PDP DEACT"


def test_note_3_states_that_allow_it():
    for session in each():  # one that does not allow it: see note 4
        assert may_start(session) == ["IP STATUS", "IP PROCESSING"]
    luat, sim800 = each(mux=0)
    assert may_start(luat) == ["IP STATUS", "CLOSED"]
    assert may_start(sim800) == ["IP STATUS"]


def may_start(session):
    """The states, by our own names, in which the firmware may type AT+CIPSTART."""
    found = []
    dialect = session.engine.dialect
    for state in DOWN + (
        b"IP STATUS",
        b"IP PROCESSING",
        b"TCP CONNECTING",
        b"SERVER LISTENING",
        b"CONNECT OK",
        b"UDP CLOSING",
        b"TCP CLOSED",
    ):
        told = Bearer()
        assert told.report(state, 0, len(state))
        if told.can_start(dialect.mux, dialect.reopens):
            found.append(told.name())
    return found


def test_note_4_cipshut_in_any_other_state():
    for mux in (0, 1):
        for state in DOWN:
            for session in each(mux):
                session.run(30_000)
                session.talk((b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: " + state + b"\r\n"))
                is_shut_first(session)


def test_note_4_cipshut_before_a_second_link_in_single_link_mode():
    for session, sock, _link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n")
        sock.close()
        session.talk((b"AT+CIPCLOSE\r", b"\r\nCLOSE OK\r\n"))
        if session.engine.dialect.name == "luat":  # which allows it in TCP CLOSED
            starting(session)
        else:
            is_shut_first(session)


def test_note_4_cipshut_where_a_listening_server_is_in_the_way():
    for session in each(mux=0):
        session.say(b"\r\nSTATE: SERVER LISTENING\r\n")
        session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: SERVER LISTENING\r\n"))
        is_shut_first(session)


def is_shut_first(session):
    """A new connection is made, behind AT+CIPSHUT and all that follows it."""
    dialect = session.engine.dialect
    sock = connecting(session)
    session.talk(*lines_of(dialect.name, dialect.mux)[1:])
    which = b"0," if dialect.mux else b""
    answer = OK + (b"\r\n0, CONNECT OK\r\n" if dialect.mux else b"\r\nCONNECT OK\r\n")
    session.talk((b'AT+CIPSTART=%s"TCP","example.com",80\r' % which, answer))
    assert sock.ioctl(3, 4) == 4


def test_note_5_cstt_ciicr_cifsr_come_first():
    for name in ("luat", "sim800"):
        lines = lines_of(name)
        typed = [line[0].partition(b"=")[0].strip() for line in lines]
        assert typed[-3:] == [b"AT+CSTT", b"AT+CIICR", b"AT+CIFSR"]
        session = up(name, lines=lines)  # which holds it to exactly these lines
        starting(session)


# -- parameters ----------------------------------------------------------------------------------


def test_parameter_n_is_0_to_5():
    for session in each():
        for n in range(6):
            session.open(n)
        seventh = session.modem.socket()
        assert errno_of(seventh.connect, ("h", 80)) == errno.ENOBUFS
        unknown = session.engine.intake.unknown
        session.say(b"\r\n6, CLOSED\r\n\r\n7, CLOSED\r\n\r\n-1, CLOSED\r\n")
        assert [link.state_name() for link in session.modem.links] == ["CONNECTED"] * 6
        assert session.engine.intake.unknown == unknown + 3


def test_parameter_mode_tcp():
    for mux in (0, 1):
        for session in each(mux):
            connecting(session, "h", 80)
            session.expect(b'AT+CIPSTART=%s"TCP","h",80\r' % (b"0," if mux else b""))


def test_parameter_mode_udp():
    for mux in (0, 1):
        for session in each(mux):
            connecting(session, "h", 80, 2)
            session.expect(b'AT+CIPSTART=%s"UDP","h",80\r' % (b"0," if mux else b""))


def test_parameter_server_is_an_address_or_a_name_of_at_most_128_bytes():
    for session in each():
        for n, host in enumerate(("10.0.0.1", "255.255.255.255", "iot.example.com", "x" * 128)):
            session.open(n, host=host)
        for host in ("x" * 129, "", "256.0.0.1"):
            assert "host" in value_error_of(session.modem.socket().connect, (host, 80)), host
        session.run(100)
        assert not session.uart.typed


def test_parameter_port_is_1_to_65535():
    for session in each():
        session.open(0, port=1)
        session.open(1, port=65535)
        for port in (0, 65536):
            assert str(port) in value_error_of(session.modem.socket().connect, ("h", port))
        session.run(100)
        assert not session.uart.typed


# -- <sl_state> ----------------------------------------------------------------------------------


def told(*states):
    """The name that each family's firmware has for what the modem calls one of `states`."""
    names = set()
    for state in states:
        for spelling in (b"STATE: " + state, b"STATE:" + state):
            for session in each(mux=0):
                session.say(b"\r\n" + spelling + b"\r\n")
                names.add(bearer(session))
    assert len(names) == 1, names
    return names.pop()


def test_state_ip_initial():
    assert told(b"IP INITIAL") == "IP INITIAL"


def test_state_ip_start():
    assert told(b"IP START") == "IP START"


def test_state_ip_config():
    assert told(b"IP CONFIG") == "IP CONFIG"


def test_state_ip_gprsact():
    assert told(b"IP GPRSACT") == "IP GPRSACT"


def test_state_ip_status():
    assert told(b"IP STATUS") == "IP STATUS"


def test_state_connecting_or_listening():
    assert told(b"TCP CONNECTING", b"UDP CONNECTING") == "CONNECTING"
    assert told(b"SERVER LISTENING") == "SERVER LISTENING"


def test_state_connect_ok():
    assert told(b"CONNECT OK") == "CONNECT OK"


def test_state_closing():
    assert told(b"TCP CLOSING", b"UDP CLOSING") == "CLOSING"


def test_state_closed():
    assert told(b"TCP CLOSED", b"UDP CLOSED") == "CLOSED"


def test_state_pdp_deact():
    assert told(b"PDP DEACT") == "PDP DEACT"


def test_single_link_states_from_connecting_to_closed():
    for session, sock, _link in each_starting(mux=0):
        names = []
        for answer in (OK, b"\r\nCONNECT OK\r\n"):
            session.say(answer)
            names.append(bearer(session))
        sock.close()
        session.expect(b"AT+CIPCLOSE\r")
        names.append(bearer(session))
        session.say(b"\r\nCLOSE OK\r\n")
        names.append(bearer(session))
        assert names == ["CONNECTING", "CONNECT OK", "CLOSING", "CLOSED"]


def test_the_bearer_passes_through_its_states_in_order():
    for session in each():
        names = []
        change = session.engine.bearer.event

        def event(*args, change=change, names=names, session=session):
            change(*args)
            names.append(bearer(session))

        session.engine.bearer.event = event
        session.say(b"\r\n+PDP: DEACT\r\n")
        session.talk(*lines_of(session.engine.dialect.name)[1:])
        states = ["IP INITIAL", "IP START", "IP CONFIG", "IP GPRSACT", "IP STATUS"]
        assert names == ["PDP DEACT"] + states
