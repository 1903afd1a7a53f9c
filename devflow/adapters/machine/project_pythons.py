"""Finds the interpreter of somebody's project: the one that a developer runs its tests in.

The programs that keep environments are asked where they keep them, and only where the project has
their files; none is made here.
"""

import json
import os
import re
import shutil
import sys
import tomllib
from contextlib import suppress
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final, Iterable, Iterator, Mapping, Protocol, Sequence
from urllib.parse import unquote, urlsplit

from devflow.adapters.machine.interpreters import ASK_S
from devflow.ports.shell import Python, PythonBy

# s; poetry takes 0.4 s here and hatch 1.2 s, a cold disk ten times that
MANAGER_S: Final = 30.0
_PIP: Final = "pip"
_PYTHONS: Final = ("bin/python", "bin/python3", "Scripts/python.exe")
# of tox and of hatch's own test command: py, py311, py3.11-django, 3.11, hatch-test.py3.11
_TEST_ENVIRONMENT: Final = re.compile(
    r"(?:hatch-test\.)?(?=py|3)(?:py)?(?:3(?:\.?(\d+))?)?(?:-.*)?"
)
# What stands first on the path is the folder that this is asked in, which is not where tests run.
_DESCRIBE: Final = """
import sys
sys.path.pop(0)
import importlib.util
import json
lacks = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps(["%d.%d.%d" % sys.version_info[:3], lacks]))
"""


class AskIn(Protocol):
    """Runs a program in a folder and answers its output, ``None`` where it failed."""

    def __call__(self, argv: Sequence[str], timeout_s: float, folder: Path) -> str | None:
        """Runs it."""
        ...


class ProjectPythons:
    """The interpreters of the projects in the repository at ``root``, as an environment names them;
    ``path`` is where the programs are that keep some."""

    def __init__(self, ask: AskIn, root: Path, environ: Mapping[str, str], path: str) -> None:
        self._ask = ask
        self._root = root
        self._environ = environ
        self._path = path
        self.find = cache(self._find)

    def _find(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        """The interpreter, ``None`` where there is none."""
        folder = self._root / ("" if by == "python" else place)
        first = None
        for path in self._candidates(by, place, folder):
            python = self._described(path, modules, folder)
            if python.version and modules[:1] != python.lacks[:1]:
                return python
            # of several environments one may be for linters alone
            first = first or python
        return first

    def _candidates(self, by: PythonBy, place: str, folder: Path) -> Iterator[Path]:
        match by:
            case "python":
                yield from self._named(place)
            case "VIRTUAL_ENV":
                yield from self._active()
            case ".venv":
                yield from _in_environment(folder / ".venv")
            case "uv":
                yield from self._of_uv(folder)
            case "poetry":
                yield from self._of_poetry(folder)
            case "hatch":
                yield from self._of_hatch(folder)
            case "tox":
                yield from self._of_tox(folder)
            case "editable":
                if any(_is_editable_of(self._root, one) for one in distributions()):
                    yield Path(sys.executable)
            case "devflow":
                yield Path(sys.executable)

    def _named(self, place: str) -> Iterator[Path]:
        path = self._root / Path(place).expanduser()
        if path.is_file():
            # a link is how an environment names its interpreter, so it is not followed
            yield Path(os.path.abspath(path))
        yield from _in_environment(path)

    def _active(self) -> Iterator[Path]:
        """The environment that somebody activated; devflow's own is none of the project's, only
        because devflow was started from it."""
        active = self._environ.get("VIRTUAL_ENV", "")
        if active and not _is_same(Path(active), Path(sys.prefix)):
            yield from _in_environment(Path(active))

    def _of_uv(self, folder: Path) -> Iterator[Path]:
        # https://docs.astral.sh/uv/reference/environment/#uv_project_environment
        named = self._environ.get("UV_PROJECT_ENVIRONMENT", "")
        if named and (folder / "uv.lock").exists():
            yield from _in_environment(folder / named)

    def _of_poetry(self, folder: Path) -> Iterator[Path]:
        poetry = shutil.which("poetry", path=self._path)
        if poetry and _has_poetry(folder):
            asked = (poetry, "--no-interaction", "--no-ansi", "env", "info", "--executable")
            yield from self._files(self._ask(asked, MANAGER_S, folder))

    def _of_hatch(self, folder: Path) -> Iterator[Path]:
        """Its default environment, else one that ``hatch test`` has made."""
        hatch = shutil.which("hatch", path=self._path)
        is_hatch = "hatch" in _tools(folder) or (folder / "hatch.toml").exists()
        if hatch is None or not is_hatch:
            return
        for environment in ("default", "hatch-test"):
            answer = self._ask((hatch, "env", "find", environment), MANAGER_S, folder) or ""
            folders = [Path(line.strip()) for line in answer.splitlines()]
            for _, path in _by_version(one for one in folders if one.is_absolute()):
                yield from _in_environment(path)

    def _of_tox(self, folder: Path) -> Iterator[Path]:
        """The newest of the plain Python environments that tox has made."""
        is_tox = "tox" in _tools(folder) or (folder / "tox.ini").exists()
        work = folder / self._environ.get("TOX_WORK_DIR", ".tox")
        if is_tox and work.is_dir():
            for minor, path in _by_version(work.iterdir()):
                if minor >= 0:
                    yield from _in_environment(path)

    def _files(self, answer: str | None) -> Iterator[Path]:
        paths = [Path(line.strip()) for line in (answer or "").splitlines()]
        # warnings come before the answer
        yield from [path for path in paths if path.is_absolute() and path.is_file()][-1:]

    def _described(self, path: Path, modules: tuple[str, ...], folder: Path) -> Python:
        """The version is empty where it does not start."""
        asked = (*modules, _PIP)
        answer = self._ask((str(path), "-c", _DESCRIBE, *asked), ASK_S, self._root) or ""
        version = ""
        lacks: tuple[str, ...] = ()
        with suppress(ValueError):
            version, missing = json.loads((answer.splitlines() or [""])[-1])
            lacks = tuple(missing)
        shown = self._shown(path)
        program = str(path) if path == Path(sys.executable) else shown
        install = f"{program} -m pip install"
        if _has_poetry(folder) and self._is_of_project(path, folder):
            install = "poetry add --group dev"
        elif _PIP in lacks:
            install = f"uv pip install --python {program}"
        of_modules = tuple(name for name in lacks if name in modules)
        return Python(str(path), shown, version, install, of_modules)

    def _is_of_project(self, path: Path, folder: Path) -> bool:
        """Whether poetry would install into it: its own, or the one that lies in the project."""
        return "pypoetry" in path.parts or path.is_relative_to(folder)

    def _shown(self, python: Path) -> str:
        if python.is_relative_to(self._root):
            return str(python.relative_to(self._root))
        if python == Path(sys.executable):
            return "devflow's own Python"
        return str(python)


def _in_environment(folder: Path) -> Iterator[Path]:
    for name in _PYTHONS:
        # also a link to a Python that is gone: it is the environment's, and cannot be started
        if os.path.lexists(folder / name):
            yield folder / name
            return


def _by_version(folders: Iterable[Path]) -> list[tuple[int, Path]]:
    """Environments for tests with the minor version of their Python, the newest first; 0 where
    their name says none, and -1 where it is the name of something else."""
    found = []
    for folder in folders:
        named = _TEST_ENVIRONMENT.fullmatch(folder.name)
        found.append((int(named[1] or 0) if named else -1, folder))
    return sorted(found, reverse=True)


def _tools(folder: Path) -> Mapping[str, Any]:
    """The ``[tool]`` table of a project's pyproject.toml; empty where it cannot be read."""
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        tools = tomllib.loads(text).get("tool", {})
    except (OSError, ValueError):
        return {}
    return tools if isinstance(tools, Mapping) else {}


def _has_poetry(folder: Path) -> bool:
    return "poetry" in _tools(folder) or (folder / "poetry.lock").exists()


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_editable_of(root: Path, installed: Distribution) -> bool:
    """Whether a package is installed for development from this checkout, as PEP 610 notes it."""
    try:
        note = json.loads(installed.read_text("direct_url.json") or "{}")
        is_editable = bool(note.get("dir_info", {}).get("editable"))
        place = Path(unquote(urlsplit(note.get("url", "")).path))
    except (AttributeError, OSError, TypeError, ValueError):
        return False
    return is_editable and place.resolve().is_relative_to(root.resolve())
