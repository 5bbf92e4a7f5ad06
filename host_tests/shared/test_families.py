"""Two families of modems: how one is found, what it says of its own, what its numbers mean."""

import errno

from seed import FAMILIES, OK, each_starting, lines_of, push_lines, pushing, starting, up
from session import Session
from sixlink.cmetext import meaning
from sixlink.errors import ModemError
from sixlink.families import family
from sixlink.luat import Luat
from sixlink.modem import Modem
from sixlink.sim800 import Sim800
from test_bringup import ERROR, AnsweringUart, connecting
from test_seed_cipstart import value_error_of

CHECK, SIM, REGISTRATION, NOTICE = 8, 9, 10, 13
BOOT, DEACT, DNS, OFF, SERVER = 6, 7, 11, 12, 18


def event_of(dialect, line):
    """What `line` means, and the dialect, which has what it carried."""
    return dialect.classify(line + b"\r\n", 0, len(line)), dialect


# -- whose modem it is ---------------------------------------------------------------------------


def brought_up(answers, **options):
    """A session that found a modem with those answers."""
    session, error = connecting(answers, **options)
    assert error is None, error
    return session


def test_found_by_ati():
    for name in FAMILIES:
        session = brought_up({b"ATI\r": dict(lines_of(name))[b"ATI\r"]})
        assert session.engine.dialect.name == name
        assert b"AT+CGMM\r" not in session.uart.lines


def test_found_by_cgmm_where_ati_does_not_tell():
    for model, name in ((b"SIMCOM_SIM800L", "sim800"), (b"SIM900", "sim800"), (b"Air724", "luat")):
        answers = {b"ATI\r": b"\r\nR14.18\r\n" + OK, b"AT+CGMM\r": b"\r\n" + model + b"\r\n" + OK}
        session = brought_up(answers)
        assert session.engine.dialect.name == name
        assert b"AT+CGMM\r" in session.uart.lines


def test_an_unknown_model_is_spoken_to_as_luat():
    for answer in (b"\r\nA7670E\r\n" + OK, OK, ERROR):
        session = brought_up({b"ATI\r": answer, b"AT+CGMM\r": answer})
        assert session.engine.dialect.name == "luat"


def test_chosen_by_name_the_modem_is_not_asked():
    for name in FAMILIES:
        for model in FAMILIES:
            answer = dict(lines_of(model))[b"ATI\r"]
            session = brought_up({b"ATI\r": answer}, dialect=name)
            assert session.engine.dialect.name == name
            assert b"AT+CGMM\r" not in session.uart.lines


def test_an_unknown_name_is_refused():
    said = value_error_of(lambda: Modem(AnsweringUart(), dialect="sim7000"))
    assert "sim7000" in said and "sim800" in said


def test_each_family_has_the_name_it_is_chosen_by():
    assert (family("luat"), family("sim800")) == (Luat, Sim800)
    assert (Luat.name, Sim800.name) == FAMILIES


# -- lines of its own ----------------------------------------------------------------------------

BOTH = (
    (b"RDY", BOOT),
    (b"+CFUN: 1", NOTICE),
    (b"+CPIN: READY", SIM),
    (b"+CPIN: NOT READY", SIM),
    (b"+CREG: 1", REGISTRATION),
    (b'+CGREG: 5,"1234","5678"', REGISTRATION),
    (b"+CEREG: 1", REGISTRATION),
    (b"+PDP: DEACT", DEACT),
    (b"+PDP DEACT", DEACT),
    (b"+PDP:DEACT", DEACT),
    (b"+SAPBR 1: DEACT", NOTICE),
    (b'+CDNSGIP: 1,"h","1.2.3.4"', DNS),
    (b"+CDNSGIP:0,8", DNS),
    (b"SERVER OK", SERVER),
    (b"SERVER CLOSE", SERVER),
    (b"NORMAL POWER DOWN", OFF),
    (b"UNDER-VOLTAGE POWER DOWN", OFF),
    (b"UNDER-VOLTAGE WARNNING", NOTICE),
    (b"RING", NOTICE),
    (b'+CMTI: "SM",1', NOTICE),
    (b"RECV FROM:10.0.0.1:80", NOTICE),
    (b"RECV FROM: 10.0.0.1:80", NOTICE),
    (b"+RECV FROM:10.0.0.1:80", NOTICE),
)
OWN = {
    Luat: (
        (b"+CGEV: ME PDN ACT 1,0", NOTICE),
        (b"+CGEV: NW PDN DEACT 1", CHECK),
        (b"+NITZ: 24/08/22,07:27:15+32, ", NOTICE),
        (b"+E_UTRAN Service", NOTICE),
        (b"+GSM Service", NOTICE),
        (b"+NO Service", NOTICE),
        (b"+SIMCROSS: 1", NOTICE),
        (b"^MODE: 17,17", NOTICE),
        (b"^CARDMODE: 2", NOTICE),
        (b"TCP ERROR:14", CHECK),
        (b"UDP ERROR:8", CHECK),
        (b"SMS READY", NOTICE),
        (b"UART Boot Completed", NOTICE),
    ),
    Sim800: (
        (b"Call Ready", NOTICE),
        (b"SMS Ready", NOTICE),
        (b"CHARGE-ONLY MODE", NOTICE),
        (b'*PSUTTZ: 2020,12,9,12,57,4,"+12",0', NOTICE),
        (b'*PSNWID: "460","00","CM",0,"CM",0', NOTICE),
        (b"DST: 0", NOTICE),
        (b'+CTZV: "+12",0', NOTICE),
        (b'+CIEV: 10,"46000"', NOTICE),
        (b"DNS Fail", CHECK),
        (b'S: 0,0,"80","LISTENING"', NOTICE),
    ),
}


def test_lines_that_both_families_have():
    for dialect in OWN:
        for mux in (0, 1):
            for line, event in BOTH:
                assert event_of(dialect(mux), line)[0] == event, (dialect.name, line)


def test_lines_of_one_family():
    for dialect, lines in OWN.items():
        for mux in (0, 1):
            for line, event in lines:
                assert event_of(dialect(mux), line)[0] == event, (dialect.name, line)


def test_lines_of_a_family_disturb_nothing():
    for dialect, lines in OWN.items():
        session = up(dialect.name)
        sock = session.open(0)
        for line, event in lines:
            if event == NOTICE:
                session.say(b"\r\n" + line + b"\r\n")
        session.run(100)
        assert session.engine.intake.unknown == 0 and not session.uart.typed
        assert sock.ioctl(3, 4) == 4


def test_what_sounds_like_a_lost_link_is_asked_about():
    for dialect, lines in OWN.items():
        for line, event in lines:
            if event == CHECK:
                session = up(dialect.name)
                session.open(0)
                session.say(b"\r\n" + line + b"\r\n")
                session.talk((b"AT\r", OK))
                session.expect(b"AT+CIPSTATUS\r")


# -- commands it has not -------------------------------------------------------------------------


def test_a_2g_modem_is_not_asked_for_its_lte_registration():
    searching = {b"AT+C%sREG?\r" % k: b"\r\n+C%sREG: 0,2\r\n" % k + OK for k in (b"", b"G", b"E")}
    for name, asked in (("luat", True), ("sim800", False)):
        session, error = connecting(searching, dialect=name)
        assert error.step == "registration"
        assert (b"AT+CEREG?\r" in session.uart.lines) == asked, name
        assert b"AT+CGREG?\r" in session.uart.lines


def test_ciprxf_is_typed_to_luat_only():
    for name, typed in (("luat", True), ("sim800", False)):
        assert ((b"AT+CIPRXF=1\r", OK) in push_lines(name)) == typed
        Session(dialect=name, flow=True).bring_up(push_lines(name))  # exactly these lines


# -- numbers -------------------------------------------------------------------------------------

NUMBERS = (
    # number, errno and words in luat, errno and words in sim800
    (3, errno.EIO, "operation not allowed", errno.EIO, "operation not allowed"),
    (4, errno.EOPNOTSUPP, "not supported", errno.EOPNOTSUPP, "not supported"),
    (10, errno.ENODEV, "no SIM", errno.ENODEV, "no SIM"),
    (30, errno.EHOSTUNREACH, "no network service", errno.EHOSTUNREACH, "no network service"),
    (107, errno.EIO, "GPRS not allowed", errno.EACCES, "GPRS not allowed"),
    (181, errno.EIO, "QCI value not supported", errno.EAGAIN, "TCP/IP stack busy"),
    (600, errno.EIO, "card access refused", errno.EIO, "no error"),
    (160, errno.EIO, "", errno.ENOENT, "name not resolved"),
    (601, errno.EIO, "", errno.EOPNOTSUPP, "unknown command"),
    (811, errno.EIO, "unknown command", errno.EIO, ""),
    (910, errno.ECONNREFUSED, "connection refused", errno.EIO, ""),
    (911, errno.ETIMEDOUT, "connection timed out", errno.EIO, ""),
    (916, errno.ENOENT, "name not resolved", errno.EIO, ""),
    (65535, errno.EIO, "other error", errno.EIO, ""),
    (99999, errno.EIO, "", errno.EIO, ""),
)


def test_numbers_mean_what_the_family_means():
    for number, luat, words, sim800, other_words in NUMBERS:
        assert Luat().errno_of(number) == luat, number
        assert Sim800().errno_of(number) == sim800, number
        assert meaning(number, "luat") == words, number
        assert meaning(number, "sim800") == other_words, number
    assert meaning(10, "my own") == "no SIM" and meaning(910, "my own") == ""


def test_numbers_are_kept_beside_the_errno():
    for name, at in (("luat", 1), ("sim800", 3)):
        for row in NUMBERS:
            session = up(name)
            _sock, link = starting(session)
            session.say(b"\r\n+CME ERROR: %d\r\n" % row[0])
            assert (link.error, link.cme) == (row[at], row[0])
            assert session.modem.stats()["errors"][-1][3] == row[0]


def test_every_number_with_an_errno_of_its_own_has_words():
    for dialect in (Luat, Sim800):
        for number in dialect.errors:
            assert meaning(number, dialect.name), number


def test_an_error_says_number_words_and_what_to_check():
    answers = {b"AT+CPIN?\r": b"\r\n+CME ERROR: 11\r\n"}
    for name in FAMILIES:
        session, error = connecting(answers, dialect=name)
        assert str(error) == "EACCES: sim, +CME ERROR: 11 (SIM PIN required): check the PIN"
        assert str(error) in repr(session.modem)


def test_an_error_with_a_number_nobody_knows():
    assert str(ModemError(errno.EIO, "bearer", 1234, "x", "luat")).endswith(
        "bearer, +CME ERROR: 1234: x"
    )


def test_an_error_in_words_has_no_number():
    for session, _sock, link in each_starting():
        session.say(b"\r\n+CME ERROR: operation not allowed\r\n")
        assert (link.state_name(), link.error, link.cme) == ("FAILED", errno.EIO, -1)


def test_pushing_is_a_mode_of_both():
    for name in FAMILIES:
        session, sock, _link = pushing(name)
        session.say(b"\r\n+RECEIVE,0,5:\r\nhello\r\n")
        assert sock.recv(9) == b"hello" and session.modem.flow
