"""An image of a registry, read as if it were in the store: each document and layer is asked for
when it is opened."""

import io
from typing import BinaryIO

from devflow.model.errors import StepFailed
from devflow.ports.registry import Held, RegistryReads


class PulledBlobs:
    """The content of one repository."""

    def __init__(self, registry: RegistryReads, repository: str) -> None:
        self._registry = registry
        self._repository = repository
        self._documents: dict[str, bytes] = {}

    def resolve(self, reference: str) -> str:
        """The digest that a tag or digest leads to. Raises ``StepFailed`` where there is none, and
        as the registry does."""
        held = self._find(reference)
        if held is None:
            hint = "check its name and tag"
            message = f"the registry has no {self._repository} {reference}"
            raise StepFailed(message, where=self._registry.name(), hint=hint)
        return held.digest

    def open(self, digest: str) -> BinaryIO:
        """A document that was found before, else a blob."""
        if digest in self._documents:
            return io.BytesIO(self._documents[digest])
        return self._registry.blob(self._repository, digest)

    def size_bytes(self, digest: str) -> int | None:
        """The size of a manifest, ``None`` where there is none of this digest."""
        if digest not in self._documents:
            self._find(digest)
        document = self._documents.get(digest)
        return None if document is None else len(document)

    def _find(self, reference: str) -> Held | None:
        held = self._registry.find(self._repository, reference)
        if held is not None:
            self._documents[held.digest] = held.body
        return held
