"""Timers on a virtual clock of integer microseconds."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[], None]


class Timer:
    """One pending action; `cancel()` makes it harmless."""

    __slots__ = ("action", "due_us")

    def __init__(self, due_us: int, action: Action) -> None:
        self.due_us = due_us
        self.action: Action | None = action

    def cancel(self) -> None:
        self.action = None


class Timers:
    """Actions in order of their due time; equal times keep the order of arming."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._sequence = count()

    def at(self, due_us: int, action: Action) -> Timer:
        timer = Timer(due_us, action)
        heapq.heappush(self._heap, (due_us, next(self._sequence), timer))
        return timer

    def due_us(self) -> int | None:
        """When the earliest live action is due, None when there is none."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_one(self) -> None:
        """Run the earliest action (call only when `due_us()` says it is time)."""
        action = heapq.heappop(self._heap)[2].action
        if action is not None:
            action()

    def clear(self) -> None:
        self._heap.clear()


def earliest(*times: int | None) -> int | None:
    """The smallest of the given times, None standing for never."""
    first = None
    for time in times:
        if time is not None and (first is None or time < first):
            first = time
    return first
