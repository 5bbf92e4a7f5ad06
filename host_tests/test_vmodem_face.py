"""The pace at a descriptor on a clock that the test sets: a face that is late makes up for it."""

import asyncio
import contextlib
import socket

import pytest
from vmodem_host import served

from tools.vmodem import VirtualModem
from tools.vmodem.face import SerialFace
from tools.vmodem.trace import HOST, MODEM

BAUD = 115200
LATENCY_US = 10_000
START_US = 5_000_000_000
OK = b"\r\nOK\r\n"


class Clock:
    now_us = START_US

    def __call__(self):
        return self.now_us


class Recorder:
    """A trace: who said what, and when; `heard` is set when the host was heard."""

    def __init__(self):
        self.rows = []
        self.heard = asyncio.Event()

    def bytes(self, who, data, now_us):
        self.rows.append((who, data, now_us))
        if who is HOST:
            self.heard.set()


class Desk:
    """A modem behind one end of a socket pair, the test at the other; only `look` is in time."""

    def __init__(self, descriptor, own, options):
        self.clock = Clock()
        self.modem = VirtualModem(
            served(), baud=BAUD, latency_us=LATENCY_US, echo=False, **options
        )
        self.trace = Recorder()
        self.face = SerialFace(self.modem, descriptor, [self.trace], self.clock)
        self.face.start()
        self._own = own

    async def type(self, data):
        self.trace.heard.clear()
        self._own.send(data)
        await self.trace.heard.wait()

    def look(self, after_us):
        """What has come when the face next does something, `after_us` from now."""
        self.clock.now_us += after_us
        self.face.pump()
        with contextlib.suppress(BlockingIOError):
            return self._own.recv(65536)
        return b""


def at_a_desk(scenario, **options):
    async def run():
        theirs, own = socket.socketpair()
        with theirs, own:
            own.setblocking(False)
            desk = Desk(theirs.fileno(), own, options)
            await scenario(desk)
            desk.face.stop()

    asyncio.run(asyncio.wait_for(run(), 20))


def line_us(count):
    """How long `count` bytes need, in whole microseconds."""
    return -(-count * 10_000_000 // BAUD)


@pytest.mark.parametrize("count", range(len(OK) + 1))
def test_who_is_late_finds_what_has_crossed_by_now_and_no_byte_more(count):
    async def scenario(desk):
        await desk.type(b"AT\r")
        at_us = line_us(3) + LATENCY_US + line_us(count)
        assert desk.look(at_us) == OK[:count]
        assert desk.look(line_us(1) - 2) == b""
        assert desk.look(2) == OK[count : count + 1]

    at_a_desk(scenario)


def test_latency_of_a_payload_counts_from_its_last_byte_on_the_line():
    async def scenario(desk):
        for line in (b"AT+CIPMUX=1\r", b"AT+CIPQSEND=1\r", b"AT+CSTT\r", b"AT+CIICR\r"):
            await desk.type(line)
            assert desk.look(5_000_000) == OK
        await desk.type(b"AT+CIFSR\r")
        assert desk.look(1_000_000)
        await desk.type(b'AT+CIPSTART=0,"TCP","sink",1\r')
        assert desk.look(5_000_000) == OK + b"\r\n0, CONNECT OK\r\n"
        await desk.type(b"AT+CIPSEND=0,1460\r")
        assert desk.look(1_000_000) == b"\r\n> "
        await desk.type(bytes(1460))
        answer = b"\r\nDATA ACCEPT:0,1460\r\n"
        at_us = line_us(1460) + LATENCY_US + line_us(len(answer))
        assert desk.look(at_us - 2) == answer[:-1]
        assert desk.look(2) == answer[-1:]

    at_a_desk(scenario)


def test_what_the_network_tells_meanwhile_is_not_said_earlier():
    async def scenario(desk):
        desk.look(1_000_000)
        desk.clock.now_us += 50_000
        desk.modem.tick(desk.clock.now_us)  # as a network does when it has news
        desk.modem.urc("RING")
        assert desk.look(0) == b""
        assert desk.look(line_us(8)) == b"\r\nRING\r\n"

    at_a_desk(scenario)


def test_what_was_said_before_the_host_typed_stands_before_it_in_the_trace():
    async def scenario(desk):
        await desk.type(b"AT\r")
        desk.clock.now_us += 1_000_000
        await desk.type(b"AT\r")
        desk.look(1_000_000)
        assert [who for who, _, _ in desk.trace.rows] == [HOST, MODEM, HOST, MODEM]
        stamps = [at_us - START_US for _, _, at_us in desk.trace.rows]
        answer_us = line_us(3) + LATENCY_US
        assert stamps == [0, answer_us, 1_000_000, 1_000_000 + answer_us]

    at_a_desk(scenario)


def test_a_cold_start_takes_its_time():
    async def scenario(desk):
        boot_us = desk.modem.profile.boot_us
        assert desk.look(boot_us - 1) == b""
        assert b"RDY" in desk.look(1_000_000)

    at_a_desk(scenario, booted=False)
