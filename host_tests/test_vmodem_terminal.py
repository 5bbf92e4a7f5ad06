"""The terminal in which a person runs the virtual modem: faults are typed there, and it may go."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 20


def on_a_terminal(tmp_path):
    """(process, our end of its terminal)"""
    keyboard, terminal = os.openpty()
    command = [sys.executable, "-m", "tools.vmodem", "--pty", "--quiet"]
    process = subprocess.Popen(
        [*command, "--stats", str(tmp_path / "stats.json")],
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


def test_a_word_that_is_no_fault_is_told(tmp_path):
    process, keyboard = on_a_terminal(tmp_path)
    os.write(keyboard, b"nonsense\n")
    assert "nonsense" in process.stderr.readline()
    os.close(keyboard)
    assert ends(process)
