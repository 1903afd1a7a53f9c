"""What is in layers that were built before: their files where a later step reads them, each layer
unpacked once, and what programs are for."""

import tempfile
from typing import IO, Iterable

from devflow.adapters.images.store import Store
from devflow.adapters.oci_builder.base_files import Slice, packed
from devflow.craft.oci.elf import HEADER_BYTES, machine_of
from devflow.craft.oci.layers import Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

_Places = dict[tuple[int, str], tuple[int, int]]


class LayerContents:
    """The files of the layers of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unpacked: dict[str, tuple[IO[bytes], _Places]] = {}

    def open(self, digest: str, path: str) -> IO[bytes]:
        """One file of a layer. Raises ``StepFailed`` where it is not there."""
        if digest not in self._unpacked:
            self._unpacked[digest] = self._unpack(digest)
        pack, places = self._unpacked[digest]
        if (0, path) not in places:
            raise StepFailed(f"{path} is not in its layer", where=digest)
        return Slice(pack, *places[0, path])  # type: ignore[return-value]

    def _unpack(self, digest: str) -> tuple[IO[bytes], _Places]:
        pack = tempfile.TemporaryFile(prefix="devflow-layer-")
        places: _Places = {}
        with self._store.open(digest) as stream:
            for _ in packed(stream, digest, pack, (0, places)):
                pass
        pack.flush()
        return pack, places


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
