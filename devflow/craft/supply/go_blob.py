"""What Go's linker wrote into a program: by which Go it was built, and of which modules.

The blob begins with a header of 32 bytes, 16 of which name it, where an address can be divided by
16; two strings follow, each after its length as a varint (Go's own ``debug/buildinfo``, since Go
1.18; older programs, which hold addresses in place of the strings, are not read).
"""

from dataclasses import dataclass
from typing import Final

MAGIC: Final = b"\xff Go buildinf:"
_ALIGNED_BYTES: Final = 16
_HEADER_BYTES: Final = 32
_FLAGS_AT: Final = 15
_HAS_STRINGS: Final = 2
# bytes; a program of 1,000 modules has 100 kB
_STRING_MAX_BYTES: Final = 4 * 1024 * 1024
# stands before and behind the modules, for who looks for them without the header
_SENTINEL_BYTES: Final = 16


class GoBlob:
    """Takes a program's bytes piece by piece. ``text`` is its Go's version, and the lines of its
    modules below; empty as long as none was found."""

    def __init__(self) -> None:
        self.text = ""
        self._kept = b""
        self._at = 0

    def take(self, piece: bytes) -> None:
        """The next bytes."""
        if self.text:
            return
        kept = self._kept + piece
        start = kept.find(MAGIC)
        while start >= 0:
            text = self._read(kept, start)
            if text is None:
                # not all of it is here yet
                self._keep(kept, start)
                return
            if text:
                self.text = text
                return
            start = kept.find(MAGIC, start + 1)
        self._keep(kept, max(0, len(kept) - len(MAGIC) + 1))

    def _keep(self, kept: bytes, start: int) -> None:
        self._kept = kept[start:]
        self._at += start

    def _read(self, kept: bytes, start: int) -> str | None:
        """The text of a blob; empty where there is none, ``None`` where more has to be known."""
        if (self._at + start) % _ALIGNED_BYTES:
            return ""
        if len(kept) - start < _HEADER_BYTES:
            return None
        if not kept[start + _FLAGS_AT] & _HAS_STRINGS:
            return ""
        blob = kept[start:]
        version = _string(blob, _HEADER_BYTES)
        if version is None:
            return None
        modules = _string(blob, _HEADER_BYTES + version.taken)
        if modules is None:
            return None
        if not version.value.startswith(b"go"):
            return ""
        told = modules.value[_SENTINEL_BYTES:-_SENTINEL_BYTES]
        return (version.value + b"\n" + told).decode("utf-8", "replace")


@dataclass(frozen=True)
class _String:
    """A string, and how many bytes it took with its length."""

    value: bytes
    taken: int


def _string(blob: bytes, at: int) -> _String | None:
    """What stands there; ``None`` where more has to be known. One that is too long is none."""
    length = 0
    for index, byte in enumerate(blob[at : at + 5]):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            begin = at + index + 1
            if length > _STRING_MAX_BYTES:
                return _String(b"", index + 1)
            if len(blob) < begin + length:
                return None
            return _String(blob[begin : begin + length], index + 1 + length)
    return None if len(blob) < at + 5 else _String(b"", 5)
