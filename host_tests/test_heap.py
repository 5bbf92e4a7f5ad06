"""What calls cost of the heap, measured on real MicroPython."""

import pytest
from real import Board


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
