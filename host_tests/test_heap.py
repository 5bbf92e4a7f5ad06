"""What calls cost of the heap, measured on real MicroPython."""

import pytest
from real import Board

BLOCK = 32  # bytes: nothing takes less of the heap


@pytest.mark.parametrize("scene", ["readinto_view", "write_view"])
def test_a_view_is_not_copied(scene):
    """A long run died of it: 45 kB were free, but no hole of the 2 kB that a copy needs."""
    with Board() as board:
        small, large = (board.play("scenes_heap", scene, size) for size in (100, 4000))
    assert small == large


@pytest.mark.parametrize("alphabet", ["", "\r\nCLOSED", "\r"], ids=["noise", "lines", "cr"])
def test_receiving_in_transparent_mode_takes_nothing(alphabet):
    with Board() as board:
        assert board.play("scenes_heap", "transparent", alphabet, 65536) == [65536, 0]


@pytest.mark.parametrize("trace", [0, 2048])
def test_sending_full_segments_takes_nothing(trace):
    with Board() as board:
        sent, short, taken = board.play("scenes_heap", "sending", trace)
    assert sent == 1000 and short > 900
    assert taken < 250 * BLOCK  # what one turn takes at the beginning, and one at the end


def test_receiving_what_is_pushed_takes_nothing():
    with Board() as board:
        received, taken = board.play("scenes_heap", "receiving")
    assert received == 1000
    assert taken < 250 * BLOCK
