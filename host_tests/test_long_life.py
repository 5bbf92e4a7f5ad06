"""A shorter `make long-life`: the same program, the same faults, the same promises."""

import subprocess
import sys
from dataclasses import replace

import pytest

from tools.long_life.campaign import ENDS, NAMES, Strike
from tools.long_life.life import LongLife
from tools.long_life.verdict import heap_problems, message_problems, service_problems
from tools.vmodem.faults import ALL

pytestmark = pytest.mark.xdist_group("long life")  # one hour is lived once


def life(hours, **options):
    life = LongLife(hours, **options)
    life.run()
    return life


@pytest.fixture(scope="module")
def an_hour():
    return life(1.0)


def test_an_hour_keeps_every_promise(an_hour):
    assert an_hour.found == []


def test_the_hour_was_an_eventful_one(an_hour):
    figures = an_hour.figures()
    last = figures["last"]
    assert 0.99 < figures["virtual_hours"] < 1.2
    assert last["made"] > 330 and last["counts"]["acked"] == last["made"]
    assert figures["peers"]["requests"] >= 11 and figures["peers"]["datagrams"] >= 55
    assert len(figures["faults"]) >= 10 and last["bringups"] > 4
    assert sum(last["errors"].values()) > 5 and last["counts"]["connects"] > 5
    assert len(figures["heap"]) >= 16


def test_a_seed_decides_everything():
    half, again = (life(0.5, seed=7).figures() for _ in range(2))
    assert half == again and half["problems"] == []


def test_a_leak_is_found():
    found = life(0.5, leak=1024).found
    assert len(found) == 1 and found[0].startswith("the heap grows: ")


def test_death_is_told_with_the_wire():
    [story] = life(0.5, leak=1 << 30).found  # no heap has as much: the first connection is the end
    assert "MemoryError" in story and "Traceback" in story and "long_life_device.py" in story
    assert "> b'AT+CIPSTART=" in story  # what crossed the wire last


def test_every_fault_has_its_turn():
    assert {*NAMES, *ENDS.values()} == set(ALL)


# -- each promise can be broken ------------------------------------------------------------------

SAMPLE = {"allocated": 150_000, "largest": 12_000}
LAST = {"made": 9, "returned": 9, "unexpected": 0, "counts": {"acked": 9}}


def test_heap_that_grows_by_a_little():
    samples = [{**SAMPLE, "allocated": 150_000 + 100 * n} for n in range(16)]
    assert heap_problems([SAMPLE] * 16) == []
    assert heap_problems(samples[:12]) == []  # 600 bytes: within the noise
    assert len(heap_problems([{**s, "allocated": s["allocated"] * 2} for s in samples])) == 1


def test_heap_in_pieces():
    [problem] = heap_problems([SAMPLE] * 15 + [{**SAMPLE, "largest": 4000}])
    assert "4000" in problem


@pytest.mark.parametrize(
    "change, at_broker",
    [
        ({"made": 10}, 9),
        ({"returned": 8}, 9),
        ({}, 8),
        ({"counts": {"acked": 8}}, 9),
        ({"counts": {"acked": 9, "corrupted": 1}}, 9),
        ({"counts": {"acked": 9, "misplaced": 1}}, 9),
        ({"unexpected": 1}, 9),
    ],
)
def test_messages_that_do_not_add_up(change, at_broker):
    assert message_problems(LAST, 9) == []
    assert len(message_problems({**LAST, **change}, at_broker)) == 1


def test_service_that_is_late_or_never_back():
    strike = Strike("hang", over_us=1_000_000, back_us=41_000_000)
    assert service_problems([strike]) == []
    assert len(service_problems([replace(strike, back_us=200_000_000)])) == 1
    assert len(service_problems([replace(strike, back_us=None)])) == 1


def test_nonsense_arguments():
    command = [sys.executable, "-m", "tools.long_life", "--hours", "0"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2 and "--hours 0" in run.stderr
