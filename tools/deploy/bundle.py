"""What goes onto a board, and where: the compiled firmware, the board's files, config.py."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools import sizes

from .boards import ROOT, Board

LIB = "/lib/sixlink"
MPY_VERSION = 1  # byte of a .mpy file (MicroPython, "MicroPython .mpy files")


@dataclass(frozen=True)
class File:
    target: str
    data: bytes


def firmware() -> list[File]:
    """The package, compiled anew; not into build/mpy, where somebody else may do so as well."""
    with tempfile.TemporaryDirectory(prefix="sixlink-mpy-") as folder:
        output = Path(folder, "sixlink")
        sizes.compile_all(sizes.SOURCE, output)
        paths = sorted(output.glob("*.mpy"))
        return [File(f"{LIB}/{path.name}", path.read_bytes()) for path in paths]


def board_files(board: Board) -> list[File]:
    common = ROOT / "boards"
    paths = {board.folder / "board.py", common / "start.py", common / "main.py"}
    return [File(f"/{path.name}", path.read_bytes()) for path in sorted(paths)]


def mpy_version(files: list[File]) -> int:
    """The format of the compiled files: a board reads one only."""
    [version] = {file.data[MPY_VERSION] for file in files if file.target.endswith(".mpy")}
    return version


def flash_bytes(files: list[File], block: int) -> int:
    """Room that `files` take: whole blocks, and two for each folder, as littlefs has it."""
    folders = {parent for file in files for parent in Path(file.target).parents}
    blocks = sum(-(-len(file.data) // block) for file in files)
    return (blocks + 2 * len(folders)) * block


def config_file(path: Path) -> File:
    return File("/config.py", path.read_bytes())
