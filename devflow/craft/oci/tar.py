"""A tar read as a stream of blocks: members in their order, at a fraction of the standard library's
time a member, with nothing seeked and nothing kept.

Formats: POSIX ustar and pax, GNU long names. A sparse member is refused: no engine writes one, and
its content is not what stands in the archive.
"""

import hashlib
import io
import zlib
from dataclasses import dataclass
from struct import Struct
from typing import IO, Final, Iterator, Mapping

from devflow.model.errors import StepFailed

BLOCK: Final = 512
CHUNK_BYTES: Final = 256 * 1024
# bytes; of a pax header or a long name: 256 times the longest path that Linux takes
EXTENSION_MAX_BYTES: Final = 1024 * 1024
DIGITS: Final = 20  # of a number in decimal; 64 bits have as many
_HEADER: Final = Struct("100s8s8s8s12s12x8sc100s6s82x155s12x")
_ZEROS: Final = bytes(BLOCK)
_CHECKSUM_BLANK: Final = b" " * 8
_ADLER: Final = 65521
REGULAR: Final = b"0"
HARD_LINK: Final = b"1"
SYMBOLIC_LINK: Final = b"2"
_CONTIGUOUS: Final = b"7"
_SPARSE: Final = b"S"
_PAX: Final = b"x"
_PAX_GLOBAL: Final = b"g"
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
# types whose size says nothing of content
_WITHOUT_CONTENT: Final = frozenset({HARD_LINK, SYMBOLIC_LINK, b"3", b"4", b"5", b"6"})


class Broken(StepFailed):
    """What is no tar, or ends before its end."""

    def __init__(self, why: str, where: str = "") -> None:
        message = f"this layer is refused: it cannot be read: {why}"
        super().__init__(message, where=where, hint="build the image anew")


@dataclass(slots=True)
class Member:
    """One member as its header says; ``type`` is the type flag, ``size_bytes`` that of content."""

    name: str
    type: bytes
    mode: int
    uid: int
    gid: int
    size_bytes: int
    link: str


class Blocks:
    """A stream with a chunk of it at hand; knows how much went by, and its digest. ``where`` names
    it in errors."""

    def __init__(self, source: IO[bytes], where: str = "") -> None:
        self.where = where
        self._read = source.read
        self._chunk = b""
        self._at = 0
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def take(self, size_bytes: int) -> bytes:
        """The next bytes, fewer only at the end."""
        end = self._at + size_bytes
        if end <= len(self._chunk):
            taken = self._chunk[self._at : end]
            self._at = end
            return taken
        parts = [self._chunk[self._at :]]
        missing = size_bytes - len(parts[0])
        while missing and self._pull():
            part = self._chunk[:missing]
            self._at = len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def pieces(self, size_bytes: int) -> Iterator[bytes]:
        """The next bytes in pieces as they come. Raises ``Broken`` where there are fewer."""
        left = size_bytes
        while left:
            if self._at == len(self._chunk) and not self._pull():
                raise Broken("it ends within a file", self.where)
            piece = self._chunk[self._at : self._at + left]
            self._at += len(piece)
            left -= len(piece)
            yield piece

    def skip(self, size_bytes: int) -> None:
        """Leaves bytes out. Raises ``Broken`` where there are fewer."""
        left = size_bytes
        while left:
            if self._at == len(self._chunk) and not self._pull():
                raise Broken("it ends within a file", self.where)
            step = min(left, len(self._chunk) - self._at)
            self._at += step
            left -= step

    def drained(self, at_most: int) -> None:
        """Reads to the end, so that the digest is that of all of it. Raises ``Broken`` where more
        follows than there may be."""
        while self._pull():
            if self.size_bytes > at_most:
                raise Broken("more follows than its bound", self.where)

    @property
    def digest(self) -> str:
        """Of what was read so far; of all after ``drained``."""
        return f"sha256:{self._hash.hexdigest()}"

    def _pull(self) -> bool:
        self._at = 0
        try:
            self._chunk = self._read(CHUNK_BYTES)
        except (zlib.error, EOFError, OSError) as error:
            raise Broken(str(error), self.where) from error
        self._hash.update(self._chunk)
        self.size_bytes += len(self._chunk)
        return bool(self._chunk)


class Content(io.RawIOBase):
    """A member's content; what is not read of it is skipped when the next member is asked for."""

    def __init__(self, blocks: Blocks, size_bytes: int) -> None:
        self._blocks = blocks
        self.left = size_bytes

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most so many bytes, all that is left by default. Raises ``Broken``."""
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        taken = self._blocks.take(wanted)
        if len(taken) < wanted:
            raise Broken("it ends within a file", self._blocks.where)
        self.left -= wanted
        return taken

    def readall(self) -> bytes:
        """All that is left."""
        return self.read()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fills a buffer as far as there is content."""
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def pieces(self) -> Iterator[bytes]:
        """All that is left, in pieces as they come. Raises ``Broken``."""
        for piece in self._blocks.pieces(self.left):
            self.left -= len(piece)
            yield piece


def members(blocks: Blocks) -> Iterator[tuple[Member, Content | None]]:
    """Each member with its content, ``None`` where its type has none. Ends after the archive's
    end, as engines do: what follows is not seen. Raises ``Broken``."""
    take = blocks.take
    extended: dict[str, str] = {}
    shared: dict[str, str] = {}
    while True:
        header = take(BLOCK)
        if not header or header == _ZEROS:
            return
        member = _member(header)
        kind = member.type
        if kind == _PAX:
            extended |= _records(_extension(blocks, member))
        elif kind == _PAX_GLOBAL:
            shared |= _records(_extension(blocks, member))
        elif kind == _LONG_NAME:
            extended["path"] = _text(_extension(blocks, member))
        elif kind == _LONG_LINK:
            extended["linkpath"] = _text(_extension(blocks, member))
        else:
            if extended or shared:
                _extend(member, {**shared, **extended})
                extended = {}
            yield from _with_content(blocks, member)


def _with_content(blocks: Blocks, member: Member) -> Iterator[tuple[Member, Content | None]]:
    if member.type == _SPARSE:
        raise Broken(f"{member.name} is a sparse file")
    if member.type in _WITHOUT_CONTENT:
        member.size_bytes = 0
        yield member, None
        return
    content = Content(blocks, member.size_bytes)
    yield member, content
    padding = -member.size_bytes % BLOCK
    blocks.skip(content.left + padding)


def _member(header: bytes) -> Member:
    if len(header) < BLOCK:
        raise Broken("it ends within a header")
    name, mode, uid, gid, size, checksum, kind, link, magic, prefix = _HEADER.unpack(header)
    # Adler's first half is one more than the sum of the bytes, computed in C
    blanked = header[:148] + _CHECKSUM_BLANK + header[156:]
    if (zlib.adler32(blanked) & 0xFFFF) != (_number(checksum) + 1) % _ADLER:
        raise Broken("a header's checksum is wrong")
    path = _text(name)
    # GNU's own magic has other fields where POSIX has the prefix
    if magic == b"ustar\0" and prefix[0]:
        path = f"{_text(prefix)}/{path}"
    is_regular = kind in (b"\0", _CONTIGUOUS)
    if is_regular:
        # before POSIX a directory was a file whose name ends with a slash
        is_old_directory = kind == b"\0" and path.endswith("/")
        kind = b"5" if is_old_directory else REGULAR
    size_bytes = _number(size)
    if size_bytes < 0:
        raise Broken(f"{path} has a size below nothing")
    return Member(path, kind, _number(mode), _number(uid), _number(gid), size_bytes, _text(link))


def _number(field: bytes) -> int:
    first = field[0]
    if first & 0x80:
        # GNU's base 256, with a sign
        value = int.from_bytes(field, "big")
        bits = 8 * len(field)
        return value - (1 << bits) if first == 0xFF else value - (0x80 << (bits - 8))
    digits = field.strip(b"\0 ")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise Broken("a header's number is none") from None


def _text(field: bytes) -> str:
    end = field.find(b"\0")
    return (field if end < 0 else field[:end]).decode("utf-8", "surrogateescape")


def _extension(blocks: Blocks, member: Member) -> bytes:
    if member.size_bytes > EXTENSION_MAX_BYTES:
        raise Broken("a header is beyond its bound")
    content = blocks.take(member.size_bytes)
    if len(content) < member.size_bytes:
        raise Broken("it ends within a header")
    blocks.skip(-member.size_bytes % BLOCK)
    return content


def _records(content: bytes) -> dict[str, str]:
    """Pax records: each its own length in decimal, a space, key=value, a newline."""
    records = {}
    at = 0
    while at < len(content) and content[at] != 0:
        space = content.find(b" ", at)
        length = content[at:space] if space > 0 else b""
        end = at + int(length) if length.isdigit() and len(length) < DIGITS else at
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        # one that takes nothing would be read for ever
        if not at < end <= len(content) or content[end - 1 : end] != b"\n" or not equals:
            raise Broken("a pax header is malformed")
        records[_decoded(key)] = _decoded(value)
        at = end
    return records


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _extend(member: Member, records: Mapping[str, str]) -> None:
    if any(key.startswith("GNU.sparse.") for key in records):
        raise Broken(f"{member.name} is a sparse file")
    member.name = records.get("path", member.name)
    member.link = records.get("linkpath", member.link)
    member.size_bytes = _decimal(records, "size", member.size_bytes)
    member.uid = _decimal(records, "uid", member.uid)
    member.gid = _decimal(records, "gid", member.gid)


def _decimal(records: Mapping[str, str], key: str, otherwise: int) -> int:
    text = records.get(key)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS:
        raise Broken(f"the {key} of a pax header is no number")
    return int(text)
