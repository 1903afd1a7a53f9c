"""Whether a new version does worse than the one that serves at the same time, asked again after
every few requests without being wrong more often for it.

Each test is a bet against "the new version is no worse": its wealth begins at 1 and is multiplied,
at each reading, by a likelihood ratio that is 1 in the mean as long as that is true. By Ville's
inequality it then reaches 1 / ``ALPHA`` in at most ``ALPHA`` of all canaries, however often it is
read (Wald 1945; Ramdas and others, "Game-theoretic statistics and safe anytime-valid inference",
2023). What the bets are on, and what they find after how many requests: docs/canary.md.
"""

import math
from typing import Final, Sequence

from pydantic import Field

from devflow.model.values import Value

ALPHA: Final = 1e-4
"""How often, at most, one test of one service takes a version for worse that is not."""
# times as many failures as the stable version has: a fresh defect, a broken path, a dead version
FAILURE_RATIOS: Final = ((3.0, 0.1), (15.0, 0.25), (100.0, 0.65))
# shares of the stable version's answers that are quicker, and how many times as often the new one
# is slower than that: shifted as a whole, or in its tail alone
QUANTILES: Final = (0.75, 0.95, 0.99)
SLOW_RATIOS: Final = (1.5, 2.5, 6.0)
# a pause of one process makes many requests slow at once, which is one event and not many: a
# reading of at least ``PAUSE_S`` multiplies a bet's wealth by no more than this
MOST_A_READING: Final = 2.0
PAUSE_S: Final = 1.0
# a version that hangs answers nothing that could be compared: so many requests wait, so long
HANGING: Final = 3
HANGS_S: Final = 5.0
# answers of a new process that are not compared: what it loads with its first requests
WARM_UP: Final = 20
# a difference that nobody would go back for, however sure it is: classes of latency are 12 % wide
WORTH_IT: Final = 1.25
# the weight of stories that begin with the first reading; the rest begin later, each its own
_FROM_THE_START: Final = 0.7
READINGS: Final = math.ceil(
    math.log(len(QUANTILES) * len(SLOW_RATIOS) / ALPHA / _FROM_THE_START, MOST_A_READING)
)
"""How many readings of latencies it takes one bet alone to find a version that is slower: after
fewer, nothing is said of one that was not found."""
_TRUSTED: Final = (
    1000  # requests after which a proxy's own share counts as much as what it was told
)
_GREATEST: Final = 300.0  # of an exponent: e to the 709th is the largest number there is


class Tally(Value):
    """What was counted of one version of a service: requests, those that failed, and answers by
    their class of latency."""

    requests: int = 0
    failed: int = 0
    counted: tuple[int, ...] = ()
    in_flight: int = 0

    @property
    def answers(self) -> int:
        """How many were answered."""
        return sum(self.counted)

    def since(self, before: "Tally") -> "Tally":
        """What came to it; all of it where the counting began anew."""
        is_anew = self.requests < before.requests or self.answers < before.answers
        if is_anew or len(self.counted) != len(before.counted):
            return self
        counted = tuple(now - then for now, then in zip(self.counted, before.counted, strict=True))
        requests = self.requests - before.requests
        failed = max(0, self.failed - before.failed)
        return Tally(requests=requests, failed=failed, counted=counted, in_flight=self.in_flight)

    def class_of(self, share: float) -> int:
        """The class up to which this share of the answers, or more, were quick."""
        wanted = share * self.answers
        below = 0
        for number, count in enumerate(self.counted):
            below += count
            if below >= wanted:
                return number
        return max(0, len(self.counted) - 1)

    def above(self, class_: int) -> int:
        """How many answers were slower than this class."""
        return sum(self.counted[class_ + 1 :])


class Bets(Value):
    """Bets on several ratios at once, each on stories that begin now, or at a later reading."""

    wealth: tuple[float, ...] = ()
    readings: int = 0

    @property
    def unspent(self) -> float:
        """The weight of the stories that have not begun."""
        return 1.0 if not self.readings else (1 - _FROM_THE_START) / self.readings

    def after(self, logarithms: Sequence[float]) -> "Bets":
        """The bets after a reading that speaks for each ratio by its logarithm."""
        readings = self.readings + 1
        begun = self.unspent - (1 - _FROM_THE_START) / readings
        before = self.wealth or (0.0,) * len(logarithms)
        wealth = tuple(
            (held + begun) * math.exp(max(-_GREATEST, min(_GREATEST, logarithm)))
            for held, logarithm in zip(before, logarithms, strict=True)
        )
        return Bets(wealth=wealth, readings=readings)

    def total(self, weights: Sequence[float]) -> float:
        """The wealth of all of them together."""
        if not self.wealth:
            return 1.0
        every = zip(self.wealth, weights, strict=True)
        return sum(weight * (held + self.unspent) for held, weight in every)


def speaks(hits: int, of: int, share: float, ratio: float) -> float:
    """How much ``hits`` of the new version, ``of`` both versions' together, speak for it having
    them ``ratio`` times as often as its ``share`` of the requests: a logarithm.

    It is the likelihood ratio of a binomial; drawn without putting back, as here, it is 1 in the
    mean or less (Hoeffding 1963, theorem 4).
    """
    return hits * math.log(ratio) - of * math.log1p((ratio - 1) * share)


def speaks_slow(stable: Tally, new: Tally, class_: int) -> tuple[float, ...]:
    """The same of answers slower than a class, for each of ``SLOW_RATIOS``."""
    hits = new.above(class_)
    of = hits + stable.above(class_)
    share = new.answers / (new.answers + stable.answers)
    most = math.log(MOST_A_READING)
    return tuple(min(most, speaks(hits, of, share, ratio)) for ratio in SLOW_RATIOS)


class Comparison(Value):
    """One service of both versions, as far as it was compared; what it holds is all that the next
    reading needs.

    ``stable`` and ``new`` are what was counted since the comparison began, ``compared`` how far
    latencies were, ``warm`` where the new version's first answers ended; ``answered_s`` and
    ``answered_stable`` when the new version last ended a request, and how many the stable one had
    ended by then.
    """

    stable: Tally = Field(default_factory=Tally)
    new: Tally = Field(default_factory=Tally)
    warm: tuple[Tally, Tally] | None = None
    compared: tuple[Tally, Tally] = Field(default_factory=lambda: (Tally(), Tally()))
    compared_s: float = 0.0
    read_s: float = 0.0
    answered_s: float = 0.0
    answered_stable: int = 0
    failures: Bets = Field(default_factory=Bets)
    slow: tuple[Bets, ...] = Field(default_factory=lambda: (Bets(),) * len(QUANTILES))

    def after(self, stable: Tally, new: Tally, share: float, at_s: float) -> "Comparison":
        """The comparison after one more reading of both, with the share of the requests that the
        new version is given, ``at_s`` seconds after it began."""
        read = self._read(stable, new, at_s)
        failures = self._failures(stable, new, share)
        if self.warm is None:
            if new.answers < WARM_UP:
                return read.model_copy(update={"failures": failures})
            both = (stable, new)
            begun = {"warm": both, "compared": both, "compared_s": at_s, "failures": failures}
            return read.model_copy(update=begun)
        is_due = at_s - self.compared_s >= PAUSE_S and new.answers > self.compared[1].answers
        if not is_due:
            return read.model_copy(update={"failures": failures})
        latencies = {
            "slow": self._slow(stable, new),
            "compared": (stable, new),
            "compared_s": at_s,
            "failures": failures,
        }
        return read.model_copy(update=latencies)

    def _read(self, stable: Tally, new: Tally, at_s: float) -> "Comparison":
        values: dict[str, object] = {"stable": stable, "new": new, "read_s": at_s}
        if new.requests != self.new.requests:
            values |= {"answered_s": at_s, "answered_stable": stable.requests}
        return self.model_copy(update=values)

    def _failures(self, stable: Tally, new: Tally, share: float) -> Bets:
        hits = new.since(self.new).failed
        of = hits + stable.since(self.stable).failed
        if not of:
            return self.failures
        # what the proxy was told to give it; what it gave where that turns out to be more
        every = new.requests + stable.requests
        given = max(share, (new.requests + _TRUSTED * share) / (every + _TRUSTED))
        return self.failures.after([speaks(hits, of, given, ratio) for ratio, _ in FAILURE_RATIOS])

    def _slow(self, stable: Tally, new: Tally) -> tuple[Bets, ...]:
        # how slow is slow was known before this reading
        known = self.compared[0]
        stable_now = stable.since(known)
        new_now = new.since(self.compared[1])
        if not stable_now.answers:
            return self.slow
        bets = []
        for quantile, held in zip(QUANTILES, self.slow, strict=True):
            class_ = known.class_of(quantile)
            bets.append(held.after(speaks_slow(stable_now, new_now, class_)))
        return tuple(bets)

    @property
    def fails_more(self) -> bool:
        """Whether the new version fails more, surely enough and by enough to go back for."""
        if self.failures.total([weight for _, weight in FAILURE_RATIOS]) < 1 / ALPHA:
            return False
        rate = self.new.failed / max(1, self.new.requests)
        return rate >= WORTH_IT * self.stable.failed / max(1, self.stable.requests)

    def leaves_unanswered(self, share: float) -> bool:
        """Whether the new version hangs: requests wait at it, and by its share of those that the
        stable one ended meanwhile it would have ended some, as surely."""
        waits_s = self.read_s - self.answered_s
        if self.new.in_flight < HANGING or waits_s < HANGS_S or share >= 1:
            return False
        ended = self.stable.requests - self.answered_stable
        return ended * math.log1p(-share) <= math.log(ALPHA)

    @property
    def is_timed(self) -> bool:
        """Whether latencies were compared often enough to have found a slower version."""
        return self.slow[0].readings >= READINGS

    @property
    def slower_at(self) -> tuple[float, ...]:
        """The shares of the answers at which the new version is slower, as surely."""
        if self.warm is None:
            return ()
        even = (1 / len(SLOW_RATIOS),) * len(SLOW_RATIOS)
        # the bets on each share are a third of one wealth
        wealths = [bets.total(even) for bets in self.slow]
        if sum(wealths) / len(wealths) < 1 / ALPHA:
            return ()
        least = 1 / ALPHA / len(wealths)
        return tuple(
            quantile
            for quantile, wealth in zip(QUANTILES, wealths, strict=True)
            if wealth >= least and self._classes_slower(quantile) >= 2
        )

    def _classes_slower(self, quantile: float) -> int:
        stable, new = self.warm or (Tally(), Tally())
        slower = self.new.since(new).class_of(quantile)
        return slower - self.stable.since(stable).class_of(quantile)
