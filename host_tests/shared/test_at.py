"""`Modem.at`: what is typed, which lines are the answer, how it ends, what is refused."""

import errno

from session import PUSH_BRING_UP, Session, errno_of, splits
from sixlink.command import Command
from sixlink.errors import ModemError
from sixlink.resolver import Resolver
from test_bringup import BRING_UP, AnsweringUart
from test_payload import pull_answer, push
from test_send import status

OK = b"\r\nOK\r\n"
CSQ = b"\r\n+CSQ: 20,0\r\n" + OK


class PieceUart(AnsweringUart):
    """An answer that is a tuple of pieces comes in piece by piece, one a read."""

    def __init__(self, answers=None):
        super().__init__(answers)
        self._pieces = []

    def say(self, data):
        self._pieces += data if isinstance(data, tuple) else (data,)

    def write(self, buf, at, n):
        super().write(bytes(buf[at : at + n]).replace(b"\n", b""), 0, n)
        return n

    def any(self):
        if not len(self._rx) and self._pieces:
            self._rx = self._rx + self._pieces.pop(0)
        return super().any()


def connected(lines=BRING_UP, **options):
    """A session that is up, with a modem whose answers `answer` sets."""
    session = Session(**options)
    session.uart = session.modem.driver.uart = PieceUart(dict(lines))
    answer(session, b"AT+CIPSTATUS\r", status())
    session.modem.connect()
    del session.uart.lines[:]
    return session


def answer(session, line, *pieces):
    session.uart._answers[line] = pieces


def fails(session, text, code, cme=-1, **options):
    """`text` ends with this error, which names it, and the next command works."""
    try:
        session.modem.at(text, **options)
        raise AssertionError(text)
    except ModemError as error:
        assert (error.errno, error.cme) == (code, cme), error
        step = error.step
        assert step in str(error)
    works(session)
    return step


def works(session):
    session.run(5000)  # what resync there is has ended
    answer(session, b"AT+CSQ\r", CSQ)
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
    assert session.modem.isconnected()


# -- the answer -----------------------------------------------------------------------------------

ANSWERS = (
    ("+CSQ", b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n", ["+CSQ: 20,0"]),
    ("I", b"\r\nAirM2M_780E_V1169_LTE_AT\r\n\r\nOK\r\n", ["AirM2M_780E_V1169_LTE_AT"]),
    ("+CGSN", b"\r\n861290079934290\r\n\r\nOK\r\n", ["861290079934290"]),
    ("+CMEE?", b"\r\n+CMEE :1\r\n\r\nOK\r\n", ["+CMEE :1"]),
    ("+IPR=?", b"\r\n+IPR:(0,9600,115200)\r\n\r\nOK\r\n", ["+IPR:(0,9600,115200)"]),
    ("+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n", ["+CREG: 0,1"]),
    ("+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n", ["+CPIN: READY"]),
    ("+CFUN?", b"\r\n+CFUN: 1\r\n\r\nOK\r\n", ["+CFUN: 1"]),
    ("+CIPRXGET?", b"\r\n+CIPRXGET: 1\r\n\r\nOK\r\n", ["+CIPRXGET: 1"]),
    ("+CSTT?", b'\r\n+CSTT: "a","",""\r\n\r\nOK\r\n', ['+CSTT: "a","",""']),
    (
        "+CDNSCFG?",
        b"\r\nPrimaryDns: 211.136.112.50\r\nSecondaryDns: 211.136.150.66\r\n\r\nOK\r\n",
        ["PrimaryDns: 211.136.112.50", "SecondaryDns: 211.136.150.66"],
    ),
    (
        "+CIPSTATUS=0",
        b'\r\n+CIPSTATUS: 0,0,"TCP","5.196.95.208","1883","CONNECTED"\r\n\r\nOK\r\n',
        ['+CIPSTATUS: 0,0,"TCP","5.196.95.208","1883","CONNECTED"'],
    ),
    (
        "+CIPSTATUS=1",
        b'\r\n1,0,"TCP","5.196.95.208","1883","CONNECTED"\r\n\r\nOK\r\n',
        ['1,0,"TCP","5.196.95.208","1883","CONNECTED"'],
    ),
    ("^HEARTINQUIRE?", b"\r\n^HEARTINQUIRE: 1,0\r\n\r\nOK\r\n", ["^HEARTINQUIRE: 1,0"]),
    ("&V", b"\r\nE: 0\r\n+CRLP: 61,61\r\n\r\nOK\r\n", ["E: 0", "+CRLP: 61,61"]),
    (
        "+CIPSCONT?",
        b"\r\n+CIPSPRT: 1\r\nGprs Config APN: cmnet\r\n\r\nOK\r\n",
        ["+CIPSPRT: 1", "Gprs Config APN: cmnet"],
    ),
    ("+CIFSR", b"\r\n10.74.100.63\r\n", ["10.74.100.63"]),
    ("+CIPCLOSE=?", b"\r\nOK\r\n", []),
    ("", b"\r\nOK\r\n", []),
    (
        "+CIPSTATUS",
        status(b"CONNECTED"),
        ["STATE: IP PROCESSING", 'C: 0,0,"TCP","1.2.3.4","80","CONNECTED"']
        + ['C: %d,,"","","","INITIAL"' % n for n in range(1, 6)],
    ),
)


def test_an_answer_whole_byte_by_byte_and_at_every_split():
    session = connected(rxbuf=16)  # the firmware looks each ms
    for text, wire, lines in ANSWERS:
        for pieces in splits(wire):
            answer(session, b"AT" + text.encode() + b"\r", *pieces)
            assert session.modem.at(text) == lines, pieces
        del session.uart.lines[:]
    stats = session.modem.stats()
    assert (stats["timeouts"], stats["losses"], stats["resyncs"]) == (0, 0, 0)


URCS = (
    b"\r\n+NITZ: 24/08/22,07:00:02+32, \r\n",
    b"\r\n+CREG: 5\r\n",
    b'\r\n+CREG: 5,"1806","0B2AA30C",7\r\n',
    b"\r\n^MODE: 17,17\r\n",
    b"\r\n+CGEV: ME PDN ACT 1,0\r\n",
    b"\r\n+FRESH: 1,2\r\n",  # one that nobody knows yet
)


def seams(wire):
    """Every place between two lines, before the first and behind the last."""
    at = 0
    while at >= 0:
        yield at
        at = wire.find(b"\r\n", at + 2) if at else wire.find(b"\r\n", 2)
        at = at + 2 if at > 0 else -1


def test_a_urc_in_each_seam_is_no_line_of_the_answer():
    session = connected()
    for text, wire, lines in ANSWERS:
        if text == "&V" or text == "+CIPSCONT?":
            continue  # theirs are settings of any name
        for urc in URCS:
            for at in seams(wire):
                torn = wire[:at] + urc + wire[at:]
                answer(session, b"AT" + text.encode() + b"\r", torn)
                assert session.modem.at(text) == lines, torn
                session.pump(2)
    assert session.engine.bringup.registered == 5
    assert session.modem.stats()["timeouts"] == 0


def test_a_registration_that_changes_while_it_is_asked_for():
    session = connected()
    wire = b'\r\n+CREG: 2,1,"1806","0B2AA30C",7\r\n' + OK
    for urc in (b"\r\n+CREG: 5\r\n", b'\r\n+CREG: 5,"1806","0B2AA30C",7\r\n'):
        for at in (0, len(wire) - len(OK)):
            session.engine.bringup.registered = 1
            answer(session, b"AT+CREG?\r", wire[:at] + urc + wire[at:])
            assert session.modem.at("+CREG?") == ['+CREG: 2,1,"1806","0B2AA30C",7']
            assert session.engine.bringup.registered == 5


def test_a_card_that_is_changed_while_it_is_asked_for():
    session = connected()
    for urc in (b"\r\n+CPIN: SIM REMOVED 0\r\n", b"\r\n+CPIN: READY 0\r\n"):
        answer(session, b"AT+CPIN?\r", urc + b"\r\n+CPIN: SIM PIN2\r\n" + OK)
        assert session.modem.at("+CPIN?") == ["+CPIN: SIM PIN2"]
        del session.uart.lines[:]
        session.run(500)  # the engine asks what became of its links
        assert session.uart.lines == [b"AT\r", b"AT+CIPSTATUS\r"]


def test_a_card_that_is_missing_is_an_answer_and_news():
    session = connected()
    for word, asked in ((b"NOT INSERTED", True), (b"NOT READY", True), (b"READY", False)):
        answer(session, b"AT+CPIN?\r", b"\r\n+CPIN: " + word + b"\r\n" + OK)
        assert session.modem.at("+CPIN?") == ["+CPIN: " + word.decode()]
        del session.uart.lines[:]
        session.run(500)
        assert (b"AT+CIPSTATUS\r" in session.uart.lines) == asked


def test_an_address_that_somebody_else_asked_for_goes_to_him():
    session = connected()
    session.engine.resolver = resolver = Resolver(session.engine)
    resolver.ask("a.example", session.now)
    session.run(50)
    told = b'\r\n+CDNSGIP: 1,"a.example","10.0.0.1"\r\n'
    answer(session, b'AT+CDNSGIP="b.example"\r', told + OK)
    assert session.modem.at('+CDNSGIP="b.example"') == []
    assert resolver.find("a.example", session.now) == "10.0.0.1"


def test_the_name_may_be_written_in_any_way():
    session = connected()
    for text in ("+CSQ", "AT+CSQ", "at+csq", b"AT+CSQ", "+csq"):
        session.uart._answers[b"AT+CSQ\r"] = session.uart._answers[b"AT+csq\r"] = CSQ
        assert session.modem.at(text) == ["+CSQ: 20,0"], text
    assert set(session.uart.lines) == {b"AT+CSQ\r", b"AT+csq\r"}


def test_a_prefix_that_only_begins_alike_is_another():
    session = connected()
    answer(session, b"AT+CSQ\r", b"\r\n+CSQN: 31,99\r\n" + CSQ)
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]


def test_lines_that_read_alike_are_all_kept():
    session = connected()
    wire = b"\r\n+COPN: 1\r\n" * 5 + OK
    for pieces in splits(wire):
        answer(session, b"AT+COPN\r", *pieces)
        assert session.modem.at("+COPN") == ["+COPN: 1"] * 5


def test_a_line_that_is_dealt_with_again_after_an_interrupt_is_kept_once():
    session = connected()
    framer = session.engine.intake.framer
    take = framer.take
    cut = []

    def interrupted():
        if not cut and session.uart.lines:
            cut.append(1)
            raise OSError(errno.EIO)  # in the place of a Ctrl-C that a background tick catches
        take()

    framer.take = interrupted
    answer(session, b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n", b"\r\n+CSQ: 20,0\r\n", OK)
    driver = session.modem.driver
    turn = driver.turn

    def caught():
        try:
            return turn()
        except OSError:
            return True

    driver.turn = caught
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"] * 2
    assert cut


def test_cipstatus_is_believed_by_the_engine_too():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", b"\r\nOK\r\n\r\nSTATE: PDP DEACT\r\n" + status()[-120:])
    session.modem.at("+CIPSTATUS")
    assert session.engine.bearer.name() == "PDP DEACT"


# -- beside links ---------------------------------------------------------------------------------


def test_payload_that_comes_between_is_payload():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.open(0)
    lines = dict(PUSH_BRING_UP)
    for at in seams(CSQ):
        session.uart = session.modem.driver.uart = PieceUart(lines)
        payload = b"\r\n+CSQ: 9,9\r\n\r\nOK\r\n"
        for pieces in splits(CSQ[:at] + push(payload) + CSQ[at:]):
            answer(session, b"AT+CSQ\r", *pieces)
            assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
            session.pump()
            assert sock.read() == payload


def test_data_that_waits_is_noticed_even_in_an_answer_of_the_same_name():
    session = Session().bring_up()
    sock = session.open(0)
    session.uart = session.modem.driver.uart = PieceUart(dict(BRING_UP))
    for text, line in (
        ("+CIPRXGET?", b"\r\n+CIPRXGET: 1\r\n"),
        ("+CIPRXGET=4,0", b"\r\n+CIPRXGET: 4,0,3\r\n"),
        ("+CSQ", b"\r\n+CSQ: 20,0\r\n"),
    ):
        for wire in (b"\r\n+CIPRXGET: 1,0\r\n" + line + OK, line + b"\r\n+CIPRXGET: 1,0\r\n" + OK):
            answer(session, b"AT+CIPRXGET=2,0,1024\r", pull_answer(b"abc"))
            answer(session, b"AT" + text.encode() + b"\r", wire)
            assert session.modem.at(text) == [line.strip().decode()]
            session.run(100)
            assert sock.read() == b"abc", text


def test_a_link_that_closes_meanwhile_is_closed():
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.open(2 - 2)
    session.uart = session.modem.driver.uart = PieceUart(dict(PUSH_BRING_UP))
    answer(session, b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n\r\n0, CLOSED\r\n" + OK)
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
    assert sock.read() == b""


def test_commands_without_end_leave_the_links_their_turn():
    session = Session().bring_up()
    sock = session.open(0)
    session.uart = session.modem.driver.uart = PieceUart(dict(BRING_UP))
    answer(session, b"AT+CIPRXGET=2,0,1024\r", pull_answer(b"abc"))
    for _ in range(4):
        session.engine.call(Command(Resolver(session.engine), b"AT\r"))
    session.uart.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.run(200)
    assert session.uart.lines == [b"AT\r", b"AT+CIPRXGET=2,0,1024\r"] + [b"AT\r"] * 3
    assert sock.read() == b"abc"


def test_it_waits_for_its_turn_behind_four_others():
    session = connected()
    answer(session, b"AT+CSQ\r", CSQ)
    owner = Resolver(session.engine)
    for _ in range(4):
        session.engine.call(Command(owner, b"AT\r"))
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
    assert session.uart.lines == [b"AT\r"] * 4 + [b"AT+CSQ\r"]


# -- how it ends ----------------------------------------------------------------------------------


def test_error_ends_it_with_eio():
    session = connected()
    for pieces in splits(b"\r\nERROR\r\n"):
        answer(session, b"AT+FOO\r", *pieces)
        assert errno_of(session.modem.at, "+FOO") == errno.EIO, pieces
    assert fails(session, "+FOO", errno.EIO) == "AT+FOO"


def test_a_cme_number_is_kept_and_an_errno_found_for_it():
    session = connected()
    for cme, code in (
        (3, errno.EIO),
        (4, errno.EOPNOTSUPP),
        (10, errno.ENODEV),
        (53, errno.EINVAL),
    ):
        answer(session, b"AT+FOO?\r", b"\r\n+FOO: 1\r\n\r\n+CME ERROR: %d\r\n" % cme)
        fails(session, "AT+FOO?", code, cme)
    for line in (b"+CME ERROR: operation not allowed", b"+CMS ERROR: x"):
        answer(session, b"AT+FOO?\r", b"\r\n" + line + OK[:2])
        fails(session, "AT+FOO?", errno.EIO)
    answer(session, b"AT+CIFSR\r", b"\r\n+CME ERROR: 3\r\n")
    fails(session, "+CIFSR", errno.EIO, 3)
    answer(session, b"AT+CIPSTATUS\r", b"\r\nERROR\r\n")
    fails(session, "+CIPSTATUS", errno.EIO)


def test_no_answer_is_a_timeout_and_the_session_is_mended():
    session = connected()
    answer(session, b"AT+FOO\r", b"")
    start = session.now
    assert fails(session, "+FOO", errno.ETIMEDOUT, timeout=2) == "AT+FOO"
    assert 2000 <= session.now - start < 20_000
    assert session.modem.stats()["resyncs"] == 1
    assert session.uart.lines[:3] == [b"AT+FOO\r", b"AT\r", b"AT+CIPSTATUS\r"]


def test_a_status_whose_lines_do_not_come_is_a_timeout():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", b"\r\nOK\r\n")
    assert errno_of(session.modem.at, "+CIPSTATUS", 2) == errno.ETIMEDOUT
    answer(session, b"AT+CIPSTATUS\r", b"\r\nOK\r\n\r\nSTATE: IP STATUS\r\n")
    assert errno_of(session.modem.at, "+CIPSTATUS", 2) == errno.ETIMEDOUT
    answer(session, b"AT+CIPSTATUS\r", status())
    works(session)


def test_a_late_answer_is_not_that_of_the_next_command():
    session = connected()
    answer(session, b"AT+FOO\r", b"")
    answer(session, b"AT+CIPSTATUS\r", status())
    assert errno_of(session.modem.at, "+FOO", 1) == errno.ETIMEDOUT
    session.uart.say(b"\r\n+FOO: 1\r\n" + OK)
    answer(session, b"AT+CSQ\r", CSQ)
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]


def test_the_answer_of_another_command_has_no_lines_for_us():
    session = connected()
    for other in (b"+CGATT: 1", b"+CREG: 0,1", b"+CPIN: READY", b"+COPS: 0"):
        answer(session, b"AT+CSQ\r", b"\r\n" + other + b"\r\n" + OK)
        assert session.modem.at("+CSQ") == [], other
    for other in (b"SHUT OK", b"0, CLOSE OK", b"DATA ACCEPT:0,5", b"0, SEND OK", b"CONNECT"):
        answer(session, b"AT+CSQ\r", b"\r\n" + other + b"\r\n")
        answer(session, b"AT+CIPSTATUS\r", status())
        assert errno_of(session.modem.at, "+CSQ", 1) == errno.ETIMEDOUT, other
        works(session)


def test_damage_is_survived():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", status())
    for at in range(len(CSQ)):
        answer(session, b"AT+CSQ\r", CSQ[:at] + CSQ[at + 1 :])
        try:
            lines = session.modem.at("+CSQ", 1)
            assert len(lines) <= 1
        except ModemError as error:
            assert error.errno in (errno.ETIMEDOUT, errno.EIO)
        session.run(3000)
    for noise in (b"\xff\x00\n", b"\r\n+CSQ\r\n", b"\r\n+CSQ:\r\n", b"\r\n:\r\n", b"\r\n>\r\n"):
        answer(session, b"AT+CSQ\r", noise + CSQ)
        assert session.modem.at("+CSQ")[-1] == "+CSQ: 20,0"
    works(session)


def test_an_answer_without_end_is_refused_and_costs_no_memory():
    session = connected()
    answer(session, b"AT+CSQ\r", *([b"\r\n+CSQ: 20,0\r\n" * 20] * 50), OK)
    try:
        session.modem.at("+CSQ")
        raise AssertionError("all of it was kept")
    except ModemError as error:
        assert error.errno == errno.ENOBUFS
    works(session)


def test_an_overlong_line_is_a_loss():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", status())
    answer(session, b"AT+COPS=?\r", b"\r\n+COPS: " + b"x" * 200, b"x" * 200 + OK)
    fails(session, "+COPS=?", errno.EIO)


def test_echo_that_has_come_back_is_no_answer():
    session = connected()
    answer(session, b"AT+CIPSTATUS\r", status())
    answer(session, b"AT+CSQ\r", b"AT+CSQ\r" + CSQ)
    assert errno_of(session.modem.at, "+CSQ") in (errno.EIO, errno.ETIMEDOUT)
    works(session)
    assert b"ATE0\r" in session.uart.lines


def test_a_restart_in_the_middle_ends_it():
    session = connected()
    answer(session, b"AT+FOO\r", b"\r\nRDY\r\n")
    assert errno_of(session.modem.at, "+FOO") == errno.ETIMEDOUT
    session.run(30_000)
    works(session)


# -- when there is no connection ------------------------------------------------------------------


def test_before_the_first_connect_nothing_is_typed():
    session = Session()
    session.engine.baud = 115200
    assert errno_of(session.modem.at, "+CSQ") == errno.ENOTCONN
    session.run(1000)
    assert bytes(session.uart.typed) == b""


def test_after_a_connect_that_failed_the_modem_can_be_asked_why():
    session = Session()
    session.uart = session.modem.driver.uart = PieceUart(dict(BRING_UP))
    answer(session, b"AT+CPIN?\r", b"\r\n+CME ERROR: 10\r\n")
    assert errno_of(session.modem.connect) == errno.ENODEV
    answer(session, b"AT+CSQ\r", CSQ)
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
    assert session.modem.status() == session.modem.STAT_FAILED
    session.uart = session.modem.driver.uart = PieceUart({b"AT\r": b""})
    answer(session, b"AT+CSQ\r", b"")
    assert errno_of(session.modem.at, "+CSQ") == errno.ETIMEDOUT
    assert session.modem.status() == session.modem.STAT_FAILED


def test_after_disconnect_it_can_still_be_asked():
    session = connected()
    session.modem.disconnect()
    answer(session, b"AT+CSQ\r", CSQ)
    answer(session, b"AT+CIPSTATUS\r", status())
    assert session.modem.at("+CSQ") == ["+CSQ: 20,0"]
    assert session.modem.active() is False


def test_during_a_bring_up_that_takes_longer_it_is_withdrawn():
    session = Session()
    session.uart = session.modem.driver.uart = PieceUart(dict(BRING_UP))
    answer(session, b"AT+CREG?\r", b"\r\n+CREG: 0,2\r\n" + OK)
    session.modem.connect(timeout=0)
    session.run(3000)
    start = session.now
    assert errno_of(session.modem.at, "+CSQ", 2) == errno.ETIMEDOUT
    assert 1900 <= session.now - start < 2500
    assert session.engine.queue == []


def test_from_inside_a_pump_it_is_refused_and_nothing_is_queued():
    session = connected()
    seen = []
    session.modem.keep_going = lambda: seen.append(errno_of(session.modem.at, "+CSQ"))
    answer(session, b"AT+COPS?\r", b"", b"\r\n+COPS: 0\r\n", b"", OK)
    assert session.modem.at("+COPS?") == ["+COPS: 0"]
    assert seen and set(seen) == {errno.EALREADY}
    with session.modem.driver:
        assert errno_of(session.modem.at, "+CSQ") == errno.EALREADY
        assert session.modem.driver.busy
    assert session.engine.queue == []
    assert b"AT+CSQ\r" not in session.uart.lines


def test_an_interrupt_while_it_waits_for_its_turn_withdraws_it():
    session = connected()

    def press():
        raise KeyboardInterrupt

    driver = session.modem.driver
    wait = driver._wait
    answer(session, b"AT+FOO\r", b"")
    session.engine.resync.begin(session.now)  # keeps it waiting
    driver._wait = lambda ms: press()
    try:
        session.modem.at("+CSQ")
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    driver._wait = wait
    assert session.engine.queue == []
    assert b"AT+CSQ\r" not in session.uart.lines


# -- what is refused ------------------------------------------------------------------------------

ENDS_THE_SESSION = """\
+CIPSTART=0,"TCP","h",80;+CIPSTART="TCP","h",80;+CIPSEND;+CIPSEND=0,5;+CIPSEND=0;+CIPSENDHEX=0,1
+CIPCLOSE;+CIPCLOSE=0;+CIPCLOSE=0,1;+CIPSHUT;+CIPMUX=0;+CIPMUX=1;+CIPMODE=1;+CIPRXGET=0;+CIPRXGET=1
+CIPRXGET=2,0,100;+CIPRXGET=3,0,100;+CIPRXGET=5;+CIPRXGET=;+CIPRXGET=44;+CIPQSEND=0;+CIPSPRT=0
+CIPATS=1,5;+CIPRXF=0;+CIPHEAD=1;+CIPSRIP=1;+CIPSHOWTP=1;+CIPSERVER=1,80;+CSTT;+CSTT="a";+CIICR
O;E1;Z;&F;&F0;Z0;D*99#;D10086;Q1;V0;V;&K3;+IPR=9600;+IFC=2,2;+ICF=3;+CFUN=0;+CFUN=1,1;+RESET
+CPOWD=1;+CMEE=0;+CMEE=2;+CMEE;+CGATT=0;+CGACT=0,1;+CMUX=0;+CSCLK=2;+CMGS="1";+FSWRITE="x",0,5,10
^RESET;*CFUN=0;+cipshut;+CipMux=0;at+cipshut""".replace("\n", ";").split(";")
NO_COMMAND = (
    "\r", "+CSQ\r", "+CSQ\n", "+CSQ\rAT+CIPSHUT", "+CSQ\x00", "+CSQ\x1a", "+CSQ\x1b", "+CSQ\t",
    "+CSQ\x7f", "+CSQ\xe9", b"+CSQ\xff", "+CSQ" + " " * 300, "+CSQ;+CIPSHUT", "+CSQ;", 'I;E1',
    "E0Q1V1", "IE1", "S0=1E1", "S3=10", "S3=10?", "+", "+=1", "+?", "?", "=1", "++CSQ", "+++",
    "+CIPMUX =0", "+ CIPMUX=0", " +CIPSHUT", "+CIP.SHUT", "+CIPMUX?=0", "+CIPMUX=?0;", "+CSQ?x",
    '+CGDCONT=1,"IP","a;+CIPSHUT', '+CGDCONT=1,"a";+CIPSHUT', 'I"', "\\Q3", "/", "A/", "&", "S?",
)  # fmt: skip


def refused(session, text, **options):
    try:
        session.modem.at(text, **options)
    except ValueError as error:
        return str(error)
    raise AssertionError(repr(text))


def test_what_would_end_the_session_is_refused_by_its_name_and_nothing_is_typed():
    session = connected()
    for text in ENDS_THE_SESSION:
        name = text.upper().split("=")[0].replace("AT+", "+")
        assert name in refused(session, text), text
        refused(session, "AT" + text if text[:2] != "at" else text)
    session.run(1000)
    assert session.uart.lines == []
    assert session.modem.isconnected()


def test_asking_about_all_of_them_is_allowed():
    session = connected()
    for text in ENDS_THE_SESSION:
        name = text.split("=")[0]
        if name[0] in "+^*":
            for form in (name + "?", name + "=?"):
                session.modem.at(form)
                assert session.uart.lines[-1] == b"AT" + form.encode() + b"\r"
    answer(session, b"ATE0\r", OK)
    allowed = ("E0", "V1", "Q0", "S0?", "S12?", "I0", "&W", "H", "+CMEE=1", "+CSCLK=1", "+CLTS=1")
    for text in allowed + ("+CIPRXGET=4,0", "+COPS=1,2,46000", '+CGDCONT=1,"IP","a;b"', "+CPAS"):
        assert session.modem.at(text) == []
        assert session.uart.lines[-1] == b"AT" + text.encode() + b"\r"


def test_what_is_not_one_command_is_refused_and_nothing_is_typed():
    session = connected()
    for text in NO_COMMAND:
        refused(session, text)
    for timeout in (0, -1, 3601):
        assert str(timeout) in refused(session, "+CSQ", timeout=timeout)
    session.run(1000)
    assert session.uart.lines == []


def test_256_bytes_are_typed_and_257_are_not():
    session = connected()
    text = "+CLTS=" + "1" * 250
    assert session.modem.at(text) == []
    assert session.uart.lines == [b"AT" + text.encode() + b"\r"]
    assert "257" in refused(session, text + "1")


def test_a_pin_is_shown_nowhere():
    session = connected()
    told = []
    session.modem.on_event(told.append)
    for text in ('+CPIN="2468"', '+CLCK="SC",0,"2468"', '+CPWD="SC","2468","2468"'):
        for wire in (b"\r\n+CME ERROR: 16\r\n", b"AT" + text.encode() + b"\r\r\nERROR\r\n", b""):
            answer(session, b"AT" + text.encode() + b"\r", wire)
            answer(session, b"AT+CIPSTATUS\r", status())
            try:
                session.modem.at(text, 1)
            except ModemError as error:
                shown = str(error) + repr(error.args)
                assert text.split("=")[0] in shown
            session.run(3000)
            shown += repr(session.modem.stats()) + repr(session.modem) + repr(told)
            shown += repr(session.log) + repr(session.modem.driver.recorder.snapshot())
            assert "2468" not in shown, shown


def test_a_password_that_the_modem_tells_is_for_the_caller_alone():
    session = connected()
    answer(session, b"AT+CSTT?\r", b'\r\n+CSTT: "cmnet","anna","pa55word"\r\n' + OK)
    assert session.modem.at("+CSTT?") == ['+CSTT: "cmnet","anna","pa55word"']
    assert b"pa55word" not in session.modem.driver.recorder.snapshot()
