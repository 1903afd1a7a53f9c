"""Whose interpreter a project's tests run in, as the shell port finds it on this machine."""

import json
import os
import sys
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.craft.suites.interpreter import PYTEST, PYTEST_COV, Interpreter, interpreter_of
from devflow.model.errors import Unavailable
from devflow.ports.shell import Command
from tests.standins.python_environment import python_environment

MINE = ".".join(map(str, sys.version_info[:3]))
MODULES = (PYTEST, PYTEST_COV)
TEST_PATHS = ("pyproject.toml", "tests/test_a.py")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "TOX_WORK_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def shell_of(root: Path) -> LocalShell:
    return LocalShell(root, GitRepository(root, None), root.parent / "cache", None)


def found(
    root: Path,
    named: str = "",
    suite: str = "tests",
    paths: tuple[str, ...] = TEST_PATHS,
) -> Interpreter:
    return interpreter_of(shell_of(root), named, suite, paths)


def test_each_environment_stands_before_those_that_are_less_the_projects_own(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (found(root).by, found(root).is_last_resort) == ("devflow", True)
    assert found(root).words == f"devflow's own Python {MINE}, for no other was found"
    (root / "tox.ini").write_text("[tox]\n")
    python_environment(root / ".tox" / "lint")
    python_environment(root / ".tox" / "py27")
    assert found(root).by == "devflow"
    python_environment(root / ".tox" / "py38")
    python_environment(root / ".tox" / "py311-django")
    python_environment(root / ".tox" / "py312", with_packages=False)
    assert found(root).words == f".tox/py311-django/bin/python, Python {MINE}, by tox"
    (root / "uv.lock").write_text("")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "kept")
    python_environment(root / "kept")
    assert found(root).words == f"kept/bin/python, Python {MINE}, by uv"
    python_environment(root / ".venv")
    assert found(root).words == f".venv/bin/python, Python {MINE}"
    active = python_environment(root.parent / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    assert found(root).words == f"{active}/bin/python, Python {MINE}, by VIRTUAL_ENV"


@pytest.mark.parametrize("named", ["named", "named/bin/python", "{root}/named"])
def test_what_the_suite_names_stands_before_all_others(root: Path, named: str) -> None:
    python_environment(root / ".venv")
    python_environment(root / "named")
    words = found(root, named.format(root=root)).words
    assert words == f"named/bin/python, Python {MINE}"


def test_the_environment_of_a_project_in_the_repository_is_nearer_than_the_repositorys(
    root: Path,
) -> None:
    paths = (*TEST_PATHS, "packages/a/pyproject.toml", "packages/a/tests/test_a.py")
    python_environment(root / ".venv")
    assert found(root, suite="packages/a/tests", paths=paths).python.shown == ".venv/bin/python"
    python_environment(root / "packages" / "a" / ".venv")
    near = found(root, suite="packages/a/tests", paths=paths).python.shown
    assert near == "packages/a/.venv/bin/python"
    assert found(root, paths=paths).python.shown == ".venv/bin/python"


def test_what_is_named_and_not_there_is_unavailable_with_what_makes_it(root: Path) -> None:
    with pytest.raises(Unavailable, match=r"no Python in \.venv-3\.9") as caught:
        found(root, ".venv-3.9")
    assert caught.value.hint.endswith("python3 -m venv .venv-3.9")
    with pytest.raises(Unavailable) as caught:
        found(root, "gone", paths=(*TEST_PATHS, "uv.lock"))
    # uv makes .venv, and another folder was named
    assert caught.value.hint.endswith("python3 -m venv gone")


def test_an_environment_whose_python_is_gone_is_not_passed_over(root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.7")
    with pytest.raises(Unavailable, match=r"\.venv/bin/python cannot be started"):
        found(root)


def test_devflows_own_is_the_projects_where_it_was_installed_from_this_checkout(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(place: Path, editable: bool) -> None:
        note = root.parent / "site" / "work-1.dist-info"
        note.mkdir(parents=True, exist_ok=True)
        (note / "METADATA").write_text("Metadata-Version: 2.1\nName: work\nVersion: 1\n")
        record = {"url": place.as_uri(), "dir_info": {"editable": editable}}
        (note / "direct_url.json").write_text(json.dumps(record))

    monkeypatch.syspath_prepend(str(root.parent / "site"))
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert found(root).is_last_resort
    for place, editable in ((root, False), (root.parent / "another", True)):
        install(place, editable)
        assert found(root).is_last_resort
    install(root / "packages" / "a", True)
    assert (found(root).by, found(root).python.path) == ("editable", sys.executable)
    python_environment(root / ".venv")
    assert found(root).by == ".venv"


def test_what_it_lacks_is_installed_by_what_keeps_the_python_environment(root: Path) -> None:
    python_environment(root / ".venv", with_packages=False)
    python = found(root).python
    assert python.lacks == MODULES
    assert python.install == "uv pip install --python .venv/bin/python", "it has no pip"
    (root / "poetry.lock").write_text("")
    assert found(root).python.install == "poetry add --group dev"
    python_environment(root / "whole")
    assert found(root, "whole").python.lacks == ()


def keeper(folder: Path, name: str, answer: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{answer}\n")
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_poetry_and_hatch_are_asked_where_the_project_has_their_files(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = python_environment(root.parent / "pypoetry" / "work-py3.11", with_packages=False)
    asked = f"[ -f pyproject.toml ] && echo a warning && echo {kept}"
    monkeypatch.setenv("PATH", keeper(root.parent / "bin", "poetry", asked))
    assert found(root).is_last_resort
    (root / "pyproject.toml").write_text("[tool.poetry]\nname = 'work'\n")
    of_poetry = found(root)
    assert (of_poetry.by, of_poetry.python.path) == ("poetry", str(kept / "bin" / "python"))
    assert of_poetry.python.install == "poetry add --group dev"
    bare = python_environment(root.parent / "hatch" / "work", with_packages=False)
    tests = python_environment(root.parent / "hatch" / "hatch-test.py3.11")
    answer = f'[ "$3" = default ] && echo {bare} || echo {tests}.0 {tests}'
    keeper(root.parent / "bin", "hatch", answer.replace(f"{tests}.0 ", ""))
    (root / "pyproject.toml").write_text("[tool.hatch.envs.default]\n")
    assert (found(root).by, found(root).python.path) == ("hatch", str(tests / "bin" / "python"))


def test_a_command_finds_the_programs_of_its_interpreter_and_none_of_devflows(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    place = python_environment(root / ".venv")
    code = "import os; print(os.environ['PATH'], os.environ.get('VIRTUAL_ENV'))"
    python = str(place / "bin" / "python")
    ran = shell_of(root).measure(Command((python, "-c", code), python=python))
    assert ran.output.strip() == f"{place}/bin:/usr/bin:/bin {place}"
    own = shell_of(root).measure(Command((sys.executable, "-c", code), python=sys.executable))
    assert own.output.startswith(f"{Path(sys.executable).parent}:/usr/bin:/bin None")
