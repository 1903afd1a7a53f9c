"""Images that lie in a file or folder: an OCI layout, a tar of one, or what `docker save` writes.

Nothing is unpacked: a tar's blobs are read where they lie. A blob's name is a claim until whoever
reads it has hashed it; the analysis does.
"""

import io
import json
import posixpath
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Iterator, Mapping, cast

from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import (
    CONFIG,
    LAYER,
    MANIFEST_MAX_BYTES,
    Descriptor,
    Index,
    Manifest,
    digest_of,
    encoded,
    read_config,
    read_document,
)
from devflow.model.errors import StepFailed, Unavailable, UsageError

INDEX_NAME: Final = "index.json"
SAVED_NAME: Final = "manifest.json"
BLOBS: Final = "blobs/sha256/"
# members of a tar; an image has at most some hundred layers, and three files for each
MEMBERS_MAX: Final = 10_000
# an annotation of the image layout, and what skopeo and podman write beside it
_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


# the tags of what is attached to an image, by cosign and by the specification's fallback
_ATTACHED: Final = re.compile(r"sha256-[0-9a-f]{64}(\..*)?")


@dataclass(frozen=True)
class SavedImage:
    """An image of a file: the name that it was saved with, and its index's or manifest's digest."""

    name: str
    digest: str


class SavedLayout:
    """An OCI layout in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = Store(folder)

    def images(self) -> tuple[SavedImage, ...]:
        """What the layout's index names. Raises ``StepFailed`` where it is none."""
        where = str(self._folder / INDEX_NAME)
        with (self._folder / INDEX_NAME).open("rb") as content:
            return _named(content.read(MANIFEST_MAX_BYTES + 1), where)

    def open(self, digest: str) -> BinaryIO:
        """The content. Raises ``Unavailable`` where it is not held."""
        if self._store.size_bytes(digest) is None:
            raise _missing(digest, self._folder)
        return self._store.open(digest)

    def size_bytes(self, digest: str) -> int | None:
        """How large it is, ``None`` where it is not held."""
        return self._store.size_bytes(digest)


class SavedTar:
    """A tar of an OCI layout or of `docker save`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members: dict[str, tarfile.TarInfo] = {}
        self._places: dict[str, tarfile.TarInfo] = {}
        self._documents: dict[str, bytes] = {}
        try:
            with tarfile.open(path, "r:") as tar:
                for member in tar:
                    self._members[posixpath.normpath(member.name)] = member
                    if len(self._members) > MEMBERS_MAX:
                        raise StepFailed("this tar has too many members", where=str(path))
        except tarfile.TarError as error:
            raise _no_image(path, "it is no tar, or a compressed one: unpack it first") from error
        for name, member in self._members.items():
            if name.startswith(BLOBS) and member.isreg():
                self._places[f"sha256:{name.removeprefix(BLOBS)}"] = member

    def images(self) -> tuple[SavedImage, ...]:
        """What was saved. Raises ``StepFailed`` where the tar holds no image."""
        if INDEX_NAME in self._members:
            return _named(self._read(INDEX_NAME), f"{INDEX_NAME} of {self._path}")
        if SAVED_NAME in self._members:
            return tuple(self._saved())
        raise _no_image(self._path, f"it has neither {INDEX_NAME} nor {SAVED_NAME}")

    def open(self, digest: str) -> BinaryIO:
        """The content. Raises ``Unavailable`` where it is not held."""
        if digest in self._documents:
            return io.BytesIO(self._documents[digest])
        member = self._places.get(digest)
        if member is None:
            raise _missing(digest, self._path)
        part = _Part(self._path, member.offset_data, member.size)
        return cast(BinaryIO, io.BufferedReader(part))

    def size_bytes(self, digest: str) -> int | None:
        """How large it is, ``None`` where it is not held."""
        if digest in self._documents:
            return len(self._documents[digest])
        member = self._places.get(digest)
        return None if member is None else member.size

    def _read(self, name: str) -> bytes:
        member = self._member(name)
        if member.size > MANIFEST_MAX_BYTES:
            raise _no_image(self._path, f"{name} has {member.size:,} bytes")
        with _Part(self._path, member.offset_data, member.size) as part:
            return part.readall()

    def _member(self, name: str) -> tarfile.TarInfo:
        member = self._members.get(posixpath.normpath(name))
        if member is not None and member.issym():
            # docker before 25 saves a layer that two images share once
            target = posixpath.join(posixpath.dirname(member.name), member.linkname)
            member = self._members.get(posixpath.normpath(target))
        if member is None or not member.isreg():
            raise _no_image(self._path, f"{name} is missing")
        return member

    def _saved(self) -> Iterator[SavedImage]:
        """The images of `docker save`, each with a manifest made here: it has none of its own."""
        for entry in self._entries():
            config = self._read(entry["Config"])
            names = entry.get("RepoTags") or [""]
            diff_ids = read_config(config, entry["Config"]).rootfs.diff_ids
            if len(diff_ids) != len(entry["Layers"]):
                raise _no_image(self._path, "its configuration has other layers than it holds")
            layers = []
            for diff_id, name in zip(diff_ids, entry["Layers"]):
                member = self._member(name)
                self._places[diff_id] = member
                layer = Descriptor(media_type=LAYER, digest=diff_id, size_bytes=member.size)
                layers.append(layer)
            own = Descriptor(media_type=CONFIG, digest=self._keep(config), size_bytes=len(config))
            manifest = encoded(Manifest(config=own, layers=tuple(layers)))
            yield SavedImage(str(names[0]), self._keep(manifest))

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        try:
            entries = json.loads(self._read(SAVED_NAME))
        except ValueError as error:
            raise _no_image(self._path, f"{SAVED_NAME} is no JSON") from error
        if not isinstance(entries, list):
            raise self._unknown()
        for entry in entries:
            if not isinstance(entry, dict) or not isinstance(entry.get("Config"), str):
                raise self._unknown()
            if not isinstance(entry.get("Layers"), list):
                raise self._unknown()
            yield entry

    def _unknown(self) -> StepFailed:
        return _no_image(self._path, f"{SAVED_NAME} is not what `docker save` writes")

    def _keep(self, content: bytes) -> str:
        digest = digest_of(content)
        self._documents[digest] = content
        return digest


class _Part(io.RawIOBase):
    """A part of a file, by itself."""

    def __init__(self, path: Path, begin: int, size_bytes: int) -> None:
        self._file = path.open("rb")
        self._begin = begin
        self._size_bytes = size_bytes
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place within the part."""
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}
        self._at = max(0, starts[whence] + offset)
        return self._at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fills a buffer as far as the part goes."""
        wanted = min(len(buffer), max(0, self._size_bytes - self._at))
        self._file.seek(self._begin + self._at)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Closes the file too."""
        self._file.close()
        super().close()


Saved = SavedLayout | SavedTar


def saved_at(path: Path) -> Saved:
    """The images of a file or folder. Raises ``StepFailed`` where it holds none."""
    if path.is_dir():
        if not (path / INDEX_NAME).is_file():
            raise _no_image(path, f"an OCI layout has an {INDEX_NAME}")
        return SavedLayout(path)
    return SavedTar(path)


def chosen(saved: Saved, name: str, where: str) -> SavedImage:
    """The image of this name, or the only one. Raises ``UsageError`` where that cannot be told."""
    images = saved.images()
    fitting = [image for image in images if _is_meant(image, name)]
    distinct = {image.digest: image for image in fitting}
    if len(distinct) == 1:
        return fitting[0]
    names = ", ".join(sorted(image.name or image.digest for image in images)) or "none"
    if fitting:
        raise UsageError("it holds several images", where=where, hint=f"add :NAME, of {names}")
    raise UsageError(f'it holds no image called "{name}"', where=where, hint=f"it has: {names}")


def _is_meant(image: SavedImage, name: str) -> bool:
    if name:
        return image.name == name
    return not _ATTACHED.fullmatch(image.name)


def _named(body: bytes, where: str) -> tuple[SavedImage, ...]:
    index = read_document(body, where)
    if not isinstance(index, Index):
        raise StepFailed("this is no index of a layout", where=where)
    images = []
    for manifest in index.manifests:
        names = [manifest.annotations.get(key, "") for key in _NAMES]
        named = [name for name in names if name]
        images.append(SavedImage(named[-1] if named else "", manifest.digest))
    return tuple(images)


def _missing(digest: str, where: Path) -> Unavailable:
    hint = "save the image anew, with all of its layers"
    return Unavailable(f"it does not hold {digest}", where=str(where), hint=hint)


def _no_image(where: Path, why: str) -> StepFailed:
    hint = "give an OCI layout, a tar of one, or what `docker save` wrote"
    return StepFailed(f"this holds no image: {why}", where=str(where), hint=hint)
