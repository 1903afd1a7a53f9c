"""What a tree needs and this clone does not hold: a partial clone leaves content on the remote."""

import os
from pathlib import PurePosixPath
from typing import Final

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.settings import Setting
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.wording import first_of

_WALK: Final = ("rev-list", "--objects", "--no-walk", "--missing=print")
_SHOWN: Final = 3  # paths that a problem names


def refuse_missing(own: GitProcess, clone: Clone, rev: str, known: tuple[Setting, ...]) -> None:
    """Raises ``StepFailed`` where git does not know the tree or commit, ``Unavailable`` where a
    part of it is not here. ``own`` borrows the clone's objects and has no remote to ask."""
    ended = own.run(*_WALK, rev)
    if ended.status:
        problem = f"git knows no tree {rev!r} here"
        raise StepFailed(problem, where=str(clone.root), hint=f"{clone.command} fetch")
    lines = ended.output.split(b"\n")
    missing = [line[1:] for line in lines if line.startswith(b"?")]
    if not missing:
        return
    inside = _paths(own, rev, frozenset(missing))
    paths = [str(PurePosixPath(clone.path, path)) for path in inside]
    shown = first_of(paths, _SHOWN) or "the tree"
    problem = f"this clone does not hold the content of {shown}"
    hint = f"{clone.command} fsck"
    if any(setting.promises for setting in known):
        # it reads everything, so git fetches what is missing
        wanted = "HEAD" if clone.made_here(rev) else rev
        hint = f"{clone.command} archive --format=tar --output={os.devnull} {wanted}"
    raise Unavailable(problem, where=paths[0] if paths else rev, hint=hint)


def _paths(own: GitProcess, rev: str, missing: frozenset[bytes]) -> list[str]:
    """Where the missing objects lie in the tree, as far as its folders are here."""
    found = []
    # ends with an error at a missing folder, which it has named by then
    for entry in own.run("ls-tree", "-r", "-t", "-z", rev).output.split(b"\0"):
        description, _, path = entry.partition(b"\t")
        if description and description.split(b" ")[2] in missing:
            found.append(os.fsdecode(path))
    return found
