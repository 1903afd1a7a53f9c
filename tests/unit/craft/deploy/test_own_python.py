"""What a service is started by, where its command begins with python."""

from typing import Any

import pytest

from devflow.craft.deploy.own_python import in_own_python
from devflow.model.declared.project import Service
from devflow.model.errors import Unavailable
from devflow.ports.shell import Python, PythonBy

OWN = Python("/r/.venv/bin/python", ".venv/bin/python", "3.12.4", "pip install")
GONE = Python("/r/.venv/bin/python", ".venv/bin/python", "", "")
SRC = ("pyproject.toml", "src/tide/__init__.py", "src/tide/app.py")
FLAT = ("pyproject.toml", "tide/__init__.py")
SHADOWING = (*FLAT, "logging.py")


class Machine:
    """One interpreter, and the folder of the repository that it is found for."""

    def __init__(self, by: PythonBy, python: Python = OWN, folder: str = "") -> None:
        self.by = by
        self.python = python
        self.folder = folder

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        """Nothing is asked of a service's interpreter but that it starts."""
        assert modules == ()
        return self.python if (by, place) == (self.by, self.folder) else None


def started(machine: Machine, paths: tuple[str, ...] = SRC, **fields: Any) -> Service:
    declared = {"path": "src", "port": 5000, "run": "python -m tide.app {port}", **fields}
    services = {"tide": Service.model_validate(declared)}
    return in_own_python(machine, services, paths)["tide"]


@pytest.mark.parametrize("word", ["python", "python3"])
def test_it_is_the_projects_and_the_commits_own_files_come_first(word: str) -> None:
    service = started(Machine(".venv"), run=f"{word} -m tide.app {{port}}")
    begin = ("env", "PYTHONPATH=src", "/r/.venv/bin/python")
    assert service.run == (*begin, "-m", "tide.app", "{port}") and service.before == ()


def test_what_comes_before_it_runs_in_the_same() -> None:
    service = started(Machine("poetry"), run=["node", "app.js"], before="python migrate.py {state}")
    assert service.run == ("node", "app.js")
    assert service.before[2:] == ("/r/.venv/bin/python", "migrate.py", "{state}")


@pytest.mark.parametrize("by", ["editable", "devflow"])
def test_devflows_own_is_what_the_word_means_already(by: PythonBy) -> None:
    assert started(Machine(by)).run == "python -m tide.app {port}"


@pytest.mark.parametrize(
    "run", ["uvicorn tide.app:app", ".venv/bin/python -m tide", "python3.12 -m tide", ()]
)
def test_another_first_word_is_left_alone(run: Any) -> None:
    assert started(Machine(".venv", GONE), run=run).run == run


def test_where_it_loads_from_is_left_to_the_service_that_says_so() -> None:
    for fields in ({"env": {"PYTHONPATH": "lib"}}, {"pass_env": ["PYTHONPATH"]}):
        run = started(Machine(".venv"), **fields).run
        assert run == ("/r/.venv/bin/python", "-m", "tide.app", "{port}")


def test_files_that_would_break_python_itself_do_not_come_first() -> None:
    assert started(Machine(".venv"), FLAT, path="tide").run[:2] == ("env", "PYTHONPATH=.")
    assert started(Machine(".venv"), SHADOWING, path="tide").run[0] == "/r/.venv/bin/python"


def test_a_project_in_the_repository_has_its_own() -> None:
    paths = ("services/a/pyproject.toml", "services/a/src/a.py")
    service = started(Machine(".venv", folder="services/a"), paths, path="services/a")
    assert service.run[:3] == ("env", "PYTHONPATH=services/a/src:.", "/r/.venv/bin/python")


def test_one_that_cannot_be_started_is_unavailable_and_not_replaced() -> None:
    with pytest.raises(Unavailable, match=r"\.venv/bin/python cannot be started"):
        started(Machine(".venv", GONE))
