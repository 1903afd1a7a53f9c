"""Step 9 with a real git and a real pre-commit, offline: what hooks change comes back without any
work being lost."""

import os
import stat
from pathlib import Path
from typing import Any, cast

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.model.change import Branch, Hooks
from devflow.model.checks import Status, judged
from devflow.model.outcomes import Absent, SendBack
from devflow.model.tree import Tree
from devflow.step import Tools, Turn
from devflow.steps.s09_pre_commit import STEP
from tests.contract.repository.checkouts import contents, git

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
def nobodys_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


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
        self.shell = LocalShell(self.folder, self.repository, folder / "cache", folder / "logs")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def mode(self, path: str) -> int:
        return stat.S_IMODE((self.folder / path).stat().st_mode)

    def hooks(self) -> Any:
        """One turn on the tree as it is now."""
        tree = Tree(id=self.repository.work_tree(), branch=NAME)
        branch = Branch(name=NAME, base="main", base_sha="")
        needs = STEP.needs(tree, branch, Absent(kind="skipped", why="-"))
        given: dict[str, Any] = {name: NOBODY for name in Tools.__annotations__}
        tools = Tools(**{**given, "repository": self.repository, "shell": self.shell})
        return STEP.make(tools, Turn("SCRUM-95", "hooks"), STEP.params(), needs)


def change_files(work: Work) -> None:
    """Changes of every kind, with whitespace for the hook to take away."""
    work.write("app.py", "staged = 1  \n")
    git(work.folder, "add", "app.py")
    work.write("app.py", "staged = 1  \nunstaged = 2  \n")
    work.write("deep/new file.py", "new = 1   \n")
    work.write("noise.log", "ignored  \n")
    (work.folder / "old.py").unlink()
    work.write("run.sh", "echo 1  \n")
    (work.folder / "run.sh").chmod(0o750)
    (work.folder / "kept.py").chmod(0o600)


def test_fixes_come_back_into_unstaged_untracked_and_executable_files_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path)
    change_files(work)
    staged = git(work.folder, "diff", "--cached")
    git_folder = contents(work.folder / ".git")
    sent = work.hooks()
    assert isinstance(sent, SendBack)
    assert sent.to == "coding" and sent.why == "trailing-whitespace changed files"
    files = sorted(todo.partition(":")[0] for todo in sent.todo)
    assert files == ["app.py", "deep/new file.py", "run.sh"]
    assert work.read("app.py") == "staged = 1\nunstaged = 2\n"
    assert work.read("deep/new file.py") == "new = 1\n"
    assert work.read("run.sh") == "echo 1\n"
    assert work.mode("run.sh") == 0o750 and work.mode("kept.py") == 0o600
    assert not (work.folder / "old.py").exists() and work.read("noise.log") == "ignored  \n"
    still_staged = git(work.folder, "diff", "--cached")
    assert still_staged == staged, "what the developer staged is still staged as it was"
    assert contents(work.folder / ".git") == git_folder, "measuring leaves no trace"
    again = work.hooks()
    assert isinstance(again, Hooks) and judged(STEP.judge(STEP.params(), again)) is Status.PASSED


def test_a_mode_that_a_hook_sets_comes_back_too(tmp_path: Path) -> None:
    work = Work(tmp_path, LOCAL.format(name="runnable", entry="chmod +x run.sh"))
    (work.folder / "run.sh").chmod(0o640)
    sent = work.hooks()
    assert isinstance(sent, SendBack) and [todo.partition(":")[0] for todo in sent.todo] == [
        "run.sh"
    ]
    assert work.mode("run.sh") == 0o750, "who may read it may run it, and nobody else"


def test_a_file_that_a_hook_deletes_stays_and_is_the_developers_to_delete(tmp_path: Path) -> None:
    work = Work(tmp_path, LOCAL.format(name="cleaner", entry="rm -f new.py"))
    work.write("new.py", "work = 1\n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and sent.todo == (
        "new.py: would be deleted by a hook; type: rm new.py",
    )
    assert work.read("new.py") == "work = 1\n"


def test_a_file_that_is_edited_while_the_hooks_run_keeps_the_edit(tmp_path: Path) -> None:
    edit = tmp_path / "edit.sh"
    work = Work(tmp_path, LOCAL.format(name="slow", entry=f"sh {edit}"))
    edit.write_text(f"echo 'later = 2  ' >> {work.folder / 'app.py'}\n")
    work.write("app.py", "mine = 1  \n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and sent.todo == (
        "app.py: would be changed by a hook; type: pre-commit run --files app.py",
    )
    assert work.read("app.py") == "mine = 1  \nlater = 2  \n"


def test_a_hook_that_needs_the_network_is_not_measured_offline(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.write(
        ".pre-commit-config.yaml",
        "repos: [{repo: 'http://127.0.0.1:9/hooks', rev: v1, hooks: [{id: black}]}]\n",
    )
    hooks = work.hooks()
    assert (
        isinstance(hooks, Hooks)
        and judged(STEP.judge(STEP.params(), hooks)) is Status.UNAVAILABLE
        and hooks.problem
    )


def test_what_the_hooks_printed_is_kept_under_the_entrys_own_name(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.hooks()
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["hooks.log"]


def test_a_hook_that_contradicts_an_attribute_is_told_as_that(tmp_path: Path) -> None:
    ends = LOCAL.format(name="mixed-line-ending", entry="mixed-line-ending --fix=lf windows.txt")
    work = Work(tmp_path, ends)
    work.write(".gitattributes", "*.txt text eol=crlf\n")
    work.write("windows.txt", "one\r\ntwo\r\n")
    hooks = work.hooks()
    hook = next(one for one in hooks.hooks if one.name == "mixed-line-ending")
    assert hook.outcome == "failed"
    assert "contradicts the hook: windows.txt: fixed mixed line endings" in hook.output
