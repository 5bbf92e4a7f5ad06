"""The hook that looks at the subject of a commit."""

import pytest

from tools.commit_subject import LONGEST, complaint


@pytest.mark.parametrize(
    "message",
    [
        "engine: Pad after any send without a result.",
        "boards: Five more boards; what they share is in one place.\n\nBody, any length.\n",
        "README: How long the tests take.",
        "vmodem, luat: `AT` is answered.",
        "Merge branch 'main'",
        'Revert "engine: Pad."',
    ],
)
def test_a_subject_as_all_others(message):
    assert complaint(message) == ""


@pytest.mark.parametrize(
    "message",
    ["", "fix", "engine: pad.", "engine: Pad", "Engine pads.", "engine:Pad.", "\nengine: Pad."],
)
def test_a_subject_that_is_not(message):
    assert complaint(message).startswith(f"Not {message.partition(chr(10))[0]!r} but")


def test_a_subject_that_is_too_long():
    subject = "engine: P" + "a" * LONGEST + "d."
    assert complaint(subject).startswith(f"The subject has {len(subject)} characters")
