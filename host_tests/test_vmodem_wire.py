"""The line between host and virtual modem: pace, portions, two different rates."""

import random
import time

import pytest
from vmodem_host import UP, served

from tools.vmodem import Source, VirtualModem, Wire
from tools.vmodem.pacer import Pacer

START_US = ((1 << 29) - 5000) * 1000  # where the tests of the firmware start too
RATES = (9600, 57600, 115200, 921600)


class Line:
    """A host that follows `due_us` and keeps the time at which every byte became visible."""

    def __init__(self, network=None, baud=115200, host_baud=None, chunk=None, seed=0, **options):
        options.setdefault("echo", False)
        self.modem = VirtualModem(network or served(), baud=baud, **options)
        self.wire = Wire(self.modem, host_baud=host_baud or baud, chunk=chunk, seed=seed)
        self.now_us = START_US
        self.portions = []

    def write(self, data):
        assert self.wire.write(data, self.now_us) == len(data)

    def until(self, done, ms=60_000):
        """Everything that arrives until `done(bytes)` or for `ms`."""
        end_us = self.now_us + ms * 1000
        got = bytearray()
        while not done(got):
            due_us = self.wire.due_us(self.now_us)
            if due_us is None or due_us > end_us:
                self.now_us = end_us
                return bytes(got)
            self.now_us = max(self.now_us + 1, due_us)
            portion = self.wire.arrived(self.now_us)
            if portion:
                self.portions.append((self.now_us, len(portion)))
            got += portion
        return bytes(got)

    def run(self, *lines):
        for line in lines:
            self.write(line.encode() + b"\r")
            answer = self.until(lambda got: got.endswith(b"\r\n"), 5000)
            assert answer and b"ERROR" not in answer, (line, answer)

    def download(self):
        """Open a link to `source` and give all that comes until it is closed."""
        self.run("AT+CIPMUX=1", *UP)
        self.portions.clear()
        self.write(b'AT+CIPSTART=0,"TCP","source",1\r')
        return self.until(lambda got: got.endswith(b"0, CLOSED\r\n"))


def downloading(size, **options):
    return Line(served(source=lambda: Source(bytes(size))), **options)


# -- the pacer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("baud", RATES)
def test_pace_is_within_a_millisecond_over_any_second(baud):
    rng = random.Random(baud)
    pacer = Pacer(baud)
    pacer.put(bytes(baud), START_US)  # ten seconds
    now_us, total, marks = START_US, 0, []
    while len(pacer):
        now_us += rng.randint(1, 20_000)
        total += len(pacer.take(pacer.crossed(now_us)))
        marks.append((now_us, total))
    for mark_us, count in marks[:-1]:
        ideal = (mark_us - START_US) * baud / 10_000_000
        assert abs(count - ideal) <= baud / 10_000 + 1
    assert pacer.free_us - START_US == 10_000_000


def test_bytes_put_in_small_pieces_keep_the_same_pace():
    pacer = Pacer(9600)
    for i in range(100):
        pacer.put(b"x", START_US + i * 10)
    assert pacer.free_us == START_US + 104_167  # 100 * 10 bits / 9600 bit/s, rounded up
    assert pacer.crossed(START_US + 104_166) == 99
    assert pacer.crossed(START_US + 104_167) == 100


def test_burst_begins_anew_after_a_rest():
    pacer = Pacer(10_000)  # a byte a millisecond
    pacer.put(b"ab", 0)
    assert pacer.take(pacer.crossed(5000)) == b"ab"
    pacer.put(b"cd", 7000)
    assert [pacer.crossed(t) for t in (7999, 8000, 9000)] == [0, 1, 2]


def test_late_taker_does_not_stretch_the_line():
    pacer = Pacer(10_000)
    pacer.put(b"ab", 0)
    pacer.put(b"cd", 1500)  # still busy
    assert pacer.free_us == 4000
    assert pacer.crossed(4000) == 4


def test_bytes_after_a_rest_do_not_ride_on_those_that_nobody_took():
    pacer = Pacer(10_000)  # a byte in a millisecond
    pacer.put(b"early", 0)
    pacer.put(b"6789", 1_000_000)
    assert pacer.crossed(1_000_000) == 5
    assert pacer.time_of(5) <= 1_000_000 and pacer.time_of(6) == 1_001_000
    assert pacer.take(pacer.crossed(1_002_000)) == b"early67"
    assert pacer.free_us == 1_004_000
    assert pacer.take(pacer.crossed(1_004_000)) == b"89" and not len(pacer)


def test_new_rate_applies_to_what_has_not_crossed():
    pacer = Pacer(10_000)
    pacer.put(b"abcd", 0)
    assert pacer.take(pacer.crossed(2000)) == b"ab"
    pacer.retune(5000, 2000)
    assert [pacer.crossed(t) for t in (3999, 4000, 6000)] == [0, 1, 2]
    assert pacer.take(4) == b"cd"


# -- pace of the wire ----------------------------------------------------------------------------


def test_typed_bytes_and_answer_take_their_time():
    line = Line(baud=9600, latency_us=10_000)
    line.write(b"AT\r")
    assert line.until(lambda got: len(got) == 6) == b"\r\nOK\r\n"
    # Three bytes up, the latency, six bytes down, at 10 bits a byte.
    assert line.now_us - START_US == pytest.approx(3125 + 10_000 + 6250, abs=3)


@pytest.mark.parametrize("baud", RATES)
def test_download_is_as_fast_as_the_line_and_never_faster(baud):
    line = downloading(baud // 4, baud=baud)
    got = line.download()
    assert got.count(b"\0") == baud // 4
    first_us, first = line.portions[0]
    count = 0
    for when_us, size in line.portions[1:]:
        count += size
        assert (when_us - first_us) * baud >= (count - 1) * 10_000_000
    busy_us = len(got) * 10_000_000 // baud
    assert line.portions[-1][0] - line.portions[0][0] < busy_us * 1.03 + 60_000


def test_what_is_due_at_the_moment_of_the_last_look_happens_at_the_next():
    line = Line()
    line.wire.advance(line.now_us)
    happened = []
    line.modem.after(0, lambda: happened.append(True))
    line.wire.advance(line.now_us)
    assert happened


def test_a_second_look_at_the_same_moment_does_not_bother_the_modem(monkeypatch):
    line = Line()
    line.wire.arrived(line.now_us)
    monkeypatch.setattr(line.modem, "tick", None)
    assert line.wire.arrived(line.now_us) == b""


def test_jump_over_a_long_time_gives_the_same_bytes():
    patient, lazy = downloading(30_000), downloading(30_000)
    got = patient.download()
    lazy.run("AT+CIPMUX=1", *UP)
    lazy.write(b'AT+CIPSTART=0,"TCP","source",1\r')
    assert lazy.wire.arrived(lazy.now_us + 60_000_000) == got


def test_nothing_to_do_is_never_due():
    line = Line()
    assert line.wire.due_us(START_US) is None
    assert line.wire.arrived(START_US + 10**9) == b""


def test_thirty_kilobytes_cost_little():
    line = downloading(120_000, chunk=(1, 256))
    line.run("AT")
    begin = time.process_time()
    got = line.download()
    assert len(got) > 120_000
    # 10 ms for 30 kB is the aim; the bound leaves room for a slow machine.
    assert time.process_time() - begin < 4 * 0.05


# -- portions ------------------------------------------------------------------------------------


def test_portions_have_the_sizes_asked_for_and_a_rest_when_the_line_rests():
    line = downloading(5000, chunk=(7, 40), seed=5)
    whole = line.download()
    sizes = [size for _, size in line.portions]
    assert set(sizes[2:-1]) <= set(range(7, 41))
    assert len(set(sizes)) > 10
    assert sum(sizes) == len(whole)


def test_seed_decides_the_portions():
    def sizes(seed):
        line = downloading(3000, chunk=(1, 100), seed=seed)
        line.download()
        return [size for _, size in line.portions]

    assert sizes(1) == sizes(1) != sizes(2)


@pytest.mark.parametrize("chunk", [(0, 5), (6, 5)])
def test_bad_portion_sizes_are_named(chunk):
    with pytest.raises(ValueError, match="chunk="):
        Line(chunk=chunk)


# -- two rates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("host_baud, baud", [(9600, 115200), (115200, 9600), (115200, 921600)])
def test_other_rate_turns_both_directions_into_garbage(host_baud, baud):
    line = Line(baud=baud, host_baud=host_baud)
    line.write(b"AT\r" * 50)
    got = line.until(lambda got: False, 2000)
    assert b"OK" not in got
    assert line.modem.counters["bytes_in"] == pytest.approx(150 * baud / host_baud, abs=51)


def test_garbage_lasts_about_as_long_as_what_was_said():
    line = Line(baud=9600, host_baud=115200)
    line.modem.inject("urc_storm")
    said = line.modem
    got = line.until(lambda got: False, 5000)
    assert len(got) == pytest.approx(said.counters["bytes_out"] * 12, rel=0.1)


def test_host_follows_the_modem_to_another_rate():
    line = Line()
    line.run("AT+IPR=921600")
    line.until(lambda got: False, 10)
    line.wire.host_baud = 921600
    line.run("AT")
    line.wire.host_baud = 115200
    line.write(b"AT\r")
    assert b"OK" not in line.until(lambda got: False, 500)
