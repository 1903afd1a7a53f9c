"""What an instruction changed, as the entries of a layer: new and changed ones, and markers for
what was removed."""

from typing import Iterator, Mapping

from devflow.craft.dockerfile.filesystem import Filesystem
from devflow.craft.oci.layers import WHITEOUT, Entry, Kind
from devflow.craft.oci.writing import Source


def layer_of(files: Filesystem, before: Mapping[str, Source]) -> Iterator[Source]:
    """The entries of the layer that holds the changes of ``files`` since ``before``.

    A folder that was removed and made again is opaque only by its children's markers: each is
    named, since a marker beside a folder of its name would bring deleted files back.
    """
    for path, source in sorted(files.changes.items()):
        now = files.files.get(path)
        if now is not None:
            yield now
        elif path in before and not _is_covered(path, files):
            folder, _, name = path.rpartition("/")
            marker = f"{folder}/{WHITEOUT}{name}" if folder else f"{WHITEOUT}{name}"
            yield Source(Entry(marker, Kind.FILE))


def _is_covered(path: str, files: Filesystem) -> bool:
    """Whether a folder above was removed or replaced too: its own marker covers what was below."""
    folder = path.rpartition("/")[0]
    while folder:
        above = files.files.get(folder)
        if above is None or above.entry.kind is not Kind.DIRECTORY:
            return True
        folder = folder.rpartition("/")[0]
    return False
