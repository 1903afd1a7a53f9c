"""F12: canaries over recorded latencies. A healthy version is never taken back; a worse one always
is, also one that answers well and ends every few seconds, and one of which half fails costs six
users at most."""

import itertools
from dataclasses import dataclass
from functools import partial
from typing import Final, Iterator

from tests.canaries import world
from tests.canaries.crashing import STABLE, crash_loop
from tests.faults.trial import Outcome, Trial

HEALTHY: Final = 1000
WORSE: Final = 50
FAILED: Final = 6  # users' requests


@dataclass(frozen=True)
class _Kind:
    """A kind of canary, what has to be found of it, and how many users may see it fail."""

    name: str
    trial: world.Trial
    found: world.Found = ""
    most_failed: int | None = None


ALIKE: Final = (
    _Kind("healthy, 100/s", world.Trial(most=1000)),
    _Kind("healthy, 400/s", world.Trial(rate_per_s=400, most=2000)),
    _Kind("healthy, 20/s", world.Trial(rate_per_s=20, most=300)),
    _Kind("both fail alike", world.Trial(errors=0.05, most=500)),
)
OTHERWISE: Final = (
    _Kind("50 % errors", world.Trial(world.failing(0.5), rate_per_s=20), "fails", FAILED),
    _Kind("10 % errors", world.Trial(world.failing(0.1)), "fails"),
    _Kind("twice as slow", world.Trial(world.slower(2)), "slower"),
    _Kind("leaking", world.Trial(world.leaking(300)), "slower"),
    _Kind("p99 + 50 %", world.Trial(world.slow_tail(1.5), most=10000), "slower"),
)


class Canaries:
    """Seeds that stay, then fresh ones."""

    id = "F12"
    fault = "canary with errors, slow, leaking, crashing; and healthy"

    def trials(self) -> Iterator[Trial]:
        for seed in range(HEALTHY):
            yield _trial(ALIKE[seed % len(ALIKE)], seed)
        for seed, kind in itertools.product(range(WORSE), OTHERWISE):
            yield _trial(kind, seed)
        for seed in range(WORSE):
            yield Trial(f"crash loop {seed}", partial(_crashed, seed))

    def more(self) -> Iterator[Trial]:
        for seed in itertools.count(HEALTHY):
            yield _trial((*ALIKE, *OTHERWISE)[seed % (len(ALIKE) + len(OTHERWISE))], seed)

    def close(self) -> None:
        """Nothing was started."""


def _trial(kind: _Kind, seed: int) -> Trial:
    return Trial(f"{kind.name} {seed}", lambda: _played(kind, seed))


def _crashed(seed: int) -> Outcome:
    ended = crash_loop(seed)
    is_right = ended.found == ("crashes",) and ended.shares == {STABLE: 100}
    return Outcome("" if is_right else f"not taken back: {ended}")


def _played(kind: _Kind, seed: int) -> Outcome:
    outcome = kind.trial.outcome(seed)
    if outcome.found != kind.found:
        wanted = kind.found or "nothing"
        return Outcome(f"found {outcome.found or 'nothing'}, not {wanted}: {outcome}")
    if kind.most_failed is not None and outcome.failed > kind.most_failed:
        return Outcome(f"{outcome.failed} users saw it fail")
    return Outcome()
