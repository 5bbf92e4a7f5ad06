"""The failure ladder and the supervisor: what is tried, in which order, how often."""

import errno

from session import BRING_UP, Session, errno_of
from test_bringup import ERROR, OK, AnsweringUart, connecting, fails
from test_send import status

NO_ANSWER = b""


class Pins:
    """What `Modem(reset=, power=)` is given; notes when a pin is pressed and let go."""

    def __init__(self, session, noted):
        self.session = session
        self.noted = noted

    def pin(self, name):
        def level(value):
            last = self.noted[-1] if self.noted else ("", 1, 0)
            if value == 0 or (last[0] == name and last[1] == 0):
                self.noted.append((name, value, self.session.now))

        return level


def wired(*names):
    """Options for a Session with these pins, and the list of what happens to them."""
    noted = []
    pins = Pins(None, noted)
    return {name: pins.pin(name) for name in names}, noted, pins


def with_pins(*names):
    """A session whose modem has these pins wired, and the list of what happens to them."""
    options, noted, pins = wired(*names)
    pins.session = session = Session(**options)
    return session, noted


def pressed(noted):
    """[(name, ms it was held)]"""
    return [
        (name, noted[i + 1][2] - when) for i, (name, level, when) in enumerate(noted) if level == 0
    ]


def use(session, answers=None, default=OK):
    """The modem is now one that answers so."""
    session.uart = session.modem.driver.uart = AnsweringUart(answers, default)


def use_one_that(session, answer):
    """The modem is now one that answers every line so."""
    use(session, {line: answer for line, _ in BRING_UP}, answer)


def lose_bearer(session):
    """It was up for long enough, then the context goes."""
    session.run(61_000)
    session.say(b"\r\n+PDP: DEACT\r\n")


def rungs(session):
    return session.engine.ladder.counts


def test_a_dead_modem_gets_reset_then_the_key_then_the_key_long_and_short():
    session, noted = with_pins("reset", "power")
    use_one_that(session, NO_ANSWER)
    session.modem.connect(timeout=0)
    session.run(300_000)
    assert session.modem.status() == session.modem.STAT_FAILED
    (first, reset), (second, key), (third, long), (fourth, again) = pressed(noted)
    assert (first, second, third, fourth) == ("reset", "power", "power", "power")
    assert 150 <= reset < 400
    assert 1000 <= key <= 2000 and 1000 <= again <= 2000
    assert 3000 < long < 4000


def test_no_pin_is_pressed_where_the_modem_answers():
    session, noted = with_pins("reset", "power")
    use(session)
    session.modem.connect()
    session.run(100_000)
    assert not noted


def test_each_failed_attempt_climbs_a_rung():
    session, noted = with_pins("reset", "power")
    use(session)
    session.modem.connect()
    use(session, {b"AT+CIICR\r": ERROR})
    lose_bearer(session)
    seen = [0]
    for _ in range(12_000):
        session.run(100)
        if session.engine.ladder.rung != seen[-1]:
            seen.append(session.engine.ladder.rung)
        if len(seen) == 8:
            break
    assert seen == [0, 1, 2, 3, 4, 1, 2, 3]
    lines = session.uart.lines
    assert (
        lines.index(b"AT+CFUN=0\r") < lines.index(b"AT+CFUN=1\r") < lines.index(b"AT+CFUN=1,1\r")
    )
    assert [name for name, _ in pressed(noted)][:3] == ["reset", "power", "power"]
    use(session)
    for _ in range(900):
        session.run(100)
        if session.modem.isconnected():
            break
    assert session.modem.isconnected()


def test_rungs_without_their_pin_are_left_out():
    session, _ = connecting()
    use(session, {b"AT+CIICR\r": ERROR})
    lose_bearer(session)
    session.run(400_000)
    assert rungs(session)[3:] == [0, 0]
    assert min(rungs(session)[:3]) > 0


def test_each_rung_that_is_a_command_is_taken_once_an_attempt():
    session, _ = connecting()
    use(session, {b"AT+CIICR\r": ERROR})
    lose_bearer(session)
    while rungs(session)[2] < 2:
        session.run(100)
    lines = session.uart.lines
    assert lines.count(b"AT+CFUN=0\r") == lines.count(b"AT+CFUN=1\r") == rungs(session)[1]
    assert lines.count(b"AT+CFUN=1,1\r") == 1


def test_pauses_double_up_to_a_minute_and_differ_between_boards():
    def pauses(heard):
        session = Session()
        session.engine.intake.heard = heard
        return [session.engine.ladder.pause(12345) for _ in range(9)]

    first = pauses(1000)
    for pause, least in zip(first, (1, 2, 4, 8, 16, 32, 60, 60, 60)):  # noqa: B905
        assert 1000 * least <= pause <= 1250 * least
    assert len({pauses(heard)[3] for heard in range(1000, 1010)}) > 5


def test_a_bearer_that_never_holds_is_not_brought_up_without_a_pause():
    session, _ = connecting()
    for _ in range(6):
        before = session.now
        session.say(b"\r\n+PDP: DEACT\r\n")
        while not session.modem.isconnected():
            session.run(10)
    assert session.now - before >= 32_000


def test_the_network_is_there_again_and_the_pause_is_cut_short():
    session, _ = connecting()
    use(session, {b"AT+CIICR\r": ERROR})
    lose_bearer(session)
    while session.engine.ladder._pause_ms < 60_000:
        session.run(100)
    while session.engine.bringup.due(session.modem.driver.now()) < 20_000:
        session.run(100)
    use(session)
    session.say(b"\r\n+CREG: 1\r\n")
    session.run(12_000)
    assert session.modem.isconnected()


def test_a_modem_that_answers_error_to_everything_is_reset():
    session, noted = with_pins("reset")
    use(session)
    session.modem.connect()
    use_one_that(session, ERROR)
    session.run(31_000)  # the check of an idle modem finds out
    session.run(200_000)
    assert pressed(noted)
    use(session)
    session.run(120_000)
    assert session.modem.isconnected()


def test_an_idle_modem_that_falls_silent_is_noticed_within_a_minute():
    session, _ = connecting()
    use_one_that(session, NO_ANSWER)
    session.run(60_000)
    assert not session.modem.isconnected()
    use(session)
    session.run(60_000)
    assert session.modem.isconnected()


def test_checks_of_an_idle_modem_are_no_resyncs():
    session, _ = connecting()
    use(session, {b"AT+CIPSTATUS\r": status()})
    session.run(301_000)
    assert session.modem.isconnected()
    assert 9 <= session.uart.lines.count(b"AT+CIPSTATUS\r") <= 10
    assert session.engine.resync.count == 0


def test_a_context_that_was_lost_in_silence_is_found_by_the_check():
    session, _ = connecting()
    session.run(20_000)
    use(session, {b"AT+CIPSTATUS\r": OK + b"\r\nSTATE: PDP DEACT\r\n"})
    session.run(15_000)
    assert session.modem.isconnected()
    assert session.engine.bringup.count == 2


def test_after_eight_commands_in_a_row_without_an_answer_the_modem_counts_as_useless():
    session, _ = connecting()
    answers = {
        b'AT+CIPSTART=0,"TCP","h",80\r': NO_ANSWER,
        b"AT+CIPCLOSE=0\r": NO_ANSWER,
        b"AT+CIPSTATUS\r": status(),
    }
    use(session, answers)
    wellness = []
    while session.engine.ladder.rung == 0:
        sock = session.modem.socket()
        sock.settimeout(100)
        try:
            sock.connect(("h", 80))
        except OSError:
            wellness.append(session.engine.is_well())
        sock.close()
        assert len(wellness) < 20
    assert wellness[0] is True and wellness[-1] is False
    use(session)
    session.run(30_000)
    assert session.modem.isconnected()


def test_a_wrong_pin_is_not_tried_again_by_the_supervisor():
    asks = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    session, _ = connecting({b"AT+CPIN?\r": [asks, b"\r\n+CPIN: READY\r\n" + OK]}, pin="1234")
    use(session, {b"AT+CPIN?\r": asks, b'AT+CPIN="1234"\r': ERROR})
    session.say(b"\r\nRDY\r\n")
    session.run(300_000)
    assert session.uart.lines.count(b'AT+CPIN="1234"\r') == 1


def test_a_watchdog_is_fed_all_through_a_bring_up_that_fails():
    session, _ = with_pins("reset", "power")
    use_one_that(session, NO_ANSWER)
    fed = [session.now]
    gaps = []

    def feed():
        gaps.append(session.now - fed[0])
        fed[0] = session.now

    session.modem.keep_going = feed
    try:
        session.modem.connect()
    except OSError:
        pass
    assert len(gaps) > 100 and max(gaps) <= 1000


def test_nothing_is_healed_that_nobody_wants():
    session, _ = connecting()
    session.modem.disconnect()
    typed = len(session.uart.lines)
    session.say(b"\r\nRDY\r\n")
    session.run(100_000)
    assert len(session.uart.lines) == typed


def test_what_fails_at_the_first_attempt_is_the_users_to_start_again():
    session, _ = fails("bearer", 113, {b"AT+CIICR\r": ERROR})
    typed = len(session.uart.lines)
    session.run(100_000)
    assert len(session.uart.lines) == typed


def test_a_modem_that_does_not_attach_any_more_gets_its_radio_switched_off_and_on():
    """SIM800 takes 75 s for each AT+CGATT=1 that fails: many tries would be many minutes."""
    session = Session().bring_up()
    use(session, {b"AT+CGATT?\r": b"\r\n+CGATT: 0\r\n\r\nOK\r\n"})
    session.say(b"\r\n+PDP: DEACT\r\n")
    session.run(25_000)
    before = session.uart.lines[: session.uart.lines.index(b"AT+CFUN=0\r")]
    assert before.count(b"AT+CGATT=1\r") == 2


def test_six_links_come_back_however_often_it_takes():
    """They were there before transparent mode was."""
    session = Session().bring_up()
    use(session, {b"AT+CIPSHUT\r": ERROR})
    session.engine.supervisor.use_links(session.modem.driver.now())
    session.run(60_000)
    assert session.modem.active()
    use(session)
    session.run(60_000)
    assert session.modem.isconnected()


def test_who_waits_for_a_link_when_the_connection_is_given_up():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    socks[0].close()

    def give_up(ms):
        session.rest(ms)
        if session.engine.links.claims:
            session.engine.supervisor.stop()

    session.modem.driver._wait = give_up
    assert errno_of(session.modem.socket().connect, ("h", 80)) == errno.EHOSTUNREACH


def test_a_modem_that_hangs_while_it_attaches_is_soon_missed():
    """Only AT+CGATT=1 may take more than a minute."""
    session = Session().bring_up()
    detached = b"\r\n+CGATT: 0\r\n\r\nOK\r\n"
    use(session, {b"AT+CGATT?\r": [detached] + [NO_ANSWER] * 9})
    session.say(b"\r\n+PDP: DEACT\r\n")
    session.run(20_000)
    lines = session.uart.lines
    assert b"AT+CIPSHUT\r" in lines[lines.index(b"AT+CGATT?\r") :]  # looked for, found again
