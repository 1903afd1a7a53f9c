"""What steps may ask of a builder of images, and of the store that holds what was built.

Nothing here changes the world: a build leaves content in a store of this machine, named by its
digest, where it stays until it is pruned. Publishing it is the registry's port.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Callable, Mapping, Protocol

from devflow.model.ids import Sha
from devflow.model.images import BuiltImage, Engine

Say = Callable[..., None]


@dataclass(frozen=True)
class Recipe:
    """One image to be built of a commit's files. ``labels`` and ``created`` (the commit's time)
    stand in its configuration; ``secrets`` are files of this machine by their id."""

    service: str
    commit: Sha
    dockerfile: str
    context: str
    created: datetime
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ("linux/amd64", "linux/arm64")
    secrets: Mapping[str, str] = field(default_factory=dict)


class Blobs(Protocol):
    """Content by its digest."""

    def open(self, digest: str) -> BinaryIO:
        """The content, seekable. Raises ``Unavailable`` where it is not held."""
        ...

    def size_bytes(self, digest: str) -> int | None:
        """How large it is, ``None`` where it is not held."""
        ...


class Images(Blobs, Protocol):
    """Builders, and the store."""

    def engine(self) -> Engine | None:
        """The engine that answers now. Raises ``UsageError`` for a context that does not exist."""
        ...

    def builder(self) -> str:
        """Which builder would be used now, and why, in words: ``engine: docker 20.10.24``."""
        ...

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        """Builds every platform of an image; ``say`` is told of steps and bytes. The index, its
        manifests and layers are in the store afterwards.

        Raises ``Unavailable`` where it cannot be built on this machine (no engine, no base, an
        instruction that only an engine carries out), ``StepFailed`` where the declaration or its
        command is at fault, with the line.
        """
        ...

    def keep(self, content: bytes) -> str:
        """Puts a document into the store and answers its digest."""
        ...

    def drop_damaged(self) -> tuple[str, ...]:
        """The paths of what is not what its digest says, of all that was opened since the last
        time; it is no longer there. To be asked where something failed: it reads everything."""
        ...
