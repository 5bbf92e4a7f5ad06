"""Firmware that is broken on purpose, and the seeds that `make mutants` found it with."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from stricter import StricterScenario

from tools.mutants.catalogue import CATALOGUE
from tools.mutants.hunt import trying
from tools.mutants.plant import Misplaced

SEEDS = json.loads(Path(__file__).with_name("mutants.json").read_text())
BY_NAME = {mutant.name: mutant for mutant in CATALOGUE}
RENEW = "run `make mutants ARGS=--record`"


def tried(mutant, seed):
    with trying(mutant, 1) as attempt:
        (trial,) = attempt([seed])
    return trial


@cache
def replayed():
    """What each seed does to its mutant, on all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        trials = pool.map(tried, map(BY_NAME.get, SEEDS), SEEDS.values())
        return dict(zip(SEEDS, trials, strict=True))


def test_every_mutant_has_its_seed():
    assert list(BY_NAME) == list(SEEDS), RENEW


@pytest.mark.parametrize("name", SEEDS)
def test_its_seed_finds_the_mutant(name):
    trial = replayed()[name]
    assert trial.failure, f"seed {trial.seed} does not find it any more: {RENEW}"


@pytest.mark.parametrize("seed", sorted(set(SEEDS.values())))
def test_unbroken_firmware_passes(seed):
    assert StricterScenario(seed).run() == ""


def test_a_harmless_change_is_not_found():
    harmless = replace(CATALOGUE[0], wrong=CATALOGUE[0].right)
    assert tried(harmless, 0).failure == ""


@pytest.mark.parametrize("right", ["no such text", "self"])
def test_text_that_is_not_there_once_is_an_error(right):
    stale = replace(CATALOGUE[0], right=right)
    with pytest.raises(Misplaced, match="times, not once") as error:
        stale.source()
    assert stale.name in str(error.value) and stale.file in str(error.value)


def test_a_mutant_that_is_no_python_is_an_error():
    with pytest.raises(Misplaced, match="no Python"):
        replace(CATALOGUE[0], wrong="if (").source()
