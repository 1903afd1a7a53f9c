"""What builders read of a commit: a checkout of it, with submodules and large files as git would
have them, made once for all that build it."""

import stat
from pathlib import Path
from threading import Lock
from typing import Callable, Final, Iterator, Mapping, Protocol

from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.model.tree import Base

_LINK: Final = 0o120000
_EXECUTABLE: Final = 0o100755
_FILE: Final = 0o100644


class Repository(Protocol):
    """What git has to do."""

    def listed(self, rev: str) -> Mapping[str, tuple[str, str]]:
        """Mode and object id of every file of a revision, by path."""
        ...

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none."""
        ...

    def check_out(self, tree: Base, folder: Path) -> str:
        """Makes an empty folder a checkout of a tree."""
        ...


class CommitFiles:
    """Files by commit; the checkouts live as long as this process."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._scratch = ScratchFolder()
        self._lock = Lock()

    def listed(self, commit: str) -> Mapping[str, tuple[str, str]]:
        """Mode and object id of every file, by path; no checkout is made for it."""
        return self._repository.listed(commit)

    def read(self, commit: str, path: str) -> str | None:
        """A text file, ``None`` where there is none; no checkout is made for it."""
        return self._repository.read(commit, path)

    def folder(self, commit: str) -> Path:
        """Where the files lie, beside git's own folder. Raises as a checkout does."""
        with self._lock:
            folder = self._scratch.path / commit
            if not folder.is_dir():
                folder.mkdir()
                self._check_out(commit, folder)
            return folder

    def _check_out(self, commit: str, folder: Path) -> None:
        try:
            self._repository.check_out(Base(id=commit), folder)
        except BaseException:
            # empty then; the next who asks is answered anew
            folder.rmdir()
            raise

    def __call__(self, commit: str) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
        """Path, git's mode and a way to the content of every file."""
        folder = self.folder(commit)
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder)
            if inner.parts[0] == ".git" or (path.is_dir() and not path.is_symlink()):
                continue
            yield inner.as_posix(), _mode(path), _content(path)


def _mode(path: Path) -> int:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return _LINK
    return _EXECUTABLE if mode & stat.S_IXUSR else _FILE


def _content(path: Path) -> Callable[[], bytes]:
    if path.is_symlink():
        return lambda: str(path.readlink()).encode("utf-8", "surrogateescape")
    return path.read_bytes
