"""A small corpus out of a large one: the inputs that take the most new steps, best first."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import track

from .targets import BUILD, COVERED, KEPT, inputs, load

MOST = 140  # inputs of a target
Steps = frozenset[tuple[str, int, int]]


def steps(run: Callable[[bytes], None], data: bytes, package: str) -> Steps:
    """The pairs of successive lines of one function of `package` that `run(data)` goes through."""
    taken = set()
    last: dict[FrameType, int] = {}

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        taken.add((frame.f_code.co_filename, last.get(frame, 0), frame.f_lineno))
        last[frame] = frame.f_lineno
        if event == "return":
            del last[frame]
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line if frame.f_globals.get("__name__", "").startswith(package) else None

    sys.settrace(on_call)
    try:
        run(data)
    finally:
        sys.settrace(None)
    return frozenset(taken)


def chosen(steps_of: dict[bytes, Steps]) -> Iterator[bytes]:
    """Of inputs that add as much, the shortest."""
    left = dict(steps_of)
    seen: set[tuple[str, int, int]] = set()
    for _ in range(MOST):
        best = max(left, key=lambda data: (len(left[data] - seen), -len(data)), default=b"")
        if not left or not left[best] - seen:
            return
        seen |= left.pop(best)
        yield best


def keep(name: str, console: Console) -> int:
    """Choose the kept corpus of a target anew, with what was found since; how many inputs."""
    run = load(name)
    found = inputs(KEPT / name) + inputs(BUILD / name)
    steps_of = {}
    for path in track(found, f"choosing inputs of {name}", console=console):
        data = path.read_bytes()
        steps_of[data] = steps(run, data, COVERED[name])
    new = list(chosen(steps_of))
    _replace(KEPT / name, new)
    return len(new)


def _replace(folder: Path, corpus: list[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in inputs(folder):
        path.unlink()
    for data in corpus:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
