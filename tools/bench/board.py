"""The programs in device/, run by MicroPython without a UART: their modem is in memory."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools import interpreter

ROOT = Path(__file__).resolve().parents[2]
DEVICE = Path(__file__).parent / "device"
FIRMWARE = ROOT / "firmware"
_SECONDS = 120


class ProgramFailed(RuntimeError):
    """A program ended badly; the text has what it said last."""


def environment(firmware: Path = FIRMWARE) -> dict[str, str]:
    """What MicroPython finds the firmware and the programs by."""
    return interpreter.environment(MICROPYPATH=f"{firmware}:{DEVICE}:.frozen")


def run(program: str, *arguments: str, heap: str = "8M", firmware: Path = FIRMWARE) -> str:
    """What `program` prints. Raises MissingInterpreter, ProgramFailed."""
    command = [interpreter.find(), "-X", f"heapsize={heap}", str(DEVICE / program), *arguments]
    return run_command(command, environment(firmware))


def run_command(
    command: list[str], env: dict[str, str] | None = None, seconds: int = _SECONDS, said: str = ""
) -> str:
    """What a command prints that reads `said`. Raises ProgramFailed."""
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=seconds, input=said
    )
    if done.returncode:
        last_words = done.stdout[-1000:] + done.stderr[-1000:]
        raise ProgramFailed(f"{Path(command[0]).name} failed: {last_words}")
    return done.stdout
