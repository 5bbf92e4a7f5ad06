"""What `make fuzz` has found worth keeping, run again; no fuzzer is needed for that."""

import pytest

from tools.fuzz.choices import Choices
from tools.fuzz.targets import COVERED, KEPT, inputs, load


@pytest.mark.parametrize("target", COVERED)
def test_kept_inputs(target):
    run = load(target)
    kept = inputs(KEPT / target)
    assert kept
    for path in kept:
        print(f"python -m tools.fuzz --replay {target} {path}")  # shown of the one that fails
        run(path.read_bytes())


def test_the_corpus_is_small():
    sizes = [path.stat().st_size for target in COVERED for path in inputs(KEPT / target)]
    assert len(sizes) < 300 and sum(sizes) < 300_000


def test_every_byte_is_a_choice():
    choices = Choices(b"\x00\x01\x02rest")
    assert choices.one_of("ab") == "a" and choices.number() == 1
    assert choices.filled(b"AT+CIPSEND=#,5") == b"AT+CIPSEND=2,5"
    assert choices and choices.take(9) == b"rest" and not choices
    assert choices.number() == 0 and choices.take(3) == b""
