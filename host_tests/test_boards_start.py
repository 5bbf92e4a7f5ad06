"""boards/start.py and main.py, which every board has, on real MicroPython."""

import subprocess
from pathlib import Path

import pytest

from tools import interpreter

ROOT = Path(__file__).parent.parent

# A modem that fails as often as it is told to, and a clock that does not wait.
STUB = """\
import sys, time
import sixlink

class Modem:
    failures = {failures}
    tries = 0
    def connect(self):
        Modem.tries += 1
        if Modem.tries <= self.failures:
            raise sixlink.ModemError(110, "AT+CREG?", hint="no antenna?")

class Time:
    slept = []
    sleep = slept.append

class Board:
    modem = dict

sys.modules["time"] = Time
sys.modules["board"] = Board
sixlink.install = lambda modem: print("installed", Modem.tries, Time.slept)
import start
"""


def run(tmp_path, program, config=None):
    if config is not None:
        (tmp_path / "config.py").write_text(config)
    path = f"{tmp_path}:{ROOT / 'boards'}:{ROOT / 'firmware'}:.frozen"
    if config is None:
        # boards/ holds the template of config.py, which no board has by itself.
        (tmp_path / "start.py").write_text((ROOT / "boards" / "start.py").read_text())
        path = f"{tmp_path}:{ROOT / 'firmware'}:.frozen"
    return subprocess.run(
        [interpreter.find(), "-c", program],
        env=interpreter.environment(MICROPYPATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        cwd=tmp_path,
    )


def settings(tmp_path, config, options=""):
    program = STUB.format(failures=0) + (
        f"told = start.modem({options})\n"
        "del told['log']\n"
        "print([told[name] for name in sorted(told)])"
    )
    return run(tmp_path, program, config)


@pytest.mark.parametrize(
    "config, told",
    [
        ("APN = 'internet'\n", ["internet", False, "", "", ""]),
        ("APN = None\n", ["", False, "", "", ""]),
        (
            "APN, USER, PASSWORD, PIN, FLOW = 'a', 'me', 'secret', '0000', True\n",
            ["a", True, "secret", "0000", "me"],
        ),
    ],
)
def test_config_becomes_options_of_the_modem(tmp_path, config, told):
    """In the order of their names: apn, flow, password, pin, user."""
    assert settings(tmp_path, config).stdout == f"{told}\n"


def test_options_go_before_config(tmp_path):
    said = settings(tmp_path, "APN = 'a'\nPIN = '1234'\n", "pin='0000'")
    assert said.stdout == f"{['a', False, '', '0000', '']}\n"


@pytest.mark.parametrize(
    "config, words",
    [
        (None, "There is no config.py on this board: fill in boards/config.py and copy it here."),
        ("", "config.py names no APN: write"),
        ("APN = ''\n", "config.py names no APN: write"),
        ((ROOT / "boards" / "config.py").read_text(), "config.py names no APN: write"),
    ],
    ids=["no config", "no APN", "empty", "template"],
)
def test_without_an_apn_one_sentence_says_so(tmp_path, config, words):
    said = settings(tmp_path, config)
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1].startswith(f"ConfigError: {words}")


def test_a_fault_in_config_is_shown_as_it_is(tmp_path):
    said = settings(tmp_path, "APN = 1 / 0\n")
    assert "ZeroDivisionError" in said.stdout and "config.py" in said.stdout


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_connect_goes_on_until_there_is_a_connection(tmp_path, failures):
    program = STUB.format(failures=failures) + "start.connect(Modem())\n"
    said = run(tmp_path, program, "APN = 'a'\n").stdout.splitlines()
    assert said[:-1] == ["ETIMEDOUT: AT+CREG?: no antenna?"] * failures
    assert said[-1] == f"installed {failures + 1} {[10] * failures}"


def test_ctrl_c_ends_it_and_leaves_the_modem_to_the_repl(tmp_path):
    stub = STUB.replace("dict", "lambda **_: Modem()")
    program = stub.format(failures=0).replace("Modem.tries += 1", "raise KeyboardInterrupt") + (
        "try:\n    exec(open('main.py').read(), globals())\n"
        "except KeyboardInterrupt:\n    print('stopped', type(modem).__name__)\n"
    )
    (tmp_path / "main.py").write_text((ROOT / "boards" / "main.py").read_text())
    assert run(tmp_path, program, "APN = 'a'\n").stdout == "stopped Modem\n"
