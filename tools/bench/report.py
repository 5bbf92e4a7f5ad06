"""What was measured, as figures with their bounds; the table and build/bench.json.

`results` is what the stages of `__main__` gathered: plain data by stage. A stage that could not
run left `{"missing": sentence}`; its figures stand in the table without a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from . import figures, model
from .wire import Cell

Results = dict[str, Any]

POINTS = (115200, 921600)  # baud; at 10 ms design bounds the efficiency there
LATENCY_MS = 10
PUSH_OF_WIRE = 0.97
OF_SEQUENCE = 0.95
SIX_OF_ONE = 0.97
FAIR = 0.98
VERDICTS = {True: "met", False: "NOT MET", None: ""}
_NAME = 64  # columns
LINEAR = 1.1  # cost of a unit, of that in the smaller case


@dataclass(frozen=True)
class Figure:
    """One row. `bound`: the most, or the least if `at_least`. `reason`: why it is not met, or
    what else there is to know; without a value, why it was not measured."""

    name: str
    value: float | None
    unit: str
    bound: float | None = None
    at_least: bool = False
    reason: str = ""

    @property
    def met(self) -> bool | None:
        """None where there is no bound, or no value."""
        if self.bound is None or self.value is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def ratio(self) -> float | None:
        """The value by its bound."""
        return self.value / self.bound if self.value is not None and self.bound else None


# Why this firmware does not reach a bound.
SHORT_OF_IT = {
    "cost of a segment, six links : one": "one alone takes the short way",
    "cost of a byte pushed, 16 kB : 1460": "larger than the ring: in parts",
    ".mpy, always loaded": "recovery, the hooks of all modes and the whole dialect are among it",
    "RAM, 32-bit, six open links": "15 kB are rings; agenda and command of each link the rest",
}


def all_figures(results: Results) -> list[Figure]:
    """All rows, those that miss their bound with a reason."""
    return [
        replace(row, reason=SHORT_OF_IT.get(row.name, row.reason)) if row.met is False else row
        for row in measured_figures(results)
    ]


def measured_figures(results: Results) -> list[Figure]:
    return [
        *wire_figures(results),
        *time_figures(results),
        *instruction_figures(results["instructions"]),
        *scale_figures(results["instructions"]),
        *heap_figures(results["heap"]),
        *ram_figures(results),
        *client_figures(results["sends"]),
        *peer_figures(results["peer"]),
    ]


# -- the wire ------------------------------------------------------------------------------------


def wire_figures(results: Results) -> Iterator[Figure]:
    """Bounded where design bounds them; all other cells are told."""
    rates: dict[Cell, dict[str, Any]] = {}
    for row in results["goodput"]:
        cell = Cell(**row["cell"])
        if "missing" in row:
            yield Figure(cell.name, None, "B/s", reason=row["missing"])
        else:
            rates[cell] = row
    ideal = {(row["way"], row["baud"]): row["rate"] for row in results["ideal"]}
    for cell, row in rates.items():
        yield Figure(cell.name, row["rate"], "B/s")
        yield from _efficiency(cell, row["rate"], ideal)
        if cell.links > 1:
            yield from _together(cell, row, rates)


def is_bounded(cell: Cell) -> bool:
    """Whether design bounds the efficiency of this cell."""
    at_point = cell.baud in POINTS and cell.latency_ms == LATENCY_MS and cell.links in (1, 6)
    plain = not cell.tls and cell.profile == "luat"
    return at_point and plain and (cell.way == "down" or not cell.push)


def _efficiency(cell: Cell, rate: float, ideal: dict[tuple[str, int], float]) -> Iterator[Figure]:
    bounded = is_bounded(cell)
    of_wire = rate / model.wire(cell.baud)
    if cell.way == "down" and cell.push:
        bound = PUSH_OF_WIRE if bounded else None
        yield Figure(f"{cell.name}: of baud/10", of_wire, "", bound, at_least=True)
        return
    yield Figure(f"{cell.name}: of baud/10", of_wire, "")
    of_sequence = rate / cell.limit
    bound = OF_SEQUENCE if bounded else None
    perfect = ideal.get((cell.way, cell.baud)) if bound else None
    reason = ""
    if perfect and of_sequence < OF_SEQUENCE:
        reason = f"a host that needs no time reaches {perfect / cell.limit:.3f}"
    yield Figure(f"{cell.name}: of the command sequence", of_sequence, "", bound, True, reason)
    if perfect:
        of_perfect = rate / perfect
        yield Figure(f"{cell.name}: of a host that needs no time", of_perfect, "", bound, True)


def _together(
    cell: Cell, row: dict[str, Any], rates: dict[Cell, dict[str, Any]]
) -> Iterator[Figure]:
    alone = rates.get(Cell(cell.way, cell.baud, cell.latency_ms, push=cell.push))
    six = cell.links == 6
    if alone:
        of_one = row["rate"] / alone["rate"]
        bound = SIX_OF_ONE if six else None
        yield Figure(f"{cell.name}: of one link alone", of_one, "", bound, True)
    fairness = figures.jain(row["shares"])
    yield Figure(f"{cell.name}: Jain index", fairness, "", FAIR if six else None, True)


def time_figures(results: Results) -> Iterator[Figure]:
    for row in results["round trips"]:
        cell = Cell(**row["cell"])
        title = f"64 bytes there and back, {cell.baud} baud, {cell.latency_ms} ms, {cell.mode}"
        limit = model.round_trip(cell.baud, cell.latency_ms / 1000, 64, cell.push)
        yield from _times(title, row, limit)
    for row in results["arrivals"]:
        cell = Cell(**row["cell"])
        title = f"+RECEIVE to application, {cell.baud} baud"
        yield from _times(title, row, model.arrival(cell.baud, 1))


def _times(title: str, row: dict[str, Any], limit: float) -> Iterator[Figure]:
    if "missing" in row:
        yield Figure(title, None, "ms", reason=row["missing"])
        return
    median = figures.median(row["seconds"])
    slow = figures.percentile(row["seconds"], 99)
    yield Figure(title, 1000 * median, "ms", reason="median")
    yield Figure(f"{title}: 99 of 100 are there by", 1000 * slow, "ms")
    yield Figure(f"{title}: above wire and modem", 1000 * (median - limit), "ms", reason="median")


# -- cost ----------------------------------------------------------------------------------------

_COSTS = (
    ("receive push", "instructions a byte, 1460-byte packets received, push", 40.0),
    ("receive pull", "instructions a byte, received, pull", None),
    ("send", "instructions a byte, sent", 60.0),
    ("receive push, no trace", "instructions a byte, received, push, trace=0", None),
    ("send, no trace", "instructions a byte, sent, trace=0", None),
    ("receive push, 256 bytes at a time", "instructions a byte, push, coming 256 at a time", None),
    ("idle pump", "instructions, idle pump", 8000.0),
    ("ioctl(POLL)", "instructions, ioctl(POLL), idle", None),
    ("command", "instructions, one command", None),
)


def instruction_figures(counts: Results) -> Iterator[Figure]:
    for key, title, bound in _COSTS:
        if "missing" in counts:
            yield Figure(title, None, "", bound, reason=counts["missing"])
        else:
            yield Figure(title, cost(counts[key]), "", bound)
            if counts[key]["bytes"]:
                yield Figure(f"{title}: a packet or segment", _per_unit(counts[key]), "")


def cost(count: dict[str, int]) -> float:
    """A byte, or a unit if no payload moves."""
    own = count["instructions"] - count["stand_in"]
    return own / (count["bytes"] or count["units"])


def _per_unit(count: dict[str, int]) -> float:
    return (count["instructions"] - count["stand_in"]) / count["units"]


_SCALES = (
    ("cost of a packet, six links : one", "receive push, 6 links", "receive push, 1 links"),
    ("cost of a segment, six links : one", "send, 6 links", "send, 1 links"),
    ("cost of an idle pump, six links : one", "idle pump, 6 links", "idle pump, 1 links"),
    ("cost of a byte pushed, 16 kB : 1460", "receive push of 16384", "receive push of 1460"),
    ("cost of a byte pulled, 16 kB : 1460", "receive pull of 16384", "receive pull of 1460"),
    ("cost of a byte sent, 16 kB : 1460", "send of 16384", "send of 1460"),
    ("cost of an URC, sixteen at once : one", "URCs, 16 at a time", "URCs, 1 at a time"),
)


def scale_figures(counts: Results) -> Iterator[Figure]:
    """How cost grows; 1 is linear."""
    for title, large, small in _SCALES:
        if "missing" in counts:
            yield Figure(title, None, "", LINEAR, reason=counts["missing"])
            continue
        # A pump serves all links: there, linear is six times as much.
        times = 6 if large.startswith("idle") else 1
        yield Figure(title, cost(counts[large]) / cost(counts[small]), "", LINEAR * times)


def heap_figures(heap: Results) -> Iterator[Figure]:
    for key, title, bound in (
        ("receive push", "heap, a packet received, push", 0),
        ("receive pull", "heap, 1024 bytes received, pull", 0),
        ("send", "heap, a segment sent", 64),
    ):
        taken, locked = heap["figures"][key]
        if locked:  # what was asked for without it are frames of calls, which the stack can hold
            note = f"1,000 ran under heap_lock(); else frames ask for {taken:,.0f} B"
            yield Figure(title, 0, "B", bound, reason=note)
        else:
            yield Figure(title, taken, "B", bound, reason="does not run under heap_lock()")


def ram_figures(results: Results) -> Iterator[Figure]:
    yield Figure(".mpy, always loaded", results["mpy"]["always"], "B", 24 * 1024)
    yield Figure(".mpy, all modules", results["mpy"]["all"], "B")
    for bits, bound in (("32-bit", 20 * 1024), ("64-bit", None)):
        ram = results["ram"][bits]
        if "missing" in ram:
            reason = f"not measured here: {ram['missing']}"
            yield Figure(f"RAM, {bits}, six open links", None, "B", bound, reason=reason)
            continue
        yield Figure(f"RAM, {bits}, six open links", ram["six_links"], "B", bound)
        yield Figure(
            f"RAM, {bits}, six open links: largest free block of 512 kB", ram["hole"], "B"
        )
        yield Figure(f"RAM, {bits}, import", ram["imported"], "B")
        most = 1.7 if bits == "32-bit" else None
        yield Figure(
            f"RAM, {bits}, import: of its .mpy files", ram["imported"] / ram["files"], "", most
        )


def client_figures(sends: dict[str, int]) -> Iterator[Figure]:
    yield Figure("AT+CIPSEND for a publish in four writes", sends["publish"], "", 1)
    yield Figure("AT+CIPSEND for a requests.get", sends["get"], "", 2)


def peer_figures(rows: list[dict[str, Any]]) -> Iterator[Figure]:
    for row in rows:
        title = f"{row['work']}, sim800, 115200 baud, 10 ms, by {row['driver']}"
        yield Figure(title, row.get("rate"), "B/s", reason=row.get("failure", ""))


# -- as text and as JSON -------------------------------------------------------------------------


def table(rows: list[Figure]) -> str:
    """A row whose name goes on from the last one's, behind a colon, is indented under it."""
    lines = [f"{'':{_NAME}}{'measured':>13}{'bound':>10}"]
    above = ""
    for row in rows:
        head, _, rest = row.name.partition(": ")
        name = f"  {rest}" if rest and head == above else row.name
        above = head
        verdict = VERDICTS[row.met]
        line = f"{name:{_NAME}}{value(row):>13}{limit(row):>10}  {verdict:9}{row.reason}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def summary(rows: list[Figure]) -> str:
    bounded = [row for row in rows if row.bound is not None]
    met = sum(row.met is True for row in bounded)
    unknown = sum(row.met is None for row in bounded)
    left = f", {unknown} not measured here" if unknown else ""
    return f"{met} of {len(bounded)} bounds are met{left}."


def value(row: Figure) -> str:
    return "–" if row.value is None else f"{_number(row.value)} {row.unit}".rstrip()


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def limit(row: Figure) -> str:
    return "" if row.bound is None else f"{'≥' if row.at_least else '≤'} {row.bound:,g}"


def write(path: Path, rows: list[Figure], results: Results) -> None:
    told = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"figures": told, "results": results}, indent=1) + "\n")


def read(path: Path) -> tuple[list[Figure], Results]:
    """What `write` wrote."""
    told = json.loads(path.read_text())
    names = Figure.__dataclass_fields__
    rows = [Figure(**{key: row[key] for key in names}) for row in told["figures"]]
    return rows, told["results"]
