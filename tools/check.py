"""All checks of `make check`, one line each; what a failing one said follows its line, and what
another has had to leave out."""

from __future__ import annotations

import subprocess
import sys
import time

LEFT_OUT = "Left out: "  # how a check that passes says what it could not check here

CHECKS = {
    "format (ruff format)": ["ruff", "format", "--check", "."],
    "lint (ruff)": ["ruff", "check", "."],
    "spelling (codespell)": ["codespell_lib"],
    "layout: imports, sizes of modules and functions": ["tools.check_layout"],
    "types of firmware, boards, examples: all ports (mypy)": ["tools.check_types"],
    "types of tools (mypy)": ["mypy"],
    "size of the compiled firmware (mpy-cross)": ["tools.sizes"],
    "growth of instructions, heap and size (valgrind)": ["tools.bench.guard"],
    "the site of the docs, without a warning (mkdocs)": ["tools.docs"],
}


def main() -> int:
    failed = [name for name, module in CHECKS.items() if not passes(name, module)]
    if failed:
        print(f"\n{len(failed)} of {len(CHECKS)} checks failed: " + "; ".join(failed))
    else:
        print(f"\nAll {len(CHECKS)} checks passed.")
    return 1 if failed else 0


def passes(name: str, module: list[str]) -> bool:
    print(f"{name:<56}", end="", flush=True)
    started = time.monotonic()
    check = subprocess.run(
        [sys.executable, "-m", *module],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - started
    print("%-6s %4.1f s" % ("FAILED" if check.returncode else "ok", seconds), flush=True)
    if check.returncode:
        print(check.stdout, flush=True)
    else:
        left_out = [line for line in check.stdout.splitlines() if line.startswith(LEFT_OUT)]
        print("".join(f"  {line}\n" for line in left_out), end="", flush=True)
    return check.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
