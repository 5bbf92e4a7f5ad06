"""The table of docs/performance.md, from build/bench.json.

    python -m tools.bench.page

What stands between the two marks is replaced; the rest of the page is written by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import board, report

PAGE = board.ROOT / "docs" / "performance.md"
JSON = board.ROOT / "build" / "bench.json"
BEGIN = "<!-- written by python -m tools.bench.page -->\n"
END = "<!-- end -->\n"


def section(rows: list[report.Figure], where: str) -> str:
    """`where`: the machine it was measured on."""
    lines = [
        f"{report.summary(rows)} Measured with `make bench` on {where}.",
        "",
        "| what | measured | bound | | |",
        "|---|--:|--:|---|---|",
    ]
    for row in rows:
        cells = (row.name, report.value(row), report.limit(row), report.VERDICTS[row.met])
        lines.append(f"| {' | '.join(cells)} | {row.reason} |")
    return "\n".join(lines) + "\n"


def replaced(page: str, text: str) -> str:
    """`page` with `text` between the marks. Raises ValueError where there are none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(
            f"{PAGE.name} has no place for the table: {BEGIN.strip()} … {END.strip()}"
        )
    return before + begin + text + end + after


def write(page: Path, json: Path) -> None:
    rows, results = report.read(json)
    page.write_text(replaced(page.read_text(), section(rows, results["where"])))


if __name__ == "__main__":
    if not JSON.exists():
        sys.exit("There is no build/bench.json: run `make bench` first.")
    write(PAGE, JSON)
