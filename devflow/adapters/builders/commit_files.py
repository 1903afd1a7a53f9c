"""A commit's files for a builder that takes them all: from a checkout, with submodules and large
files as git would have them."""

import stat
from pathlib import Path
from typing import Callable, Iterator, Protocol

from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.model.ids import Sha
from devflow.model.tree import Base

_LINK: int = 0o120000
_EXECUTABLE: int = 0o100755
_FILE: int = 0o100644


class CheckOut(Protocol):
    """What git has to do."""

    def check_out(self, tree: Base, folder: Path) -> str:
        """Makes an empty folder a checkout of a tree."""
        ...


class CommitFiles:
    """Checkouts that live as long as this process, one a commit."""

    def __init__(self, commits: CheckOut) -> None:
        self._commits = commits
        self._scratch = ScratchFolder()

    def __call__(self, commit: Sha) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
        """Path, git's mode and a way to the content of every file."""
        folder = self._scratch.path / commit
        if not folder.is_dir():
            folder.mkdir()
            self._commits.check_out(Base(id=commit), folder)
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
