"""Where a clone keeps the repositories of its submodules."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Iterator, Mapping

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.settings import remote_in
from devflow.model.errors import Unavailable

_GITLINK: Final = b"160000 "
_PATHS: Final = r"^submodule\..*\.path$"


@dataclass(frozen=True)
class Gitlink:
    """A folder of a tree that is a commit of another repository."""

    path: str
    commit: str
    name: str


def gitlinks(own: GitProcess, tree: str, entries: bytes) -> tuple[Gitlink, ...]:
    """The submodules among a checkout's index ``entries``, by the names that the tree gives them.

    A link without a name is an empty folder in every clone, and is none of them.
    """
    commits: dict[str, str] = {}
    for entry in entries.split(b"\0"):
        if entry.startswith(_GITLINK):
            description, path = entry.split(b"\t", 1)
            commits[os.fsdecode(path)] = description.split(b" ")[1].decode()
    if not commits:
        return ()
    names = _names(own, tree)
    named = commits.keys() & names.keys()
    return tuple(Gitlink(path, commits[path], names[path]) for path in sorted(named))


def clone_of(above: Clone, link: Gitlink) -> Clone:
    """The repository that holds a submodule's commit.

    Raises ``Unavailable`` where it is not on this machine.
    """
    path = str(PurePosixPath(above.path, link.path))
    top = above.top or link.path
    root = above.root / link.path
    known: Clone | None = None
    for git_dir in _places(above, link):
        clone = _opened(git_dir, root)
        clone.path = path
        clone.top = top
        if clone.holds(link.commit):
            return clone
        known = clone
    problem = f"the submodule {path} was never fetched"
    hint = f"git submodule update --init --recursive -- {shlex.quote(top)}"
    if known is not None:
        problem = f"the submodule {path} lacks the commit {link.commit}"
        if (root / ".git").exists():
            # an update would look for the commit of today's index
            hint = f"{known.command} fetch {remote_in(known.settings())} {link.commit}"
    raise Unavailable(problem, where=path, hint=hint)


def _opened(git_dir: Path, root: Path) -> Clone:
    # the work tree that its settings name may be gone
    places = {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(git_dir.parent)}
    return Clone(root, GitProcess(git_dir.parent, places))


def _places(above: Clone, link: Gitlink) -> Iterator[Path]:
    """The folders that are repositories of a submodule."""
    candidates = [above.root / link.path / ".git"]
    # git refuses such a name too
    if not {"..", "", "."} & set(link.name.split("/")):
        candidates.append(above.file("modules") / link.name)
        candidates.append(above.common_dir / "modules" / link.name)
    for place in candidates:
        if place.is_file() or (place / "HEAD").is_file():
            yield place


def _names(own: GitProcess, tree: str) -> Mapping[str, str]:
    """The names of submodules by their paths."""
    listing = ("config", "-z", f"--blob={tree}:.gitmodules", "--get-regexp", _PATHS)
    names: dict[str, str] = {}
    for record in own.run(*listing).text.split("\0"):
        key, _, path = record.partition("\n")
        names[path] = key.removeprefix("submodule.").removesuffix(".path")
    return names
