"""The files of a layer, read as a stream and never trusted.

A layer is a tar that anybody may have written: an entry that would leave the image's root, a
device, or a layer beyond its bounds, is refused before anything is made of it.
"""

import hashlib
import io
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, BinaryIO, Final, Iterator, cast

from devflow.craft.oci import tar
from devflow.model.errors import StepFailed, Unavailable

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
CHUNK_BYTES: Final = tar.CHUNK_BYTES
WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"
PATH_MAX_BYTES: Final = 4096  # bytes; Linux' PATH_MAX
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class Kind(StrEnum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    DEVICE = "device"
    FIFO = "fifo"


# one object a mode, in place of one an entry
_MODES: Final = tuple(range(0o10000))
_KINDS: Final = {
    tar.REGULAR: Kind.FILE,
    tar.HARD_LINK: Kind.HARDLINK,
    tar.SYMBOLIC_LINK: Kind.SYMLINK,
    b"3": Kind.DEVICE,
    b"4": Kind.DEVICE,
    b"5": Kind.DIRECTORY,
    b"6": Kind.FIFO,
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
    beyond the bounds, or has an entry that leaves the root; ``Unavailable`` for zstd.
    """
    blocks = tar.Blocks(opened(layer, where), where)
    for entry, content in tar_entries(blocks, bounds):
        if content is None:
            yield entry, None
        elif hashed:
            yield _hashed(entry, content), None
        else:
            yield entry, cast(IO[bytes], content)


def tar_entries(
    blocks: tar.Blocks, bounds: Bounds = Bounds()
) -> Iterator[tuple[Entry, tar.Content | None]]:
    """Every entry of a tar that is read in blocks, to its end: its digest is that of all then.
    Raises as ``entries`` does."""
    where = blocks.where
    count = 0
    size_bytes = 0
    try:
        for member, content in tar.members(blocks):
            count += 1
            size_bytes += member.size_bytes
            if count > bounds.entries or size_bytes > bounds.size_bytes:
                raise _refused(where, "it holds more than its bound")
            yield _entry(member, where), content
        blocks.drained(bounds.size_bytes + count * 4 * tar.BLOCK + CHUNK_BYTES)
    except tar.Broken as error:
        error.where = where
        raise


def opened(layer: BinaryIO, where: str = "") -> IO[bytes]:
    """The tar within a layer. Raises ``Unavailable`` for one that is compressed in a way that is
    not understood."""
    begin = layer.read(len(ZSTD_MAGIC))
    layer.seek(0)
    if begin == ZSTD_MAGIC:
        # Docker before 23 does not pull them either
        hint = "push it with gzip layers, as `skopeo copy --dest-compress-format gzip` does"
        raise Unavailable("this layer is compressed with zstd", where=where, hint=hint)
    if begin.startswith(GZIP_MAGIC):
        return cast(IO[bytes], Inflated(layer))
    return layer


class Inflated(io.RawIOBase):
    """What gzip data are of, in bounded memory: members one after another, as gzip concatenates
    them. Raises ``EOFError`` for data that end within a member, ``zlib.error`` for broken ones."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._zipped = b""
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._is_between = True

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most so many bytes; nothing only at the end."""
        if size is None or size < 0:
            return self.readall()
        while True:
            if not self._zipped:
                self._zipped = self._source.read(CHUNK_BYTES)
            if self._is_between:
                # zeros may pad what stands between members and at the end
                self._zipped = self._zipped.lstrip(b"\0")
                if not self._zipped:
                    if not (more := self._source.read(CHUNK_BYTES)):
                        return b""
                    self._zipped = more
                    continue
                self._is_between = False
            elif not self._zipped:
                raise EOFError("its compressed data end before their end marker")
            data = self._member.decompress(self._zipped, size)
            self._zipped = self._member.unconsumed_tail
            if self._member.eof:
                self._zipped = self._member.unused_data
                self._member = zlib.decompressobj(_GZIP_WINDOW)
                self._is_between = True
            if data:
                return data

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fills a buffer with what comes next."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _entry(member: tar.Member, where: str) -> Entry:
    kind = _KINDS.get(member.type)
    if kind is None:
        raise _refused(where, f"{member.name} is of no known type")
    if kind is Kind.DEVICE:
        # debootstrap makes some; engines mount a /dev of their own over them
        hint = "build it without devices: --exclude=./dev/*"
        raise _refused(where, f"{member.name} is a device", hint)
    path = safe_path(member.name, where)
    link = ""
    if kind is Kind.HARDLINK:
        link = safe_path(member.link, where)
    elif kind is Kind.SYMLINK:
        link = member.link
    size_bytes = member.size_bytes if kind is Kind.FILE else 0
    mode = _MODES[member.mode & 0o7777]
    return Entry(path, kind, mode, member.uid, member.gid, size_bytes, link)


def safe_path(name: str, where: str) -> str:
    """The path of an entry from the root. Raises ``StepFailed`` for one that is absolute or leaves
    it, or that no file system takes."""
    if name.startswith("/") or "\0" in name or len(name) > PATH_MAX_BYTES:
        raise _refused(where, f"{name[:200]!r} leaves the image's root")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _refused(where, f"{name[:200]!r} leaves the image's root")
    if parts and parts[-1] in _NO_WHITEOUTS:
        raise _refused(where, f"{name[:200]!r} deletes nothing that can have a name")
    return "/".join(parts)


# of nothing, of the folder itself, of the one above it
_NO_WHITEOUTS: Final = frozenset({WHITEOUT, f"{WHITEOUT}.", f"{WHITEOUT}.."})


def _hashed(entry: Entry, content: tar.Content) -> Entry:
    digest = hashlib.sha256()
    for piece in content.pieces():
        digest.update(piece)
    return replace(entry, sha256=digest.hexdigest())


def _refused(where: str, why: str, hint: str = "build the image anew") -> StepFailed:
    return StepFailed(f"this layer is refused: {why}", where=where, hint=hint)
