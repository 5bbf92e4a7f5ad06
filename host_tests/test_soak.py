"""A first hundred scenarios of `make soak`, and what its report says of a failure."""

import subprocess
import sys

import pytest
from scenario import Broken, Scenario


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_ten_seeds(first):
    for seed in range(first, first + 10):
        assert Scenario(seed).run() == "", seed


def test_a_seed_decides_everything():
    stories = []
    for _ in range(2):
        scenario = Scenario(11)
        scenario.run()
        stories.append((scenario.world.trace(), scenario.virtual_s, scenario.bytes_checked))
    assert stories[0] == stories[1]


def test_a_broken_invariant_is_told_with_the_wire():
    scenario = Scenario(1)

    def broken():
        raise Broken("nothing is as it was")

    scenario._check = broken
    story = scenario.run()
    assert story.startswith("nothing is as it was") and "AT+CIFSR" in story and "<Modem" in story


def test_faults_strike():
    """Scenarios without faults would prove little."""
    assert (
        sum(
            Scenario.run(scenario) == "" and scenario.faults_struck > 0
            for scenario in map(Scenario, range(20))
        )
        > 5
    )


def test_nonsense_arguments():
    run = subprocess.run(
        [sys.executable, "-m", "tools.soak", "--seeds", "0"], capture_output=True, text=True
    )
    assert run.returncode == 2 and "--seeds 0" in run.stderr
