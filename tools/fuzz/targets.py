"""The targets by name, where their inputs are kept, and how one input is run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "host_tests" / "corpus"
BUILD = ROOT / "build" / "fuzz"

COVERED = {"engine": "sixlink", "vmodem": "tools.vmodem"}  # target: the package it is to explore


def load(name: str) -> Callable[[bytes], None]:
    """`run` of the target, with the firmware and its shims in reach."""
    for part in ("firmware", "host_tests/shims"):
        if str(ROOT / part) not in sys.path:
            sys.path.insert(0, str(ROOT / part))
    run: Callable[[bytes], None] = importlib.import_module(f"tools.fuzz.{name}").run
    return run


def inputs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file())
