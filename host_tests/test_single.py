"""Single-link mode (AT+CIPMUX=0) against the virtual modem, in both families."""

import errno

import pytest
from conversation import Echoing
from shared.session import errno_of
from sixlink.luat import Luat
from sixlink.sim800 import Sim800
from world import World

DATA = bytes(range(256)) * 12
FAMILIES = {"luat": Luat, "sim800": Sim800}


def single(profile, flow=False, **options):
    nic = {"dialect": FAMILIES[profile](mux=0), "flow": flow}
    world = World(profile=profile, flow=flow, nic=nic, **options)
    world.network.serve("echo", 7, Echoing)
    world.nic.connect()
    return world


def echo(world):
    sock = world.nic.socket()
    sock.settimeout(20)
    sock.connect(("echo", 7))
    sock.write(DATA)
    assert sock.read(len(DATA)) == DATA
    sock.close()


@pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
@pytest.mark.parametrize("profile", FAMILIES)
def test_one_connection_after_the_other(profile, flow):
    world = single(profile, flow)
    for _ in range(3):
        echo(world)
    assert world.engine.intake.unknown == 0
    assert [c.bytes_up for c in world.modem.connections] == [len(DATA)] * 3
    assert [c.bytes_down for c in world.modem.connections] == [len(DATA)] * 3


def test_sim800_starts_again_by_cipshut_luat_does_not():
    """SIM800 AT manual V1.10, CIPSTART; Luat AT command manual, CIPSTART, note 3."""
    for profile, bringups in (("sim800", 2), ("luat", 1)):
        world = single(profile)
        echo(world)
        echo(world)
        assert world.engine.bringup.count == bringups, profile


@pytest.mark.parametrize("chunk", [(1, 1), (1, 7), (3, 50)])
def test_headers_torn_over_many_reads(chunk):
    world = single("luat", flow=True, chunk=chunk, seed=3)
    echo(world)
    assert world.engine.intake.losses == 0


@pytest.mark.parametrize("profile", FAMILIES)
def test_a_second_socket_finds_no_link(profile):
    world = single(profile)
    first = world.nic.socket()
    first.connect(("echo", 7))
    second = world.nic.socket()
    assert errno_of(second.connect, ("echo", 7)) == errno.ENOBUFS
    first.write(b"x")
    assert first.read(1) == b"x"


@pytest.mark.parametrize("profile", FAMILIES)
def test_refused_then_accepted(profile):
    world = single(profile)
    sock = world.nic.socket()
    assert errno_of(sock.connect, ("echo", 8)) == errno.ECONNREFUSED
    sock.close()
    echo(world)


@pytest.mark.parametrize("profile", FAMILIES)
def test_a_false_error_and_then_connect_ok(profile):
    """The modem opens what it said it would not: that is closed, and the next one opens."""
    world = single(profile)
    world.modem.inject("error")
    sock = world.nic.socket()
    assert errno_of(sock.connect, ("echo", 7)) == errno.EIO
    sock.close()
    echo(world)
    world.run(5000)
    assert not any(link.live for link in world.modem.links)
