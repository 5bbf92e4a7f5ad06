"""Every command the firmware types, answered as none should be: counted, visible, survived.

After each the next connection works, and nothing waits for ever.
"""

import errno

from playing import SENT, Play, PlayingUart
from session import BRING_UP, START_MS, errno_of
from sixlink.errors import ModemError
from sixlink.resolver import Resolver
from test_bringup import ERROR, OK, comes_back
from test_transparent import ask, escapes, opened

CME = b"\r\n+CME ERROR: %d\r\n"
MISPLACED = b"\r\n+CSQ: 20,0\r\n" + OK  # the answer to another command
BAD = (
    ERROR,
    CME % 3,
    CME % 65535,
    b"\r\n+CME ERROR: what?\r\n",
    b"",
    MISPLACED,
    b"\r\nSHUT OK\r\n",
    b"\r\n+CIPACK: 5,5,0\r\n" + OK,
    b"\r\nCONNECT\r\n",
    b"\xfe\x80\x00garbage\r\n",
)


# -- bring-up ------------------------------------------------------------------------------------

STEPS = [typed for typed, _ in BRING_UP] + [
    b"AT+CGMM\r",
    b"AT+IFC?\r",
    b'AT+CPIN="1234"\r',
    b"AT+CIPRXF=1\r",
    b"AT+CIPTKA=1,7200,75,9\r",
    b"AT+CGREG?\r",
    b"AT+CGATT=1\r",
]
# What makes bring-up type what it else does not.
NEEDS = {
    b"AT+CGMM\r": {b"ATI\r": OK},
    b'AT+CPIN="1234"\r': {b"AT+CPIN?\r": [b"\r\n+CPIN: SIM PIN\r\n" + OK]},
    b"AT+CIPRXF=1\r": {b"AT+IFC?\r": b"\r\n+IFC: 2,2\r\n" + OK},
    b"AT+CGREG?\r": {b"AT+CREG?\r": b"\r\n+CREG: 0,2\r\n" + OK},
    b"AT+CGATT=1\r": {b"AT+CGATT?\r": b"\r\n+CGATT: 0\r\n" + OK},
}


def brought_up(typed, answer):
    """A session with a modem that always answers `typed` so, and how its `connect` went."""
    answers = dict(NEEDS.get(typed, {}))
    ready = b"\r\n+CPIN: READY\r\n" + OK
    answers = {k: v + [ready] * 99 if isinstance(v, list) else v for k, v in answers.items()}
    answers[typed] = answer
    flow = typed in (b"AT+IFC?\r", b"AT+CIPRXF=1\r")
    session = Play(PlayingUart(answers), flow=flow, pin="1234")
    session.engine.config.keepalive = (1, 7200, 75, 9)
    try:
        session.modem.connect(timeout=60)
    except ModemError as error:
        return session, error
    return session, None


def test_each_step_of_the_bring_up():
    for typed in STEPS:
        for answer in BAD:
            session, error = brought_up(typed, answer)
            assert typed in session.uart.lines, typed
            if error is None:
                assert session.modem.isconnected(), (typed, answer)
            else:
                assert error.step and error.hint, (typed, answer)
                assert session.modem.active() is False and not session.modem.isconnected()
                comes_back(session)


# -- links ---------------------------------------------------------------------------------------


def ended(function, *args):
    """The result, or None when it raised an OSError; anything else is a fault of ours."""
    try:
        return function(*args)
    except OSError:
        return None


def talk(session):
    """All that a socket does: true if everything went well."""
    sock = session.modem.socket()
    sock.settimeout(40)
    sock.setsockopt(6, 4, 60)
    sock.bind(("", 5000))
    good = errno_of(sock.connect, ("h", 80)) is None
    good = good and ended(sock.send, b"hello") == 5
    session.run(2500)  # with a sweep for data whose news was lost
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    good = good and ended(sock.recv, 9) == b"abc"
    sock.close()
    session.run(1000)
    return good


def playing():
    session = Play()
    session.modem.connect()
    return session


def counters(session):
    """What a person can see of a fault."""
    stats = session.modem.stats()
    names = ("timeouts", "resyncs", "losses", "unknown_lines", "restarts", "bringups")
    return [stats[name] for name in names] + [len(stats["errors"])]


def survives(begin, answer):
    """One who uses the modem while it answers so sees it; the next connection works."""
    session = playing()
    session.uart.spoil(begin, answer)
    was_good = talk(session)
    session.run(40_000)  # with a check of the idle modem
    while any(link.up for link in session.modem.links):
        session.run(10_000)
        assert session.now < START_MS + 300_000, (begin, answer, session.modem)
    assert session.uart.spoilt, begin
    session.uart.spoil(None, b"")
    assert talk(session), (begin, answer, session.modem)
    session.run(5000)
    links = session.modem.links
    assert not session.uart.linked and not any(link.up for link in links), (begin, answer)
    return was_good, counters(session)


def test_all_is_well_with_a_modem_that_plays_along():
    session = playing()
    before = counters(session)
    assert talk(session) and talk(session)
    session.run(60_000)
    assert counters(session) == before
    typed = b"".join(session.uart.lines)
    for begin in COMMANDS:
        assert begin in typed, begin


COMMANDS = (
    b"AT+CIPTKA=",
    b"AT+CLPORT=0",
    b"AT+CIPSTART=0",
    b"AT+CIPSEND=0",
    b"AT+CIPRXGET=4,0",
    b"AT+CIPRXGET=2,0",
    b"AT+CIPACK=0",
    b"AT+CIPCLOSE=0",
    b"AT+CIPSTATUS",
)
# Where a refusal is an answer like another: how much is not acknowledged cannot be told, the link
# is closed already.
MAY_REFUSE = (b"AT+CIPACK=0", b"AT+CIPCLOSE=0")


def test_each_command_of_a_link():
    quiet = counters(playing())
    for begin in COMMANDS:
        for answer in BAD:
            was_good, counted = survives(begin, answer)
            assert counted != quiet or not was_good or begin in MAY_REFUSE, (begin, answer)


def test_each_result_of_a_send():
    quiet = counters(playing())
    for answer in BAD + (
        b"\r\n0, SEND FAIL\r\n",
        b"\r\nDATA ACCEPT:0,3\r\n",
        b"\r\nDATA ACCEPT:0,9\r\n",
        b"\r\nDATA ACCEPT:0,-5\r\n",
        b"\r\nDATA ACCEPT:0\r\n",
        b"\r\nDATA ACCEPT:6,5\r\n",
        b"\r\nDATA ACCEPT:1,5\r\n",
        b"\r\nDATA ACCEPT:x,y\r\n",
        b"\r\n6, SEND OK\r\n",
        b"\r\n0, CLOSED\r\n",
    ):
        _, counted = survives(SENT, answer)
        assert counted != quiet, answer


PULLS = (
    b"+CIPRXGET: 2,0,-3,0",
    b"+CIPRXGET: 2,0,3,-1",
    b"+CIPRXGET: 2,0,1461,0",
    b"+CIPRXGET: 2,0,99999999999999999999,0",
    b"+CIPRXGET: 2,6,3,0",
    b"+CIPRXGET: 2,-1,3,0",
    b"+CIPRXGET: 2,0,x,0",
    b"+CIPRXGET: 2,0,,",
    b"+CIPRXGET: 2,0",
    b"+CIPRXGET: 2",
    b"+CIPRXGET:",
    b"+CIPRXGET: 9,0,3,0",
    b"+CIPRXGET: 2,0,0x3,0",
    b"IPRXGET: 2,0,3,0",
    b"+CIPRXGET: 2,1,3,0",
    b"+CIPRXGET: 2,0,4,0",
    b"+CIPRXGET: 2,0,2,0",
)


def test_each_header_of_a_read():
    quiet = counters(playing())
    for header in PULLS:
        for payload in (b"abc", b"OK\r", b""):
            _, counted = survives(b"AT+CIPRXGET=2,0", b"\r\n" + header + b"\r\n" + payload + OK)
            assert counted != quiet, header


def test_each_answer_to_how_much_is_left():
    for left in (b"x", b"-1", b"", b"99999999999", b"1461", b"1"):
        for n in (b"0", b"6", b"7", b"-1", b"99"):
            survives(b"AT+CIPRXGET=4,0", b"\r\n+CIPRXGET: 4," + n + b"," + left + b"\r\n" + OK)


def test_each_answer_to_cipack():
    for told in (b"", b"x,y,z", b"-5,0,5", b"5", b"5,5", b"99999999999,0,0", b"5,0,99999999999"):
        survives(b"AT+CIPACK=0", b"\r\n+CIPACK: " + told + b"\r\n" + OK)


def test_each_answer_to_cipstatus():
    line = b'C: %s,0,"TCP","1.2.3.4","80",%s\r\n'
    for n in (b"0", b"5", b"6", b"-1", b"x", b""):
        for state in (b'"CONNECTED"', b'"NONSENSE"', b"CONNECTED", b'"CONN', b""):
            answer = OK + b"\r\nSTATE: NONSENSE\r\n\r\n" + line % (n, state)
            survives(b"AT+CIPSTATUS", answer)


# -- what comes unasked --------------------------------------------------------------------------

HEADERS = (
    b"ECEIVE,3,10:",
    b"+RECEIVE,3,10",
    b"+RECEIVE,6,10:",
    b"+RECEIVE,9,10:",
    b"+RECEIVE,-1,10:",
    b"+RECEIVE,0,-10:",
    b"+RECEIVE,0,0:",
    b"+RECEIVE,0,1461:",
    b"+RECEIVE,0,99999999999:",
    b"+RECEIVE,0,x:",
    b"+RECEIVE,,:",
    b"+RECEIVE:",
    b"+RECEIVE,0:",
    b"RECEIVE,0,10:",
    b"CEIVE,0,10:",
    b"+CIPRXGET: 1,6",
    b"+CIPRXGET: 1,-1",
    b"+CIPRXGET: 1,x",
    b"+CIPRXGET: 1,",
    b"+IPD,5:",
)


def test_each_header_that_nobody_can_read():
    for flow in (False, True):
        for header in HEADERS:
            session = Play(flow=flow)
            session.uart._answers[b"AT+IFC?\r"] = b"\r\n+IFC: 2,2\r\n" + OK
            session.modem.connect()
            before = counters(session)
            ended(session.modem.socket().connect, ("h", 80))
            session.say(b"\r\n" + header + b"\r\n0123456789\r\n")
            session.run(3000)
            assert counters(session) != before, header
            session.modem.links[0].close()
            session.run(20_000)
            connects(session)


def connects(session):
    sock = session.modem.socket()
    sock.settimeout(90)
    sock.connect(("h", 80))
    assert sock.send(b"hello") == 5
    sock.close()
    session.run(15_000)
    assert not session.uart.linked


def test_lines_about_links_that_there_are_not():
    session = playing()
    sock = session.modem.socket()
    sock.connect(("h", 80))
    before = session.engine.intake.unknown
    words = (b"CONNECT OK", b"CLOSED", b"SEND OK", b"CLOSE OK", b"REMOTE IP: 10.0.0.1")
    for n in (b"6", b"7", b"9", b"10", b"-1", b"", b"x", b"00"):
        for word in words:
            session.say(b"\r\n" + n + b", " + word + b"\r\n")
    assert session.engine.intake.unknown == before + 8 * len(words)
    assert [link.state_name() for link in session.modem.links[1:]] == ["INITIAL"] * 5
    assert sock.send(b"hello") == 5


# -- the rest ------------------------------------------------------------------------------------


def test_each_answer_to_a_name():
    for answer in BAD + (
        OK,
        OK + b"\r\n+CDNSGIP: 0,8\r\n",
        OK + b'\r\n+CDNSGIP: 1,"other","10.0.0.1"\r\n',
        OK + b'\r\n+CDNSGIP: 1,"h","10.0.0"\r\n',
        OK + b"\r\n+CDNSGIP: x\r\n",
    ):
        session = playing()
        resolver = session.engine.resolver = Resolver(session.engine)
        session.uart.spoil(b"AT+CDNSGIP", answer)
        resolver.ask("h", session.modem.driver.now())
        session.run(14_000)
        if resolver.asked is not None:
            resolver.give_up()
        assert resolver.error and resolver.find("h", session.modem.driver.now()) is None, answer
        session.uart.spoil(None, b"")
        session.run(5000)
        resolver.ask("h", session.modem.driver.now())
        session.run(1000)
        assert resolver.find("h", session.modem.driver.now()) == "10.0.0.1", answer
        assert talk(session)


def test_each_answer_to_a_server():
    for answer in BAD + (OK, OK + b"\r\nSERVER CLOSE\r\n"):
        session = playing()
        session.uart.spoil(b"AT+CIPSERVER=1", answer)
        sock = session.modem.socket()
        sock.bind(("", 80))
        code = errno_of(sock.listen)
        if code is None:
            assert answer.endswith(b"SERVER CLOSE\r\n")  # a word of the server is taken for OK
        else:
            assert code in (errno.EOPNOTSUPP, errno.EADDRINUSE, errno.ETIMEDOUT), answer
        sock.close()
        session.run(30_000)
        session.uart.spoil(None, b"")
        again = session.modem.socket()
        again.bind(("", 80))
        again.listen()
        assert talk(session)


def test_each_answer_to_ato():
    for answer in BAD + (b"\r\nNO CARRIER\r\n", b"\r\nCONNECT FAIL\r\n"):
        session, stream = opened()
        ask(session)
        escapes(session)
        session.talk((b"AT+CSQ\r", MISPLACED), (b"ATO\r", answer))
        session.uart = session.modem.driver.uart = PlayingUart()
        if b"CONNECT\r" not in answer:  # which is what should come
            session.run(30_000)
            assert ended(stream.read, 1) in (None, b"") and stream.ioctl(3, 1) & (1 | 8), answer
        is_left(session, stream, answer)


def test_each_answer_to_the_escape():
    for answer in BAD:
        session, stream = opened()
        ask(session)
        session.expect(b"+++")
        session.run(600)
        session.say(answer)
        session.uart = session.modem.driver.uart = PlayingUart()
        session.run(10_000)
        is_left(session, stream, answer)


def is_left(session, stream, answer):
    """The six links are back."""
    stream.close()
    session.run(60_000)
    assert session.engine.data is None and session.modem.isconnected(), answer
    assert talk(session), answer
