"""A mutant: one mistake, and the copy of the firmware it is planted in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FIRMWARE = ROOT / "firmware"


class Misplaced(Exception):
    """A mutant that does not fit the firmware (any more)."""


@dataclass(frozen=True)
class Mutant:
    """`file` of firmware/sixlink has `right` exactly once; the mutant has `wrong` there."""

    name: str
    breaks: str
    file: str
    right: str
    wrong: str

    def plant(self, folder: Path) -> Path:
        """Copy the firmware into `folder` with the mistake in it; returns the copy."""
        copy = folder / "firmware"
        shutil.copytree(FIRMWARE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "sixlink" / self.file).write_text(self.source())
        return copy

    def source(self) -> str:
        """`file` with the mistake in it. Raises Misplaced where it does not fit."""
        source = (FIRMWARE / "sixlink" / self.file).read_text()
        count = source.count(self.right)
        if count != 1:
            raise Misplaced(
                f"mutant {self.name}: {self.file} has its text {count} times, not once:\n"
                f"{self.right}\nIts row in tools/mutants/catalogue.py must follow the code."
            )
        wrong = source.replace(self.right, self.wrong)
        try:
            compile(wrong, self.file, "exec")
        except SyntaxError as error:
            raise Misplaced(f"mutant {self.name}: {self.file} is no Python: {error}") from error
        return wrong
