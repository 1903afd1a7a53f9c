"""The reading half of the repository: answers git's questions without leaving anything in ``.git``.

Every revision is resolved to a full id first, so that no name from outside is ever read as an
option or a range.
"""

import os
import re
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final, Mapping

from devflow.adapters.git.diff import MOST_LINES, added_lines, batch, file_changes
from devflow.adapters.git.process import (
    REMOTE_S,
    GitProcess,
    GitResult,
    remote_error,
    without_credentials,
)
from devflow.adapters.git.scratch import Scratch
from devflow.model.change import FileChange
from devflow.model.errors import StepFailed, UsageError

# an index split over two files, or a watching daemon, would be written into .git
_PLAIN: Final = (
    "-c",
    "core.splitIndex=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.untrackedCache=false",
)
_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitReads:
    """Reads of the repository at ``root`` and of its remote, a remote's name or an address;
    ``None``: it has none."""

    def __init__(self, root: Path, remote: str | None) -> None:
        self.root = root.resolve()
        self._remote = remote
        self._git = GitProcess(self.root)
        self._scratch = Scratch(self._git)

    def current_branch(self) -> str:
        """The branch that is checked out. Raises ``UsageError`` where HEAD is detached."""
        ended = self._git.run("symbolic-ref", "--quiet", "HEAD")
        if ended.status:
            raise UsageError(
                "no branch is checked out (HEAD is detached)",
                where=str(self.root),
                hint="git switch <branch>",
            )
        return ended.text.removeprefix("refs/heads/")

    def branches(self) -> tuple[str, ...]:
        """Local branch names."""
        return tuple(
            lines_of(self._git.must("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/"))
        )

    def sha_of(self, rev: str) -> str:
        """The commit id of a local revision, empty where there is none."""
        return self._id(rev, "commit")

    def tree_of(self, rev: str, path: str = "") -> str:
        """The tree id of a revision, or of a folder in it; empty where there is none. ``rev`` may
        be a tree id too."""
        inside = _inside(path)
        return self._id(self._resolved(f"{self._treeish(rev)}:{inside}") if inside else rev, "tree")

    def work_tree(self) -> str:
        """The tree id of the working tree as ``git add -A`` would commit it, with nothing written
        into ``.git``."""
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(self._scratch.index(copied=True))}
        self._git.must(*_PLAIN, "add", "--all", env=env)
        return self._git.must("write-tree", env=env)

    def remote_sha(self, branch: str) -> str:
        """Where the remote's branch or full ref stands now, else empty. Raises ``RemoteSilent`` or
        ``AccessDenied``."""
        if self._remote is None:
            return ""
        ref = ref_of(branch)
        ended = self._ask_remote(
            "look at", "ls-remote", "--quiet", "--end-of-options", self._remote, ref
        )
        found = {
            name: sha for sha, _, name in (line.partition("\t") for line in lines_of(ended.text))
        }
        return found.get(ref, "")

    def remote_name(self) -> str:
        """The remote as a person would say it: a name or an address without credentials."""
        return without_credentials(self._remote or "")

    def upstream(self, branch: str) -> str:
        """``origin/name`` where the branch tracks one, else empty."""
        told = self._git.must(
            "for-each-ref", "--format=%(refname)%00%(upstream:short)", ref_of(branch)
        )
        return dict(line.split("\0", 1) for line in lines_of(told)).get(ref_of(branch), "")

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether the first commit is contained in the second; False where either is unknown here."""
        one, other = self.sha_of(ancestor), self.sha_of(descendant)
        return (
            bool(one and other)
            and self._read("merge-base", "--is-ancestor", one, other).status == 0
        )

    def merge_base(self, one: str, other: str) -> str:
        """The best common ancestor, empty where there is none."""
        first, second = self.sha_of(one), self.sha_of(other)
        return self._read("merge-base", first, second).text if first and second else ""

    def changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        """Lines added and removed by path between two trees or commits; a renamed file is one
        removed and one added."""
        return file_changes(self._between(base, tree, "--numstat", "-z"))

    def added_lines(self, base: str, tree: str) -> tuple[tuple[str, int, str], ...]:
        """Path, line number and text of every added line; at most the first 100,000."""
        return tuple(islice(added_lines(self._between(base, tree, "-p", "-U0")), MOST_LINES))

    def subjects(self, base: str, tip: str) -> tuple[str, ...]:
        """The subjects of the commits after ``base`` up to ``tip``, newest first; none where either
        is unknown here."""
        first, last = self.sha_of(base), self.sha_of(tip)
        return (
            tuple(lines_of(self._read("log", "--format=%s", last, f"^{first}").text))
            if first and last
            else ()
        )

    def message_of(self, rev: str) -> str:
        """The whole commit message, empty where there is no such commit."""
        sha = self.sha_of(rev)
        return self._read("log", "-1", "--format=%B", sha).text if sha else ""

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none. An empty ``rev`` reads the working
        tree."""
        content = self._blob(rev, path) if rev else self._file(path)
        return None if content is None else content.decode("utf-8", "replace")

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of the files of a revision; an empty ``rev`` lists the working tree's (tracked
        and new, not ignored)."""
        folder = _inside(under)
        if rev:
            tree = self._id(rev, "tree")
            listed = (
                self._read("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree).output
                if tree
                else b""
            )
        else:
            listed = self._read(
                "ls-files", "-z", "--cached", "--others", "--exclude-standard"
            ).output
        # a tracked file that was deleted is still listed
        there = {
            name
            for name in listed.split(b"\0")
            if name and (rev or os.path.lexists(self.root / os.fsdecode(name)))
        }
        found = sorted(name.decode("utf-8", "replace") for name in there)
        return tuple(
            name for name in found if not folder or name == folder or name.startswith(f"{folder}/")
        )

    def texts(self, rev: str, suffix: str) -> Mapping[str, str]:
        """Every text file of a revision whose path ends so, by path; links are none."""
        listed = (
            self._read("ls-tree", "-r", "-z", "--full-tree", self._treeish(rev)).output
            if rev
            else b""
        )
        entries = (line.split(b"\t", 1) for line in listed.split(b"\0") if line.startswith(b"100"))
        ids = {path.decode("utf-8", "replace"): told.split(b" ")[2] for told, path in entries}
        wanted = {path: blob for path, blob in ids.items() if path.endswith(suffix)}
        answer = self._read(
            "cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in wanted.values())
        ).output
        return {path: text.decode("utf-8", "replace") for path, text in zip(wanted, batch(answer))}

    def history_trees(self, rev: str, most: int) -> tuple[tuple[str, str], ...]:
        """Commit and tree id of a revision and of its first parents, the newest first, ``most`` of
        them."""
        sha = self.sha_of(rev)
        told = (
            self._read("log", "--first-parent", f"--max-count={most}", "--format=%H %T", sha).text
            if sha
            else ""
        )
        return tuple(
            (commit, tree) for commit, _, tree in (line.partition(" ") for line in lines_of(told))
        )

    def size_bytes(self, tree: str, path: str) -> int:
        """The size of a file of a tree, 0 where it has none."""
        told = self._read(
            "cat-file", "--batch-check", stdin=f"{self._found(tree, path)}\n".encode()
        ).text.split(" ")
        return int(told[2]) if told[1] == "blob" else 0

    @cached_property
    def _named(self) -> bool:
        """Whether the remote is one of the repository's own by name, and not an address."""
        return self._remote in self._git.must("remote").splitlines()

    def _read(self, *arguments: str, stdin: bytes = b"") -> GitResult:
        return self._git.run(*arguments, stdin=stdin, env=self._scratch.reading)

    def _id(self, rev: str, kind: str) -> str:
        return self._resolved(f"{rev}^{{{kind}}}") if rev else ""

    def _resolved(self, spec: str) -> str:
        ended = (
            None
            if "\0" in spec
            else self._read("rev-parse", "--verify", "--quiet", "--end-of-options", spec)
        )
        return "" if ended is None or ended.status else ended.text

    def _treeish(self, rev: str) -> str:
        """A full id as it is, anything else resolved, so that a tree that was just computed costs
        no further process."""
        return rev if _FULL_ID.fullmatch(rev) else self._id(rev, "tree")

    def _found(self, rev: str, path: str) -> str:
        """The id of what a revision has at a path, empty where it has nothing."""
        tree, inside = self._treeish(rev), _inside(path)
        return self._resolved(f"{tree}:{inside}") if tree and inside else ""

    def _blob(self, rev: str, path: str) -> bytes | None:
        found = self._found(rev, path)
        content = self._read("cat-file", "blob", found) if found else None
        return None if content is None or content.status else content.output

    def _file(self, path: str) -> bytes | None:
        target = self.root / path
        if "\0" in path or not target.resolve().is_relative_to(self.root) or not target.is_file():
            return None
        return target.read_bytes()

    def _between(self, base: str, tree: str, *how: str) -> bytes:
        first, second = self._treeish(base), self._treeish(tree)
        ended = self._read(
            "-c", "core.quotePath=true", "diff-tree", "-r", "--no-renames", *how, first, second
        )
        if ended.status:
            unknown = tree if self.tree_of(base) else base
            raise StepFailed(
                f"git knows no {unknown!r} here: {ended.said}",
                where=str(self.root),
                hint="git fetch",
            )
        return ended.output

    def _ask_remote(
        self, doing: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> GitResult:
        ended = self._git.run(*arguments, env=env, timeout_s=REMOTE_S)
        if ended.status:
            raise remote_error(ended, self._remote or "", doing)
        return ended


def _inside(path: str) -> str:
    """The path as git names it in a tree: without ``./`` in front and a slash behind; empty for the
    top folder."""
    inside = str(PurePosixPath(path))
    return "" if inside == "." else inside


def lines_of(text: str) -> list[str]:
    """Not ``splitlines``, which also splits at characters that a subject or a branch name may
    contain."""
    return text.split("\n") if text else []


def ref_of(branch: str) -> str:
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"
