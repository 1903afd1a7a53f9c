"""Repositories as other people keep them, and what an ill-natured command does to one."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.contract.repository.checkouts import git

needs_lfs: Final = pytest.mark.skipif(not shutil.which("git-lfs"), reason="git-lfs is not here")
LFS_FILTER: Final = {
    "filter.lfs.clean": "git-lfs clean -- %f",
    "filter.lfs.smudge": "git-lfs smudge -- %f",
    "filter.lfs.process": "git-lfs filter-process",
    "filter.lfs.required": "true",
}
FILES: Final[dict[str, str | bytes]] = {"README.md": "one\ntwo\n", "src/app.py": "print(1)\n"}
LARGE: Final = bytes(range(256)) * 20
# each ends in its own way, and none of it may reach the repository that the checkout is of
HOSTILE: Final = """
export GIT_AUTHOR_NAME=hook GIT_AUTHOR_EMAIL=h@example.org
export GIT_COMMITTER_NAME=hook GIT_COMMITTER_EMAIL=h@example.org
echo changed >> README.md
git stash
git stash apply
git add --all
git commit --quiet --no-verify -m hostile
git log -3 --format=%s
git branch -f main HEAD
git branch -f side HEAD
git tag -f v1 HEAD
git config user.name hacked
git config core.hooksPath hooks
git update-ref -d refs/remotes/origin/main
git remote remove origin
git replace -f HEAD HEAD~1
git reflog expire --expire=now --all
git gc --prune=now --quiet
git repack -a -d --quiet
git prune --expire=now
git worktree add --quiet --detach ../other-tree
git fetch --quiet --all
rm -rf .git/refs
"""


def everything(folder: Path) -> dict[str, str]:
    """Names, modes and content of all that lies in a folder."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = b""
        if path.is_symlink():
            content = os.fsencode(os.readlink(path))
        elif path.is_file():
            content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        links = 1 if path.is_dir() else status.st_nlink
        found[str(path.relative_to(folder))] = f"{status.st_mode:o} {links} {digest}"
    return found


def hostile(folder: Path) -> None:
    """Does in a checkout all that a hook could do by git."""
    ran = subprocess.run(["sh", "-c", HOSTILE], cwd=folder, capture_output=True, text=True)
    assert ran.stdout.startswith("Saved"), ran.stderr
    assert "\nhostile\n" in ran.stdout


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(folder: Path, message: str = "feat: more") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "--no-verify", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def made(folder: Path, files: dict[str, str | bytes], *options: str) -> Path:
    """A repository with one commit on ``main``."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main", *options)
    git(folder, "config", "user.name", "somebody")
    git(folder, "config", "user.email", "somebody@example.org")
    write(folder, files)
    commit(folder, "feat: first")
    return folder


def with_lfs(folder: Path) -> None:
    for key, value in LFS_FILTER.items():
        git(folder, "config", key, value)


def add_submodule(folder: Path, other: Path, path: str) -> None:
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), path)
    commit(folder, "feat: a submodule")


def files_in(folder: Path) -> dict[str, str]:
    """What a command sees, without git's own."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if ".git" in place.parts or (path.is_dir() and not path.is_symlink()):
            continue
        content = os.readlink(path) if path.is_symlink() else path.read_bytes().decode("latin-1")
        runs = "x" if path.stat().st_mode & 0o100 else "-"
        found[place.as_posix()] = f"{runs} {content}"
    return found
