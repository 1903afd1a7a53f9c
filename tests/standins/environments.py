"""Environments that are a table, with the port of deployments before it, for tests of what people
see and type."""

from typing import Mapping

from devflow.model.environments import Environment, Traffic
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.deploys import Deploys, Release


class TableDeploys:
    """The environments by name; a write is noted, and changes what the table says of shares.
    ``sick`` are versions that no share can be given to; ``logs`` what each replica wrote."""

    def __init__(self, *environments: Environment) -> None:
        self.table = {one.name: one for one in environments}
        self.writes: list[str] = []
        self.sick: set[str] = set()
        self.logs: dict[str, tuple[str, ...]] = {}

    def environment(self, name: str) -> Environment | None:
        return self.table.get(name)

    def environments(self) -> tuple[str, ...]:
        return tuple(self.table)

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        return ()

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        of_service = {one: text for one, text in self.logs.items() if f" {service} " in one}
        return {one: text[-lines:] for one, text in of_service.items()}

    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        self.writes.append(f"prepare {name} {release.version}")

    def scale(self, name: str, version: str, replicas: int) -> None:
        self.writes.append(f"scale {name} {version} {replicas}")

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        self.writes.append(f"share {name} {dict(shares)}")
        if self.sick & set(shares):
            raise StepFailed(f"{name} was not switched", where=name)
        self._give(name, shares, {"version": max(shares, key=lambda one: shares[one])})

    def retire(self, name: str, keep: int) -> None:
        self.writes.append(f"retire {name} {keep}")
        self.table[name] = self.table[name].model_copy(update={"leaving": ()})

    def lift(self, name: str, version: str) -> None:
        self.writes.append(f"lift {name} {version}")

    def rollback(self, name: str, by: str = "") -> None:
        self.writes.append(f"rollback {name}")
        now = self.table[name]
        if now.canary is not None:
            self._give(name, {now.version: 100}, {"rolled_back": now.canary.version})
        elif now.rolled_back:
            # what was said before, to its end
            return
        elif now.previous:
            back = {"version": now.previous, "rolled_back": now.version}
            self._give(name, {now.previous: 100}, back)
        else:
            raise StepFailed(f"{name} has no version to go back to", where=name)

    def down(self, name: str) -> None:
        self.writes.append(f"down {name}")
        ended = {"version": "", "services": (), "held": ()}
        if name in self.table:
            self.table[name] = self.table[name].model_copy(update=ended)

    def _give(self, name: str, shares: Mapping[str, int], update: Mapping[str, object]) -> None:
        now = self.table[name]
        held = []
        left = [one.version for one in now.held if one.share_pct and one.version not in shares]
        update = {**update, "leaving": tuple(left)}
        for one in now.held:
            held.append(one.model_copy(update={"share_pct": shares.get(one.version, 0)}))
        self.table[name] = now.model_copy(update={**update, "held": tuple(held)})


def port(deploys: TableDeploys) -> Deploys:
    """It as the port: a word that the port has and the table lacks is a mistake for mypy."""
    return deploys
