"""A third family fits in one file: `toy_dialect`, against a virtual modem that is data too."""

import errno
import re
from dataclasses import replace
from pathlib import Path

import pytest
import test_numbers
from shared.session import errno_of
from toy_dialect import Toy
from world import World

from tools.vmodem.memory import Echo, Peer
from tools.vmodem.profiles import LUAT

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "adding-a-modem.md"
CLASS = HERE / "toy_dialect.py"
FIRMWARE = HERE.parent / "firmware" / "sixlink"
DATA = bytes(range(256)) * 5

TOY = replace(
    LUAT,
    name="toy",
    model="TOY T1",
    firmware="TOY_T1_V1",
    link_separator="; ",
    absent_commands=LUAT.absent_commands | {"+CIPRXGET", "+CIPRXF"},
    boot_lines=("%READY",),
    chatter=("%SIGNAL: 20",),
    escape_before_us=600_000,
    escape_after_us=300_000,
)


@pytest.fixture
def world():
    world = World(profile=TOY, nic={"dialect": Toy()}, interleave=0.2, seed=1)
    world.network.serve("echo", 7, Echo)
    world.nic.connect()
    return world


def connected(world):
    sock = world.nic.socket()
    sock.settimeout(20)
    sock.connect(("echo", 7))
    return sock


def typed(world):
    return re.findall(rb"AT[^\r]*", b"".join(data for _, way, data in world._trace if way == ">"))


def test_six_links_echo_among_lines_of_its_own(world):
    socks = [connected(world) for _ in range(6)]
    for _ in range(3):
        for sock in socks:
            sock.write(DATA[:500])
        for sock in socks:
            assert sock.read(500) == DATA[:500]
    for sock in socks:
        sock.close()
    world.until(lambda: not any(link.up for link in world.nic.links))
    assert world.engine.intake.unknown == world.engine.intake.losses == world.engine.timeouts == 0
    assert world.nic.flow, "it pushes"
    assert [c.bytes_up for c in world.modem.connections] == [1500] * 6


def test_what_it_does_not_have_is_not_typed_and_what_it_words_otherwise_is(world):
    sock = connected(world)
    sock.close()
    world.until(lambda: not any(link.up for link in world.nic.links))
    lines = typed(world)
    assert b"AT+CIPCLOSE=0,1" in lines and b"AT+CIPQSEND=0" in lines
    assert b"AT+CEREG?" in lines and b"AT+CREG?" not in lines
    assert not [line for line in lines if b"CIPRX" in line or b"CGMM" in line]


def test_its_restart_is_noticed_and_healed(world):
    sock = connected(world)
    world.modem.restart()
    world.until(lambda: world.engine.supervisor.restarts == 1)
    assert errno_of(sock.read, 1) == errno.ECONNRESET
    world.until(world.nic.isconnected)
    assert connected(world).write(b"x") == 1


def test_a_loss_that_it_does_not_explain_is_asked_about(world):
    connected(world)
    before = typed(world).count(b"AT+CIPSTATUS")
    world.modem.urc("%PEER LOST")
    world.run(2000)
    assert typed(world).count(b"AT+CIPSTATUS") == before + 1


def test_its_numbers():
    assert Toy().errno_of(7) == errno.ETIMEDOUT
    assert Toy().errno_of(10) == errno.ENODEV, "shared by all"
    assert Toy().errno_of(910) == errno.EIO, "of another family"


class Farewell(Peer):
    """Says the modem's own words: they are no hang-up from here."""

    def on_data(self, data):
        self.send(b"\r\n%GONE\r\n" + data)


def test_transparent_mode_with_its_guard_times(world):
    world.network.serve("peer", 9, Farewell)
    stream = world.nic.transparent("peer", 9)
    stream.settimeout(20)
    stream.write(b"hello")
    assert stream.read(14) == b"\r\n%GONE\r\nhello"
    stream.close()
    world.until(world.nic.isconnected)
    sock = connected(world)
    sock.write(b"six links again")
    assert sock.read(15) == b"six links again"


# -- the page ------------------------------------------------------------------------------------


def blocks():
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_page_shows_the_file_as_it_is():
    code = CLASS.read_text() + Path(__file__).read_text()
    shown = [block for block in blocks() if "sixlink.Modem(" not in block]
    assert len(shown) == len(blocks()) - 1
    for block in shown:
        assert block in code, block


def test_the_page_shows_all_of_the_class():
    page = "".join(blocks())
    body = CLASS.read_text().partition("class Toy(Dialect):\n")[2]
    assert [line for line in body.splitlines() if line not in page] == []


def test_the_page_names_events_and_steps_that_there_are():
    homes = dict(test_numbers.constants((FIRMWARE / "command.py").read_text()))
    rows = re.findall(r"^\| `(_EV_\w+)` \| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    assert len(rows) == 6
    for name, number in rows + list(test_numbers.constants(CLASS.read_text())):
        assert homes[name] == int(number), name
    steps = (FIRMWARE / "steps.py").read_text()
    for step in (*Toy.needless, *Toy.texts):
        assert f'("{step}", ' in steps, step
