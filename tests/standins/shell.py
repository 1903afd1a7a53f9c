"""A shell that really runs commands, on the trees of a repository in memory.

Programs are looked for in ``first`` before anywhere else, so that a test can put a liar in a tool's
place.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Mapping

from devflow.adapters.machine.report_files import read_reports, set_aside
from devflow.model.errors import StepFailed
from devflow.model.output.telling import telling_line
from devflow.model.tree import Nowhere
from devflow.ports.shell import Command, Line, Program, Python, PythonBy, Ran
from devflow.testing import MemoryRepository, MemoryShell

FEW_PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "pytest_cov.plugin,xdist.plugin",
}
"""The environment of a pytest that does not begin with every plugin of the tests' own environment:
they take 2 s of processor time before the first test."""


# where tools keep what they keep; one for all, since it is part of what a suite is measured under
_HOME = tempfile.TemporaryDirectory(prefix="home-")
atexit.register(_HOME.cleanup)


class HasPython:
    """What answers for the interpreter of every project: ``python`` as the PATH has it."""

    python = Python("python", "here/bin/python", "3.9.18", "here/bin/python -m pip install")

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        return self.python


def program(name: str, path: str) -> str:
    return shutil.which(name, path=path) or name


def changed(place: Path, command: Command, files: Mapping[str, str]) -> tuple[str, ...]:
    """The files that are no longer as they were, where that is asked."""
    if not command.compare:
        return ()
    now = {}
    for path in files:
        file = place.joinpath(path)
        now[path] = file.read_text() if file.is_file() else None
    return tuple(path for path, text in files.items() if now[path] != text)


class RealShell(MemoryShell):
    """``pythons`` are the interpreters that it knows by version; ``acted`` keeps what changed the
    world."""

    def __init__(self, repository: MemoryRepository, first: Path | None = None) -> None:
        super().__init__()
        self.repository = repository
        self.path = os.pathsep.join(
            [*([str(first)] if first else []), str(Path(sys.executable).parent), os.environ["PATH"]]
        )
        self.pythons = {"3.11": sys.executable}
        self.tools_python = sys.executable
        version = ".".join(map(str, sys.version_info[:3]))
        own = Python(program("python", self.path), "here/python", version, "pip install")
        self.project_pythons: dict[str, Python] = {".venv": own}
        self.root = "/nowhere"
        self.home = _HOME.name

    @property
    def on_trees(self) -> list[Command]:
        """The commands that were asked for on files."""
        return [command for command in self.asked if not isinstance(command.tree, Nowhere)]

    def measure(self, command: Command, line: Line | None = None, acting: bool = False) -> Ran:
        self.asked.append(command)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "tree")
            out = Path(folder, "out")
            out.mkdir()
            for path, text in command.given.items():
                out.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
                out.joinpath(path).write_text(text)
            place.mkdir()
            files = {}
            if not isinstance(command.tree, Nowhere):
                files = self.repository.trees[self.repository.tree_of(command.tree.id)]
            if acting:
                files = self.repository.work
            for path, text in files.items():
                place.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
                place.joinpath(path).write_text(text)
            ran = self._ran_ready(command, place, out, files)
            ran = replace(ran, ran_in=str(place.resolve()))
            ran = replace(ran, problem=ran.in_tree(ran.problem))
            for said in ran.output.splitlines() if line else ():
                line(said)
            return ran

    def _ran_ready(self, command: Command, place: Path, out: Path, files: Mapping[str, str]) -> Ran:
        """Nothing is kept of a setup: it runs each time."""
        set_up = ""
        if command.setup:
            ready = self._ran(replace(command, argv=command.setup.argv), place / command.cwd, out)
            if ready.exit_code != 0:
                ended = f"ended with {ready.exit_code}: {telling_line(ready.output)}"
                problem = f"setup: {ready.problem or ended}"
                return replace(ready, exit_code=None, problem=problem, in_setup=True)
            set_up = "ran"
        set_aside(place, command.reports)
        ran = self._ran(command, place / command.cwd, out)
        reports = read_reports(place, command.reports, str)
        return replace(ran, reports=reports, set_up=set_up, changed=changed(place, command, files))

    def _ran(self, command: Command, place: Path, out: Path) -> Ran:
        def filled(text: str) -> str:
            return (
                text.replace("{out}", str(out))
                .replace("{tree}", str(place))
                .replace("{root}", self.root)
            )

        extra = {name: filled(text) for name, text in command.env.items()}
        env = {
            "PATH": self.path,
            "HOME": self.home,
            "PYTHONDONTWRITEBYTECODE": "1",
            **FEW_PLUGINS,
            "LANG": "C.UTF-8",
            **extra,
        }
        argv = [filled(part) for part in command.argv]
        argv[0] = shutil.which(argv[0], path=self.path) or argv[0]
        began = time.monotonic()
        try:
            ended = subprocess.run(
                argv,
                cwd=place,
                env=env,
                text=True,
                stdout=-1,
                stderr=subprocess.STDOUT,
                timeout=command.timeout_s,
            )
        except subprocess.TimeoutExpired:
            return Ran(
                None,
                "",
                command.timeout_s,
                problem=f"ended after {command.timeout_s:g} s without an end of its own",
            )
        except OSError as error:
            return Ran(None, "", 0.0, problem=f"cannot be started: {error}")
        files = {
            name: out.joinpath(name).read_text()
            for name in command.collect
            if out.joinpath(name).is_file()
        }
        return Ran(ended.returncode, ended.stdout, time.monotonic() - began, files)

    def found(self, program: str) -> str:
        return shutil.which(program, path=self.path) or ""

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        return Program(self.found(name))

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        return self.project_pythons.get(by)

    def tool_python(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        return self.tools_python

    def act(self, name: str, command: Command) -> None:
        self.acted.append(command)
        ran = self.measure(command, acting=True)
        if ran.exit_code:
            raise StepFailed(f"{name} ended with {ran.exit_code}")
