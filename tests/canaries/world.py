"""Canaries that nobody has to wait for: requests that arrive at random, two versions that answer
with latencies that were recorded of a real service, and what devflow would have decided when.

A replica goes through the recording from a place of its own, so its answers have the tails and the
bursts that the service had: one that pauses makes what comes behind slow as well.
"""

import math
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Callable, Final, Iterator, Literal

from devflow.craft.deploy.strategies.canary import READ_S
from devflow.craft.deploy.strategies.sequential import Comparison, Tally

REPLICAS: Final = 2
RECORDED_PER_S: Final = 60.0
BLUR_S: Final = 0.1  # s
FIRST_MS: Final = 0.05
CLASSES: Final = 128
BOUNDS_MS: Final = tuple(FIRST_MS * 2 ** ((number + 1) / 6) for number in range(CLASSES - 1))
Found = Literal["", "fails", "slower"]

Change = Callable[[float, int, random.Random], float]
"""What a version makes of a recorded latency in ms, by how many it has answered; negative where it
fails."""


def healthy(ms: float, number: int, chance: random.Random) -> float:
    """A version that is as the one before."""
    return ms


def failing(rate: float) -> Change:
    """A version that fails at a rate."""
    return lambda ms, number, chance: -ms if chance.random() < rate else ms


def slower(factor: float) -> Change:
    """A version that takes so many times as long."""
    return lambda ms, number, chance: factor * ms


def slow_tail(factor: float, share: float = 0.05) -> Change:
    """A version whose slowest answers take so many times as long."""
    least_ms = sorted(recorded())[int(len(recorded()) * (1 - share))]
    return lambda ms, number, chance: factor * ms if ms >= least_ms else ms


def leaking(by: int) -> Change:
    """A version that takes twice as long with each ``by`` answers, and fails once it is at eight
    times."""

    def change(ms: float, number: int, chance: random.Random) -> float:
        factor = 2 ** (number / by)
        return factor * ms if factor < 8 else -ms

    return change


@cache
def recorded() -> tuple[float, ...]:
    """Latencies in ms, in the order in which they came."""
    lines = (Path(__file__).with_name("backend.txt")).read_text().split()
    return tuple(map(float, lines))


def class_of(ms: float) -> int:
    """The class of a latency; each reaches 12 % further than the one before."""
    return min(CLASSES - 1, int(6 * math.log2(max(ms / FIRST_MS, 1.0))))


class Version:
    """What one version answered so far."""

    def __init__(self, change: Change, errors: float, chance: random.Random) -> None:
        self._change = change
        self._errors = errors
        self._chance = chance
        self._samples = recorded()
        length_s = len(self._samples) / RECORDED_PER_S
        self._offsets_s = [length_s * chance.random() for _ in range(REPLICAS)]
        self.requests = 0
        self.failed = 0
        self.counted = [0] * CLASSES

    def answer(self, at_s: float) -> None:
        chance = self._chance
        # what was answered at about this moment of the recording
        recorded_s = at_s + chance.choice(self._offsets_s) + BLUR_S * chance.random()
        place = int(recorded_s * RECORDED_PER_S) % len(self._samples)
        ms = self._change(self._samples[place], self.requests, chance)
        self.requests += 1
        if ms < 0 or chance.random() < self._errors:
            self.failed += 1
            ms = abs(ms)
        self.counted[class_of(ms)] += 1

    @property
    def tally(self) -> Tally:
        return Tally.model_construct(
            requests=self.requests, failed=self.failed, counted=tuple(self.counted)
        )


@dataclass(frozen=True)
class Outcome:
    """What a canary came to: what was found, after how many requests to the new version, of which
    so many failed, and after how many seconds."""

    found: Found
    requests: int
    failed: int
    seconds: float


@dataclass(frozen=True)
class Trial:
    """One kind of canary: what the new version does otherwise, how much traffic there is, and how
    often both fail anyway."""

    change: Change = healthy
    rate_per_s: float = 100.0
    share: float = 0.1
    errors: float = 0.001
    most: int = 3000  # requests to the new version; it has passed then

    def outcome(self, seed: int) -> Outcome:
        """What it comes to, by chance."""
        at_s = 0.0
        for at_s, stable, new, comparison in self._readings(random.Random(seed)):
            found: Found = ""
            if comparison.fails_more:
                found = "fails"
            elif comparison.slower_at:
                found = "slower"
            if found or new.requests >= self.most:
                return Outcome(found, new.requests, new.failed, at_s)
        raise AssertionError("traffic never ends")

    def _readings(
        self, chance: random.Random
    ) -> Iterator[tuple[float, Version, Version, Comparison]]:
        stable = Version(healthy, self.errors, chance)
        new = Version(self.change, self.errors, chance)
        comparison = Comparison()
        at_s = chance.expovariate(self.rate_per_s)
        read_s = READ_S
        while True:
            while at_s < read_s:
                (new if chance.random() < self.share else stable).answer(at_s)
                at_s += chance.expovariate(self.rate_per_s)
            comparison = comparison.after(stable.tally, new.tally, self.share, read_s)
            yield read_s, stable, new, comparison
            read_s += READ_S
