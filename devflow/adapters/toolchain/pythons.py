"""Finds the interpreter of somebody's project: the one that a developer runs its tests in.

What names it is asked in the order of ``craft/suites/interpreter.py``; no environment is made
here.
"""

import json
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from devflow.adapters.toolchain.keepers import AskIn, Keepers, adding, in_environment
from devflow.ports.shell import Python, PythonBy

ASK_S: Final = 10.0  # s; an interpreter starts within 0.1 s, a cold disk takes a few
_PIP: Final = "pip"
_BASE: Final = ("base", "root")  # conda's first environment, by its name and by its old one
# What stands first on the path is the folder that this is asked in, which is not where tests run.
_DESCRIBE: Final = """
import sys
sys.path.pop(0)
import importlib.util
import json
lacks = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps(["%d.%d.%d" % sys.version_info[:3], lacks]))
"""


class ProjectPythons:
    """The interpreters of the projects in the repository at ``root``, as an environment names them;
    ``path`` is where the programs are that keep some."""

    def __init__(self, ask: AskIn, root: Path, environ: Mapping[str, str], path: str) -> None:
        self._ask = ask
        self._root = root
        self._environ = environ
        self._keepers = Keepers(ask, environ, path)
        self.find = cache(self._find)

    def _find(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        """The interpreter, ``None`` where there is none."""
        folder = self._root / ("" if by == "python" else place)
        first = None
        for path in self._candidates(by, place, folder):
            python = self._described(by, path, modules, folder)
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
            case "conda":
                yield from self._active_of_conda()
            case ".venv":
                yield from in_environment(folder / ".venv")
            case "editable" | "devflow":
                if by == "devflow" or self._is_installed_here():
                    yield Path(sys.executable)
            case _:
                yield from self._keepers.pythons(by, folder)

    def _is_installed_here(self) -> bool:
        """Whether the project is installed into devflow's own environment from this checkout."""
        return any(_is_editable_of(self._root, one) for one in distributions())

    def _named(self, place: str) -> Iterator[Path]:
        path = self._root / Path(place).expanduser()
        if path.is_file():
            # a link is how an environment names its interpreter, so it is not followed
            yield Path(os.path.abspath(path))
        yield from in_environment(path)

    def _active(self) -> Iterator[Path]:
        """The environment that somebody activated; devflow's own is none of the project's, only
        because devflow was started from it."""
        active = self._environ.get("VIRTUAL_ENV", "")
        if active and not _is_same(Path(active), Path(sys.prefix)):
            yield from in_environment(Path(active))

    def _active_of_conda(self) -> Iterator[Path]:
        """``base`` is active in many a shell, and is no project's."""
        active = self._environ.get("CONDA_PREFIX", "")
        is_base = self._environ.get("CONDA_DEFAULT_ENV", "") in _BASE
        if active and not is_base and not _is_same(Path(active), Path(sys.prefix)):
            yield from in_environment(Path(active))

    def _described(
        self, by: PythonBy, path: Path, modules: tuple[str, ...], folder: Path
    ) -> Python:
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
        if _PIP in lacks:
            install = f"uv pip install --python {program}"
        install = adding(folder, by, path) or install
        of_modules = tuple(name for name in lacks if name in modules)
        return Python(str(path), shown, version, install, of_modules)

    def _shown(self, python: Path) -> str:
        if python.is_relative_to(self._root):
            return str(python.relative_to(self._root))
        if python == Path(sys.executable):
            return "devflow's own Python"
        return str(python)


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
