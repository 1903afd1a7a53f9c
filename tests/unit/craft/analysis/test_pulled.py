"""An image of a registry is read as one of the store is."""

from typing import Any, BinaryIO, Dict, Optional

import pytest

from devflow.craft.analysis.pulled import PulledBlobs
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.model.errors import StepFailed
from devflow.ports.registry import Held
from devflow.testing.images import MemoryBlobs
from tests.standins.image_files import Golden, file, index_of


class MemoryRegistry:
    """The reading half of a registry over blobs; only what has a manifest's type is found."""

    def __init__(self, blobs: MemoryBlobs, tags: Dict[str, str]) -> None:
        self._blobs = blobs
        self._tags = tags
        self.fetched: Dict[str, int] = {}

    def name(self) -> str:
        return "registry.test"

    def find(self, repository: str, reference: str) -> Optional[Held]:
        digest = self._tags.get(reference, reference)
        body = self._blobs.held.get(digest, b"")
        is_manifest = b"schemaVersion" in body
        return Held(digest, "", body) if is_manifest else None

    def blob(self, repository: str, digest: str) -> BinaryIO:
        self.fetched[digest] = self.fetched.get(digest, 0) + 1
        return self._blobs.open(digest)


def pulled() -> Any:
    image = Golden().layer(file("app/a", b"a" * 30))
    index = index_of(image.blobs, {"linux/amd64": image.made()})
    registry = MemoryRegistry(image.blobs, {"latest": index})
    return registry, PulledBlobs(registry, "acme/api")  # type: ignore[arg-type]


def test_each_layer_is_fetched_once() -> None:
    registry, blobs = pulled()
    found = dict(manifests_of(blobs, blobs.resolve("latest")))
    report = analysed(blobs, Subject(found["linux/amd64"]))
    assert report.size_bytes == 30
    assert registry.fetched[report.layers[0].digest] == 1


def test_what_the_registry_does_not_have_is_told() -> None:
    _, blobs = pulled()
    with pytest.raises(StepFailed, match="has no acme/api 1.2"):
        blobs.resolve("1.2")
    assert blobs.size_bytes(f"sha256:{'0' * 64}") is None
