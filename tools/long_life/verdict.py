"""What must hold after a long life, and the table of its figures.

The heap is judged by what is allocated after a collection, at each report. Warm-up is the first
quarter: links get their rings when they are first used. From then on the most that was in use in
the last quarter may not exceed the most in the second by more than NOISE_BYTES: eight messages
that wait, a packet half written and the two rings of a link that changes from TCP to UDP.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any

from .campaign import Strike

NOISE_BYTES = 3072
LARGEST_BYTES = 2048  # the largest block that must be left: a ring and a datagram
BACK_S = 180


def problems(last: dict[str, Any], samples: list[dict[str, Any]], strikes: list[Strike],
             violations: list[str], broker_messages: int) -> list[str]:
    """Every promise that was broken, a sentence each."""
    found = list(violations[:5])
    found += heap_problems(samples)
    found += message_problems(last, broker_messages)
    found += [
        f"{strike.name}: service came back after {strike.took_s} s, not within {BACK_S} s"
        for strike in strikes
        if strike.took_s is None or strike.took_s > BACK_S
    ]
    return found


def heap_problems(samples: list[dict[str, Any]]) -> list[str]:
    quarter = len(samples) // 4
    second = max(sample["allocated"] for sample in samples[quarter : 2 * quarter])
    fourth = max(sample["allocated"] for sample in samples[-quarter:])
    found = []
    if fourth > second + NOISE_BYTES:
        found.append(f"the heap grows: {second} bytes in the second quarter, {fourth} in the last")
    smallest = min(sample["largest"] for sample in samples)
    if smallest < LARGEST_BYTES:
        found.append(f"the largest free block sank to {smallest} bytes, not {LARGEST_BYTES}")
    return found


def message_problems(last: dict[str, Any], broker_messages: int) -> list[str]:
    counts = last["counts"]
    found = []
    if not last["made"] == counts.get("acked", 0) == broker_messages == last["returned"]:
        found.append(
            f"{last['made']} messages made, {counts.get('acked', 0)} acknowledged, "
            f"{broker_messages} at the broker, {last['returned']} came back"
        )
    found += [
        f"{counts[name]} × {name}" for name in ("corrupted", "misplaced") if name in counts
    ]
    if last["unexpected"]:
        found.append(f"{last['unexpected']} events without a row in their table")
    return found


def fault_rows(strikes: list[Strike]) -> dict[str, dict[str, Any]]:
    """By fault: how often, and seconds to service, median and most."""
    took = defaultdict(list)
    for strike in strikes:
        took[strike.name].append(float("inf") if strike.took_s is None else strike.took_s)
    return {
        name: {
            "times": len(seconds),
            "median_s": round(statistics.median(seconds), 1),
            "most_s": round(max(seconds), 1),
        }
        for name, seconds in sorted(took.items())
    }
