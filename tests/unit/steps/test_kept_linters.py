"""What linters said of the base commit is kept between commands, and trusted only while everything
that it depends on is the same."""

from pathlib import Path
from typing import Any

import pytest

from devflow.model.tree import Base
from devflow.ports.shell import Command, Python
from devflow.steps.s16_quality import STEP
from devflow.testing import Played
from tests.standins.python_environment import python_environment
from tests.unit.steps.measured_world import MeasuredWorld

BEFORE = {"ruff.toml": "[lint]\nselect = ['F']\n", "old.py": "import os\n"}


class World(MeasuredWorld):
    """A commit on top of main, in a project with an environment of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(BEFORE)
        self.base = self.sha
        after = {**BEFORE, "new.py": "import sys\n\nprint(sys.path)\n"}
        self.sha = self.repository.add_commit(self.base, after, "feat: more")
        self.packages = python_environment(folder / "venv")
        python = str(self.packages / "bin" / "python")
        self.shell.project_pythons = {".venv": Python(python, "venv/python", "3.11.2", "pip")}
        self.shell.project_pythons["devflow"] = self.shell.project_pythons[".venv"]

    def command(self, **params: Any) -> Played[Any]:
        """Measures it, as another command does, and answers what the base was run for."""
        self.shell.asked.clear()
        return self.measure(STEP, **params)

    @property
    def on_base(self) -> list[Command]:
        return [one for one in self.shell.asked if isinstance(one.tree, Base)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    first = made.command()
    assert first.check("linter_before", "ruff").measured == "1 finding still there" and made.on_base
    return made


def test_the_second_command_does_not_run_them_again_and_says_when_it_was_found(
    world: World,
) -> None:
    second = world.command()
    assert world.on_base == [] and len(world.shell.on_trees) == 2
    measured = second.check("linter_before", "ruff").measured
    assert measured == "1 finding still there, found 2026-11-29 04:12 UTC"


def test_what_is_pushed_is_measured_in_every_command(world: World) -> None:
    world.base = world.sha
    assert (
        world.command().check("linter", "ruff").measured
        == "0 new findings in 2 files, 1 from before"
    )
    assert world.on_base and len(world.shell.on_trees) > len(world.on_base)


def test_another_package_is_another_condition(world: World) -> None:
    packages = next((world.packages / "lib").glob("python*/site-packages"))
    (packages / "plugin.py").write_text("x = 1\n")
    world.command()
    assert world.on_base


def test_another_declaration_is_another_condition(world: World) -> None:
    world.command(linters={"ruff": {"env": {"RUFF_NO_CACHE": "1"}}})
    assert world.on_base


def test_the_users_own_settings_are_a_condition(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "home" / ".config" / "ruff"
    settings.mkdir(parents=True)
    world.shell.home = str(tmp_path / "home")
    world.command()
    # another home is another environment
    assert world.on_base
    world.command()
    assert not world.on_base
    (settings / "ruff.toml").write_text("line-length = 90\n")
    world.command()
    assert world.on_base


def test_whoever_wants_it_measured_anew_gets_that(world: World) -> None:
    world.again = True
    assert world.command().check("linter_before", "ruff").measured == "1 finding still there"
    assert world.on_base


@pytest.mark.parametrize("text", ("", "{", "[]", '{"at": "now", "rows": []}', '{"at": 1}'))
def test_a_text_that_is_not_whole_is_measured_anew(world: World, text: str) -> None:
    for key in world.shell.remembered:
        world.shell.remembered[key] = text
    again = world.command()
    assert (
        world.on_base and again.check("linter_before", "ruff").measured == "1 finding still there"
    )


def test_a_program_beside_the_projects_interpreter_is_kept_and_others_are_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.shell.remembered.clear()
    for run in (["sh", "-c", "true"], ["./lint"]):
        world.command(linters={"own": {"run": run}})
        assert world.shell.remembered == {}
    monkeypatch.setenv("TOKEN", "secret")
    world.command(linters={"ruff": {"pass_env": ["TOKEN"]}})
    assert world.shell.remembered == {}
