"""An image taken out of the engine, into the store, as OCI documents.

The engine hands out one tar with the layers unpacked. They are packed here, the same bytes for the
same content; while they pass through, their files are counted and the programs' headers read.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, BinaryIO, Final, Iterable, Iterator, cast

from devflow.adapters.images.store import Store
from devflow.craft.oci.elf import HEADER_BYTES, machine_of
from devflow.craft.oci.formats import (
    CONFIG,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    ImageConfig,
    Manifest,
    Platform,
    encoded,
    json_bytes,
    read_config,
)
from devflow.craft.oci.layers import GZIP_MAGIC
from devflow.craft.oci.writing import LEVEL, Hashing
from devflow.model.errors import StepFailed
from devflow.model.images import PlatformImage

CHUNK_BYTES: Final = 1024 * 1024
# a configuration's document is small; a layer is not, and is never held in memory
_DOCUMENT_MAX_BYTES: Final = 4 * 1024 * 1024
_PODMANS_COMMENT: Final = "FROM "
# of this build and this machine, and not of the image
_OF_THE_BUILD: Final = ("container", "container_config", "parent", "moby.buildkit.buildinfo.v1")


@dataclass
class Packed:
    """A layer as it lies in the store."""

    descriptor: Descriptor
    diff_id: str
    files_bytes: int
    machines: Counter[str]


@dataclass
class _Archive:
    """What was in the engine's tar: documents by name, layers by name, and links to them."""

    documents: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, Packed] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def layer(self, name: str) -> Packed:
        """A layer by its name in the manifest."""
        target = self.links.get(name, name)
        if target not in self.layers:
            raise StepFailed(f"the engine's archive has no layer {name}")
        return self.layers[target]


class _Reader(io.RawIOBase):
    """Pieces as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """The next bytes."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(into), len(self._rest))
        into[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class _Packing(io.RawIOBase):
    """Reads a layer, and writes what is read, packed."""

    def __init__(self, layer: IO[bytes], to: BinaryIO) -> None:
        self._layer = layer
        self._to = Hashing(to)
        self._zipped = gzip.GzipFile("", "wb", LEVEL, fileobj=self._to, mtime=0)
        self._unpacked = hashlib.sha256()

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the layer, unpacked."""
        piece = self._layer.read(size)
        self._unpacked.update(piece)
        self._zipped.write(piece)
        return piece

    def finish(self) -> tuple[str, str, int]:
        """Reads what is left; the digests unpacked and packed, and the packed size."""
        while self.read(CHUNK_BYTES):
            continue
        self._zipped.close()
        return f"sha256:{self._unpacked.hexdigest()}", self._to.digest, self._to.size_bytes


def take(
    pieces: Iterable[bytes], store: Store, created: datetime
) -> tuple[Platform, PlatformImage]:
    """Puts the one image of an engine's archive into the store; its platform, and what is known of
    it but how many layers were cached.

    ``created`` is written as the image's time: the engine writes its own clock. Raises
    ``StepFailed`` for an archive that does not hold what it says, ``StorageFailed`` where the disk
    is full.
    """
    archive = _read(pieces, store)
    config_body, names = _contents(archive)
    layers = [archive.layer(name) for name in names]
    config = read_config(config_body, "the engine's archive")
    if tuple(layer.diff_id for layer in layers) != config.rootfs.diff_ids:
        raise StepFailed("the engine's archive does not hold the layers that its image names")
    written = _dated(config_body, created)
    config_digest = store.keep(written)
    described = Descriptor(media_type=CONFIG, digest=config_digest, size_bytes=len(written))
    manifest = Manifest(
        media_type=MANIFEST,
        config=described,
        layers=tuple(layer.descriptor for layer in layers),
    )
    digest = store.keep(encoded(manifest))
    return config.platform, _image(config, digest, layers)


def _image(config: ImageConfig, digest: str, layers: list[Packed]) -> PlatformImage:
    machines: Counter[str] = Counter()
    for layer in layers:
        machines += layer.machines
    (machine, _), *_ = machines.most_common(1) or [("", 0)]
    return PlatformImage(
        platform=config.platform.text,
        digest=digest,
        config_platform=config.platform.text,
        machine=machine,
        layers=len(layers),
        unpacked_bytes=sum(layer.files_bytes for layer in layers),
        compressed_bytes=sum(layer.descriptor.size_bytes for layer in layers),
    )


def _read(pieces: Iterable[bytes], store: Store) -> _Archive:
    archive = _Archive()
    try:
        source = io.BufferedReader(_Reader(pieces), CHUNK_BYTES)
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                if member.issym() or member.islnk():
                    archive.links[member.name] = _target(member)
                    continue
                content = tar.extractfile(member)
                if content is not None:
                    _sort(archive, member, content, store)
    except (tarfile.TarError, EOFError) as error:
        raise StepFailed(f"the engine's archive cannot be read: {error}") from error
    return archive


def _target(member: tarfile.TarInfo) -> str:
    if member.islnk():
        return member.linkname
    # the classic archive links a layer that stands twice: ../OTHER/layer.tar
    return member.linkname.removeprefix("../")


def _sort(archive: _Archive, member: tarfile.TarInfo, content: IO[bytes], store: Store) -> None:
    buffered = cast(io.BufferedReader, content)
    head = buffered.peek(512)[:512]
    is_layer = head.startswith(GZIP_MAGIC) or head[257:262] == b"ustar" or _is_empty_tar(head)
    if is_layer:
        archive.layers[member.name] = _packed(buffered, store)
    elif member.size <= _DOCUMENT_MAX_BYTES:
        archive.documents[member.name] = buffered.read()


def _is_empty_tar(head: bytes) -> bool:
    return len(head) == 512 and not any(head)


def _packed(layer: io.BufferedReader, store: Store) -> Packed:
    is_packed = layer.peek(2)[:2] == GZIP_MAGIC
    unpacked = cast(IO[bytes], gzip.GzipFile(fileobj=layer) if is_packed else layer)
    with store.writing() as part:
        packing = _Packing(unpacked, part)
        files_bytes = 0
        machines: Counter[str] = Counter()
        with tarfile.open(fileobj=packing, mode="r|") as tar:
            for size_bytes, machine in _programs(tar):
                files_bytes += size_bytes
                if machine:
                    machines[machine] += 1
        diff_id, digest, size_bytes = packing.finish()
        if store.size_bytes(digest) is None:
            store.commit(part, digest)
    descriptor = Descriptor(media_type=LAYER_GZIP, digest=digest, size_bytes=size_bytes)
    return Packed(descriptor, diff_id, files_bytes, machines)


def _programs(tar: tarfile.TarFile) -> Iterator[tuple[int, str]]:
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        header = content.read(HEADER_BYTES) if content is not None else b""
        yield member.size, machine_of(header)


def _contents(archive: _Archive) -> tuple[bytes, list[str]]:
    """The configuration, and the names of the layers."""
    try:
        (image,) = json.loads(archive.documents["manifest.json"])
        return archive.documents[image["Config"]], list(image["Layers"])
    except (KeyError, ValueError, TypeError) as error:
        raise StepFailed(f"the engine's archive holds no image: {error!r}") from error


def _dated(body: bytes, created: datetime) -> bytes:
    """A configuration with the commit's time in place of the engine's clock, and without what is of
    the build alone: the same layers are the same image again."""
    config = json.loads(body)
    moment = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    config["created"] = moment
    for line in config.get("history") or []:
        # a base's lines keep their own times, which are earlier
        line["created"] = min(str(line.get("created") or moment), moment)
        if str(line.get("comment", "")).startswith(_PODMANS_COMMENT):
            # the id of an image in between, which is another each time
            del line["comment"]
    # a container's in between
    (config.get("config") or {}).pop("Hostname", None)
    for key in _OF_THE_BUILD:
        config.pop(key, None)
    return json_bytes(config)
