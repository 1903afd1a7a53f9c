"""What the images of this machine take on its disk, and how little of it may stay.

Everything here can be had again: layers and wheels, byte code, interpreters of bases, packages.
What was not used for longest goes first. A build holds the cache, and nothing goes while one does;
what the last hour used stays too, since a run publishes what it has built a while after.
"""

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterator

from devflow.model.command_line import command_line
from devflow.model.errors import Locked, StorageFailed

BOUND_BYTES: Final = 5_000_000_000  # bytes; what a build cache may take unasked
KEPT_S: Final = 3600.0  # s; a run with a person at a gate builds anew, which costs seconds
_LOCK: Final = "in-use.lock"
_PART: Final = ".part-"


@dataclass(frozen=True)
class Item:
    """One thing that goes as a whole."""

    path: Path
    size_bytes: int
    used_s: float


@dataclass(frozen=True)
class Share:
    """The items of one kind together; times in seconds since the epoch, of the last use."""

    kind: str
    items: int
    size_bytes: int
    oldest_s: float
    newest_s: float


class ImageCache:
    """The cache by devflow's own cache folder, which needs not exist."""

    def __init__(self, folder: Path, bound_bytes: int = BOUND_BYTES) -> None:
        self._folder = folder
        self._images = folder / "images"
        self.bound_bytes = bound_bytes

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    def shares(self) -> list[Share]:
        """What is there, by kind, those that hold nothing left out."""
        return [_share(kind, items) for kind, items in self._kinds() if items]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Nothing is removed as long as this is held; many may hold it."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def prune(self, *, everything: bool = False) -> int:
        """Removes what is beyond the bound, or everything; answers the bytes.

        Raises ``Locked`` where a build is running.
        """
        try:
            with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                return self._remove(0 if everything else self.bound_bytes, everything)
        except BlockingIOError:
            hint = f"wait for it, then: {command_line('cache', 'prune')}"
            where = str(self._images)
            raise Locked("a build uses the cache now", where=where, hint=hint) from None

    def trim(self) -> None:
        """Removes what is beyond the bound, unless a build is running: the next one does it."""
        with suppress(Locked):
            self.prune()

    def _kinds(self) -> Iterator[tuple[str, list[Item]]]:
        images = self._images
        yield "layers, documents, wheels", list(_files(images / "blobs" / "sha256"))
        yield "byte code", list(_files(images / "bytecode"))
        yield "what layers were made from", list(_files(images / "layers"))
        yield "interpreters of bases", list(_folders(images / "pythons"))
        yield "Debian packages", list(_folders(self._folder / "debian"))

    def _remove(self, bound_bytes: int, everything: bool) -> int:
        items = sorted((item for _, kind in self._kinds() for item in kind), key=_use)
        left = sum(item.size_bytes for item in items)
        freed = 0
        now = time.time()
        for item in items:
            is_recent = now - item.used_s < KEPT_S
            is_abandoned = item.path.name.startswith(_PART) and not is_recent
            if not everything and not is_abandoned and (left <= bound_bytes or is_recent):
                continue
            _delete(item.path)
            left -= item.size_bytes
            freed += item.size_bytes
        return freed

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        try:
            self._images.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._images / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            problem = f"the cache of images cannot be written: {error}"
            hint = "XDG_CACHE_HOME names another place"
            raise StorageFailed(problem, where=str(self._images), hint=hint) from error
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)


def touch(path: Path) -> None:
    """Notes that something was used now; a cache that is only read needs no note."""
    with suppress(OSError):
        os.utime(path)


def _use(item: Item) -> tuple[float, str]:
    return item.used_s, str(item.path)


def _share(kind: str, items: list[Item]) -> Share:
    used = [item.used_s for item in items]
    return Share(kind, len(items), sum(item.size_bytes for item in items), min(used), max(used))


def _files(folder: Path) -> Iterator[Item]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            # gone meanwhile: another process made it whole, and gave it its name
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    yield Item(Path(entry.path), found.st_size, found.st_mtime)


def _folders(folder: Path) -> Iterator[Item]:
    with suppress(FileNotFoundError):
        for path in sorted(folder.iterdir()):
            sizes = 0
            for inner in path.rglob("*"):
                with suppress(FileNotFoundError):
                    sizes += inner.lstat().st_size if not inner.is_dir() else 0
            yield Item(path, sizes, path.stat().st_mtime)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
