"""A place in memory where services are asked: by users, at a rate, and by whoever loads a site; and
a clock that moves when somebody waits."""

import random
from contextlib import contextmanager
from typing import Iterator, Mapping

from devflow.adapters.deploys import supervise
from devflow.model.environments import Held, Traffic
from devflow.ports.web import Asked
from devflow.testing import NOW, MemoryClock, MemoryDeploys, MemoryWeb
from tests.canaries.world import BOUNDS_MS, Change, Version, healthy


class MovingClock(MemoryClock):
    """A second is over as soon as somebody waits for it."""

    @property
    def seconds(self) -> float:
        """How many are over."""
        return (self.at - NOW).total_seconds()


class LivingDeploys(MemoryDeploys):
    """``rates`` are users' requests per second, by service; ``changes`` what a version does
    otherwise; ``hung`` answer nothing at all; ``dies_every_s`` is how long each replica of a
    version lives, which its supervisor starts again until it gives up."""

    def __init__(self, clock: MovingClock, seed: int = 1) -> None:
        super().__init__()
        self.rates: dict[str, float] = {}
        self.changes: dict[str, Change] = {}
        self.hung: set[str] = set()
        self.dies_every_s: dict[str, float] = {}
        self.synthetic: dict[str, float] = {}
        self.asked: dict[str, int] = {}
        self._clock = clock
        self._chance = random.Random(seed)
        self._versions: dict[tuple[str, str], Version] = {}
        self._waiting: dict[tuple[str, str], int] = {}
        self._came_s = 0.0
        self._scaled_s: dict[str, float] = {}

    def scale(self, name: str, version: str, replicas: int) -> None:
        super().scale(name, version, replicas)
        self._scaled_s[version] = self._clock.seconds

    def _held(self, name: str, version: str) -> Held:
        held = super()._held(name, version)
        if version not in self.dies_every_s:
            return held
        lived_s = self._clock.seconds - self._scaled_s[version]
        deaths = int(lived_s / self.dies_every_s[version])
        how = {"restarts": min(deaths, supervise.RESTARTS), "given_up": deaths > supervise.RESTARTS}
        if how["given_up"]:
            how |= {"is_well": False}
        replicas = tuple(one.model_copy(update=how) for one in held.replicas)
        return held.model_copy(update={"replicas": replicas})

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        self._come(name)
        return tuple(
            Traffic(
                service=service,
                version=version,
                requests=one.requests,
                failed={"answered": one.failed},
                slower_than_ms=BOUNDS_MS,
                counted=tuple(one.counted),
                in_flight=self._waiting.get((service, version), 0),
            )
            for (service, version), one in self._versions.items()
            if version in self.shares.get(name, {})
        )

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        self._come(name)
        super().share(name, shares)

    def _come(self, name: str) -> None:
        """What came since the last time."""
        now_s = self._clock.seconds
        given = self.shares.get(name, {})
        for service in dict.fromkeys((*self.rates, *self.synthetic)):
            users = self._arrivals(self.rates.get(service, 0.0), now_s)
            own = self._arrivals(self.synthetic.get(service, 0.0), now_s)
            for at_s in (*users, *own):
                version = self._chance.choices(list(given), list(given.values()))[0]
                self._answer(service, version, at_s)
            self.asked[service] = self.asked.get(service, 0) + len(own)
        self._came_s = now_s

    def _arrivals(self, rate_per_s: float, now_s: float) -> list[float]:
        arrivals = []
        at_s = self._came_s
        while rate_per_s:
            at_s += self._chance.expovariate(rate_per_s)
            if at_s >= now_s:
                break
            arrivals.append(at_s)
        return arrivals

    def _answer(self, service: str, version: str, at_s: float) -> None:
        key = (service, version)
        if key not in self._versions:
            change = self.changes.get(version, healthy)
            self._versions[key] = Version(change, 0.0, self._chance)
        if version in self.hung:
            self._waiting[key] = self._waiting.get(key, 0) + 1
        else:
            self._versions[key].answer(at_s)


class LoadingWeb(MemoryWeb):
    """Loads a place in memory."""

    def __init__(self, deploys: LivingDeploys) -> None:
        super().__init__({})
        self.loaded: dict[str, tuple[str, ...]] = {}
        self._deploys = deploys

    @contextmanager
    def load(
        self, site: str, paths: tuple[str, ...], *, at_once: int, rate_per_s: float
    ) -> Iterator["_Load"]:
        service = {"5102": "backend", "3100": "frontend"}[site.rpartition(":")[2]]
        self.loaded[service] = paths
        self._deploys.synthetic[service] = rate_per_s
        yield _Load(self._deploys, service)
        del self._deploys.synthetic[service]


class _Load:
    def __init__(self, deploys: LivingDeploys, service: str) -> None:
        self._deploys = deploys
        self._service = service

    def asked(self) -> tuple[Asked, ...]:
        return (Asked(0.0, 200),) * self._deploys.asked.get(self._service, 0)
