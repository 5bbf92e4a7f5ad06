"""The commands of a fresh machine: what is missing is named in one sentence."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import check, interpreter, setup, sizes

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"


def make(*arguments, **environment):
    """Run make as a stranger would, not as a child of the make that runs these tests."""
    of_make = {
        "MAKEFLAGS",
        "MAKELEVEL",
        "MAKEOVERRIDES",
        "MFLAGS",
        "PYTHON",
        "SEEDS",
        "FROM",
        "SECONDS",
        "ARGS",
    }
    inherited = {name: value for name, value in os.environ.items() if name not in of_make}
    return subprocess.run(
        ["make", "-C", str(ROOT), "--no-print-directory", *arguments],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


# -- make ----------------------------------------------------------------------------------------


def test_make_alone_lists_every_target():
    listed = set(re.findall(r"^  make (\S+)", make().stdout, re.M))
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M).group(1)
    assert listed == {name for name in phony.split() if name != "help" and "setup" not in name}


@pytest.mark.parametrize("target", ["demo", "test", "soak", "vmodem"])
def test_target_sets_up_and_runs_a_module(target):
    steps = make("-n", target, "SEEDS=7", "FROM=3").stdout
    assert steps.index("python3 tools/setup.py") < steps.index(".venv/bin/python -m")
    assert ("--check" in steps) == (target == "test")
    assert ("--seeds 7 --from 3" in steps) == (target == "soak")


@pytest.mark.parametrize("target", ["check", "mpy", "deploy", "release"])
def test_target_sets_up_the_checkers_too(target):
    assert "python3 tools/setup.py --check" in make("-n", target).stdout


def test_docs_sets_up_what_builds_them():
    steps = make("-n", "docs").stdout
    assert "python3 tools/setup.py --docs" in steps
    assert "-m tools.docs" in steps


def test_fuzz_sets_up_the_fuzzer_too():
    steps = make("-n", "fuzz", "SECONDS=8").stdout
    assert "python3 tools/setup.py --fuzz" in steps
    assert "-m tools.fuzz --seconds 8" in steps


def test_what_a_linked_venv_leads_to_is_not_emptied(tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "precious").touch()
    (tmp_path / ".venv").symlink_to(tmp_path / "shared")
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    with pytest.raises(setup.SetupError, match="is a link"):
        setup.make_venv()
    assert (tmp_path / "shared" / "precious").exists()


def test_missing_python_is_named():
    run = make("demo", "PYTHON=python9.99")
    assert run.returncode != 0
    assert "There is no 'python9.99' here: install Python 3.10 or newer" in run.stderr


def test_foreign_pythonpath_is_kept_out():
    probe = subprocess.run(
        ["make", "-s", "-C", str(ROOT), "-f", "-", "probe"],
        input="include Makefile\nprobe:\n\t@echo path=$$PYTHONPATH\n",
        env={**os.environ, "PYTHONPATH": "/somewhere"},
        capture_output=True,
        text=True,
    )
    assert probe.stdout == "path=\n"


def test_all_checks_run_and_the_status_tells(monkeypatch, capsys):
    monkeypatch.setattr(check, "CHECKS", {"one": ["no_such_module"], "two": ["this"]})
    assert check.main() == 1
    said = capsys.readouterr().out
    assert re.search(r"^one +FAILED", said, re.M) and "No module named no_such_module" in said
    assert re.search(r"^two +ok", said, re.M) and "Beautiful" not in said
    assert said.endswith("1 of 2 checks failed: one\n")
    monkeypatch.setattr(check, "CHECKS", {"two": ["this"]})
    assert check.main() == 0


# -- Python --------------------------------------------------------------------------------------


def test_setup_can_be_read_by_python_3_6():
    ast.parse((TOOLS / "setup.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 9, 18)])
def test_old_python_is_refused_in_one_sentence(version):
    with pytest.raises(setup.SetupError) as refusal:
        setup.check_python(version, "/usr/bin/python3")
    sentence = str(refusal.value)
    assert "needs Python 3.10 or newer and /usr/bin/python3 is 3.%d;" % version[1] in sentence
    assert "make PYTHON=python3.12" in sentence and "\n" not in sentence


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 13, 1), (4, 0, 0)])
def test_new_python_is_taken(version):
    setup.check_python(version, "/usr/bin/python3")


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_missing_venv_is_named(missing, monkeypatch):
    real = setup.importlib.util.find_spec
    monkeypatch.setattr(
        setup.importlib.util, "find_spec", lambda name: None if name == missing else real(name)
    )
    with pytest.raises(setup.SetupError, match="apt install python3-venv, or python3.11-venv"):
        setup.check_python((3, 11, 2), "/usr/bin/python3")


# -- .venv ---------------------------------------------------------------------------------------


STAGES = ("", "-micropython", "-check", "-docs", "-fuzz", "-bench")
REQUIREMENTS = [f"requirements{part}" for part in STAGES]


class Sandbox:
    """A `.venv` in which nothing is installed; what would have been is recorded."""

    def __init__(self, folder, monkeypatch):
        self.venv = folder / ".venv"
        self.tools = folder / "tools"
        self.made = 0
        self.installed = []
        self.failing = {}  # what cannot be installed: output of pip
        (self.tools / "stubs").mkdir(parents=True)
        for name in REQUIREMENTS:
            (self.tools / f"{name}.txt").write_text("a==1\n")
        for name in ("esp32-1.24", "stm32-1.29"):
            (self.tools / "stubs" / f"{name}.txt").write_text("a==1\n")
        monkeypatch.setattr(setup, "TOOLS", self.tools)
        monkeypatch.setattr(setup, "VENV", self.venv)
        monkeypatch.setattr(setup, "STUBS", self.venv / "stubs")
        monkeypatch.setattr(setup, "CLIENTS", self.venv / "micropython-lib")
        monkeypatch.setattr(setup, "INTERPRETER", self.venv / "micropython.path")
        monkeypatch.setattr(interpreter, "_PATH_FILE", self.venv / "micropython.path")
        monkeypatch.setattr(setup, "make_venv", self.make_venv)
        monkeypatch.setattr(setup, "pip", self.pip)

    def make_venv(self):
        self.made += 1
        for stamp in self.venv.glob("*.*"):
            stamp.unlink()
        (self.venv / "bin").mkdir(parents=True, exist_ok=True)
        program(self.venv / "bin" / "micropython", "echo micropython 1 29")

    def pip(self, arguments, what):
        if what in self.failing:
            raise setup.ToolError(f"pip could not install the {what}.", self.failing[what])
        self.installed.append(what)

    def again(self, *arguments):
        """Run it; returns what was installed."""
        self.installed = []
        self.status = setup.main(list(arguments))
        return self.installed


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    monkeypatch.delenv("MICROPYTHON", raising=False)
    monkeypatch.delenv("CI", raising=False)
    return Sandbox(tmp_path, monkeypatch)


RUN = ["packages for demo and test", "clients for MicroPython", "MicroPython"]
CHECK = ["packages for check and mpy", "type stubs esp32-1.24", "type stubs stm32-1.29"]


def test_first_run_installs_and_the_second_is_silent(sandbox, capsys):
    assert sandbox.again() == RUN
    assert capsys.readouterr().out == "Setting up .venv (once) ...\n"
    assert sandbox.again() == []
    assert capsys.readouterr().out == ""
    assert sandbox.made == 1 and sandbox.status == 0


def test_checkers_are_added_when_asked_for(sandbox):
    sandbox.again()
    assert sandbox.again("--check") == CHECK
    assert sandbox.again("--check") == []
    assert sandbox.made == 1


def test_the_fuzzer_is_added_when_asked_for(sandbox):
    sandbox.again()
    assert sandbox.again("--fuzz") == ["fuzzer"]
    assert sandbox.again("--fuzz") == []
    assert sandbox.made == 1


def test_what_builds_the_docs_is_added_when_asked_for(sandbox):
    sandbox.again()
    assert sandbox.again("--docs") == ["packages for docs"]
    assert sandbox.again("--docs") == []


def test_platform_without_a_fuzzer_is_told_in_one_sentence(sandbox, capsys):
    sandbox.failing = {"fuzzer": "ERROR: No matching distribution found for x\n"}
    assert sandbox.again("--fuzz") == RUN and sandbox.status == 1
    assert capsys.readouterr().err.startswith("There is no atheris wheel for ")
    sandbox.failing = {"fuzzer": "Retrying\nERROR: No matching distribution found for x\n"}
    sandbox.again("--fuzz")
    assert "pip could not install the fuzzer." in capsys.readouterr().err


def test_changed_requirements_are_installed_anew(sandbox):
    sandbox.again("--check")
    (sandbox.tools / "requirements-check.txt").write_text("a==2\n")
    assert sandbox.again("--check") == CHECK
    (sandbox.tools / "stubs" / "esp32-1.24.txt").write_text("a==2\n")
    assert sandbox.again("--check") == CHECK
    assert sandbox.made == 1
    (sandbox.tools / "requirements.txt").write_text("a==2\n")
    assert sandbox.again("--check") == RUN + CHECK
    assert sandbox.made == 2


def test_another_python_gets_a_new_venv(sandbox, monkeypatch):
    sandbox.again()
    monkeypatch.setattr(sys, "version", "3.99")
    assert sandbox.again() == RUN


def test_moved_folder_gets_a_new_venv(sandbox, monkeypatch):
    sandbox.again()
    moved = sandbox.venv.with_name("moved")
    sandbox.venv.rename(moved)
    monkeypatch.setattr(setup, "VENV", moved)
    assert not setup.is_current("run")


def test_run_that_failed_is_not_taken_for_done(sandbox, capsys):
    sandbox.failing = {RUN[0]: "ERROR: no network\n"}
    assert sandbox.again() == [] and sandbox.status == 1
    assert capsys.readouterr().err == (
        "ERROR: no network\npip could not install the packages for demo and test.\n"
    )
    sandbox.failing = {}
    assert sandbox.again() == RUN and sandbox.status == 0


def test_failing_program_is_quoted():
    lines = []
    command = [sys.executable, "-c", "print('one', flush=True); exit('two')"]
    with pytest.raises(setup.ToolError, match="It failed.") as failure:
        setup.run(command, "It failed.", lines.append)
    assert lines == ["one\n", "two\n"]
    assert failure.value.output.split() == ["one", "two"]


# -- MicroPython ---------------------------------------------------------------------------------


def test_wheel_is_found(sandbox):
    sandbox.again()
    assert interpreter.find() == str(sandbox.venv / "bin" / "micropython")


def test_platform_without_a_wheel_goes_on_and_says_so(sandbox, capsys):
    sandbox.failing = {"MicroPython": "ERROR: No matching distribution found for x\n"}
    for _ in range(2):
        sandbox.again("--check")
        said = capsys.readouterr()
        assert sandbox.status == 0 and said.err == ""
        assert "There is no MicroPython wheel for" in said.out
        assert "MICROPYTHON=/path/to/micropython" in said.out
        with pytest.raises(interpreter.MissingInterpreter, match="MICROPYTHON="):
            interpreter.find()
    assert sandbox.installed == []


def test_wheel_of_older_pins_is_not_used_in_its_place(sandbox):
    sandbox.again()
    (sandbox.tools / "requirements-micropython.txt").write_text("a==2\n")
    sandbox.failing = {"MicroPython": "ERROR: No matching distribution found for x\n"}
    sandbox.again()
    with pytest.raises(interpreter.MissingInterpreter):
        interpreter.find()


def test_platform_without_a_wheel_fails_in_ci(sandbox, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    sandbox.failing = {"MicroPython": "ERROR: No matching distribution found for x\n"}
    sandbox.again()
    assert sandbox.status == 1
    assert "There is no MicroPython wheel for" in capsys.readouterr().err


@pytest.mark.parametrize(
    "output",
    [
        "WARNING: Retrying (Retry(total=4\nERROR: No matching distribution found for x\n",
        "ERROR: No space left on device\n",
    ],
)
def test_other_trouble_is_not_taken_for_a_missing_wheel(sandbox, output):
    sandbox.failing = {"MicroPython": output}
    sandbox.again()
    assert sandbox.status == 1
    sandbox.failing = {}
    assert sandbox.again() == ["MicroPython"]


def test_interpreter_of_the_user_is_taken_instead(sandbox, tmp_path, monkeypatch):
    mine = program(tmp_path / "mine", "echo micropython 1 24")
    monkeypatch.setenv("MICROPYTHON", mine)
    assert sandbox.again() == RUN[:-1] and sandbox.status == 0
    assert interpreter.find() == mine
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MICROPYTHON", "./mine")
    assert sandbox.again() == [] and sandbox.status == 0
    assert interpreter.find() == mine
    monkeypatch.delenv("MICROPYTHON")
    assert sandbox.again() == RUN[-1:]


@pytest.mark.parametrize("answer", ["micropython 1 24", "micropython 1 30", "micropython 2 0"])
def test_new_micropython_is_taken(tmp_path, answer):
    setup.check_interpreter(program(tmp_path / "mp", f"echo {answer}"))


def test_old_micropython_is_refused(tmp_path):
    old = program(tmp_path / "mp", "echo micropython 1 23")
    with pytest.raises(setup.SetupError, match="mp is MicroPython 1.23 and Sixlink needs 1.24"):
        setup.check_interpreter(old)


@pytest.mark.parametrize("script", ["exit 1", "echo hello", "echo cpython 3 12", "kill -9 $$"])
def test_something_else_is_no_micropython(tmp_path, script):
    other = program(tmp_path / "mp", script)
    with pytest.raises(setup.SetupError, match="does not run here as a MicroPython"):
        setup.check_interpreter(other)


def test_cpython_is_no_micropython():
    with pytest.raises(setup.SetupError, match="does not run here as a MicroPython"):
        setup.check_interpreter(sys.executable)


def test_missing_interpreter_is_named(monkeypatch):
    with pytest.raises(setup.SetupError, match="MICROPYTHON=/no/mp: there is no such program"):
        setup.check_interpreter("/no/mp")
    monkeypatch.setenv("MICROPYTHON", "/no/mp")
    with pytest.raises(interpreter.MissingInterpreter, match="there is no such program"):
        interpreter.find()


def test_environment_of_the_interpreter_is_clean(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "host_tests/shims")
    monkeypatch.setenv("MICROPYPATH", "elsewhere")
    clean = interpreter.environment(MICROPYPATH="firmware:.frozen")
    assert "PYTHONPATH" not in clean
    assert clean["MICROPYPATH"] == "firmware:.frozen"
    assert clean["PATH"] == os.environ["PATH"]


# -- pins ----------------------------------------------------------------------------------------


def lock(name):
    lines = (TOOLS / name).read_text().splitlines()
    return [Requirement(line) for line in lines]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", sorted(path.stem for path in TOOLS.glob("requirements*.in")))
def test_everything_is_pinned(name):
    wanted = {
        Requirement(line).name
        for line in (TOOLS / f"{name}.in").read_text().split("\n")
        if line[:1].isalpha()
    }
    pinned = lock(f"{name}.txt")
    assert wanted and wanted <= {canonical(requirement.name) for requirement in pinned}
    for requirement in pinned:
        assert re.fullmatch(r"==[0-9a-z.]+", str(requirement.specifier)), requirement


def test_stubs_are_pinned_for_both_ports_oldest_and_newest():
    stubs = [path.relative_to(TOOLS).as_posix() for path in TOOLS.glob("stubs/*.txt")]
    for name in stubs:
        port, _, version = name[6:-4].partition("-")
        firmware, library = lock(name)
        assert firmware.name == f"micropython-{port}-stubs"
        for requirement in (firmware, library):
            assert str(requirement.specifier).startswith(f"=={version}.")
    oldest = "%d.%d" % setup.OLDEST_MICROPYTHON
    assert {f"stubs/esp32-{oldest}.txt", f"stubs/stm32-{oldest}.txt"} < set(stubs)


def test_nothing_that_a_package_needs_is_missing_from_the_pins():
    active = [r for r in lock("requirements.txt") if r.marker is None or r.marker.evaluate()]
    names = {canonical(requirement.name) for requirement in active}
    for name in names:
        for text in importlib.metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonical(needed.name) in names, f"{name} needs {needed}"


# -- size ----------------------------------------------------------------------------------------


def test_size_at_the_ceiling():
    at_ceiling = {"engine": sizes.CEILING_BYTES - 5, "link": 5, "aio": 99999}
    assert sizes.within_budget(at_ceiling)
    assert "OVER" not in sizes.table(at_ceiling)


def test_size_over_the_ceiling():
    over = {"engine": sizes.CEILING_BYTES - 5, "link": 6}
    assert not sizes.within_budget(over)
    assert f"OVER THE CEILING OF {sizes.CEILING_BYTES}" in sizes.table(over)
    assert f"% of the goal of {sizes.BUDGET_BYTES} bytes" in sizes.table(over)


def test_no_firmware_is_not_a_small_firmware():
    assert not sizes.within_budget({})
