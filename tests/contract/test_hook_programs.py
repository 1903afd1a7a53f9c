"""Hooks in a checkout: whose programs they find, and what becomes of files that they change."""

from dataclasses import replace
from pathlib import Path

import pytest

from devflow.craft.quality.hook_place import HookPlace
from devflow.model.tree import Tree
from devflow.steps.s09_pre_commit import STEP
from tests.contract.hooked_checkout import LOCAL, Work, executable, nobodys_configuration
from tests.standins.python_environment import python_environment

__all__ = ["nobodys_configuration"]
LINT = "cd packages/a && ./node_modules/.bin/lint && rm -rf node_modules && echo gone"


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


def test_a_package_finds_what_is_installed_beside_it_and_its_siblings_of_the_checkout(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path)
    for package in ("a", "b"):
        work.write(f"packages/{package}/package.json", "{}\n")
    work.write("packages/b/index.js", "new\n")
    modules = work.folder / "packages" / "a" / "node_modules"
    executable(modules / ".bin" / "lint", "#!/bin/sh\ncat node_modules/@me/b/index.js\npwd\n")
    (modules / "@me").mkdir()
    (modules / "@me" / "b").symlink_to("../../../b")
    work.write("packages/a/node_modules/of-npm/index.js", "installed\n")
    work.write(".gitignore", "node_modules/\n")
    tree = work.repository.work_tree()
    work.write("packages/b/index.js", "edited meanwhile\n")
    before = sorted(path.name for path in modules.rglob("*"))
    asked = HookPlace.of(work.shell, work.repository.paths(tree))
    ran = work.shell.measure(
        replace(asked.command(("sh", "-c", LINT), Tree(id=tree, branch="main")), compare=True)
    )
    said = ran.output.splitlines()
    assert said[0] == "new" and said[1].endswith("/packages/a") and said[2] == "gone"
    assert ran.changed == () and not Path(said[1]).is_relative_to(work.folder)
    assert sorted(path.name for path in modules.rglob("*")) == before
