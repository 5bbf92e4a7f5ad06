"""Peers that are slow, endless or not listened to, and an application that leaves at any moment.

On a virtual clock: a minute, or ten megabytes, is over in seconds.
"""

import errno
import re
import zlib

import pytest
from world import START_US, World

from tools.vmodem.memory import Echo, Peer

BOTH_MODES = pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
BODY = 3  # the engine's phase while a payload is typed
SECOND_US = 1_000_000
MEGABYTE = 1_000_000
PATTERN = bytes((i * 7 + i // 251) & 255 for i in range(4096))


class OneByteASecond(Peer):
    def on_connected(self):
        for number in range(60):
            self.send(PATTERN[number : number + 1], number * SECOND_US)
        self.close(60 * SECOND_US)


class Download(Peer):
    """Ten megabytes, as fast as they are taken."""

    size = 10 * MEGABYTE

    def on_connected(self):
        self.send(pattern(self.size))
        self.close()


class Flood(Download):
    size = MEGABYTE


PEERS = {"slow": OneByteASecond, "download": Download, "flood": Flood, "echo": Echo}


def world(flow=False, **options):
    made = World(flow=flow, nic={"flow": flow}, **options)
    for host, peer in PEERS.items():
        made.network.serve(host, 7, peer)
    made.nic.connect()
    return made


def pattern(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def connected(world, host, kind=1):
    sock = world.nic.socket(type=kind)
    sock.settimeout(30)
    sock.connect((host, 7))
    return sock


def echoes(sock, line):
    sock.write(line)
    return sock.read(len(line)) == line


def errno_of(call, *args):
    with pytest.raises(OSError) as raised:
        call(*args)
    return raised.value.args[0]


def talk(world, sock, steps):
    """Connect, say something as soon as that is possible, listen; for so many times 3 ms."""
    try:
        sock.connect(("echo", 7))
    except OSError as error:
        assert error.args[0] == errno.EINPROGRESS
    said = None
    for _ in range(steps):
        said = said or sock.write(PATTERN[:1400])
        world.run(3)


def doing(world):
    """The command that is under way."""
    command = world.engine.inflight
    if command is None:
        return None
    name = re.match(rb"AT\+[A-Z]+", bytes(command.text)).group().decode()
    return f"the payload of {name}" if world.engine.phase == BODY else name


@BOTH_MODES
def test_one_byte_a_second_is_read_as_it_comes(flow):
    slow = world(flow)
    sock = connected(slow, "slow")
    sock.settimeout(2)  # for each wait, not for all of them
    began_us = slow.now_us
    assert sock.read(30) == PATTERN[:30]
    assert 28 < (slow.now_us - began_us) / SECOND_US < 32
    assert sock.read() == PATTERN[30:60]
    assert 58 < (slow.now_us - began_us) / SECOND_US < 64


def test_ten_megabytes_arrive_whole():
    fast = world(baud=921600, chunk=(1000, 1460))
    sock = connected(fast, "download")
    piece = bytearray(4096)
    size = crc = 0
    while n := sock.readinto(piece):
        size += n
        crc = zlib.crc32(memoryview(piece)[:n], crc)
    assert (size, crc) == (Download.size, zlib.crc32(pattern(Download.size)))
    assert fast.uart.overflows == 0
    assert fast.now_us - START_US < 10 * 60 * SECOND_US


@BOTH_MODES
def test_a_flood_that_nobody_reads_harms_no_other_link(flow):
    flooded = world(flow)
    unread = connected(flooded, "flood")
    other = connected(flooded, "echo")
    for second in range(60):
        flooded.run(1000)
        assert echoes(other, b"second %d" % second)
    assert flooded.uart.overflows == 0
    came = unread.read(20_000)
    assert came == pattern(len(came))
    if flow:  # what has been pushed cannot wait for ever: the link fails behind what it held
        assert errno_of(unread.read) == errno.ENOBUFS
    else:
        assert len(came) == 20_000


@BOTH_MODES
@pytest.mark.parametrize("kind", [1, 2], ids=["TCP", "UDP"])
def test_an_application_may_close_in_the_middle_of_everything(flow, kind):
    torn = world(flow)
    caught = set()
    for steps in range(110):
        sock = torn.nic.socket(type=kind)
        sock.setblocking(False)
        talk(torn, sock, steps)
        caught.add(doing(torn))
        sock.close()
        torn.run(steps % 7)
    assert caught >= {None, "AT+CIPSTART", "AT+CIPSEND", "the payload of AT+CIPSEND"}
    assert flow or "AT+CIPRXGET" in caught
    torn.until(lambda: not any(link.up or link.owned for link in torn.nic.links))
    socks = [connected(torn, "echo", kind) for _ in range(6)]
    assert all(echoes(sock, b"still here") for sock in socks)
    assert torn.engine.links.unexpected == torn.engine.resync.count == 0
