"""What a proxy counted of two versions, for every screen that shows it: healthy ones, and one that
fails and is slow."""

import math
from bisect import bisect

from devflow.model.canary import Canary, CanaryVerdict, Found
from devflow.model.environments import Cause, Traffic
from tests.ui.environments import CANARY, STABLE

# as the forwarder's: each class reaches 12 % further than the one before
BOUNDS_MS = tuple(0.05 * 2 ** ((number + 1) / 6) for number in range(127))


def traffic(
    version: str,
    requests: int,
    failed: dict[Cause, int],
    *,
    typical_ms: float,
    spread: float = 0.6,
    slow_share: float = 0.0,
) -> Traffic:
    """Answers around ``typical_ms``, and a part of them forty times as slow."""
    answers = requests - failed.get("refused", 0)
    slow = round(answers * slow_share)
    counted = _classes(answers - slow, typical_ms, spread)
    for number, count in enumerate(_classes(slow, 40 * typical_ms, spread)):
        counted[number] += count
    return Traffic(
        service="backend",
        version=version,
        requests=requests,
        failed=failed,
        slower_than_ms=BOUNDS_MS,
        counted=tuple(counted),
    )


def _classes(count: int, typical_ms: float, spread: float) -> list[int]:
    """So many answers by their class, normal in the logarithm; what is rounded away is at its
    middle."""
    below = 0.0
    found = []
    for bound_ms in (*BOUNDS_MS, math.inf):
        distance = math.log(bound_ms / typical_ms) / spread
        share = 0.5 * (1 + math.erf(distance / math.sqrt(2)))
        found.append(round(count * (share - below)))
        below = share
    found[bisect(BOUNDS_MS, typical_ms)] += count - sum(found)
    return found


HEALTHY = (
    traffic(STABLE, 9120, {"answered": 9}, typical_ms=4.0, slow_share=0.015),
    traffic(CANARY, 1013, {"answered": 1, "aborted": 1}, typical_ms=4.2, slow_share=0.014),
)
SICK = (
    traffic(STABLE, 380, {"answered": 1}, typical_ms=4.0, slow_share=0.01),
    traffic(CANARY, 41, {"answered": 19, "refused": 2}, typical_ms=9.0, slow_share=0.3),
)
# nothing was answered in time, some beyond the last bound
STUCK = (
    traffic(STABLE, 380, {}, typical_ms=4.0),
    traffic(CANARY, 12, {"aborted": 4}, typical_ms=90_000.0),
)
QUIET = (
    traffic(STABLE, 0, {}, typical_ms=4.0),
    traffic(CANARY, 3, {}, typical_ms=4.0).model_copy(update={"synthetic": 3}),
)


def canary(verdict: CanaryVerdict, *pairs: tuple[Traffic, Traffic], worse: str = "") -> Canary:
    """A watched version, of which the first pair is the backend and the second the frontend."""
    traffic = []
    for service, pair in zip(("backend", "frontend"), pairs):
        traffic += [one.model_copy(update={"service": service}) for one in pair]
    found = (Found(service=worse, what="fails"), Found(service=worse, what="slower", quantile=0.99))
    return Canary(
        verdict=verdict,
        pct=10,
        stable=STABLE,
        version=CANARY,
        enough=200,
        traffic=tuple(traffic),
        found=found if worse else (),
        judged=tuple(one.service for one in traffic if one.requests > 1000),
        timed=tuple(one.service for one in traffic if one.requests > 1000),
        duration_s=42.0,
    )


WATCHED = canary("undecided", HEALTHY, QUIET)
WORSE = canary("failed", SICK, HEALTHY, worse="backend")
