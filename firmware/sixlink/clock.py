"""Time on a wrapping millisecond counter.

`ticks_ms` wraps after 2**30 ms on boards and far later on hosts. The core keeps 29 bits of it,
so that every interpreter wraps alike and every value stays a small integer. A span may be up to
2**28 ms (three days) either way.
"""

from micropython import const

_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)

FOREVER = 0x0FFFFFFF  # ms; what `due` answers when nothing is waiting


def after(now, ms):
    """The time `ms` milliseconds after `now`."""
    return (now + ms) & _MASK


def until(then, now):
    """Milliseconds from `now` to `then`; negative when `then` has passed."""
    return ((then - now + _HALF) & _MASK) - _HALF
