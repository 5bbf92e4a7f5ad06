"""Faults met by real MicroPython over a pty: the virtual modem a process of its own, real sockets.

Six links echo numbered blocks. Whatever strikes: an OSError comes before anything is lost, nothing
comes back wrong, and in the end all six echo again. Each fault alone, and a seeded sample of
pairs; `make faults` (pytest's --all-pairs) takes all pairs. Cases run side by side, as they mostly
wait. Not here, for it takes minutes: `radio_stuck`, which docs/reliability.md has.
"""

import concurrent.futures
import errno
import itertools
import json
import random
from typing import NamedTuple

import pytest
from clients import board_and_modem

from tools import servers
from tools.vmodem.faults import ALL, EVENTS

pytestmark = pytest.mark.xdist_group("real faults")  # they are played at once, by one process

SIDE_BY_SIDE = 12
LIMIT_S = 150
REMEDY_MS = 3000
REMEDIES = {
    "registration_lost": "registration_back",
    "registration_denied": "registration_back",
    "sim_removed": "sim_inserted",
}
NAMES = sorted(set(ALL) - set(REMEDIES.values()) - {"radio_stuck"})
SINGLES = [(name,) for name in NAMES]
PAIRS = list(itertools.permutations(NAMES, 2))
SAMPLE = random.Random(0).sample(PAIRS, 10)
ERRORS = {
    errno.ECONNRESET,
    errno.ECONNREFUSED,
    errno.ETIMEDOUT,
    errno.EHOSTUNREACH,
    errno.EIO,
}
# Whatever else happens, these end every connection.
SEVERE = {*REMEDIES, "autobaud", "baud_changed", "hang", "pdp_deact", "power_down", "reboot"}
SLOW = {"error_everything", "hang", "power_down"}  # they take up to a minute, and so go first


class Case(NamedTuple):
    """Faults that strike `gap_ms` after each other."""

    faults: tuple
    gap_ms: int
    flow: bool


def case_of(faults):
    chance = random.Random(" ".join(faults))
    return Case(faults, chance.randrange(3000), chance.random() < 0.5)


def name_of(case):
    return "-".join(case.faults) + ("-push" if case.flow else "-pull")


def script_of(case):
    """[(ms, what is typed on the modem's terminal)]"""
    script = [(n * case.gap_ms, fault) for n, fault in enumerate(case.faults)]
    script += [(ms + REMEDY_MS, REMEDIES[fault]) for ms, fault in script if fault in REMEDIES]
    return sorted(script)


def play(case, port):
    """What the scene returned, and the faults that struck."""
    script = script_of(case)
    options = ("--flow",) if case.flow else ()
    with board_and_modem(*options) as (board, modem):
        marks_ms = [ms for ms, _ in script]
        scene = board.scene("scenes_faults", "six_links", port, case.flow, marks_ms, LIMIT_S)
        words = [word for _, word in script]
        while (line := scene.line()) and not line.startswith("{"):
            modem.type(words.pop(0) if line == "mark" else line)
        assert line, "the scene ended without a result"
        counters = modem.stop()["counters"]
    return json.loads(line), counters


@pytest.fixture(scope="module")
def played(request):
    """The results of all cases that are to be tested, by case."""
    mine = [item for item in request.session.items if item.module is request.module]
    cases = [item.callspec.params["case"] for item in mine if hasattr(item, "callspec")]
    with (
        servers.TcpEcho() as echo,
        concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool,
    ):
        cases.sort(key=lambda case: not SLOW & set(case.faults))
        yield {case: pool.submit(play, case, echo.port) for case in cases}
        pool.shutdown(cancel_futures=True)


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        pairs = PAIRS if metafunc.config.getoption("all_pairs") else SAMPLE
        cases = [case_of(faults) for faults in (*SINGLES, *pairs)]
        metafunc.parametrize("case", cases, ids=name_of)


def test_six_links_echo_again_and_nothing_was_lost_in_silence(case, played):
    result, counters = played[case].result()
    assert result["back"], result["screen"]
    assert result["wrong"] == 0
    assert set(result["errors"]) <= ERRORS
    assert result["errors"] or not SEVERE & set(case.faults)
    assert result["ends"] == 0 or "close_mid_send" in case.faults
    for fault in set(case.faults) & set(EVENTS):
        # A modem that is off suffers nothing.
        assert counters.get(fault) == 1 or "power_down" in case.faults
