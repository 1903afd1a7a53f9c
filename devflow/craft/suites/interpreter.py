"""Which Python a project's tests run in: the one that the project's own people run them in.

devflow's own stands last, and its word counts only where it has everything that the tests import.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Collection, Final, Iterator, get_args

from devflow.craft.imports.paths import is_in
from devflow.craft.suites.imports import PROJECT_FILES
from devflow.model.errors import Unavailable
from devflow.ports.shell import KeptBy, Python, PythonBy, ShellReads

PYTEST: Final = "pytest"
PYTEST_COV: Final = "pytest_cov"
# what makes the environment where none is there yet, by the file that says so
_MAKING: Final = {
    "uv.lock": "uv sync",
    "poetry.lock": "poetry install",
    "pdm.lock": "pdm install",
    "Pipfile": "pipenv install --dev",
}
_MAKE_NAMED: Final = "make {0}, or change python:; an environment is made by: python3 -m venv {0}"
_MAKE: Final = "python3 -m venv .venv, and install the project and its tests' packages into it"


@dataclass(frozen=True)
class Interpreter:
    """The interpreter, and what named it. ``remedy`` makes the project one of its own."""

    python: Python
    by: PythonBy
    remedy: str

    @property
    def is_last_resort(self) -> bool:
        """Whether it is devflow's own only because the project has none that was found."""
        return self.by == "devflow"

    @property
    def words(self) -> str:
        """As evidence names it: ``.venv/bin/python, Python 3.9.18``."""
        version = f"Python {self.python.version}"
        if self.is_last_resort:
            return f"devflow's own {version}, for no other was found"
        by = "" if self.by in (".venv", "python") else f", by {self.by}"
        if self.by == "editable":
            return f"devflow's own {version}, which the project is installed in"
        return f"{self.python.shown}, {version}{by}"


def interpreter_of(
    shell: ShellReads,
    named: str,
    suite_path: str,
    paths: Collection[str],
    modules: tuple[str, ...] = (PYTEST, PYTEST_COV),
) -> Interpreter:
    """The interpreter for the tests in a folder of a tree with these ``paths``; ``named`` is the
    suite's own word. Of several environments one that has the first of ``modules`` is taken.

    Raises ``Unavailable`` where it is not there, or cannot be started.
    """
    folders = folders_of(paths, suite_path)
    remedy = made_by(paths, folders) or _MAKE
    if named:
        remedy = _MAKE_NAMED.format(named)
    for by, place in candidates(named, folders):
        python = shell.project_python(by, place, modules)
        if python is not None and not python.version:
            problem = f"{python.shown} cannot be started"
            raise Unavailable(problem, where=python.shown, hint=remedy)
        if python is not None:
            return Interpreter(python, by, remedy)
    where = named or "this machine"
    raise Unavailable(f"there is no Python in {where}", where=where, hint=remedy)


def candidates(named: str, folders: Collection[str]) -> Iterator[tuple[PythonBy, str]]:
    """What is asked for an interpreter, and of which folder, one after the other."""
    if named:
        yield "python", named
        return
    yield "VIRTUAL_ENV", ""
    yield "conda", ""
    kept_by: tuple[KeptBy, ...] = get_args(KeptBy)
    for folder in folders:
        for by in kept_by:
            yield by, folder
    yield "editable", ""
    yield "devflow", ""


def folders_of(paths: Collection[str], suite_path: str) -> tuple[str, ...]:
    """The folders of the projects that a suite lies in, the nearest first, the repository last."""
    projects = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in PROJECT_FILES and folder and is_in(suite_path, folder):
            projects.add(folder)
    return (*sorted(projects, key=len, reverse=True), "")


def made_by(paths: Collection[str], folders: Collection[str]) -> str:
    """The command by which the project's own tool makes its environment, empty without one."""
    for folder in folders:
        for file, command in _MAKING.items():
            if str(PurePosixPath(folder, file)) in paths:
                return f"cd {folder} && {command}" if folder else command
    return ""
