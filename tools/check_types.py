"""Check the firmware and the boards against the type stubs of real MicroPython ports.

The firmware has no annotations. What this finds is a name, a method or an argument that a port,
in its oldest or newest supported version, does not have.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.deploy.boards import BOARDS, Board
from tools.setup import ROOT, STUBS


def main() -> int:
    requirements = sorted((ROOT / "tools" / "stubs").glob("*.txt"))
    reports = [
        check(STUBS / path.stem, board)
        for path in requirements
        for board in BOARDS.values()
        if path.stem.startswith(f"{board.port}-")
    ]
    return 0 if reports and all(reports) else 1


def check(stubs: Path, board: Board) -> bool:
    """Whether firmware and board fit the port and version that `stubs` is named after."""
    print(f"-- {stubs.name}, {board.name}", flush=True)
    command = [sys.executable, "-m", "mypy", "--config-file", "tools/firmware-types.ini"]
    command += ["--no-error-summary", "--custom-typeshed-dir", str(stubs)]
    command += ["--cache-dir", f".mypy_cache/{stubs.name}"]
    command += ["firmware/sixlink", f"{board.folder}/board.py"]
    command += ["boards/start.py", "boards/main.py", "boards/config.py"]
    path = {"MYPYPATH": os.pathsep.join([str(stubs), "firmware", str(board.folder), "boards"])}
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **path}).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
