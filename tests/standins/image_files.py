"""Images that tests make: layers of files with known bytes, in a store in memory."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from typing import Dict, List, Sequence, Tuple

from devflow.craft.oci.formats import (
    CONFIG,
    INDEX,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    Execution,
    History,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem,
    encoded,
)
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, write_layer
from devflow.testing.images import MemoryBlobs

File = Tuple[Entry, bytes]


def file(path: str, content: bytes = b"", mode: int = 0o644) -> File:
    return Entry(path, Kind.FILE, mode, size_bytes=len(content)), content


def folder(path: str, mode: int = 0o755) -> File:
    return Entry(path, Kind.DIRECTORY, mode), b""


def symlink(path: str, to: str) -> File:
    return Entry(path, Kind.SYMLINK, 0o777, link=to), b""


def hardlink(path: str, to: str) -> File:
    return Entry(path, Kind.HARDLINK, link=to), b""


def layer_of(files: Sequence[File]) -> Tuple[bytes, str]:
    """A layer as ours are written, and its uncompressed digest."""
    to = io.BytesIO()
    sources = []
    for entry, content in files:
        sources.append(Source(entry, lambda content=content: io.BytesIO(content)))
    written = write_layer(sources, to)
    return to.getvalue(), written.diff_id


def raw_layer(files: Sequence[File]) -> Tuple[bytes, str]:
    """A layer with exactly these entries in this order, as others may write one."""
    types = {
        Kind.FILE: tarfile.REGTYPE,
        Kind.DIRECTORY: tarfile.DIRTYPE,
        Kind.SYMLINK: tarfile.SYMTYPE,
        Kind.HARDLINK: tarfile.LNKTYPE,
        Kind.DEVICE: tarfile.CHRTYPE,
        Kind.FIFO: tarfile.FIFOTYPE,
    }
    to = io.BytesIO()
    with tarfile.open(fileobj=to, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry, content in files:
            member = tarfile.TarInfo(entry.path)
            member.type = types[entry.kind]
            member.mode = entry.mode
            member.linkname = entry.link
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    plain = to.getvalue()
    return gzip.compress(plain, 1, mtime=0), f"sha256:{hashlib.sha256(plain).hexdigest()}"


@dataclass
class Golden:
    """An image in the making; ``digest`` after ``made``."""

    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    layers: List[Tuple[bytes, str]] = field(default_factory=list)
    history: List[History] = field(default_factory=list)
    execution: Execution = Execution(user="app", working_dir="/app")
    annotations: Dict[str, str] = field(default_factory=dict)
    architecture: str = "amd64"

    def layer(self, *files: File, by: str = "COPY . /app", raw: bool = False) -> "Golden":
        self.layers.append(raw_layer(files) if raw else layer_of(files))
        self.history.append(History(created_by=by))
        return self

    def line(self, by: str) -> "Golden":
        self.history.append(History(created_by=by, empty_layer=True))
        return self

    def config(self) -> ImageConfig:
        diff_ids = tuple(diff_id for _, diff_id in self.layers)
        return ImageConfig(
            architecture=self.architecture,
            os="linux",
            config=self.execution,
            rootfs=RootFilesystem(diff_ids=diff_ids),
            history=tuple(self.history),
        )

    def made(self) -> str:
        """Keeps all, and answers the manifest's digest."""
        body = encoded(self.config())
        config = Descriptor(media_type=CONFIG, digest=self.blobs.keep(body), size_bytes=len(body))
        layers = []
        for content, _ in self.layers:
            digest = self.blobs.keep(content)
            layers.append(Descriptor(media_type=LAYER_GZIP, digest=digest, size_bytes=len(content)))
        manifest = Manifest(config=config, layers=tuple(layers), annotations=self.annotations)
        return self.blobs.keep(encoded(manifest))


def index_of(blobs: MemoryBlobs, images: Dict[str, str]) -> str:
    """An index of manifests by platform."""
    manifests = []
    for name, digest in images.items():
        os_name, architecture = name.split("/")
        one = Descriptor(
            media_type=MANIFEST,
            digest=digest,
            size_bytes=len(blobs.held[digest]),
            platform=Platform(os=os_name, architecture=architecture),
        )
        manifests.append(one)
    return blobs.keep(encoded(Index(media_type=INDEX, manifests=tuple(manifests))))
