"""The measurement as pictures: one sheet, for a reader who was not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import figures, model, report
from .instructions import BURSTS, LINKS, SIZES
from .wire import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAUDS = (115200, 460800, 921600)
BOUND: dict[str, Any] = {"color": "black", "linestyle": ":", "linewidth": 1}
WAYS = (
    ("download, push", {"way": "down", "push": True}, "tab:blue"),
    ("download, pull", {"way": "down"}, "tab:green"),
    ("upload", {"way": "up"}, "tab:orange"),
)


def draw(results: report.Results, *paths: Path) -> None:
    """Write the sheet to every one of `paths`, in the format of its suffix."""
    import matplotlib  # here: only `make bench` installs it

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sheet, places = pyplot.subplots(3, 2, figsize=(13, 15), layout="constrained")
    sheet.suptitle("Sixlink: speed and cost, measured", fontsize=16)
    panels = (by_baud, by_links, round_trips, heap_over_time, by_size, by_load)
    for panel, place in zip(panels, places.flat, strict=True):
        panel(place, results)
        place.grid(alpha=0.3)
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        sheet.savefig(path, dpi=110)
    pyplot.close(sheet)


def by_baud(place: Axes, results: report.Results) -> None:
    """Goodput of one link, the line's limit and that of the commands."""
    rates = _rates(results)
    for label, way, color in WAYS:
        cells = [Cell(baud=baud, **way) for baud in BAUDS]
        seen = [(cell.baud, rates[cell] / 1000) for cell in cells if cell in rates]
        place.plot(*_columns(seen), "o-", color=color, label=label)
        limits = [cell.limit / 1000 for cell in cells]
        place.plot(BAUDS, limits, "--", color=color, linewidth=1)
    wire = [model.wire(baud) / 1000 for baud in BAUDS]
    place.plot(BAUDS, wire, **BOUND, label="the wire: baud/10")
    place.plot([], [], "--", color="gray", linewidth=1, label="what the commands allow")
    place.set(
        title="Goodput of one link, modem latency 10 ms",
        xlabel="baud",
        ylabel="kB/s",
        xticks=BAUDS,
        xticklabels=[str(baud) for baud in BAUDS],
    )
    place.legend()


def by_links(place: Axes, results: report.Results) -> None:
    """All links together, of what one link alone reaches."""
    rates = _rates(results)
    for baud, line in zip(report.POINTS, ("o-", "s--"), strict=True):
        for label, way, color in WAYS:
            cells = [Cell(baud=baud, links=links, **way) for links in (1, 3, 6)]
            seen = [(cell.links, rates[cell] / rates[cells[0]]) for cell in cells if cell in rates]
            place.plot(*_columns(seen), line, color=color, label=f"{label}, {baud} baud")
    place.axhline(report.SIX_OF_ONE, **BOUND)
    place.annotate("bound for six: 0.97", (1, report.SIX_OF_ONE), va="bottom")
    place.set(
        title="All links together, as a share of one link alone",
        xlabel="links at once",
        ylabel="aggregate goodput / goodput of one",
        xticks=(1, 3, 6),
    )
    place.margins(y=0.35)  # room for the legend
    place.legend(fontsize="small", ncols=2, loc="lower left")


def round_trips(place: Axes, results: report.Results) -> None:
    """Distribution of the time for 64 bytes there and back."""
    for row, color in zip(results["round trips"], ("tab:blue", "tab:green") * 2, strict=False):
        if "missing" in row:
            continue
        cell = Cell(**row["cell"])
        line = "-" if cell.baud == report.POINTS[0] else "--"
        times = sorted(1000 * second for second in row["seconds"])
        shares = [(at + 1) / len(times) for at in range(len(times))]
        label = f"{cell.mode}, {cell.baud} baud"
        place.step(times, shares, line, where="post", color=color, label=label)
        limit = 1000 * model.round_trip(cell.baud, cell.latency_ms / 1000, 64, cell.push)
        place.axvline(limit, ymax=0.06, color=color, linestyle=line, linewidth=3)
    place.set(
        title="64 bytes to an echo server and back, latency 10 ms\n"
        "(thick ticks: wire and modem alone)",
        xlabel="ms",
        ylabel="share of messages that are back by then",
        ylim=(0, 1.02),
    )
    place.set_xlim(left=0, right=_right_edge(results))
    place.legend(loc="lower right")


def _right_edge(results: report.Results) -> float:
    """One that stragglers do not move."""
    rows = [row["seconds"] for row in results["round trips"] if "missing" not in row]
    return 1500 * max(map(figures.median, rows), default=0.1)


def heap_over_time(place: Axes, results: report.Results) -> None:
    used = results["heap"]["over time"]
    base = min(used)
    place.plot([(value - base) / 1024 for value in used], color="tab:red")
    place.set(
        title="Heap while packets of 1460 bytes are received and sent\n"
        "(64-bit; each fall is a collection, one for every 64 kB asked for)",
        xlabel="packets received, segments sent",
        ylabel="kB above the lowest",
    )
    place.set_ylim(bottom=0, top=max(2, (max(used) - base) / 1024 * 1.5))
    for key, what in (("receive push", "packet received"), ("send", "segment sent")):
        taken, _ = results["heap"]["figures"][key]
        place.plot([], [], " ", label=f"{taken:,.0f} bytes a {what}")
    place.legend(loc="upper right", handlelength=0)


def by_size(place: Axes, results: report.Results) -> None:
    counts = results["instructions"]
    for label, key, color in (
        ("received, push", "receive push of", "tab:blue"),
        ("received, pull", "receive pull of", "tab:green"),
        ("sent", "send of", "tab:orange"),
    ):
        names = [(size, f"{key} {size}") for size in SIZES]
        seen = [(size, report.cost(counts[name])) for size, name in names if name in counts]
        place.loglog(*_columns(seen), "o-", color=color, label=label)
    for bound, text in ((40, "bound at 1460: received 40"), (60, "bound at 1460: sent 60")):
        place.axhline(bound, **BOUND)
        place.annotate(text, (1, bound), va="bottom", fontsize="small")
    place.set(
        title="Instructions a byte of payload (unix port, callgrind)",
        xlabel="bytes in a message",
        ylabel="instructions a byte",
        xticks=SIZES,
        xticklabels=["1", "16", "64", "256", "1460", "4 k", "16 k"],
    )
    place.minorticks_off()
    place.legend()


def by_load(place: Axes, results: report.Results) -> None:
    counts = results["instructions"]
    for label, key, numbers, color in (
        (
            "packet of 1460 bytes received (links open)",
            "receive push, {} links",
            LINKS,
            "tab:blue",
        ),
        ("segment of 1460 bytes sent (links open)", "send, {} links", LINKS, "tab:orange"),
        ("idle pump (links open)", "idle pump, {} links", LINKS, "tab:gray"),
        ("URC (so many at a time)", "URCs, {} at a time", BURSTS, "tab:purple"),
    ):
        names = [(number, key.format(number)) for number in numbers]
        seen = [(n, _each(counts[name]) / 1000) for n, name in names if name in counts]
        place.semilogy(*_columns(seen), "o-", color=color, label=label)
    place.axhline(8, **BOUND)
    place.annotate("bound of an idle pump: 8", (8, 8), va="bottom", fontsize="small")
    place.set(
        title="Instructions against the number of links, and of URCs at a time",
        xlabel="links open, or URCs that come together",
        ylabel="thousand instructions each",
        xticks=(1, 2, 3, 4, 5, 6, 8, 16),
        xticklabels=["1", "2", "3", "4", "5", "6", "8", "16"],
    )
    place.legend(fontsize="small")


def _rates(results: report.Results) -> dict[Cell, float]:
    rows = [row for row in results["goodput"] if "missing" not in row]
    return {Cell(**row["cell"]): row["rate"] for row in rows}


def _each(count: dict[str, int]) -> float:
    return (count["instructions"] - count["stand_in"]) / count["units"]


def _columns(points: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    return [x for x, _ in points], [y for _, y in points]
