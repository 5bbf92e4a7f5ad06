"""The pictures in docs/ show the state machines that the firmware runs on, all of them."""

import re
from xml.etree import ElementTree

import pytest
from sixlink import bearer, linkstate

from tools import state_pictures, state_svg
from tools.state_svg import Machine, Move, draw

FILES = state_pictures.files()
MACHINES = state_pictures.machines()
PICTURES = list(MACHINES)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FILES)
def test_the_committed_file_is_what_the_command_writes(name):
    committed = (state_pictures.DOCS / name).read_text(encoding="utf-8")
    assert committed == FILES[name], "run python -m tools.state_pictures"


def test_no_picture_is_left_over_and_all_are_shown():
    assert {path.name for path in state_pictures.DOCS.glob("states*")} == set(FILES)
    shown = re.findall(r"!\[.+\]\((.+)\)", FILES["states.md"])
    assert shown == PICTURES


def test_every_event_has_its_words():
    assert set(state_pictures.BEARER_EVENTS) == {
        name for name in vars(bearer) if name.startswith("_B_")
    }
    states = {"_" + name.replace(" ", "_") for name in linkstate.NAMES}
    constants = {name for name, value in vars(linkstate).items() if type(value) is int}
    assert set(state_pictures.LINK_EVENTS) == constants - states
    for words in (state_pictures.BEARER_EVENTS, state_pictures.LINK_EVENTS):
        assert len(set(words.values())) == len(words)


def drawn(*names):
    """What the pictures say: (state, event) and the state that follows."""
    found = {}
    for name in names:
        machine = MACHINES[name]
        found.update({(move.source, move.event): move.target for move in machine.moves})
        found.update(
            {(state, event): state for state, stays in machine.stays.items() for event in stays}
        )
    return found


def test_every_row_of_the_links_table_is_drawn_and_nothing_else():
    events = {getattr(linkstate, name): text for name, text in state_pictures.LINK_EVENTS.items()}
    names = linkstate.NAMES
    table = {(names[key >> 4], events[key & 15]): names[to] for key, to in linkstate.NEXT.items()}
    assert drawn("states-link.svg") == table


def test_every_row_of_the_bearers_table_is_drawn():
    events = {getattr(bearer, name): text for name, text in state_pictures.BEARER_EVENTS.items()}
    both = drawn("states-bearer-multi.svg", "states-bearer-single.svg")
    for key, to in bearer._NEXT.items():
        pair = (state_pictures._bearer_name(key >> 4), events[key & 15])
        target = state_pictures._bearer_name(to)
        if pair[0] != "IP STATUS":  # where a link leads depends on the mode
            assert both[pair] == target, pair
        assert pair in both


def test_a_link_is_in_ip_processing_with_six_links_and_has_states_of_its_own_without():
    pair = ("IP STATUS", "AT+CIPSTART typed")
    assert drawn("states-bearer-multi.svg")[pair] == "IP PROCESSING"
    assert drawn("states-bearer-single.svg")[pair] == "TCP/UDP CONNECTING"


@pytest.mark.parametrize("name", PICTURES[:2])
def test_what_may_happen_in_any_state_of_the_bearer(name):
    assert MACHINES[name].anywhere == (
        ("SHUT OK", "IP INITIAL"),
        ("+PDP: DEACT", "PDP DEACT"),
        ("it restarts or is silent", "UNKNOWN"),
    )


def test_every_state_has_its_box():
    boxes = {name for machine in MACHINES.values() for name in machine.states}
    names = {state_pictures.WITH_KIND.get(name, name) for name in bearer._NAMES}
    assert boxes == names | set(linkstate.NAMES)


def test_a_state_without_a_box_is_named(monkeypatch):
    row = bearer._IP_START << 4 | bearer._B_GONE
    monkeypatch.setitem(bearer._NEXT, row, bearer._IP_CLOSED)
    with pytest.raises(ValueError, match="no box for TCP/UDP CLOSED"):
        state_pictures.files()


def test_a_changed_table_changes_the_picture(monkeypatch):
    row = linkstate._FAILED << 4 | linkstate._DRAINED
    monkeypatch.setitem(linkstate.NEXT, row, linkstate._CLOSED)
    assert state_pictures.files()["states-link.svg"] != FILES["states-link.svg"]
    row = bearer._IP_START << 4 | bearer._B_GONE
    monkeypatch.setitem(bearer._NEXT, row, bearer._IP_INITIAL)
    assert state_pictures.files()["states-bearer-single.svg"] != FILES["states-bearer-single.svg"]


# -- how they look -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
def test_it_brings_its_own_paper_and_fits_a_phone(name):
    root = ElementTree.fromstring(FILES[name])
    paper = root.find(f"{SVG}rect")
    assert paper.get("fill") == state_svg.PAPER
    width, height = int(root.get("width")), int(root.get("height"))
    assert (int(paper.get("width")), int(paper.get("height"))) == (width - 1, height - 1)
    assert width <= 400


def text_spans(root):
    """Row and left and right end of every text, with letters as wide as DejaVu Sans has them."""
    for text in root.iter(f"{SVG}text"):
        bold = 1.1 if text.get("font-weight") else 1
        width = len(text.text) * int(text.get("font-size")) * 0.63 * bold
        x = int(text.get("x"))
        yield int(text.get("y")), *((x - width, x) if text.get("text-anchor") else (x, x + width))


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_covers_another_or_leaves_its_box(name):
    rows = {}
    for y, left, right in text_spans(ElementTree.fromstring(FILES[name])):
        assert state_svg.MARGIN <= left and right <= state_svg.MARGIN + state_svg.BOX
        rows.setdefault(y, []).append((left, right))
    ys = sorted(rows)
    assert all(low - high >= 12 for high, low in zip(ys, ys[1:], strict=False))
    for spans in rows.values():
        spans.sort()
        assert all(a[1] < b[0] for a, b in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize("name", PICTURES)
def test_each_state_that_a_row_leads_to_has_a_colour_and_a_lane_of_its_own(name):
    lanes = list(state_svg._lanes(placed(MACHINES[name])).values())
    assert len({lane.colour for lane in lanes}) == len(lanes)
    for n, lane in enumerate(lanes):
        for other in lanes[:n]:
            apart = lane.span[1] < other.span[0] or other.span[1] < lane.span[0]
            assert lane.column != other.column or apart


def placed(machine):
    boxes = state_svg._boxes(machine)
    state_svg._stack(boxes)
    return boxes


def test_words_with_a_meaning_in_xml_are_told_as_they_are():
    machine = Machine("A & B", ("<0>", "<1>"), (Move("<0>", "a < b", "<1>"),), {"<1>": ("&",)})
    texts = [text.text for text in ElementTree.fromstring(draw(machine)).iter(f"{SVG}text")]
    assert texts == ["A & B", "<0>", "a < b", "<1>", "no change: &"]
