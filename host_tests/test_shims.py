"""The CPython back end of the `machine` shim: UART, Timer and Pin on a virtual clock."""

from functools import partial

import machine
import micropython
import pytest

from tools import vmodem


class Wire:
    """A wire that carries what the test puts on it: (due_us, data) in order of time."""

    def __init__(self):
        self.host_baud = None
        self.written = bytearray()
        self.coming = []
        self.room = 10_000

    def write(self, data, now_us):
        taken = data[: self.room]
        self.written += taken
        return len(taken)

    def arrived(self, now_us):
        here = [data for due_us, data in self.coming if due_us <= now_us]
        self.coming = [item for item in self.coming if item[0] > now_us]
        return b"".join(here)

    def due_us(self, now_us):
        return min((due_us for due_us, _ in self.coming if due_us > now_us), default=None)


@pytest.fixture
def clock():
    return machine.Clock()


@pytest.fixture
def wire(clock):
    wire = Wire()
    machine.connect(1, wire, clock)
    return wire


def test_a_uart_nobody_connected_is_named():
    with pytest.raises(ValueError, match="UART\\(7\\)"):
        machine.UART(7)


def test_reads_of_an_idle_uart_are_none(wire):
    uart = machine.UART(1, 115200)
    assert uart.any() == 0
    assert uart.read() is None
    assert uart.read(5) is None
    assert uart.readline() is None
    assert uart.readinto(bytearray(5)) is None


def test_reads_are_partial(wire, clock):
    uart = machine.UART(1)
    wire.coming = [(clock.now_us, b"one\ntwo")]
    assert uart.any() == 7
    assert uart.readline() == b"one\n"
    buf = bytearray(8)
    assert uart.readinto(buf, 2) == 2
    assert uart.readinto(buf) == 1
    assert bytes(buf[:2]) == b"ow"


def test_bytes_arrive_only_when_their_time_has_come(wire, clock):
    uart = machine.UART(1)
    wire.coming = [(clock.now_us + 1000, b"a"), (clock.now_us + 2000, b"b")]
    assert uart.any() == 0
    clock.advance(1000)
    assert uart.read() == b"a"
    clock.advance(1000)
    assert uart.read() == b"b"


def test_full_rxbuf_loses_the_newest_bytes_and_counts_them(wire, clock):
    uart = machine.UART(1, rxbuf=600)
    sent = bytes(i & 255 for i in range(1000))
    wire.coming = [(clock.now_us, sent)]
    assert uart.any() == 600
    assert uart.overflows == 400
    assert uart.read() == sent[:600]
    wire.coming = [(clock.now_us, b"next")]
    assert uart.read() == b"next"


def test_rts_holds_the_peer_and_loses_nothing(wire, clock):
    uart = machine.UART(1, rxbuf=600, flow=machine.UART.RTS)
    sent = bytes(i & 255 for i in range(2000))
    wire.coming = [(clock.now_us, sent)]
    got = bytearray()
    while uart.any():
        assert uart.any() <= 600
        got += uart.read(300)
    assert got == sent
    assert uart.overflows == 0


def test_asking_for_more_than_waits_is_counted(wire, clock):
    uart = machine.UART(1)
    wire.coming = [(clock.now_us, b"abc")]
    buf = bytearray(8)
    uart.readinto(buf, 3)
    assert uart.overreads == 0
    uart.readinto(buf, 1)
    assert uart.overreads == 1


def test_timeout_waits_on_the_clock_for_a_first_byte(wire, clock):
    uart = machine.UART(1, timeout=50)
    start_us = clock.now_us
    wire.coming = [(start_us + 7500, b"late")]
    assert uart.read(9) == b"late"
    assert clock.now_us == start_us + 8000
    assert uart.read(9) is None
    assert clock.now_us == start_us + 58000


def test_write_takes_what_txbuf_holds_and_drains_at_the_line_speed(wire, clock):
    uart = machine.UART(1, 115200, txbuf=256)
    data = bytes(300)
    assert uart.write(data) == 256
    assert uart.write(data) is None
    assert not uart.txdone()
    clock.advance(10 * 87)  # 86.8 us a byte
    assert uart.write(data) == 10
    clock.advance(256 * 87)
    assert uart.txdone()
    assert len(wire.written) == 266


def test_write_spans(wire):
    uart = machine.UART(1)
    assert uart.write(b"abcdef", 2) == 2
    assert uart.write(b"abcdef", 3, 2) == 2
    assert uart.write(b"abcdef", 5, 9) == 1
    assert uart.write(b"") is None
    assert wire.written == b"abdef"


def test_write_that_the_wire_refuses_is_none_or_partial(wire):
    uart = machine.UART(1)
    wire.room = 3
    assert uart.write(b"abcdef") == 3
    wire.room = 0
    assert uart.write(b"abcdef") is None


def test_flush_waits_until_the_last_byte_has_left(wire, clock):
    uart = machine.UART(1, 9600)
    start_us = clock.now_us
    uart.write(b"x" * 96)
    uart.flush()
    assert uart.txdone()
    assert clock.now_us - start_us == 100_000


def test_init_changes_the_speed_of_the_wire(wire):
    uart = machine.UART(1, 115200)
    assert wire.host_baud == 115200
    uart.init(baudrate=921600)
    assert (wire.host_baud, uart.baudrate) == (921600, 921600)


def test_init_keeps_what_it_does_not_name(wire, clock):
    uart = machine.UART(1, 115200, rxbuf=600, timeout=5, flow=machine.UART.RTS)
    start_us = clock.now_us
    wire.coming = [(start_us, bytes(1000))]
    uart.init(baudrate=57600)
    assert uart.any() == 600
    uart.read()
    uart.read()
    assert uart.read(1) is None
    assert uart.overflows == 0
    assert clock.now_us - start_us == 5000


def test_poll_bits(wire, clock):
    uart = machine.UART(1)
    assert uart.ioctl(3, 1 | 4) == 4
    wire.coming = [(clock.now_us, b"a")]
    assert uart.ioctl(3, 1 | 4) == 5
    uart.write(bytes(256))
    assert uart.ioctl(3, 1 | 4) == 1
    assert uart.ioctl(10, 0) < 0


def test_irq_is_called_when_bytes_come_and_not_after_it_is_cleared(wire, clock):
    uart = machine.UART(1)
    calls = []
    uart.irq(lambda port: calls.append((port, clock.now_us)), machine.UART.IRQ_RX)
    first_us = clock.now_us + 3000
    wire.coming = [(first_us, b"a"), (first_us + 2000, b"b")]
    clock.advance_ms(4)
    assert calls == [(uart, first_us)]
    clock.advance_ms(4)
    assert calls == [(uart, first_us), (uart, first_us + 2000)]
    uart.irq(None)
    wire.coming = [(clock.now_us + 100, b"c")]
    clock.advance_ms(1)
    assert len(calls) == 2


def test_one_shot_timer_fires_once(wire, clock):
    fired = []
    timer = machine.Timer(-1)
    due_us = clock.now_us + 20_000

    def note(timer):
        fired.append((timer, clock.now_us))

    timer.init(mode=machine.Timer.ONE_SHOT, period=20, callback=note)
    clock.advance_ms(19)
    assert fired == []
    clock.advance_ms(100)
    assert fired == [(timer, due_us)]


def test_periodic_timer_keeps_its_times(wire, clock):
    fired = []
    start_us = clock.now_us
    timer = machine.Timer(0, period=10, callback=lambda t: fired.append(clock.now_us - start_us))
    clock.advance_ms(35)
    assert fired == [10_000, 20_000, 30_000]
    timer.deinit()
    clock.advance_ms(35)
    assert len(fired) == 3


def test_a_timer_set_again_forgets_its_earlier_setting(wire, clock):
    fired = []
    timer = machine.Timer(-1)

    def note(name, timer):
        fired.append(name)

    for name, period in (("early", 5), ("late", 9)):
        timer.init(mode=timer.ONE_SHOT, period=period, callback=partial(note, name))
    clock.advance_ms(20)
    assert fired == ["late"]


def test_a_timer_may_set_itself_again_in_its_callback(wire, clock):
    fired = []

    def again(timer):
        fired.append(clock.now_us)
        if len(fired) < 3:
            timer.init(mode=timer.ONE_SHOT, period=4, callback=again)

    start_us = clock.now_us
    machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=4, callback=again)
    clock.advance_ms(50)
    assert [us - start_us for us in fired] == [4000, 8000, 12000]


def test_timer_without_a_period_is_refused(wire):
    with pytest.raises(ValueError, match="period"):
        machine.Timer(-1).init(callback=print)


def test_clock_stops_at_every_event_of_the_wire(wire, clock):
    seen = []
    clock.watch(lambda: seen.append(clock.now_us))
    start_us = clock.now_us
    wire.coming = [(start_us + 300, b"a"), (start_us + 700, b"b")]
    clock.advance(1000)
    assert [us - start_us for us in seen] == [300, 700, 1000]


def test_bytes_nobody_reads_do_not_slow_the_clock(clock):
    modem = vmodem.VirtualModem(vmodem.MemoryNetwork(), latency_us=1000)
    machine.connect(1, vmodem.Wire(modem), clock)
    uart = machine.UART(1)
    steps = []
    clock.watch(lambda: steps.append(clock.now_us))
    uart.write(b"AT\r")
    clock.advance_ms(1000)
    assert uart.read() == b"AT\r\r\nOK\r\n"
    assert len(steps) < 30


def test_clock_starts_five_seconds_before_the_29_bit_wrap(clock):
    before = clock.ticks_ms()
    clock.advance_ms(5000)
    assert before == 2**29 - 5000
    assert clock.ticks_ms() == 2**29


def test_pin_remembers_its_changes_and_drives_its_wire():
    levels = []
    machine.Pin.wires[4] = levels.append
    pin = machine.Pin(4, machine.Pin.OUT, value=0)
    pin.on()
    pin(0)
    del machine.Pin.wires[4]
    pin.value(1)
    assert pin.changes == [0, 1, 0, 1]
    assert levels == [0, 1, 0]
    assert pin.value() == pin() == 1


def test_schedule_defers_a_call_made_inside_a_handler():
    order = []

    def outer(name):
        micropython.schedule(order.append, "inner")
        order.append(name)

    micropython.schedule(outer, "outer")
    assert order == ["outer", "inner"]


def test_schedule_refuses_a_ninth_waiting_call():
    ran = []

    def flood(_):
        for number in range(8):
            micropython.schedule(ran.append, number)
        with pytest.raises(RuntimeError, match="queue full"):
            micropython.schedule(ran.append, 8)

    micropython.schedule(flood, None)
    assert ran == list(range(8))
