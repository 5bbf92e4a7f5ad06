"""`baud=`: the modem is raised to it, and where the line cannot carry it, found again."""

import errno

from session import BRING_UP, Session
from sixlink.errors import ModemError
from test_bringup import ERROR, OK, AnsweringUart

FAST = 460800
RAISED = b"AT+IPR=460800\r"


class Uart(AnsweringUart):
    """A modem at a rate of its own, on a line on which `carries(rate)` says what gets through."""

    def __init__(self, carries=lambda rate: True, answers=None):
        super().__init__(answers)
        self._carries = carries
        self.modem_rate = self.host_rate = 115200
        self.raised = 0

    def __repr__(self):
        return "UART(1, baudrate=%d)" % self.host_rate

    def init(self, baudrate):
        self.host_rate = baudrate
        self._line = b""

    def reset(self, level):
        if not level:
            self.modem_rate = 115200

    def write(self, buf, at, n):
        if self.host_rate != self.modem_rate or not self._carries(self.host_rate):
            return n
        taken = super().write(buf, at, n)
        if self.lines and self.lines[-1] == RAISED and self.raised < self.lines.count(RAISED):
            self.raised += 1
            if self._answers.get(RAISED, OK) == OK:
                self.modem_rate = FAST
        return taken


def session_at(uart, **options):
    return Session(uart=uart, baud=FAST, **options)


def test_the_modem_is_raised_to_it():
    session = session_at(Uart())
    session.modem.connect()
    assert session.uart.modem_rate == session.modem.driver.baud == FAST
    assert session.uart.lines.count(RAISED) == 1


def test_where_init_sets_back_more_than_the_rate_the_board_does_it():
    """As on a STM32, whose UART forgets rxbuf and flow in an `init` that does not name them."""

    class Forgetful(Uart):
        def init(self, baudrate, rxbuf=64):
            super().init(baudrate)
            self.rxbuf = rxbuf

    uart = Forgetful()
    session = session_at(uart, set_baud=lambda baud: uart.init(baud, rxbuf=4096))
    session.modem.connect()
    assert uart.modem_rate == session.modem.driver.baud == FAST
    assert uart.rxbuf == 4096


def test_one_that_is_there_already_is_not_raised():
    uart = Uart()
    uart.modem_rate = FAST
    session = session_at(uart)
    session.modem.connect()
    assert session.modem.driver.baud == FAST and RAISED not in uart.lines


def test_a_rate_the_modem_refuses_is_the_callers_mistake():
    session = session_at(Uart(answers={RAISED: ERROR}))
    try:
        session.modem.connect()
        raise AssertionError(session.modem)
    except ModemError as error:
        assert (error.step, error.errno) == ("speed", errno.EINVAL)


def deaf_at(*rates):
    return Uart(lambda rate: rate not in rates)


def test_a_rate_the_line_does_not_carry_is_not_tried_again():
    uart = deaf_at(FAST)
    session = session_at(uart, reset=uart.reset)
    session.modem.connect()
    assert session.modem.isconnected() and session.modem.driver.baud == 115200
    assert uart.lines.count(RAISED) == 1
    assert "460800 baud: not heard, not tried again" in session.log
    session.say(b"\r\nRDY\r\n")  # nor by a later bring-up
    session.run(5000)
    assert session.modem.isconnected() and session.engine.bringup.count > 1
    assert uart.lines.count(RAISED) == 1


def test_a_line_that_gets_better_is_used_at_the_rate_the_modem_is_found_at():
    uart = deaf_at(FAST)
    session = session_at(uart)  # nobody can reset the modem
    session.modem.connect(timeout=0)
    while session.engine.deaf_at != FAST:
        session.run(100)
    uart._carries = lambda rate: True
    session.run(120_000)
    assert session.modem.isconnected() and session.modem.driver.baud == FAST
    assert uart.lines.count(RAISED) == 1


def test_the_same_lines_are_typed_as_without_a_rate():
    session = session_at(Uart())
    session.modem.connect()
    lines = [line for line in session.uart.lines if line != RAISED]
    usual = [line for line, _ in BRING_UP]
    at = lines.index(b"AT+CPIN?\r")
    assert lines[at - 1] == b"AT\r"  # at the new rate
    assert lines[: at - 1] + lines[at:] == usual
