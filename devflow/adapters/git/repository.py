"""The git repository that devflow runs in: every write looks first, so that the same one said twice
is done once.

A commit is made of the tree that was measured or not at all, and its hooks do not run a second
time.
"""

import os
from pathlib import Path
from typing import Final

from devflow.adapters.git.process import common_dir, find_root
from devflow.adapters.git.reads import ref_of
from devflow.adapters.git.remote import GitRemote
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark

__all__ = ["GitRepository", "common_dir", "find_root"]

_EXECUTABLE: Final = "100755"
_LINK: Final = "120000"


class GitRepository(GitRemote):
    """The whole port. ``set_upstream=False`` leaves the repository's configuration as it is."""

    def __init__(self, root: Path, remote: str | None, set_upstream: bool = True) -> None:
        super().__init__(root, remote)
        self._set_upstream = set_upstream

    def create_branch(self, name: str, base: str) -> None:
        """Checks the branch out; a missing one is made from the remote's of that name, else the
        remote's or the local base.

        Uncommitted work is kept. Raises ``StepFailed`` where git refuses, for instance because that
        work would be overwritten.
        """
        self._check_name(name)
        if name in self.branches():
            if self.current_branch() != name:
                self._git.must("switch", "--quiet", "--no-guess", "--end-of-options", name)
            return
        self._check_name(base)
        start = self._fetched(name) or self._fetched(base) or self.sha_of(ref_of(base))
        if not start:
            raise StepFailed(
                f"there is no branch {base} to begin {name} from",
                where=str(self.root),
                hint="git branch --all",
            )
        self._git.must("switch", "--quiet", "--no-track", "--create", name, start)

    def write_file(self, path: str, text: str) -> None:
        """Writes a text file into the working tree where it differs. Raises ``StepFailed`` outside
        the tree."""
        target, content = self._inside_tree(path), text.encode()
        if target.is_symlink() or not target.is_file() or target.read_bytes() != content:
            self._put(target, content)

    def restore(self, path: str, tree: str) -> None:
        """Writes one file of a tree into the working tree, byte for byte; one that the tree lacks
        is removed."""
        target, found = self._inside_tree(path), self._id(tree, "tree")
        if not found:
            raise StepFailed(f"git knows no tree {tree!r} here", where=path, hint="devflow ship")
        content, mode = self._blob(found, path), self._mode(found, path)
        if content is None:
            target.unlink(missing_ok=True)
        elif mode == _LINK:
            target.unlink(missing_ok=True)
            target.symlink_to(os.fsdecode(content))
        else:
            self._put(target, content)
            bits = target.stat().st_mode & 0o666
            # who may read it may run it, as git does; who may not read it gains nothing
            target.chmod(bits | (bits & 0o444) >> 2 if mode == _EXECUTABLE else bits)

    def commit(self, branch: str, tree: str, message: str, *, mark: Mark = UNMARKED) -> None:
        """Commits the working tree on the checked-out branch if it still is ``tree``; a head that
        has that tree already stays.

        The repository's hooks do not run again: they were measured on this very tree. Raises
        ``StepFailed`` where the working tree or the branch is another one by now, ``UsageError``
        where nobody is configured as author.
        """
        if self.current_branch() != branch:
            raise StepFailed(
                f"{self.current_branch()} is checked out, not {branch}", hint=f"git switch {branch}"
            )
        if self.work_tree() != tree:
            raise StepFailed(
                "the working tree changed after it was checked",
                where=str(self.root),
                hint="devflow ship",
            )
        if self.tree_of("HEAD") == tree:
            return
        self._check_author()
        self._git.must("add", "--all")
        if self._git.must("write-tree") != tree:
            raise StepFailed(
                "the working tree changed while it was being committed",
                where=str(self.root),
                hint="devflow ship",
            )
        trailer = (f"--trailer=Devflow-Run: {mark.once(tree)}",) if mark.run else ()
        self._git.must(
            "commit", "--quiet", "--no-verify", "--file=-", *trailer, stdin=message.encode()
        )

    def _mode(self, tree: str, path: str) -> str:
        return self._read(
            "--literal-pathspecs", "ls-tree", "--full-tree", tree, "--", path
        ).text.partition(" ")[0]

    def _inside_tree(self, path: str) -> Path:
        """The file's place, its folder's links followed. Raises ``StepFailed`` outside the tree and
        inside ``.git``."""
        folder, name = os.path.split(path)
        place = (
            (self.root / folder).resolve() / name
            if name not in ("", ".", "..") and "\0" not in path
            else self.root
        )
        inside = place.is_relative_to(self.root) and place != self.root
        if not inside or ".git" in (part.lower() for part in place.relative_to(self.root).parts):
            raise StepFailed(
                f"{path!r} is no file inside the working tree",
                where=str(self.root),
                hint="give a path below it",
            )
        return place

    @staticmethod
    def _put(target: Path, content: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        target.write_bytes(content)
