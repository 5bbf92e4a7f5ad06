"""Servers on the virtual modem, SIM800 and Air724: callers from the network in memory."""

import errno

import pytest
from world import World

from tools.vmodem import Echo, Sink

FAMILIES = pytest.mark.parametrize("profile", ["sim800", "air724"])
PORT = 8080


class Caller(Sink):
    """A client that greets."""

    def __init__(self, greeting=b"hello"):
        super().__init__()
        self.greeting = greeting
        self.hung_up = False

    def on_connected(self):
        self.send(self.greeting)

    def on_closed(self):
        self.hung_up = True


class EchoServer:
    """An application that looks after its callers on each turn of the modem."""

    def __init__(self, world, port=PORT, backlog=6):
        self.served = 0
        self.refusals = []
        self.peers = []
        self.listener = world.nic.socket()
        self.listener.bind(("", port))
        self.listener.listen(backlog)
        self.listener.setblocking(False)
        self._world = world

    def turn(self):
        """Accept who has called; send back what has come."""
        while True:
            try:
                peer, address = self.listener.accept()
            except OSError as error:
                assert error.args[0] == errno.EAGAIN
                break
            assert address == ("10.76.40.73", 0)
            peer.setblocking(False)
            self.peers.append(peer)
            self.served += 1
        for peer in self.peers[:]:
            try:
                data = peer.read(1460)
                if data:
                    peer.write(data)
                elif data == b"":
                    self.hang_up(peer)
            except OSError as error:
                self.refusals.append(error.args[0])
                self.hang_up(peer)

    def hang_up(self, peer):
        peer.close()
        self.peers.remove(peer)

    def until(self, condition, ms=60_000):
        self._world.until(lambda: self.turn() or condition(), ms)


def up(profile, **options):
    world = World(profile=profile, **options)
    world.nic.connect(timeout=120)
    return world


def dial(world, *callers, port=PORT):
    for caller in callers:
        world.network.dial(port, caller)
    return callers


def is_all_free(world):
    return all(link.is_free() for link in world.nic.links)


@FAMILIES
def test_six_callers_at_once(profile):
    world = up(profile)
    server = EchoServer(world)
    callers = dial(world, *[Caller(b"%d " % n * 700) for n in range(6)])
    server.until(lambda: all(caller.received == caller.greeting for caller in callers))
    assert server.served == 6
    seventh = Caller()
    dial(world, seventh)
    server.until(lambda: seventh.refused)
    for caller in callers:
        caller.close()
    server.until(lambda: not server.peers and is_all_free(world))
    assert not server.refusals
    assert world.engine.intake.unknown == world.engine.links.unexpected == 0


@FAMILIES
def test_callers_beside_clients(profile):
    world = up(profile)
    world.network.serve("echo", 7, Echo)
    server = EchoServer(world)
    mine = [world.nic.socket() for _ in range(2)]
    for sock in mine:
        sock.connect(("echo", 7))
    callers = dial(world, *[Caller() for _ in range(5)])
    server.until(lambda: sum(caller.received == b"hello" for caller in callers) == 4)
    assert [caller.refused for caller in callers].count(True) == 1
    for sock in mine:
        sock.write(b"text")
        assert sock.read(4) == b"text"


@FAMILIES
def test_callers_one_after_the_other_on_the_same_link(profile):
    world = up(profile)
    server = EchoServer(world, backlog=1)
    for _ in range(12):
        (caller,) = dial(world, Caller())
        server.until(lambda caller=caller: caller.received == b"hello")
        caller.close()
    server.until(lambda: is_all_free(world))
    assert server.served == 12 and not server.refusals


@FAMILIES
def test_our_hanging_up_reaches_the_caller_behind_the_data(profile):
    world = up(profile)
    server = EchoServer(world)
    (caller,) = dial(world, Caller())
    server.until(lambda: server.peers)
    server.peers[0].write(b"bye")
    server.hang_up(server.peers[0])
    world.until(lambda: caller.hung_up)
    assert caller.received == b"bye"


@FAMILIES
@pytest.mark.parametrize("fault", ["reboot", "pdp_deact"])
def test_the_listener_outlives(profile, fault):
    world = up(profile)
    server = EchoServer(world)
    (inside,) = dial(world, Caller())
    server.until(lambda: inside.received == b"hello")
    world.run(61_000)
    waiting = Caller(b"x" * 2000)
    dial(world, waiting)
    world.until(lambda: server.listener.ioctl(3, 1))
    world.modem.inject(fault)
    server.until(lambda: server.refusals)
    assert set(server.refusals) == {errno.ECONNRESET}
    server.until(lambda: PORT in world.network.listening, 300_000)
    (caller,) = dial(world, Caller(b"again"))
    server.until(lambda: caller.received == b"again")
    caller.close()
    server.until(lambda: is_all_free(world))


@FAMILIES
def test_closed_listener(profile):
    world = up(profile)
    server = EchoServer(world)
    (caller,) = dial(world, Caller())
    server.until(lambda: caller.received == b"hello")
    server.listener.close()
    world.until(lambda: world.network.listening == {})
    (late,) = dial(world, Caller())
    world.run(1000)
    assert late.refused
    caller.send(b" again")
    world.until(lambda: server.peers[0].ioctl(3, 1))
    assert server.peers[0].read(6) == b" again"
    again = EchoServer(world, 81)
    assert world.network.listening == {81: 81}
    (other,) = dial(world, Caller(), port=81)
    again.until(lambda: other.received == b"hello")


@FAMILIES
def test_a_soft_reset_leaves_no_server_behind(profile):
    world = up(profile)
    EchoServer(world)
    dial(world, Caller())
    world.run(500)
    world.make_nic()
    world.nic.connect(timeout=120)
    assert world.network.listening == {}
    server = EchoServer(world)
    (caller,) = dial(world, Caller())
    server.until(lambda: caller.received == b"hello")


@FAMILIES
def test_disconnect_takes_the_server_down(profile):
    world = up(profile)
    server = EchoServer(world)
    (caller,) = dial(world, Caller())
    server.until(lambda: caller.received == b"hello")
    dial(world, Caller())
    before_us = world.now_us
    world.nic.disconnect()
    assert world.now_us - before_us < 5_000_000
    assert world.network.listening == {}
    world.nic.connect(timeout=120)  # the application has not closed the listener
    server.until(lambda: PORT in world.network.listening)


def test_a_luat_modem_of_today_has_no_server():
    world = up("luat")
    with pytest.raises(OSError) as error:
        EchoServer(world)
    assert error.value.args[0] == errno.EOPNOTSUPP


@FAMILIES
@pytest.mark.parametrize("kind", [1, 2])
def test_a_client_binds_its_port(profile, kind):
    world = up(profile)
    world.network.serve("echo", 7, Echo)
    for port in (5000, None, 5001):
        sock = world.nic.socket(type=kind)
        if port:
            sock.bind(("", port))
        sock.connect(("echo", 7))
        sock.write(b"text")
        assert sock.recv(4) == b"text"
        expected = (port,) if port else (0, 5000)  # Luat cannot be told to choose again
        assert world.network.channels[0].local_port in expected
        sock.close()
        world.until(lambda: is_all_free(world))
