"""The changelog in a Debian package: an ar archive, a tar in it, a gzip in that."""

import gzip
import io
import lzma
import re
import tarfile
from dataclasses import dataclass
from typing import Final, Iterator

from devflow.adapters.debian.ar import member

_CHANGELOG: Final = re.compile(r"\./usr/share/doc/[^/]+/changelog(\.Debian)?\.gz")
# bytes; the longest of Debian, the kernel's, has 5 MB
CHANGELOG_MAX_BYTES: Final = 16 * 1024 * 1024
_ENTRY: Final = re.compile(r"^[a-z0-9][a-z0-9+.-]* \(([^)\s]+)\) ", re.MULTILINE)
_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True)
class Entry:
    """One version's changes, and the ids that they name."""

    version: str
    ids: tuple[str, ...]


def changelog(deb: bytes) -> tuple[Entry, ...]:
    """The entries of a package's changelog, the newest first; none where it carries none (its
    documents may be a link to another package's), or cannot be read."""
    try:
        text = _text(deb)
    except (tarfile.TarError, lzma.LZMAError, OSError, EOFError, ValueError):
        return ()
    return tuple(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    begins = list(_ENTRY.finditer(text))
    for number, begin in enumerate(begins):
        following = begins[number + 1 : number + 2]
        end = following[0].start() if following else len(text)
        ids = sorted(set(_CVE.findall(text, begin.end(), end)))
        yield Entry(begin[1], tuple(ids))


def _text(deb: bytes) -> str:
    content = member(deb, "data.tar")
    if content is None:
        return ""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|*") as tar:
        for one in tar:
            if one.isreg() and _CHANGELOG.fullmatch(one.name):
                stream = tar.extractfile(one)
                assert stream is not None
                with gzip.open(stream) as unpacked:
                    return unpacked.read(CHANGELOG_MAX_BYTES).decode("utf-8", "replace")
    return ""
