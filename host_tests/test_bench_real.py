"""The benchmark itself, on a small scale: MicroPython, a pty, and a callgrind of our own."""

import json

import pytest
from test_setup import program

from tools.bench import board, callgrind, fona, ideal, instructions, memory, wire
from tools.bench.wire import Cell
from tools.certificates import Authority

# -- callgrind -----------------------------------------------------------------------------------

# Two functions, one of them by two names; a call's cost is on the line behind `calls=`.
DUMP = """\
events: Ir
summary: 1000

fn=(1) work
12 100
+1 20
cfn=(2) help
calls=3 40
* 9999
-1 5
fn=(2)
+4 7
fl=(3) other.c
fn=(4) work'2
* 1
"""


def test_costs_are_a_functions_own():
    stretch = callgrind.parse(DUMP)
    assert stretch.instructions == 133
    assert stretch.functions == {"work": 126, "help": 7}


@pytest.fixture
def valgrind(tmp_path, monkeypatch):
    """One that runs nothing: it dumps what each mark ends, in numbers of its own."""

    def make(*costs, says="", exit_status=0):
        lines = ['for word in "$@"; do case $word in *out-file=*) out=${word#*=};; esac; done']
        for at, cost in enumerate(costs, 1):
            lines.append(f"printf 'fn=(1) f\\n1 {cost}\\n' >$out.{at}")
        lines += [f"echo '{says}'", f"exit {exit_status}"]
        program(tmp_path / "valgrind", "\n".join(lines))
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return make


def test_each_second_dump_is_a_stretch(valgrind):
    valgrind(*range(1, 13), says="hello")  # ten is behind nine, not behind one
    output, stretches = callgrind.run("count.py", "")
    assert output == "hello\n"
    assert [stretch.instructions for stretch in stretches] == [2, 4, 6, 8, 10, 12]


def test_the_stand_in_is_subtracted(valgrind):
    valgrind(0, 1000, 0, 300, 0, 50, says='{"bytes": 75, "units": 3}')
    counted = instructions.measure({"x": instructions.Work("Receive")})["x"]
    assert (counted.own, counted.per_byte, counted.per_unit) == (750, 10, 250)


def test_marks_that_are_not_seen_are_told(valgrind):
    valgrind(0, 1000, says='{"bytes": 75, "units": 3}')
    with pytest.raises(callgrind.CountFailed, match="saw 1 of 3 stretches"):
        instructions.measure({"x": instructions.Work("Receive")})


def test_a_program_that_fails_is_quoted(valgrind):
    valgrind(says="ValueError: short read", exit_status=1)
    with pytest.raises(board.ProgramFailed, match="short read"):
        callgrind.run("count.py", "")


def test_missing_valgrind_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(callgrind.MissingValgrind, match="make tools"):
        callgrind.run("count.py", "")


# -- programs whose modem is in memory -----------------------------------------------------------

ALL = instructions.LIGHT | instructions.MORE | instructions.curves()


def test_every_work_can_be_done_and_is_done_wholly():
    """Without callgrind: what it prints is what was moved."""
    words = json.dumps([[work.scene, work.options] for work in ALL.values()])
    command = [board.interpreter.find(), "-X", "heapsize=64M", str(board.DEVICE / "count.py")]
    output = board.run_command(command, board.environment(), said=words)
    told = dict(zip(ALL, map(json.loads, output.splitlines()), strict=True))
    assert told["receive push"] == {"bytes": 12 * 1460, "units": 12}
    assert told["send of 16384"] == {"bytes": 2 * 16384, "units": 2}
    assert told["receive pull of 1"] == {"bytes": 6, "units": 6}
    assert told["idle pump, 6 links"]["bytes"] == 0


def test_calls_of_the_firmware_are_counted():
    calls = {name: count for count, name in instructions.calls(instructions.LIGHT["idle pump"])}
    assert calls["Driver.turn"] == 1


def test_heap_is_measured():
    traffic, over_time = memory.traffic(packets=20)
    assert set(traffic) == {"receive push", "receive pull", "send"}
    assert all(figure.bytes >= 0 for figure in traffic.values())
    # What asks for nothing runs under a locked heap; what runs there may still have asked.
    assert all(figure.locked for figure in traffic.values() if not figure.bytes)
    assert len(over_time) == 240


def test_stock_clients_are_counted():
    assert memory.sends() == {"publish": 1, "get": 1}


def test_what_memory_tells_is_read():
    output = "100 20 sixlink sixlink.link re\nmem: total=5\n max blk sz: 9, max free sz: 3\n"
    files = {"__init__": 10, "link": 30, "tls": 99}
    taken = memory.read_taken(output.replace(" re\n", "\n"), files, 4)
    assert taken == memory.Taken(imported=100, six_links=20, files=40, hole=48)


@pytest.mark.parametrize(["there", "says"], [((), "no node"), (("node",), "no npm")])
def test_missing_node_is_named(tmp_path, monkeypatch, there, says):
    for name in there:
        program(tmp_path / name, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(memory.MissingNode, match=says):
        memory.install_node_modules()


# -- the wire ------------------------------------------------------------------------------------


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(wire, "SECONDS", 0.05)
    monkeypatch.setattr(wire, "FEWEST", 2)


@pytest.mark.parametrize(
    "cell",
    [
        Cell("down", 921600, 1, push=True),
        Cell("down", 921600, 1, links=3),
        Cell("up", 921600, 1),
        Cell("up", 921600, 1, links=2),
        Cell("up", 921600, 1, tls=True),
        Cell("down", 921600, 1, tls=True),
    ],
    ids=lambda cell: cell.name,
)
def test_a_cell(brief, cell):
    result = wire.goodput(cell, Authority())
    assert 0 < result.of_wire < 1
    assert len(result.shares) == cell.links
    assert 0 < result.fairness <= 1


def test_counts_that_differ_are_told():
    cell = Cell("up")
    stats = {"connections": [{"bytes_up": cell.size, "bytes_down": 0}]}
    wire.check_counts({"up": [cell.size]}, stats, cell)
    for told in ([cell.size - 1], [], [cell.size, 0]):
        with pytest.raises(wire.CellFailed, match="the board counts"):
            wire.check_counts({"up": told}, stats, cell)
    few = {"connections": [{"bytes_up": 5, "bytes_down": 0}]}
    with pytest.raises(wire.CellFailed, match="the modem"):
        wire.check_counts({"up": [5]}, few, cell)


def test_a_board_that_fails_is_quoted():
    with pytest.raises(wire.CellFailed, match="ECONNREFUSED"):
        wire.play(Cell("up", 921600, 1), "round_trips", port=1, size=1, count=1)


def test_messages_come_back_and_single_bytes_arrive():
    cell = Cell("up", 921600, 1, push=True)
    assert all(0.002 < time < 1 for time in wire.round_trips(cell, 3))
    assert all(0 < time < 1 for time in wire.arrivals(cell, 3))


def test_the_star_has_every_bounded_point_once():
    star = list(wire.star())
    assert len(star) == len(set(star))
    for baud in (115200, 921600):
        for links in (1, 6):
            assert Cell("up", baud, links=links) in star
            for push in (True, False):
                assert Cell("down", baud, links=links, push=push) in star


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_host_that_needs_no_time(way):
    rate = getattr(ideal, way)(921600, 1, 0.1)
    assert 0.3 < rate / Cell(way, 921600, 1).limit <= 1.02


# -- the peer ------------------------------------------------------------------------------------


def test_a_peer_that_says_nothing_has_failed(monkeypatch):
    """Its package is not among those of the tests; the last line of the traceback tells."""
    monkeypatch.setattr(fona, "_work", lambda *_: {"bytes": 0, "seconds": 0, "failure": "x"})
    assert fona.measure("up") == {"rate": None, "failure": "0 of 14600 bytes, x"}
