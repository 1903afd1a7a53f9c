"""What steps may ask of the place where services run.

An environment is a fixed set of public ports. Behind them are versions, each with replicas of its
services and a share of the new requests. A strategy is made of few words: prepare a version, scale
it, give it a share, retire what is not needed any more. What a version runs on, processes,
containers, or a cluster, is the target's matter; every target means the same by these words.
"""

from dataclasses import dataclass, field
from typing import Mapping, Protocol

from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import Service
from devflow.model.environments import Environment, Traffic
from devflow.model.images import PublishedImage
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.verbs import ensures


@dataclass(frozen=True)
class Release:
    """What is to run: the services of a commit, on public ports shifted by ``port_offset``;
    ``version`` is what they must answer, ``digests`` the published images by service; ``images``
    says where they lie, for a target that runs them. One that ``rolls`` takes over replica by
    replica: a part of the requests is a stage of the way, and nothing for anybody to decide."""

    commit: str
    version: str
    services: dict[str, Service]
    port_offset: int = 0
    # s; six times the reference's start-up target of 5 s, for a busy machine
    ready_within_s: float = 30.0
    digests: Mapping[str, str] = field(default_factory=dict)
    settings: EnvironmentSettings = field(default_factory=EnvironmentSettings)
    images: tuple[PublishedImage, ...] = ()
    rolls: bool = False


class DeploysReads(Protocol):
    """The reading half."""

    def environment(self, name: str) -> Environment | None:
        """What runs there as it answers at this moment, every replica asked; ``None`` where nothing
        was ever deployed there."""
        ...

    def environments(self) -> tuple[str, ...]:
        """The names of the environments that were ever deployed here."""
        ...

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        """What the proxy has counted by now, for each service of each version that has a share;
        empty where this target cannot count."""
        ...

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        """The last lines that each replica of a service wrote, by a name of it such as ``4f2c1ab
        backend 1``."""
        ...


class Deploys(DeploysReads, Protocol):
    """The writing half: ensure verbs only."""

    @ensures
    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """Makes everything ready that a version needs before its first replica starts: its code or
        image, its public ports, and what its services declare as ``before``, once a version.

        Raises ``StepFailed`` and leaves what serves untouched.
        """
        ...

    @ensures
    def scale(self, name: str, version: str, replicas: int) -> None:
        """Makes it so many replicas of every service of a prepared version, on ports of their own,
        and waits until each answers as this version; those that are too many get no new request,
        end what they have begun, and are ended.

        Raises ``StepFailed`` (with the replica's last log lines) where one does not come up; there
        are as many as before then.
        """
        ...

    @ensures
    def share(self, name: str, shares: Mapping[str, int]) -> None:
        """Gives each version its part of the new requests, in whole per cent that come to 100.
        Requests that have begun stay where they are. A version that gets all of them is from then
        on the one that serves. The public ports are asked before it ends.

        Raises ``StepFailed`` where a port is taken or a version with a share has no replica that
        answers; the shares are as before then.
        """
        ...

    @ensures
    def retire(self, name: str, keep: int) -> None:
        """Ends every replica of versions without a share, and forgets all but the serving version
        and ``keep`` that served before it; a version that never served is forgotten too."""
        ...

    @ensures
    def rollback(self, name: str, by: str = "") -> None:
        """Gives all requests to the version before, started again where it has to be, and remembers
        the verdict on the one that was taken back, also where that had only a part of them: when it
        was, and ``by`` whom, empty where devflow does by itself. Raises ``StepFailed`` without
        one."""
        ...

    @ensures
    def lift(self, name: str, version: str) -> None:
        """Lets a version be brought again that was taken back; that it was stays remembered. Does
        nothing for any other version."""
        ...

    @ensures
    def down(self, name: str) -> None:
        """Ends everything of the environment, and leaves nothing of it behind but what services
        keep in ``{state}``."""
        ...
