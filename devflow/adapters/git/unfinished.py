"""Whether git itself calls a working tree finished: no unmerged path, no merge, rebase,
cherry-pick, revert, bisect or ``am`` in progress, and no repository inside that would become a link
to nowhere.

The places are those that ``git status`` looks at (wt-status.c of git 2.39).
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterable, NamedTuple

from devflow.adapters.git.process import GitProcess, without_credentials
from devflow.model.errors import UsageError
from devflow.model.wording import first_of, plural

_MOST_NAMED: Final = 5  # paths in a message; the rest is counted
_LINK: Final = "160000"


class _Operation(NamedTuple):
    """What is in progress, the git command that it is ended by, and the file that says so."""

    what: str
    command: str
    place: str


# the first one found counts: while a rebase stops, CHERRY_PICK_HEAD is there too
_OPERATIONS: Final = (
    _Operation("an am", "am", "rebase-apply/applying"),
    _Operation("a rebase", "rebase", "rebase-apply"),
    _Operation("a rebase", "rebase", "rebase-merge"),
    _Operation("a merge", "merge", "MERGE_HEAD"),
    _Operation("a cherry-pick", "cherry-pick", "CHERRY_PICK_HEAD"),
    _Operation("a revert", "revert", "REVERT_HEAD"),
    # several commits, of which the one that stopped was committed by hand
    _Operation("a cherry-pick", "cherry-pick", "sequencer/todo"),
    _Operation("a bisect", "bisect", "BISECT_LOG"),
)
_BRANCHES: Final = ("rebase-apply/head-name", "rebase-merge/head-name", "BISECT_START")


@dataclass(frozen=True)
class _Entry:
    """A line of the index."""

    mode: str
    stage: str
    path: str


class WorkState:
    """What git knows of the working tree at ``root``."""

    def __init__(self, git: GitProcess, root: Path) -> None:
        self._git = git
        self._root = root

    def require_finished(self, branch: str) -> None:
        """Raises ``UsageError`` where it is not finished, with the paths and the command that git
        accepts in that state; with a ``branch`` only where the tree is that branch's."""
        if branch and branch not in self._branches():
            return
        index = self._index()
        unmerged = sorted({entry.path for entry in index if entry.stage != "0"})
        operation = self._operation()
        if operation or unmerged:
            problem = _in_progress(operation, unmerged)
            raise UsageError(problem, where=str(self._root), hint=_way_out(operation, unmerged))
        self._refuse_nested(index)

    def _branches(self) -> list[str]:
        """The branch that is checked out, or the one that a rebase or a bisect began on."""
        head = self._git.run("symbolic-ref", "--quiet", "HEAD")
        if not head.status:
            return [head.text.removeprefix("refs/heads/")]
        names = []
        for place in self._places(_BRANCHES):
            if place.is_file():
                text = place.read_text(encoding="utf-8", errors="replace")
                names.append(text.strip().removeprefix("refs/heads/"))
        return names

    def _places(self, names: Iterable[str]) -> list[Path]:
        """Where this work tree has these files; a linked one has its own."""
        options = [word for name in names for word in ("--git-path", name)]
        text = self._git.must("rev-parse", "--path-format=absolute", *options)
        return [Path(line) for line in text.split("\n")]

    def _operation(self) -> _Operation | None:
        places = self._places(operation.place for operation in _OPERATIONS)
        for operation, place in zip(_OPERATIONS, places):
            if not place.exists():
                continue
            is_list = operation.place == "sequencer/todo"
            if is_list and place.read_text(errors="replace").startswith("revert"):
                return _Operation("a revert", "revert", operation.place)
            return operation
        return None

    def _index(self) -> list[_Entry]:
        listing = self._git.run("ls-files", "-z", "--stage").output
        entries = []
        for line in listing.split(b"\0"):
            if line:
                description, name = line.split(b"\t", 1)
                mode, _, stage = description.decode().split(" ")
                entries.append(_Entry(mode, stage, os.fsdecode(name)))
        return entries

    def _refuse_nested(self, index: list[_Entry]) -> None:
        listing = self._git.run("ls-files", "-z", "--others", "--exclude-standard").output
        names = [os.fsdecode(name) for name in listing.split(b"\0")]
        # git lists a folder only where it is a repository
        new = [name.rstrip("/") for name in names if name.endswith("/")]
        links = [entry.path for entry in index if entry.mode == _LINK]
        here = [path for path in links if (self._root / path / ".git").exists()]
        if not (new or here):
            return
        declared = self._declared()
        nested = [path for path in (*new, *here) if path not in declared]
        if not nested:
            return
        # what is told first is what can be typed first
        hint = self._nested_way_out(nested[0], is_link=nested[0] in here)
        named = first_of(nested, _MOST_NAMED)
        problem = f"a repository that .gitmodules does not name lies inside: {named}"
        raise UsageError(problem, where=str(self._root), hint=hint)

    def _declared(self) -> set[str]:
        """The paths that .gitmodules names."""
        options = ("--file", str(self._root / ".gitmodules"), "--null")
        ended = self._git.run("config", *options, "--get-regexp", r"^submodule\..*\.path$")
        records = [record for record in ended.output.split(b"\0") if record]
        return {os.fsdecode(record.partition(b"\n")[2]).rstrip("/") for record in records}

    def _nested_way_out(self, path: str, *, is_link: bool) -> str:
        quoted = shlex.quote(path)
        # forced, since what was staged can be another commit than HEAD's and than the folder's
        unlink = f"git rm -f --cached {quoted} && " if is_link else ""
        line = shlex.quote(f"/{path}/")
        ignore = f"{unlink}echo {line} >> .gitignore"
        address = self._address_of(path)
        if not address:
            return ignore
        return f"{unlink}git submodule add {shlex.quote(address)} {quoted}, or: {ignore}"

    def _address_of(self, path: str) -> str:
        """Where a nested repository came from; empty where it cannot be a submodule: it has no
        commit, no remote, or is a work tree of this very repository."""
        nested = GitProcess(self._root / path)
        commons = []
        for git in (self._git, nested):
            ended = git.run("rev-parse", "--path-format=absolute", "--git-common-dir")
            commons.append(ended.text)
        has_commit = not nested.run("rev-parse", "--verify", "--quiet", "HEAD").status
        if commons[0] == commons[1] or not has_commit:
            return ""
        return without_credentials(nested.run("config", "--get", "remote.origin.url").text)


def _in_progress(operation: _Operation | None, unmerged: list[str]) -> str:
    paths = first_of(unmerged, _MOST_NAMED)
    count = f"{plural(len(unmerged), 'path')} unmerged: {paths}" if unmerged else ""
    if operation is None:
        return count
    if unmerged:
        return f"{operation.what} is in progress, {count}"
    return f"{operation.what} is in progress"


def _way_out(operation: _Operation | None, unmerged: list[str]) -> str:
    paths = " ".join(shlex.quote(path) for path in unmerged[:_MOST_NAMED])
    add = f"git add {paths}" if len(unmerged) <= _MOST_NAMED else "git add PATH, each"
    if operation is None:
        return f"solve them, then: {add}"
    if operation.command == "bisect":
        return "git bisect reset"
    go_on = f"git {operation.command} --continue"
    stop = f"git {operation.command} --abort"
    if unmerged:
        return f"{stop}, or solve them, then: {add} && {go_on}"
    if operation.command == "am":
        # a patch that does not apply leaves nothing behind that could be gone on with
        return f"{stop}, or make its change by hand and git add it, then: {go_on}"
    return f"{go_on}, or: {stop}"
