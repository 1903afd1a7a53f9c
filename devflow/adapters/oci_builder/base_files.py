"""The files of a base image, read once: entries in memory, contents in one temporary file."""

import os
import tempfile
import weakref
from dataclasses import dataclass, replace
from typing import IO, BinaryIO, Callable, Final, Iterator

from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import ImageConfig, Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import Entry, Kind, entries
from devflow.craft.oci.overlay import Overlay
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed, Unavailable

CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class BaseFiles:
    """One platform of a base image."""

    digest: str
    sources: dict[str, Source]


class Slice:
    """A part of an open file, as a stream; the file stays open for other parts."""

    def __init__(self, file: IO[bytes], begin: int, size_bytes: int) -> None:
        self._file = file
        self._place = begin
        self._end = begin + size_bytes

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        left = self._end - self._place
        wanted = left if size < 0 else min(size, left)
        # by position: other parts of the file are read at the same time
        data = os.pread(self._file.fileno(), wanted, self._place)
        self._place += len(data)
        return data

    def __enter__(self) -> "Slice":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


def platform_manifest(store: Store, index: str, platform: str) -> str:
    """The digest of one platform's manifest. Raises ``Unavailable`` where the image has none: a
    base for one platform alone would be taken for every other."""
    document = read_document(store.read(index), index)
    if isinstance(document, Manifest):
        hint = "name a base that is published for this platform"
        raise Unavailable(f"the base is no index of platforms ({index})", hint=hint)
    assert isinstance(document, Index)
    wanted = platform.split("/")
    for one in document.manifests:
        found = one.platform
        if found is not None and [found.os, found.architecture] == wanted[:2]:
            # arm64's own variant is v8, which is said or not
            if len(wanted) < 3 or found.variant in ("", wanted[2]):
                return one.digest
    raise Unavailable(f"the base has no image for {platform} ({index})", hint="name another base")


def read_platform(store: Store, digest: str) -> tuple[Manifest, ImageConfig]:
    """The documents of one platform's image. Raises ``StepFailed`` for what is none."""
    manifest = read_document(store.read(digest), digest)
    if not isinstance(manifest, Manifest):
        raise StepFailed("this is no image", where=digest)
    return manifest, read_config(store.read(manifest.config.digest), manifest.config.digest)


def read_base(store: Store, digest: str) -> BaseFiles:
    """The files of one platform's manifest, whose layers are in the store. Raises ``StepFailed``
    for a layer that is refused."""
    manifest, _ = read_platform(store, digest)
    pack = tempfile.TemporaryFile(prefix="devflow-base-")
    overlay = Overlay()
    contents: dict[tuple[int, str], tuple[int, int]] = {}
    for number, layer in enumerate(manifest.layers):
        with store.open(layer.digest) as stream:
            overlay.add(list(packed(stream, layer.digest, pack, (number, contents))))
    # contents are read by position, past the file's own buffer
    pack.flush()
    sources = {}
    for path, seen in overlay.visible.items():
        entry = seen.entry
        content = _content(pack, contents, seen.layer, entry)
        if entry.kind is Kind.HARDLINK:
            # an image of ours has no hard link to another layer's file
            size_bytes = contents[(seen.layer, entry.link)][1]
            entry = replace(entry, kind=Kind.FILE, link="", size_bytes=size_bytes)
        sources[path] = Source(entry, content)
    found = BaseFiles(digest, sources)
    weakref.finalize(found, pack.close)
    return found


def packed(
    stream: BinaryIO,
    where: str,
    pack: IO[bytes],
    place: tuple[int, dict[tuple[int, str], tuple[int, int]]],
) -> Iterator[Entry]:
    """The entries of a layer, their contents appended to ``pack``; where each lies is noted by its
    layer's number and path."""
    number, contents = place
    for entry, content in entries(stream, where):
        if content is not None:
            begin = pack.tell()
            while chunk := content.read(CHUNK_BYTES):
                pack.write(chunk)
            contents[(number, entry.path)] = (begin, entry.size_bytes)
        yield entry


def _content(
    pack: IO[bytes],
    contents: dict[tuple[int, str], tuple[int, int]],
    layer: int,
    entry: Entry,
) -> Callable[[], IO[bytes]]:
    begin, size_bytes = contents.get((layer, entry.link or entry.path), (0, 0))
    return lambda: Slice(pack, begin, size_bytes)  # type: ignore[return-value]
