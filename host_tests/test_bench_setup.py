"""What `make bench` and `make tools` do on a fresh machine."""

import os
import subprocess

import pytest
from test_setup import RUN, TOOLS, make, program, sandbox  # noqa: F401 (a fixture)

SYSTEM = ("sh", "id", "env")  # what the script may use besides


@pytest.fixture
def machine(tmp_path):
    """A machine with a shell and little else: `machine(valgrind="exit 0")` runs `make tools`."""
    for name in SYSTEM:
        path = next(p for p in (f"/bin/{name}", f"/usr/bin/{name}") if os.path.exists(p))
        (tmp_path / name).symlink_to(path)

    def run(**programs):
        for name, script in programs.items():
            path = tmp_path / name.replace("_", "-")
            path.unlink(missing_ok=True)
            program(path, script)
        return subprocess.run(
            [tmp_path / "sh", TOOLS / "debian.sh"],
            env={"PATH": str(tmp_path), "LOG": str(tmp_path / "log")},
            capture_output=True,
            text=True,
        )

    run.log = tmp_path / "log"
    return run


def test_bench_sets_up_its_packages_and_runs_the_module():
    steps = make("-n", "bench").stdout
    assert "python3 tools/setup.py --bench" in steps
    assert steps.index("--bench") < steps.index("-m tools.bench")


def test_packages_of_the_benchmark_are_added_when_asked_for(sandbox):  # noqa: F811
    assert sandbox.again("--bench") == [*RUN, "packages for bench"]
    assert sandbox.again("--bench") == []
    (sandbox.tools / "requirements-bench.txt").write_text("a==2\n")
    assert sandbox.again("--bench") == ["packages for bench"]


def test_tools_has_nothing_to_do(machine):
    run = machine(valgrind="exit 0", apt_get="echo $* >>$LOG")
    assert (run.returncode, run.stdout) == (0, "Everything is here: valgrind.\n")
    assert not machine.log.exists()


def test_root_installs(machine):
    run = machine(id="echo 0", apt_get="echo $* >>$LOG")
    assert run.returncode == 0
    assert machine.log.read_text() == "update -qq\ninstall -y -qq valgrind\n"


def test_sudo_that_asks_for_nothing_installs(machine):
    sudo = 'shift; case $1 in true) ;; *) echo sudo >>$LOG; "$@";; esac'
    run = machine(id="echo 1000", sudo=sudo, apt_get="echo $* >>$LOG")
    assert run.returncode == 0
    assert machine.log.read_text() == "sudo\nupdate -qq\nsudo\ninstall -y -qq valgrind\n"


@pytest.mark.parametrize("sudo", [{}, {"sudo": "exit 1"}], ids=["no sudo", "asks"])
def test_others_are_told_what_to_type(machine, sudo):
    run = machine(id="echo 1000", apt_get="echo $* >>$LOG", **sudo)
    assert run.returncode == 1
    assert run.stderr.endswith("run: sudo apt-get install valgrind\n")
    assert not machine.log.exists()


def test_what_apt_cannot_do_is_told(machine):
    run = machine(id="echo 0", apt_get="echo E: no network >&2; exit 100")
    assert run.returncode == 1
    assert run.stderr == (
        "E: no network\napt-get could not install valgrind; what it said stands above.\n"
    )


def test_another_system_is_told(machine):
    run = machine()
    assert run.returncode == 1
    assert "There is no apt-get here: install valgrind" in run.stderr
