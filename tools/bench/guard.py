"""What may not grow: instructions, heap and flash, against host_tests/limits.json.

    python -m tools.bench.guard [--record]

Fails when a figure is more than 5 % over the committed one. All of them are exact: they do not
depend on the clock nor on what else the machine does, only on the interpreter, which limits.json
names. `--record` measures and writes the file anew.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable

from tools import interpreter, sizes
from tools.check import LEFT_OUT

from . import board, callgrind, instructions, memory

LIMITS = board.ROOT / "host_tests" / "limits.json"
GROWTH = 1.05
PACKETS = 1000


Figures = dict[str, float]


def instruction_figures() -> Figures:
    """Raises MissingValgrind, MissingInterpreter."""
    counts = instructions.measure(instructions.LIGHT)
    figures: Figures = {}
    for name, count in counts.items():
        if count.bytes:
            figures[f"instructions a byte, {name}"] = round(count.per_byte, 1)
        else:
            figures[f"instructions, {name}"] = round(count.per_unit)
    return figures


def heap_figures() -> Figures:
    """Raises MissingInterpreter."""
    figures, _ = memory.traffic(PACKETS)
    return {f"heap bytes, {name}": round(figure.bytes, 2) for name, figure in figures.items()}


def size_figures() -> Figures:
    files = sizes.compile_all(sizes.SOURCE, sizes.OUTPUT)
    always = sizes.counted(files)
    return {".mpy bytes, always loaded": always, ".mpy bytes, all": sum(files.values())}


GROUPS: tuple[Callable[[], Figures], ...] = (instruction_figures, heap_figures, size_figures)
_MISSING = (callgrind.MissingValgrind, interpreter.MissingInterpreter)


def interpreter_name() -> str:
    """What the counts belong to. Raises MissingInterpreter."""
    command = [interpreter.find(), "-c", "import sys; print(sys.version)"]
    done = subprocess.run(
        command, env=interpreter.environment(), capture_output=True, text=True, check=True
    )
    return f"{done.stdout.strip().partition('; ')[2]}, {platform.machine()}"


def groups_for(wanted: str) -> tuple[tuple[Callable[[], Figures], ...], list[str]]:
    """The figures that can be compared with those of the interpreter `wanted`."""
    try:
        ours = interpreter_name()
    except interpreter.MissingInterpreter:
        return GROUPS, []  # each group that needs one says so
    if ours == wanted:
        return GROUPS, []
    sentence = f"instructions and heap. The limits are those of {wanted}; this is {ours}."
    return (size_figures,), [LEFT_OUT + sentence]


def measure(groups: tuple[Callable[[], Figures], ...]) -> tuple[Figures, list[str]]:
    """All figures that can be had here, and a sentence for each group that cannot."""
    figures: Figures = {}
    left_out = []
    for group in groups:
        try:
            figures |= group()
        except _MISSING as error:
            what = group.__name__.partition("_")[0]
            left_out.append(f"{LEFT_OUT}{what} figures. {str(error).rstrip('.')}.")
    return figures, left_out


def excesses(figures: Figures, limits: Figures) -> list[str]:
    """A line for each figure that is more than 5 % over its limit, or has none."""
    found = []
    for name, value in figures.items():
        if name not in limits:
            found.append(f"{name}: {value:,} has no limit yet; --record writes it")
        elif value > limits[name] * GROWTH:
            growth = f"{100 * (value / limits[name] - 1):.0f} % more" if limits[name] else "more"
            found.append(f"{name}: {value:,} is {growth} than {limits[name]:,}")
    return found


def judge(figures: Figures, left_out: list[str], limits: Figures, is_ci: bool) -> tuple[int, str]:
    """Exit status, and what to say."""
    over = excesses(figures, limits)
    known = {name: value for name, value in figures.items() if name in limits}
    lines = [f"{name:40}{value:12,} of {limits[name]:12,}" for name, value in known.items()]
    return 1 if over or (is_ci and left_out) else 0, "\n".join(lines + left_out + over)


def check() -> int:
    limits = json.loads(LIMITS.read_text())
    groups, left_out = groups_for(limits["interpreter"])
    figures, more = measure(groups)
    is_ci = os.environ.get("CI") == "true"
    status, text = judge(figures, left_out + more, limits["figures"], is_ci)
    print(text)
    return status


def record() -> int:
    figures, left_out = measure(GROUPS)
    if left_out:
        print("\n".join([*left_out, "Nothing recorded."]))
        return 1
    limits = {"interpreter": interpreter_name(), "figures": figures}
    LIMITS.write_text(json.dumps(limits, indent=2) + "\n")
    print("\n".join(f"{name:40}{value:12,}" for name, value in figures.items()))
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.guard", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--record", action="store_true", help="write the limits anew")
    return record() if parser.parse_args(argv).record else check()


if __name__ == "__main__":
    sys.exit(main())
