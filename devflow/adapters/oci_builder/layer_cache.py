"""Layers that were built before, by what they were made from."""

import json
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any, Final, Iterable

from devflow.adapters.images.cache import touch
from devflow.adapters.images.store import Store
from devflow.craft.oci.layers import Entry, Kind
from devflow.model.images import Wheel

LISTING_VERSION: Final = "base1"  # raised where the same base gives another list


@dataclass(frozen=True)
class Layer:
    """A layer in the store; without a digest the instruction changed nothing. ``machine`` is what
    its programs were compiled for, empty where it has none; ``wheels`` are those that were
    installed for it and for what is below it."""

    digest: str = ""
    size_bytes: int = 0
    diff_id: str = ""
    files_bytes: int = 0
    machine: str = ""
    entries: tuple[Entry, ...] = ()
    wheels: tuple[Wheel, ...] = ()


@dataclass(frozen=True)
class Listed:
    """A file that is visible in an image: its content is ``path`` of the image's layer of this
    number, the lowest is 0."""

    entry: Entry
    layer: int
    path: str


class LayerCache:
    """A folder with a file for each layer, and one for each base."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def has(self, key: str) -> bool:
        """Whether such a layer was made; its content may be gone meanwhile."""
        return (self._folder / key).is_file()

    def get(self, key: str) -> Layer | None:
        """The layer that was made from this, where its content is still held."""
        try:
            body = json.loads((self._folder / key).read_text(encoding="utf-8"))
            listed = body.pop("entries")
            wheels = tuple(Wheel.model_validate(one) for one in body.pop("wheels"))
            layer = Layer(**body, entries=tuple(_entry(one) for one in listed), wheels=wheels)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        # one that was cut off on the disk is not held
        if layer.digest and self._store.size_bytes(layer.digest) != layer.size_bytes:
            return None
        touch(self._folder / key)
        return layer

    def put(self, key: str, layer: Layer) -> None:
        """Remembers it."""
        body: dict[str, Any] = {
            "digest": layer.digest,
            "size_bytes": layer.size_bytes,
            "diff_id": layer.diff_id,
            "files_bytes": layer.files_bytes,
            "machine": layer.machine,
            "entries": [_values(one) for one in layer.entries],
            "wheels": [one.model_dump() for one in layer.wheels],
        }
        self._write(key, body)

    def listing(self, digest: str) -> list[Listed] | None:
        """What is visible in the image of this manifest, ``None`` where nobody has looked."""
        key = _listing_key(digest)
        try:
            rows = json.loads((self._folder / key).read_text(encoding="utf-8"))
            found = [Listed(_entry(values), layer, path) for layer, path, values in rows]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        touch(self._folder / key)
        return found

    def put_listing(self, digest: str, listed: Iterable[Listed]) -> None:
        """Remembers it."""
        rows = [(one.layer, one.path, _values(one.entry)) for one in listed]
        self._write(_listing_key(digest), rows)

    def _write(self, key: str, body: object) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".part-{key}-{get_ident()}"
        part.write_text(json.dumps(body), encoding="utf-8")
        part.replace(self._folder / key)


def _listing_key(digest: str) -> str:
    return f"{LISTING_VERSION}-{digest.removeprefix('sha256:')}"


def _values(entry: Entry) -> tuple[object, ...]:
    owner = (entry.uid, entry.gid)
    return (entry.path, entry.kind, entry.mode, *owner, entry.size_bytes, entry.link)


def _entry(values: list[Any]) -> Entry:
    path, kind, *rest = values
    return Entry(path, Kind(kind), *rest)
