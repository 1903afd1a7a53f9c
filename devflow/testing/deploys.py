"""A place where services run, in memory, for tests of steps."""

from datetime import timedelta
from typing import Mapping

from devflow.model.environments import Environment, Held, Replica, Running, Traffic, Verdict
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.deploys import Release
from devflow.testing.clock import NOW


class Killed(BaseException):
    """What ``kill -9`` is to a test: nothing catches it."""


class MemoryDeploys:
    """The port of deployments, keeping count in memory.

    ``unkept`` are environments whose ports nobody keeps until shares are given, ``unheld_s`` how
    long nobody held them then. ``sick`` are versions that stop answering once they have all
    requests, ``lame`` how many replicas of a version come up at most; ``served`` has the newest
    first. ``kill_after`` counts down with each write and then ends it, with the write done;
    ``ready_seen`` is how many replicas with a share there were after each.
    """

    def __init__(self) -> None:
        self.prepared: dict[str, dict[str, Release]] = {}
        self.replicas: dict[str, dict[str, int]] = {}
        self.shares: dict[str, dict[str, int]] = {}
        self.served: dict[str, list[str]] = {}
        self.rolled_back: dict[str, str] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.leaving: dict[str, tuple[str, ...]] = {}
        self.counted: dict[str, tuple[Traffic, ...]] = {}
        self.unkept: set[str] = set()
        self.unheld_s: dict[str, float] = {}
        self.sick: set[str] = set()
        self.lame: dict[str, int] = {}
        self.writes: list[str] = []
        self.ready_seen: list[int] = []
        self.kill_after = -1

    def environment(self, name: str) -> Environment | None:
        if name not in self.prepared:
            return None
        serving, *before = self.served.get(name) or [""]
        release = self.prepared[name].get(serving)
        taken_back = self.rolled_back.get(name, "")
        rest = [one for one in self.prepared[name] if one != serving]
        held = tuple(self._held(name, one) for one in (serving, *rest) if one)
        verdicts = tuple(one for one in (self.verdicts.get(name),) if one)
        if release is None:
            known = {"rolled_back": taken_back, "verdicts": verdicts, "held": held}
            ended = Environment(name=name, version="", commit="", services=())
            return ended.model_copy(update=known)
        return Environment(
            name=name,
            version=serving,
            commit=release.commit,
            services=tuple(self._running(release, service) for service in release.services),
            previous=before[0] if before else "",
            rolled_back=taken_back,
            verdicts=verdicts,
            since=NOW - timedelta(minutes=10),
            held=held,
            leaving=self.leaving.get(name, ()),
            is_unkept=name in self.unkept,
            unheld_s=self.unheld_s.get(name, 0.0),
        )

    def _running(self, release: Release, service: str) -> Running:
        url = f"http://127.0.0.1:{release.services[service].port + release.port_offset}"
        if release.version in self.sick:
            return Running(
                service=service, url=url, pid=0, version="", status=0, problem="connection refused"
            )
        tells = release.services[service].health.version is not None
        return Running(
            service=service,
            url=url,
            pid=7,
            version=release.version if tells else "",
            status=200,
            latency_ms=3.0,
            tells_version=tells,
            started_as="" if tells else release.version,
        )

    def _held(self, name: str, version: str) -> Held:
        release = self.prepared[name][version]
        number = self.replicas.get(name, {}).get(version, 0)
        replicas: list[Replica] = []
        for service in release.services:
            for index in range(number):
                id_ = f"{version[:7]} {service} {index}"
                url = f"http://127.0.0.1:{20000 + len(replicas)}"
                replica = Replica(service=service, index=index, id=id_, url=url)
                well = {"version": version, "status": 200, "is_well": version not in self.sick}
                replicas.append(replica.model_copy(update=well))
        return Held(
            version=version,
            commit=release.commit,
            share_pct=self.shares.get(name, {}).get(version, 0),
            replicas=tuple(replicas),
            digests=dict(release.digests),
            rolls=release.rolls,
            repositories={one.service: one.repository for one in release.images},
        )

    def _serve(self, name: str, version: str) -> None:
        served = [old for old in self.served.get(name, ()) if old != version]
        self.served[name] = [version, *served]
        if self.rolled_back.get(name) == version:
            self.rolled_back.pop(name)

    def _keep(self, name: str) -> None:
        if name in self.unkept:
            self.unkept.remove(name)
            self.unheld_s[name] = 0.004

    def environments(self) -> tuple[str, ...]:
        return tuple(self.prepared)

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        return self.counted.get(name, ())

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        return {}

    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        self.prepared.setdefault(name, {})[release.version] = release
        self._wrote(f"prepare {name}", name)

    def scale(self, name: str, version: str, replicas: int) -> None:
        if version not in self.prepared.get(name, {}):
            raise StepFailed(f"{version} was never prepared")
        if replicas > self.lame.get(version, replicas):
            self.writes.append(f"scale {name} {version[:7]} {replicas} failed")
            raise StepFailed(f"{version[:7]} did not come up")
        self.replicas.setdefault(name, {})[version] = replicas
        self._wrote(f"scale {name} {version[:7]} {replicas}", name)

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        assert sum(shares.values()) == 100, shares
        given = {version: pct for version, pct in shares.items() if pct}
        for version in given:
            if not self.replicas.get(name, {}).get(version):
                raise StepFailed(f"nothing of {version} runs")
        left = (*self.leaving.get(name, ()), *self.shares.get(name, {}))
        self.leaving[name] = tuple(one for one in dict.fromkeys(left) if one not in given)
        self.shares[name] = given
        if len(given) == 1:
            self._serve(name, next(iter(given)))
        self._keep(name)
        told = " ".join(f"{version[:7]}:{pct}" for version, pct in given.items())
        self._wrote(f"share {name} {told}", name)

    def retire(self, name: str, keep: int) -> None:
        given = self.shares.get(name, {})
        self.served[name] = self.served.get(name, [])[: keep + 1]
        kept = {*self.served[name], *given}
        for version in tuple(self.prepared.get(name, {})):
            if version not in given:
                self.replicas.get(name, {}).pop(version, None)
            if version not in kept:
                self.prepared[name].pop(version)
        self.leaving[name] = ()
        self._wrote(f"retire {name}", name)

    def lift(self, name: str, version: str) -> None:
        if self.rolled_back.get(name) == version:
            known = self.verdicts.get(name, Verdict(version=version))
            self.verdicts[name] = known.model_copy(update={"is_lifted": True})
            self._wrote(f"lift {name} {version[:7]}", name)

    def rollback(self, name: str, by: str = "") -> None:
        given = self.shares.get(name, {})
        served = self.served.get(name, [])
        canaries = [version for version in given if served and version != served[0]]
        if name in self.rolled_back and not canaries:
            return
        if canaries:
            self.rolled_back[name] = canaries[0]
            self.leaving[name] = (*self.leaving.get(name, ()), canaries[0])
        elif len(served) < 2:
            raise StepFailed(f"{name} has no version to go back to")
        else:
            self.rolled_back[name] = served.pop(0)
        taken_back = self.rolled_back[name]
        self.replicas[name][served[0]] = max(1, self.replicas[name].get(served[0], 0))
        self.replicas[name].pop(taken_back, None)
        self.verdicts[name] = Verdict(version=taken_back, at=NOW, by=by)
        self.shares[name] = {served[0]: 100}
        self._wrote(f"rollback {name}", name)

    def down(self, name: str) -> None:
        self.served[name] = []
        self.replicas[name] = {}
        self.shares[name] = {}
        self.leaving[name] = ()
        self.prepared[name] = {}
        self._wrote(f"down {name}", name)

    def _wrote(self, text: str, name: str) -> None:
        self.writes.append(text)
        given = self.shares.get(name, {})
        self.ready_seen.append(sum(self.replicas.get(name, {}).get(one, 0) for one in given))
        self.kill_after -= 1
        if self.kill_after == 0:
            raise Killed(text)
