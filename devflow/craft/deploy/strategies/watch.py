"""What a canary is judged by, reading after reading: a value, so that a later command goes on where
an earlier one ended."""

from typing import Final, Iterator, Sequence

from devflow.craft.deploy.strategies.sequential import Comparison, Tally
from devflow.model.canary import Canary, CanaryVerdict, Found
from devflow.model.environments import Environment, Traffic
from devflow.model.values import Value

# of one replica: whatever ended it once or twice was no habit of the version
CRASHES: Final = 3


class Watch(Value):
    """A canary of ``pct`` per cent so far. ``before`` is what had been counted when it began,
    ``seconds`` for how long it was watched; ``ended`` are the services of which a new replica has
    ended by itself, ``crashed`` those of which one does again and again."""

    stable: str
    version: str
    pct: int
    enough: int
    before: tuple[Traffic, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    comparisons: dict[str, Comparison] = {}
    crashed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    seconds: float = 0.0
    synthetic: int = 0

    def after(self, counted: Sequence[Traffic], at_s: float) -> "Watch":
        """The canary after one more reading."""
        both = (self.stable, self.version)
        now = tuple(_since(one, self.before) for one in counted if one.version in both)
        comparisons = {}
        for service in dict.fromkeys(one.service for one in now):
            comparison = self.comparisons.get(service, Comparison())
            stable = _tally(now, service, self.stable)
            new = _tally(now, service, self.version)
            comparisons[service] = comparison.after(stable, new, self.pct / 100, at_s)
        read = {"traffic": now, "comparisons": comparisons, "seconds": at_s}
        return self.model_copy(update=read)

    def seen(self, environment: Environment | None) -> "Watch":
        """The canary after its replicas were looked at."""
        crashed = set()
        ended = set()
        for held in environment.held if environment else ():
            for replica in held.replicas if held.version == self.version else ():
                if replica.given_up or replica.restarts >= CRASHES:
                    crashed.add(replica.service)
                if replica.given_up or replica.restarts:
                    ended.add(replica.service)
        seen = {"crashed": tuple(sorted(crashed)), "ended": tuple(sorted(ended))}
        return self.model_copy(update=seen)

    @property
    def found(self) -> tuple[Found, ...]:
        """In what the new version is worse, surely enough."""
        return tuple(self._found())

    def _found(self) -> Iterator[Found]:
        for service in self.crashed:
            yield Found(service=service, what="crashes")
        for service, comparison in self.comparisons.items():
            if comparison.fails_more:
                yield Found(service=service, what="fails")
            if comparison.leaves_unanswered(self.pct / 100):
                yield Found(service=service, what="unanswered")
            for quantile in comparison.slower_at[-1:]:
                yield Found(service=service, what="slower", quantile=quantile)

    def requests(self, service: str) -> int:
        """How many requests to the new version of a service have ended."""
        comparison = self.comparisons.get(service)
        return comparison.new.requests if comparison else 0

    @property
    def asked(self) -> tuple[str, ...]:
        """The services that anybody asked, in either version."""
        every = self.comparisons.items()
        return tuple(name for name, one in every if one.stable.requests or one.new.requests)

    @property
    def judged(self) -> tuple[str, ...]:
        """The services of which the new version had enough requests."""
        return tuple(name for name in self.asked if self.requests(name) >= self.enough)

    @property
    def timed(self) -> tuple[str, ...]:
        """The services whose latencies were compared often enough."""
        return tuple(name for name, one in self.comparisons.items() if one.is_timed)

    def canary(self, verdict: CanaryVerdict) -> Canary:
        """What is kept of it."""
        told = sum(one.synthetic for one in self.traffic)
        # what devflow has asked may be counted a moment later
        every = sum(one.requests for one in self.traffic)
        return Canary(
            verdict=verdict,
            pct=self.pct,
            stable=self.stable,
            version=self.version,
            enough=self.enough,
            traffic=self.traffic,
            found=self.found,
            judged=self.judged,
            timed=self.timed,
            synthetic=min(every, max(told, self.synthetic)),
            duration_s=self.seconds,
        )


def _since(now: Traffic, before: Sequence[Traffic]) -> Traffic:
    for then in before:
        if (then.service, then.version) == (now.service, now.version):
            return now.since(then)
    return now


def _tally(traffic: Sequence[Traffic], service: str, version: str) -> Tally:
    for one in traffic:
        if (one.service, one.version) == (service, version):
            return Tally(
                requests=one.requests,
                failed=one.failures,
                counted=one.counted,
                in_flight=one.in_flight,
            )
    return Tally()
