"""What must hold after a long life.

The heap is judged by what is in use after a collection. The first quarter of the reports is
warm-up. From then on the least that was in use in the last quarter may exceed the least in the
second by NOISE_BYTES at most: the receive rings of two links that went from TCP (1024 bytes) to
UDP (1536). The least, because a report may fall on messages that wait or a packet half written,
and a leak raises that, too. Over a day with 120 reconnections in its second half, eight bytes
lost in each would show.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .campaign import Strike

Sample = dict[str, Any]

NOISE_BYTES = 1024
LARGEST_BYTES = 4096  # the largest free block at any report: more than any of ours needs
BACK_S = 120  # from the end of a fault to the first acknowledged message


def heap_problems(samples: Sequence[Sample]) -> list[str]:
    """Whether the heap grows or falls to pieces. Needs at least eight samples."""
    quarter = len(samples) // 4
    second, last = (
        min(sample["allocated"] for sample in part)
        for part in (samples[quarter : 2 * quarter], samples[-quarter:])
    )
    found = []
    if last > second + NOISE_BYTES:
        found.append(f"the heap grows: {second} bytes in the second quarter, {last} in the last")
    smallest = min(sample["largest"] for sample in samples)
    if smallest < LARGEST_BYTES:
        found.append(f"the largest free block sank to {smallest} bytes, below {LARGEST_BYTES}")
    return found


def message_problems(last: Sample, at_broker: int) -> list[str]:
    """Whether every message was acknowledged, arrived and came back, each once and unharmed."""
    counts = last["counts"]
    acked = counts.get("acked", 0)
    found = []
    if not last["made"] == acked == at_broker == last["returned"]:
        found.append(
            f"{last['made']} messages made, {acked} acknowledged, {at_broker} at the broker, "
            f"{last['returned']} came back"
        )
    found += [f"{counts[name]} {name}" for name in ("corrupted", "misplaced") if name in counts]
    if last["unexpected"]:
        found.append(f"{last['unexpected']} events without a row in their table")
    return found


def service_problems(strikes: Sequence[Strike]) -> list[str]:
    """Behind which faults the service came back late, or never."""
    return [
        f"{strike.name}: service was back after {strike.took_s} s, not within {BACK_S} s"
        for strike in strikes
        if strike.took_s is None or strike.took_s > BACK_S
    ]


def fault_rows(strikes: Sequence[Strike]) -> dict[str, dict[str, float | int | None]]:
    """By fault: how often, and seconds to service, median and most."""
    took = defaultdict(list)
    for strike in strikes:
        took[strike.name].append(strike.took_s)
    return {name: _row(seconds) for name, seconds in sorted(took.items())}


def _row(seconds: Sequence[float | None]) -> dict[str, float | int | None]:
    known = [second for second in seconds if second is not None]
    whole = len(known) == len(seconds)
    return {
        "times": len(seconds),
        "median_s": round(statistics.median(known), 1) if known else None,
        "most_s": round(max(known), 1) if whole else None,
    }
