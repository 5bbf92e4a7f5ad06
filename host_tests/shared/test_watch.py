"""`Modem.on_event`: what an application is told, and when."""

import errno

from session import Session
from test_bringup import AnsweringUart, connecting
from test_ladder import NO_ANSWER, lose_bearer, use, use_one_that
from test_send import status


def watched(session):
    """The events, notes left out, as they come."""
    told = []

    def tell(event):
        if event[0] != "note":
            told.append(event)

    session.modem.on_event(tell)
    return told


def test_a_bring_up_is_told_with_its_steps():
    session = Session()
    session.uart = session.modem.driver.uart = AnsweringUart()
    told = []
    session.modem.on_event(told.append)
    session.modem.connect()
    assert told[-1] == ("bearer up", "10.74.100.63")
    assert ("registration", 1) in told and ("note", "sim: READY") in told
    assert "sim: READY" in session.log  # the log has it, too


def test_a_lost_bearer_costs_its_links():
    session = Session().bring_up()
    session.open(2 - 2)
    told = watched(session)
    session.pump()
    del told[:]
    session.say(b"\r\n+PDP: DEACT\r\n")
    assert told == [("link lost", 0, errno.ECONNRESET), ("bearer lost",)]


def test_a_restart_a_search_and_the_rungs_are_told():
    session, _ = connecting()
    told = watched(session)
    session.say(b"\r\nRDY\r\n")
    session.run(5000)
    assert ("restarted", 1) in told
    use(session, {b"AT+CIICR\r": b"\r\nERROR\r\n"})
    lose_bearer(session)
    session.run(20_000)
    assert ("rung", "radio") in told
    use(session)
    session.say(b"\r\n+CREG: 2\r\n")
    session.run(60_000)
    assert ("registration", 2) in told and told[-1][0] in ("bearer up", "rung")


def test_unwell_and_well_again():
    session, _ = connecting()
    told = watched(session)
    answers = {
        b'AT+CIPSTART=0,"TCP","h",80\r': NO_ANSWER,
        b"AT+CIPCLOSE=0\r": NO_ANSWER,
        b"AT+CIPSTATUS\r": status(),
    }
    use(session, answers)
    for _ in range(4):
        sock = session.modem.socket()
        sock.settimeout(100)
        try:
            sock.connect(("h", 80))
        except OSError:
            pass
        sock.close()
    assert ("unwell",) in told
    use(session, {b'AT+CIPSTART=0,"TCP","h",80\r': b"\r\nOK\r\n\r\n0, CONNECT OK\r\n"})
    session.modem.socket().connect(("h", 80))
    assert told[-1] == ("well",)


def test_what_a_callback_raises_is_kept():
    session = Session()
    session.uart = session.modem.driver.uart = AnsweringUart()

    def tell(event):
        raise ValueError(event[0])

    session.modem.on_event(tell)
    session.modem.connect()
    assert session.modem.isconnected()
    assert isinstance(session.modem.last_error, ValueError)


def test_a_silent_modem_is_told_as_a_lost_bearer():
    session, _ = connecting()
    told = watched(session)
    use_one_that(session, NO_ANSWER)
    session.run(60_000)
    assert ("bearer lost",) in told
