"""The demo: what it makes of the board's words, and that its verdict is worth something."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tools.demo import verdict
from tools.demo.session import Session
from tools.demo.view import LiveView, PlainView, best_view, links_table

ROOT = Path(__file__).parent.parent
SIZE = 1000


def links_line(*rows):
    names = ("link", "protocol", "state", "port", "up", "down")
    links = [dict(zip(names, row, strict=True)) for row in rows]
    return json.dumps({"kind": "links", "links": links})


def row_of(link, up=SIZE, down=SIZE):
    return link, "TCP", "CONNECTED", 7000 + link, up, down


def finished_session():
    session = Session(clock=iter(range(100)).__next__)
    session.take(links_line(*map(row_of, range(6))))
    session.take(json.dumps({"kind": "done", "compared": [SIZE] * 6, "resent": 0}))
    return session


def stats_of(session):
    return {
        "connections": [
            {"link": row.link, "port": row.port, "bytes_up": row.up, "bytes_down": row.down}
            for row in session.links.values()
        ]
    }


# -- session --------------------------------------------------------------------------------------


def test_log_lines_are_given_back_to_be_shown():
    session = Session(clock=lambda: 0.0)
    assert session.take('{"kind": "log", "text": "sim: READY"}\n') == "sim: READY"
    assert session.take(links_line(row_of(0))) is None


@pytest.mark.parametrize("line", ["Traceback:\n", "{", "[]", "17", '"x"', '{"text": 1}', ""])
def test_anything_else_is_kept_as_noise(line):
    session = Session(clock=lambda: 0.0)
    assert session.take(line) is None
    assert session.noise == [line.rstrip()]


def test_rates_are_taken_over_the_last_two_seconds():
    session = Session(clock=iter([0.0, 1.0, 2.0, 10.0, 11.0]).__next__)
    rates = []
    for up, down in ((0, 0), (100, 50), (300, 50), (300, 50), (301, 50)):
        session.take(links_line(row_of(3, up, down)))
        rates.append((session.links[3].up_rate, session.links[3].down_rate))
    assert rates == [(0, 0), (100, 50), (150, 25), (0, 0), (1, 0)]


def test_a_link_opened_anew_has_no_negative_rate():
    session = Session(clock=iter([0.0, 1.0]).__next__)
    session.take(links_line(row_of(0, 5000, 5000)))
    session.take(links_line(row_of(0, 10, 10)))
    assert (session.links[0].up_rate, session.links[0].down_rate) == (0.0, 0.0)


# -- verdict --------------------------------------------------------------------------------------


def test_equal_figures_are_verified_with_numbers():
    session = finished_session()
    assert verdict.problems(session, stats_of(session), SIZE) == []
    text = verdict.summary(session, 12.3)
    assert "6,000 bytes up and 6,000 down" in text
    assert "12 s" in text


@pytest.mark.parametrize("key", ["link", "port", "bytes_up", "bytes_down"])
def test_one_figure_that_differs_is_found(key):
    session = finished_session()
    stats = stats_of(session)
    stats["connections"][4][key] += 1
    [problem] = verdict.problems(session, stats, SIZE)
    assert str(stats["connections"][4][key]) in problem


def test_a_connection_too_few_or_too_many_is_found():
    session = finished_session()
    stats = stats_of(session)
    extra = stats["connections"].pop()
    assert verdict.problems(session, stats, SIZE)
    stats["connections"] += [extra, extra]
    assert verdict.problems(session, stats, SIZE)


def test_bytes_that_were_not_compared_are_found():
    session = finished_session()
    session.compared[2] = SIZE - 1
    assert verdict.problems(session, stats_of(session), SIZE) == [
        "client 2 compared 999 bytes, less than 1000"
    ]
    session.compared = [SIZE] * 5
    assert verdict.problems(session, stats_of(session), SIZE) == ["5 clients instead of 6"]


def test_a_board_that_gives_up_or_falls_silent_is_found():
    session = finished_session()
    session.compared = None
    assert "without a word" in verdict.problems(session, stats_of(session), SIZE)[0]
    session.take('{"kind": "failed", "why": "Failed(\'a wrong byte\')"}')
    assert "a wrong byte" in verdict.problems(session, stats_of(session), SIZE)[0]


def test_datagrams_sent_again_are_told():
    session = finished_session()
    session.resent = 2
    assert "2 datagrams sent again" in verdict.summary(session, 1)


# -- view -----------------------------------------------------------------------------------------


def test_table_fits_80_columns_with_every_figure():
    session = Session(clock=lambda: 0.0)
    rows = [(n, "UDP", "REMOTE CLOSING", 65535, 123456 + n, 234567 + n) for n in range(6)]
    session.take(links_line(*rows))
    out = io.StringIO()
    Console(file=out, width=80).print(links_table(session, {65535: "requests.post"}))
    text = out.getvalue()
    for n in range(6):
        assert f"{123456 + n:,}" in text
        assert f"{234567 + n:,}" in text
    assert "REMOTE CLOSING" in text
    assert "UDP :65535" in text
    assert "requests.post" in text


def test_without_a_terminal_lines_are_plain():
    out = io.StringIO()
    view = best_view(Console(file=out, force_terminal=False), {})
    assert isinstance(view, PlainView)
    session = finished_session()
    with view:
        view.say("signal: 23 of 31 [ok]")
        view.show(session)
        view.show(session)  # too soon for another line
    lines = out.getvalue().splitlines()
    assert lines[0] == "signal: 23 of 31 [ok]"
    assert lines[1].startswith("0 TCP CONNECTED 1000/1000  1 TCP CONNECTED")
    assert len(lines) == 2


def test_on_a_terminal_the_table_is_drawn_again():
    out = io.StringIO()
    view = best_view(Console(file=out, force_terminal=True, width=100), {7000: "TCP echo"})
    assert isinstance(view, LiveView)
    session = finished_session()
    with view:
        view.show(session)
        session.take(links_line(row_of(0, 7654, 3210)))
        view.show(session)
    assert "7,654" in out.getvalue()


# -- the whole ------------------------------------------------------------------------------------


def start_demo(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "tools.demo", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_demo_verifies_six_links():
    with start_demo("--size", "4096") as demo:
        output = demo.communicate(timeout=90)[0]
    assert demo.returncode == 0, output
    assert "address: 10.78.245.128" in output
    assert "requests.post: 4096 bytes" in output
    last = output.splitlines()[-1]
    assert re.match(r"Verified: 24,576 bytes .* on 6 links", last)


def test_ctrl_c_ends_the_demo_and_its_processes():
    with start_demo() as demo:
        line = ""
        while "modem found" not in line:
            line = demo.stdout.readline()
            assert line, "the demo ended early"
        children = children_of(demo.pid)
        demo.send_signal(signal.SIGINT)
        output = demo.communicate(timeout=30)[0]
    assert demo.returncode == 130
    assert output.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in output
    assert len(children) == 2
    assert not any(is_alive(pid) for pid in children)


def children_of(pid):
    """Process numbers, as Linux shows them: the parent is the second word after `(name)`."""
    children = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may have ended since
            stat = path.read_text()
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                children.append(int(path.parent.name))
    return children


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
