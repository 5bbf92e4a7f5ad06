"""Transparent mode against the virtual modem of both families, on the virtual clock."""

import errno
import random
from dataclasses import replace

import pytest
from interrupting import CUT, Campaign, again, attempt, ctrl_c, tick
from sixlink.command import Command
from sixlink.errors import ModemError
from world import World

from tools.vmodem import PROFILES, Echo, Peer, Silent, Sink

FAMILIES = pytest.mark.parametrize("family", ["luat", "sim800"])
STREAM, DATAGRAMS = 1, 2
LOOK_ALIKES = (
    b"\r\nCLOSED\r\n",
    b"\r\n+PDP: DEACT\r\n",
    b"\r\n+PDP DEACT\r\n",
    b"\r\nOK\r\n",
    b"\r\nTCP ERROR:14\r\n",
    b"\r\nRDY\r\n",
    b"\r\nCONNECT\r\n",
    b"\r\nNO CARRIER\r\n",
)


def world_of(family="luat", nic=None, dcd=False, **options):
    """A connected modem. `dcd`: its DCD pin is wired."""
    world = World(profile=options.pop("profile", family), nic={"dialect": family}, **options)
    if nic or dcd:
        nic = dict(nic or {}, dialect=family)
        if dcd:
            nic["dcd"] = lambda: world.modem.pins.dcd
        world.make_nic(**nic)
    for host, peer in (("echo", Echo), ("sink", Sink), ("quiet", Peer)):
        world.network.serve(host, 0, peer)
    world.nic.connect()
    return world


def opened(world, host="echo", kind=STREAM, timeout=30):
    """A stream in data mode, and the peer at its other end."""
    stream = world.nic.transparent(host, 7, kind)
    stream.settimeout(timeout)
    assert world.modem.mode == "data"
    return stream, world.network.peers[-1]


def six_links_work(world):
    """The mode is over, and six links carry data."""
    world.until(lambda: world.engine.data is None and world.nic.isconnected(), 200_000)
    socks = []
    for _ in range(6):
        sock = world.nic.socket()
        sock.settimeout(30)
        sock.connect(("echo", 7))
        sock.write(b"still here")
        socks.append(sock)
    assert [sock.read(10) for sock in socks] == [b"still here"] * 6
    for sock in socks:
        sock.close()
    world.until(lambda: not any(link.up for link in world.nic.links))
    assert world.modem.settings.cipmode == 0 and world.modem.settings.cipmux == 1


def exchange(world, stream, data, piece):
    """Write `data` in pieces and read what comes meanwhile; what has come back."""
    stream.setblocking(False)
    got = b""
    at = 0
    deadline_us = world.now_us + 120_000_000
    while len(got) < len(data):
        assert world.now_us < deadline_us, (len(got), len(data))
        if at < len(data):
            at += stream.write(data[at : at + piece]) or 0
        got += stream.read(512) or b""
        world.run(1)
    return got


# -- bytes both ways -----------------------------------------------------------------------------


@FAMILIES
@pytest.mark.parametrize("kind", [STREAM, DATAGRAMS], ids=["tcp", "udp"])
@pytest.mark.parametrize("flow", [False, True], ids=["plain", "flow"])
@pytest.mark.parametrize(
    "baud, chunk", [(9600, None), (115200, (1, 3)), (115200, (60, 300)), (460800, (1, 2000))]
)
def test_random_bytes_come_back(family, kind, flow, baud, chunk):
    world = world_of(family, baud=baud, chunk=chunk, flow=flow, seed=baud, nic={"flow": flow})
    stream, peer = opened(world, kind=kind)
    chance = random.Random(baud)
    data = chance.randbytes(700 if baud == 9600 else 6000)
    data += bytes(chance.choices(b"\r\nOKCLSED+", k=len(data) // 2))
    assert exchange(world, stream, data, chance.choice((7, 100, 1000))) == data
    assert bytes(peer.received) == data
    assert (world.engine.links.all[0].tx.sent, world.engine.links.all[0].rx.received) == (
        len(data),
    ) * 2
    stream.close()
    six_links_work(world)
    assert world.uart.overflows == world.modem.counters["rx_overrun"] == 0


@FAMILIES
def test_a_late_reader_loses_bytes_without_flow_control_and_is_told(family):
    world = world_of(family)
    stream, peer = opened(world, "quiet")
    peer.send(bytes(6000))
    world.run(3000)
    got = b""
    with pytest.raises(OSError) as raised:
        while True:
            got += stream.recv(500)
    assert raised.value.args[0] == errno.ENOBUFS
    assert got == bytes(1024)
    stream.close()
    six_links_work(world)


@FAMILIES
def test_a_late_reader_holds_the_modem_with_flow_control(family):
    world = world_of(family, flow=True, nic={"flow": True})
    stream, peer = opened(world, "quiet")
    data = random.Random(1).randbytes(30_000)
    peer.send(data)
    world.run(5000)
    got = b""
    while len(got) < len(data):
        got += stream.read(1000)
        world.run(20)
    assert got == data
    stream.close()
    six_links_work(world)


@FAMILIES
def test_what_was_written_leaves_before_the_end(family):
    world = world_of(family)
    stream, peer = opened(world, "sink")
    data = random.Random(2).randbytes(1500) + b"+++"
    stream.write(data)
    stream.close()
    six_links_work(world)
    assert bytes(peer.received) == data
    assert peer.closed


# -- the escape ----------------------------------------------------------------------------------


@FAMILIES
@pytest.mark.parametrize("seed", range(12))
def test_pluses_never_escape(family, seed):
    """Pluses in all company, with pauses around the guard times."""
    world = world_of(family, baud=115200)
    stream, peer = opened(world, "sink")
    chance = random.Random(seed)
    typed = b""
    for _ in range(25):
        piece = chance.choice((b"+", b"++", b"+++", b"+++", b"++++", b"+x", b"+++\r", b"data"))
        stream.write(piece)
        typed += piece
        world.run(chance.choice((0, 1, 240, 300, 499, 520, 960, 1001, 1049, 1051, 1200, 2200)))
        assert world.modem.mode == "data"
    world.run(3000)
    assert world.modem.mode == "data"
    assert bytes(peer.received) == typed


def csq(world):
    """A command of the application; the list of its answers grows when they come."""
    answers = []

    class Asker:
        def reply(self, command, buf, at, end):
            answers.append(bytes(buf[at:end]))
            return False

        def done(self, command, now):
            answers.append(command.outcome)

    world.engine.call(Command(Asker(), b"AT+CSQ\r", 3000, b"+CSQ"))
    return answers


@FAMILIES
@pytest.mark.parametrize("seed", range(4))
def test_commands_beside_data_both_ways(family, seed):
    world = world_of(family, chunk=(1, 200), seed=seed)
    stream, peer = opened(world)
    asked = [csq(world)]  # at once: the silence before `+++` begins with CONNECT
    chance = random.Random(seed)
    data = chance.randbytes(3000).replace(b"\r\nOK\r\n", b"") + b"+++"
    stream.setblocking(False)
    got, at = b"", 0
    while len(got) < len(data):
        at += stream.write(data[at : at + 100]) or 0
        got += stream.read(300) or b""
        if len(asked) < 4 and len(got) > len(asked) * len(data) // 4:
            asked.append(csq(world))
        world.run(chance.randrange(30))
    assert got == data == bytes(peer.received)
    world.until(lambda: not world.engine.queue and world.modem.mode == "data")
    answers = [answer[0] for answer in asked]
    assert len(answers) == 4 and all(answer.startswith(b"+CSQ: ") for answer in answers)


@FAMILIES
def test_answers_that_are_lost_at_command_level_cost_no_byte(family):
    world = world_of(family)
    stream, peer = opened(world)
    world.modem.inject("silent", 2)  # the command, and the AT that asks what became of it
    stream.write(b"before")
    assert stream.read(6) == b"before"
    asked = csq(world)
    world.until(lambda: world.modem.mode == "command")
    peer.send(b"between")
    stream.write(b"behind")
    assert stream.read(13) in (b"betweenbehind", b"behindbetween")
    assert asked == [3]  # it was not answered
    assert world.modem.mode == "data"


# -- what the peer says --------------------------------------------------------------------------


@FAMILIES
def test_lines_of_the_peer_that_read_like_the_modems(family):
    """Torn anywhere, with a pause in between or none, alone or in text."""
    world = world_of(family)
    stream, peer = opened(world, "quiet")
    chance = random.Random(3)
    for line in LOOK_ALIKES:
        for pause_us in (0, 30_000, 80_000):
            at = chance.randrange(1, len(line))
            before, behind = chance.choice(((b"", b""), (b"text", b"text"), (b"\r", b"\n")))
            peer.send(before + line[:at])
            peer.send(line[at:] + behind, after_us=pause_us)
            size = len(before + line + behind)
            assert stream.read(size) == before + line + behind, (line, at, pause_us)
            stream.write(b"on")
    world.run(3000)
    assert world.modem.mode == "data"
    assert bytes(peer.received) == b"on" * 3 * len(LOOK_ALIKES)


@FAMILIES
@pytest.mark.parametrize("dcd", [False, True], ids=["no pin", "dcd"])
def test_the_peer_closes(family, dcd):
    world = world_of(family, dcd=dcd)
    stream, peer = opened(world, "quiet")
    data = random.Random(4).randbytes(5000)
    peer.send(data)
    peer.close()
    assert stream.read(6000) == data
    assert stream.read(1) == b""
    with pytest.raises(OSError):
        stream.write(b"x")
    stream.close()
    six_links_work(world)


@FAMILIES
def test_with_dcd_a_look_alike_costs_no_question(family):
    world = world_of(family, dcd=True)
    stream, peer = opened(world, "quiet")
    began_us = world.now_us
    for line in LOOK_ALIKES:
        peer.send(line)
        assert stream.read(len(line)) == line
    assert (world.now_us - began_us) / 1e6 < 2
    assert world.modem.mode == "data"


@pytest.mark.parametrize("text", ["CONNECT OK", "ALREADY CONNECT"])
def test_a_modem_that_forgets_its_data_mode(text):
    """T-Call issue 94: such a SIM800 is not in data mode, and wrong until it restarts."""
    profile = replace(PROFILES["sim800"], transparent_connect=text)
    world = world_of("sim800", profile=profile)
    with pytest.raises(OSError) as raised:
        opened(world)
    assert raised.value.args[0] in (errno.EIO, errno.EALREADY, errno.ECONNRESET)
    six_links_work(world)


@FAMILIES
def test_a_modem_without_the_mode_keeps_its_six_links(family):
    profile = replace(
        PROFILES[family], absent_commands=PROFILES[family].absent_commands | {"+CIPMODE"}
    )
    world = world_of(family, profile=profile)
    with pytest.raises(ModemError) as raised:
        opened(world)
    assert (raised.value.args[0], raised.value.step) == (errno.EOPNOTSUPP, "transparent mode")
    six_links_work(world)


@FAMILIES
@pytest.mark.parametrize("host, code", [("refuse", errno.ECONNREFUSED), ("mute", errno.ETIMEDOUT)])
def test_a_peer_that_cannot_be_had(family, host, code):
    world = world_of(family)
    world.network.serve("mute", 0, Silent)
    with pytest.raises(OSError) as raised:
        world.nic.transparent(host, 7, timeout=30)
    assert raised.value.args[0] == code
    six_links_work(world)


@FAMILIES
@pytest.mark.parametrize("after_ms", [0, 50, 500, 1500, 3000])
def test_opening_that_is_cut_short_leads_back_to_six_links(family, after_ms):
    world = world_of(family)
    world.network.serve("mute", 0, Silent)
    end_us = world.now_us + after_ms * 1000

    def stop(*_):
        if world.now_us >= end_us:
            raise KeyboardInterrupt

    world.nic.driver._wait, wait = (lambda ms: (wait(ms), stop())), world.nic.driver._wait
    with pytest.raises(KeyboardInterrupt):
        world.nic.transparent("mute", 7)
    world.nic.driver._wait = wait
    six_links_work(world)


# -- faults --------------------------------------------------------------------------------------

FAULTS = ("pdp_deact", "reboot", "autobaud", "brown_out", "hang", "sim_removed")


@FAMILIES
@pytest.mark.parametrize("dcd", [False, True], ids=["no pin", "dcd"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_mode_is_an_error_and_six_links_come_back(family, fault, dcd):
    world = world_of(family, dcd=dcd, nic={"reset": True})
    stream, peer = opened(world, timeout=10)
    stream.write(b"before")
    assert stream.read(6) == b"before"
    world.modem.inject(fault)
    peer.send(b"noise")  # gives a brown-out its occasion
    with pytest.raises(OSError) as raised:
        for _ in range(100):
            if stream.recv(100) == b"":
                raise OSError(errno.ECONNRESET)
    assert raised.value.args[0] in (errno.ECONNRESET, errno.ETIMEDOUT, errno.EIO)
    stream.close()
    world.modem.inject("sim_inserted")
    six_links_work(world)


# -- Ctrl-C and ticks ----------------------------------------------------------------------------

TEXT = (
    random.Random(5).randbytes(1400)
    + b"\r\n\r\nCLO\r\r\n\r\nTCP ERROR:\r\n\r\nTCP ERROR:14\r\n"
    + bytes(600)
    + b"\r\nCLOSED\r\n"
)


def pump(world):
    """One turn, and the rest behind it; cut short, it is simply done again."""
    again(world.nic.driver.pump)
    world.wait(again(world.nic.driver.due) or 1)


def carry(world, text):
    """Send `text` and take what comes back, past the socket: only the pump may be struck."""
    link = world.nic.links[0]
    got, at = b"", 0
    buf = bytearray(512)
    deadline_us = world.now_us + 60_000_000
    while len(got) < len(text):
        assert world.now_us < deadline_us, (len(got), len(text))
        at += link.tx.write(text, at, len(text) - at, 0)
        got += bytes(buf[: link.rx.take(buf, 512)])
        pump(world)
    return got


def in_data_mode(family):
    def make():
        world = world_of(family, baud=921600, latency_us=500)
        world.network.delay_us = 500
        world.stream, world.peer = opened(world)
        return world

    return make


def echo(world):
    before = len(world.peer.received)
    assert carry(world, TEXT) == TEXT
    answers = csq(world)
    assert carry(world, b"+++") == b"+++"
    while not answers or world.modem.mode != "data" or world.engine.queue:
        pump(world)
    assert bytes(world.peer.received[before:]) == TEXT + b"+++"
    assert world.nic.links[0].state_name() == "CONNECTED"


def close_and_use_six_links(world):
    world.stream.close()
    six_links_work(world)


def closed_by_the_peer(world):
    """And opened again for the next place."""
    text = TEXT[: -len(LOOK_ALIKES[0])]  # behind it the modem's own could not be told apart
    world.peer.send(text)
    world.peer.close()
    got = b""
    buf = bytearray(512)
    link = world.nic.links[0]
    while not link.eof:
        pump(world)
        got += bytes(buf[: link.rx.take(buf, 512)])
    assert got + bytes(buf[: link.rx.take(buf, 512)]) == text
    again(world.stream.close)
    world.stream = CUT
    while world.stream is CUT:
        while world.engine.data is not None or not again(world.nic.isconnected):
            pump(world)
        world.stream = attempt(world.nic.transparent, "echo", 7)
    world.peer = world.network.peers[-1]


def last(hits):
    return {hits}


@pytest.mark.parametrize("family, action", [("luat", tick), ("luat", ctrl_c), ("sim800", ctrl_c)])
def test_an_echo_struck_at_every_line(family, action):
    files = ("datamode.py", "hangup.py")
    make = in_data_mode(family)
    campaign = Campaign(make, echo, close_and_use_six_links, files, action, choose=last)
    assert campaign.run() > 100


def test_an_end_struck_at_every_line():
    make = in_data_mode("luat")
    aftermath, files = close_and_use_six_links, ("datamode.py",)
    campaign = Campaign(make, closed_by_the_peer, aftermath, files, ctrl_c, choose=last)
    assert campaign.run() > 70
