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

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.diff import MOST_LINES, added_lines, batch, file_changes
from devflow.adapters.git.process import (
    REMOTE_S,
    GitProcess,
    GitResult,
    remote_error,
    without_credentials,
)
from devflow.adapters.git.scratch import Scratch
from devflow.adapters.git.shadow import Shadow
from devflow.adapters.git.unfinished import WorkState
from devflow.model.change import FileChange
from devflow.model.errors import StepFailed, UsageError
from devflow.model.ids import Sha
from devflow.model.wording import short_sha

# also outside of a sparse checkout: git would leave such a file out, without a word
ADD_ALL: Final = ("add", "--all", "--sparse")
# not `git log`, which checks signatures and follows names where somebody configured it
_LOG: Final = ("rev-list", "--no-commit-header")
_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitReads:
    """Reads of the repository at ``root`` and of its remote, a remote's name or an address;
    ``None``: it has none."""

    def __init__(self, root: Path, remote: str | None) -> None:
        self.root = root.resolve()
        self._remote = remote
        self._git = GitProcess(self.root)
        self._scratch = Scratch(self._git)
        self._clone = Clone(self.root, self._git, self._scratch)
        self._shadow = Shadow(self._clone, self._scratch)

    def current_branch(self) -> str:
        """The branch that is checked out. Raises ``UsageError`` where HEAD is detached."""
        ended = self._git.run("symbolic-ref", "--quiet", "HEAD")
        if ended.status:
            problem = "no branch is checked out (HEAD is detached)"
            raise UsageError(problem, where=str(self.root), hint="git switch <branch>")
        return ended.text.removeprefix("refs/heads/")

    def require_finished(self, branch: str = "") -> None:
        """Raises ``UsageError`` where git says that the working tree is not finished, with the
        command that ends that state; with a ``branch`` only where the working tree is its own."""
        WorkState(self._git, self.root).require_finished(branch)

    def branches(self) -> tuple[str, ...]:
        """Local branch names."""
        text = self._git.must("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/")
        return tuple(lines_of(text))

    def sha_of(self, rev: str) -> Sha:
        """The commit id of a local revision, empty where there is none."""
        return Sha(self._id(rev, "commit"))

    def tree_of(self, rev: str, path: str = "") -> str:
        """The tree id of a revision, or of a folder in it; empty where there is none.

        ``rev`` may be a tree id too.
        """
        folder = _path_in_tree(path)
        if folder:
            rev = self._resolve(f"{self._treeish(rev)}:{folder}")
        return self._id(rev, "tree")

    def work_tree(self) -> str:
        """The tree id of the working tree as ``git add -A`` would commit it.

        Nothing is written into ``.git``.
        """
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(self._scratch.index(copied=True))}
        if self._shadow.is_needed:
            env.update(self._shadow.reading())
        self._git.must(*ADD_ALL, env=env)
        return self._git.must("write-tree", env=env)

    def remote_sha(self, branch: str) -> Sha:
        """Where the remote's branch or full ref stands now, else empty.

        Raises ``RemoteSilent`` or ``AccessDenied``.
        """
        if self._remote is None:
            return Sha("")
        ref = ref_of(branch)
        listing = ("ls-remote", "--quiet", "--end-of-options", self._remote, ref)
        ended = self._ask_remote("look at", *listing)
        for line in lines_of(ended.text):
            # other refs that end alike are listed too
            sha, _, name = line.partition("\t")
            if name == ref:
                return Sha(sha)
        return Sha("")

    def remote_name(self) -> str:
        """The remote as a person would say it: a name or an address without credentials."""
        return without_credentials(self._remote or "")

    def upstream(self, branch: str) -> str:
        """``origin/name`` where the branch tracks one, else empty."""
        ref = ref_of(branch)
        text = self._git.must("for-each-ref", "--format=%(refname)%00%(upstream:lstrip=2)", ref)
        for line in lines_of(text):
            name, _, upstream = line.partition("\0")
            if name == ref:
                return upstream
        return ""

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether the second commit contains the first; False where either is unknown here.

        Raises ``UsageError`` where a shallow clone cannot tell.
        """
        one = self.sha_of(ancestor)
        other = self.sha_of(descendant)
        if not (one and other):
            return False
        if self._read("merge-base", "--is-ancestor", one, other).status == 0:
            return True
        # an end that the first contains cannot have it behind itself
        if self._is_cut(other, f"^{one}"):
            problem = f"it cannot be told whether {short_sha(other)} contains {short_sha(one)}"
            raise self._shallow(problem)
        return False

    def merge_base(self, one: str, other: str) -> Sha:
        """The best common ancestor, empty where there is none.

        Raises ``UsageError`` where a shallow clone cannot tell.
        """
        first = self.sha_of(one)
        second = self.sha_of(other)
        if not (first and second):
            return Sha("")
        base = self._read("merge-base", first, second).text
        if not base and self._is_cut(first, second):
            two = f"{short_sha(first)} and {short_sha(second)}"
            raise self._shallow(f"it cannot be told where {two} parted")
        return Sha(base)

    def changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        """Lines added and removed by path between two trees or commits.

        A renamed file is one removed and one added. Raises ``StepFailed`` for an unknown one.
        """
        return file_changes(self._between(base, tree, "--numstat", "-z"))

    def added_lines(self, base: str, tree: str) -> tuple[tuple[str, int, str], ...]:
        """Path, line number and text of every added line; at most the first 100,000."""
        patch = self._between(base, tree, "-p", "-U0")
        return tuple(islice(added_lines(patch), MOST_LINES))

    def subjects(self, base: str, tip: str) -> tuple[str, ...]:
        """The subjects of the commits after ``base`` up to ``tip``, newest first.

        None where either is unknown here.
        """
        first = self.sha_of(base)
        last = self.sha_of(tip)
        if not (first and last):
            return ()
        ended = self._read(*_LOG, "--format=%s", last, f"^{first}")
        return tuple(lines_of(ended.text))

    def message_of(self, rev: str) -> str:
        """The whole commit message, empty where there is no such commit."""
        sha = self.sha_of(rev)
        return self._read(*_LOG, "--max-count=1", "--format=%B", sha).text if sha else ""

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none.

        An empty ``rev`` reads the working tree.
        """
        content = self._blob(rev, path) if rev else self._file(path)
        return None if content is None else content.decode("utf-8", "replace")

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of the files of a revision.

        An empty ``rev`` lists the working tree's (tracked and new, not ignored).
        """
        folder = _path_in_tree(under)
        names = self._names_in(rev) if rev else self._names_here()
        paths = sorted(name.decode("utf-8", "replace") for name in names)
        if not folder:
            return tuple(paths)
        return tuple(path for path in paths if path == folder or path.startswith(f"{folder}/"))

    def _names_in(self, rev: str) -> set[bytes]:
        tree = self._id(rev, "tree")
        if not tree:
            return set()
        listing = self._read("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree).output
        return set(listing.split(b"\0")) - {b""}

    def _names_here(self) -> set[bytes]:
        listing = self._read("ls-files", "-z", "--cached", "--others", "--exclude-standard").output
        names = set(listing.split(b"\0")) - {b""}
        # a tracked file that was deleted is still listed, and a path need not be UTF-8
        here = {name for name in names if os.path.lexists(self.root / os.fsdecode(name))}
        return here | self._names_left_out() if names - here else here

    def _names_left_out(self) -> set[bytes]:
        """The files that a sparse checkout leaves out of the working tree and a commit keeps."""
        listing = self._read("ls-files", "-t", "-z", "--cached").output
        entries = listing.split(b"\0")
        return {entry.removeprefix(b"S ") for entry in entries if entry.startswith(b"S ")}

    def texts(self, rev: str, suffix: str) -> Mapping[str, str]:
        """Every text file of a revision whose path ends so, by path; links are none."""
        blobs: dict[str, bytes] = {}
        for entry in self._entries(rev):
            description, name = entry.split(b"\t", 1)
            path = name.decode("utf-8", "replace")
            if path.endswith(suffix):
                blobs[path] = description.split(b" ")[2]
        ids = b"".join(blob + b"\n" for blob in blobs.values())
        answer = self._read("cat-file", "--batch", stdin=ids).output
        texts: dict[str, str] = {}
        for path, content in zip(blobs, batch(answer)):
            texts[path] = content.decode("utf-8", "replace")
        return texts

    def _entries(self, rev: str) -> list[bytes]:
        """What ``ls-tree`` prints of the regular files."""
        if not rev:
            return []
        listing = self._read("ls-tree", "-r", "-z", "--full-tree", self._treeish(rev)).output
        return [entry for entry in listing.split(b"\0") if entry.startswith(b"100")]

    def history_trees(self, rev: str, most: int) -> tuple[tuple[str, str], ...]:
        """Commit and tree id of a revision and of its first parents.

        The newest comes first; there are ``most`` of them at most.
        """
        sha = self.sha_of(rev)
        if not sha:
            return ()
        options = ("--first-parent", f"--max-count={most}", "--format=%H %T")
        history: list[tuple[str, str]] = []
        for line in lines_of(self._read(*_LOG, *options, sha).text):
            commit, _, tree = line.partition(" ")
            history.append((commit, tree))
        return tuple(history)

    def size_bytes(self, tree: str, path: str) -> int:
        """The size of a file of a tree, 0 where it has none."""
        question = f"{self._id_at(tree, path)}\n".encode()
        answer = self._read("cat-file", "--batch-check", stdin=question).text.split(" ")
        return int(answer[2]) if answer[1] == "blob" else 0

    def _is_cut(self, *revisions: str) -> bool:
        """Whether a history ends only because this clone is shallow."""
        place = self._git.must("rev-parse", "--path-format=absolute", "--git-path", "shallow")
        if not os.path.exists(place):
            return False
        cuts = Path(place).read_text(encoding="ascii").split()
        ends = self._read("rev-list", "--max-parents=0", *revisions).text.split()
        return not set(ends).isdisjoint(cuts)

    def _shallow(self, problem: str) -> UsageError:
        remote = without_credentials(self._remote or "")
        fetch = f"git fetch --unshallow {remote}".rstrip()
        hint = f"{fetch}; in GitHub Actions: actions/checkout with fetch-depth: 0"
        message = f"{problem}: this clone is shallow, its history is cut off"
        return UsageError(message, where=str(self.root), hint=hint)

    @cached_property
    def _named(self) -> bool:
        """Whether the remote is one of the repository's own by name, and not an address."""
        return self._remote in self._git.must("remote").splitlines()

    def _read(self, *arguments: str, stdin: bytes = b"") -> GitResult:
        return self._git.run(*arguments, stdin=stdin, env=self._scratch.reading)

    def _id(self, rev: str, kind: str) -> str:
        return self._resolve(f"{rev}^{{{kind}}}") if rev else ""

    def _resolve(self, spec: str) -> str:
        # no program can be given an argument with a NUL in it
        if "\0" in spec:
            return ""
        ended = self._read("rev-parse", "--verify", "--quiet", "--end-of-options", spec)
        return "" if ended.status else ended.text

    def _treeish(self, rev: str) -> str:
        """A full id as it is, anything else resolved: a tree just computed costs no process."""
        return rev if _FULL_ID.fullmatch(rev) else self._id(rev, "tree")

    def _id_at(self, rev: str, path: str) -> str:
        """The id of what a revision has at a path, empty where it has nothing."""
        tree = self._treeish(rev)
        name = _path_in_tree(path)
        return self._resolve(f"{tree}:{name}") if tree and name else ""

    def _blob(self, rev: str, path: str) -> bytes | None:
        blob = self._id_at(rev, path)
        if not blob:
            return None
        content = self._read("cat-file", "blob", blob)
        return None if content.status else content.output

    def _file(self, path: str) -> bytes | None:
        target = self.root / path
        if "\0" in path or not target.resolve().is_relative_to(self.root):
            return None
        if target.is_file():
            return target.read_bytes()
        return None if os.path.lexists(target) else self._left_out(path)

    def _left_out(self, path: str) -> bytes | None:
        """A file that a sparse checkout leaves out of the working tree and a commit keeps."""
        place = ("--cached", "--stage", "-t", "-z", "--", path)
        entry = self._read("--literal-pathspecs", "ls-files", *place).text.partition("\0")[0]
        skipped, _, name = entry.partition("\t")
        words = skipped.split(" ")
        if words[0] != "S" or name != path:
            return None
        return self._read("cat-file", "blob", words[2]).output

    def _between(self, base: str, tree: str, *options: str) -> bytes:
        trees = (self._treeish(base), self._treeish(tree))
        ended = self._read("diff-tree", "-r", *options, *trees)
        if ended.status:
            unknown = tree if self.tree_of(base) else base
            problem = f"git knows no {unknown!r} here: {ended.reason}"
            raise StepFailed(problem, where=str(self.root), hint="git fetch")
        return ended.output

    def _ask_remote(
        self, doing: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> GitResult:
        ended = self._git.run(*arguments, env=env, timeout_s=REMOTE_S)
        if ended.status:
            raise remote_error(ended, self._remote or "", doing)
        return ended


def _path_in_tree(path: str) -> str:
    """The path as git names it, without ``./`` in front and a slash behind.

    Empty for the top folder.
    """
    name = str(PurePosixPath(path))
    return "" if name == "." else name


def lines_of(text: str) -> list[str]:
    """The lines of what git printed."""
    # not splitlines, which also splits at characters that a subject or a branch name may contain
    return text.split("\n") if text else []


def ref_of(branch: str) -> str:
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"
