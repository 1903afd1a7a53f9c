"""What of a clone may be missing before a run begins: its base branch, who commits, history,
submodules, and content that git-lfs keeps."""

from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.large_files import found
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.reads import ref_of
from devflow.adapters.git.settings import settings_of
from devflow.adapters.git.submodules import clone_of, gitlinks
from devflow.model.errors import Unavailable
from devflow.model.outcomes import Needed
from devflow.model.wording import first_of, short_sha

_SHOWN: Final = 5
_IDENTITY: Final = "git config user.name 'Your Name' && git config user.email you@example.org"


class Condition:
    """A clone at ``root``, whose remote is called ``remote`` and whose changes go into ``base``; of
    one that ``fetches`` nothing, a sandbox's, a base that is not here has to be another."""

    def __init__(self, root: Path, remote: str, base: str, *, fetches: bool = True) -> None:
        self._git = GitProcess(root)
        self._fetches = fetches
        self._root = root
        self._remote = remote
        self._base = base

    def needs(self) -> Iterator[Needed]:
        """Everything that a run asks of a clone; the remote itself is not asked."""
        yield self._base_branch()
        yield self._identity()
        yield self._history()
        yield from self._submodules()
        yield from self._large_files()

    def is_tracked(self, path: str) -> bool:
        """Whether git keeps this file."""
        return not self._git.run("ls-files", "--error-unmatch", "--", path).status

    def _sha(self, ref: str) -> str:
        return self._git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").text

    def _base_branch(self) -> Needed:
        here = self._sha(ref_of(self._base))
        there = self._sha(f"refs/remotes/{self._remote}/{self._base}")
        at = ("project", "base")
        if here or there:
            name = self._base if here else f"{self._remote}/{self._base}"
            return _of("base", f"{name} at {short_sha(here or there)}", at)
        branches = self._git.run("for-each-ref", "--format=%(refname:short)", "refs/heads/").text
        names = first_of(branches.split(), _SHOWN) or "none"
        problem = f"there is no branch {self._base} here; branches: {names}"
        remedy = f"project: {{base: NAME}}, or: git fetch {self._remote} {self._base}"
        missing = _of("base", problem, at, remedy)
        return missing if self._fetches else missing.model_copy(update={"cure": "pipeline"})

    def _identity(self) -> Needed:
        ended = self._git.run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
        if ended.status:
            return _of("git identity", "git does not know who commits here", remedy=_IDENTITY)
        return _of("git identity", ended.text.rpartition(">")[0] + ">")

    def _history(self) -> Needed:
        if self._git.run("rev-parse", "--is-shallow-repository").text != "true":
            return _of("history", "whole")
        problem = "this clone is shallow, its history is cut off"
        return _of("history", problem, remedy=f"git fetch --unshallow {self._remote}".rstrip())

    def _submodules(self) -> Iterator[Needed]:
        entries = self._git.run("ls-files", "--stage", "-z").output
        clone = Clone(self._root, self._git)
        links = gitlinks(self._git, "HEAD", entries)
        for link in links:
            try:
                clone_of(clone, link)
            except Unavailable as error:
                yield _of("submodules", error.message, remedy=error.hint)
                return
        if links:
            yield _of("submodules", first_of([link.path for link in links], _SHOWN))

    def _large_files(self) -> Iterator[Needed]:
        try:
            held = found(Clone(self._root, self._git), self._git, settings_of(self._git), "")
        except Unavailable as error:
            yield _of("git-lfs", error.message, remedy=error.hint)
            return
        if held:
            yield _of("git-lfs", f"the content of {len(held)} files is here")


def _of(about: str, found: str, at: tuple[str, ...] = (), remedy: str = "") -> Needed:
    return Needed(
        about=about, here=not remedy, found=found, remedy=remedy, at=at, group="repository"
    )
