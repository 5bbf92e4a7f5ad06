"""The flight recorder: what it keeps of the UART, what it never sees, and what it costs."""

import micropython
from micropython import RingIO
from session import BRING_UP, Session, errno_of, splits
from sixlink.recorder import Recorder

RX, TX, RX_PAYLOAD, TX_PAYLOAD, WITHHELD, MARK = 0, 1, 2, 3, 4, 6


def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def records(recorder):
    """(kind, ms since the record before, bytes left out, bytes) of each record."""
    data = recorder.snapshot()
    found = []
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        ms, body = number(data, at + 2)
        left_out, body = number(data, body)
        found.append((data[at + 1], ms, left_out, data[body:end]))
        at = end
    assert at == len(data)
    return found


class Typing:
    """Of an engine, what the recorder asks for."""

    phase = 1
    timeouts = 0

    def __init__(self, text, secret=False, payload=False):
        self.tx_buf = self.text = text
        self.secret = secret
        self.inflight = self
        if payload:
            self.phase = 3


def received(recorder, data):
    recorder.seen = 0
    recorder.text(data, len(data))


# -- records --------------------------------------------------------------------------------------


def test_one_direction_within_ten_ms_is_one_record():
    recorder = Recorder(256)
    for now, data in ((100, b"\r\nO"), (110, b"K\r"), (120, b"\n"), (131, b"late")):
        recorder.now = now
        received(recorder, data)
    recorder.typed(Typing(b"AT\r"), 0, 3)
    assert records(recorder) == [
        (RX, 100, 0, b"\r\nOK\r\n"),
        (RX, 31, 0, b"late"),
        (TX, 0, 0, b"AT\r"),
    ]


def test_a_snapshot_takes_nothing_away():
    recorder = Recorder(256)
    received(recorder, b"RDY\r\n")
    assert records(recorder) == records(recorder) == [(RX, 0, 0, b"RDY\r\n")]
    received(recorder, b"OK\r\n")
    assert len(records(recorder)) == 2


def test_sixteen_bytes_of_a_packet_are_kept_and_its_length():
    recorder = Recorder(256)
    buf = b"head" + bytes(range(100)) + b"tail"
    recorder.payload(buf, 4, 64)
    recorder.now = 500  # the packet stops for a while, and goes on
    recorder.payload(buf, 64, 104)
    recorder.text(buf, 108)
    assert records(recorder) == [
        (RX, 0, 0, b"head"),
        (RX_PAYLOAD, 0, 44, bytes(range(16))),
        (RX_PAYLOAD, 500, 40, b""),
        (RX, 0, 0, b"tail"),
    ]


def test_payload_told_twice_is_noted_once():
    recorder = Recorder(256)
    buf = b"ab" + bytes(20)
    for _ in range(2):
        recorder.payload(buf, 2, 12)
    recorder.payload(buf, 7, 22)  # its ring was full: part of it is offered again
    assert records(recorder) == [(RX, 0, 0, b"ab"), (RX_PAYLOAD, 0, 4, bytes(16))]


def test_typed_payload_is_cut_short_as_well():
    recorder = Recorder(256)
    recorder.typed(Typing(b"AT+CIPSEND=0,300\r\n"), 0, 18)
    body = Typing(b"x" * 256, payload=True)
    recorder.typed(body, 0, 256)
    recorder.typed(body, 0, 44)
    assert records(recorder)[1:] == [(TX_PAYLOAD, 0, 284, b"x" * 16)]


def test_long_text_is_several_records():
    recorder = Recorder(1024)
    text = bytes(range(256)) * 2
    received(recorder, text)
    found = records(recorder)
    assert b"".join([data for _, _, _, data in found]) == text
    assert [len(data) for _, _, _, data in found] == [120, 120, 120, 120, 32]


def test_marks_stand_alone():
    recorder = Recorder(256)
    recorder.mark("9600 baud")
    recorder.mark("x" * 300)
    assert records(recorder) == [(MARK, 0, 0, b"9600 baud"), (MARK, 0, 0, b"x" * 120)]


def test_days_of_silence_and_the_wrap_of_the_clock():
    recorder = Recorder(256)
    for now in (5, (1 << 29) - 7, 20):
        recorder.now = now
        received(recorder, b"RDY")
    assert [ms for _, ms, _, _ in records(recorder)] == [5, (1 << 29) - 12, 27]


def test_the_oldest_whole_records_give_way_at_every_offset():
    for first in range(60):
        recorder = Recorder(256)
        put = []
        for n in range(40):
            recorder.now += 20
            put.append((RX, 20, 0, bytes([n]) * (1 + (first + n * 7) % 60)))
            received(recorder, put[-1][3])
        found = records(recorder)
        kept = len(found)
        assert put[-kept:] == found
        weights = [4 + len(data) for _, _, _, data in put]
        assert sum(weights[-kept:]) <= 255 < sum(weights[-kept - 1 :])


def test_a_size_that_cannot_be_is_refused():
    for size in (-1, 1, 255, 65536):
        try:
            Session(trace=size)
        except ValueError as error:
            assert "trace=%d" % size in str(error)
        else:
            raise AssertionError(size)


def test_without_a_recorder_all_else_works():
    session = Session(trace=0).bring_up()
    session.open(0)
    assert errno_of(session.modem.trace) is not None
    assert session.modem.stats()["health"] == "good"


# -- a session ------------------------------------------------------------------------------------


def test_all_of_a_session_is_in_the_ring():
    session = Session(trace=4096).bring_up()
    sock = session.open(0)
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.talk(
        (b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,5,0\r\nhello\r\n\r\nOK\r\n"),
    )
    assert sock.recv(5) == b"hello"
    found = records(session.modem.driver.recorder)
    typed = b"".join([data for kind, _, _, data in found if kind == TX])
    heard = b"".join([data for kind, _, _, data in found if kind == RX or kind == RX_PAYLOAD])
    for line, answer in BRING_UP:
        assert line in typed and answer in heard
    assert (RX_PAYLOAD, 0, 0, b"hello") in found
    assert heard.endswith(b"+CIPRXGET: 2,0,5,0\r\nhello\r\n\r\nOK\r\n")


# -- secrets --------------------------------------------------------------------------------------

PIN_LINE = b'AT+CPIN="4711"\r'
LOCKED = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
OK = b"\r\nOK\r\n"


def asked_for_pin():
    session = Session(pin="4711")
    session.modem.connect(timeout=0)
    session.talk(*BRING_UP[:5])
    session.talk((b"AT+CPIN?\r", LOCKED))
    session.expect(PIN_LINE)
    return session


def knows_nothing(session, secrets=(b"471", b"711")):
    ring = session.modem.driver.recorder.snapshot()
    said = repr(session.modem.stats()) + repr(session.modem) + repr(session.log)
    return not any(secret in ring or secret.decode() in said for secret in secrets)


def test_a_pin_is_not_kept():
    session = asked_for_pin()
    session.say(OK)
    assert knows_nothing(session)
    assert b"AT+CPIN=***\r" in session.modem.driver.recorder.snapshot()


def test_an_echoed_pin_is_not_kept_at_any_split():
    for parts in splits(PIN_LINE + OK):
        session = asked_for_pin()
        for part in parts:
            session.say(part)
        session.talk((b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"))
        session.expect(b"AT+CSQ\r")
        assert knows_nothing(session)


def test_an_echo_that_lost_bytes_is_not_kept():
    for lost in range(len(PIN_LINE)):
        session = asked_for_pin()
        session.say(PIN_LINE[:lost] + PIN_LINE[lost + 1 :] + OK)
        assert knows_nothing(session)


def test_an_echo_behind_the_late_answer_to_an_earlier_command_is_not_kept():
    session = asked_for_pin()
    session.say(OK)
    session.expect(b"AT+CPIN?\r")
    session.say(PIN_LINE + OK)
    assert knows_nothing(session)


def test_an_echo_that_comes_after_the_time_limit_is_not_kept():
    session = asked_for_pin()
    session.run(11_500)
    assert bytes(session.uart.typed).startswith(b"AT\r")  # nobody is there: the search is on
    session.say(PIN_LINE + b"\r\nERROR\r\n")
    session.say(OK)
    assert knows_nothing(session)


def test_what_comes_in_is_seen_again_afterwards():
    session = asked_for_pin()
    session.say(OK)
    session.talk((b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"), *BRING_UP[6:])
    kept = session.modem.driver.recorder.snapshot()
    assert b"+CSQ: 20,0" in kept and b"READY" not in kept
    assert [left for kind, _, left, _ in records(session.modem.driver.recorder) if kind == 4] == [
        6,
        len(b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
    ]


def test_password_and_user_are_not_kept():
    session = Session(user="gert", password="geheim")
    session.modem.connect(timeout=0)
    session.talk(*BRING_UP[:-3])
    line = b'AT+CSTT="cmnet","gert","geheim"\r'
    session.talk((line, line + OK), *BRING_UP[-2:])
    assert knows_nothing(session, (b"gert", b"geheim"))
    assert session.modem.isconnected()


def test_an_apn_without_a_password_is_no_secret():
    session = Session().bring_up()
    assert b'AT+CSTT="cmnet","",""\r' in session.modem.driver.recorder.snapshot()


# -- stats ----------------------------------------------------------------------------------------


def test_bytes_on_the_uart_are_counted():
    stats = Session().bring_up().modem.stats()
    assert stats["uart_out"] == sum([len(typed) for typed, _ in BRING_UP])
    assert stats["uart_in"] == sum([len(answer) for _, answer in BRING_UP])


def test_bytes_are_counted_over_all_users_of_a_link():
    session = Session().bring_up()
    sock = session.open(0)
    sock.send(b"hello")
    session.talk((b"AT+CIPSEND=0,5\r\n", b"\r\n> "), (b"hello", b"\r\nDATA ACCEPT:0,5\r\n"))
    session.say(b"\r\n0, CLOSED\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n\r\nOK\r\n"))
    session.talk((b"AT+CIPRXGET=2,0,1021\r\n", b"\r\n+CIPRXGET: 2,0,0,0\r\n\r\nOK\r\n"))
    assert sock.recv(5) == b"abc"
    sock.close()
    session.open(0)
    stats = session.modem.stats()
    assert (stats["up"], stats["down"]) == (5, 3)
    assert stats["links"] == [(5, 3)] + [(0, 0)] * 5


def test_errors_are_remembered_with_their_time():
    session = Session().bring_up()
    sock = session.open(0)
    sock.send(b"hello")
    session.expect(b"AT+CIPSEND=0,5\r\n")
    session.run(5100)
    stats = session.modem.stats()
    assert (stats["resyncs"], stats["health"]) == (1, "mending")
    assert stats["timeouts"] > 0
    told = [(name, what, cme) for _, name, what, cme in stats["errors"]]
    assert told[-2:] == [
        ("ETIMEDOUT", "AT+CIPSEND=0,5", -1),
        ("ECONNRESET", "link 0", -1),
    ]
    assert 0 <= stats["errors"][-1][0] < 0.2
    assert b"link 0" in session.modem.driver.recorder.snapshot()


def test_the_last_eight_errors_are_kept():
    session = Session().bring_up()
    for n in range(12):
        session.engine.links.fault(5, "error %d" % n)
        session.pump()
    assert [what for _, _, what, _ in session.modem.stats()["errors"]] == [
        "error %d" % n for n in range(4, 12)
    ]


def test_a_refused_connection_tells_the_number_the_modem_gave():
    session = Session().bring_up()
    sock = session.modem.socket()
    sock.setblocking(False)
    errno_of(sock.connect, ("h", 80))
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', b"\r\n+CME ERROR: 910\r\n"))
    assert session.modem.stats()["errors"][-1][1:] == ("ECONNREFUSED", "link 0", 910)


# -- cost -----------------------------------------------------------------------------------------


class QuietUart:
    """A UART that allocates nothing itself."""

    def __init__(self):
        self.rx = RingIO(4096)

    def any(self):
        return self.rx.any()

    def readinto(self, buf, n):
        return self.rx.readinto(buf, n)

    def write(self, buf, at, n):
        return n


class Traffic:
    """A session in which packets come and go without end."""

    body = bytes(600)
    header = b"\r\n+CIPRXGET: 2,0,600,0\r\n"

    def __init__(self, **options):
        session = Session(**options).bring_up()
        session.open(0)
        self.session = session
        self.link = session.modem.links[0]
        self.driver = session.modem.driver
        self.driver.uart = self.uart = QuietUart()
        self.buf = bytearray(600)

    def turns(self, n):
        while n:
            self.session.now += 1
            self.driver.turn()
            n -= 1

    def receive(self):
        rx = self.uart.rx
        rx.write(b"\r\n+CIPRXGET: 1,0\r\n")
        self.turns(3)
        rx.write(self.header)
        rx.write(self.body)
        rx.write(b"\r\nOK\r\n")
        self.turns(3)
        return self.link.rx.take(self.buf, 600)

    def send(self):
        self.link.tx.write(self.body, 0, 600, self.session.now)
        self.link.push_now()
        self.turns(2)
        self.uart.rx.write(b"\r\n> ")
        self.turns(80)
        self.uart.rx.write(b"\r\nDATA ACCEPT:0,600\r\n")
        self.turns(2)
        return self.link.tx.sent


def heap_used(function):
    """Bytes that a call takes from the heap, what is freed again included."""
    total = getattr(micropython, "mem_total", lambda: 0)
    before = total()
    function()
    return total() - before


def warmed_up(**options):
    traffic = Traffic(**options)
    for n in range(20):
        assert (traffic.receive(), traffic.send()) == (600, 600 * (n + 1))
    return traffic


def test_a_packet_takes_nothing_from_a_locked_heap():
    traffic = warmed_up()
    micropython.heap_lock()
    try:
        got, sent = traffic.receive(), traffic.send()
    finally:
        micropython.heap_unlock()
    assert (got, sent) == (600, 600 * 21)
    assert traffic.session.modem.last_error is None


def test_with_the_recorder_a_packet_takes_no_byte_more_of_the_heap():
    without, recording = warmed_up(trace=0), warmed_up()
    assert heap_used(recording.receive) == heap_used(without.receive)
    assert heap_used(recording.send) == heap_used(without.send)
