"""What steps may ask of the place where services run.

An environment is a fixed set of public ports behind which one version answers; a new version is
started beside the old one and switched to only when it answers as itself, and the old one is kept,
so that one can go back.
"""

from dataclasses import dataclass
from typing import Protocol

from devflow.model.declared.project import Service
from devflow.model.environments import Environment
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.verbs import ensures


@dataclass(frozen=True)
class Release:
    """What is to run: the services of a commit, on public ports shifted by ``port_offset``;
    ``version`` is what they must answer."""

    commit: str
    version: str
    services: dict[str, Service]
    port_offset: int = 0
    ready_within_s: float = (
        30.0  # s; six times the reference's start-up target of 5 s, for a busy machine
    )


class DeploysReads(Protocol):
    """The reading half."""

    def environment(self, name: str) -> Environment | None:
        """What runs there as it answers at this moment; ``None`` where nothing was ever deployed
        there."""
        ...

    def environments(self) -> tuple[str, ...]:
        """The names of the environments that were ever deployed here."""
        ...

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions whose processes are kept for an environment, the serving one first."""
        ...


class Deploys(DeploysReads, Protocol):
    """The writing half: ensure verbs only."""

    @ensures
    def start(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """Starts the version beside what serves now, on free ports, and waits until every service
        answers as this version.

        Raises ``StepFailed`` (with the service's last log lines) where one does not, leaving what
        served untouched.
        """
        ...

    @ensures
    def switch(self, name: str, version: str) -> None:
        """Points the environment's public ports to a started version. Raises ``StepFailed`` where a
        port is taken or the version does not answer."""
        ...

    @ensures
    def retire(self, name: str, keep: int) -> None:
        """Ends the processes of older versions, keeping the serving one and ``keep`` before it."""
        ...

    @ensures
    def rollback(self, name: str) -> None:
        """Switches back to the previous version and remembers the verdict on the one that was taken
        back. Raises ``StepFailed`` without one."""
        ...

    @ensures
    def down(self, name: str) -> None:
        """Ends everything of the environment."""
        ...
