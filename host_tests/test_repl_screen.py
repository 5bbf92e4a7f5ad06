"""The screen and the trace in every state, and Ctrl-C at any line of them and of the console."""

import errno
import os
from types import SimpleNamespace

import pytest
from interrupting import Campaign, attempt, ctrl_c
from scenario import Echoing
from sixlink.console import Console
from sixlink.flight import show
from sixlink.recorder import Recorder
from test_flight import Driver, note, saved
from world import World

from tools.flight import decode
from tools.vmodem import PROFILES

COLUMNS, ROWS = 80, 24


def rows_of(nic):
    rows = repr(nic).split("\n")
    assert len(rows) <= ROWS and all(len(row) <= COLUMNS for row in rows), repr(nic)
    return rows


def connected(**options):
    world = World(**options)
    world.network.serve("echo", 7, Echoing)
    world.nic.connect()
    return world


def test_before_the_modem_has_been_looked_for():
    rows = rows_of(World().nic)
    assert rows[0] == "<Modem not asked yet (luat), UNKNOWN, down"
    assert rows[1] == "  signal   unknown, not registered"
    assert rows[2].startswith("  bearer   no address, ")


def test_every_step_of_a_bring_up_fits():
    world = World()
    world.nic.connect(timeout=0)
    steps = set()
    while not world.nic.isconnected():
        steps.add(rows_of(world.nic)[0].partition("at step: ")[2])
        world.wait(5)
    assert len(steps) > 10


@pytest.mark.parametrize(
    "rssi, shown",
    [
        (0, "................ 0 of 31, -113 dBm"),
        (1, "|............... 1 of 31, -111 dBm"),
        (23, "||||||||||||.... 23 of 31, -67 dBm"),
        (31, "|||||||||||||||| 31 of 31, -51 dBm"),
        (99, "unknown"),
        (-1, "unknown"),
    ],
)
@pytest.mark.parametrize("stat, word", [(1, "registered at home"), (5, "roaming"), (3, "denied")])
def test_signal_and_registration(rssi, shown, stat, word):
    nic = World().nic
    nic.driver.engine.bringup.rssi = rssi
    nic.driver.engine.bringup.registered = stat
    assert rows_of(nic)[1] == f"  signal   {shown}, {word}"


@pytest.mark.parametrize("stat", [4, 6, 11, 99])
def test_a_registration_without_a_word(stat):
    nic = World().nic
    nic.driver.engine.bringup.registered = stat
    assert rows_of(nic)[1] == "  signal   unknown"


AGES = {
    0: "0 s",
    119: "119 s",
    120: "2 min",
    7199: "119 min",
    7200: "2 h",
    172_799: "47 h",
    172_800: "2 d",
    500_000: "5 d",
}


@pytest.mark.parametrize("seconds", AGES)
def test_age_of_a_link(seconds):
    world = connected()
    world.nic.socket().connect(("echo", 7))
    opened = world.nic.links[0].opened_at
    world.nic.links[0].opened_at = (opened - seconds * 1000) & 0x1FFFFFFF
    assert rows_of(world.nic)[4].endswith(" " + AGES[seconds])


def test_age_of_a_link_that_was_opened_before_the_clock_wrapped():
    world = connected()
    world.nic.socket().connect(("echo", 7))
    world.run(8_000)
    assert rows_of(world.nic)[4].endswith(" 8 s")


def test_six_links_with_long_names_and_large_counts():
    world = connected()
    for n in range(6):
        name = "n%d." % n + "very-long-label." * 5 + "example.com"
        world.network.serve(name, 65535, Echoing)
        world.nic.socket().connect((name, 65535))
        world.nic.links[n].tx.sent = world.nic.links[n].rx.received = 4_294_967_295
    rows = rows_of(world.nic)
    assert [row.split()[:3] for row in rows[4:10]] == [
        [str(n), "CONNECTED", "TCP"] for n in range(6)
    ]
    assert all(" n%d.very-long" % n in rows[4 + n] and ".." in rows[4 + n] for n in range(6))


def test_all_that_can_be_wrong_at_once():
    world = connected(profile=PROFILES["sim800"], nic={"dialect": "sim800"})
    nic = world.nic
    server = nic.socket()
    server.bind(("", 8080))
    server.listen(1)
    world.run(500)
    assert "  server   port 8080, listens, 0 waiting" in rows_of(nic)
    for _ in range(3):
        nic.driver.errors.append((nic.driver.now(), errno.ETIMEDOUT, "AT+X " * 50, 3))
    nic.driver.engine.bringup.failure = (errno.ENODEV, "sim", 10, "check this, " * 40)
    nic.driver.last_error = ValueError("a word " * 100)
    rows = rows_of(nic)
    labels = [row[2:10].strip() for row in rows[11:]]
    assert labels == ["counters", *["error", "", ""] * 2, "failure", "", "", "callback", "", ""]
    assert rows[-1].endswith(">")


def test_a_callback_s_error_is_named():
    nic = World().nic
    nic.driver.last_error = OSError(errno.EALREADY)
    assert rows_of(nic)[-1] == "  callback raised OSError(EALREADY)>"


def test_an_error_of_the_modem_has_its_number_and_meaning():
    nic = World().nic
    nic.driver.errors.append((nic.driver.now(), errno.EACCES, "AT+CPIN?", 11))
    assert (
        rows_of(nic)[-1]
        == "  error    0 s ago: EACCES: AT+CPIN?, +CME ERROR: 11 (SIM PIN required)>"
    )


def test_printing_asks_the_modem_nothing():
    world = connected()
    typed, now_us = world.nic.driver.typed, world.now_us
    repr(world.nic)
    world.nic.trace()
    assert (world.nic.driver.typed, world.now_us) == (typed, now_us)


# -- the trace ------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [None, (1, 3)], ids=["whole", "torn"])
def test_each_line_of_the_modem_has_a_row(capsys, chunk):
    world = connected(chunk=chunk)
    world.nic.at("+CSQ")
    world.nic.trace(rows=3)
    rows = capsys.readouterr().out.splitlines()
    assert [row[11:] for row in rows[1:]] == ["> AT+CSQ", "< +CSQ: 23,0", "< OK"]


def test_times_are_those_of_the_first_byte_and_a_torn_line_is_put_together(capsys):
    recorder = Recorder(256)
    recorder.now = 5_000
    for ms, kind, data in (
        (0, "tx", b"AT+CSQ\r"),
        (120, "rx", b"\r\n+CS"),
        (50, "rx", b"Q: 23,0\r\n\r\nOK\r\n"),
        (30, "rx", b"\r\n+CREG: 2\r\n"),
        (1_000, "mark", b"9600 baud"),
        (5, "tx payload", b"a\tb\\c\xff"),
    ):
        recorder.now += ms
        note(recorder, kind, data)
    recorder.now += 200
    show(SimpleNamespace(driver=Driver(recorder)), 22)
    assert capsys.readouterr().out.splitlines() == [
        "    -1.405 > AT+CSQ",
        "    -1.285 < +CSQ: 23,0",
        "           < OK",
        "    -1.205 < +CREG: 2",
        "    -0.205 = 9600 baud",
        "    -0.200 > [6 bytes] a\\tb\\\\c\\xff",
    ]


def test_a_trace_of_fewer_rows_than_asked_for_has_no_remark(capsys):
    world = World()
    world.nic.connect(timeout=0)
    world.nic.trace()
    assert [row[11:] for row in capsys.readouterr().out.splitlines()] == ["> AT"]


# -- the console ----------------------------------------------------------------------------------


class Terminal:
    """Keys that are typed for `Console`, and what it shows."""

    def __init__(self, nic, echo=True):
        reader, self._keyboard = os.pipe()
        self.keys = open(reader, "rb", buffering=0)
        self.shown = ""
        self.console = Console(nic, 9, echo, self.keys, self._show)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._keyboard)
        self.keys.close()

    def _show(self, text):
        self.shown += text

    def type(self, keys):
        os.write(self._keyboard, keys)

    def run(self, keys):
        """Type `keys`, which must leave; what is shown for them."""
        self.type(keys)
        self.console.run()
        return self.shown.split("\n", 1)[1]


@pytest.mark.parametrize("leave", [b"\x03", b"\x04", b"exit\r"], ids=["^C", "^D", "exit"])
def test_keys_that_leave(leave):
    with Terminal(connected().nic) as terminal:
        shown = terminal.run(b"+CSQ\r" + leave)
    farewell = "exit\n" if leave == b"exit\r" else "\n"
    assert shown == "AT> +CSQ\n+CSQ: 23,0\nOK\nAT> " + farewell


@pytest.mark.parametrize(
    "keys, line",
    [
        (b"+CSX\x7fQ\r", "+CSX\b \bQ"),
        (b"+CSX\x08Q\n", "+CSX\b \bQ"),
        (b"\x7f+CSQ\r\n", "+CSQ"),
        (b"\x1b[A+C\x1b[DSQ\r", "+CSQ"),
        (b"+C\xc3\xa4S\x00Q\r", "+CSQ"),
        (b"+IMEI\x15+CSQ\r", "+IMEI" + "\b \b" * 5 + "+CSQ"),
        (b"  +CSQ \r", "  +CSQ "),
        (b"\r\r+CSQ\r", "\nAT> \nAT> +CSQ"),
    ],
)
@pytest.mark.parametrize("echo", [True, False], ids=["board", "terminal"])
def test_keys_that_edit(keys, line, echo):
    with Terminal(connected().nic, echo) as terminal:
        shown = terminal.run(keys + b"\x04")
    if echo:
        assert shown == f"AT> {line}\n+CSQ: 23,0\nOK\nAT> \n"
    else:
        assert shown.endswith("AT> +CSQ: 23,0\nOK\nAT> \n")


def test_a_line_that_never_ends_is_bounded_and_refused():
    with Terminal(connected().nic, False) as terminal:
        shown = terminal.run(b"+" + b"A" * 5000 + b"\r\x04")
    assert shown == "AT> ! command of 257 bytes, at most 256\nAT> \n"


def test_a_terminal_that_is_closed_ends_it():
    with Terminal(connected().nic) as terminal:
        reader, writer = os.pipe()
        os.close(writer)
        with open(reader, "rb", buffering=0) as keys:
            console = Console(connected().nic, 9, True, keys, terminal._show)
            console.run()
    assert terminal.shown.endswith("AT> \n")


def test_links_and_callbacks_live_while_it_waits_for_keys():
    world = connected()
    sock = world.nic.socket()
    sock.connect(("echo", 7))
    sock.setblocking(False)
    sent, came, events = bytearray(), bytearray(), []
    world.nic.on_event(events.append)
    with Terminal(world.nic) as terminal:

        def serve():
            data = b"%d," % len(sent) * 50
            sent.extend(data[: sock.write(data) or 0])
            came.extend(sock.read() or b"")
            if len(came) > 10_000:
                world.nic.keep_going = None
                world.modem.inject("pdp_deact")
                world.nic.keep_going = until_it_is_back

        def until_it_is_back():
            if ("bearer lost",) in events and events[-1][0] == "bearer up":
                world.nic.keep_going = None
                terminal.type(b"exit\r")

        world.nic.keep_going = serve
        terminal.run(b"+CSQ\r")
    assert came == sent[: len(came)]
    assert ("bearer lost",) in events
    assert "\r* link lost 0 %d\nAT> " % errno.ECONNRESET in terminal.shown
    assert "\r* bearer up 10.78.245.128\nAT> exit\n" in terminal.shown
    assert "address: " not in terminal.shown  # the application's log has the notes
    assert "address: 10.78.245.128" in world.log
    assert world.nic.last_error is None
    events.clear()
    world.modem.inject("pdp_deact")
    world.run(500)
    assert ("bearer lost",) in events and "bearer lost\nAT> \r" not in terminal.shown[-30:]


def test_not_from_inside_a_callback():
    world = connected()
    with Terminal(world.nic) as terminal:
        world.nic.keep_going = terminal.console.run
        world.nic.driver.wait_for(lambda: world.nic.last_error, 5000)
    assert world.nic.last_error.args == (errno.EALREADY,) and terminal.shown == ""


# -- Ctrl-C ---------------------------------------------------------------------------------------


def look_at_it(world):
    for function in (repr, type(world.nic).trace, in_the_console):
        attempt(function, world.nic)


def in_the_console(nic):
    with Terminal(nic) as terminal:
        terminal.run(b"status\r+CSQ\r+CIPSHUT\x7fX\r\x04")


def is_as_before(world):
    driver = world.nic.driver
    assert (driver.watch, driver.log) == (None, world.log.append)
    assert not driver.busy
    rows_of(world.nic)
    assert decode(saved(driver.recorder)).records
    assert world.nic.at("+CSQ") == ["+CSQ: 23,0"]
    sock = world.nic.socket()
    sock.connect(("echo", 7))
    sock.write(b"hello")
    assert sock.read(5) == b"hello"
    sock.close()
    stats = world.nic.stats()
    assert (stats["losses"], stats["unknown_lines"], stats["timeouts"]) == (0, 0, 0)


@pytest.mark.parametrize("files", [("report.py",), ("flight.py",), ("console.py",)])
def test_ctrl_c_at_any_line(files):
    assert Campaign(connected, look_at_it, is_as_before, files, ctrl_c).run() > 70
