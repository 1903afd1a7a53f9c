"""The members of a Debian package, which is an ar archive of two tars."""

from typing import Final

_MAGIC: Final = b"!<arch>\n"
_HEADER_BYTES: Final = 60


def member(deb: bytes, stem: str) -> bytes | None:
    """The first member whose name begins so. Raises ``ValueError`` for a header that is none."""
    if not deb.startswith(_MAGIC):
        return None
    place = len(_MAGIC)
    while place + _HEADER_BYTES <= len(deb):
        header = deb[place : place + _HEADER_BYTES]
        name = header[:16].decode("ascii", "replace").strip().rstrip("/")
        size_bytes = int(header[48:58])
        if size_bytes < 0:
            # it would lead back, to be read for ever
            raise ValueError(f"{name} has a size below nothing")
        begin = place + _HEADER_BYTES
        if name.startswith(stem):
            return deb[begin : begin + size_bytes]
        place = begin + size_bytes + size_bytes % 2
    return None


def made_s(deb: bytes) -> int:
    """When a package was built, in seconds since the epoch, by its first member's header."""
    return int(deb[len(_MAGIC) + 16 : len(_MAGIC) + 28])
