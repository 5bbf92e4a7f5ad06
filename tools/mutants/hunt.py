"""Seeds tried on one mutant, in processes that know no other firmware than the mutant's copy."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from .plant import FIRMWARE, ROOT, Mutant

CPU_LIMIT_S = 2  # a seed; unbroken firmware needs a twentieth of a second
MOST = 4096  # bytes of a failure: what a pipe takes at once


@dataclass(frozen=True)
class Trial:
    """What one seed did: `failure` is the gist of what went wrong, empty if nothing did."""

    seed: int
    failure: str
    cpu_s: float


Try = Callable[[Iterable[int]], Iterator[Trial]]


@contextmanager
def trying(mutant: Mutant, processes: int | None = None) -> Iterator[Try]:
    """Gives a function that tries seeds on `mutant`, in their order."""
    with TemporaryDirectory() as folder:
        with _trying(mutant.plant(Path(folder)), processes) as attempt:
            yield attempt


def trying_unbroken() -> AbstractContextManager[Try]:
    """The same with the firmware as it is."""
    return _trying(FIRMWARE, 1)


@contextmanager
def _trying(firmware: Path, processes: int | None) -> Iterator[Try]:
    pool = ProcessPoolExecutor(
        processes or os.cpu_count(),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_load,
        initargs=(firmware,),
    )
    try:
        yield lambda seeds: pool.map(_try, seeds)
    finally:
        pool.shutdown(cancel_futures=True)


# -- inside a process of the pool ----------------------------------------------------------------

_finder: Callable | None = None


def _load(firmware: Path) -> None:
    global _finder
    host = (str(ROOT / part) for part in ("host_tests/shims", "host_tests"))
    sys.path[:0] = [str(firmware), *host]
    _finder = importlib.import_module("stricter").StricterScenario
    loaded = Path(sys.modules["sixlink"].__file__ or "")
    assert loaded.is_relative_to(firmware), f"{loaded} is not the firmware to be tried"
    _finder(0)  # what the firmware loads lazily need not be loaded again for each seed


def _try(seed: int) -> Trial:
    """In a child of its own: firmware that hangs may not let an exception through."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _run(seed, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        failure = pipe.read().decode()
    _, status, used = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        failure = _death(os.WTERMSIG(status))
    return Trial(seed, failure, used.ru_utime + used.ru_stime)


def _run(seed: int, writer: int) -> NoReturn:
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)  # nobody handles its signal: it kills
    try:
        assert _finder is not None
        failure = _gist(_finder(seed).run())
    except BaseException as error:
        failure = f"{type(error).__name__}: {error}"
    os.write(writer, failure.encode()[:MOST])
    os._exit(0)


def _death(number: int) -> str:
    if number == signal.SIGPROF:
        return f"hang: {CPU_LIMIT_S} s of CPU time were not enough"
    return f"died of {signal.Signals(number).name}"


def _gist(story: str) -> str:
    """The line of a scenario's story that says what went wrong: of a traceback, its exception."""
    lines = story.splitlines()
    if lines and lines[0].startswith("Traceback"):
        lines = [line for line in lines[1:] if line and not line.startswith(" ")]
    return lines[0] if lines else ""
