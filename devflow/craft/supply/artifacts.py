"""Artifacts as registries hold them: a manifest with a subject, and the contents that it names."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Mapping

from devflow.craft.oci.formats import (
    EMPTY,
    EMPTY_CONTENT,
    MANIFEST,
    Descriptor,
    Manifest,
    digest_of,
    encoded,
    read_document,
)
from devflow.model.images import Document
from devflow.ports.images import Blobs

CREATED: Final = "org.opencontainers.image.created"
Kind = Literal["sbom", "provenance", "vulnerabilities", "signature"]


@dataclass(frozen=True)
class Drawn:
    """Documents, and the contents that have to be put into the store for them."""

    documents: tuple[Document, ...] = ()
    contents: tuple[bytes, ...] = ()

    def __add__(self, other: "Drawn") -> "Drawn":
        return Drawn(self.documents + other.documents, self.contents + other.contents)


@dataclass(frozen=True)
class Part:
    """One layer of an artifact."""

    media_type: str
    content: bytes
    annotations: Mapping[str, str]

    @property
    def descriptor(self) -> Descriptor:
        """What names it."""
        return Descriptor(
            media_type=self.media_type,
            digest=digest_of(self.content),
            size_bytes=len(self.content),
            annotations=dict(self.annotations),
        )


@dataclass(frozen=True)
class Artifact:
    """What a manifest will say beside its parts; without a ``config`` it is the empty one."""

    kind: Kind
    type: str
    annotations: Mapping[str, str]
    config_type: str = EMPTY
    config: bytes = EMPTY_CONTENT


def drawn(artifact: Artifact, subject: Descriptor, parts: tuple[Part, ...]) -> Drawn:
    """The artifact about a subject: its ``Document`` names the manifest."""
    is_empty = artifact.config == EMPTY_CONTENT
    config = Descriptor(
        media_type=artifact.config_type,
        digest=digest_of(artifact.config),
        size_bytes=len(artifact.config),
        data=base64.b64encode(EMPTY_CONTENT).decode() if is_empty else "",
    )
    manifest = Manifest(
        artifact_type=artifact.type,
        config=config,
        layers=tuple(part.descriptor for part in parts),
        subject=subject,
        annotations=dict(artifact.annotations),
    )
    body = encoded(manifest)
    document = Document(
        kind=artifact.kind,
        about=subject.digest,
        digest=digest_of(body),
        media_type=artifact.type,
        size_bytes=sum(len(part.content) for part in parts),
    )
    contents = [part.content for part in parts]
    return Drawn((document,), (artifact.config, *contents, body))


def subject_of(blobs: Blobs, digest: str) -> Descriptor:
    """The descriptor of an image's index or manifest. Raises as reading it does."""
    with blobs.open(digest) as content:
        body = content.read()
    document = read_document(body, digest)
    media_type = document.media_type or MANIFEST
    return Descriptor(media_type=media_type, digest=digest, size_bytes=len(body))


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC and whole seconds, as every format here takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
