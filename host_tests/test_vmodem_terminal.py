"""The terminal in which a person runs the virtual modem: faults are typed there, and it may go."""

import os
import subprocess
import sys
import tty
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECONDS = 20


def on_a_terminal(tmp_path):
    """(process, our end of its terminal)"""
    keyboard, terminal = os.openpty()
    command = [sys.executable, "-m", "tools.vmodem", "--pty", "--quiet"]
    process = subprocess.Popen(
        [*command, "--stats", str(tmp_path / "stats.json"), "--link", str(tmp_path / "modem")],
        cwd=ROOT,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(terminal)
    assert process.stdout.readline().startswith("/dev/")
    return process, keyboard


def ends(process):
    try:
        return process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.communicate()


def test_ends_when_its_terminal_goes(tmp_path):
    process, keyboard = on_a_terminal(tmp_path)
    os.close(keyboard)
    assert ends(process)
    assert (tmp_path / "stats.json").exists()


@pytest.mark.parametrize("line", ["nonsense", "power 2", "reset", "power 0 1"])
def test_a_word_that_is_no_fault_is_told(tmp_path, line):
    process, keyboard = on_a_terminal(tmp_path)
    os.write(keyboard, line.encode() + b"\n")
    assert repr(line) in process.stderr.readline()
    os.close(keyboard)
    assert ends(process)


def test_the_power_key_is_pressed(tmp_path):
    process, keyboard = on_a_terminal(tmp_path)
    modem = os.open(tmp_path / "modem", os.O_RDWR | os.O_NOCTTY)
    tty.setraw(modem)
    os.write(keyboard, b"power_down\npower 0\n")
    said = b""
    while b"RDY" not in said:
        said += os.read(modem, 1000)
    os.close(modem)
    os.close(keyboard)
    assert ends(process)
