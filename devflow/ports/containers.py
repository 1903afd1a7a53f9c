"""What steps may ask of whatever can run an image here: an engine, or the kernel's namespaces."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Mapping, Protocol


@dataclass(frozen=True)
class Start:
    """One container to be started from a published image. ``image`` is the platform's own manifest
    by digest. ``command`` stands in place of the image's, whose entry point is kept as engines
    keep it; ``state`` is a folder that can be written, on an otherwise read-only file system."""

    service: str
    repository: str
    image: str
    platform: str
    port: int
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    state: str = "/state"
    memory_mb: float = 512.0


@dataclass(frozen=True)
class Usage:
    """What a container takes: memory without the page cache, and processor time so far."""

    memory_bytes: int | None
    cpu_s: float | None


@dataclass(frozen=True)
class Process:
    """A process in a container, as the kernel knows it."""

    uid: int
    capabilities: tuple[str, ...]
    no_new_privileges: bool


class Container(Protocol):
    """A container that runs."""

    @property
    def url(self) -> str:
        """Where it answers, from here."""
        ...

    @property
    def peer_url(self) -> str:
        """Where it answers, from another container that runs at the same time."""
        ...

    @property
    def started_s(self) -> float:
        """The monotonic moment in which its own process was started, the engine's work done."""
        ...

    def running(self) -> bool:
        """Whether its first process is there."""
        ...

    def usage(self) -> Usage:
        """What it takes now."""
        ...

    def processes(self) -> tuple[Process, ...]:
        """What runs in it."""
        ...

    def can_write(self) -> bool | None:
        """Whether a file can be written beside ``state``; ``None`` where it cannot be told."""
        ...

    def stop(self, within_s: float) -> int | None:
        """SIGTERM, or what the image says in its place, and the exit code within this time;
        ``None`` where it had to be killed."""
        ...

    def last_words(self) -> str:
        """The end of what it printed."""
        ...


class Containers(Protocol):
    """What runs images here."""

    def runtime(self, platform: str) -> str:
        """How an image of this platform would be run, in words. Raises ``Unavailable`` with the
        reason where none can."""
        ...

    def listening_port(self, port: int) -> int:
        """The port that a container which wants this one is told to listen on: the same in an
        engine, a free one where the network is this machine's."""
        ...

    def started(self, start: Start) -> AbstractContextManager[Container]:
        """A container for the time of a ``with`` block; nothing of it is left after.

        Raises ``Unavailable`` where none can be started here, ``StepFailed`` where the image
        cannot.
        """
        ...
