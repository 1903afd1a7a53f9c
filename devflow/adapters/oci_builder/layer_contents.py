"""What is in layers that are in the store: each is unpacked at most once, where its entries or one
of its files is first asked for."""

import os
import tempfile
import weakref
from dataclasses import dataclass
from typing import IO, Final, Iterable

from devflow.adapters.images.store import Store
from devflow.adapters.machine.once import Once
from devflow.craft.oci.elf import HEADER_BYTES, machine_of
from devflow.craft.oci.layers import Entry, Kind, entries
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

CHUNK_BYTES: Final = 1024 * 1024


class Slice:
    """A part of an open file, as a stream; the file stays open for other parts."""

    def __init__(self, file: IO[bytes], begin: int, size_bytes: int) -> None:
        self._file = file
        self._place = begin
        self._end = begin + size_bytes

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        left = self._end - self._place
        wanted = left if size < 0 else min(size, left)
        # by position: other parts of the file are read at the same time
        data = os.pread(self._file.fileno(), wanted, self._place)
        self._place += len(data)
        return data

    def __enter__(self) -> "Slice":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class _Unpacked:
    """A layer's entries in their order, the contents one after the other in a temporary file."""

    entries: list[Entry]
    pack: IO[bytes]
    places: dict[str, tuple[int, int]]


class LayerContents:
    """The files of the layers of a store; may be asked by several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unpacked: Once[_Unpacked] = Once()

    def entries(self, digest: str) -> list[Entry]:
        """All of a layer, in its order. Raises ``StepFailed`` for a layer that is refused."""
        return self._of(digest).entries

    def file_bytes(self, digest: str, path: str) -> int:
        """The size of a file. Raises ``StepFailed`` where it is not there."""
        return self._place(digest, path)[1]

    def open(self, digest: str, path: str) -> IO[bytes]:
        """One file of a layer. Raises ``StepFailed`` where it is not there."""
        begin, size_bytes = self._place(digest, path)
        return Slice(self._of(digest).pack, begin, size_bytes)  # type: ignore[return-value]

    def _place(self, digest: str, path: str) -> tuple[int, int]:
        places = self._of(digest).places
        if path not in places:
            raise StepFailed(f"{path} is not in its layer", where=digest)
        return places[path]

    def _of(self, digest: str) -> _Unpacked:
        return self._unpacked.get(digest, lambda: self._unpack(digest))

    def _unpack(self, digest: str) -> _Unpacked:
        found = _Unpacked([], tempfile.TemporaryFile(prefix="devflow-layer-"), {})
        weakref.finalize(self, found.pack.close)
        with self._store.open(digest) as stream:
            for entry, content in entries(stream, digest):
                found.entries.append(entry)
                if content is None:
                    continue
                found.places[entry.path] = (found.pack.tell(), entry.size_bytes)
                while chunk := content.read(CHUNK_BYTES):
                    found.pack.write(chunk)
        # contents are read by position, past the file's own buffer
        found.pack.flush()
        return found


def machine_in(sources: Iterable[Source]) -> str:
    """What the programs of a layer were compiled for: one processor, unless all went wrong."""
    found: set[str] = set()
    for source in sources:
        if source.entry.kind is Kind.FILE and source.entry.size_bytes >= HEADER_BYTES:
            with source.content() as content:
                machine = machine_of(content.read(HEADER_BYTES))
            if machine:
                found.add(machine)
    return " and ".join(sorted(found))
