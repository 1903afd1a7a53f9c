"""A shell that runs nothing: a test says how each command ends."""

from dataclasses import replace
from typing import Mapping

from devflow.model.errors import StepFailed
from devflow.ports.shell import Command, Line, Program, Python, PythonBy, Ran


class MemoryShell:
    """``answers`` are how commands end, by the words that they begin with; of several the longest
    counts. What has none ends as ``otherwise`` says: it could not be started.

    ``programs`` are where programs lie; those that are answered for are there too, and ``devflows``
    are those that only devflow has brought. ``pythons`` are interpreters by version, ``python`` the
    project's. ``asked`` and ``acted`` list the commands that measured and that changed the world,
    ``kept`` what stands beside the run's logs.
    """

    def __init__(self, answers: Mapping[str, Ran] | None = None) -> None:
        self.answers: dict[str, Ran] = dict(answers or {})
        self.otherwise: Ran | None = None
        self.programs: dict[str, str] = {}
        self.devflows: set[str] = set()
        self.pythons: dict[str, str] = {}
        self.python: Python | None = None
        self.asked: list[Command] = []
        self.acted: list[Command] = []
        self.kept: dict[str, str] = {}
        self.remembered: dict[str, str] = {}

    def answer(
        self,
        words: str,
        output: str = "",
        *,
        exit_code: int = 0,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Commands that begin with these words end so; ``files`` are those that it collects."""
        self.answers[words] = Ran(exit_code, output, 0.1, files=dict(files or {}))

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        self.asked.append(command)
        ran = self._ended(command)
        if line is not None:
            for text in ran.output.splitlines():
                line(text)
        return ran

    def act(self, name: str, command: Command) -> None:
        self.acted.append(command)
        ran = self._ended(command)
        if ran.exit_code != 0:
            raise StepFailed(ran.problem or f"{name} ended with {ran.exit_code}: {ran.output}")

    def _ended(self, command: Command) -> Ran:
        said = " ".join(command.argv)
        fitting = [words for words in self.answers if f"{said} ".startswith(f"{words} ")]
        if fitting:
            ran = self.answers[max(fitting, key=len)]
            collected = [name for name in command.collect if name in ran.files]
            return replace(ran, files={name: ran.files[name] for name in collected})
        if self.otherwise is not None:
            return self.otherwise
        return Ran(None, "", 0.0, problem=f"this test has no answer for: {said}")

    def keep(self, name: str, text: str) -> None:
        self.kept[name] = text
        if not text:
            del self.kept[name]

    def recall(self, key: str) -> str:
        return self.remembered.get(key, "")

    def remember(self, key: str, text: str) -> None:
        self.remembered[key] = text

    def found(self, program: str) -> str:
        is_answered = any(words.split()[:1] == [program] for words in self.answers)
        return self.programs.get(program, f"/bin/{program}" if is_answered else "")

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        return Program(self.found(name), name in self.devflows)

    def interpreter(self, version: str) -> str:
        return self.pythons.get(version, "")

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        return self.python

    def tool_python(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        return interpreter
