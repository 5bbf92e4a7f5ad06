"""Every command that the firmware types by itself, in both families, against the virtual modem.

docs/dialect.md names these tests where no other sees the firmware type a form in that family.
"""

from dataclasses import replace

import pytest
from shared.session import BRING_UP, Session
from sixlink.luat import Luat
from sixlink.resolver import Resolver
from sixlink.sim800 import Sim800
from sixlink.socket import SO_KEEPALIVE, SOL_SOCKET
from world import World

from tools.vmodem import PROFILES, Echo, Peer

FIRMWARE = {"luat": Luat, "sim800": Sim800}
SERVING = {"luat": "air724", "sim800": "sim800"}  # of each family, a profile with AT+CIPSERVER

both_families = pytest.mark.parametrize("family", FIRMWARE)


def made(family, mux=1, profile=None, nic=None, **options):
    """A world with a modem of that family, and an echo in it."""
    nic = {"dialect": FIRMWARE[family](mux=mux), **(nic or {})}
    world = World(profile=profile or family, nic=nic, **options)
    world.network.serve("echo", 7, Echo)
    return world


def connected(family, **options):
    world = made(family, **options)
    world.nic.connect()
    return world


def opened(world, kind=1):
    sock = world.nic.socket(type=kind)
    sock.settimeout(60)
    sock.connect(("echo", 7))
    return sock


def echoes(sock):
    sock.send(b"hello")
    assert sock.recv(5) == b"hello"


# -- bring-up ------------------------------------------------------------------------------------


@both_families
def test_nothing_unknown_is_said_in_a_bring_up(family):
    world = connected(family)
    assert world.engine.bearer.name() == "IP STATUS"
    assert world.engine.intake.unknown == 0


@both_families
def test_an_apn_of_the_network(family):
    assert r"AT+CSTT\r" in connected(family, nic={"apn": ""}).trace()


@both_families
def test_a_pin(family):
    assert connected(family, pin="1234", nic={"pin": "1234"}).nic.isconnected()


@both_families
def test_a_rate(family):
    assert connected(family, nic={"baud": 57600}).modem.baud == 57600


@pytest.mark.parametrize(
    "family, name", [(f, name) for f in FIRMWARE for name in FIRMWARE[f].registrations]
)
def test_news_are_asked_for_where_the_modem_is_registered(family, name):
    names = FIRMWARE[family].registrations
    tried = names[: names.index(name) + 1]
    lines = list(BRING_UP)
    at = [typed for typed, _ in lines].index(b"AT+CREG?\r")
    lines[at : at + 2] = [
        (b"AT+%s?\r" % other, b"\r\n+%s: 0,%d\r\n\r\nOK\r\n" % (other, other == name))
        for other in tried
    ]
    lines.insert(at + len(tried), (b"AT+%s=1\r" % name, b"\r\nOK\r\n"))
    Session(dialect=FIRMWARE[family]()).bring_up(lines)


@both_families
def test_a_modem_that_is_not_attached_is_told_to(family):
    world = made(family)
    world.modem.radio.attach_wanted = False
    world.nic.connect()
    assert world.modem.radio.attach_wanted


@both_families
def test_name_servers_are_set_again_after_a_restart(family):
    world = connected(family)
    world.nic.ipconfig(dns=("9.9.9.9", "1.1.1.1"))
    world.modem.restart()
    world.run(30_000)
    assert world.nic.isconnected()
    assert world.nic.ipconfig("dns") == ("9.9.9.9", "1.1.1.1")


@both_families
def test_the_radio_is_switched_off_and_on_and_then_the_modem_restarted(family):
    world = connected(family)
    world.run(61_000)
    world.modem.inject("registration_lost")
    world.run(1_200_000)
    assert world.modem.counters["restarts"]
    world.modem.inject("registration_back")
    world.until(world.nic.isconnected, 300_000)


# -- links ---------------------------------------------------------------------------------------


@both_families
@pytest.mark.parametrize("mux", [1, 0], ids=["six links", "single link"])
def test_a_link_from_connect_to_close(family, mux):
    world = connected(family, mux=mux)
    sock = opened(world)
    echoes(sock)
    world.run(60_000)
    echoes(sock)
    sock.close()
    world.run(5000)
    assert world.nic.links[0].state_name() == "CLOSED"
    assert [c.bytes_up for c in world.modem.connections] == [10]
    assert world.engine.intake.unknown == 0
    world.nic.disconnect()
    assert world.engine.links.unsent == 0


@both_families
@pytest.mark.parametrize("mux", [1, 0], ids=["six links", "single link"])
def test_pushed_data(family, mux):
    world = connected(family, mux=mux, flow=True, nic={"flow": True})
    assert world.nic.flow
    echoes(opened(world))


@both_families
@pytest.mark.parametrize("mux", [1, 0], ids=["six links", "single link"])
def test_a_port_of_our_own(family, mux):
    world = connected(family, mux=mux)
    sock = world.nic.socket()
    sock.bind(("", 5000))
    sock.connect(("echo", 7))
    assert world.modem.settings.clport[0, "TCP"] == 5000


@both_families
def test_keep_alive(family):
    world = connected(family)
    opened(world).setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    world.run(1000)
    assert world.modem.settings.ciptka[0] == 1


@both_families
def test_a_server_comes_and_goes(family):
    world = connected(family, profile=SERVING[family])
    server = world.nic.socket()
    server.bind(("", 80))
    server.listen()
    world.network.dial(80, Peer())
    sock, _ = server.accept()
    server.close()
    world.run(1000)
    assert world.engine.server is None
    sock.close()


@both_families
def test_a_name(family):
    world = connected(family)
    resolver = world.engine.resolver = Resolver(world.engine)
    resolver.ask("echo", world.nic.driver.now())
    world.until(lambda: resolver.asked is None)
    assert resolver.find("echo", world.nic.driver.now())


@both_families
def test_a_transparent_stream_with_a_command_between(family):
    world = connected(family)
    stream = world.nic.transparent("echo", 7)
    stream.write(b"hello")
    assert stream.read(5) == b"hello"
    assert world.nic.at("+CSQ")
    stream.write(b"again")
    assert stream.read(5) == b"again"
    stream.close()


# -- what the application asks for ---------------------------------------------------------------


@both_families
def test_facts(family):
    world = connected(family)
    for what in ("imei", "imsi", "iccid", "model", "firmware"):
        assert world.nic.config(what), what
    assert world.nic.status("operator")
    world.nic.at('+CCLK="30/12/24,18:00:00+04"')
    assert world.nic.time()[:3] == (2030, 12, 24)
    assert world.nic.ipconfig("dns")


@both_families
def test_the_family_is_told_by_the_model_where_the_firmware_does_not_say(family):
    profile = replace(PROFILES[family], firmware="V1.0")
    world = connected(family, profile=profile, nic={"dialect": None})
    assert world.engine.dialect.name == family
