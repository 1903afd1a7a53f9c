"""What an image's layers hold: which files are seen, their hashes, and the contents of those few
that say what is installed. Each layer is read once.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import IO, Final, Iterator, Mapping, TypeVar

from devflow.craft.oci.formats import ImageConfig, Manifest, read_config, read_document
from devflow.craft.oci.layers import CHUNK_BYTES, Entry, entries
from devflow.craft.oci.overlay import Overlay, Seen
from devflow.craft.supply.go_blob import GoBlob
from devflow.model.errors import StepFailed
from devflow.ports.images import Blobs

# bytes; a full Debian desktop's dpkg status has 5 MB, and no other file here comes near
CONTENT_MAX_BYTES: Final = 16 * 1024 * 1024
DPKG: Final = "var/lib/dpkg/"
DPKG_STATUS: Final = f"{DPKG}status"
APK: Final = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
OS_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
_WANTED: Final = re.compile(
    r"(etc|usr/lib)/os-release"
    r"|var/lib/dpkg/(status|status\.d/[^/]+|info/[^/]+\.(list|md5sums))"
    r"|(usr/)?lib/apk/db/installed"
    r"|(.*/)?[^/]+\.dist-info/(METADATA|RECORD)"
    r"|(.*/)?node_modules/(@[^/]+/)?[^/]+/package\.json"
    r"|usr/share/doc/[^/]+/copyright"
)
_ELF: Final = b"\x7fELF"
Told = TypeVar("Told", str, bytes)


@dataclass(frozen=True)
class ImageFiles:
    """One platform's image: ``seen`` are the visible entries by path, each file with its hash,
    ``contents`` what the wanted ones say, ``programs`` what Go wrote into those that it has
    built."""

    digest: str
    config: ImageConfig
    seen: Mapping[str, Seen]
    contents: Mapping[str, bytes]
    programs: Mapping[str, str]


def read_files(blobs: Blobs, digest: str) -> ImageFiles:
    """The files of the platform whose manifest has this digest.

    Raises ``StepFailed`` for what is no manifest, or has a layer that is refused, ``Unavailable``
    for a layer that is not held.
    """
    manifest = _manifest(blobs, digest)
    with blobs.open(manifest.config.digest) as content:
        config = read_config(content.read(), manifest.config.digest)
    reader = _Reader()
    for layer in manifest.layers:
        reader.read(blobs, layer.digest)
    return ImageFiles(
        digest,
        config,
        seen=reader.overlay.visible,
        contents=reader.visible(reader.contents),
        programs=reader.visible(reader.programs),
    )


def _manifest(blobs: Blobs, digest: str) -> Manifest:
    with blobs.open(digest) as content:
        document = read_document(content.read(), digest)
    if not isinstance(document, Manifest):
        hint = "name one of its platforms' manifests"
        raise StepFailed("this is an index, not the image of one platform", where=digest, hint=hint)
    return document


class _Reader:
    """Lays layers over each other and keeps the wanted contents."""

    def __init__(self) -> None:
        self.overlay = Overlay()
        self.contents: dict[tuple[int, str], bytes] = {}
        self.programs: dict[tuple[int, str], str] = {}
        self._layers = 0

    def read(self, blobs: Blobs, digest: str) -> None:
        """One layer."""
        with blobs.open(digest) as layer:
            self.overlay.add(self._hashed(entries(layer, digest)))
        self._layers += 1

    def _hashed(self, found: Iterator[tuple[Entry, IO[bytes] | None]]) -> Iterator[Entry]:
        for entry, content in found:
            if content is None:
                yield entry
                continue
            is_wanted = _WANTED.fullmatch(entry.path) is not None
            if is_wanted and entry.size_bytes <= CONTENT_MAX_BYTES:
                whole = content.read()
                self.contents[self._layers, entry.path] = whole
                sha256 = hashlib.sha256(whole).hexdigest()
            else:
                sha256, built = _looked_through(content)
                if built:
                    self.programs[self._layers, entry.path] = built
            yield replace(entry, sha256=sha256)

    def visible(self, told: Mapping[tuple[int, str], Told]) -> dict[str, Told]:
        """Of what was read that which no higher layer replaced or deleted."""
        visible = {}
        for (layer, path), content in told.items():
            seen = self.overlay.visible.get(path)
            if seen is not None and seen.layer == layer:
                visible[path] = content
        return visible


def _looked_through(content: IO[bytes]) -> tuple[str, str]:
    """A file's hash, and what Go wrote into it."""
    digest = hashlib.sha256()
    blob = GoBlob()
    is_program = False
    while chunk := content.read(CHUNK_BYTES):
        is_program = is_program or chunk.startswith(_ELF)
        digest.update(chunk)
        if is_program:
            blob.take(chunk)
    return digest.hexdigest(), blob.text
