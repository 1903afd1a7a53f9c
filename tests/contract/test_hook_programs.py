"""Whose programs hooks find: the project's own, then the machine's, and devflow's last."""

from pathlib import Path

import pytest

from devflow.steps.s09_pre_commit import STEP
from tests.contract.hooked_checkout import LOCAL, Work, executable, nobodys_configuration
from tests.standins.python_environment import python_environment

__all__ = ["nobodys_configuration"]


def test_a_program_of_a_hook_is_the_projects_and_devflows_own_is_the_last_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(tmp_path, LOCAL.format(name="spaces", entry="trailing-whitespace-fixer app.py"))
    # as from a shell in which nobody activated devflow's environment
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    spaces = work.hooks().hooks[1]
    assert (spaces.outcome, spaces.devflows_own) == ("passed", "trailing-whitespace-fixer")
    line = next(one for one in STEP.judge(STEP.params(), work.hooks()) if one.about == "spaces")
    assert line.measured == "passed by devflow's own trailing-whitespace-fixer"
    own = "#!/bin/sh\necho of the machine\nexit 1\n"
    executable(tmp_path / "bin" / "trailing-whitespace-fixer", own)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    spaces = work.hooks().hooks[1]
    assert (spaces.output, spaces.devflows_own) == ("of the machine", "")
    environment = python_environment(work.folder / ".venv", with_packages=False)
    work.write(".gitignore", "*.log\n.venv\n")
    name = "trailing-whitespace-fixer"
    executable(environment / "bin" / name, own.replace("machine", "project"))
    work.shell = work.new_shell()
    assert work.hooks().hooks[1].output == "of the project"
