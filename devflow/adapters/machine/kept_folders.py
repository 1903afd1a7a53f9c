"""What the setup of a suite has made, kept in the user's cache so that the next checkout has it
without a setup.

Everything is copied, into the cache and out of it: what a test does to its copy reaches nobody
else. Where the file system can, copies share their blocks until one of them is written.
"""

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterable, Iterator

from devflow.adapters.machine.file_lock import hold_file
from devflow.adapters.machine.text_file import real_path
from devflow.model.errors import Locked

BOUND_BYTES: Final = 5_000_000_000  # bytes; as much as the cache of images takes unasked
_PART: Final = ".part"
# linux/fs.h
_FICLONE: Final = 0x40049409


@dataclass(frozen=True)
class Kept:
    """One entry: its size, and when it was last used, in seconds since the epoch."""

    path: Path
    size_bytes: int
    used_s: float


class KeptFolders:
    """Entries by key in devflow's own cache folder, which needs not exist."""

    def __init__(self, cache_dir: Path, bound_bytes: int = BOUND_BYTES) -> None:
        self.folder = cache_dir / "suites"
        self.bound_bytes = bound_bytes

    @contextmanager
    def held(self, key: str, timeout_s: float) -> Iterator[None]:
        """Nobody else makes, takes or removes the entry meanwhile. Raises ``Locked`` or
        ``StorageFailed``."""
        with hold_file(self.folder / f"{key}.lock", timeout_s):
            yield

    def put_back(self, key: str, top: Path) -> bool:
        """Copies what is kept under the key into a checkout; false where there is nothing.

        Raises ``OSError``.
        """
        entry = self.folder / key
        if not entry.is_dir():
            return False
        _copy(entry, top, entry)
        with suppress(OSError):
            os.utime(entry)
        return True

    def keep(self, key: str, top: Path, paths: Iterable[str]) -> bool:
        """Copies these folders of a checkout, then removes what was used longest ago; false where
        none of them is there. Raises ``OSError``."""
        there = [path for path in paths if (top / path).is_dir() and _is_own(top, path)]
        if not there:
            return False
        part = self.folder / f"{key}{_PART}"
        # of a process that was killed
        shutil.rmtree(part, ignore_errors=True)
        try:
            for path in there:
                _copy(top / path, part / path, top)
            shutil.rmtree(self.folder / key, ignore_errors=True)
            part.rename(self.folder / key)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        self.trim(self.bound_bytes, but=key)
        return (self.folder / key).is_dir()

    def entries(self) -> list[Kept]:
        """What is kept, what was used longest ago first."""
        found = []
        with suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if path.is_dir():
                    found.append(Kept(path, _size_bytes(path), path.stat().st_mtime))
        return sorted(found, key=lambda kept: kept.used_s)

    def trim(self, bound_bytes: int, but: str = "") -> int:
        """Removes entries until the rest is within the bound, and answers their bytes.

        One that somebody uses now stays. The entry ``but`` goes only where it is larger than the
        bound by itself.
        """
        entries = self.entries()
        left_bytes = sum(kept.size_bytes for kept in entries)
        freed_bytes = 0
        for kept in sorted(entries, key=lambda kept: kept.path.name == but):
            if left_bytes <= bound_bytes:
                break
            if kept.path.name == but or self._is_removed(kept.path):
                shutil.rmtree(kept.path, ignore_errors=True)
                left_bytes -= kept.size_bytes
                freed_bytes += kept.size_bytes
        return freed_bytes

    def _is_removed(self, path: Path) -> bool:
        key = path.name.removesuffix(_PART)
        try:
            with self.held(key, 0):
                shutil.rmtree(path, ignore_errors=True)
        except Locked:
            return False
        return True


def _is_own(top: Path, path: str) -> bool:
    """Whether a folder of the checkout lies in it, as far as links go."""
    return real_path(top / path) == top / path


def _copy(source: Path, target: Path, top: Path) -> None:
    """Copies what is in a folder; a link that names a place below ``top`` as it is called there
    is made to lead from where it stands. What is neither file, folder nor link is left out."""
    folders_made = []
    for folder, folders, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        # whoever writes into it is no owner of it: a link would lead out
        if place.is_symlink():
            raise NotADirectoryError(f"{place} is a link")
        place.mkdir(parents=True, exist_ok=True)
        folders_made.append((folder, place))
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*names, *links):
            file = Path(folder, name)
            if file.is_symlink():
                _copy_link(file, place / name, top)
            elif file.is_file():
                _copy_file(file, place / name)
    # last: some folders let nobody write into them, and tools compare their times
    for folder, place in reversed(folders_made):
        shutil.copystat(folder, place)


def _copy_link(link: Path, copy: Path, top: Path) -> None:
    leads_to = os.readlink(link)
    if Path(leads_to).is_relative_to(top):
        leads_to = os.path.relpath(leads_to, link.parent)
    copy.symlink_to(leads_to)


def _copy_file(file: Path, copy: Path) -> None:
    # what is there already would be written through
    with open(file, "rb") as source, open(copy, "xb") as target:
        try:
            fcntl.ioctl(target, _FICLONE, source.fileno())
        except OSError:
            # a file system without shared blocks, or two of them
            shutil.copyfileobj(source, target)
    shutil.copystat(file, copy)


def _size_bytes(folder: Path) -> int:
    total_bytes = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total_bytes += os.lstat(os.path.join(place, name)).st_size
    return total_bytes
