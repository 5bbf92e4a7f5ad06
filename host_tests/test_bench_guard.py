"""The guard of `make check` over instructions, heap and size: what it lets pass and what not."""

import json

import pytest

from tools import check, interpreter
from tools.bench import callgrind, guard

LIMITS = {"instructions a byte, send": 100, "heap bytes, receive push": 0, "bytes": 1000}


def judged(left_out=(), is_ci=False, **other):
    figures = LIMITS | {name.replace("_", " "): value for name, value in other.items()}
    return guard.judge(figures, list(left_out), LIMITS, is_ci)


def test_what_was_measured_before_passes():
    status, text = judged()
    assert status == 0
    assert text.count("\n") == 2 and "instructions a byte, send" in text


@pytest.mark.parametrize(["size", "status"], [(900, 0), (1050, 0), (1051, 1), (5000, 1)])
def test_five_percent_more_is_the_most(size, status):
    assert judged(bytes=size)[0] == status
    assert ("bytes: " in judged(bytes=size)[1]) == bool(status)


def test_growth_is_told_in_percent():
    assert "bytes: 1,200 is 20 % more than 1,000" in judged(bytes=1200)[1]


def test_nothing_may_not_become_something():
    figures = LIMITS | {"heap bytes, receive push": 0.01}
    status, text = guard.judge(figures, [], LIMITS, False)
    assert status == 1 and "0.01 is more than 0" in text


def test_a_figure_without_a_limit_fails():
    status, text = judged(new=1)
    assert status == 1 and "new: 1 has no limit yet; --record writes it" in text


@pytest.mark.parametrize("is_ci", [False, True])
def test_what_is_left_out_is_said_and_fails_in_ci(is_ci):
    status, text = judged([check.LEFT_OUT + "instructions figures. No valgrind."], is_ci)
    assert status == is_ci
    assert "Left out: instructions figures. No valgrind." in text.splitlines()


def test_a_figure_that_was_not_measured_is_no_failure_by_itself():
    assert guard.judge({"bytes": 1000}, [], LIMITS, True)[0] == 0


# -- what cannot be measured here ----------------------------------------------------------------


@pytest.fixture
def limits(tmp_path, monkeypatch):
    """A file of limits, no valgrind, and figures that fit."""
    path = tmp_path / "limits.json"
    path.write_text(json.dumps({"interpreter": "this", "figures": LIMITS}))
    monkeypatch.setattr(guard, "LIMITS", path)
    monkeypatch.setattr(guard, "interpreter_name", lambda: "this")
    monkeypatch.setattr(callgrind.shutil, "which", lambda name: None)
    monkeypatch.setattr(guard, "GROUPS", (guard.instruction_figures, size_figures))
    monkeypatch.setattr(guard, "size_figures", size_figures)
    return path


def size_figures():
    return {"bytes": 1000}


@pytest.mark.parametrize("ci", ["", "true"])
def test_without_valgrind_one_sentence_says_so(limits, monkeypatch, capsys, ci):
    monkeypatch.setenv("CI", ci)
    assert guard.main([]) == bool(ci)
    said = [line for line in capsys.readouterr().out.splitlines() if "Left out" in line]
    assert said == [
        "Left out: instruction figures. There is no valgrind here (`make tools` installs it)."
    ]


@pytest.mark.parametrize("ci", ["", "true"])
def test_limits_of_another_interpreter_are_not_compared(limits, monkeypatch, capsys, ci):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(guard, "interpreter_name", lambda: "that")
    assert guard.main([]) == bool(ci)
    assert "The limits are those of this; this is that." in capsys.readouterr().out


def test_without_an_interpreter_size_is_compared_all_the_same(limits, monkeypatch, capsys):
    def missing():
        raise interpreter.MissingInterpreter("There is none.")

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(guard, "interpreter_name", missing)
    monkeypatch.setattr(guard, "GROUPS", (missing, size_figures))
    assert guard.main([]) == 0
    assert "Left out: missing figures. There is none.\n" in capsys.readouterr().out


def test_what_is_left_out_is_not_recorded(limits, capsys):
    before = limits.read_text()
    assert guard.main(["--record"]) == 1
    assert "Nothing recorded." in capsys.readouterr().out
    assert limits.read_text() == before


def test_record_writes_what_the_next_check_compares(limits, monkeypatch):
    monkeypatch.setattr(guard, "GROUPS", (lambda: {"bytes": 2000},))
    assert guard.main([]) == 1
    assert guard.main(["--record"]) == 0
    assert json.loads(limits.read_text()) == {"interpreter": "this", "figures": {"bytes": 2000}}
    assert guard.main([]) == 0


# -- make check ----------------------------------------------------------------------------------


def test_a_check_that_passes_still_says_what_it_left_out(monkeypatch, capsys):
    monkeypatch.setattr(check, "CHECKS", {"one": ["host_tests.bench_left_out"]})
    assert check.main() == 0
    said = capsys.readouterr().out
    assert "  Left out: this. There is no that.\n" in said and "other words" not in said


def test_the_limits_are_those_of_what_is_measured():
    figures = json.loads(guard.LIMITS.read_text())["figures"]
    assert len(figures) == 10
    kinds = {name.partition(",")[0].partition(" ")[0] for name in figures}
    assert kinds == {"instructions", "heap", ".mpy"}
