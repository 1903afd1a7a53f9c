"""Where a checkout is and which branch it is on, read from git's own files: git takes longer to
start than a prompt may take altogether.

Only the plain case is answered; git is asked wherever anything is unusual.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

_BRANCH: Final = "ref: refs/heads/"
# HEAD of a repository whose branches are kept another way
_NO_BRANCH: Final = ".invalid"
_FOLDER: Final = "gitdir: "


class Head(NamedTuple):
    """The top folder of a checkout, the repository's own folder, and the branch's name."""

    root: Path
    common_dir: Path
    branch: str


def head_at(folder: Path) -> Head | None:
    """The checkout around a folder; ``None`` where git has to be asked: there is none, it is
    somebody else's, no branch is checked out, or it is kept in another way."""
    try:
        root = _root(folder)
        if root is None:
            return None
        git_dir = _git_dir(root)
        common = _common_dir(git_dir)
        text = (git_dir / "HEAD").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    branch = text.rstrip("\n").removeprefix(_BRANCH)
    if not text.startswith(_BRANCH) or branch == _NO_BRANCH:
        return None
    return Head(root, common, branch)


def _root(folder: Path) -> Path | None:
    """The nearest folder with a ``.git``, as far as git itself would look and trust it."""
    device = folder.stat().st_dev
    for place in (folder, *folder.parents):
        status = place.stat()
        if status.st_dev != device:
            return None
        if (place / ".git").exists():
            return place if _is_mine(place, status.st_uid) else None
        if (place / "HEAD").exists():
            # perhaps a repository without a working tree
            return None
    return None


def _is_mine(root: Path, owner: int) -> bool:
    me = os.geteuid()
    return owner == me and (root / ".git").stat().st_uid == me


def _git_dir(root: Path) -> Path:
    """The folder of this working tree's HEAD. Raises ``ValueError`` for a file that names none."""
    place = root / ".git"
    if place.is_dir():
        return place
    text = place.read_text(encoding="utf-8")
    if not text.startswith(_FOLDER):
        raise ValueError(f"{place} names no folder")
    return root / text.removeprefix(_FOLDER).rstrip("\n")


def _common_dir(git_dir: Path) -> Path:
    """The folder that all working trees of the repository share."""
    link = git_dir / "commondir"
    if not link.exists():
        return git_dir
    return (git_dir / link.read_text(encoding="utf-8").rstrip("\n")).resolve()
