"""The reading half of the repository: answers git's questions without leaving anything in ``.git``.

What is in its files stands in ``contents``.
"""

import os
import shlex
from datetime import datetime, timezone
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git.contents import GitContents
from devflow.adapters.git.diff import MOST_LINES, added_lines, file_changes, renamed_files
from devflow.adapters.git.process import (
    REMOTE_S,
    GitResult,
    remote_error,
    without_credentials,
)
from devflow.adapters.git.unfinished import WorkState
from devflow.model.change import FileChange
from devflow.model.errors import StepFailed, UsageError
from devflow.model.ids import Sha
from devflow.model.wording import short_sha
from devflow.ports.repository import GitHook

# also outside of a sparse checkout: git would leave such a file out, without a word
ADD_ALL: Final = ("add", "--all", "--sparse")
PIPELINE: Final = "pipeline.yaml"
_HOOK_BYTES: Final = 65536  # of a hook that tell whose it is; managers' own scripts have 3,000
# not `git log`, which checks signatures and follows names where somebody configured it
_LOG: Final = ("rev-list", "--no-commit-header")


class GitReads(GitContents):
    """Reads of the repository at ``root`` and of its remote, a remote's name or an address;
    ``None``: it has none."""

    def current_branch(self) -> str:
        """The branch that is checked out. Raises ``UsageError`` where HEAD is detached."""
        ended = self._git.run("symbolic-ref", "--quiet", "HEAD")
        if ended.status:
            problem = "no branch is checked out (HEAD is detached)"
            branch = self._branch_at_head()
            hint = f"git switch {shlex.quote(branch) if branch else '<branch>'}"
            raise UsageError(problem, where=str(self.root), hint=hint)
        return ended.text.removeprefix("refs/heads/")

    def _branch_at_head(self) -> str:
        """The one branch whose tip HEAD is, or is the merge of: as CI systems check out what was
        pushed, and a pull request. Empty where there is none, or where it could be several."""
        places = ["refs/heads/"]
        # not all of refs/remotes: GitHub's runners keep refs/remotes/pull/1/merge
        places += [f"refs/remotes/{name}/" for name in lines_of(self._git.must("remote"))]
        for revision in ("HEAD", "HEAD^2"):
            argv = ("for-each-ref", f"--points-at={revision}", "--format=%(refname)", *places)
            names = {_short(ref, places) for ref in lines_of(self._git.run(*argv).text)} - {"HEAD"}
            if names:
                return names.pop() if len(names) == 1 else ""
        return ""

    def require_finished(self, branch: str = "") -> None:
        """Raises ``UsageError`` where git says that the working tree is not finished, with the
        command that ends that state; with a ``branch`` only where the working tree is its own."""
        WorkState(self._git, self.root).require_finished(branch)

    def branches(self) -> tuple[str, ...]:
        """Local branch names."""
        text = self._git.must("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/")
        return tuple(lines_of(text))

    def work_tree(self) -> str:
        """The tree id of the working tree as ``git add -A`` would commit it.

        Nothing is written into ``.git``.
        """
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(self._scratch.index(copied=True))}
        if self._shadow.is_needed:
            env.update(self._shadow.reading())
        self._git.must(*self._everything(env), env=env)
        return self._git.must("write-tree", env=env)

    def _everything(self, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """What git takes up for a tree: all that is not ignored, but for a pipeline.yaml that git
        does not keep. It says how tickets are run, and becomes part of none unasked."""
        # git 2.39 takes an ignored file for asked for, though it is named only to be left out
        untracked = ("ls-files", "--others", "--exclude-standard", "--", PIPELINE)
        if not self._git.must(*untracked, env=env):
            return ADD_ALL
        return (*ADD_ALL, "--", ".", f":(top,exclude,literal){PIPELINE}")

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

    def renamed(self, base: str, tree: str) -> Mapping[str, str]:
        """By its new path what each renamed file was called; git takes files for one whose lines
        are half the same. Raises ``StepFailed`` for an unknown tree."""
        options = ("-z", "--name-status", "--find-renames", "--diff-filter=R")
        return renamed_files(self._between(base, tree, *options))

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

    def listed(self, rev: str) -> dict[str, tuple[str, str]]:
        """Mode and object id of every file of a revision, by path; a submodule is one of them.

        Raises ``StepFailed`` where git does not know it.
        """
        tree = self.tree_of(rev)
        if not tree:
            problem = f"git knows no tree {rev!r} here"
            raise StepFailed(problem, where=str(self.root), hint="git fetch")
        found = {}
        for line in self._read("ls-tree", "-r", "-z", "--full-tree", tree).output.split(b"\0"):
            about, _, path = line.partition(b"\t")
            if path:
                mode, _, oid = about.decode().split(" ")
                found[os.fsdecode(path)] = (mode, oid)
        return found

    def message_of(self, rev: str) -> str:
        """The whole commit message, empty where there is no such commit."""
        sha = self.sha_of(rev)
        return self._read(*_LOG, "--max-count=1", "--format=%B", sha).text if sha else ""

    def hook(self, name: str) -> GitHook | None:
        """The hook of this name that git would run; one that is not executable it passes over."""
        place = ("rev-parse", "--path-format=absolute", "--git-path", f"hooks/{name}")
        path = Path(self._git.must(*place))
        if not (path.is_file() and os.access(path, os.X_OK)):
            return None
        with path.open("rb") as file:
            text = file.read(_HOOK_BYTES).decode("utf-8", "replace")
        inner = path.relative_to(self.root) if path.is_relative_to(self.root) else None
        if inner is None or inner.parts[0] == ".git":
            return GitHook(str(path), text)
        return GitHook(inner.as_posix(), text)

    def committed_at(self, rev: str) -> datetime | None:
        """When a commit was made; ``None`` where there is no such commit."""
        sha = self.sha_of(rev)
        if not sha:
            return None
        moment = self._read(*_LOG, "--max-count=1", "--format=%cI", sha).text.strip()
        return datetime.fromisoformat(moment).astimezone(timezone.utc)

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

    def _is_cut(self, *revisions: str) -> bool:
        """Whether a history ends only because this clone is shallow."""
        place = self._git.must("rev-parse", "--path-format=absolute", "--git-path", "shallow")
        if not os.path.exists(place):
            return False
        cuts = Path(place).read_text(encoding="ascii").split()
        ends = self._read("rev-list", "--max-parents=0", *revisions).text.split()
        return not set(ends).isdisjoint(cuts)

    def _shallow(self, problem: str) -> UsageError:
        # an address, such as the sandbox's, need not be where the clone came from
        remote = f" {self._remote}" if self._named else ""
        in_ci = (
            "in GitHub Actions: actions/checkout with fetch-depth: 0; in GitLab CI: GIT_DEPTH: 0"
        )
        hint = f"git fetch --unshallow{remote}; {in_ci}"
        message = f"{problem}: this clone is shallow, its history is cut off"
        return UsageError(message, where=str(self.root), hint=hint)

    @cached_property
    def _named(self) -> bool:
        """Whether the remote is one of the repository's own by name, and not an address."""
        return self._remote in self._git.must("remote").splitlines()

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


def lines_of(text: str) -> list[str]:
    """The lines of what git printed."""
    # not splitlines, which also splits at characters that a subject or a branch name may contain
    return text.split("\n") if text else []


def _short(ref: str, places: list[str]) -> str:
    """The branch that a ref names, without the place that it stands in."""
    return next((ref.removeprefix(one) for one in places if ref.startswith(one)), ref)


def ref_of(branch: str) -> str:
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"
