"""A repository on this machine that checkouts are made of: the user's, or one that lies in it as a
submodule."""

import os
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.scratch import Scratch
from devflow.adapters.git.settings import Setting, settings_of

# stashes, bisections and other people's private refs are no part of what a commit can be seen with
_REFS: Final = ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/notes/", "refs/replace/")
_FILES: Final = (
    "shallow",
    "info/attributes",
    "info/exclude",
    "info/sparse-checkout",
    "objects",
    "index",
    "modules",
)


@dataclass(frozen=True)
class Head:
    """What is checked out. No branch: HEAD is detached; no commit: the branch has none yet."""

    branch: str
    commit: str


@dataclass(frozen=True)
class Refs:
    """What a repository's names stand for: commits by name, and names of names."""

    direct: Mapping[str, str]
    symbolic: Mapping[str, str]


class Clone:
    """Reads one repository. ``root`` is where its relative addresses start."""

    path = ""
    """Where it lies in the user's repository, as a submodule."""
    top = ""
    """The outermost submodule around it."""

    def __init__(self, root: Path, git: GitProcess, scratch: Scratch | None = None) -> None:
        """``scratch`` is what was made of the user's own repository in this process."""
        self.root = root
        self._git = git
        self._scratch = scratch

    @property
    def command(self) -> str:
        """git, as a person types it in the user's working tree."""
        return f"git -C {shlex.quote(self.path)}" if self.path else "git"

    @cached_property
    def object_format(self) -> str:
        """sha1 or sha256."""
        return self._git.must("rev-parse", "--show-object-format")

    @cached_property
    def common_dir(self) -> Path:
        """The folder that all work trees of the repository share."""
        absolute = ("rev-parse", "--path-format=absolute", "--git-common-dir")
        return Path(self._git.must(*absolute))

    def settings(self) -> tuple[Setting, ...]:
        """Every setting in force."""
        return settings_of(self._git)

    def file(self, name: str) -> Path:
        """Where a file of the repository lies, whether it is there or not."""
        return self._files[name]

    def large_stores(self, storage: str) -> tuple[Path, ...]:
        """Where git-lfs' content may lie; ``storage`` is its setting."""
        stores = [self.common_dir / storage / "objects"]
        if self._scratch is not None:
            stores.append(self._scratch.large_files / "objects")
        alternates = self.file("objects") / "info" / "alternates"
        if alternates.is_file():
            for line in os.fsdecode(alternates.read_bytes()).splitlines():
                objects = self.file("objects") / line
                stores.append(objects.parent / "lfs" / "objects")
        return tuple(stores)

    def lend_to(self, git_dir: Path) -> None:
        """Lets another repository find all objects of this one."""
        if self._scratch is not None:
            store = self._scratch.objects
        else:
            # git-lfs links to what lies beside the first store that is borrowed, and to no other
            store = git_dir / "borrowed" / "objects"
            _borrow(store, self.file("objects"))
        _borrow(git_dir / "objects", store)

    def made_here(self, oid: str) -> bool:
        """Whether an object lies in the scratch store alone."""
        if self._scratch is None:
            return False
        return (self._scratch.objects / oid[:2] / oid[2:]).is_file()

    def refs(self) -> Refs:
        """Heads, tags, remotes, notes and replacements."""
        # no field that git has to open an object for: a partial clone would be asked for it
        form = "--format=%(refname)%00%(objectname)%00%(symref)"
        direct: dict[str, str] = {}
        symbolic: dict[str, str] = {}
        for line in self._git.must("for-each-ref", form, *_REFS).split("\n"):
            if not line:
                continue
            name, commit, target = line.split("\0")
            if target:
                symbolic[name] = target
            else:
                direct[name] = commit
        return Refs(direct, symbolic)

    def holds(self, commit: str) -> bool:
        """Whether a commit is here, without asking a remote for it."""
        return not self._git.run("rev-list", "--no-walk", "--missing=print", commit).status

    def head(self) -> Head:
        """What is checked out here."""
        branch = self._git.run("symbolic-ref", "--quiet", "HEAD")
        commit = self._git.run("rev-parse", "--verify", "--quiet", "HEAD")
        name = "" if branch.status else branch.text.removeprefix("refs/heads/")
        return Head(name, "" if commit.status else commit.text)

    def parent_for(self, tree: str, tip: str) -> str:
        """The commit on which ``tree`` is, or will be, committed at ``tip``.

        The tip itself where that is the first commit, or the oldest of a shallow clone.
        """
        options = ("--no-commit-header", "--max-count=1", "--format=%T %P")
        described = self._git.must("rev-list", *options, tip).split()
        is_committed = described[0] == tree and len(described) > 1
        return described[1] if is_committed else tip

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        questions: list[str] = []
        for name in _FILES:
            questions += ("--git-path", name)
        answer = self._git.must("rev-parse", "--path-format=absolute", *questions)
        paths = (Path(line) for line in answer.splitlines())
        return dict(zip(_FILES, paths))


def _borrow(store: Path, other: Path) -> None:
    info = store / "info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "alternates").write_bytes(os.fsencode(other) + b"\n")
