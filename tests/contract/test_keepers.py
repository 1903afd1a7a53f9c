"""Where the programs that keep environments keep them, in the words that they really print.

The answers and folders were recorded; a small program prints them here. ``make pythons`` asks the
programs themselves.
"""

import os
import sys
from pathlib import Path
from typing import Mapping, NamedTuple

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.craft.suites.interpreter import Interpreter, interpreter_of
from tests.standins.python_environment import python_environment

POETRY = "[tool.poetry]\npackage-mode = false\n"
POETRY_2 = '[project]\nname = "tide"\n[build-system]\nbuild-backend = "poetry.core.masonry.api"\n'
PDM = "[tool.pdm]\ndistribution = false\n"
HATCH = '[build-system]\nbuild-backend = "hatchling.build"\n'
HATCH_NAMED = "[tool.hatch.envs.lint]\n[tool.hatch.envs.test]\n"
TOX = 'env_list = ["3.11", "lint"]\n'
TOX_ELSEWHERE = f'work_dir = "build/tox"\n{TOX}'
KEPT = "pypoetry/virtualenvs/tide-1PZuZuiJ-py3"
LINT = "hatch/env/virtual/tide/rTJO6QPW/lint"


class Recorded(NamedTuple):
    """A project: its ``files``, the ``environments`` that there are (beside the project, where
    they are not in it), what ``program`` answered to the arguments, and what is ``found``."""

    files: Mapping[str, str]
    environments: tuple[str, ...]
    program: str
    answers: Mapping[str, str]
    found: str
    install: str


# tool and version as recorded; {home} is the folder beside the project, {root} the project's own
RECORDED = {
    "poetry 2.5.1": Recorded(
        {"pyproject.toml": POETRY, "poetry.lock": ""},
        (f"{KEPT}.11",),
        "poetry",
        {"--no-interaction --no-ansi env info -p": f"{{home}}/{KEPT}.11\n"},
        f"{KEPT}.11",
        "poetry add --group dev",
    ),
    "poetry 2.5.1, of another Python than the path's": Recorded(
        {"pyproject.toml": POETRY_2},
        (f"{KEPT}.9", f"{KEPT}.12"),
        "poetry",
        {
            "--no-interaction --no-ansi env list --full-path": f"{{home}}/{KEPT}.9\n"
            f"{{home}}/{KEPT}.12 (Activated)\n"
        },
        f"{KEPT}.12",
        "poetry add --group dev",
    ),
    "pipenv 2026.10.3": Recorded(
        {"Pipfile": "", "Pipfile.lock": ""},
        ("virtualenvs/pipenv-Z__iFnwR",),
        "pipenv",
        {"--venv": "{home}/virtualenvs/pipenv-Z__iFnwR\n"},
        "virtualenvs/pipenv-Z__iFnwR",
        "pipenv install --dev",
    ),
    "pdm 2.29.4": Recorded(
        {"pyproject.toml": PDM, ".pdm-python": "{home}/pdm/venvs/tide-SoieZS5u-3.11/bin/python"},
        ("pdm/venvs/tide-SoieZS5u-3.11",),
        "",
        {},
        "pdm/venvs/tide-SoieZS5u-3.11",
        "pdm add --dev",
    ),
    "hatch 1.18.2": Recorded(
        {"pyproject.toml": HATCH},
        ("hatch/env/virtual/tide/rTJO6QPW/hatch-test.py3.11",),
        "hatch",
        {
            "env find default": "{home}/hatch/env/virtual/tide/rTJO6QPW/tide\n",
            "env find hatch-test": "".join(
                f"{{home}}/hatch/env/virtual/tide/rTJO6QPW/hatch-test.py3.{minor}\n"
                for minor in ("15", "15t", "14", "14t", "13", "12", "11", "10")
            ),
        },
        "hatch/env/virtual/tide/rTJO6QPW/hatch-test.py3.11",
        "",
    ),
    "hatch 1.18.2, an environment of its own for tests": Recorded(
        {"pyproject.toml": HATCH_NAMED},
        (LINT, LINT.replace("lint", "test")),
        "hatch",
        {
            "env find default": "{home}/hatch/env/virtual/tide/rTJO6QPW/tide\n",
            "env find lint": f"{{home}}/{LINT}\n",
            "env find test": f"{{home}}/{LINT}\n".replace("lint", "test"),
        },
        LINT.replace("lint", "test"),
        "",
    ),
    "tox 4.67.15": Recorded(
        {"tox.toml": TOX},
        ("{root}/.tox/3.11", "{root}/.tox/lint"),
        "",
        {},
        "{root}/.tox/3.11",
        "",
    ),
    "tox 4.67.15, named after tests": Recorded(
        {"setup.cfg": "[tox:tox]\nenvlist = lint, tests\n"},
        ("{root}/.tox/lint", "{root}/.tox/tests"),
        "",
        {},
        "{root}/.tox/tests",
        "",
    ),
    "tox 4.50.3, in a folder of its own": Recorded(
        {"tox.toml": TOX_ELSEWHERE},
        ("{root}/build/tox/tests",),
        "tox",
        {
            "config --no-provision --core -k work_dir": "[testenv:py]\n\n[tox]\n"
            "work_dir = build/tox\n"
        },
        "{root}/build/tox/tests",
        "",
    ),
    "tox 4.67.15, in a folder of its own": Recorded(
        {"tox.toml": TOX_ELSEWHERE},
        ("{root}/build/tox/3.11",),
        "tox",
        {
            "config --no-provision --core -k work_dir": "[testenv:3.11]\n\n[testenv:lint]\n\n"
            "[tox]\nwork_dir = {root}/build/tox\n"
        },
        "{root}/build/tox/3.11",
        "",
    ),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "TOX_WORK_DIR", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def found(root: Path) -> Interpreter:
    shell = LocalShell(root, GitRepository(root, None), root.parent / "cache", None)
    return interpreter_of(shell, "", "tests", ("pyproject.toml", "tests/test_a.py"))


def program(root: Path, name: str, lines: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = root.parent / "bin"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{lines}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize("name", RECORDED)
def test_the_environment_is_found_where_the_program_keeps_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    recorded = RECORDED[name]

    def told(text: str) -> str:
        return text.replace("{home}", str(root.parent)).replace("{root}", str(root))

    for path, text in recorded.files.items():
        (root / path).write_text(told(text))
    for environment in recorded.environments:
        python_environment(root.parent / told(environment))
    if recorded.program:
        cases = [
            f"'{asked}') cat <<'END'\n{told(answer)}END\n;;"
            for asked, answer in recorded.answers.items()
        ]
        lines = "\n".join(('case "$*" in', *cases, "*) exit 1;;", "esac"))
        program(root, recorded.program, lines, monkeypatch)
    python = found(root).python
    assert Path(root, python.path) == root.parent / told(recorded.found) / "bin" / "python"
    assert python.install.startswith(recorded.install)
    assert found(root).by == name.split()[0]


@pytest.mark.parametrize("answer", ["exit 1", "echo no environment yet", "echo {root}/gone"])
def test_what_keeps_no_environment_yet_names_none(
    root: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    (root / "pyproject.toml").write_text(POETRY + HATCH_NAMED)
    (root / "Pipfile").write_text("")
    (root / "tox.ini").write_text("")
    (root / ".pdm-python").write_text(f"{root}/gone/bin/python")
    for name in ("poetry", "pipenv", "hatch", "tox"):
        program(root, name, answer.format(root=root), monkeypatch)
    assert found(root).is_last_resort


def test_a_program_chooses_by_the_users_path_and_not_by_devflows(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "pyproject.toml").write_text(POETRY)
    for name in ("one", "other"):
        python_environment(root.parent / name)
    lines = f'[ "$(command -v python)" = {root.parent}/bin/python ] && echo {root.parent}/one'
    folder = program(root, "poetry", f"{lines} || echo {root.parent}/other", monkeypatch)
    (folder / "python").symlink_to(sys.executable)
    assert found(root).python.path == f"{root.parent}/one/bin/python"


def test_an_active_environment_of_conda_is_the_projects_and_its_base_is_not(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = python_environment(root.parent / "envs" / "tide")
    (active / "pyvenv.cfg").unlink()
    python_environment(root / ".venv")
    monkeypatch.setenv("CONDA_PREFIX", str(active))
    for base in ("base", "root"):
        monkeypatch.setenv("CONDA_DEFAULT_ENV", base)
        assert found(root).by == ".venv"
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "tide")
    assert (found(root).by, found(root).python.path) == ("conda", f"{active}/bin/python")
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert found(root).by == ".venv"


def test_a_python_of_the_machine_that_pdm_uses_is_no_environment(root: Path) -> None:
    (root / ".pdm-python").write_text("/usr/bin/python3\n")
    assert found(root).is_last_resort
