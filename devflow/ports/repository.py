"""What steps may ask of the git repository that devflow runs in, and of its remote.

The reading half leaves no trace, not even an object or a refreshed index: the working tree's id is
computed in a temporary object store.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Mapping, Protocol

from devflow.model.change import FileChange
from devflow.model.ids import Sha
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.verbs import ensures


@dataclass(frozen=True)
class GitHook:
    """A hook that git would run: its ``path``, relative where it lies in the working tree and not
    in ``.git``, and how its ``text`` begins."""

    path: str
    text: str


class RepositoryReads(Protocol):
    """The reading half. Raises ``UsageError`` (no repository, no commits, detached HEAD, a shallow
    clone that cannot tell) or ``RemoteSilent``."""

    def current_branch(self) -> str:
        """The branch that is checked out. Raises ``UsageError`` where HEAD is detached."""
        ...

    def require_finished(self, branch: str = "") -> None:
        """Raises ``UsageError`` where git says that the working tree is not finished (unmerged
        paths, an operation in progress, a repository inside that .gitmodules does not name).

        With a ``branch`` only where the working tree is that branch's.
        """
        ...

    def branches(self) -> tuple[str, ...]:
        """Local branch names."""
        ...

    def sha_of(self, rev: str) -> Sha:
        """The commit id of a local revision, empty where there is none."""
        ...

    def tree_of(self, rev: str, path: str = "") -> str:
        """The tree id of a revision, or of a folder in it; empty where there is none. ``rev`` may
        be a tree id too."""
        ...

    def work_tree(self) -> str:
        """The tree id of the working tree as ``git add -A`` would commit it, with nothing written
        into ``.git``."""
        ...

    def remote_sha(self, branch: str) -> Sha:
        """Where the remote's branch stands now (``ls-remote``), empty where there is none."""
        ...

    def remote_name(self) -> str:
        """The remote as a person would say it: a name or an address without credentials."""
        ...

    def upstream(self, branch: str) -> str:
        """``origin/name`` where the branch tracks one, else empty."""
        ...

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether the second commit contains the first; False where either is unknown."""
        ...

    def merge_base(self, one: str, other: str) -> Sha:
        """The best common ancestor, empty where there is none."""
        ...

    def changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        """Lines added and removed by path between two trees or commits; ``tree`` may be what
        ``work_tree`` answered."""
        ...

    def renamed(self, base: str, tree: str) -> Mapping[str, str]:
        """By the path in ``tree`` what a file was called in ``base``, where git sees that it was
        renamed."""
        ...

    def added_lines(self, base: str, tree: str) -> tuple[tuple[str, int, str], ...]:
        """Path, line number and text of every added line; at most the first 100,000."""
        ...

    def subjects(self, base: str, tip: str) -> tuple[str, ...]:
        """The subjects of the commits after ``base`` up to ``tip``, newest first."""
        ...

    def message_of(self, rev: str) -> str:
        """The whole commit message."""
        ...

    def committed_at(self, rev: str) -> datetime | None:
        """When a commit was made, by its committer's clock; ``None`` where there is none."""
        ...

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none. An empty ``rev`` reads the working
        tree."""
        ...

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of the files of a revision; an empty ``rev`` lists the working tree's (tracked
        and new, not ignored)."""
        ...

    def untracked(self) -> tuple[str, ...]:
        """The files of the working tree that git neither keeps nor ignores."""
        ...

    def texts(self, rev: str, suffixes: str | tuple[str, ...]) -> Mapping[str, str]:
        """Every text file of a revision whose path ends so, by path; at once, since one by one
        costs a process each."""
        ...

    def history_trees(self, rev: str, most: int) -> tuple[tuple[str, str], ...]:
        """Commit and tree id of a revision and of its first parents, the newest first, ``most`` of
        them."""
        ...

    def hook(self, name: str) -> GitHook | None:
        """The hook of this name that git would run here, wherever core.hooksPath says; ``None``
        where there is none, or one that may not be executed."""
        ...

    def size_bytes(self, tree: str, path: str) -> int:
        """The size of a file of a tree, 0 where it has none."""
        ...


class Repository(RepositoryReads, Protocol):
    """The writing half: ensure verbs only."""

    @ensures
    def create_branch(self, name: str, base: str) -> None:
        """Makes the branch from the remote's (else the local) base and checks it out, keeping
        uncommitted work. One that is there is checked out."""
        ...

    @ensures
    def write_file(self, path: str, text: str) -> None:
        """Writes a text file into the working tree; the same text twice is one write. Raises
        ``StepFailed`` outside the tree."""
        ...

    @ensures
    def restore(self, path: str, tree: str) -> None:
        """Writes one file of a tree or checkout made by this run into the working tree, byte for
        byte."""
        ...

    @ensures
    def commit(self, branch: str, tree: str, message: str, *, mark: Mark = UNMARKED) -> None:
        """Commits the working tree on the checked-out branch if it still is ``tree``; a head that
        has that tree already stays.

        The mark's ``once(tree)`` is the trailer ``Devflow-Run``. Raises ``StepFailed`` where the
        working tree moved meanwhile.
        """
        ...

    @ensures
    def push(self, branch: str, sha: Sha) -> None:
        """Pushes the commit with a lease on what the remote had when looked at, and sets the
        upstream where the remote has a name.

        Raises ``StepFailed`` where the remote moved or refuses, or the pre-push hook does,
        ``UsageError`` for a name that the remote cannot have, ``RemoteSilent`` where it does not
        answer.
        """
        ...

    @ensures
    def fetch(self, branch: str) -> None:
        """Brings the remote's branch into the object store (and its remote-tracking ref where the
        remote has a name)."""
        ...

    @ensures
    def push_files(self, ref: str, files: dict[str, bytes], *, mark: Mark = UNMARKED) -> None:
        """Keeps files on a ref of the remote that is no branch of work, such as
        ``refs/heads/devflow/screenshots``; the same files twice are one."""
        ...
