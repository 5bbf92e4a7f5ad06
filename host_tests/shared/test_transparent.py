"""Transparent mode: one peer on the bare UART.

The manual's pages: Luat AT command manual, CIPMODE, ATO, +++; SIM800 Series TCPIP Application Note
V1.02, 2.2.3.
"""

import errno

from session import BRING_UP, Session, errno_of, splits
from sixlink.errors import ModemError
from sixlink.transparent import Transparent

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
START = b'AT+CIPSTART="TCP","h",80\r'
HANGUP = b"\r\nCLOSED\r\n"


def mode_lines(mux=0):
    """What bring-up types to change the mode of a modem that is up."""
    lines = []
    for typed, answer in BRING_UP[1:]:
        if typed == b"AT+CIPMUX=1\r" and not mux:
            lines += [(b"AT+CIPMUX=0\r", OK), (b"AT+CIPMODE=1\r", OK)]
        elif typed == b"AT+CIPRXGET=1\r" and not mux:
            lines += [(b"AT+CIPRXGET=0\r", OK), (b"AT+CIPRXF=1\r", OK)]
        else:
            lines.append((typed, answer))
    return lines


def begun(session, kind=1):
    """A stream whose mode is there, and what it still waits for."""
    stream = Transparent(session.modem, kind)
    steps = stream.opening("h", 80, 30)
    next(steps)
    session.talk(*mode_lines())
    next(steps)
    return stream, steps


def fails(stream, steps):
    """The errno that opening ends with, given up as `Modem.transparent` does."""
    code = errno_of(next, steps)
    stream.give_up()
    return code


def opened(**options):
    """A session in data mode, and its stream, which does not block."""
    session = Session(**options).bring_up()
    stream, steps = begun(session)
    session.talk((START, OK + b"\r\nCONNECT\r\n"))
    assert next(steps, None) is None
    stream.setblocking(False)
    session.run(2000)
    return session, stream


def is_closed_says(session, state=b"TCP CLOSED"):
    """The session asks what CLOSED was, and hears that the link has gone."""
    session.expect(b"+++")
    session.run(2100)
    session.talk(
        (b"AT\r", ERROR),  # behind `+++`, which stood at command level
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: " + state + b"\r\n"),
    )


def escapes(session):
    """The session types `+++`, and the modem leaves data mode."""
    session.expect(b"+++")
    session.run(600)
    session.say(OK)


# -- bytes both ways -----------------------------------------------------------------------------


def test_bytes_cross_as_they_are():
    session, stream = opened()
    every = bytes(range(256))
    stream.write(every)
    session.expect(every)
    session.say(every)
    assert stream.read(256) == every
    assert stream.read(1) is None


def test_data_behind_connect_in_the_same_read():
    session = Session().bring_up()
    stream, steps = begun(session)
    session.talk((START, OK + b"\r\nCONNECT\r\n"[:-1]))
    session.say(b"\nwelcome")
    assert next(steps, None) is None
    assert stream.recv(20) == b"welcome"


def test_what_reads_like_an_answer_is_data():
    session, stream = opened()
    text = OK + ERROR + b"\r\n> +RECEIVE,0,5:\r\n+CME ERROR: 3\r\n0, CLOSED\r\nAT+CIPSHUT\r\n"
    for parts in splits(text):
        for part in parts:
            session.say(part)
        session.run(100)
        assert stream.read(len(text)) == text, parts
    assert not session.uart.typed and stream._link.state_name() == "CONNECTED"


def test_the_second_of_two_reads_waits_for_nothing():
    session, stream = opened()
    session.say(b"line\r\n")
    assert stream.read(9) == b"line"  # CR LF may begin CLOSED
    session.run(60)
    assert stream.read(9) == b"\r\n"


def test_a_cr_before_a_line():
    session, stream = opened()
    for text in (
        b"\r\r\nCLOSE",
        b"\r\n\r\nCLOSED.",
        b"\rCLOSED\r\n",
        b"\r\nCLOSED\r\r",
        b"\r\nRD",
    ):
        session.say(text)
        session.run(60)
        assert stream.read(20) == text
    assert not session.uart.typed


# -- the end of the stream -----------------------------------------------------------------------


def test_closed_is_asked_about_and_ends_the_stream():
    for parts in splits(b"bye" + HANGUP):
        session, stream = opened()
        for part in parts:
            session.say(part)
            session.run(20)
        session.run(100)
        assert stream.read(9) == b"bye", parts
        is_closed_says(session)
        assert stream.read(9) == b"", parts


def test_closed_from_the_peer_is_data():
    for parts in splits(HANGUP):
        session, stream = opened()
        for part in parts:
            session.say(part)
        assert stream.read(20) is None, parts
        escapes(session)
        session.talk(
            (b"AT\r", OK),
            (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: CONNECT OK\r\n"),
            (b"ATO\r", b"\r\nCONNECT\r\n"),
        )
        assert stream.read(20) == HANGUP, parts
        session.say(b"more")
        stream.write(b"on")
        session.expect(b"on")
        assert stream.read(20) == b"more"


def test_much_behind_closed_proves_it_data():
    session, stream = opened()
    text = HANGUP + b"x" * 300
    session.say(text)
    assert stream.read(400) == text
    session.run(3000)
    assert not session.uart.typed


def test_a_stack_error_ends_the_stream():
    session, stream = opened()
    session.say(b"\r\nTCP ERROR:14\r\n")
    is_closed_says(session, b"IP STATUS")
    assert errno_of(stream.read, 1) == errno.ECONNRESET


def test_a_number_behind_closed_is_data():
    session, stream = opened()
    session.say(b"\r\nCLOSED1\r\n\r\nTCP ERROR:\r\n\r\nTCP ERROR:123\r\n")
    session.run(100)
    assert len(stream.read(99)) == 42
    assert not session.uart.typed


def test_the_context_is_lost():
    for text in (b"\r\n+PDP: DEACT\r\n", b"\r\n+PDP DEACT\r\n", b"\r\n+PDP:DEACT\r\n"):
        session, stream = opened()
        session.say(text)
        is_closed_says(session, b"PDP DEACT")
        assert errno_of(stream.read, 1) == errno.ECONNRESET, text
        session.expect(b"AT+CIPSHUT\r")  # and heals


def test_a_reboot():
    session, stream = opened()
    session.say(b"\r\nRDY\r\n")
    is_closed_says(session, b"IP INITIAL")
    assert errno_of(stream.read, 1) == errno.ECONNRESET


def test_what_the_modem_says_behind_closed():
    chatter = b"\r\n+PDP: DEACT\r\n\r\n+CREG: 2\r\n\r\n+NITZ: 24/08/22,07:27:15+32, \r\n"
    for state, end in ((b"TCP CLOSED", 0), (b"PDP DEACT", errno.ECONNRESET)):
        session, stream = opened()
        session.say(b"bye" + HANGUP + chatter)
        assert stream.read(9) == b"bye"
        is_closed_says(session, state)
        if end:
            assert errno_of(stream.read, 1) == end
        else:
            assert stream.read(9) == b""


def test_any_number_of_crs_behind_closed():
    """Each may begin a line; none of them may cost a level of recursion."""
    session, stream = opened()
    text = HANGUP + b"\r" * 500 + b"\r\n" * 150 + b"."
    session.say(text)
    assert stream.read(2000) == text


def test_a_second_closed_behind_one_that_was_data():
    session, stream = opened()
    text = HANGUP + b"x" * 240
    session.say(text + HANGUP)
    assert stream.read(400) == text
    is_closed_says(session)
    assert stream.read(9) == b""


# -- escaping ------------------------------------------------------------------------------------


def test_three_pluses_of_the_application_do_not_escape():
    session, stream = opened()
    stream.write(b"+++")
    session.expect(b"++")
    session.run(900)
    assert not session.uart.typed
    session.run(300)
    assert bytes(session.uart.typed) == b"+"


def test_pluses_one_by_one_do_not_escape():
    session, stream = opened()
    for _ in range(2):
        stream.write(b"+")
        session.expect(b"+")
    stream.write(b"+")
    session.run(900)
    assert not session.uart.typed
    session.run(300)
    assert bytes(session.uart.typed) == b"+"


def test_pluses_beside_other_bytes_are_typed_at_once():
    for text in (b"+++x", b"x+++", b"++++", b"++x+", b"+++\r\n"):
        session, stream = opened()
        stream.write(text)
        session.expect(text, ms=50)


def test_the_third_plus_goes_with_what_follows_it():
    session, stream = opened()
    stream.write(b"+++")
    session.expect(b"++")
    stream.write(b"x")
    session.expect(b"+x", ms=50)


def test_a_plus_that_waits_outlives_command_level():
    session, stream = opened()
    stream.write(b"+++")
    session.expect(b"++")
    ask(session)
    escapes(session)
    session.talk((b"AT+CSQ\r", OK), (b"ATO\r", b"\r\nCONNECT\r\n"))
    session.expect(b"+")


def test_silence_begins_behind_connect():
    """What CIPSTART or ATO took is no silence in data mode."""
    session, stream = opened()
    ask(session)
    escapes(session)
    session.expect(b"AT+CSQ\r")
    session.say(OK)
    session.expect(b"ATO\r")
    ask(session)
    session.run(3000)
    session.say(b"\r\nCONNECT\r\n")
    session.run(1000)
    assert not session.uart.typed
    session.expect(b"+++", ms=100)


def test_ok_of_the_peer_behind_its_closed():
    """Before the second silence is over, OK is the peer's, whatever stands before it."""
    session, stream = opened()
    session.say(HANGUP)
    session.expect(b"+++")
    session.say(OK)
    session.run(480)
    session.say(OK)
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: CONNECT OK\r\n"),
        (b"ATO\r", b"\r\nCONNECT\r\n"),
    )
    assert stream.read(99) == HANGUP + OK


class Asker:
    answers = []

    def reply(self, command, buf, at, end):
        self.answers.append(bytes(buf[at:end]))
        return False

    def done(self, command, now):
        pass


def ask(session):
    from sixlink.command import Command

    asker = Asker()
    asker.answers = []
    session.engine.call(Command(asker, b"AT+CSQ\r", 3000, b"+CSQ"))
    return asker


def test_a_command_of_the_application_waits_for_silence_and_goes_between():
    session, stream = opened()
    stream.write(b"before")
    session.expect(b"before")
    asker = ask(session)
    stream.write(b"behind")
    session.run(900)
    assert not session.uart.typed
    escapes(session)
    session.talk(
        (b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n" + OK),
        (b"ATO\r", b"\r\nCONNECT\r\nmore"),
        (b"behind", b""),
    )
    assert asker.answers == [b"+CSQ: 20,0"]
    assert stream.read(9) == b"more"


def test_data_before_the_ok_of_the_escape():
    session, stream = opened()
    ask(session)
    session.expect(b"+++")
    session.say(b"late\r\nOK\r\n")  # too early for the modem's own
    session.run(550)
    assert stream.read(99) == b"late\r\nOK\r\n"
    session.say(b"last" + OK)
    session.expect(b"AT+CSQ\r")
    assert stream.read(9) == b"last"


def test_an_escape_that_is_not_answered_is_tried_again():
    session, stream = opened()
    ask(session)
    session.expect(b"+++")
    session.run(2100)
    escapes(session)
    session.run(300)
    assert stream._link.state_name() == "CONNECTED"


def test_an_escape_that_is_never_answered_is_an_error():
    session, stream = opened()
    ask(session)
    for _ in range(3):
        session.expect(b"+++", ms=4000)
        session.run(2100)
    assert errno_of(stream.read, 1) == errno.EIO


def test_a_link_that_has_gone_while_at_command_level():
    session, stream = opened()
    ask(session)
    escapes(session)
    session.talk((b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n" + OK), (b"ATO\r", b"\r\nNO CARRIER\r\n"))
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: TCP CLOSED\r\n"),
    )
    assert stream.read(1) == b""


# -- the DCD pin ---------------------------------------------------------------------------------


def test_with_dcd_closed_is_data_while_there_is_a_carrier():
    level = [0]
    session, stream = opened(dcd=lambda: level[0])
    session.say(HANGUP)
    session.run(150)
    assert stream.read(20) == HANGUP
    assert not session.uart.typed


def test_with_dcd_the_end_is_known_at_once():
    level = [0]
    session, stream = opened(dcd=lambda: level[0])
    session.say(b"bye" + HANGUP)
    level[0] = 1
    session.run(200)
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: TCP CLOSED\r\n"),
    )
    assert stream.read(20) == b"bye"
    assert stream.read(20) == b""


def test_with_dcd_a_silent_reboot_is_noticed():
    level = [0]
    session, stream = opened(dcd=lambda: level[0])
    level[0] = 1
    session.run(200)
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: IP INITIAL\r\n"),
    )
    assert errno_of(stream.read, 1) == errno.ECONNRESET


def test_with_dcd_what_comes_late_is_still_data():
    """DCD falls when the peer closes, and the modem has yet to say what it took before."""
    level = [0]
    session, stream = opened(dcd=lambda: level[0])
    session.say(b"first ")
    level[0] = 1
    for _ in range(10):
        session.run(50)
        session.say(b"more ")
    session.say(HANGUP)
    session.run(200)
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: TCP CLOSED\r\n"),
    )
    assert stream.read(99) == b"first " + b"more " * 10
    assert stream.read(9) == b""


# -- room ----------------------------------------------------------------------------------------


def test_a_reader_that_is_late_fails_without_flow_control():
    session, stream = opened()
    session.say(bytes(1024))
    session.run(100)
    session.say(b"more")
    session.run(700)
    assert stream.read(1024) == bytes(1024)
    assert errno_of(stream.read, 1) == errno.ENOBUFS


def test_held_bytes_wait_for_room():
    session, stream = opened()
    session.say(bytes(1024))
    for byte in b"\r.":
        session.say(bytes((byte,)))
    session.run(300)
    assert stream.read(1024) == bytes(1024)
    session.run(50)
    assert stream.read(9) == b"\r."


def test_what_was_asked_about_waits_for_room():
    """The mode goes on while the reader is late."""
    session, stream = opened()
    session.say(bytes(1020) + HANGUP)
    escapes(session)
    session.talk(
        (b"AT\r", OK),
        (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: CONNECT OK\r\n"),
        (b"ATO\r", b"\r\nCONNECT\r\n"),
    )
    assert stream.read(1024) == bytes(1020) + HANGUP[:4]
    session.run(50)
    assert stream.read(20) == HANGUP[4:]


def with_flow():
    """A session with RTS and CTS in data mode, and its stream."""
    session = Session(flow=True)
    lines = list(BRING_UP)
    lines.insert(5, (b"AT+IFC?\r", b"\r\n+IFC: 2,2\r\n" + OK))
    lines[16:17] = [(b"AT+CIPRXGET=0\r", OK), (b"AT+CIPRXF=1\r", OK)]
    session.bring_up(lines)
    stream = Transparent(session.modem)
    steps = stream.opening("h", 80, 30)
    next(steps)
    lines = mode_lines()
    lines.insert(4, (b"AT+IFC?\r", b"\r\n+IFC: 2,2\r\n" + OK))
    session.talk(*lines)
    next(steps)
    session.talk((START, OK + b"\r\nCONNECT\r\n"))
    assert next(steps, None) is None
    stream.setblocking(False)
    session.run(2000)
    return session, stream


def turn(session, ms):
    """As `run`, but with bytes left in the UART."""
    for _ in range(ms // 10):
        session.modem.driver.pump()
        session.rest(10)


def test_a_reader_that_is_late_holds_the_modem_with_flow_control():
    session, stream = with_flow()
    data = bytes(range(250)) * 20
    session.uart.say(data)
    turn(session, 3000)
    got = b""
    while len(got) < len(data):
        got += stream.read(500)
    assert got == data


def test_a_stream_that_is_closed_holds_nobody():
    session, stream = with_flow()
    session.uart.say(bytes(5000))
    turn(session, 1000)
    stream.close()
    escapes(session)
    session.talk((b"AT+CIPCLOSE\r", b"\r\nCLOSE OK\r\n"))
    assert session.engine.intake.discarded == 5000 - 2920


def test_silence_begins_when_cts_has_let_the_last_byte_go():
    session, stream = with_flow()
    idle = [True]
    session.modem.driver._is_idle = lambda: idle[0]
    stream.write(b"data")
    session.expect(b"data")
    idle[0] = False
    ask(session)
    session.run(3000)
    idle[0] = True
    session.run(1000)
    assert not session.uart.typed
    session.expect(b"+++", ms=300)


def test_the_ok_of_an_escape_behind_data_that_nobody_reads_yet():
    session, stream = with_flow()
    ask(session)
    session.expect(b"+++")
    data = bytes(5000)
    session.uart.say(data + OK)
    turn(session, 8000)
    got = b""
    while len(got) < len(data):
        got += stream.read(500) or b""
    session.expect(b"AT+CSQ\r")
    assert got == data


# -- opening and closing -------------------------------------------------------------------------


def test_closing_sends_what_was_written_and_brings_six_links_back():
    session, stream = opened()
    stream.write(b"last words")
    stream.close()
    session.expect(b"last words")
    escapes(session)
    session.talk(
        (b"AT+CIPACK\r", b"\r\n+CIPACK: 10,10,0\r\n" + OK),
        (b"AT+CIPCLOSE\r", b"\r\nCLOSE OK\r\n"),
    )
    session.talk(*mode_lines(mux=1))
    assert session.modem.isconnected()
    session.open(0)
    session.open(1)


def test_the_peer_refuses():
    session = Session().bring_up()
    stream, steps = begun(session)
    session.talk((START, OK + b"\r\nSTATE: IP STATUS\r\n\r\nCONNECT FAIL\r\n"))
    assert fails(stream, steps) == errno.ECONNREFUSED
    session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: IP STATUS\r\n"))
    session.talk(*mode_lines(mux=1))


def test_a_modem_without_the_mode():
    session = Session().bring_up()
    stream = Transparent(session.modem)
    steps = stream.opening("h", 80, 30)
    next(steps)
    lines = mode_lines()
    at = [typed for typed, _ in lines].index(b"AT+CIPMODE=1\r")
    session.talk(*lines[:at])
    for _ in range(3):
        session.talk((b"AT+CIPMODE=1\r", ERROR))
    try:
        next(steps)
        raise AssertionError("no error")
    except ModemError as error:
        assert error.args[0] == errno.EOPNOTSUPP and error.step == "transparent mode"
    stream.give_up()
    session.talk((b"AT\r", OK), *mode_lines(mux=1))
    assert session.modem.isconnected()
    session.open(0)


def test_connect_ok_in_place_of_connect_fails_and_restarts_the_modem():
    session = Session().bring_up()
    stream, steps = begun(session)
    session.talk((START, OK + b"\r\nCONNECT OK\r\n"))
    assert fails(stream, steps) in (errno.EIO, errno.ECONNRESET)
    assert session.engine.bringup.active and session.engine.ladder.rung == 1


def test_while_links_are_in_use_it_is_refused_and_nothing_is_typed():
    session = Session().bring_up()
    session.open(0)
    assert errno_of(session.modem.transparent, "h", 80) == errno.EALREADY
    assert not session.uart.typed


def test_other_sockets_meanwhile():
    session, stream = opened()
    other = session.modem.socket()
    assert errno_of(other.connect, ("h", 80)) == errno.EALREADY
    assert errno_of(session.modem.transparent, "h", 80) == errno.EALREADY
    assert not session.uart.typed


def test_udp():
    session = Session().bring_up()
    stream, steps = begun(session, kind=2)
    session.talk((b'AT+CIPSTART="UDP","h",80\r', OK + b"\r\nCONNECT\r\n"))
    assert next(steps, None) is None
    session.say(b"datagram")
    assert stream.recv(20) == b"datagram"


def test_bad_arguments_type_nothing():
    session = Session().bring_up()
    for host, port in (('h"', 80), ("h", 0), ("h", 65536), ("", 80)):
        try:
            session.modem.transparent(host, port)
            raise AssertionError("no error")
        except ValueError:
            pass
    assert not session.uart.typed


def test_what_stands_before_the_modems_closed_is_data():
    """The peer had said the same, and was believed as little."""
    for dcd in (True, False):
        level = [0]
        session, stream = opened(dcd=(lambda level=level: level[0]) if dcd else None)
        session.say(b"a" + HANGUP + b"b" + HANGUP)
        level[0] = 1
        session.run(200)
        if dcd:
            session.talk((b"AT\r", OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: TCP CLOSED\r\n"))
        else:
            is_closed_says(session)
        assert stream.read(40) == b"a" + HANGUP + b"b", dcd
        assert stream.read(40) == b""


def test_what_is_held_is_data_when_closed_comes_at_command_level():
    session, stream = opened()
    session.say(HANGUP + b"tail")
    escapes(session)
    session.talk((b"AT\r", HANGUP + OK), (b"AT+CIPSTATUS\r", OK + b"\r\nSTATE: TCP CLOSED\r\n"))
    assert stream.read(40) == HANGUP + b"tail"
    assert stream.read(40) == b""


def test_what_is_held_and_finds_no_room_at_the_end_is_an_error():
    session, stream = opened()
    session.say(bytes(1024) + HANGUP + b"tail" + HANGUP)
    is_closed_says(session)
    assert stream.read(2000) == bytes(1024)
    assert errno_of(stream.read, 1) == errno.ENOBUFS
