"""What sockets and options set in the modem, seen from the virtual modem's side."""

import pytest
from world import World

from tools.vmodem.memory import Echo

SOL_SOCKET, IPPROTO_TCP = 1, 6
SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT = 8, 4, 5, 6
FAST = 460800


def connected(world):
    world.network.serve("echo", 7, Echo)
    world.nic.connect()
    sock = world.nic.socket()
    sock.settimeout(20)
    sock.connect(("echo", 7))
    return sock


@pytest.mark.parametrize("profile", ["luat", "sim800"])
def test_keep_alive_is_set_at_once_and_after_a_restart(profile):
    world = World(profile=profile)
    sock = connected(world)
    sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 120)
    sock.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 30)
    sock.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 4)
    world.run(1000)
    assert tuple(world.modem.settings.ciptka) == (1, 120, 30, 4)
    world.modem.restart()
    world.until(lambda: world.engine.bringup.count == 2)
    assert tuple(world.modem.settings.ciptka) != (1, 120, 30, 4)
    world.until(world.nic.isconnected)
    assert tuple(world.modem.settings.ciptka) == (1, 120, 30, 4)


def echoes(world, sock):
    sock.write(b"hello")
    return sock.read(5) == b"hello"


def test_the_rate_is_raised():
    world = World(nic={"baud": FAST})
    assert echoes(world, connected(world))
    assert world.modem.baud == world.wire.host_baud == FAST


def test_a_rate_that_the_line_does_not_carry_is_given_up():
    """The modem takes it, and nothing of what it says then can be read, until it is reset."""
    world = World(nic={"baud": FAST, "reset": True})
    carry = world.wire.arrived

    def arrived(now_us):
        data = carry(now_us)
        return bytes(byte ^ 0xA5 for byte in data) if world.wire.host_baud == FAST else data

    world.wire.arrived = arrived
    assert echoes(world, connected(world))
    assert world.modem.baud == world.wire.host_baud == 115200
    assert f"{FAST} baud: not heard, not tried again" in world.log
