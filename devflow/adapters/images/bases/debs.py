"""Debian packages read without dpkg: an ``ar`` archive of two tars."""

import io
import lzma
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Iterator

from devflow.model.errors import StepFailed

_MAGIC: Final = b"!<arch>\n"
_HEADER_BYTES: Final = 60
_SIZE: Final = slice(48, 58)


@dataclass(frozen=True)
class Deb:
    """One ``.deb``. Raises ``StepFailed`` for what is none."""

    path: Path

    @cached_property
    def control(self) -> str:
        """The stanza that describes it."""
        with self._tar("control.tar") as tar:
            found = tar.extractfile("./control")
            assert found is not None
            return found.read().decode()

    @property
    def fields(self) -> dict[str, str]:
        """The one-line fields of the stanza."""
        lines = [line for line in self.control.splitlines() if line[:1].strip()]
        pairs = [line.partition(":") for line in lines]
        return {name: value.strip() for name, _, value in pairs}

    def members(self) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        """Its files with their content, in their order."""
        with self._tar("data.tar") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                yield member, content.read() if content else b""

    def _tar(self, name: str) -> tarfile.TarFile:
        for found, content in self._parts():
            if found.startswith(name):
                if found.endswith(".xz"):
                    content = lzma.decompress(content)
                # gzip and plain are told by the first bytes; Debian's archive has no zstd
                return tarfile.open(fileobj=io.BytesIO(content), mode="r:*")
        raise StepFailed(f"this is no Debian package: it has no {name}", where=str(self.path))

    def _parts(self) -> Iterator[tuple[str, bytes]]:
        content = self.path.read_bytes()
        if not content.startswith(_MAGIC):
            raise StepFailed("this is no Debian package", where=str(self.path))
        place = len(_MAGIC)
        while place + _HEADER_BYTES <= len(content):
            header = content[place : place + _HEADER_BYTES]
            name = header[:16].decode("ascii", "replace").strip().rstrip("/")
            size = int(header[_SIZE])
            place += _HEADER_BYTES
            yield name, content[place : place + size]
            # members begin at even places
            place += size + size % 2
