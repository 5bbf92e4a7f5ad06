"""Check firmware, boards and examples against the type stubs of real MicroPython ports.

The firmware has no annotations. What this finds in it is a name, a method or an argument that a
port, in its oldest or newest supported version, does not have. Boards and examples are checked
against the firmware's own stubs (`firmware/sixlink-stubs`), as a user's program is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.deploy.boards import BOARDS
from tools.setup import ROOT, STUBS

EXAMPLES = ROOT / "firmware" / "examples"
COMMON = ROOT / "boards"  # what all boards share
SHARED = ("start", "main", "config")
OURS = ROOT / "build" / "types"  # the firmware's stubs under the name by which they are imported

# An RP2's stubs of 1.24 know no sockets.
BOARD_OF_EXAMPLES = {"esp32": "ESP32_GENERIC", "stm32": "PYBV11"}


def main() -> int:
    lay_out_stubs()
    requirements = sorted((ROOT / "tools" / "stubs").glob("*.txt"))
    reports = [good for path in requirements for good in check(STUBS / path.stem)]
    return 0 if reports and all(reports) else 1


def lay_out_stubs() -> None:
    shutil.rmtree(OURS, ignore_errors=True)
    shutil.copytree(ROOT / "firmware" / "sixlink-stubs", OURS / "sixlink")


def check(stubs: Path) -> list[bool]:
    """Whether firmware, boards and examples fit the port and version `stubs` is named after."""
    port = stubs.name.split("-")[0]
    print(f"-- {stubs.name}", flush=True)
    reports = []
    for board in BOARDS.values():
        if board.port == port:
            files = [board.folder / "board.py", *(COMMON / f"{n}.py" for n in SHARED)]
            reports.append(passes(stubs, [OURS, board.folder, COMMON], files))
    if port in BOARD_OF_EXAMPLES:
        reports.append(passes(stubs, ["firmware"], [ROOT / "firmware" / "sixlink"]))
        folder = BOARDS[BOARD_OF_EXAMPLES[port]].folder
        examples = sorted(EXAMPLES.glob("*.py"))
        reports.append(passes(stubs, [OURS, folder, COMMON, EXAMPLES], examples))
    return reports


def passes(stubs: Path, path: list[Path | str], files: list[Path]) -> bool:
    command = [sys.executable, "-m", "mypy", "--config-file", "tools/firmware-types.ini"]
    command += ["--no-error-summary", "--custom-typeshed-dir", str(stubs)]
    command += ["--cache-dir", f".mypy_cache/{stubs.name}", *map(str, files)]
    environment = {"MYPYPATH": os.pathsep.join(map(str, [stubs, *path]))}
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
