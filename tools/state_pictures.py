"""The pictures of the firmware's state machines: docs/states.md and docs/states-*.svg.

    python -m tools.state_pictures

writes them anew from the firmware's own tables; a test tells when they are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("host_tests/shims", "firmware")]

from sixlink import bearer, linkstate  # noqa: E402

from tools.state_svg import Machine, Move, draw  # noqa: E402

DOCS = ROOT / "docs"

# The firmware's events in words. Its constants cost nothing on a board; names would.
BEARER_EVENTS = {
    "_B_CSTT": "AT+CSTT answered OK",
    "_B_CIICR": "AT+CIICR typed",
    "_B_CIICR_OK": "AT+CIICR answered OK",
    "_B_CIFSR": "AT+CIFSR gave an address",
    "_B_START": "AT+CIPSTART typed",
    "_B_OPENED": "CONNECT OK",
    "_B_REFUSED": "CONNECT FAIL",
    "_B_CLOSE": "AT+CIPCLOSE typed",
    "_B_GONE": "CLOSED or CLOSE OK",
    "_B_SHUT": "SHUT OK",
    "_B_DEACT": "+PDP: DEACT",
    "_B_LOST": "it restarts or is silent",
}
LINK_EVENTS = {
    "_OPEN": "a socket connects",
    "_OPENED": "CONNECT OK",
    "_GONE": "CLOSED",
    "_CLOSE": "its socket is closed",
    "_SHUT": "the modem holds it no more",
    "_BROKEN": "its data are in doubt",
    "_DRAINED": "all that came has been read",
    "_CALLED": "a peer calls our server",
}
UNKNOWN = "UNKNOWN"
FAILED = "FAILED"

# From top to bottom, so that the usual way runs straight down.
BRING_UP = (UNKNOWN, "IP INITIAL", "IP START", "IP CONFIG", "IP GPRSACT", "IP STATUS")
MULTI = (*BRING_UP, "IP PROCESSING", "PDP DEACT")
SINGLE = (
    *BRING_UP,
    "CONNECTING",
    "CONNECT OK",
    "CLOSING",
    "CLOSED",
    "SERVER LISTENING",
    "PDP DEACT",
)
LINK = ("INITIAL", "CONNECTING", "CONNECTED", "REMOTE CLOSING", "CLOSED", "CLOSING", FAILED)

# AT+CIPSTATUS puts the kind of the link in front of these.
WITH_KIND = {name: f"TCP/UDP {name}" for name in ("CONNECTING", "CLOSING", "CLOSED")}


def bearer_machine(title: str, names: Iterable[str], mux: int) -> Machine:
    """What `Bearer.event` does in a modem with AT+CIPMUX=`mux`."""
    states = [bearer._NAMES.index(name) for name in names]
    events = {getattr(bearer, name): words for name, words in BEARER_EVENTS.items()}
    pairs = {
        (state, event): after
        for state in states
        for event in events
        if (after := _bearer_after(state, event, mux)) is not None
    }
    anywhere = {}
    for event in events:
        targets = {pairs.get((state, event)) for state in states}
        if len(targets) == 1 and targets != {None}:
            anywhere[event] = pairs[states[0], event]
    named = {
        (_bearer_name(state), events[event]): _bearer_name(after)
        for (state, event), after in pairs.items()
        if event not in anywhere
    }
    everywhere = tuple((events[event], _bearer_name(state)) for event, state in anywhere.items())
    return _machine(title, tuple(map(_bearer_name, states)), named, everywhere, {UNKNOWN})


def _bearer_after(state: int, event: int, mux: int) -> int | None:
    """The state that follows; None where nothing does. AT+CIPSTART out of IP INITIAL has its row
    for single-link mode only: with six links it is never typed there."""
    machine = bearer.Bearer()
    machine.state = state
    if event == bearer._B_START and mux and not machine.can_start(mux):
        return None
    machine.event(event, mux)
    return None if machine.unexpected else machine.state


def _bearer_name(state: int) -> str:
    name = bearer._NAMES[state]
    return WITH_KIND.get(name, name)


def link_machine() -> Machine:
    names = linkstate.NAMES
    words = {getattr(linkstate, name): text for name, text in LINK_EVENTS.items()}
    pairs = {
        (names[key >> 4], words[key & 15]): names[state] for key, state in linkstate.NEXT.items()
    }
    return _machine("One of the six links", LINK, pairs, (), {FAILED})


def _machine(
    title: str,
    states: tuple[str, ...],
    pairs: dict[tuple[str, str], str],
    anywhere: tuple[tuple[str, str], ...],
    ours: set[str],
) -> Machine:
    moves = [Move(*pair, target) for pair, target in pairs.items()]
    stays = {
        name: tuple(move.event for move in moves if move.source == move.target == name)
        for name in states
    }
    changes = tuple(move for move in moves if move.source != move.target)
    return Machine(title, states, changes, stays, anywhere, frozenset(ours))


def machines() -> dict[str, Machine]:
    """Every picture, by the name of its file."""
    return {
        "states-bearer-multi.svg": bearer_machine("The bearer, six links", MULTI, 1),
        "states-bearer-single.svg": bearer_machine("The bearer, a single link", SINGLE, 0),
        "states-link.svg": link_machine(),
    }


PAGE = """\
# The states

Drawn by `python -m tools.state_pictures` from the tables that the firmware runs on; a test fails
when a picture is stale. The black arrow leads to the box below. Any other event is a row in the
box of its state, with the state that follows; its line leads there too. *No change*: the event is
expected there and changes nothing. What a box does not name is not expected: it changes nothing
either and is counted. A dashed box is Sixlink's own; all other names are those that `AT+CIPSTATUS`
prints.

What a modem says of itself is believed over all this: after `STATE: …` its bearer is in that
state, whatever was thought before.

## The bearer, six links (`AT+CIPMUX=1`)

[bearer.py](../firmware/sixlink/bearer.py). Until the modem has been found nobody knows its state;
`AT+CIPSHUT` makes it `IP INITIAL`, and the commands of bring-up lead down to `IP STATUS`, where it
has an address. With the first link it is in `IP PROCESSING` and stays there. `PDP DEACT` is the
end of the context and of all links: only `AT+CIPSHUT` leads out of it. Where a modem lets itself
be brought up nevertheless, the news was older than the last `AT+CIPSHUT`.

![State machine of the bearer with six links](states-bearer-multi.svg)

## The bearer, a single link (`AT+CIPMUX=0`)

The same table. Without a link number the bearer has the link's states as well. A link that
closes leaves `TCP CLOSED` or `UDP CLOSED` behind, from which the next one may start with a Luat
modem; with a SIM800 `AT+CIPSHUT` and the bring-up come first.
`SERVER LISTENING` is only reached when the modem says so.

![State machine of the bearer with a single link](states-bearer-single.svg)

## A link

[linkstate.py](../firmware/sixlink/linkstate.py). When the peer closes, what it sent before still
has to be read: `REMOTE CLOSING`, until that is done. When the socket is closed first, the modem
still has to confirm it: `CLOSING`. `FAILED` is a link whose data cannot be vouched for; its
socket raises an `OSError`, and the link goes to the next user when the modem holds it no more. A
link that opens although nobody wants it (its `CONNECT OK` came too late) is closed. A peer that
calls our server gets a link of its own.

![State machine of a link](states-link.svg)
"""


def files() -> dict[str, str]:
    """What belongs into docs/, by name."""
    pictures = {name: draw(machine) for name, machine in machines().items()}
    return {"states.md": PAGE, **pictures}


if __name__ == "__main__":
    for name, text in files().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name} written")
