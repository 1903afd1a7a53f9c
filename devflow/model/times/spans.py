"""How long several took together."""

from typing import Iterable


def wall_s(spans: Iterable[tuple[float, float]]) -> float:
    """How long it took from the beginnings to the ends: what ran side by side counts once."""
    total = 0.0
    reached = 0.0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    # of moments nothing smaller is known
    return round(total, 6)
