"""The shared tests, run by real MicroPython as well; both interpreters must run the same ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import interpreter

HERE = Path(__file__).parent
SHARED = HERE / "shared"
SEARCH = [HERE / "shims", HERE.parent / "firmware", HERE]


def run_micropython(*arguments):
    """host_tests/upy/run.py in an environment that holds only the search path."""
    path = ":".join([*map(str, SEARCH), ".frozen"])
    return subprocess.run(
        [interpreter.find(), HERE / "upy" / "run.py", *arguments],
        env=interpreter.environment(MICROPYPATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def collected_by_pytest():
    command = [sys.executable, "-m", "pytest", "-o", "addopts=", "--collect-only", "-q", SHARED]
    listing = subprocess.run(
        command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, timeout=120, check=True
    )
    return sorted(re.findall(r"(\w+)\.py::(\w+)$", listing.stdout, re.MULTILINE))


def test_shared_tests_pass_on_micropython_and_are_those_that_pytest_collects():
    run = run_micropython("-v", SHARED)
    assert run.returncode == 0, run.stdout
    names = sorted(re.findall(r"^run (\w+)::(\w+)$", run.stdout, re.MULTILINE))
    assert names == collected_by_pytest()
    assert run.stdout.splitlines()[-1] == f"{len(names)} passed, 0 failed"


@pytest.mark.parametrize(
    "source, count",
    [
        ("def test_good(): pass\ndef test_bad(): assert 1 == 2\n", "1 passed, 1 failed"),
        ("def test_broken(): [][1]\n", "0 passed, 1 failed"),
        ("import nowhere\ndef test_good(): pass\n", "0 passed, 1 failed"),
        ("def helper(): pass\n", "0 passed, 0 failed"),
    ],
    ids=["assertion", "exception", "import", "nothing to run"],
)
def test_runner_reports_failures(tmp_path, source, count):
    (tmp_path / "test_sample.py").write_text(source)
    run = run_micropython(tmp_path)
    assert run.returncode == 1
    assert run.stdout.splitlines()[-1] == count


def test_runner_runs_named_modules_only(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"test_{name}.py").write_text("def test_it(): pass\n")
    run = run_micropython(tmp_path, "test_two")
    assert run.stdout.splitlines() == ["test_two: 1 passed, 0 failed", "1 passed, 0 failed"]
