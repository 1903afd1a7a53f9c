"""Where a linter is: in the project's own environment where it is there, else beside devflow, else
on the PATH; and where a command of the project finds its program."""

import re
from dataclasses import dataclass
from posixpath import dirname
from typing import Final, Iterable, Iterator, Protocol

from devflow.craft.quality.programs import PIP, installed_by
from devflow.craft.suites.interpreter import candidates, folders_of, made_by
from devflow.ports.shell import Command, Python, PythonBy, ShellReads

# s; a tool says its version within 1 s, one that compiles itself first takes a few
VERSION_S: Final = 60.0
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\w*")
# interpreters that are devflow's own, whatever led to them
_OURS: Final[tuple[PythonBy, ...]] = ("devflow",)


@dataclass(frozen=True)
class Tool:
    """How a tool is started; ``where`` says whose it is, ``problem`` that there is none, and
    ``remedy`` what brings it, where that is known."""

    argv: tuple[str, ...] = ()
    version: str = ""
    where: str = ""
    problem: str = ""
    remedy: str = ""

    @property
    def told(self) -> str:
        """The problem with its remedy, empty of a tool that is there."""
        return f"{self.problem}; type: {self.remedy}" if self.remedy else self.problem


class Placed(Protocol):
    """Where a tool is looked for: beside the Python that is named, from a folder. A linter's
    settings say it, and are not named here: they load what reads every report."""

    @property
    def python(self) -> str: ...

    @property
    def cwd(self) -> str: ...


def tool(shell: ShellReads, name: str, linter: Placed, paths: Iterable[str]) -> Tool:
    """The tool of this name for a linter of a tree with these paths, with the version that it says
    of itself."""
    every = frozenset(paths)
    remedy = made_by(every, folders_of(every, linter.cwd)) or f"{PIP} {name}"
    pythons = list(_pythons(shell, linter.python, linter.cwd, every, name))
    if pythons and pythons[0][0] not in _OURS:
        remedy = f"{pythons[0][1].install or PIP} {name}"
    for by, python in pythons:
        if name in python.lacks or not python.version:
            continue
        # -I: a black.py of the tree is not imported in the tool's place
        argv = (python.path, "-I", "-m", name)
        version = _version(shell, argv)
        if version:
            where = "devflow's own" if by in _OURS else f"of {python.shown}"
            return Tool(argv, version, where)
    path = shell.found(name)
    version = _version(shell, (path,)) if path else ""
    if version:
        return Tool((path,), version, f"at {path}")
    return Tool(problem=f"no {name} for this project", remedy=remedy)


def project_python(shell: ShellReads, named: str, cwd: str, paths: Iterable[str]) -> str:
    """The path of the interpreter beside which the project keeps its programs, empty where it has
    none of its own."""
    python = own_python(shell, named, cwd, paths)
    return python.path if python else ""


def own_python(shell: ShellReads, named: str, cwd: str, paths: Iterable[str]) -> Python | None:
    """The interpreter beside which the project keeps its programs, ``None`` where it has none of
    its own."""
    for by, python in _pythons(shell, named, cwd, paths):
        if python.version:
            return None if by in _OURS else python
    return None


def program(shell: ShellReads, name: str, python: Python | None) -> Tool:
    """The program of this name as a command with this interpreter finds it; where there is none,
    the problem says what installs it beside that interpreter."""
    if python is None:
        path = shell.found(name)
        return Tool((path,)) if path else _missing(name, installed_by(name))
    found = shell.program(name, python.path)
    is_beside = dirname(found.path) == dirname(python.path)
    # a command with an interpreter of its own does not find what only devflow has brought
    if found.path and (is_beside or not found.is_devflows):
        return Tool((found.path,))
    return _missing(name, installed_by(name, python.install))


def _missing(name: str, remedy: str) -> Tool:
    return Tool(problem=f"no {name} on this machine", remedy=remedy)


def _pythons(
    shell: ShellReads, named: str, cwd: str, paths: Iterable[str], *modules: str
) -> Iterator[tuple[PythonBy, Python]]:
    for by, place in candidates(named, folders_of(tuple(paths), cwd)):
        python = shell.project_python(by, place, modules)
        if python is not None:
            yield by, python


def _version(shell: ShellReads, argv: tuple[str, ...]) -> str:
    ran = shell.measure(Command((*argv, "--version"), timeout_s=VERSION_S))
    match = _VERSION.search(ran.output) if ran.exit_code == 0 else None
    return match[0] if match else ""
