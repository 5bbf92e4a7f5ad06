"""Figures of many figures."""

from __future__ import annotations

import math
from collections.abc import Sequence


def jain(shares: Sequence[float]) -> float:
    """Fairness index of R. Jain: 1 when all are equal, 1/n when one has everything.

    Raises ValueError when nobody has anything.
    """
    if not any(shares):
        raise ValueError("no shares to compare")
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that at least `percent` of them do not exceed."""
    if not values or not 0 < percent <= 100:
        raise ValueError(f"percentile {percent} of {len(values)} values")
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def median(values: Sequence[float]) -> float:
    """The 50th percentile."""
    return percentile(values, 50)
