"""Where manuals, captures and drivers print a thing differently: each spelling is understood, in
each family.
"""

import errno

from seed import FAMILIES, OK, bearer, each, each_starting, pushing, up
from session import errno_of, splits
from sixlink.families import family
from test_bringup import connecting
from test_send import status

SENT, ARRIVED, LEFT, PUSHED, PULLED, CLOSED = 35, 39, 40, 14, 15, 38


def meanings(lines, mux=1):
    """(event, link, value) that every family makes of each of `lines`; they must agree."""
    for line in lines:
        found = set()
        for name in FAMILIES:
            dialect = family(name)(mux)
            event = dialect.classify(line + b"\r\n", 0, len(line))
            found.add((event, dialect.link, dialect.value))
        assert len(found) == 1, line
        yield line, found.pop()


def all_mean(expected, lines, mux=1):
    for line, found in meanings(lines, mux):
        assert found[: len(expected)] == expected, (line, found)


# -- spaces and words ----------------------------------------------------------------------------


def test_space_behind_a_link_number():
    for word in (
        b"CONNECT OK",
        b"CONNECT FAIL",
        b"ALREADY CONNECT",
        b"SEND OK",
        b"SEND FAIL",
        b"CLOSE OK",
        b"CLOSED",
        b"REMOTE IP: 10.0.0.1",
    ):
        spelt = [found for _, found in meanings((b"3," + word, b"3, " + word, b"3,  " + word))]
        assert len(set(spelt)) == 1 and spelt[0][0] and spelt[0][1] == 3, word


def test_space_behind_the_colon_of_ciprxget():
    all_mean((ARRIVED, 2), (b"+CIPRXGET: 1,2", b"+CIPRXGET:1,2", b"+CIPRXGET: 1,2,10.0.0.1:80"))
    all_mean((LEFT, 2, 7), (b"+CIPRXGET: 4,2,7", b"+CIPRXGET:4,2,7", b"+CIPRXGET: 4, 2, 7"))
    all_mean((PULLED, 2, 7), (b"+CIPRXGET: 2,2,7,0", b"+CIPRXGET:2,2,7,0"))
    all_mean((PULLED, 2, 7), (b"+CIPRXGET: 2,2,7,0,10.0.0.1:80",))


def test_space_and_word_of_data_accept():
    all_mean(
        (SENT, 0, 5),
        (b"DATA ACCEPT:0,5", b"DATA ACCEPT: 0,5", b"DATAACCEPT:0,5", b"DATA ACCEPT:0, 5"),
    )
    all_mean((SENT, 0, 5), (b"DATA ACCEPT:5", b"DATA ACCEPT: 5", b"DATAACCEPT:5"), mux=0)


def test_colon_of_cme_error():
    for line in (b"+CME ERROR: 911", b"+CME ERROR:911", b"+CME ERROR 911"):
        for session, _sock, link in each_starting():
            session.say(b"\r\n" + line + b"\r\n")
            assert link.cme == 911, line


def test_spellings_of_a_lost_context():
    for line in (b"+PDP: DEACT", b"+PDP DEACT", b"+PDP:DEACT"):
        for session in each():
            session.open(0)
            session.say(b"\r\n" + line + b"\r\n")
            assert bearer(session) == "PDP DEACT", line


def test_closed_ok_is_a_close_ok():
    for session in each():
        sock = session.open(0, kind="UDP")
        sock.close()
        session.talk((b"AT+CIPCLOSE=0\r", b"\r\n0, CLOSED OK\r\n"))
        assert session.modem.links[0].state_name() == "CLOSED"
        session.open(0)


# -- AT+CIPSTATUS --------------------------------------------------------------------------------


def test_spellings_of_the_link_lines():
    usual = status(b"CONNECTED")
    for answer in (
        usual,
        usual.replace(b"C: ", b"C:").replace(b"STATE: ", b"STATE:"),
        usual.replace(b'"CONNECTED"', b'" CONNECTED "'),
        usual + b'C: 6,,"","","","INITIAL"\r\nC: 7,,"","","","INITIAL"\r\n',
        b"\r\n".join(usual.split(b"\r\n\r\n")),
    ):
        for session, _sock, link in each_starting():
            session.say(OK)  # and CONNECT OK gets lost
            session.expect(b"AT+CIPSTATUS\r", ms=31_000)
            session.say(answer)
            assert link.state_name() == "CONNECTED", answer
            session.run(1500)
            assert not session.uart.typed and not session.engine.resync.active
            assert session.engine.timeouts == session.engine.intake.unknown == 0


# -- bring-up ------------------------------------------------------------------------------------


def test_cipshut_that_is_answered_ok():
    for name in FAMILIES:
        session, error = connecting({b"AT+CIPSHUT\r": OK}, dialect=name)
        assert error is None and session.modem.isconnected()


def test_zeros_before_the_numbers_of_an_address():
    for name in FAMILIES:
        for answer, address in (
            (b"\r\n010.083.172.111\r\n", "10.83.172.111"),
            (b"\r\n10.83.172.1\r\n", "10.83.172.1"),
            (b"\r\n000.000.000.010\r\n", "0.0.0.10"),
        ):
            session, error = connecting({b"AT+CIFSR\r": answer}, dialect=name)
            assert error is None and session.modem.ifconfig()[0] == address


def test_both_failures_of_cifsr():
    for name in FAMILIES:
        for answer in (b"\r\nERROR\r\n", b"\r\n+CME ERROR: 3\r\n"):
            good = b"\r\n10.0.0.1\r\n"
            session, error = connecting({b"AT+CIFSR\r": [answer, good]}, dialect=name)
            assert error is None
            assert session.uart.lines.count(b"AT+CIPSHUT\r") == 2


def test_failures_of_ciicr_with_the_news_of_a_lost_context_inside():
    for name in FAMILIES:
        for answer in (
            b"\r\n+PDP: DEACT\r\n\r\nERROR\r\n",
            b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n",
        ):
            session, error = connecting({b"AT+CIICR\r": [answer, OK]}, dialect=name)
            assert error is None and bearer(session) == "IP STATUS"


def test_a_sim_that_says_busy_in_words():
    busy = b"\r\n+CME ERROR: SIM busy\r\n"
    ready = b"\r\n+CPIN: READY\r\n" + OK
    session, error = connecting({b"AT+CPIN?\r": [busy, busy, ready]}, dialect="sim800")
    assert error is None


# -- payload -------------------------------------------------------------------------------------


def test_ipd_headers_of_single_link_mode_torn_at_every_place():
    for header in (b"+IPD,5:", b"+IPD,5,TCP:", b"+IPD, 5:", b"+IPD,5,UDP:"):
        whole = b"\r\n" + header + b"he:\r\n" + b"\r\n+CREG: 1\r\n"
        for name in FAMILIES:
            session, sock, link = pushing(name, mux=0)
            for chunks in splits(whole):
                for chunk in chunks:
                    session.say(chunk)
                assert sock.read(9) == b"he:\r\n", (header, chunks)
            assert session.engine.intake.losses == session.engine.intake.unknown == 0
            assert link.state_name() == "CONNECTED"


def test_ipd_headers_back_to_back_and_behind_recv_from():
    for name in FAMILIES:
        session, sock, _link = pushing(name, mux=0)
        for space in (b"", b" "):
            source = b"\r\nRECV FROM:" + space + b"10.0.0.1:80\r\n"
            session.say(source + b"\r\n+IPD,2:ab\r\n+IPD,2:cd" + source + b"\r\n+IPD,2,TCP:ef")
            assert sock.read(9) == b"abcdef"
        assert session.engine.intake.losses == session.engine.intake.unknown == 0


def test_ipd_that_is_no_header():
    for line in (
        b"+IPD,0:",
        b"+IPD,1461:",
        b"+IPD,-5:",
        b"+IPD,x:",
        b"+IPD,:",
        b"+IPD,99999999999:",
    ):
        for name in FAMILIES:
            session, sock, link = pushing(name, mux=0)
            session.say(b"\r\n" + line + b"abc\r\n")
            session.pump()
            assert session.engine.intake.losses == 1, line
            assert errno_of(sock.read, 9) == errno.ECONNRESET, line


def test_receive_headers_with_the_peers_address():
    for line in (
        b"+RECEIVE,0,5:",
        b"+RECEIVE,0,5,10.0.0.1:80",
        b"+RECEIVE,0,5,10.0.0.1:80:",
        b"+RECEIVE, 0, 5:",
    ):
        all_mean((PUSHED, 0, 5), (line,))


def test_single_link_reads_with_a_line_break():
    for session, sock, _link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n\r\n+CIPRXGET: 1\r\n")
        session.talk((b"AT+CIPRXGET=2,1024\r\n", b"\r\n+CIPRXGET: 2,5,0\r\nhello\r\n" + OK))
        assert sock.read(9) == b"hello"


def test_single_link_reads_glued_to_their_header_are_an_error_and_no_data():
    """One sample of the Luat manual prints them so; nobody could tell where the data begin."""
    for session, sock, link in each_starting(mux=0):
        session.say(OK + b"\r\nCONNECT OK\r\n\r\n+CIPRXGET: 1\r\n")
        session.talk((b"AT+CIPRXGET=2,1024\r\n", b"\r\n+CIPRXGET: 2,10,01234567890\r\n" + OK))
        session.run(500)
        assert errno_of(sock.read, 9) == errno.ECONNRESET
        assert link.rx.received == 0


def test_udp_closed_by_either_name():
    for state in (b"UDP CLOSED", b"TCP CLOSED"):
        for name in FAMILIES:
            session = up(name, mux=0)
            sock = session.modem.socket(type=2)
            sock.setblocking(False)
            sock.connect(("h", 80))
            session.talk((b'AT+CIPSTART="UDP","h",80\r', OK + b"\r\nCONNECT OK\r\n"))
            session.say(b"\r\nSTATE: " + state + b"\r\n")
            assert bearer(session) == "CLOSED"
