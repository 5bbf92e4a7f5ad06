"""The first thousand scenarios of `make soak`, and what its report says of a failure."""

import subprocess
import sys

import pytest
import scenario
from conversation import Broken
from scenario import Scenario

from tools import soak
from tools.vmodem.faults import ALL


@pytest.mark.parametrize("first", range(0, 1000, 20))
def test_twenty_seeds(first):
    for seed in range(first, first + 20):
        assert Scenario(seed).run() == "", seed


def test_a_seed_decides_everything():
    stories = []
    for _ in range(2):
        one = Scenario(11)
        one.run()
        stories.append((one.world.trace(), one.virtual_s, one.bytes_checked))
    assert stories[0] == stories[1]


def test_a_broken_invariant_is_told_with_the_wire():
    one = Scenario(1)

    def broken():
        raise Broken("nothing is as it was")

    one._check = broken
    story = one.run()
    assert story.startswith("nothing is as it was") and "AT+CIFSR" in story and "<Modem" in story


def test_a_failure_is_shrunk_to_the_steps_that_it_takes(monkeypatch):
    def broken(scenario, talk):
        raise Broken("closing is forbidden")

    monkeypatch.setattr(Scenario, "close", broken)
    seed = next(seed for seed in range(20) if not Scenario(seed).strikes)
    failure = soak.run_seed(seed)["failure"]
    assert failure.startswith("closing is forbidden")
    told = failure[failure.index("steps that it takes:") :].splitlines()[1:]
    assert len(told) <= 3 and "open #0" in failure


def test_every_fault_of_the_virtual_modem_is_in_the_scenarios():
    ends = set(scenario.ENDS.values())
    in_scenarios = {*scenario.FAULTS, *scenario.FAULTS_FOR_A_PIN, *scenario.FAULTS_FOR_THE_KEY}
    assert in_scenarios | ends | {"interleave"} == set(ALL)  # `interleave` is an option of each


def test_faults_strike():
    """Scenarios without faults would prove little."""
    assert (
        sum(Scenario.run(one) == "" and one.faults_struck > 0 for one in map(Scenario, range(20)))
        > 5
    )


def test_a_fault_that_no_step_brought_is_waited_for_too():
    """In an episode the network may turn slow: what it tells late belongs to the faults."""
    seed = next(seed for seed in range(20) if not Scenario(seed).strikes)
    one = Scenario(seed, only=())
    one.world.modem.inject("slow_network")
    assert one.run() == "" and one.service_s * 1000 > scenario.NOTICED_MS


def test_nonsense_arguments():
    run = subprocess.run(
        [sys.executable, "-m", "tools.soak", "--seeds", "0"], capture_output=True, text=True
    )
    assert run.returncode == 2 and "--seeds 0" in run.stderr
