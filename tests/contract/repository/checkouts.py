"""What the tests of the repository port share: git itself, what a folder holds, and a commit made
by the port."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Final

from devflow.adapters.git.repository import GitRepository
from devflow.model.marks import Mark

MARK: Final = Mark(run="SCRUM-95", entry="commit", verb="commit")
HOSTILE: Final = "--upload-pack=touch hacked"


def git(folder: Path, *arguments: str) -> str:
    """git without anybody's settings, whatever devflow is started under."""
    plain = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, env=plain
    ).stdout.strip()


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def committed(repository: GitRepository, text: str = "work\n", message: str = "feat: tabs") -> str:
    repository.write_file("src/app.py", text)
    repository.commit(repository.current_branch(), repository.work_tree(), message, mark=MARK)
    return repository.sha_of("HEAD")


def put_hook(git_dir: Path, name: str, script: str) -> None:
    """A hook of one repository, which counts whatever ``core.hooksPath`` its user has."""
    hook = git_dir / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    git(git_dir, "config", "core.hooksPath", str(hook.parent))
