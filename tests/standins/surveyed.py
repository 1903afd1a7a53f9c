"""Repositories of a few texts as `init` sees them, on a machine that has what a test says."""

from dataclasses import dataclass, field
from typing import Any, Mapping

from devflow.craft.survey.around import branch_patterns, ticket_project
from devflow.craft.survey.draft import pipeline_text
from devflow.craft.survey.files import Files
from devflow.craft.survey.looking import named, sights
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Connect, Known, Sight, Survey
from devflow.ports.shell import Command, Program, Python, PythonBy, Ran
from devflow.testing import MemoryRepository


@dataclass(frozen=True)
class Machine:
    """What is on it: ``programs``; an interpreter of the project's own where ``python`` names it,
    else devflow's alone; both lack the modules of ``lacks``."""

    programs: frozenset[str] = frozenset()
    python: str = ""
    lacks: frozenset[str] = frozenset()

    def found(self, program: str) -> str:
        return f"/usr/bin/{program}" if program in self.programs else ""

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        return Program(self.found(name))

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        there: dict[str, str] = {"devflow": "devflow/python"}
        if self.python:
            there[".venv"] = self.python
        path = there.get(by)
        if path is None:
            return None
        lacks = tuple(name for name in modules if name in self.lacks)
        return Python(path, path, "3.11.7", f"{path} -m pip install", lacks)

    def measure(self, command: Command, line: Any = None) -> Ran:
        """A version, whether Ruby has its formatter, or the modules that Perl has not."""
        if command.argv[0] == "perl":
            return Ran(0, "".join(f"{one}\n" for one in command.argv if one in self.lacks), 0.1)
        is_there = "rspec_junit_formatter" in self.programs or command.argv[-1] == "--version"
        return Ran(0 if is_there else 1, "tool 1.2.3\n", 0.1)


@dataclass(frozen=True)
class Seen:
    """A repository with these ``files``, as `init` sees it."""

    files: Mapping[str, str]
    machine: Machine = Machine()
    connect: Connect = "sandbox"
    clone: CloneFacts = field(default_factory=lambda: CloneFacts(branch="main"))

    @property
    def sights(self) -> tuple[Sight, ...]:
        repository: Any = MemoryRepository(dict(self.files))
        shell: Any = self.machine
        looked = Files(self.files, self.files.get)
        return sights(looked, shell, repository, self.clone, self.connect)

    @property
    def survey(self) -> Survey:
        project = ticket_project(self.clone)
        return Survey(
            name=named(Files(self.files, self.files.get), self.clone, "roof"),
            base=Known("main", "origin's HEAD"),
            remote=None,
            connect=self.connect,
            tracker_project=project,
            branch_patterns=tuple(branch_patterns(self.clone, project.value if project else "")),
            sights=self.sights,
        )

    @property
    def text(self) -> str:
        return pipeline_text(self.survey)

    def lines(self, kind: str) -> list[str]:
        """What was seen of a kind, a line each: in or not, its words, and why not."""
        found = []
        for sight in self.sights:
            if sight.kind == kind:
                settings = {**sight.settings}
                words = settings.pop("run", settings.pop("path", sight.words))
                more = "".join(f" {key}={_short(value)}" for key, value in settings.items())
                why = f" ({sight.why_not})" if sight.why_not else ""
                mark = "+" if sight.is_in else "-"
                found.append(f"{mark} {sight.name}: {words}{more}{why}")
        return found


def machine(*programs: str, python: str = "", lacks: tuple[str, ...] = ()) -> Machine:
    """A machine with these programs."""
    return Machine(frozenset(programs), python, frozenset(lacks))


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{one}" for key, one in value.items())
    return str(value)
