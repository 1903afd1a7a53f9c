"""Where the programs that keep a Python project's environments keep them.

Each is asked only where the project has its files, and none is asked anything that makes an
environment: ``pdm info --python`` does (2.29), so that its file is read in its place.
"""

import os
import re
import shutil
import tomllib
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any, Callable, Final, Iterable, Iterator, Mapping, Protocol, Sequence

from devflow.ports.shell import PythonBy

# s; poetry takes 0.4 s here, pipenv 1 s and hatch 1.2 s, a cold disk ten times that
KEEPER_S: Final = 30.0
_PYTHONS: Final = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
# of tox and of hatch's own test command: py, py311, py3.11-django, 3.11, hatch-test.py3.11
_TEST_ENVIRONMENT: Final = re.compile(
    r"(?:hatch-test\.)?(?=py|3)(?:py)?(?:3(?:\.?(\d+))?)?(?:-.*)?"
)
# what adds a package to a project for its developers, by the keeper's name
_ADDING: Final[Mapping[PythonBy, str]] = {
    "uv": "uv add --dev",
    "poetry": "poetry add --group dev",
    "pdm": "pdm add --dev",
    "pipenv": "pipenv install --dev",
}
_QUIET: Final = ("--no-interaction", "--no-ansi")
_WORK_FOLDER: Final = re.compile(r"^work_dir = (.+?)\s*$", re.MULTILINE)


class AskIn(Protocol):
    """Runs a program in a folder and answers its output, ``None`` where it failed."""

    def __call__(self, argv: Sequence[str], timeout_s: float, folder: Path) -> str | None:
        """Runs it."""
        ...


class Keepers:
    """The environments that programs keep for the project in a folder; ``path`` is where these
    programs are."""

    def __init__(self, ask: AskIn, environ: Mapping[str, str], path: str) -> None:
        self._ask = ask
        self._environ = environ
        self._path = path

    def pythons(self, by: PythonBy, folder: Path) -> Iterator[Path]:
        """The interpreters of the environments that are there, the best first."""
        for environment in self._environments(by, folder):
            yield from in_environment(environment)

    def _environments(self, by: PythonBy, folder: Path) -> Iterator[Path]:
        match by:
            case "uv":
                yield from self._of_uv(folder)
            case "poetry":
                yield from self._of_poetry(folder)
            case "pdm":
                yield from self._of_pdm(folder)
            case "pipenv":
                yield from self._of_pipenv(folder)
            case "hatch":
                yield from self._of_hatch(folder)
            case "tox":
                yield from self._of_tox(folder)

    def _of_uv(self, folder: Path) -> Iterator[Path]:
        # https://docs.astral.sh/uv/reference/environment/#uv_project_environment
        # `uv python find` does not look at it, and answers with any Python where there is none
        named = self._environ.get("UV_PROJECT_ENVIRONMENT", "")
        if named and _has_uv(folder):
            yield folder / named

    def _of_poetry(self, folder: Path) -> Iterator[Path]:
        """The one of the Python that is on the PATH, else the newest."""
        if not _has_poetry(folder):
            return
        yield from _environments_of(self._answer(folder, "poetry", *_QUIET, "env", "info", "-p"))
        listed = self._answer(folder, "poetry", *_QUIET, "env", "list", "--full-path")
        yield from sorted(_environments_of(listed), key=_minor, reverse=True)

    def _of_pdm(self, folder: Path) -> Iterator[Path]:
        try:
            python = Path((folder / ".pdm-python").read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            return
        # its other way, packages beside a Python of the machine, has no environment
        if (python.parent.parent / "pyvenv.cfg").exists():
            yield python.parent.parent

    def _of_pipenv(self, folder: Path) -> Iterator[Path]:
        if (folder / "Pipfile").exists():
            yield from _environments_of(self._answer(folder, "pipenv", "--venv"))

    def _of_hatch(self, folder: Path) -> Iterator[Path]:
        """Its default environment, else one that ``hatch test`` has made, else one that the project
        calls so."""
        if not _has_hatch(folder):
            return
        for name in ("default", "hatch-test", *_test_environments_of_hatch(folder)):
            found = _environments_of(self._answer(folder, "hatch", "env", "find", name))
            for _, path in _by_version(found):
                yield path

    def _of_tox(self, folder: Path) -> Iterator[Path]:
        """The newest of the plain Python environments that tox has made, else those that are called
        after tests."""
        if not _has_tox(folder):
            return
        work = self._work_folder_of_tox(folder)
        found = _by_version(work.iterdir()) if work.is_dir() else []
        yield from (path for minor, path in found if minor >= 0)
        yield from (path for minor, path in found if minor < 0 and _is_for_tests(path.name))

    def _work_folder_of_tox(self, folder: Path) -> Path:
        usual = folder / self._environ.get("TOX_WORK_DIR", ".tox")
        if usual.is_dir():
            return usual
        # provisioning would install tox anew, beside the environments
        asked = ("config", "--no-provision", "--core", "-k", "work_dir")
        told = _WORK_FOLDER.search(self._answer(folder, "tox", *asked))
        # of 4.50 it is relative, as it is written in the file
        return folder / told[1] if told else usual

    def _answer(self, folder: Path, program: str, *arguments: str) -> str:
        found = shutil.which(program, path=self._path)
        return (self._ask((found, *arguments), KEEPER_S, folder) or "") if found else ""


def in_environment(folder: Path) -> Iterator[Path]:
    """The interpreter of an environment; nothing where there is none."""
    for name in _PYTHONS:
        # also a link to a Python that is gone: it is the environment's, and cannot be started
        if os.path.lexists(folder / name):
            yield folder / name
            return


def adding(folder: Path, by: PythonBy, python: Path) -> str:
    """The command that adds a package to the environment of the interpreter and to what the project
    says of itself; empty where no program keeps both."""
    for keeper, has in _HAS.items():
        if has(folder) and (by == keeper or python.is_relative_to(folder)):
            return _ADDING[keeper]
    return ""


def _environments_of(answer: str) -> Iterator[Path]:
    """The folders of an answer: a line each, among warnings."""
    for line in answer.splitlines():
        path = Path(line.strip().removesuffix(" (Activated)"))
        if path.is_absolute():
            yield path


def _by_version(folders: Iterable[Path]) -> list[tuple[int, Path]]:
    """Environments for tests with the minor version of their Python, the newest first; 0 where
    their name says none, and -1 where it is the name of something else."""
    found = []
    for folder in folders:
        named = _TEST_ENVIRONMENT.fullmatch(folder.name)
        found.append((int(named[1] or 0) if named else -1, folder))
    return sorted(found, reverse=True)


def _minor(folder: Path) -> int:
    """Of poetry's ``name-hash-py3.11``."""
    found = re.search(r"-py3\.(\d+)$", folder.name)
    return int(found[1]) if found else 0


def _is_for_tests(name: str) -> bool:
    return "test" in name.lower()


def _has_uv(folder: Path) -> bool:
    return (folder / "uv.lock").exists() or "uv" in _tools(folder)


def _has_poetry(folder: Path) -> bool:
    is_built = _backend(folder).startswith("poetry.")
    return is_built or (folder / "poetry.lock").exists() or "poetry" in _tools(folder)


def _has_pdm(folder: Path) -> bool:
    return (folder / "pdm.lock").exists() or (folder / ".pdm-python").exists()


def _has_pipenv(folder: Path) -> bool:
    return (folder / "Pipfile").exists()


_HAS: Final[Mapping[PythonBy, Callable[[Path], bool]]] = {
    "uv": _has_uv,
    "poetry": _has_poetry,
    "pdm": _has_pdm,
    "pipenv": _has_pipenv,
}


def _has_hatch(folder: Path) -> bool:
    is_built = _backend(folder).startswith("hatchling.")
    return is_built or (folder / "hatch.toml").exists() or "hatch" in _tools(folder)


def _test_environments_of_hatch(folder: Path) -> Iterator[str]:
    settings = (_table(folder / "hatch.toml"), _tools(folder).get("hatch"))
    for one in settings:
        environments = one.get("envs") if isinstance(one, Mapping) else None
        for name in environments if isinstance(environments, Mapping) else ():
            if _is_for_tests(name) and name != "hatch-test":
                yield name


def _has_tox(folder: Path) -> bool:
    named = any((folder / name).exists() for name in ("tox.ini", "tox.toml"))
    if named or "tox" in _tools(folder):
        return True
    settings = ConfigParser(interpolation=None)
    try:
        settings.read(folder / "setup.cfg", encoding="utf-8")
    except (Error, ValueError):
        return False
    return settings.has_section("tox:tox")


def _backend(folder: Path) -> str:
    """What builds the project, as PEP 517 names it."""
    built = _table(folder / "pyproject.toml").get("build-system")
    return str(built.get("build-backend", "")) if isinstance(built, Mapping) else ""


def _tools(folder: Path) -> Mapping[str, Any]:
    tools = _table(folder / "pyproject.toml").get("tool")
    return tools if isinstance(tools, Mapping) else {}


def _table(file: Path) -> Mapping[str, Any]:
    """A TOML file; empty where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
