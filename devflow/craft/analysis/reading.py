"""One pass over an image's layers: what each holds, what they add up to, and the little that rules
need of contents. Each file's content goes by once, in bounded memory.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Iterator

from devflow.craft.analysis import secrets
from devflow.craft.analysis.origins import metadata_folder, record_names
from devflow.craft.oci import tar
from devflow.craft.oci.formats import (
    MANIFEST_MAX_BYTES,
    Descriptor,
    ImageConfig,
    Index,
    Manifest,
    digest_of,
    read_config,
    read_document,
)
from devflow.craft.oci.layers import Bounds, Entry, Kind, opened, tar_entries
from devflow.craft.oci.overlay import Folder, Overlay
from devflow.model.errors import StepFailed
from devflow.ports.images import Blobs

OS_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
DOCUMENT_MAX_BYTES: Final = 1024 * 1024  # bytes of an os-release or a RECORD; scipy's has 0.4 MB
# bytes; below that the same content twice is no matter, and most files of an image are
SAME_LEAST_BYTES: Final = 32 * 1024
_DIGEST_BYTES: Final = 16  # of a sha256: half of it tells a million files apart as well
# an attestation that BuildKit adds to an index
_NO_IMAGE: Final = "unknown/unknown"

Place = tuple[int, str]


@dataclass(frozen=True)
class Suspect:
    """A file that may be a secret: ``what`` it is by its name, ``holds`` by its content."""

    layer: int
    path: str
    what: str
    holds: str


@dataclass
class LayerFiles:
    """One layer: ``files`` and ``size_bytes`` of what it holds, each path once; ``links``, the hard
    links by the file that they lead to."""

    descriptor: Descriptor
    files: int = 0
    size_bytes: int = 0
    links: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class ReadImage:
    """All that rules ask of one platform's image. ``first`` is where each large file's content was
    seen first, ``same`` all places of what was seen again."""

    digest: str
    manifest: Manifest
    config: ImageConfig
    overlay: Overlay = field(default_factory=Overlay)
    layers: list[LayerFiles] = field(default_factory=list)
    os_release: dict[str, str] = field(default_factory=dict)
    targets: dict[str, set[str]] = field(default_factory=dict)
    suspects: list[Suspect] = field(default_factory=list)
    first: dict[bytes, Place] = field(default_factory=dict)
    same: dict[bytes, list[Place]] = field(default_factory=dict)


def manifests_of(blobs: Blobs, digest: str) -> Iterator[tuple[str, str]]:
    """The platform and the digest of each image that an index leads to, or of the manifest itself.
    Raises ``StepFailed`` for what is no image, ``Unavailable`` for what is not held."""
    document = read_document(_document(blobs, digest), digest)
    if isinstance(document, Manifest):
        yield _config(blobs, document).platform.text, digest
        return
    for child in document.manifests:
        platform = child.platform.text if child.platform else ""
        if platform != _NO_IMAGE and not child.artifact_type:
            yield from _child(blobs, child, platform)


def _child(blobs: Blobs, child: Descriptor, platform: str) -> Iterator[tuple[str, str]]:
    if blobs.size_bytes(child.digest) is None:
        # of an image that was saved for one platform, the index still names the others
        return
    if platform:
        yield platform, child.digest
        return
    document = read_document(_document(blobs, child.digest), child.digest)
    if isinstance(document, Manifest):
        yield _config(blobs, document).platform.text, child.digest


def base_layers(blobs: Blobs, digest: str, platform: str) -> tuple[str, ...]:
    """The uncompressed digests of a base image's layers, none where it is not held here."""
    if not digest or blobs.size_bytes(digest) is None:
        return ()
    for name, child in manifests_of(blobs, digest):
        if name == platform and blobs.size_bytes(child) is not None:
            manifest = _manifest(blobs, child)
            if blobs.size_bytes(manifest.config.digest) is not None:
                return _config(blobs, manifest).rootfs.diff_ids
    return ()


def read_image(blobs: Blobs, digest: str, bounds: Bounds = Bounds()) -> ReadImage:
    """Reads the image of one platform's manifest.

    Raises ``StepFailed`` for what is no image, was tampered with, or is beyond the bounds;
    ``Unavailable`` for content that is not held or a compression that is not understood.
    """
    manifest = _manifest(blobs, digest)
    config = _config(blobs, manifest)
    if len(config.rootfs.diff_ids) != len(manifest.layers):
        counts = f"{len(manifest.layers)} layers, its configuration {len(config.rootfs.diff_ids)}"
        raise _tampered(digest, f"the manifest has {counts}")
    image = ReadImage(digest, manifest, config)
    for number in range(len(manifest.layers)):
        _read_layer(image, blobs, number, bounds)
    return image


def _read_layer(image: ReadImage, blobs: Blobs, number: int, bounds: Bounds) -> None:
    descriptor = image.manifest.layers[number]
    with blobs.open(descriptor.digest) as content:
        blocks = tar.Blocks(opened(content, descriptor.digest), descriptor.digest)
        folder = _unpacked(image, number, blocks, bounds)
    expected = image.config.rootfs.diff_ids[number]
    if blocks.digest != expected:
        raise _tampered(descriptor.digest, f"it holds {blocks.digest}, not {expected}")
    layer = LayerFiles(descriptor, links=folder.links)
    for seen in folder.seen.values():
        layer.files += seen.entry.kind is not Kind.DIRECTORY
        layer.size_bytes += seen.entry.size_bytes
    image.layers.append(layer)
    image.overlay.lay(folder)


def _unpacked(image: ReadImage, number: int, blocks: tar.Blocks, bounds: Bounds) -> Folder:
    try:
        return Folder(_inspected(image, number, blocks, bounds), number)
    except StepFailed as error:
        error.where = error.where or blocks.where
        raise


def _inspected(
    image: ReadImage, number: int, blocks: tar.Blocks, bounds: Bounds
) -> Iterator[Entry]:
    for entry, content in tar_entries(blocks, bounds):
        if content is not None and entry.size_bytes:
            _inspect(image, number, entry, content)
        yield entry


def _inspect(image: ReadImage, number: int, entry: Entry, content: tar.Content) -> None:
    path = entry.path
    is_document = path in OS_RELEASE or path.endswith("-info/RECORD")
    head = content.read(DOCUMENT_MAX_BYTES if is_document else secrets.HEAD_BYTES)
    if is_document:
        _keep_document(image, path, head.decode("utf-8", "replace"))
    what = secrets.by_name(path, head)
    holds = secrets.by_content(head)
    if what or holds:
        image.suspects.append(Suspect(number, path, what, holds))
    if entry.size_bytes >= SAME_LEAST_BYTES:
        digest = hashlib.sha256(head)
        for piece in content.pieces():
            digest.update(piece)
        _keep_content(image, digest.digest()[:_DIGEST_BYTES], (number, path))


def _keep_content(image: ReadImage, digest: bytes, place: Place) -> None:
    first = image.first.setdefault(digest, place)
    if first is not place:
        image.same.setdefault(digest, [first]).append(place)


def _keep_document(image: ReadImage, path: str, text: str) -> None:
    if path in OS_RELEASE:
        image.os_release[path] = text
        return
    folder = metadata_folder(path)
    if folder is not None:
        image.targets.setdefault(folder, set()).update(record_names(text))


def _manifest(blobs: Blobs, digest: str) -> Manifest:
    document = read_document(_document(blobs, digest), digest)
    if isinstance(document, Index):
        raise StepFailed("this is an index of several platforms, not an image", where=digest)
    if document.artifact_type or not document.layers and not document.config.size_bytes:
        raise StepFailed("this is an attachment, not an image", where=digest)
    return document


def _config(blobs: Blobs, manifest: Manifest) -> ImageConfig:
    digest = manifest.config.digest
    return read_config(_document(blobs, digest), digest)


def _document(blobs: Blobs, digest: str) -> bytes:
    with blobs.open(digest) as content:
        body = content.read(MANIFEST_MAX_BYTES + 1)
    found = digest_of(body)
    if found != digest:
        raise _tampered(digest, f"it holds {found}")
    return body


def _tampered(where: str, why: str) -> StepFailed:
    message = f"this is not what its name says: {why}"
    return StepFailed(message, where=where, hint="pull or build the image anew")
