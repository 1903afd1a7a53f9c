"""What canaries find, and after how many requests: the table of docs/canary.md.

python -m tests.canaries.figures          # prints the table, by the seeds that it always has
"""

import sys
from dataclasses import dataclass
from typing import Final, Sequence

from tests.canaries.world import Outcome, Trial, failing, leaking, slow_tail, slower

SEEDS: Final = 100
COLUMNS: Final = (10, 18, 32, 56, 100, 180, 320, 560, 1000, 1800, 3200, 5600, 10000)
"""Requests: each is 1.8 times the one before."""
BARS: Final = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Kind:
    """A kind of canary, by what a person would say of it."""

    name: str
    trial: Trial


WORSE: Final = (
    Kind("50 % of its answers are errors", Trial(failing(0.5))),
    Kind("the same, at 20 requests/s", Trial(failing(0.5), rate_per_s=20)),
    Kind("the same, where 1 % fail anyway", Trial(failing(0.5), errors=0.01)),
    Kind("10 % are errors", Trial(failing(0.1))),
    Kind("3 % are errors", Trial(failing(0.03))),
    Kind("twice as slow", Trial(slower(2))),
    Kind("half as slow again", Trial(slower(1.5))),
    Kind("p99 + 50 %: its slowest 5 %", Trial(slow_tail(1.5), most=10000)),
    Kind("p99 + 100 %: its slowest 5 %", Trial(slow_tail(2), most=10000)),
    Kind("slower by twice with each 300 answers", Trial(leaking(300))),
)


def outcomes(kind: Kind, seeds: Sequence[int]) -> tuple[Outcome, ...]:
    """What the canaries of these seeds came to."""
    return tuple(kind.trial.outcome(seed) for seed in seeds)


def row(kind: Kind, seeds: Sequence[int]) -> str:
    """A line of the table."""
    every = outcomes(kind, seeds)
    found = [one for one in every if one.found]
    requests = _spread([one.requests for one in found])
    failed = _spread([one.failed for one in found])
    picture = histogram([one.requests for one in found])
    share = f"{len(found)} of {len(every)}"
    return f"| {kind.name} | {share} | {requests} | {failed} | `{picture}` |"


def _spread(numbers: list[int]) -> str:
    if not numbers:
        return "-"
    ordered = sorted(numbers)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{ordered[len(ordered) // 2]:,} ({last:,})"


def histogram(numbers: list[int]) -> str:
    """How many of the canaries were decided by then, a bar for each of ``COLUMNS``."""
    counts = [0] * len(COLUMNS)
    for number in numbers:
        place = next((i for i, most in enumerate(COLUMNS) if number <= most), len(COLUMNS) - 1)
        counts[place] += 1
    most = max(counts, default=0) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)


def main() -> None:
    """Prints the table."""
    head = "| the new version | found | requests to it | of them failed | found by then |"
    sys.stdout.write(f"{head}\n|---|---|---|---|---|\n")
    for kind in WORSE:
        sys.stdout.write(row(kind, range(SEEDS)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
