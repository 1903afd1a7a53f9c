"""An image's files in a folder, as an engine would show them: layers merged by overlay rules.

Owners are left out, which only root could set: whoever runs the image owns all of it, and cannot
write it.
"""

import errno
import os
import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final, Iterable, Iterator

from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import Manifest
from devflow.craft.oci.layers import Entry, Kind, entries
from devflow.craft.oci.overlay import Overlay, Seen
from devflow.model.errors import DevflowError, StepFailed, StorageFailed

MOUNT_POINTS: Final = ("proc", "dev")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def unpack(store: Store, manifest: Manifest, root: Path, state: str, workdir: str) -> None:
    """Writes the files of an image, and the folders that are mounted over or begun in.

    Raises ``StepFailed`` for a layer that is refused, ``StorageFailed`` for a full disk.
    """
    try:
        seen = _unpack(store, manifest, root)
        for folder in (*MOUNT_POINTS, state):
            _make(root, folder, seen)
        with suppress(StepFailed):
            # where there is a link, the kernel follows it within the image
            _make(root, os.path.normpath(f"/{workdir}"), seen)
        _set_modes(root, (one.entry for one in seen.values()))
    except OSError as error:
        raise _failure(error, root) from error


def _unpack(store: Store, manifest: Manifest, root: Path) -> dict[str, Seen]:
    overlay = Overlay()
    for number, layer in enumerate(manifest.layers):
        with store.open(layer.digest) as stream:
            overlay.add(entry for entry, _ in _marked(stream, number, layer.digest))
    places = _places(overlay)
    # folders first, and writable until all is there
    for path in sorted(overlay.visible):
        if overlay.visible[path].entry.kind is Kind.DIRECTORY:
            (root / path).mkdir(parents=True, exist_ok=True)
    for number, layer in enumerate(manifest.layers):
        with store.open(layer.digest) as stream:
            for entry, content in _marked(stream, number, layer.digest):
                if content is not None and entry.sha256 in places:
                    paths = [root / path for path in places[entry.sha256]]
                    _write(paths, entry.mode, content)
    for path, seen in overlay.visible.items():
        if seen.entry.kind is Kind.SYMLINK:
            (root / path).symlink_to(seen.entry.link)
    return overlay.visible


def _marked(stream: IO[bytes], layer: int, where: str) -> Iterator[tuple[Entry, IO[bytes] | None]]:
    """Entries with a name for their content in place of its digest, which is not needed here: it
    goes with an entry wherever a link in its path or a hard link to it leads."""
    for number, (entry, content) in enumerate(entries(stream, where)):  # type: ignore[arg-type]
        yield replace(entry, sha256=f"{layer}:{number}"), content


def _places(overlay: Overlay) -> dict[str, list[str]]:
    """Where each content is to be seen. A hard link's own file may be gone from sight: it was
    another layer's to delete or replace."""
    held = {}
    for hidden in overlay.hidden:
        if hidden.by_layer != hidden.layer:
            held[hidden.layer, hidden.entry.path] = hidden.entry
    for path, seen in overlay.visible.items():
        held[seen.layer, path] = seen.entry
    places = defaultdict(list)
    for path, seen in overlay.visible.items():
        entry: Entry | None = seen.entry
        if seen.entry.kind is Kind.HARDLINK:
            entry = held.get((seen.layer, seen.entry.link))
        if entry is not None and entry.kind is Kind.FILE:
            places[entry.sha256].append(path)
    return places


def _write(paths: list[Path], mode: int, content: IO[bytes]) -> None:
    first, *links = paths
    with first.open("xb") as file:
        shutil.copyfileobj(content, file)
    # nobody is given another's rights by a program that is set-uid
    first.chmod(mode & 0o777)
    for path in links:
        os.link(first, path)


def _make(root: Path, folder: str, seen: dict[str, Seen]) -> None:
    """A folder, by folders alone: a link could lead out of the image."""
    folder = folder.strip("/")
    parts = folder.split("/")
    for count in range(1, len(parts) + 1):
        path = "/".join(parts[:count])
        if path in seen and seen[path].entry.kind is not Kind.DIRECTORY:
            problem = f"the image has a {seen[path].entry.kind} where a folder is needed: /{path}"
            raise StepFailed(problem, hint="build the image anew, with a folder in its place")
    (root / folder).mkdir(parents=True, exist_ok=True)


def _set_modes(root: Path, seen: Iterable[Entry]) -> None:
    for entry in seen:
        if entry.kind is Kind.DIRECTORY:
            # its owner's rights too, or nothing of it could be removed again
            (root / entry.path).chmod(entry.mode & 0o1777 | 0o700)


def _failure(error: OSError, root: Path) -> DevflowError:
    problem = f"the image cannot be unpacked: {error.strerror}"
    if error.errno in _FULL:
        hint = "free some space, then type the same command again"
        return StorageFailed(problem, where=str(root), hint=hint)
    return StepFailed(problem, where=str(error.filename or root), hint="build the image anew")
