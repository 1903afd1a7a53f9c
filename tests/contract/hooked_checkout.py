"""A checkout with real hooks, on which steps 9 and 10 are asked."""

import os
import stat
from pathlib import Path
from typing import Any, cast

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.model.change import Branch, Coding
from devflow.model.outcomes import Absent
from devflow.model.tree import Tree
from devflow.step import Tools, Turn
from devflow.steps.s09_pre_commit import STEP
from tests.contract.repository.checkouts import git

NAME = "SCRUM-95-tabs"
CONFIG = """repos:
  - repo: local
    hooks:
      - id: trailing-whitespace
        name: trailing-whitespace
        entry: trailing-whitespace-fixer
        language: system
        types: [text]
"""
LOCAL = """      - id: {name}
        name: {name}
        entry: {entry}
        language: system
        pass_filenames: false
        always_run: true
"""
NOBODY = cast(Any, None)


@pytest.fixture(autouse=True)
def nobodys_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "store"))


class Work:
    """A checkout on the ticket's branch with work of every kind in it, and step 9 in it."""

    def __init__(self, folder: Path, *hooks: str) -> None:
        self.folder = folder / "checkout"
        self.folder.mkdir()
        git(self.folder, "init", "--quiet", "--initial-branch=main")
        for key, value in {"user.name": "Jose", "user.email": "jose@example.org"}.items():
            git(self.folder, "config", key, value)
        for path in ("app.py", "old.py", "run.sh", "kept.py"):
            self.write(path, "x = 1\n")
        self.write(".pre-commit-config.yaml", CONFIG + "".join(hooks))
        self.write(".gitignore", "*.log\n")
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", "chore: begin")
        git(self.folder, "switch", "--quiet", "--create", NAME)
        self.repository = GitRepository(self.folder, None)
        self.said: list[str] = []
        self.shell = self.new_shell()

    def new_shell(self) -> LocalShell:
        """As another command has it."""
        folder = self.folder.parent
        return LocalShell(self.folder, self.repository, folder / "cache", folder / "logs")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def mode(self, path: str) -> int:
        return stat.S_IMODE((self.folder / path).stat().st_mode)

    def hooks(self, **params: Any) -> Any:
        """One turn on the tree as it is now; ``said`` are the lines that it told meanwhile."""
        tree = Tree(id=self.repository.work_tree(), branch=NAME)
        base = self.repository.sha_of("main")
        branch = Branch(name=NAME, base="main", base_sha=base)
        coding = Coding(tree=tree.id, files=(), base=base)
        needs = STEP.needs(tree, branch, coding, Absent(kind="skipped", why="-"))
        given: dict[str, Any] = {name: NOBODY for name in Tools.__annotations__}
        tools = Tools(**{**given, "repository": self.repository, "shell": self.shell})
        turn = Turn("SCRUM-95", "hooks", say=self.said.append)
        return STEP.make(tools, turn, STEP.params(**params), needs)


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
