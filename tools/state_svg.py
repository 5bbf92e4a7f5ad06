"""Draws a state machine as an SVG that fits a phone: boxes one below the other, events inside.

The way that most sessions take runs down the middle. Every other event is a row in the box of its
state, from where a line leads to the lane of the state it ends in. No text is ever placed beside
a line that something else might cross, so whatever the machine, nothing covers anything.

The same machine gives the same bytes: no library, no measuring of fonts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

# Units are pixels of a phone, more or less.
MARGIN = 12
BOX = 272  # width of a box
HEADER = 24
ROW = 17
NOTE_ROW = 13
GAP = 14  # between boxes that no arrow joins
STEP = 30  # between those that one does
STEP_ROW = 14  # more for each further event that takes the same way
LANE = 11
CURVE = 5
NOTE_CHARS = 42

INK, PAPER, FRAME, DIM = "#1f2328", "#ffffff", "#8c959f", "#59636e"
# Neighbours keep apart for the colour-blind, and all are dark enough to read as text on white.
COLOURS = (
    "#0060a0", "#b34700", "#007a5a", "#8e3f7a", "#6b5900",
    "#a3243b", "#4b4b9f", "#4b5563", "#006b75", "#7d4f33",
)  # fmt: skip
FONT = "font-family='Helvetica, Arial, DejaVu Sans, sans-serif'"


@dataclass(frozen=True)
class Move:
    source: str
    event: str
    target: str


@dataclass(frozen=True)
class Machine:
    """`states` from top to bottom, `ours` those of them that no modem prints; `moves` change the
    state, `stays` are events that a state expects and that change nothing, `anywhere` are moves
    (event, target) out of every state."""

    title: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    stays: dict[str, tuple[str, ...]]
    anywhere: tuple[tuple[str, str], ...] = ()
    ours: frozenset[str] = frozenset()


@dataclass
class _Box:
    name: str
    rows: list[Move]
    note: list[str]
    down: list[str]  # events that lead to the box below
    dashed: bool = False
    top: int = 0

    @property
    def header_y(self) -> int:
        return self.top + HEADER // 2

    @property
    def bottom(self) -> int:
        note = NOTE_ROW * len(self.note) + 4 if self.note else 0
        return self.top + HEADER + ROW * len(self.rows) + (3 if self.rows else 0) + note

    def row_y(self, n: int) -> int:
        return self.top + HEADER + ROW * n + ROW // 2


@dataclass
class _Lane:
    """The vertical line that ends in one state; `column` counts from the boxes outwards."""

    target: _Box
    sources: list[int] = field(default_factory=list)  # y of the rows that join it
    column: int = 0
    colour: str = ""

    @property
    def span(self) -> tuple[int, int]:
        ys = [*self.sources, self.target.header_y]
        return min(ys), max(ys)


def draw(machine: Machine) -> str:
    """The whole SVG file; raises ValueError where a move ends in a state without a box."""
    targets = {move.target for move in machine.moves} | {to for _, to in machine.anywhere}
    if lost := targets - set(machine.states):
        raise ValueError(f"{machine.title}: no box for {', '.join(sorted(lost))}")
    boxes = _boxes(machine)
    bottom = _stack(boxes)
    lanes = _lanes(boxes)
    parts = [_lane(lane) for lane in lanes.values()]
    for box, below in zip(boxes, boxes[1:] + [None], strict=True):
        parts.append(_box(box, lanes))
        if box.down and below:
            parts.append(_arrow_down(box, below))
    columns = 1 + max((lane.column for lane in lanes.values()), default=0)
    width = MARGIN + BOX + 16 + LANE * columns + MARGIN // 2
    return _frame(machine.title, width, bottom + MARGIN, parts)


def _boxes(machine: Machine) -> list[_Box]:
    boxes = []
    if machine.anywhere:
        rows = [Move("", event, target) for event, target in machine.anywhere]
        boxes.append(_Box("in any state", rows, [], [], dashed=True))
    for name, below in zip(machine.states, (*machine.states[1:], None), strict=True):
        moves = [move for move in machine.moves if move.source == name]
        rows = [move for move in moves if move.target != below]
        down = [move.event for move in moves if move.target == below]
        note = _wrapped(machine.stays.get(name, ()))
        boxes.append(_Box(name, rows, note, down, dashed=name in machine.ours))
    return boxes


def _wrapped(events: Iterable[str]) -> list[str]:
    """No line ends inside an event."""
    lines: list[str] = []
    for event in events:
        if lines and len(lines[-1]) + len(event) + 2 <= NOTE_CHARS:
            lines[-1] += f", {event}"
        elif lines:
            lines[-1] += ","
            lines.append(event)
        else:
            lines.append(f"no change: {event}")
    return lines


def _stack(boxes: list[_Box]) -> int:
    """Give every box its place; returns where the last one ends."""
    y = MARGIN + 26  # below the title
    for box in boxes:
        box.top = y
        y = box.bottom + (STEP + STEP_ROW * (len(box.down) - 1) if box.down else GAP)
    return boxes[-1].bottom


def _lanes(boxes: list[_Box]) -> dict[str, _Lane]:
    """A lane for every state that a row leads to; the short ones run next to the boxes."""
    by_name = {box.name: box for box in boxes}
    lanes: dict[str, _Lane] = {}
    for box in boxes:
        for n, move in enumerate(box.rows):
            lane = lanes.setdefault(move.target, _Lane(by_name[move.target]))
            lane.sources.append(box.row_y(n))
    columns: list[list[tuple[int, int]]] = []
    for lane in sorted(lanes.values(), key=lambda lane: (lane.span[1] - lane.span[0], lane.span)):
        low, high = lane.span
        free = [
            n
            for n, taken in enumerate(columns)
            if all(high + LANE < start or end + LANE < low for start, end in taken)
        ]
        if not free:
            columns.append([])
        lane.column = free[0] if free else len(columns) - 1
        columns[lane.column].append(lane.span)
    for n, box in enumerate(box for box in boxes if box.name in lanes):
        lanes[box.name].colour = COLOURS[n % len(COLOURS)]
    return lanes


def _lane(lane: _Lane) -> str:
    """Every line on its way into `lane`; the paper behind them makes crossings readable."""
    edge = MARGIN + BOX
    x = edge + 16 + LANE * lane.column
    end = lane.target.header_y
    paths = []
    for y in lane.sources:
        way = 1 if end > y else -1
        bend = CURVE * way
        paths.append(
            f"M{edge} {y}H{x - CURVE}Q{x} {y} {x} {y + bend}"
            f"V{end - bend}Q{x} {end} {x - CURVE} {end}H{edge + 6}"
        )
    drawn = "".join(
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width}'/>"
        for colour, width in ((PAPER, 4), (lane.colour, 1.6))
        for path in paths
    )
    return drawn + _head_left(edge, end, lane.colour)


def _head_left(x: int, y: int, colour: str) -> str:
    return f"<path d='M{x} {y}l8 -4v8z' fill='{colour}'/>"


def _arrow_down(box: _Box, below: _Box) -> str:
    x = MARGIN + 30
    parts = [
        f"<path d='M{x} {box.bottom}V{below.top - 7}' stroke='{INK}' stroke-width='1.8'/>"
        f"<path d='M{x} {below.top}l-4 -8h8z' fill='{INK}'/>"
    ]
    for n, event in enumerate(box.down):
        word = "or " if n else ""
        parts.append(_text(x + 10, box.bottom + STEP // 2 + 4 + STEP_ROW * n, word + event, INK))
    return "\n".join(parts)


def _box(box: _Box, lanes: dict[str, _Lane]) -> str:
    dash = " stroke-dasharray='5 3'" if box.dashed else ""
    lane = lanes.get(box.name)
    colour = lane.colour if lane else FRAME
    parts = [
        f"<rect x='{MARGIN}' y='{box.top}' width='{BOX}' height='{box.bottom - box.top}' rx='5'"
        f" fill='{PAPER}' stroke='{colour}' stroke-width='1.4'{dash}/>",
        _text(MARGIN + 9, box.top + 17, box.name, INK, "font-weight='bold'", 13),
    ]
    for n, move in enumerate(box.rows):
        y = box.row_y(n) + 4
        parts.append(_text(MARGIN + 9, y, move.event, INK))
        colour = lanes[move.target].colour
        parts.append(_text(MARGIN + BOX - 6, y, move.target, colour, "text-anchor='end'"))
    top = box.bottom - NOTE_ROW * len(box.note) + 5
    for n, line in enumerate(box.note):
        parts.append(_text(MARGIN + 9, top + NOTE_ROW * n, line, DIM, size=10))
    return "\n".join(parts)


def _text(x: int, y: int, text: str, colour: str, more: str = "", size: int = 11) -> str:
    more = f" {more}" if more else ""
    return f"<text x='{x}' y='{y}' font-size='{size}' fill='{colour}'{more}>{escape(text)}</text>"


def _frame(title: str, width: int, height: int, parts: list[str]) -> str:
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'"
        f" width='{width}' height='{height}' {FONT}>\n<title>{escape(title)}</title>\n"
        f"<rect x='0.5' y='0.5' width='{width - 1}' height='{height - 1}' rx='8'"
        f" fill='{PAPER}' stroke='{FRAME}'/>\n"
    )
    name = _text(MARGIN, MARGIN + 14, title, INK, "font-weight='bold'", 14)
    return head + "\n".join([name, *parts]) + "\n</svg>\n"
