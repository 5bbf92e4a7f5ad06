"""Sixlink onto a board: compiled firmware, the files of boards/<BOARD>, config.py.

    python -m tools.deploy --port /dev/ttyUSB0 --board ESP32_GENERIC

Whatever fails, what was on the board goes on working.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from .bundle import File
from .deploy import deploy
from .errors import DeployError


class Screen:
    """A bar on a terminal; in a log, the lines alone."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.percentage:3.0f} %"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def copying(self, file: File, done: int, of: int) -> None:
        self._bar.update(
            self._task, description=file.target, completed=done, total=of, visible=done < of
        )
        if done == of:
            self.say(f"Copied {of:,} bytes.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__)
    parser.add_argument("--port", required=True, help="the board's serial port")
    parser.add_argument("--board", required=True, help="a folder in boards/")
    parser.add_argument("--config", type=Path, default=Path("config.py"), help="your settings")
    options = parser.parse_args()
    with contextlib.suppress(BrokenPipeError):
        return run(options)
    return 1


def run(options: argparse.Namespace) -> int:
    try:
        with Screen(Console()) as screen:
            deploy(options.port, options.board, options.config, screen)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; what was on the board still is.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
