"""One target under atheris, for `python -m tools.fuzz`.

python -m tools.fuzz.guided TARGET SECONDS

libFuzzer's own progress goes to stderr. New inputs go to build/fuzz/<target>/, an input that
fails to build/fuzz/<target>-crash-<hash>.
"""

from __future__ import annotations

import sys

import atheris

from .targets import BUILD, COVERED, KEPT, load

LONGEST_INPUT = 1024
SLOWEST_S = 60  # one input; more is a hang
MEMORY_MB = 1024


def main() -> None:
    name, seconds = sys.argv[1:]
    found, kept = BUILD / name, KEPT / name
    found.mkdir(parents=True, exist_ok=True)
    kept.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=[COVERED[name]]):
        run = load(name)
    options = {
        "max_total_time": seconds,
        "max_len": LONGEST_INPUT,
        "timeout": SLOWEST_S,
        "rss_limit_mb": MEMORY_MB,
        "artifact_prefix": f"{BUILD / name}-",
        "print_final_stats": 1,
    }
    flags = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([sys.argv[0], *flags, str(found), str(kept)], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
