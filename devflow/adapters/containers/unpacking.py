"""An image's files in a folder, as an engine would show them: layers merged by overlay rules.

Owners are left out, which only root could set: whoever runs the image owns all of it, and cannot
write it.
"""

import os
import shutil
from pathlib import Path
from typing import IO, Final, Iterable

from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import Manifest
from devflow.craft.oci.layers import Entry, Kind, entries
from devflow.craft.oci.overlay import Overlay

MOUNT_POINTS: Final = ("proc", "dev")


def unpack(store: Store, manifest: Manifest, root: Path, state: str) -> None:
    """Writes the files of an image, and the folders that are mounted over. Raises ``StepFailed``
    for a layer that is refused."""
    overlay = Overlay()
    for layer in manifest.layers:
        with store.open(layer.digest) as stream:
            overlay.add(entry for entry, _ in entries(stream, layer.digest))
    # folders first, and writable until all is there
    for path in sorted(overlay.visible):
        if overlay.visible[path].entry.kind is Kind.DIRECTORY and path:
            (root / path).mkdir(parents=True, exist_ok=True)
    for number, layer in enumerate(manifest.layers):
        with store.open(layer.digest) as stream:
            for entry, content in entries(stream, layer.digest):
                seen = overlay.visible.get(entry.path)
                if seen is not None and seen.layer == number:
                    _write(root, seen.entry, content)
    for path in (*MOUNT_POINTS, state.strip("/")):
        (root / path).mkdir(parents=True, exist_ok=True)
    _set_modes(root, (seen.entry for seen in overlay.visible.values()))


def _write(root: Path, entry: Entry, content: IO[bytes] | None) -> None:
    path = root / entry.path
    if entry.kind in (Kind.DIRECTORY, Kind.FIFO) or not entry.path:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # twice in one layer: the last one counts
    path.unlink(missing_ok=True)
    if entry.kind is Kind.SYMLINK:
        path.symlink_to(entry.link)
    elif entry.kind is Kind.HARDLINK:
        os.link(root / entry.link, path, follow_symlinks=False)
    elif content is not None:
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)


def _set_modes(root: Path, seen: Iterable[Entry]) -> None:
    """Of all but links; nobody is given another's rights by a program that is set-uid."""
    for entry in seen:
        if entry.kind in (Kind.FILE, Kind.DIRECTORY) and entry.path:
            mode = entry.mode & 0o1777
            if entry.kind is Kind.DIRECTORY:
                # or nothing of it could be removed again
                mode |= 0o700
            (root / entry.path).chmod(mode)
