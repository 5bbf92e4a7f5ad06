"""Time across the wrap of the 29-bit millisecond counter."""

from sixlink.clock import after, until

LAST = (1 << 29) - 1


def test_time_goes_on_behind_the_wrap():
    assert after(LAST, 1) == 0
    assert after(LAST - 2, 10) == 7


def test_spans_across_the_wrap():
    assert until(5, LAST) == 6
    assert until(LAST, 5) == -6
    for now in (0, 1, LAST - 1, LAST):
        for ms in (0, 1, 1000, 80_000, 1 << 27):
            assert until(after(now, ms), now) == ms
            assert until(now, after(now, ms)) == -ms
