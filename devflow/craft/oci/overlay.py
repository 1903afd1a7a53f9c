"""What layers add up to, by the rules of overlay file systems as engines apply them.

Plain extraction, one tar over another, gives other files: a directory over a file, an opaque
marker, an entry below a path that is a symbolic link in a lower layer.
"""

from dataclasses import dataclass
from typing import Iterable, Mapping

from devflow.craft.oci.layers import OPAQUE, WHITEOUT, Entry, Kind


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that is visible in the image, and the layer that it comes from (0 the lowest)."""

    entry: Entry
    layer: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """An entry of a lower layer that a higher one replaced or deleted; its bytes are shipped and
    never seen."""

    entry: Entry
    layer: int
    by_layer: int
    deleted: bool


class Overlay:
    """The merged view, layer by layer."""

    def __init__(self) -> None:
        self.visible: dict[str, Seen] = {}
        self.hidden: list[Hidden] = []
        self.layers = 0
        self._below: dict[str, set[str]] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Lays one layer over those before it; each path counts once, as its last entry."""
        layer = self.layers
        self.layers += 1
        mine: dict[str, Entry] = {}
        for entry in entries:
            mine[entry.path] = entry
        # what a layer deletes was there before it, wherever in the tar the marker stands
        for entry in mine.values():
            folder, _, name = entry.path.rpartition("/")
            if name == OPAQUE:
                for path in self._children(folder):
                    self._hide(path, layer, deleted=True)
            elif name.startswith(WHITEOUT):
                target = "/".join(part for part in (folder, name.removeprefix(WHITEOUT)) if part)
                self._hide(target, layer, deleted=True)
        for entry in mine.values():
            if not entry.path.rpartition("/")[2].startswith(WHITEOUT):
                self._lay(entry, layer)

    def _lay(self, entry: Entry, layer: int) -> None:
        before = self.visible.get(entry.path)
        if before is not None:
            both = (before.entry.kind, entry.kind)
            if both == (Kind.DIRECTORY, Kind.DIRECTORY):
                self.visible[entry.path] = Seen(entry, layer)
                return
            self._hide(entry.path, layer, deleted=False)
        self.visible[entry.path] = Seen(entry, layer)
        folder = entry.path.rpartition("/")[0]
        self._below.setdefault(folder, set()).add(entry.path)

    def _hide(self, path: str, layer: int, *, deleted: bool) -> None:
        for child in self._children(path):
            self._hide(child, layer, deleted=deleted)
        seen = self.visible.pop(path, None)
        if seen is None:
            return
        self._below.get(path.rpartition("/")[0], set()).discard(path)
        self.hidden.append(Hidden(seen.entry, seen.layer, layer, deleted))

    def _children(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(self._below.get(folder, ())))


def merged(layers: Iterable[Iterable[Entry]]) -> Mapping[str, Seen]:
    """The visible entries by path of layers, the lowest first."""
    overlay = Overlay()
    for layer in layers:
        overlay.add(layer)
    return overlay.visible
