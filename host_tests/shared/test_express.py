"""The short way of a long upload, at the places where it must be left, or may be taken up."""

from session import ScriptedUart, Session
from sixlink.clock import until
from sixlink.command import Command

LINE = b"AT+CIPSEND=0,1460\r\n"
PROMPT = b"\r\n> "
RESULT = b"\r\nDATA ACCEPT:0,1460\r\n"
CSQ = b"AT+CSQ\r"


def segment(n):
    """A segment that can be told from others."""
    return b"%04d\r\nOK\r\n> " % n * 121 + b"the end."


class Upload:
    """A link on which full segments follow each other, and how often the short way was taken."""

    def __init__(self, result=RESULT, latency_ms=1, **options):
        options.setdefault("trace", 0)  # what it notes takes the long way
        self.session = Session(**options)
        self.session.uart.session = self.session  # for one that has to know the time
        self.session.bring_up()
        self.sock = self.session.open(0)
        self.link = self.session.modem.links[0]
        self.result = result
        self.shortened = 0
        self.latency_ms = latency_ms  # of the prompt
        self._accepted = self.session.engine.express.accepted
        self.session.engine.express.accepted = self._count
        self.n = 0
        self.write()
        self.session.expect(LINE)
        self.body()
        self.session.say(result)  # seen for the first time
        self.session.expect(LINE)

    def _count(self, now):
        taken = self._accepted(now)
        self.shortened += taken
        return taken

    def write(self):
        """The application has another full segment."""
        self.n += 1
        assert self.sock.write(segment(self.n)) == 1460

    def body(self, prompt=PROMPT):
        """The prompt for the segment comes, it is typed, and there is one more."""
        self.session.rest(self.latency_ms)
        self.session.say(prompt)
        self.session.expect(segment(self.n))
        self.write()

    def go_on(self):
        """One more segment comes and goes."""
        self.body()
        self.session.say(self.result)
        self.session.expect(LINE)


def test_what_comes_as_the_last_time_takes_the_short_way():
    for trace in (0, 2048):
        upload = Upload(trace=trace)
        for n in range(2, 10):
            upload.go_on()
            assert upload.shortened == n - 1 and upload.link.tx.sent == 1460 * n


def test_who_wakes_at_the_first_byte_of_an_answer_waits_for_its_last():
    upload = Upload()
    for _ in range(3):
        upload.session.say(PROMPT[:1])
        upload.session.pump()
        upload.session.rest(1)
        upload.session.say(PROMPT[1:])
        upload.session.expect(segment(upload.n))
        upload.write()
        for n in range(len(RESULT)):
            upload.session.say(RESULT[n : n + 1])
            upload.session.pump()
        upload.session.expect(LINE)
    assert upload.shortened == 3


def test_what_is_not_the_answer_is_not_waited_for_for_long():
    upload = Upload()
    upload.body()
    upload.session.say(b"\r\n+CREG: 1\r\n")
    upload.session.rest(5)
    upload.session.pump()
    assert upload.session.engine.intake.understood and not upload.session.uart.any()
    upload.session.say(RESULT)
    upload.session.expect(LINE)


def test_a_result_that_is_spelled_otherwise_is_understood_and_learned():
    upload = Upload()
    upload.go_on()
    ok = b"\r\n0, SEND OK\r\n"
    for result in (b"\r\nDATA ACCEPT: 0,1460\r\n", ok, b"DATA ACCEPT:0,1460\r\n"):
        before = upload.link.tx.sent
        upload.body()
        upload.session.say(result)
        upload.session.expect(LINE)
        assert upload.shortened == 1 and upload.link.tx.sent == before + 1460
    upload.result = ok  # the last one of them that came alone in its lines
    upload.go_on()
    assert upload.shortened == 2


def test_send_ok_of_a_short_segment_is_none_of_a_full_one():
    upload = Upload(b"\r\n0, SEND OK\r\n")
    upload.body()
    upload.session.say(upload.result)
    upload.session.expect(LINE)
    upload.session.say(PROMPT)
    upload.session.expect(segment(upload.n))
    upload.session.say(upload.result)
    upload.sock.setsockopt(6, 1, 1)
    upload.sock.write(b"a short segment")
    upload.session.talk((b"AT+CIPSEND=0,15\r\n", PROMPT))
    upload.session.expect(b"a short segment")
    upload.write()
    sent = upload.link.tx.sent
    upload.session.say(upload.result)
    upload.session.expect(LINE)
    assert upload.link.tx.sent == sent + 15


def test_what_a_full_segment_leaves_over_follows_it_at_once():
    session = Session().bring_up()
    sock = session.open(0)
    assert sock.write(segment(1) + b"the rest") == 1468
    session.talk((LINE, PROMPT))
    session.expect(segment(1))
    session.say(RESULT)
    session.expect(b"AT+CIPSEND=0,8\r\n", 2)


def test_what_is_left_over_leaves_at_once_even_three_days_after_the_last_write():
    session = Session().bring_up()
    sock = session.open(0)
    sock.write(b"x")
    session.talk((b"AT+CIPSEND=0,1\r\n", PROMPT))
    session.expect(b"x")
    session.say(b"\r\nDATA ACCEPT:0,1\r\n")
    session.now += 1 << 28
    session.engine.checked(session.modem.driver.now())
    assert sock.write(segment(1) + b"the rest") == 1468
    session.talk((LINE, PROMPT))
    session.expect(segment(1))
    session.say(RESULT)
    session.expect(b"AT+CIPSEND=0,8\r\n", 2)


def test_a_urc_in_the_same_read_as_the_result():
    for said in (b"\r\n+CREG: 5\r\n" + RESULT, RESULT + b"\r\n+CREG: 5\r\n"):
        upload = Upload()
        for n in range(2, 5):  # the same thing again does not become usual
            upload.session.engine.bringup.registered = 1
            upload.body()
            upload.session.say(said)
            upload.session.expect(LINE)
            assert upload.shortened == 0 and upload.link.tx.sent == n * 1460
            assert upload.session.engine.bringup.registered == 5


def test_a_urc_in_the_same_read_as_the_prompt():
    for said in (b"\r\n+CREG: 5\r\n" + PROMPT, PROMPT + b"\r\n+CREG: 5\r\n"):
        upload = Upload()
        upload.go_on()
        upload.body(said)
        assert upload.session.engine.bringup.registered == 5
        upload.session.say(RESULT)
        upload.session.expect(LINE)
        assert upload.link.tx.sent == 4380


def test_a_closed_in_the_same_read_as_the_result():
    upload = Upload()
    upload.body()
    upload.session.say(RESULT + b"\r\n0, CLOSED\r\n")
    upload.session.run(50)
    assert upload.link.tx.sent == 2920 and upload.link.state_name() == "REMOTE CLOSING"
    assert LINE not in bytes(upload.session.uart.typed)


def test_a_prompt_torn_at_any_place():
    for at in range(1, len(PROMPT)):
        upload = Upload()
        upload.go_on()
        upload.session.say(PROMPT[:at])
        upload.session.rest(20)
        upload.body(PROMPT[at:])
        upload.session.say(RESULT)
        upload.session.expect(LINE)
        assert upload.link.tx.sent == 4380


def test_a_result_torn_at_any_place():
    for at in range(1, len(RESULT)):
        upload = Upload()
        upload.go_on()
        upload.body()
        upload.session.say(RESULT[:at])
        upload.session.rest(20)
        upload.session.say(RESULT[at:])
        upload.session.expect(LINE)
        assert upload.link.tx.sent == 4380


def test_a_result_of_another_link_is_none():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.session.say(b"\r\nDATA ACCEPT:1,1460\r\n")
    upload.session.run(50)
    assert upload.link.tx.sent == 2920 and not upload.session.uart.typed
    upload.session.say(RESULT)
    upload.session.expect(LINE)
    assert upload.link.tx.sent == 4380


def test_a_second_prompt_is_none():
    upload = Upload()
    upload.go_on()
    upload.session.say(PROMPT + PROMPT)
    upload.session.expect(segment(upload.n))
    upload.session.say(PROMPT)
    upload.session.run(50)
    assert not upload.session.uart.typed


def test_a_prompt_between_a_segment_and_its_result_is_none():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.session.say(PROMPT)
    upload.session.say(RESULT)
    upload.session.expect(LINE)
    upload.session.run(50)
    assert not upload.session.uart.typed


def test_fewer_bytes_accepted_than_the_last_time_is_an_error():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.session.say(b"\r\nDATA ACCEPT:0,1459\r\n")
    assert upload.link.error and upload.shortened == 1


def test_a_prompt_that_does_not_come_is_waited_for_five_seconds():
    upload = Upload()
    upload.go_on()
    upload.session.run(4900)
    assert not upload.link.error and not upload.session.uart.typed
    upload.session.run(200)
    assert upload.link.error


def test_a_result_that_does_not_come_is_waited_for_ten_seconds():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.session.run(9900)
    assert not upload.session.uart.typed
    upload.session.run(10_000)
    assert bytes(upload.session.uart.typed).endswith(b"AT\r")


def test_a_result_at_the_last_moment_leaves_time_for_the_next_line():
    upload = Upload()
    upload.go_on()
    upload.body()
    driver = upload.session.modem.driver
    upload.session.rest(until(upload.session.engine.deadline, driver.now()) - 1)
    driver._credit = 0  # the line is slow
    driver._credited_at = driver.now()
    upload.session.say(RESULT)
    upload.session.expect(LINE)
    assert upload.shortened == 2 and upload.session.engine.timeouts == 0


class Asker:
    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        pass


def test_a_command_of_the_application_comes_between_two_segments():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.session.engine.call(Command(Asker(), CSQ))
    upload.session.say(RESULT)
    upload.session.expect(CSQ)
    upload.session.say(b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n")
    upload.session.expect(LINE)
    assert upload.shortened == 1
    upload.go_on()
    assert upload.shortened == 2


def test_a_link_that_has_something_to_say_comes_between_two_segments():
    upload = Upload()
    session = upload.session
    upload.go_on()
    upload.body()
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.say(RESULT)
    session.expect(b"AT+CIPRXGET=2,0,1024\r\n")
    session.say(b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\nOK\r\n")
    session.expect(LINE)
    assert upload.sock.read() == b"abc" and upload.shortened == 1


def test_a_closed_socket_takes_no_more():
    upload = Upload()
    upload.go_on()
    upload.body()
    upload.sock.close()
    upload.session.say(RESULT)
    upload.session.expect(LINE)  # what was written still leaves, and then it is closed
    assert upload.shortened == 1
    upload.session.say(PROMPT)
    upload.session.expect(segment(upload.n))
    upload.session.say(RESULT)
    upload.session.expect(b"AT+CIPACK=0\r")


# -- UARTs ---------------------------------------------------------------------------------------


class Stubborn(ScriptedUart):
    """Takes of each write what `takes` says, in turn: None, fewer bytes than offered, or all."""

    def __init__(self, takes):
        super().__init__()
        self.takes = takes
        self._turn = 0

    def write(self, buf, at, n):
        self._turn += 1
        take = self.takes[self._turn % len(self.takes)]
        if take is None:
            return None
        return super().write(buf, at, min(n, take))


def test_a_uart_that_takes_less_than_it_is_offered_or_nothing():
    for takes in ((1,), (7, 1460), (None, 1460), (None, None, 3, 1460, 0, 40), (1460, 1460, 19)):
        for txbuf, latency_ms in ((0, 1), (2048, 1), (2048, 2000)):
            upload = Upload(uart=Stubborn(takes), txbuf=txbuf, latency_ms=latency_ms)
            for _ in range(3):
                upload.go_on()
            assert upload.link.tx.sent == 5840 and upload.shortened == 3, (takes, txbuf)


def test_all_that_crosses_the_uart_is_counted_whatever_way_it_took():
    for uart in (ScriptedUart(), Stubborn((1460, 100)), Stubborn((None, 1460, 255))):
        upload = Upload(uart=uart, txbuf=2048, latency_ms=2000)
        before = upload.session.modem.stats()
        for _ in range(3):
            upload.go_on()
        after = upload.session.modem.stats()
        assert after["uart_out"] - before["uart_out"] == 3 * (1460 + len(LINE))
        assert after["uart_in"] - before["uart_in"] == 3 * len(PROMPT + RESULT)


class Buffered(ScriptedUart):
    """Empties at the speed of its line; `most`: the most bytes that it has held."""

    def __init__(self, baud):
        super().__init__()
        self._baud = baud
        self._held = self.most = 0  # thousandths
        self._at = 0

    def __repr__(self):
        return "UART(1, baudrate=%d)" % self._baud

    def write(self, buf, at, n):
        now = self.session.now
        gone = (now - self._at) * self._baud // 10
        self._held = max(0, self._held - gone) + n * 1000
        self.most = max(self.most, self._held)
        self._at = now
        return super().write(buf, at, n)


def most_held(uart, txbuf, latency_ms=2000):
    upload = Upload(uart=uart, txbuf=txbuf, latency_ms=latency_ms)
    for _ in range(4):
        upload.go_on()
    assert upload.shortened == 4
    return upload.session.uart.most / 1000


def test_no_more_is_written_than_txbuf_holds():
    for baud in (9600, 115200, 921600):
        for txbuf in (1024, 2048):
            held = most_held(Buffered(baud), txbuf)
            assert min(txbuf - 32, 1460) <= held <= txbuf, (baud, txbuf)  # 32: kept for a line


class Narrow(Buffered):
    """Takes less than a slice once it has taken two, though it has room."""

    def write(self, buf, at, n):
        return super().write(buf, at, min(n, 100) if len(self.typed) > 500 else n)


def test_nor_when_it_does_not_take_a_slice_whole():
    assert most_held(Narrow(115200), 2048, latency_ms=60) <= 2048


def test_without_a_txbuf_it_is_two_slices_of_six_milliseconds():
    for baud, most in ((9600, 16), (57600, 64), (115200, 128), (921600, 512)):
        assert most / 2 < most_held(Buffered(baud), 0) <= most, baud
