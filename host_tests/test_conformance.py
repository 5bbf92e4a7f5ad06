"""Sixlink's sockets against MicroPython's own: the same cases, the same results.

The cases are in upy/conformance_*.py. Real MicroPython runs them three times: on its own sockets,
over the virtual modem that is asked for data (pull), and over one that pushes it. All three talk
to peers of their own on loopback.
"""

import ast
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from real import Board, SceneFailed, virtual_modem

from tools import peers, servers

TOPICS = ("open", "read", "modes", "write", "poll", "udp", "asyncio")
MODES = ("pull", "push")
LINE = {"baud": 921600, "latency_ms": 1}  # not what is tested here, so let it be fast
SECONDS = 150  # the limit on a busy machine; each run takes half a minute or so

# What a modem cannot do as an IP stack of one's own does: (own result, Sixlink's, why).
pytestmark = pytest.mark.xdist_group("conformance")  # the runs are made once, for all

EXCEPTIONS = {
    "open.bind": (
        "'returned None'",
        "'ValueError'",
        "the modem has one address, which is bound to as '' or 0.0.0.0 and not by another's name",
    ),
    "read.reset": (
        "'ECONNRESET'",
        "\"returned b''\"",
        "`n, CLOSED` does not tell a reset from an end",
    ),
    "write.write_to_a_peer_that_has_closed_in_half": (
        "(b'', 'returned 12')",
        "(b'', 'ECONNRESET')",
        "`n, CLOSED` takes the link away, in both directions",
    ),
    "udp.lengths_that_one_cipsend_cannot_carry": (
        "['returned 0', 'returned 1461']",
        "['EINVAL', 'EINVAL']",
        "AT+CIPSEND carries 1 to 1460 bytes, and a datagram goes as a whole",
    ),
}
EXCEPTIONS_OF_PUSH = {
    "modes.a_socket_that_is_not_read_stops_its_peer_only": (
        "(True, True, True)",
        "(True, True, False)",
        "nothing holds back one link of several: what finds no room fails its link with ENOBUFS",
    ),
}


def cases_of(topic):
    """Names of the cases, read without running the file: it is for MicroPython."""
    tree = ast.parse(
        Path(__file__).with_name("upy").joinpath(f"conformance_{topic}.py").read_text()
    )
    functions = [node.name for node in tree.body if hasattr(node, "args")]
    return [f"{topic}.{name[5:]}" for name in functions if name.startswith("case_")]


CASES = [case for topic in TOPICS for case in cases_of(topic)]


@pytest.fixture(scope="module")
def runs():
    """Of each run: (results by case, states of the links left behind, why it did not end)."""
    names = ("own", *MODES)
    with ThreadPoolExecutor() as pool:
        return dict(zip(names, pool.map(run_or_failure, names), strict=True))


def run_or_failure(name):
    """A run that did not end is one failure to read about, not one a case."""
    try:
        return (*run(name), "")
    except SceneFailed as failure:
        return {}, [], str(failure)


def run(name):
    with ExitStack() as stack:
        ports = start_peers(stack)
        if name == "own":
            board = stack.enter_context(Board())
            return board.play("conformance_run", "own", TOPICS, ports, timeout=SECONDS)
        flow = name == "push"
        board, _ = stack.enter_context(virtual_modem(flow=flow, **LINE))
        play = ("conformance_run", "over_modem", TOPICS, ports, LINE["baud"], flow)
        return board.play(*play, timeout=SECONDS)


def start_peers(stack):
    """The ports of one set of peers, by name."""
    kinds = {
        "puppet": peers.Puppet,
        "silent": peers.Silent,
        "udp": peers.UdpPuppet,
        "udp2": peers.UdpPuppet,
    }
    ports = {name: stack.enter_context(kind()).port for name, kind in kinds.items()}
    return {**ports, "refused": servers.refused_port()}


def expected(case, mode, own):
    """What Sixlink's result must be."""
    exceptions = {**EXCEPTIONS, **(EXCEPTIONS_OF_PUSH if mode == "push" else {})}
    if case not in exceptions:
        return own
    own_result, result, _ = exceptions[case]
    assert own == own_result
    return result


@pytest.mark.parametrize("name", ["own", *MODES])
def test_every_case_ran_everywhere(runs, name):
    results, _, failure = runs[name]
    assert not failure, failure
    assert sorted(results) == sorted(CASES)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES)
def test_same_result(runs, case, mode):
    own = runs["own"][0].get(case, "not run")
    assert not own.startswith("FAILED"), "the case itself is wrong"
    result = runs[mode][0].get(case, "not run")
    assert result == expected(case, mode, own)


@pytest.mark.parametrize("mode", MODES)
def test_no_case_left_a_link_behind(runs, mode):
    assert runs[mode][1] == []


def test_there_are_many_cases_and_few_exceptions():
    assert len(CASES) == len(set(CASES)) >= 150
    named = {**EXCEPTIONS, **EXCEPTIONS_OF_PUSH}
    assert set(named) <= set(CASES)
    assert len(named) <= 5
