"""The files of a layer, read as a stream and never trusted.

A layer is a tar that anybody may have written: an entry that would leave the image's root, or a
layer beyond its bounds, is refused before anything is made of it.
"""

import gzip
import hashlib
import tarfile
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, BinaryIO, Final, Iterator, cast

from devflow.model.errors import StepFailed

GZIP_MAGIC: Final = b"\x1f\x8b"
CHUNK_BYTES: Final = 256 * 1024
WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"


class Kind(StrEnum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    DEVICE = "device"
    FIFO = "fifo"


_KINDS: Final = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARDLINK,
    tarfile.CHRTYPE: Kind.DEVICE,
    tarfile.BLKTYPE: Kind.DEVICE,
    tarfile.FIFOTYPE: Kind.FIFO,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``path`` from the root without a slash before or after it, ``mode`` with the
    set-uid bits, ``link`` the target of a link, ``sha256`` (hex) a file's content where it was
    hashed."""

    path: str
    kind: Kind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    size_bytes: int = 0
    link: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Bounds:
    """How much a layer may hold before it is refused as a bomb."""

    entries: int = 1_000_000
    size_bytes: int = 50_000_000_000


def entries(
    layer: BinaryIO, where: str, bounds: Bounds = Bounds(), hashed: bool = False
) -> Iterator[tuple[Entry, IO[bytes] | None]]:
    """Every entry in the order of the tar, with a file's content to be read before the next one is
    asked for (``None`` where there is none, or where it was ``hashed``).

    The layer is gzip or plain, by its first bytes. Raises ``StepFailed`` for what is no tar, is
    beyond the bounds, or has an entry that leaves the root.
    """
    count = 0
    size_bytes = 0
    try:
        with tarfile.open(fileobj=opened(layer), mode="r|") as tar:
            for member in tar:
                count += 1
                size_bytes += member.size
                if count > bounds.entries or size_bytes > bounds.size_bytes:
                    raise _refused(where, "it holds more than its bound")
                content = tar.extractfile(member) if member.isreg() else None
                sha256 = _hashed(content) if hashed and content else ""
                yield _entry(member, where, sha256), None if hashed else content
    except (tarfile.TarError, EOFError, OSError, gzip.BadGzipFile) as error:
        raise _refused(where, f"it cannot be read: {error}") from error


def opened(layer: BinaryIO) -> IO[bytes]:
    """The tar within a layer."""
    begin = layer.read(len(GZIP_MAGIC))
    layer.seek(0)
    return cast(IO[bytes], gzip.GzipFile(fileobj=layer)) if begin == GZIP_MAGIC else layer


def _entry(member: tarfile.TarInfo, where: str, sha256: str) -> Entry:
    kind = _KINDS.get(member.type)
    if kind is None:
        raise _refused(where, f"{member.name} is of no known type")
    link = member.linkname if kind in (Kind.SYMLINK, Kind.HARDLINK) else ""
    if kind is Kind.HARDLINK:
        link = safe_path(link, where)
    return Entry(
        path=safe_path(member.name, where),
        kind=kind,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        size_bytes=member.size if kind is Kind.FILE else 0,
        link=link,
        sha256=sha256,
    )


def safe_path(name: str, where: str) -> str:
    """The path of an entry from the root. Raises ``StepFailed`` for one that is absolute or leaves
    it."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise _refused(where, f"{name!r} leaves the image's root")
    return "/".join(parts)


def _hashed(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _refused(where: str, why: str) -> StepFailed:
    return StepFailed(f"this layer is refused: {why}", where=where, hint="build the image anew")
