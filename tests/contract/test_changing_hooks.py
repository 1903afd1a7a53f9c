"""Hooks of git's own that change files beside the ticket."""

from pathlib import Path

import pytest

from devflow.model.checks import Status, judged
from devflow.model.outcomes import SendBack
from devflow.steps.s09_pre_commit import STEP
from tests.contract.hooked_checkout import Work, executable, nobodys_configuration
from tests.contract.repository.checkouts import git

__all__ = ["nobodys_configuration"]
# as generators do: one file is staged, one is only written, one is new
CHANGES = "echo 'y = 2' > kept.py; git add kept.py; echo 'y = 2' > old.py; date > made.txt\n"


def generating(tmp_path: Path, folder: str, changes: str) -> Work:
    """A ticket that touches app.py, and a plain hook that changes files."""
    work = Work(tmp_path)
    (work.folder / ".pre-commit-config.yaml").unlink()
    git(work.folder, "config", "core.hooksPath", folder)
    executable(work.folder / folder / "pre-commit", f"#!/bin/sh\n{changes}")
    work.write("app.py", "mine = 1\n")
    return work


@pytest.mark.parametrize("folder", [".git/hooks", ".githooks"])
def test_what_a_hook_of_gits_own_changes_beside_the_ticket_is_never_committed_and_said(
    tmp_path: Path, folder: str
) -> None:
    work = generating(tmp_path, folder, CHANGES)
    hooks = work.hooks()
    lines = STEP.judge(STEP.params(), hooks)
    assert judged(lines) is Status.PASSED
    left = {line.about: line.measured for line in lines if line.id == "left"}
    assert sorted(left) == ["kept.py", "made.txt", "old.py"]
    assert left["old.py"].endswith("type: git hook run pre-commit")
    assert work.read("kept.py") == "x = 1\n" and not (work.folder / "made.txt").exists()
    # what is going to be committed is the tree that was measured
    tree = work.repository.work_tree()
    assert (hooks.tree, work.repository.read(tree, "kept.py")) == (tree, "x = 1\n")


def test_what_is_of_the_ticket_comes_back_without_what_is_not(tmp_path: Path) -> None:
    work = generating(tmp_path, ".git/hooks", f"{CHANGES}echo 1 > app.py\n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and work.read("app.py") == "1\n"
    said = dict(todo.split(": ", 1) for todo in sent.todo)
    assert said["old.py"].startswith("left alone") and work.read("old.py") == "x = 1\n"
