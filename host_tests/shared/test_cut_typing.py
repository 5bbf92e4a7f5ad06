"""Ctrl-C between the bytes leaving by the UART and the driver's taking note of it."""

import errno

from session import BRING_UP, Session, errno_of


def cut_once(driver):
    """The next bytes that the UART takes are the last thing that happens before Ctrl-C."""
    take_over = driver._take_over

    def cut(now):
        if driver._put:
            driver._take_over = take_over
            raise KeyboardInterrupt
        take_over(now)

    driver._take_over = cut


def test_an_answer_read_before_the_cut_turn_is_finished_costs_the_next_command_nothing():
    session = Session()
    session.modem.connect(timeout=0)
    session.talk(BRING_UP[0])
    session.expect(BRING_UP[1][0])
    cut_once(session.modem.driver)
    try:
        session.say(BRING_UP[1][1])
        raise AssertionError("it was not cut")
    except KeyboardInterrupt:
        pass
    session.talk(*BRING_UP[2:])
    assert session.modem.isconnected()


def test_a_late_ok_does_not_cut_short_what_is_being_typed():
    session = Session().bring_up()
    sock = session.modem.socket()
    sock.setblocking(False)
    host = "h" * 120
    assert errno_of(sock.connect, (host, 80)) == errno.EINPROGRESS
    session.modem.driver.pump()
    line = b'AT+CIPSTART=0,"TCP","%s",80\r' % host.encode()
    assert 0 < len(session.uart.typed) < len(line)
    session.say(b"\r\nOK\r\n")
    session.expect(line)
    session.say(b"\r\nOK\r\n\r\n0, CONNECT OK\r\n")
    assert session.modem.links[0].state_name() == "CONNECTED"
