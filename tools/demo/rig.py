"""A board without a board: MicroPython programs on a pty, the virtual modem at its other end.

    with Board() as board, ModemProcess(board, baud=460800) as modem:
        program = board.start("program.py")
        program.wait(60)
        print(modem.stop())

Programs say `machine.UART(1)` and get the pty's slave; several may run one after the other on
the same modem, which stays as the earlier one left it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path
from typing import Any

from tools import interpreter

ROOT = Path(__file__).resolve().parents[2]
SEARCH = ("host_tests/shims", "firmware", "host_tests", "host_tests/upy", "tools/demo/device")
_START_SECONDS = 20
_STOP_SECONDS = 5


def stop_process(process: subprocess.Popen[Any]) -> None:
    """End a process we started: politely, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Board:
    """A pty whose slave is UART(1) of the MicroPython programs started here."""

    def __init__(self) -> None:
        self.far_end, self.uart = os.openpty()
        tty.setraw(self.uart)
        # MicroPython's unix port cannot do this itself.
        os.set_blocking(self.uart, False)
        self._programs: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._programs:
            stop_process(program)
            for stream in (program.stdin, program.stdout, program.stderr):
                if stream:
                    stream.close()
        os.close(self.uart)
        self.release_far_end()

    def release_far_end(self) -> None:
        """Close our copy of the pty's master, once a modem has its own."""
        if self.far_end >= 0:
            os.close(self.far_end)
            self.far_end = -1

    def start(self, *argv: str | Path, stderr: int | None = None) -> subprocess.Popen[str]:
        """Start MicroPython with these arguments; its stdin and stdout are pipes of text."""
        search = ":".join([*(str(ROOT / folder) for folder in SEARCH), ".frozen"])
        program = subprocess.Popen(
            [interpreter.find(), *map(str, argv)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=interpreter.environment(MICROPYPATH=search, SIXLINK_UART1=str(self.uart)),
            pass_fds=(self.uart,),
            start_new_session=True,  # Ctrl-C at our terminal is for us alone
        )
        self._programs.append(program)
        return program


class ModemProcess:
    """`python -m tools.vmodem` at the far end of a board's pty.

    A process of its own, as the interpreter runs inside CPython and holds its lock. `program` is
    what Python runs instead of the package, `options` are more words for its command line.
    """

    def __init__(
        self,
        board: Board,
        *,
        baud: int = 460800,
        latency_ms: int = 5,
        program: tuple[str, ...] = ("-m", "tools.vmodem"),
        options: tuple[str, ...] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sixlink-")
        self.stats_file = Path(self._folder.name, "stats.json")
        self.trace_file = Path(self._folder.name, "trace.txt")
        command = [sys.executable, *program, "--quiet", "--fd", str(board.far_end)]
        command += ["--baud", str(baud), "--latency", str(latency_ms)]
        command += ["--stats", str(self.stats_file), "--trace", str(self.trace_file), *options]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=(board.far_end,),
            start_new_session=True,
        )
        board.release_far_end()

    def __enter__(self) -> ModemProcess:
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        stop_process(self._process)
        self._folder.cleanup()

    def _wait_until_ready(self) -> None:
        """Its trace file appears just before it listens. A board that calls into the silence
        before that would go and search for the modem's baud rate."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.trace_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the virtual modem did not start")
            time.sleep(0.01)

    def stop(self) -> dict[str, Any]:
        """End the modem; what it counted. Raises RuntimeError when it left nothing."""
        stop_process(self._process)
        if not self.stats_file.exists():
            status = self._process.returncode
            raise RuntimeError(f"the virtual modem left no statistics, exit status {status}")
        return dict(json.loads(self.stats_file.read_text()))

    def trace(self) -> str:
        """The bytes on the wire so far, as the modem saw them."""
        return self.trace_file.read_text() if self.trace_file.exists() else ""
