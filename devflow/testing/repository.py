"""A git repository and its remote in memory, for tests of steps: trees and commits are real, only
their ids are made up.

Every write is an ensure verb as in the port; ``writes`` lists those that were said.
"""

import difflib
import hashlib
from datetime import datetime, timezone

from devflow.model.change import FileChange
from devflow.model.errors import StepFailed, UsageError
from devflow.model.ids import Sha
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.repository import GitHook


def _id(*parts: object) -> str:
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


class MemoryRepository:
    """``work`` is the working tree (path to text); ``heads`` and ``remote`` are branches."""

    def __init__(self, files: dict[str, str], base: str = "main") -> None:
        self.trees: dict[str, dict[str, str]] = {}
        self.commits: dict[str, tuple[str, str, str]] = {}
        self.work = dict(files)
        self.head = base
        first = self.add_commit("", files, "chore: begin")
        self.heads = {base: first}
        self.remote = {base: first}
        self.writes: list[str] = []
        self.kept: dict[str, dict[str, bytes]] = {}
        # what git says of the working tree, empty where it is finished
        self.unfinished = ""
        self.hooks: dict[str, GitHook] = {}

    def add_tree(self, files: dict[str, str]) -> str:
        tree = _id(sorted(files.items()))
        self.trees[tree] = dict(files)
        return tree

    def add_commit(self, parent: str, files: dict[str, str], message: str) -> str:
        tree = self.add_tree(files)
        sha = _id("commit", parent, tree, message)
        self.commits[sha] = (parent, tree, message)
        return sha

    def push_by_somebody(self, branch: str, path: str, text: str) -> str:
        """Another person's commit on top of the remote's branch."""
        parent = self.remote[branch]
        files = {**self.trees[self.commits[parent][1]], path: text}
        self.remote[branch] = self.add_commit(parent, files, f"feat: {path}")
        return self.remote[branch]

    # reading

    def current_branch(self) -> str:
        if not self.head:
            raise UsageError("HEAD is detached")
        return self.head

    def require_finished(self, branch: str = "") -> None:
        if self.unfinished and branch in ("", self.head):
            raise UsageError(self.unfinished, hint="git merge --abort")

    def branches(self) -> tuple[str, ...]:
        return tuple(self.heads)

    def sha_of(self, rev: str) -> Sha:
        return Sha(self.heads.get(rev) or (rev if rev in self.commits else ""))

    def tree_of(self, rev: str, path: str = "") -> str:
        if rev in self.trees:
            tree = rev
        else:
            sha = self.sha_of(rev)
            tree = self.commits[sha][1] if sha else ""
        if not tree or not path:
            return tree
        inside = {
            name: text for name, text in self.trees[tree].items() if name.startswith(f"{path}/")
        }
        return self.add_tree(inside) if inside else ""

    def work_tree(self) -> str:
        return self.add_tree(self.work)

    def remote_sha(self, branch: str) -> Sha:
        return Sha(self.remote.get(branch, ""))

    def remote_name(self) -> str:
        return "origin"

    def upstream(self, branch: str) -> str:
        return f"origin/{branch}" if branch in self.remote else ""

    def _line(self, sha: str) -> list[str]:
        found = []
        while sha in self.commits:
            found.append(sha)
            sha = self.commits[sha][0]
        return found

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return ancestor in self._line(self.sha_of(descendant))

    def merge_base(self, one: str, other: str) -> Sha:
        ours = self._line(self.sha_of(one))
        return Sha(next((sha for sha in self._line(self.sha_of(other)) if sha in ours), ""))

    def _texts(self, base: str, tree: str) -> list[tuple[str, list[str], list[str]]]:
        old = self.trees.get(self.tree_of(base), {})
        new = self.trees[self.tree_of(tree)]
        paths = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
        return [
            (path, old.get(path, "").splitlines(), new.get(path, "").splitlines()) for path in paths
        ]

    def changes(self, base: str, tree: str) -> tuple[FileChange, ...]:
        found = []
        for path, old, new in self._texts(base, tree):
            lines = list(difflib.ndiff(old, new))
            added = sum(line[0] == "+" for line in lines)
            removed = sum(line[0] == "-" for line in lines)
            found.append(FileChange(path=path, added=added, removed=removed))
        return tuple(found)

    def renamed(self, base: str, tree: str) -> dict[str, str]:
        old = self.trees.get(self.tree_of(base), {})
        new = self.trees[self.tree_of(tree)]
        gone = {text: path for path, text in old.items() if path not in new}
        came = {path: text for path, text in new.items() if path not in old}
        return {path: gone[text] for path, text in came.items() if text in gone}

    def added_lines(self, base: str, tree: str) -> tuple[tuple[str, int, str], ...]:
        found = []
        for path, old, new in self._texts(base, tree):
            for tag, _, _, start, end in difflib.SequenceMatcher(
                None, old, new, False
            ).get_opcodes():
                if tag in ("insert", "replace"):
                    found += [(path, number + 1, new[number]) for number in range(start, end)]
        return tuple(found)

    def subjects(self, base: str, tip: str) -> tuple[str, ...]:
        known = self._line(self.sha_of(base))
        return tuple(
            self.commits[sha][2].partition("\n")[0]
            for sha in self._line(self.sha_of(tip))
            if sha not in known
        )

    def message_of(self, rev: str) -> str:
        return self.commits[self.sha_of(rev)][2]

    def committed_at(self, rev: str) -> datetime | None:
        return datetime(2026, 5, 4, 9, 0, tzinfo=timezone.utc) if self.sha_of(rev) else None

    def read(self, rev: str, path: str) -> str | None:
        return self.work.get(path) if not rev else self.trees.get(self.tree_of(rev), {}).get(path)

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        files = self.work if not rev else self.trees[self.tree_of(rev)]
        return tuple(path for path in files if path.startswith(under))

    def untracked(self) -> tuple[str, ...]:
        kept = self.trees[self.tree_of(self.head)] if self.head else {}
        return tuple(path for path in self.work if path not in kept)

    def texts(self, rev: str, suffixes: str | tuple[str, ...]) -> dict[str, str]:
        return (
            {
                path: text
                for path, text in self.trees[self.tree_of(rev)].items()
                if path.endswith(suffixes)
            }
            if rev
            else {}
        )

    def history_trees(self, rev: str, most: int) -> tuple[tuple[str, str], ...]:
        return tuple((sha, self.commits[sha][1]) for sha in self._line(self.sha_of(rev))[:most])

    def hook(self, name: str) -> GitHook | None:
        return self.hooks.get(name)

    def size_bytes(self, tree: str, path: str) -> int:
        return len(self.trees[self.tree_of(tree)].get(path, "").encode())

    # writing

    def create_branch(self, name: str, base: str) -> None:
        self.require_finished()
        self.writes.append("create_branch")
        self.heads.setdefault(name, self.remote.get(base) or self.heads[base])
        self.head = name

    def write_file(self, path: str, text: str) -> None:
        self.writes.append("write_file")
        self.work[path] = text

    def restore(self, path: str, tree: str) -> None:
        self.writes.append("restore")
        self.work[path] = self.trees[tree][path]

    def commit(self, branch: str, tree: str, message: str, *, mark: Mark = UNMARKED) -> None:
        self.require_finished()
        self.writes.append("commit")
        if self.head != branch or self.work_tree() != tree:
            raise StepFailed("the working tree moved meanwhile")
        if self.tree_of(branch) != tree:
            trailer = f"Devflow-Run: {mark.once(tree)}"
            trailed = message if trailer in message else f"{message}\n{trailer}\n"
            self.heads[branch] = self.add_commit(self.heads[branch], self.trees[tree], trailed)

    def push(self, branch: str, sha: str) -> None:
        self.writes.append("push")
        theirs = self.remote.get(branch, "")
        if self.is_ancestor(sha, theirs):
            return
        if theirs and not self.is_ancestor(theirs, sha):
            raise StepFailed(f"the remote's {branch} moved")
        self.remote[branch] = sha

    def fetch(self, branch: str) -> None:
        self.writes.append("fetch")

    def push_files(self, ref: str, files: dict[str, bytes], *, mark: Mark = UNMARKED) -> None:
        self.writes.append("push_files")
        self.kept[ref] = dict(files)
