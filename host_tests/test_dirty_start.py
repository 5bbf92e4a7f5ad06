"""After a soft reset the modem still is where the last program left it, at any baud rate.

Promise: with a modem that answers within 10 ms, `connect()` has succeeded within seventeen virtual
seconds from every such state.
"""

import pytest
from world import World

from tools.vmodem.memory import Peer

RATES = (115200, 460800, 921600, 230400, 57600, 38400, 19200, 9600)
LIMIT_S = 17.0


class Flood(Peer):
    """Sends faster than any UART: text that reads like the modem's own."""

    rate = 100_000
    DATA = b"\r\nOK\r\n\r\n0, CLOSED\r\n> \r\n+RECEIVE,1,5:\r\n" + bytes(range(256)) * 5

    def on_connected(self):
        self.send(self.DATA * 1500)


class Binary(Flood):
    DATA = bytes(range(256)) * 5


class LastProgram:
    """The program that ran before the reset: it types whatever it likes, at the right rate."""

    def __init__(self, world):
        self._world = world

    def type(self, text, ms=200):
        world = self._world
        world.wire.write(text, world.now_us)
        end_us = world.now_us + ms * 1000 + len(text) * 11_000_000 // world.modem.baud
        while world.now_us < end_us:
            world.wait((end_us - world.now_us) / 1000)
            world.uart.readinto(bytearray(4096), 4096)

    def bearer(self, mux):
        for line in (b"ATE1", b"AT+CIPMUX=%d" % mux, b"AT+CSTT", b"AT+CIICR", b"AT+CIFSR"):
            self.type(line + b"\r", 3000 if line == b"AT+CIICR" else 200)

    def links(self, host, count=1):
        self.bearer(1)
        for n in range(count):
            self.type(b'AT+CIPSTART=%d,"TCP","%s",1\r' % (n, host), 300)


def echo_on(program):
    program.type(b"ATE1\r")


def echo_off(program):
    program.type(b"ATE0\r")


def half_a_line(program):
    program.type(b"AT+CIPSTA")


def single_link(program):
    program.bearer(0)
    program.type(b'AT+CIPSTART="TCP","silence",1\r', 300)


def multi_link(program):
    program.links(b"silence", 6)


def payload_owed(program):
    program.links(b"silence")
    program.type(b"AT+CIPSEND=0,1460\r\n")


def last_byte_owed(program):
    program.links(b"silence")
    program.type(b"AT+CIPSEND=0,5\r\n")
    program.type(b"abcd")


def ctrl_z_owed(program):
    program.links(b"silence")
    program.type(b"AT+CIPSEND=0\r\n")


def data_mode(program, host=b"silence"):
    program.type(b"AT+CIPMODE=1\r")
    program.bearer(0)
    program.type(b'AT+CIPSTART="TCP","%s",1\r' % host, 300)


def one_link_flooding(program):
    program.links(b"flood")


def six_links_flooding(program):
    program.links(b"flood", 6)


def pulled_links_waiting(program):
    program.type(b"AT+CIPRXGET=1\r")
    program.links(b"flood", 6)


def pdp_deact(program):
    program.links(b"silence", 2)
    program._world.modem.inject("pdp_deact")
    program.type(b"AT\r")


STATES = (
    echo_on,
    echo_off,
    half_a_line,
    single_link,
    multi_link,
    payload_owed,
    last_byte_owed,
    ctrl_z_owed,
    data_mode,
    one_link_flooding,
    six_links_flooding,
    pulled_links_waiting,
    pdp_deact,
)


def reconnect(state, rate, family="luat"):
    world = World(baud=rate, profile=family)
    for host, peer in (("silence", Peer), ("flood", Flood), ("binary", Binary)):
        world.network.serve(host, 1, peer)
    state(LastProgram(world))
    world.wire.host_baud = 115200  # a soft reset opens the UART at the rate in the program
    world.make_nic()
    start_us = world.now_us
    world.nic.connect()
    return world, (world.now_us - start_us) / 1e6


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_connect_within_seventeen_seconds(state, rate):
    world, took = reconnect(state, rate)
    assert took <= LIMIT_S, world.trace()
    assert world.modem.bearer == "IP STATUS"
    assert world.modem.settings.cipmux == 1


@pytest.mark.parametrize("rate", RATES)
def test_a_flooding_peer_in_data_mode(rate):
    """The OK of `+++` comes behind all that the modem had already taken from the peer."""
    world, took = reconnect(lambda program: data_mode(program, b"binary"), rate)
    assert took <= 30, world.trace()
    assert world.modem.bearer == "IP STATUS"


@pytest.mark.parametrize("rate", RATES)
def test_a_peer_that_speaks_like_a_modem_through_data_mode_is_only_a_delay(rate):
    """In data mode `OK` from the peer cannot be told from the modem's: SHUT OK does not follow."""
    world, took = reconnect(lambda program: data_mode(program, b"flood"), rate)
    assert took <= 45, world.trace()
    assert world.modem.bearer == "IP STATUS"


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate != 921600])  # it has no such rate
@pytest.mark.parametrize("host", ["silence", "binary"])
def test_sim800_in_data_mode(host, rate):
    """It answers `+++` a second later, where Luat takes half of one."""
    world, took = reconnect(lambda program: data_mode(program, host.encode()), rate, "sim800")
    assert took <= 30, world.trace()
    assert world.modem.bearer == "IP STATUS"
    assert world.modem.settings.cipmode == 0
