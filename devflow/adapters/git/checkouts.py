"""Checkouts: git repositories of one tree, each for one command that measures.

Whatever that command does with git happens in the checkout. It borrows the user's objects, which
git only ever adds to, and nothing else of the user's repository (ADR 0016).
"""

import filecmp
import os
import shutil
from functools import cached_property
from pathlib import Path

from devflow.adapters.git import filling
from devflow.adapters.git.clones import Head
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.reads import ADD_ALL, GitReads
from devflow.model.errors import StepFailed
from devflow.model.tree import Base, Tree


class GitCheckouts(GitReads):
    """The reads, and checkouts made of what this clone holds."""

    def check_out(self, tree: Tree | Base, folder: Path) -> str:
        """Makes an empty folder a repository of this tree and answers the tree's id.

        Raises ``StepFailed`` where git does not know it, ``Unavailable`` where a part of it is not
        on this machine, with the command that fetches it; the folder is empty then.
        """
        try:
            begun = filling.begin(self._clone, folder, tree.id)
            filling.fill(begun, self._head_of(tree, begun))
        except BaseException:
            filling.empty(folder)
            raise
        pristine = self._scratch.index()
        # with its time, by which git knows which files may have changed since
        shutil.copy2(folder / ".git" / "index", pristine)
        self._pristine[folder] = pristine
        return begun.tree

    def tree_in(self, folder: Path) -> str:
        """The tree of a checkout as git would commit it now, new files with it.

        Empty where its repository was destroyed.
        """
        pristine = self._pristine.get(folder)
        if pristine is None or folder.is_symlink():
            return ""
        # the index as it was made: what a command staged, or hid in its own, is read from the files
        index = self._scratch.index()
        shutil.copy2(pristine, index)
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(index)}
        own = GitProcess(folder, {**filling.places(folder), **env})
        storage = f"lfs.storage={self._scratch.large_files}"
        if own.run("-c", storage, *ADD_ALL).status:
            return ""
        untouched = self._untouched(own, folder, pristine)
        if untouched:
            own.must("update-index", "-z", "--index-info", stdin=untouched)
        return own.must("write-tree")

    def _untouched(self, own: GitProcess, folder: Path, pristine: Path) -> bytes:
        """The entries of files that git would commit otherwise though nobody wrote to them.

        Their line ends contradict their attributes; whether git looks at such a file depends on the
        second in which it was checked out.
        """
        entries: dict[bytes, bytes] = {}
        before = {"GIT_INDEX_FILE": str(pristine)}
        tree = own.must("write-tree", env=before)
        changes = own.run("diff-index", "-r", "-z", "--cached", "--diff-filter=M", tree).output
        fields = changes.split(b"\0")
        for description, path in zip(fields[::2], fields[1::2]):
            mode, _, oid = description.removeprefix(b":").split(b" ")[:3]
            if mode.startswith(b"100"):
                entries[path] = mode + b" " + oid + b"\t" + path + b"\0"
        if not entries:
            return b""
        again = self._scratch.folder("again")
        options = ("--quiet", "-z", "--stdin", f"--prefix={again}/")
        own.run("checkout-index", *options, stdin=b"\0".join(entries), env=before)
        same = (path for path in entries if _are_same(again, folder, os.fsdecode(path)))
        return b"".join(entries[path] for path in same)

    def names_changed(self, one: str, other: str) -> tuple[str, ...]:
        """The paths that differ between two trees."""
        return tuple(change.path for change in self.changes(one, other))

    @cached_property
    def _pristine(self) -> dict[Path, Path]:
        """The index of each checkout as it was made."""
        return {}

    def _head_of(self, tree: Tree | Base, begun: filling.Begun) -> Head:
        here = self._clone.head()
        if isinstance(tree, Base):
            commit = begun.commit_of(tree.id)
            return Head("", commit) if commit else self._before(here, begun.tree)
        branch = tree.branch or here.branch
        if tree.commit:
            commit = begun.commit_of(tree.commit)
            if not commit:
                problem = f"git knows no commit {tree.commit!r} here"
                raise StepFailed(problem, where=str(self.root), hint="git fetch")
            return Head(branch, commit)
        tip = self._tip_of(branch, begun) or here.commit
        return self._before(Head(branch, tip), begun.tree)

    def _tip_of(self, branch: str, begun: filling.Begun) -> str:
        """Where the branch stands: at this very tree, if it does so here or on the remote."""
        names = (f"refs/heads/{branch}", f"refs/remotes/{self._remote}/{branch}")
        tips = [begun.refs.direct[name] for name in names if name in begun.refs.direct]
        for tip in tips:
            if self.tree_of(tip) == begun.tree:
                return tip
        return tips[0] if tips else ""

    def _before(self, head: Head, tree: str) -> Head:
        """HEAD as it is before this tree is committed there."""
        parent = self._clone.parent_for(tree, head.commit) if head.commit else ""
        return Head(head.branch, parent)


def _are_same(one: Path, other: Path, path: str) -> bool:
    first = one / path
    second = other / path
    if not first.is_file() or second.is_symlink() or not second.is_file():
        return False
    runs = [bool(file.stat().st_mode & 0o100) for file in (first, second)]
    return runs[0] == runs[1] and filecmp.cmp(first, second, shallow=False)
