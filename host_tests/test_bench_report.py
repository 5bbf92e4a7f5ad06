"""Figures, bounds and verdicts of the benchmark; its table, its JSON and its page."""

import json

import pytest

from tools.bench import page, report
from tools.bench.instructions import LIGHT, MORE, curves
from tools.bench.report import Figure
from tools.bench.wire import Cell


def cell_row(rate=None, shares=(1,), missing=None, **options):
    cell = {"way": "down", "baud": 115200, "latency_ms": 10, "links": 1, "push": False}
    cell |= {"tls": False, "profile": "luat"} | options
    return {"cell": cell} | ({"missing": missing} if missing else {"rate": rate, "shares": shares})


@pytest.fixture
def results():
    """As the stages gather them, with round numbers."""
    works = LIGHT | MORE | curves()
    counts = {name: count(1000) for name in works}
    ram = {"imported": 17000, "six_links": 20480, "files": 10000, "hole": 5}
    return {
        "instructions": counts,
        "heap": {
            "figures": {
                "receive push": [0, True],
                "receive pull": [2, False],
                "send": [64, False],
            },
            "over time": [1, 2],
        },
        "mpy": {"always": 24576, "all": 99999},
        "ram": {"32-bit": ram, "64-bit": ram},
        "sends": {"publish": 1, "get": 3},
        "goodput": [cell_row(10000.0, push=True)],
        "ideal": [{"way": "up", "baud": 921600, "rate": 30000.0}],
        "round trips": [{"cell": Cell("up").__dict__, "seconds": [0.2, 0.1, 0.3]}],
        "arrivals": [{"cell": Cell("down", push=True).__dict__, "missing": "failed: x"}],
        "peer": [{"driver": "A", "work": "upload", "rate": None, "failure": "not done in 60 s"}],
        "seconds": 1,
        "where": "a machine",
    }


def count(own, units=10, size=0):
    return {"instructions": own + 50, "stand_in": 50, "units": units, "bytes": size}


def named(results):
    return {figure.name: figure for figure in report.all_figures(results)}


# -- verdicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ["value", "bound", "at_least", "met"],
    [
        (40, 40, False, True),
        (40.1, 40, False, False),
        (0.97, 0.97, True, True),
        (0.969, 0.97, True, False),
        (0, 0, False, True),
        (5, None, False, None),
        (None, 40, False, None),
    ],
)
def test_a_bound_is_met_or_not(value, bound, at_least, met):
    assert Figure("x", value, "", bound, at_least).met is met


def test_ratio_is_value_by_bound():
    assert Figure("x", 30, "", 40).ratio == 0.75
    assert Figure("x", 0, "", 0).ratio is None
    assert Figure("x", None, "", 40).ratio is None


def test_every_name_occurs_once(results):
    names = [figure.name for figure in report.all_figures(results)]
    assert len(names) == len(set(names))


# -- the wire ------------------------------------------------------------------------------------


def test_push_is_held_to_the_wire(results):
    figures = named(results)
    of_wire = figures["down push, 115200 baud, 10 ms, 1 link: of baud/10"]
    assert of_wire.value == pytest.approx(10000 / 11520)
    assert of_wire.met is False


@pytest.mark.parametrize("way", ["up", "down"])
def test_pull_and_upload_are_held_to_the_command_sequence(results, way):
    cell = Cell(way, 921600)
    results["ideal"] = [{"way": way, "baud": 921600, "rate": 0.9 * cell.limit}]
    results["goodput"] = [cell_row(0.89 * cell.limit, way=way, baud=921600)]
    figures = named(results)
    of_sequence = figures[f"{cell.name}: of the command sequence"]
    assert of_sequence.value == pytest.approx(0.89) and of_sequence.met is False
    assert of_sequence.reason == "a host that needs no time reaches 0.900"
    of_host = figures[f"{cell.name}: of a host that needs no time"]
    assert of_host.value == pytest.approx(0.89 / 0.9) and of_host.met is True


@pytest.mark.parametrize(
    "other", [{"baud": 460800}, {"latency_ms": 50}, {"links": 3}, {"tls": True}]
)
def test_other_cells_are_told_without_a_verdict(results, other):
    results["goodput"] = [cell_row(5000.0, (1,) * other.get("links", 1), **other)]
    rows = list(report.wire_figures(results))
    assert rows[0].value == 5000
    assert {row.met for row in rows} == {None}


def test_six_links_are_compared_with_one_and_with_each_other(results):
    results["goodput"] = [cell_row(1000.0), cell_row(960.0, (1, 1, 1, 1, 1, 2), links=6)]
    name = "down pull, 115200 baud, 10 ms, 6 links"
    figures = named(results)
    assert figures[f"{name}: of one link alone"].value == pytest.approx(0.96)
    assert figures[f"{name}: of one link alone"].met is False
    assert figures[f"{name}: Jain index"].value == pytest.approx(49 / 54)
    assert figures[f"{name}: Jain index"].met is False


def test_a_cell_that_failed_stands_in_the_table(results):
    results["goodput"] = [cell_row(missing="failed: short read")]
    rows = list(report.wire_figures(results))
    assert [(row.value, row.reason) for row in rows] == [(None, "failed: short read")]


def test_times_are_told_with_what_the_engine_adds(results):
    figures = named(results)
    name = "64 bytes there and back, 115200 baud, 10 ms, pull"
    assert figures[name].value == pytest.approx(200)
    assert figures[f"{name}: 99 of 100 are there by"].value == pytest.approx(300)
    assert figures[f"{name}: above wire and modem"].value == pytest.approx(200 - 50.2, abs=0.1)
    assert figures["+RECEIVE to application, 115200 baud"].reason == "failed: x"


# -- cost ----------------------------------------------------------------------------------------


def test_instructions_are_those_of_the_firmware_alone(results):
    results["instructions"]["receive push"] = count(4000, units=2, size=100)
    results["instructions"]["send"] = count(6001, units=2, size=100)
    results["instructions"]["idle pump"] = count(80000, units=10)
    figures = named(results)
    receive = figures["instructions a byte, 1460-byte packets received, push"]
    assert (receive.value, receive.met) == (40, True)
    assert figures[f"{receive.name}: a packet or segment"].value == 2000
    assert figures["instructions a byte, sent"].met is False
    assert figures["instructions, idle pump"].value == 8000
    assert figures["instructions, idle pump"].met is True


def test_growth_beyond_linear_is_not_met(results):
    counts = results["instructions"]
    counts["idle pump, 6 links"], counts["idle pump, 1 links"] = count(600), count(100)
    counts["URCs, 16 at a time"], counts["URCs, 1 at a time"] = count(200), count(100)
    figures = named(results)
    assert figures["cost of an idle pump, six links : one"].met is True
    assert figures["cost of an URC, sixteen at once : one"].met is False


def test_without_valgrind_its_figures_stand_there_without_values(results):
    results["instructions"] = {"missing": "There is no valgrind here"}
    rows = [*report.all_figures(results)]
    without = [row for row in rows if row.reason == "There is no valgrind here"]
    assert len(without) == 16
    assert {row.value for row in without} == {None}
    assert ", 10 not measured here." in report.summary(rows)


def test_without_node_the_table_says_so(results):
    results["ram"]["32-bit"] = {"missing": "no node"}
    row = named(results)["RAM, 32-bit, six open links"]
    assert (row.value, row.met, row.reason) == (None, None, "not measured here: no node")
    assert "–" in report.table([row]) and "no node" in report.table([row])


def test_memory_bounds(results):
    figures = named(results)
    assert figures["RAM, 32-bit, six open links"].met is True
    assert figures["RAM, 32-bit, import: of its .mpy files"].value == 1.7
    assert figures["heap, a packet received, push"].met is True
    assert figures["heap, 1024 bytes received, pull"].met is False
    assert figures["heap, a segment sent"].met is True
    assert figures[".mpy, always loaded"].met is True
    assert figures["AT+CIPSEND for a requests.get"].met is False


def test_a_peer_that_failed_is_a_result(results):
    row = named(results)["upload, sim800, 115200 baud, 10 ms, by A"]
    assert row.value is None and row.reason == "not done in 60 s"


# -- table, JSON, page ---------------------------------------------------------------------------

ROWS = [
    Figure("goodput", 9673.4, "B/s"),
    Figure("goodput: of baud/10", 0.98765, "", 0.97, at_least=True),
    Figure("cost", 457.2, "", 40.0, reason="why"),
    Figure("memory", None, "B", 20480, reason="no node"),
    Figure("sends", 2, "", 2),
]


def test_table():
    assert [line.split() for line in report.table(ROWS).splitlines()] == [
        ["measured", "bound"],
        ["goodput", "9,673", "B/s"],
        ["of", "baud/10", "0.988", "≥", "0.97", "met"],
        ["cost", "457", "≤", "40", "NOT", "MET", "why"],
        ["memory", "–", "≤", "20,480", "no", "node"],
        ["sends", "2", "≤", "2", "met"],
    ]
    assert report.table(ROWS).splitlines()[2].startswith("  of baud/10")


def test_summary():
    assert report.summary(ROWS) == "2 of 4 bounds are met, 1 not measured here."
    assert report.summary(ROWS[:2]) == "1 of 1 bounds are met."


def test_json_comes_back_as_it_was(tmp_path, results):
    path = tmp_path / "build" / "bench.json"
    report.write(path, ROWS, results)
    told = json.loads(path.read_text())["figures"]
    assert told[2] == {
        "name": "cost",
        "value": 457.2,
        "unit": "",
        "bound": 40.0,
        "at_least": False,
        "reason": "why",
        "ratio": 457.2 / 40,
        "met": False,
    }
    rows, again = report.read(path)
    assert rows == ROWS
    assert report.all_figures(again) == report.all_figures(json.loads(json.dumps(results)))


def test_the_page_keeps_what_is_written_by_hand(tmp_path, results):
    report.write(tmp_path / "bench.json", ROWS, results)
    path = tmp_path / "performance.md"
    path.write_text(f"by hand\n{page.BEGIN}old\n{page.END}more by hand\n")
    for _ in range(2):
        page.write(path, tmp_path / "bench.json")
        text = path.read_text()
        assert text.startswith("by hand\n") and text.endswith("more by hand\n")
        assert "old" not in text and "on a machine." in text
        assert "| cost | 457 | ≤ 40 | NOT MET | why |" in text


def test_a_page_without_a_place_is_not_touched():
    with pytest.raises(ValueError, match="has no place for the table"):
        page.replaced("no marks", "text")


def test_the_page_of_the_repository_has_a_place():
    assert page.BEGIN in page.PAGE.read_text()
    assert page.PAGE.read_text().count(page.END) == 1


def test_a_bound_that_is_missed_has_its_reason(results):
    assert set(report.SHORT_OF_IT) <= set(named(results))
    results["mpy"]["always"] = 30000
    title = ".mpy, always loaded"
    assert named(results)[title].reason == report.SHORT_OF_IT[title]
