"""Which MicroPython to run, and in what environment.

`make` has checked that it runs and is new enough (tools/setup.py).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_PATH_FILE = Path(__file__).resolve().parent.parent / ".venv" / "micropython.path"


class MissingInterpreter(LookupError):
    """No MicroPython on this computer; the text says what to do."""


def find() -> str:
    """Absolute path of the MicroPython interpreter.

    The environment variable MICROPYTHON (a path, or a name to look up in PATH) comes before the
    wheel in `.venv`. Raises MissingInterpreter when there is neither.
    """
    named = os.environ.get("MICROPYTHON", "")
    if named:
        path = shutil.which(named)
        if path is None:
            raise MissingInterpreter(f"MICROPYTHON={named}: there is no such program.")
        return os.path.abspath(path)
    if _PATH_FILE.exists():
        return _PATH_FILE.read_text().strip()
    raise MissingInterpreter(
        "There is no MicroPython in .venv: run `make demo` once, or name an interpreter with "
        "MICROPYTHON=/path/to/micropython."
    )


def environment(**extra: str) -> dict[str, str]:
    """The environment to start it in: ours, without what could lead it astray.

    The wheel's launcher is a CPython script that imports a module named `micropython`; a
    PYTHONPATH that holds our shim of that name would break it.
    """
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MICROPY"))
    }
    return {**clean, **extra}
