"""Bring-up: what it types, what stops it, and what the user is told."""

import errno

from session import BRING_UP, START_MS, ScriptedUart, Session
from sixlink.errors import ModemError

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"


class AnsweringUart(ScriptedUart):
    """A modem that answers each line from a table; `answers` overrides what is usual."""

    def __init__(self, answers=None, default=OK):
        super().__init__()
        self._answers = dict(BRING_UP)
        self._answers.update(answers or {})
        self._default = default
        self.lines = []
        self._line = b""

    def write(self, buf, at, n):
        for byte in bytes(buf[at : at + n]):
            self._line += bytes((byte,))
            if byte == 13:
                if len(self._line) > 1:  # the padding of the search is thousands of empty lines
                    self.lines.append(self._line)
                answer = self._answers.get(self._line, self._default)
                self.say(answer.pop(0) if isinstance(answer, list) else answer)
                self._line = b""
        return n


def connecting(answers=None, default=OK, timeout=300, **options):
    """A session with such a modem, and the ModemError of its `connect`, or None."""
    session = Session(**options)
    session.uart = session.modem.driver.uart = AnsweringUart(answers, default)
    try:
        session.modem.connect(timeout=timeout)
    except ModemError as error:
        return session, error
    return session, None


def fails(step, code, answers=None, default=OK, **options):
    session, error = connecting(answers, default, **options)
    assert error is not None, session.modem
    assert (error.step, error.errno) == (step, code), error
    assert step in str(error) and error.hint in str(error)
    assert not session.modem.isconnected() and session.modem.active() is False
    return session, error


def comes_back(session):
    """The same object works once the modem does."""
    session.uart = session.modem.driver.uart = AnsweringUart()
    session.modem.connect()
    assert session.modem.isconnected()


def test_everything_in_order():
    session, error = connecting()
    assert error is None
    assert session.uart.lines == [typed for typed, _ in BRING_UP]
    assert session.modem.ifconfig()[0] == "10.74.100.63"
    assert session.modem.status() == session.modem.STAT_GOT_IP
    assert session.modem.status("rssi") == -73


def test_the_log_tells_each_step():
    session, _ = connecting()
    assert session.log[0].startswith("modem found")
    assert "signal: 20 of 31" in session.log
    assert session.log[-1] == "address: 10.74.100.63"


def test_a_modem_that_answers_nothing():
    session, error = fails("find", errno.ENODEV, {b"AT\r": b""}, b"")
    assert "power" in str(error) and "baud" in str(error)
    comes_back(session)


def test_a_modem_that_answers_garbage():
    noise = bytes(range(128, 256)) + b"\n\x00\xff\r\n"
    answers = {typed: noise for typed, _ in BRING_UP}
    session, error = fails("find", errno.ENODEV, answers, noise)
    comes_back(session)


def test_a_modem_that_answers_error_to_everything():
    answers = {typed: ERROR for typed, _ in BRING_UP}
    session, error = fails("shut", errno.EIO, answers, ERROR)
    comes_back(session)


def test_a_time_limit_names_the_step_it_ended_in():
    session, error = connecting({b"AT+CIICR\r": b""}, timeout=5)
    assert error.errno == errno.ETIMEDOUT and error.step == "bearer"
    comes_back(session)


def test_no_sim():
    answers = {b"AT+CPIN?\r": b"\r\n+CME ERROR: 10\r\n"}
    session, error = fails("sim", errno.ENODEV, answers)
    assert error.cme == 10
    comes_back(session)


def test_a_sim_that_is_slow():
    busy = b"\r\n+CME ERROR: 14\r\n"
    ready = b"\r\n+CPIN: READY\r\n" + OK
    session, error = connecting({b"AT+CPIN?\r": [busy, busy, busy, ready]})
    assert error is None


def test_a_pin_is_typed_once():
    asking = b"\r\n+CPIN: SIM PIN\r\n" + OK
    ready = b"\r\n+CPIN: READY\r\n" + OK
    session, error = connecting({b"AT+CPIN?\r": [asking, asking, ready]}, pin="1234")
    assert error is None
    assert session.uart.lines.count(b'AT+CPIN="1234"\r') == 1


def test_a_pin_that_is_not_given():
    answers = {b"AT+CPIN?\r": b"\r\n+CPIN: SIM PIN\r\n" + OK}
    session, error = fails("sim", errno.EACCES, answers)
    assert not [line for line in session.uart.lines if line.startswith(b"AT+CPIN=")]


def test_a_wrong_pin_is_never_typed_again():
    answers = {
        b"AT+CPIN?\r": b"\r\n+CPIN: SIM PIN\r\n" + OK,
        b'AT+CPIN="0000"\r': b"\r\n+CME ERROR: 16\r\n",
    }
    session, error = fails("pin", errno.EACCES, answers, pin="0000")
    for _ in range(3):
        try:
            session.modem.connect()
        except ModemError as again:
            assert again.errno == errno.EACCES
    assert session.uart.lines.count(b'AT+CPIN="0000"\r') == 1


def test_a_puk_is_the_end():
    fails("sim", errno.EACCES, {b"AT+CPIN?\r": b"\r\n+CPIN: SIM PUK\r\n" + OK}, pin="1234")


def test_no_network():
    searching = b"\r\n+C%sREG: 0,2\r\n" + OK
    answers = {b"AT+C%sREG?\r" % kind: searching % kind for kind in (b"", b"G", b"E")}
    session, error = fails("registration", errno.EHOSTUNREACH, answers)
    assert "antenna" in str(error)


def test_registered_for_packets_only():
    answers = {
        b"AT+CREG?\r": b"\r\n+CREG: 0,2\r\n" + OK,
        b"AT+CGREG?\r": b"\r\n+CGREG: 0,2\r\n" + OK,
        b"AT+CEREG?\r": b'\r\n+CEREG: 2,5,"1234","05678901",7\r\n' + OK,
    }
    session, error = connecting(answers)
    assert error is None and session.engine.bringup.registered == 5


def test_attach_is_asked_for():
    answers = {b"AT+CGATT?\r": [b"\r\n+CGATT: 0\r\n" + OK] * 9 + [b"\r\n+CGATT: 1\r\n" + OK]}
    session, error = connecting(answers)
    assert error is None and b"AT+CGATT=1\r" in session.uart.lines


def test_a_bearer_that_fails_once_is_shut_and_tried_again():
    failure = b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n"
    session, error = connecting({b"AT+CIICR\r": [failure, OK]})
    assert error is None
    assert session.uart.lines.count(b"AT+CIPSHUT\r") == 2


def test_a_bearer_that_never_comes_up():
    failure = b"\r\n+PDP: DEACT\r\n\r\n+CME ERROR: 65535\r\n"
    session, error = fails("bearer", errno.EHOSTUNREACH, {b"AT+CIICR\r": failure})
    assert error.cme == 65535 and "APN" in str(error)
    comes_back(session)


def test_apn_user_and_password_are_typed_as_they_are():
    session, _ = connecting(apn="iot.1nce.net", user="me", password="p w")
    assert b'AT+CSTT="iot.1nce.net","me","p w"\r' in session.uart.lines


def test_without_an_apn_the_network_gives_its_own():
    session, _ = connecting(apn="")
    assert b"AT+CSTT\r" in session.uart.lines


def test_a_firmware_without_manual_read_pushes():
    session, error = connecting({b"AT+CIPRXGET=1\r": ERROR})
    assert error is None and session.modem.flow


def test_flow_control_that_the_modem_has_not_is_not_relied_on():
    session, error = connecting({b"AT+IFC?\r": b"\r\n+IFC: 0,0\r\n" + OK}, flow=True)
    assert error is None and not session.modem.flow
    assert b"AT+CIPRXGET=1\r" in session.uart.lines


def test_noise_in_every_answer():
    noise = b"\xfe\x80\r\n"
    answers = {typed: noise + answer for typed, answer in BRING_UP}
    session, error = connecting(answers)
    assert error is None


def test_old_news_of_a_lost_context_in_every_answer():
    """The modem is asked once more, and `connect` is not misled."""
    answers = {typed: b"\r\n+PDP: DEACT\r\n" + answer for typed, answer in BRING_UP}
    answers[b"AT\r"] = [answers[b"AT\r"], OK]
    answers[b"AT+CIPSTATUS\r"] = b"\r\nOK\r\n\r\nSTATE: IP STATUS\r\n" + b"".join(
        b'C: %d,,"","","","INITIAL"\r\n' % n for n in range(6)
    )
    session, error = connecting(answers)
    assert error is None, error
    session.run(500)
    assert session.uart.lines[-1] == b"AT+CIPSTATUS\r"
    assert session.modem.isconnected() and session.engine.bearer.name() == "IP STATUS"


def test_timeout_zero_only_starts_it():
    session = Session()
    session.uart = session.modem.driver.uart = AnsweringUart()
    session.modem.connect(timeout=0)
    assert session.modem.status() == session.modem.STAT_CONNECTING
    turns = 0
    while not session.modem.isconnected():
        session.rest(10)
        turns += 1
        assert turns < 1000
    assert session.modem.active()


def test_disconnect_takes_it_down():
    session, _ = connecting()
    session.modem.disconnect()
    assert not session.modem.isconnected() and not session.modem.active()
    assert session.uart.lines[-1] == b"AT+CIPSHUT\r"
    comes_back(session)


def test_reboot_in_service_is_noticed_and_healed():
    session, _ = connecting()
    session.say(b"\r\nRDY\r\n")
    session.run(3000)
    assert session.modem.isconnected()
    assert session.engine.bringup.count == 2


def test_one_error_to_the_receive_mode_does_not_make_the_modem_push():
    session, _ = connecting({b"AT+CIPRXGET=1\r": [ERROR, OK]})
    assert session.modem.flow is False


def test_a_firmware_without_a_receive_mode_pushes_until_it_has_one():
    session, _ = connecting({b"AT+CIPRXGET=1\r": ERROR})
    assert session.modem.flow is True
    session.uart = session.modem.driver.uart = AnsweringUart()
    session.say(b"\r\nRDY\r\n")
    session.run(5000)
    assert session.modem.isconnected() and session.modem.flow is False


def test_a_modem_that_answers_shut_by_ok_alone_is_asked_again_at_the_same_rate():
    answers = {b"AT+CIPSHUT\r": OK, b"+++AT\r": ERROR}
    session, error = connecting(answers)
    assert error is None
    assert session.uart.lines[:4] == [b"AT\r", b"AT+CIPSHUT\r", b"+++AT\r", b"AT+CIPSHUT\r"]
    assert session.now - START_MS < 15_000


def test_a_peer_that_says_ok_to_everything_is_escaped_from():
    answers = {b"AT\r": OK, b"AT+CIPSHUT\r": [OK, b"\r\nSHUT OK\r\n"], b"+++AT\r": OK}
    session, error = connecting(answers)
    assert error is None and session.modem.isconnected()


def test_what_sim800_says_before_anybody_knows_it_is_understood():
    session = Session()
    session.modem.connect(timeout=0)
    session.expect(b"AT\r")
    for line in (
        b"RDY",
        b"+CFUN: 1",
        b"+CPIN: READY",
        b"Call Ready",
        b"SMS Ready",
        b'+CIEV: 10,"46000","CHINA MOBILE","CMCC",0,0',
        b'*PSUTTZ: 2020,12,9,12,57,4,"+12",0',
        b"DST: 0",
    ):
        session.say(b"\r\n" + line + b"\r\n")
    session.say(b"+++AT\r\r\nOK\r\n")
    assert session.engine.intake.unknown == 0
    assert session.engine.dialect.name == "luat"
