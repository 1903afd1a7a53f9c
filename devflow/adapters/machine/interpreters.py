"""Finds Python interpreters on this machine, and keeps environments for tools in the user's cache.

An interpreter counts only after it has really run: a shim of a version that is not installed lies
on PATH too.
"""

import hashlib
import os
import re
import shutil
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final, Iterator, Protocol, Sequence

from findpython.providers.asdf import AsdfProvider
from findpython.providers.base import BaseProvider
from findpython.providers.macos import MacOSProvider
from findpython.providers.pyenv import PyenvProvider
from findpython.providers.rye import RyeProvider
from findpython.providers.uv import UvProvider

from devflow.adapters.machine.file_lock import hold_file
from devflow.model.errors import Locked, StorageFailed

ASK_S: Final = 10.0  # s; an interpreter starts within 0.1 s, a cold disk takes a few
INSTALL_S: Final = 300.0  # s; black and flake8 took 10 s here
KEY_CHARS: Final = 16  # of a SHA-256: 64 bits, for the few environments of one cache
_VERSION: Final = re.compile(r"\d+\.\d+(\.\d+)?")
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:==([A-Za-z0-9.+!_-]+))?")
# Only where findpython says that Pythons are kept. Its Finder starts every Python of the machine
# (53 processes and 4 s here, our way 0.6 s), with our whole environment and out of a signal's
# reach; its PATH provider reads whole folders in no order.
_KEEPERS: Final[tuple[type[BaseProvider], ...]] = (
    UvProvider,
    PyenvProvider,
    AsdfProvider,
    RyeProvider,
    MacOSProvider,
)
# What is on this machine alone: uv would else download a Python, ask a configuration that is not
# this project's, or answer with the virtual environment that happens to lie here.
_UV_FINDS: Final = (
    "python",
    "find",
    "--system",
    "--no-project",
    "--no-config",
    "--no-python-downloads",
    "--offline",
)
_DESCRIBE: Final = (
    "import sys; "
    "print('.'.join(map(str, sys.version_info[:3])), sys.implementation.name, sys.base_prefix)"
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
        """The path of an interpreter of this version (``3.9`` or ``3.9.18``), empty without one."""
        if not _VERSION.fullmatch(version):
            return ""
        refused: set[str] = set()
        for path in self._candidates(version):
            if path in refused:
                continue
            if self._is(path, version):
                return path
            refused.add(path)
        return ""

    def _candidates(self, version: str) -> Iterator[str]:
        """Kept versions stand before what uv and PATH answer: a shim takes a second to say that its
        version is not installed."""
        yield sys.executable
        yield from _side_by_side(version)
        yield from self._ask_uv(version)
        short = ".".join(version.split(".")[:2])
        for folder in self._path.split(os.pathsep):
            for name in (f"python{short}", "python3"):
                program = shutil.which(name, path=folder)
                if program:
                    yield program

    def _ask_uv(self, version: str) -> Iterator[str]:
        """Where uv has it, which may keep its Pythons anywhere."""
        uv = shutil.which("uv", path=self._path)
        if uv is None:
            return
        answer = self._ask((uv, *_UV_FINDS, version), ASK_S) or ""
        paths = [line for line in answer.splitlines() if os.path.isabs(line)]
        # warnings come before the answer
        yield from paths[-1:]

    def _is(self, path: str, version: str) -> bool:
        description = self._describe(path)
        if description is None:
            return False
        parts = version.split(".")
        actual = description.split(" ")[0].split(".")
        return actual[: len(parts)] == parts

    def _describe(self, path: str) -> str | None:
        return self._ask((path, "-c", _DESCRIBE), ASK_S)

    def _with_packages(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        """A Python of that interpreter with these packages, empty where they do not install."""
        ours = os.path.abspath(interpreter) == os.path.abspath(sys.executable)
        if ours and all(map(_is_installed, requirements)):
            return sys.executable
        description = self._describe(interpreter)
        if description is None:
            return ""
        identity = "\n".join((description.strip(), *sorted(requirements)))
        key = hashlib.sha256(identity.encode()).hexdigest()[:KEY_CHARS]
        environment = self._folder / key
        python = environment / "bin" / "python"
        try:
            # beside the environments: one that is being made is not an environment yet
            with hold_file(self._folder / f"{key}.lock", INSTALL_S):
                ready = python.exists() or self._install(interpreter, requirements, environment)
        except (Locked, StorageFailed, OSError):
            return ""
        return str(python) if ready else ""

    def _install(self, interpreter: str, requirements: tuple[str, ...], folder: Path) -> bool:
        """Only a finished environment gets its name, so a killed installation leaves none that
        looks whole."""
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        python = str(unfinished / "bin" / "python")
        quiet = ("--quiet", "--no-input", "--retries", "1")
        make = (interpreter, "-m", "venv", str(unfinished))
        install = (python, "-m", "pip", "install", *quiet, "--", *requirements)
        try:
            for argv in (make, install):
                if self._ask(argv, INSTALL_S) is None:
                    return False
            unfinished.rename(folder)
            return True
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _side_by_side(version: str) -> Iterator[str]:
    """One interpreter of each folder named after the version, where Pythons are kept side by side.

    Nothing is started for it; PyPy and its like have other names and are passed over.
    """
    pattern = re.compile(rf"(?:cpython[-@])?{re.escape(version)}(?!\d)")
    folders: set[Path] = set()
    for keeper in _KEEPERS:
        # a folder that may not be read keeps nothing for us
        with suppress(OSError):
            provider = keeper.create()
            for python in provider.find_pythons() if provider else ():
                folder = python.executable.parent
                if folder not in folders and any(map(pattern.match, folder.parts)):
                    folders.add(folder)
                    yield str(python.executable)


def _is_installed(requirement: str) -> bool:
    """Whether devflow's own environment has exactly this; anything but ``name`` and
    ``name==version`` is left to pip."""
    pin = _PIN.fullmatch(requirement)
    if pin is None:
        return False
    try:
        return pin[2] in (None, installed_version(pin[1]))
    except PackageNotFoundError:
        return False
