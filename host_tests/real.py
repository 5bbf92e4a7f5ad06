"""Help for tests that run MicroPython's own interpreter over a pty.

`Board().play(...)` runs a scene (a function in host_tests/upy) and returns what it returned;
`virtual_modem()` gives such a board with the virtual modem at the other end, and prints the end
of the wire trace when the test fails.
"""

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path

from tools.demo import rig

UPY = Path(__file__).parent / "upy"
TRACE_LINES = 60
SECONDS = 60


class SceneFailed(AssertionError):
    """The scene raised, did not end in time or printed no result."""


class Scene:
    """A scene that is being played."""

    def __init__(self, program):
        self.program = program

    def line(self):
        """The next line the scene prints."""
        return self.program.stdout.readline().rstrip("\n")

    def interrupt(self):
        """Press Ctrl-C."""
        self.program.send_signal(signal.SIGINT)

    def result(self, said="", timeout=SECONDS):
        """Send `said` to the scene's stdin, wait for its end, return its result."""
        try:
            output, _ = self.program.communicate(said, timeout)
        except subprocess.TimeoutExpired as late:
            self.program.kill()
            output, _ = self.program.communicate()
            raise SceneFailed(f"not done in {timeout} s:\n{output}") from late
        if self.program.returncode:
            raise SceneFailed(f"exit status {self.program.returncode}:\n{output}")
        return json.loads(output.splitlines()[-1])


class Board(rig.Board):
    def scene(self, module, function, *args):
        """Start a scene."""
        return Scene(self.start(UPY / "play.py", module, function, json.dumps(args)))

    def play(self, module, function, *args, timeout=SECONDS):
        """Play a scene to its end."""
        return self.scene(module, function, *args).result(timeout=timeout)


@contextlib.contextmanager
def virtual_modem(*options, baud=460800, latency_ms=5, flow=False):
    """A board and the virtual modem's process: `with virtual_modem() as (board, modem)`.

    `flow`: the modem has RTS/CTS switched on, and so may push data.
    """
    options += ("--flow",) if flow else ()
    settings = {"baud": baud, "latency_ms": latency_ms, "options": options}
    with Board() as board, rig.ModemProcess(board, **settings) as modem:
        try:
            yield board, modem
        except BaseException:
            print("\n".join(modem.trace().splitlines()[-TRACE_LINES:]), file=sys.stderr)
            raise
