"""The port of images: an engine where one answers, else what needs none."""

from typing import BinaryIO, Final, Literal, Protocol

from devflow.adapters.images.cache import ImageCache
from devflow.adapters.images.store import Store
from devflow.model.errors import Unavailable
from devflow.model.images import BuiltImage, Engine
from devflow.ports.images import Recipe, Say

BuilderChoice = Literal["auto", "engine", "oci"]
OCI: Final = "oci: without an engine"


class Builder(Protocol):
    """Either builder."""

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        """Builds every platform."""
        ...


class Engines(Protocol):
    """What finds an engine."""

    def find(self) -> Engine | None:
        """The engine that answers now."""
        ...


class ChosenImages:
    """Builders and their store; ``choice`` says which, ``auto`` the engine where one answers."""

    def __init__(
        self, store: Store, engines: Engines, engine: Builder, oci: Builder, choice: BuilderChoice
    ) -> None:
        self._store = store
        self._engines = engines
        self._engine = engine
        self._oci = oci
        self._choice = choice

    def open(self, digest: str) -> BinaryIO:
        """The content, seekable."""
        return self._store.open(digest)

    def size_bytes(self, digest: str) -> int | None:
        """How large it is, ``None`` where it is not held."""
        return self._store.size_bytes(digest)

    def keep(self, content: bytes) -> str:
        """Puts a document into the store."""
        return self._store.keep(content)

    def drop_damaged(self) -> tuple[str, ...]:
        """What was damaged of all that was opened, removed."""
        return self._store.drop_damaged()

    def engine(self) -> Engine | None:
        """The engine that answers now."""
        return self._engines.find()

    def builder(self) -> str:
        """Which builder would be used now."""
        found = self.engine() if self._choice != "oci" else None
        if found is None:
            return OCI if self._choice != "engine" else "engine: none answers"
        return f"engine: {found.kind} {found.version}"

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        """Builds every platform. Where an engine answers and cannot (no base in its reach), and
        none was asked for by name, the other builder does it, and the image says so."""
        cache = ImageCache(self._store.folder.parent)
        with cache.in_use():
            image = self._build(recipe, say)
        cache.trim()
        return image

    def _build(self, recipe: Recipe, say: Say) -> BuiltImage:
        is_there = self._choice == "engine" or self.engine_answers()
        if self._choice == "oci" or not is_there:
            return _told(self._oci.build(recipe, say), OCI)
        try:
            return _told(self._engine.build(recipe, say), self.builder())
        except Unavailable as error:
            if self._choice == "engine":
                raise
            say(f"the engine cannot build it: {error.message}; building without it")
            return self._built_after(error, recipe, say)

    def engine_answers(self) -> bool:
        """Whether one does."""
        return self.engine() is not None

    def _built_after(self, error: Unavailable, recipe: Recipe, say: Say) -> BuiltImage:
        try:
            return _told(self._oci.build(recipe, say), OCI)
        except Unavailable as other:
            problem = f"{error.message}; and {other.message}"
            raise Unavailable(problem, where=other.where, hint=error.hint) from other


def _told(image: BuiltImage, builder: str) -> BuiltImage:
    return image.model_copy(update={"builder": builder})
