"""A Dockerfile's instructions, each with the line that it begins on.

Of our own, since the parsers that packages have lose lines and flags (dockerfile-parse knows
neither heredocs nor ``--mount``) or are a compiled program for one platform (dockerfile).
Source: docs.docker.com/reference/dockerfile.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, Iterator, NoReturn

from devflow.model.errors import StepFailed, Unavailable

KNOWN: Final = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL "
    "STOPSIGNAL USER VOLUME WORKDIR".split()
)
_FLAGGED: Final = frozenset({"ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"})
_DIRECTIVE: Final = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(.+?)\s*$", re.I)
_FLAG: Final = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?(?:\s+|$)")
_HEREDOC: Final = re.compile(r"<<-?\s*[\"']?[A-Za-z_]")


@dataclass(frozen=True)
class Instruction:
    """One instruction: ``text`` is as written, its continuations joined; ``flags`` are what stands
    between the keyword and ``rest``."""

    number: int
    keyword: str
    text: str
    flags: tuple[tuple[str, str], ...]
    rest: str

    def flag(self, name: str) -> str:
        """A flag's value, empty where it has none."""
        return next((value for found, value in self.flags if found == name), "")

    def json_form(self) -> tuple[str, ...] | None:
        """The words of ``["exec", "form"]``, ``None`` for anything else."""
        if not self.rest.startswith("["):
            return None
        try:
            words = json.loads(self.rest)
        except ValueError:
            return None
        is_words = isinstance(words, list) and all(isinstance(word, str) for word in words)
        return tuple(words) if is_words else None


@dataclass(frozen=True)
class File:
    """A Dockerfile's instructions, and where it lies."""

    path: str
    instructions: tuple[Instruction, ...]
    escape: str = "\\"

    def at(self, instruction: Instruction) -> str:
        """The place of an instruction: ``Dockerfile:12``."""
        return f"{self.path}:{instruction.number}"

    def fault(self, instruction: Instruction, problem: str, hint: str = "") -> NoReturn:
        """Refuses an instruction that is wrong. Raises ``StepFailed``."""
        raise StepFailed(problem, where=self.at(instruction), hint=hint)

    def only_an_engine(self, instruction: Instruction, what: str) -> NoReturn:
        """Refuses one that is right but is not carried out here. Raises ``Unavailable``."""
        problem = f"only a container engine carries out {what}"
        hint = "start Docker or Podman, or write it so that it needs no engine"
        raise Unavailable(problem, where=self.at(instruction), hint=hint)


def read_file(text: str, path: str) -> File:
    """Reads a Dockerfile.

    Raises ``StepFailed`` for an instruction that does not exist, ``Unavailable`` for a heredoc.
    """
    escape = _escape(text)
    rows = _joined(text, escape)
    file = File(path, tuple(_instruction(number, row) for number, row in rows), escape)
    for instruction in file.instructions:
        if instruction.keyword not in KNOWN:
            problem = f"there is no instruction {instruction.keyword}"
            file.fault(instruction, problem, "see docs.docker.com/reference/dockerfile")
        if instruction.keyword in ("RUN", "COPY", "ADD") and _HEREDOC.search(instruction.rest):
            file.only_an_engine(instruction, "a heredoc")
    if not file.instructions:
        raise StepFailed("it holds no instruction", where=path, hint="begin with FROM")
    return file


def _escape(text: str) -> str:
    """What a line that goes on ends with: directives stand before anything else."""
    for row in text.splitlines():
        match = _DIRECTIVE.match(row.strip())
        if match is None:
            break
        if match[1].lower() == "escape":
            return match[2]
    return "\\"


def _joined(text: str, escape: str) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    begin = 0
    for number, row in enumerate(text.splitlines(), start=1):
        stripped = row.strip()
        # also within a continued instruction
        if not stripped or stripped.startswith("#"):
            continue
        begin = begin or number
        goes_on = stripped.endswith(escape)
        parts.append(stripped.removesuffix(escape).strip() if goes_on else stripped)
        if not goes_on:
            yield begin, " ".join(part for part in parts if part)
            parts = []
            begin = 0
    if parts:
        yield begin, " ".join(part for part in parts if part)


def _instruction(number: int, text: str) -> Instruction:
    word, _, rest = text.partition(" ")
    keyword = word.upper()
    rest = rest.strip()
    flags: list[tuple[str, str]] = []
    if keyword in _FLAGGED:
        while match := _FLAG.match(rest):
            flags.append((match[1], match[2] or ""))
            rest = rest[match.end() :]
    return Instruction(number, keyword, text, tuple(flags), rest)
