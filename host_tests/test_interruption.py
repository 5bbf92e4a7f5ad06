"""A tick, or Ctrl-C, at every line of the pump, the sockets and the core, in the middle of work.

After Ctrl-C the application goes on like somebody at the REPL. It cannot know how much of the call
it cut short has happened: a write may have been taken wholly, in part or not at all, and a read
may have consumed what it was about to return. So what arrives is compared with what was asked for,
where the call that was cut may be short. Nothing else may move: no byte lost or doubled, no error
counted, nothing the modem refused, and all six links are good afterwards.
"""

import errno
from dataclasses import replace

import pytest
from interrupting import CUT, Campaign, again, attempt, ctrl_c, tick
from world import World

from tools.vmodem import PROFILES, Echo

HOST = "echo"
LATE = "late"
PATIENCE_S = 30
QUIET_S = 2.5  # longer than the two seconds that a missed wake-up may cost


# -- worlds ------------------------------------------------------------------------------------


class FastWorld(World):
    """Small delays, to make a scene short."""

    def __init__(self, **options):
        super().__init__(baud=921600, latency_us=500, chunk=(60, 300), **options)
        self.network.delay_us = 500
        self.network.serve(HOST, 0, Echo)
        self.network.serve(LATE, 0, Late)


def pulling(**options) -> World:
    """A connected modem whose data is asked for."""
    world = FastWorld(**options)
    world.nic.connect()
    return world


def pushing() -> World:
    """A connected modem that pushes: its firmware has no AT+CIPRXGET=1."""
    profile = replace(PROFILES["luat"], receive_values=(0,))
    world = pulling(profile=profile, nic={"flow": True})
    assert world.nic.flow
    return world


def untraced() -> World:
    """One without the flight recorder, so that nothing but a full segment counts."""
    return pulling(nic={"trace": 0, "txbuf": 2048})


def health(world: World) -> dict:
    """All that an interruption has no business to change."""
    engine = world.engine
    return {
        "losses": engine.intake.losses,
        "timeouts": engine.timeouts,
        "unknown": engine.intake.unknown,
        "discarded": engine.intake.discarded,
        "resyncs": engine.resync.count,
        "bring-ups": engine.bringup.count,
        "link events": engine.links.unexpected,
        "bearer events": engine.bearer.unexpected,
        "errors": world.modem.counters["errors"],
        "overflows": world.uart.overflows,
        "last error": world.nic.driver.last_error,
        "lock": world.nic.driver.busy,
    }


def is_idle(world: World) -> bool:
    engine = world.engine
    return not (
        engine.inflight
        or engine.links.claims
        or world.nic.driver.chores
        or any(link.owned or link.up for link in world.nic.links)
    )


# -- an application at the REPL ----------------------------------------------------------------


def open_socket(world: World, kind: int = 1, host: str = HOST):
    sock = again(world.nic.socket, 2, kind)
    again(sock.settimeout, PATIENCE_S)
    if kind == 1 and attempt(sock.connect, (host, 7)) is CUT:
        again(sock.close)
        return open_socket(world, kind, host)
    return sock


def settle(world: World, before: dict) -> None:
    """The links that were used are let go, and nobody was hurt."""
    again(world.until, lambda: is_idle(world), 15_000)
    after = health(world)
    assert after == before, {name: after[name] for name in after if after[name] != before[name]}


def six_links(world: World) -> None:
    """Open, echo and close on all six at once."""
    before = health(world)
    socks = [open_socket(world) for _ in world.nic.links]
    for n, sock in enumerate(socks):
        sock.write(b"%d" % n * 100)
    assert [sock.read(100) for sock in socks] == [b"%d" % n * 100 for n in range(6)]
    for sock in socks:
        sock.close()
    settle(world, before)


# -- the echo of 4 KiB -------------------------------------------------------------------------

# 1600 is more than the window takes at once; the sum of the two longest is less than a ring for
# pushed data holds.
SIZES = (1600, 700, 700, 96, 700, 300)
READ = 512


def text_of(block: int, size: int) -> bytes:
    """Lines of eight bytes that tell where they belong."""
    return b"".join(b"%02d%05d\n" % (block, n) for n in range(size // 8 + 1))[:size]


def send_in_parts(sock, data: bytes) -> int:
    done = 0
    while done < len(data):
        done += sock.send(data[done:])
    return done


WRITERS = (
    lambda sock, data: sock.write(data),
    lambda sock, data: sock.sendall(data) or len(data),
    send_in_parts,
    lambda sock, data: sock.write(b"..." + data, 3, len(data)),
)


def read_into(method):
    def reader(sock, size):
        buf = bytearray(size)
        return bytes(buf[: getattr(sock, method)(buf)])

    return reader


def read_what_is_there(sock, size):
    again(sock.setblocking, False)
    try:
        return sock.read(size) or b""
    finally:
        again(sock.settimeout, PATIENCE_S)


def read_polled(sock, size):
    return sock.recv(size) if sock.ioctl(3, 5) & 1 else b""


READERS = (
    lambda sock, size: sock.recv(size),
    read_into("readinto"),
    read_polled,
    lambda sock, size: sock.readline(size),
    lambda sock, size: sock.read(size),
    read_what_is_there,
    read_into("recv_into"),
)


class EchoScene:
    """Writes and reads what comes back, in every way a socket has."""

    host = HOST

    def __init__(self, world: World):
        self.world = world
        self.sock = open_socket(world, host=self.host)
        self.peer = world.network.peers[-1]
        self.written: list[tuple[bytes, bool]] = []  # what was asked for, and whether it was cut
        self.read: list[bytes] = []
        self.read_before: list[bytes] | None = None  # a read was cut behind these
        self.sure = 0  # bytes that are under way to us for certain

    def play(self) -> None:
        for block, size in enumerate(SIZES):
            self.write(WRITERS[block % len(WRITERS)], text_of(block, size))
            turn = block
            while self.sure >= 2 * READ:
                self.get(READERS[turn % len(READERS)])
                turn += 1
        self.read_the_rest()
        again(self.sock.close)
        self.check()

    def write(self, writer, data: bytes) -> None:
        taken = attempt(writer, self.sock, data)
        self.written.append((data, taken is CUT))
        if taken is not CUT:
            assert taken == len(data)
            self.sure += taken

    def get(self, reader) -> bytes | None:
        data = attempt(reader, self.sock, READ)
        if data is CUT:
            self.read_before, self.read = self.read, []
            self.sure -= READ
            return None
        self.read.append(data)
        self.sure -= len(data)
        return data

    def read_the_rest(self) -> None:
        """The peer closes once it has everything."""
        again(self.world.until, lambda: not (self.world.engine.inflight or self.is_unsent()))
        again(self.world.run, 5)
        self.peer.close()
        while self.get(READERS[0]) != b"":
            pass

    def is_unsent(self) -> bool:
        return any(link.tx is not None and link.tx.any() for link in self.world.nic.links)

    def check(self) -> None:
        stream = bytes(self.peer.received)
        cut = [n for n, (_, was_cut) in enumerate(self.written) if was_cut] or [len(self.written)]
        before, during, after = (
            b"".join(data for data, _ in part)
            for part in (
                self.written[: cut[0]],
                self.written[cut[0] : cut[0] + 1],
                self.written[cut[0] + 1 :],
            )
        )
        part = between(stream, before, after)
        assert during.startswith(part), f"sent {part[:40]!r} for {during[:40]!r}"
        if self.read_before is None:
            assert b"".join(self.read) == stream
        else:
            gap = between(stream, b"".join(self.read_before), b"".join(self.read))
            assert len(gap) <= READ, f"a read of {READ} bytes lost {len(gap)}"


def between(stream: bytes, before: bytes, after: bytes) -> bytes:
    """What stands in `stream` between its beginning `before` and its end `after`."""
    end = len(stream) - len(after)
    assert len(before) <= end, f"{len(before) - end} bytes too few"
    assert stream.startswith(before), "the beginning differs"
    assert stream.endswith(after), "the end differs"
    return stream[len(before) : end]


def echo(world: World) -> None:
    before = health(world)
    EchoScene(world).play()
    settle(world, before)


# -- an upload of full segments ------------------------------------------------------------------

PIECES = (4 * 1460, 3 * 1460)


class Late(Echo):
    """Sends back what it has got when it closes: an upload is not held up by what comes in."""

    def on_data(self, data: bytes) -> None:
        pass

    def close(self, after_us: int = 0) -> None:
        self.send(bytes(self.received))
        super().close(after_us)


class UploadScene(EchoScene):
    """Writes full segments one behind the other, then reads all of them."""

    host = LATE

    def play(self) -> None:
        for block, size in enumerate(PIECES):
            self.write(WRITERS[block % len(WRITERS)], text_of(block, size))
        self.read_the_rest()
        assert self.sock._link.tx.sent == len(self.peer.received)
        again(self.sock.close)
        self.check()


def upload(world: World) -> None:
    before = health(world)
    UploadScene(world).play()
    settle(world, before)


# -- datagrams ---------------------------------------------------------------------------------

# Two at a time, then two to another port: less than a ring for pushed data holds.
PAIRS = (((1, 900), 7, 1500), ((1460, 1300), 7, 100), ((700, 3), 8, 1500))


class DatagramScene:
    """Datagrams out and their echo back, whole and in order; a short read drops the tail."""

    def __init__(self, world: World):
        self.world = world
        self.sock = open_socket(world, kind=2)
        self.first_peer = len(world.network.peers)
        self.sent: list[tuple[bytes, bool]] = []

    def play(self) -> None:
        for pair, (sizes, port, limit) in enumerate(PAIRS):
            asked = [self.send(text_of(10 * pair + n, size), port) for n, size in enumerate(sizes)]
            self.receive(asked, port, limit)
        again(self.sock.close)
        packets = [p for peer in self.world.network.peers[self.first_peer :] for p in peer.packets]
        check_order(packets, self.sent, "sent")

    def send(self, data: bytes, port: int) -> tuple[bytes, bool]:
        was_cut = attempt(self.sock.sendto, data, (HOST, port)) is CUT
        self.sent.append((data, was_cut))
        return self.sent[-1]

    def receive(self, asked: list[tuple[bytes, bool]], port: int, limit: int) -> None:
        """All that was asked for; once something was cut, what comes of it within a time."""
        uncertain = any(was_cut for _, was_cut in asked)
        again(self.sock.settimeout, QUIET_S if uncertain else PATIENCE_S)
        got: list[bytes] = []
        while len(got) < len(asked):
            try:
                answer = attempt(self.sock.recvfrom, limit)
            except OSError as error:
                assert uncertain and error.args[0] == errno.ETIMEDOUT
                break
            if answer is CUT:
                uncertain = True
                asked = [(data, True) for data, _ in asked]
                again(self.sock.settimeout, QUIET_S)
            else:
                got.append(answer[0])
                assert answer[1] == (HOST, port)
        check_order(got, [(data[:limit], was_cut) for data, was_cut in asked], "received")


def check_order(got: list[bytes], asked: list[tuple[bytes, bool]], what: str) -> None:
    """`got` is `asked`, in order, where at most one of those that were cut may be missing."""
    for missing in (None, *(n for n, (_, was_cut) in enumerate(asked) if was_cut)):
        if got == [data for n, (data, _) in enumerate(asked) if n != missing]:
            return
    raise AssertionError(f"{what}: {[d[:16] for d in got]} for {[d[:16] for d, _ in asked]}")


def datagrams(world: World) -> None:
    before = health(world)
    DatagramScene(world).play()
    settle(world, before)


# -- more sockets than links -------------------------------------------------------------------


def seventh_socket(world: World) -> None:
    """A seventh socket waits for the link of one that is closing."""
    before = health(world)
    socks = [open_socket(world) for _ in world.nic.links]
    attempt(socks[5].write, b"x" * 100)
    again(socks[5].close)
    socks[5] = open_socket(world)
    attempt(socks[5].write, b"y" * 100)
    for sock in socks:
        again(sock.close)
    settle(world, before)


# -- the connection as a whole -----------------------------------------------------------------


def up_and_down(world: World) -> None:
    before = health(world)
    again(world.nic.connect)
    assert again(world.nic.isconnected)
    assert again(world.nic.status) == 3
    sock = open_socket(world)
    attempt(sock.write, b"x" * 100)
    again(sock.close)
    again(world.nic.disconnect)
    assert not again(world.nic.isconnected)
    engine = world.engine
    expected = {"bring-ups": engine.bringup.count, "bearer events": engine.bearer.unexpected}
    settle(world, before | expected)


def connect_six_links(world: World) -> None:
    world.nic.connect()
    six_links(world)


# -- campaigns ---------------------------------------------------------------------------------

ENGINE = ("engine.py", "intake.py", "express.py")
LINK = ("link.py", "inbox.py", "outbox.py")
CORE = ("framer.py", *LINK, "table.py", "dialect.py", "fields.py", "bearer.py", "command.py")
DRIVER = ("driver.py", "typist.py")
SHORT_WAY = ("express.py", "engine.py", "table.py")
SOCKET = ("socket.py", "reader.py", "writer.py")


def first(hits: int) -> set[int]:
    return {1}


def last(hits: int) -> set[int]:
    return {hits}


@pytest.mark.parametrize("action", [tick, ctrl_c])
@pytest.mark.parametrize("files", [DRIVER, SOCKET, ENGINE])
def test_echo(action, files):
    assert Campaign(pulling, echo, six_links, files, action).run() > 200


@pytest.mark.parametrize("action", [tick, ctrl_c])
@pytest.mark.parametrize("files", [DRIVER, SOCKET, ENGINE])
def test_echo_of_pushed_data(action, files):
    assert Campaign(pushing, echo, six_links, files, action, choose=last).run() > 70


@pytest.mark.parametrize("action", [tick, ctrl_c])
@pytest.mark.parametrize("files", [DRIVER, SHORT_WAY, ("writer.py",)])
def test_upload(action, files):
    assert Campaign(untraced, upload, six_links, files, action).run() > 60


def test_an_upload_takes_the_short_way():
    world = untraced()
    express = world.engine.express
    accepted, taken = express.accepted, []
    express.accepted = lambda now: taken.append(accepted(now)) or taken[-1]
    upload(world)
    assert sum(taken) >= 3


@pytest.mark.parametrize("make_world", [pulling, pushing])
def test_echo_with_ctrl_c_in_the_core(make_world):
    assert Campaign(make_world, echo, six_links, CORE, ctrl_c, choose=first).run() > 250


@pytest.mark.parametrize("make_world", [pulling, pushing])
def test_datagrams_with_ctrl_c(make_world):
    files = SOCKET + LINK
    assert Campaign(make_world, datagrams, six_links, files, ctrl_c, choose=first).run() > 200


def test_datagrams_with_a_tick():
    assert Campaign(pulling, datagrams, six_links, SOCKET, tick, choose=first).run() > 80


@pytest.mark.parametrize("action", [tick, ctrl_c])
def test_waiting_for_a_link(action):
    files = ("socket.py", "table.py")
    assert Campaign(pulling, seventh_socket, six_links, files, action, choose=last).run() > 100


@pytest.mark.parametrize("action", [tick, ctrl_c])
def test_bringing_the_connection_up_and_down(action):
    files = ("modem.py", "bringup.py", "resync.py")
    campaign = Campaign(FastWorld, up_and_down, connect_six_links, files, action, choose=last)
    assert campaign.run() > 140


def test_a_tick_that_comes_too_early_is_made_up_for():
    world = pulling()
    driver = world.nic.driver
    turns = []
    turn, uart_any = driver.turn, world.uart.any

    def any_and_tick():
        world.uart.any = uart_any
        driver.tick()
        assert driver.late and turns == [False]  # it found the flag taken
        return uart_any()

    def counted():
        turns.append(turn())
        return turns[-1]

    world.uart.any = any_and_tick
    driver.turn = counted
    driver.rests = False  # else nothing would take the flag
    turn()
    assert turns == [False, True] and not driver.late
