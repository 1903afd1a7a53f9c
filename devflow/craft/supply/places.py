"""Where an image and what is attached to it can be read: a repository of a registry, or a folder in
OCI's layout."""

from typing import BinaryIO, Final, Protocol

from devflow.craft.oci.attachments import fallback_tag
from devflow.craft.oci.formats import Descriptor, Index, Manifest, read_document
from devflow.model.errors import StepFailed
from devflow.ports.images import Blobs
from devflow.ports.registry import Held, Referrer, RegistryReads

NAME: Final = "org.opencontainers.image.ref.name"


class Place(Protocol):
    """One image's surroundings. ``find`` and ``blob`` may raise what reading there raises."""

    def find(self, reference: str) -> Held | None:
        """What a tag or digest leads to."""
        ...

    def blob(self, digest: str) -> BinaryIO:
        """Some content."""
        ...

    def referrers(self, digest: str) -> tuple[Referrer, ...]:
        """What names this digest as its subject."""
        ...


class InRegistry:
    """A repository of a registry."""

    def __init__(self, registry: RegistryReads, repository: str) -> None:
        self._registry = registry
        self._repository = repository

    def find(self, reference: str) -> Held | None:
        """What the registry answers."""
        return self._registry.find(self._repository, reference)

    def blob(self, digest: str) -> BinaryIO:
        """What the registry holds."""
        return self._registry.blob(self._repository, digest)

    def referrers(self, digest: str) -> tuple[Referrer, ...]:
        """What the registry lists."""
        return self._registry.referrers(self._repository, digest)


class InLayout:
    """A folder, by its ``index.json`` and its blobs."""

    def __init__(self, blobs: Blobs, index: bytes, where: str) -> None:
        document = read_document(index, where)
        if not isinstance(document, Index):
            raise StepFailed("index.json lists no manifests", where=where)
        self._blobs = blobs
        self._entries = document.manifests

    def images(self) -> tuple[Descriptor, ...]:
        """The entries that are images, not attachments: those that no other names as attached."""
        return tuple(one for one in self._entries if not self._is_attachment(one))

    def _is_attachment(self, entry: Descriptor) -> bool:
        is_tag_of_one = entry.annotations.get(NAME, "").startswith("sha256-")
        return is_tag_of_one or self._subject(entry) is not None

    def _subject(self, entry: Descriptor) -> Descriptor | None:
        held = self._held(entry.digest, entry.media_type)
        try:
            return read_document(held.body, entry.digest).subject if held else None
        except StepFailed:
            return None

    def find(self, reference: str) -> Held | None:
        """A blob by its digest, else the entry of this name."""
        if reference.startswith("sha256:"):
            return self._held(reference, self._type_of(reference))
        for entry in self._entries:
            if entry.annotations.get(NAME) == reference:
                return self._held(entry.digest, entry.media_type)
        return None

    def _type_of(self, digest: str) -> str:
        types = [one.media_type for one in self._entries if one.digest == digest]
        return types[0] if types else ""

    def _held(self, digest: str, media_type: str) -> Held | None:
        if self._blobs.size_bytes(digest) is None:
            return None
        with self._blobs.open(digest) as content:
            return Held(digest, media_type, content.read())

    def blob(self, digest: str) -> BinaryIO:
        """A file of the folder."""
        return self._blobs.open(digest)

    def referrers(self, digest: str) -> tuple[Referrer, ...]:
        """The entries with this subject, and those of a fallback tag's index."""
        found = []
        for entry in self._entries:
            subject = self._subject(entry)
            if subject is not None and subject.digest == digest:
                found.append(Referrer(entry.digest, entry.artifact_type, entry.annotations))
        held = self.find(fallback_tag(digest))
        listed = read_document(held.body, held.digest) if held else None
        if isinstance(listed, Index):
            for one in listed.manifests:
                found.append(Referrer(one.digest, one.artifact_type, one.annotations))
        return tuple(found)


def manifest_of(held: Held) -> Manifest:
    """A manifest that was read. Raises ``StepFailed`` for what is none."""
    document = read_document(held.body, held.digest)
    if not isinstance(document, Manifest):
        raise StepFailed("this is an index, not a manifest", where=held.digest)
    return document
