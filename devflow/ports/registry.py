"""What steps may ask of an image registry, over the OCI distribution API."""

from dataclasses import dataclass
from typing import BinaryIO, Mapping, Protocol

from devflow.ports.verbs import ensures


@dataclass(frozen=True)
class Held:
    """What a reference leads to in the registry: read whole, and its digest computed of it."""

    digest: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Referrer:
    """An artifact that is attached to an image."""

    digest: str
    artifact_type: str
    annotations: Mapping[str, str]


@dataclass(frozen=True)
class Admitted:
    """How somebody is let in: whether the registry demands to know who they are, and ``login``, as
    whom it was asked; empty for nobody."""

    demands: bool
    login: str


class RegistryReads(Protocol):
    """The reading half. ``repository`` is a path on the registry's host, with the host before it or
    without."""

    def name(self) -> str:
        """Host and path prefix, as image names begin: ``ghcr.io/user``; empty where none is
        configured."""
        ...

    def find(self, repository: str, reference: str) -> Held | None:
        """What a tag or digest leads to, asked with every manifest type; ``None`` only where the
        registry says that there is none.

        Raises ``AccessDenied``, ``RemoteSilent`` or ``StepFailed`` for what does not have the
        digest that it was asked by.
        """
        ...

    def admits(self, repository: str) -> Admitted:
        """Reads as whoever publishes there does; nothing is written, so that no registry says here
        whether it would take a push. Raises as ``find`` does."""
        ...

    def blob(self, repository: str, digest: str) -> BinaryIO:
        """Some content, verified against its digest while it is read back into the store. Raises as
        ``find`` does."""
        ...

    def holds(self, repository: str, digest: str) -> bool:
        """Whether a layer or a configuration is there, without fetching it; False only where the
        registry answers that it is not. Raises ``AccessDenied``, ``RemoteSilent`` or
        ``StepFailed`` where it does not say."""
        ...

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...]:
        """What is attached to an image, by the API or by the fallback tag."""
        ...

    def sent(self, repository: str) -> tuple[int, int]:
        """How many bytes this process has uploaded to a repository, and how many blobs the registry
        mounted instead."""
        ...


class Registry(RegistryReads, Protocol):
    """The writing half; content comes from the store of built images."""

    @ensures
    def publish(
        self, repository: str, digest: str, tags: tuple[str, ...], replaces: tuple[str, ...] = ()
    ) -> None:
        """Uploads an index with its manifests and layers, and gives it these tags, platform
        manifests tags of their own.

        Raises ``StepFailed`` where a tag exists with another digest that is not among ``replaces``:
        nothing is tagged then.
        """
        ...

    @ensures
    def attach(self, repository: str, subject: str, artifact: str) -> None:
        """Uploads an artifact manifest of the store, whose subject is ``subject``, so that
        ``referrers`` answers it, with a tag of its own."""
        ...
