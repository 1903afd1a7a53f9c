"""The writes of a release that a plan names before there is one."""

from dataclasses import dataclass, replace
from typing import Iterator, Protocol

from devflow.craft.deploy.taken_back import Comeback, refuse_taken_back
from devflow.craft.evidence import plan_write
from devflow.model.change import Push
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.release import Deployment
from devflow.model.review import HostPull
from devflow.model.wording import plural
from devflow.ports.code_host import CodeHostReads
from devflow.ports.deploys import DeploysReads


@dataclass(frozen=True)
class Shown:
    """What would be brought: into which environment, which version in words, and how many replicas
    of each service."""

    environment: str
    version: str
    replicas: int


def foreseen(shown: Shown, keep: int, canary_pct: int) -> Iterator[Write]:
    """Blue-green with a canary, which comes first only where another version serves; ``keep``
    versions before it are kept."""
    name = shown.environment
    size = f"{shown.version} to {plural(shown.replicas, 'replica')} of each, beside what serves"
    yield plan_write("deploys", "prepare", f"{name}: {shown.version}")
    yield plan_write("deploys", "scale", f"{name}: {size}")
    if 0 < canary_pct < 100:
        part = f"{canary_pct} % of the new requests to {shown.version}, where another serves"
        yield plan_write("deploys", "share", f"{name}: {part}")
    yield plan_write("deploys", "share", f"{name}: all new requests to {shown.version}")
    yield plan_write("deploys", "retire", f"{name}: all but {keep} earlier versions")


class _Pushed(Protocol):
    """What was pushed and deployed before; stand-ins where it was not yet."""

    @property
    def push(self) -> Push: ...

    @property
    def development(self) -> Deployment | Absent: ...


def refuse_known(
    host: CodeHostReads, deploys: DeploysReads, comeback: Comeback, of: _Pushed
) -> None:
    """Raises ``RolledBack`` for a version that was taken back: nothing is brought."""
    pull = _pull_of(host, of)
    if pull is not None and isinstance(of.development, Deployment):
        is_merged = pull.merged
        running = deploys.environment(comeback.environment)
        known = replace(comeback, version=of.development.version)
        refuse_taken_back(running, known, lambda: is_merged)


def without_merged(host: CodeHostReads, of: _Pushed, foreseen_: Foreseen) -> Foreseen:
    """Without the merge where it is made already."""
    pull = _pull_of(host, of)
    if pull is None or not pull.merged:
        return foreseen_
    writes = tuple(one for one in foreseen_.writes if one.verb != "merge")
    return replace(foreseen_, writes=writes)


def _pull_of(host: CodeHostReads, of: _Pushed) -> HostPull | None:
    """What is not pushed yet has no pull request to be looked at."""
    return host.pull_for(of.push.branch) if isinstance(of.push, Push) else None
