"""Finds Python interpreters on this machine, and keeps environments for tools in the user's cache.

An interpreter counts only after it has really run: a shim of a version that is not installed lies
on PATH too.
"""

import hashlib
import os
import re
import shutil
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final, Iterator, Protocol, Sequence

from devflow.adapters.journal.run_lock import held
from devflow.model.errors import Locked, StorageFailed

ASK_S: Final = 10.0  # s; an interpreter starts within 0.1 s, a cold disk takes a few
INSTALL_S: Final = 300.0  # s; black and flake8 took 10 s here
_VERSION: Final = re.compile(r"\d+\.\d+(\.\d+)?")
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:==([A-Za-z0-9.+!_-]+))?")
# what is on this machine alone: uv would else download a Python, ask a configuration that is not
# this project's, or
# answer with the virtual environment that happens to lie here
_UV_FINDS: Final = (
    "python",
    "find",
    "--system",
    "--no-project",
    "--no-config",
    "--no-python-downloads",
    "--offline",
)
_TELL: Final = (
    "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.implementation.name, sys.base_prefix)"
)


class Ask(Protocol):
    """Runs a program and answers its output, ``None`` where it failed."""

    def __call__(self, argv: Sequence[str], timeout_s: float) -> str | None:
        """Runs it."""
        ...


class Interpreters:
    """The interpreters that ``ask`` can start; tools' environments lie in ``folder``."""

    def __init__(self, ask: Ask, folder: Path, path: str) -> None:
        self._ask = ask
        self._folder = folder
        self._path = path
        self.find = cache(self._find)
        self.with_packages = cache(self._with_packages)

    def _find(self, version: str) -> str:
        """The path of an interpreter of this version (``3.9`` or ``3.9.18``), empty where there is
        none."""
        if not _VERSION.fullmatch(version):
            return ""
        return next(
            (path for path in dict.fromkeys(self._candidates(version)) if self._is(path, version)),
            "",
        )

    def _candidates(self, version: str) -> Iterator[str]:
        """Kept versions before what uv and PATH answer: a shim takes a second to say that its
        version is not installed."""
        yield sys.executable
        short = ".".join(version.split(".")[:2])
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        yield from map(
            str,
            (Path.home() / ".local/share/uv/python").glob(f"cpython-{version}*/bin/python{short}"),
        )
        yield from map(str, (pyenv / "versions").glob(f"{version}*/bin/python"))
        yield from self._uvs(version)
        for folder in self._path.split(os.pathsep):
            for name in (f"python{short}", "python3"):
                yield from filter(None, [shutil.which(name, path=folder)])

    def _uvs(self, version: str) -> Iterator[str]:
        """Where uv has it, which may keep its Pythons anywhere."""
        uv = shutil.which("uv", path=self._path)
        told = self._ask((uv, *_UV_FINDS, version), ASK_S) if uv else None
        yield from [line for line in (told or "").splitlines() if os.path.isabs(line)][-1:]

    def _is(self, path: str, version: str) -> bool:
        told = self._tell(path)
        return told is not None and told.split(" ")[0].split(".")[
            : version.count(".") + 1
        ] == version.split(".")

    def _tell(self, path: str) -> str | None:
        return self._ask((path, "-c", _TELL), ASK_S)

    def _with_packages(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        """A Python of that interpreter with these packages, empty where they cannot be installed."""
        if os.path.abspath(interpreter) == os.path.abspath(sys.executable) and all(
            map(_installed, requirements)
        ):
            return sys.executable
        told = self._tell(interpreter)
        if told is None:
            return ""
        key = hashlib.sha256("\n".join((told.strip(), *sorted(requirements))).encode()).hexdigest()[
            :16
        ]
        python = self._folder / key / "bin" / "python"
        try:
            # beside the environments: one that is being made is not an environment yet
            with held(self._folder / f"{key}.lock", INSTALL_S):
                return (
                    str(python)
                    if python.exists() or self._made(interpreter, requirements, self._folder / key)
                    else ""
                )
        except (Locked, StorageFailed, OSError):
            return ""

    def _made(self, interpreter: str, requirements: tuple[str, ...], folder: Path) -> bool:
        """Only a finished environment gets its name, so a killed installation leaves none that
        looks whole."""
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            python = str(unfinished / "bin" / "python")
            install = (
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-input",
                "--retries",
                "1",
                "--",
                *requirements,
            )
            for argv in ((interpreter, "-m", "venv", str(unfinished)), install):
                if self._ask(argv, INSTALL_S) is None:
                    return False
            unfinished.rename(folder)
            return True
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _installed(requirement: str) -> bool:
    """Whether devflow's own environment has exactly this; anything but ``name`` and
    ``name==version`` is left to pip."""
    pin = _PIN.fullmatch(requirement)
    try:
        return pin is not None and pin[2] in (None, installed_version(pin[1]))
    except PackageNotFoundError:
        return False
