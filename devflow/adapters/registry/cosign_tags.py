"""The tags that attachments keep: cosign's, where it looks for one, else one by digest.

A tag of cosign's holds what everybody has signed: another's layers are kept beside ours, as cosign
itself adds a signature.
"""

from typing import Final

from devflow.adapters.images.store import Store
from devflow.adapters.registry.blobs import Blobs
from devflow.adapters.registry.manifests import Content, Manifests
from devflow.craft.oci.attachments import ATTESTATIONS, SIGNATURES, attachment_tag
from devflow.craft.oci.formats import (
    CONFIG,
    MANIFEST,
    Descriptor,
    ImageConfig,
    Manifest,
    RootFilesystem,
    encoded,
    read_document,
)
from devflow.model.errors import StepFailed

TRIES: Final = 8  # of writing a tag that others write at the same time
_MERGED: Final = (SIGNATURES, ATTESTATIONS)


class CosignTags:
    """The tags of one registry's attachments."""

    def __init__(self, manifests: Manifests, blobs: Blobs, store: Store) -> None:
        self._manifests = manifests
        self._blobs = blobs
        self._store = store

    def keep(self, repository: str, subject: str, content: Content) -> None:
        """Gives an artifact a tag that only garbage needs not have. Raises ``StepFailed`` where
        somebody else writes it all the time."""
        artifact = content.digest
        ours = _manifest(content)
        tag = attachment_tag(subject, artifact, ours.artifact_type)
        held = self._manifests.find(repository, tag)
        if held is None or held.digest == artifact:
            self._manifests.tag(repository, tag, content)
            return
        self._manifests.tag(repository, attachment_tag(subject, artifact, ""), content)
        if ours.artifact_type not in _MERGED:
            return
        for _ in range(TRIES):
            if self._is_merged(repository, tag, ours):
                return
        hint = "type the same command again when that is over"
        raise StepFailed(f"{repository}:{tag} is written by somebody else all the time", hint=hint)

    def _is_merged(self, repository: str, tag: str, ours: Manifest) -> bool:
        held = self._manifests.find(repository, tag)
        theirs = _manifest(Content(held.body, held.media_type)) if held else ours
        missing = tuple(layer for layer in ours.layers if layer not in theirs.layers)
        if held is not None and not missing:
            return True
        layers = (*theirs.layers, *missing)
        merged = theirs.model_copy(update={"layers": layers, "config": self._config(layers)})
        self._blobs.ensure(repository, merged.config.digest)
        self._manifests.put(repository, tag, Content(encoded(merged), MANIFEST))
        return False

    def _config(self, layers: tuple[Descriptor, ...]) -> Descriptor:
        """What cosign writes: the layers, and no platform."""
        digests = tuple(layer.digest for layer in layers)
        config = ImageConfig(architecture="", os="", rootfs=RootFilesystem(diff_ids=digests))
        body = encoded(config)
        digest = self._store.keep(body)
        return Descriptor(media_type=CONFIG, digest=digest, size_bytes=len(body))


def _manifest(content: Content) -> Manifest:
    document = read_document(content.body, content.digest)
    if not isinstance(document, Manifest):
        raise StepFailed("an index stands where cosign keeps signatures", where=content.digest)
    return document
