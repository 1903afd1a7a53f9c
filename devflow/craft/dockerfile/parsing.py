"""Reads a Dockerfile into instructions with the lines that they stand on.

Ours, since dockerfile-parse 2.0 knows neither flags nor heredocs and no stage's variables, and
BuildKit's own parser is a library of Go. What is not understood is kept as it stands: the engine
may carry it out.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, Iterator

from devflow.model.errors import StepFailed

KNOWN: Final = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL "
    "STOPSIGNAL USER VOLUME WORKDIR".split()
)
_DIRECTIVE: Final = re.compile(r"#\s*(\w+)\s*=\s*(.+)")
_FLAG: Final = re.compile(r"--([a-z-]+)(?:=(\S+))?\s+")
_HEREDOC: Final = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")


@dataclass(frozen=True)
class Instruction:
    """One instruction: ``name`` in capitals, ``flags`` as they stand (``from=build``), ``text``
    what follows them, with its continued lines joined; ``line`` is where it begins."""

    name: str
    text: str
    line: int
    flags: tuple[tuple[str, str], ...] = ()
    heredoc: bool = False

    def flag(self, name: str) -> str:
        """A flag's value, empty where it is not said."""
        return dict(self.flags).get(name, "")

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """The words of a JSON list, ``None`` where it is a shell's line."""
        return json_words(self.text)

    @property
    def written(self) -> str:
        """The instruction on one line, as a history shows it."""
        flags = "".join(f"--{key}{'=' if value else ''}{value} " for key, value in self.flags)
        return f"{self.name} {flags}{self.text}"


def json_words(text: str) -> tuple[str, ...] | None:
    """The words of a JSON list of texts, ``None`` for anything else."""
    if not text.startswith("["):
        return None
    try:
        words = json.loads(text)
    except ValueError:
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return None
    return tuple(words)


def parse(text: str, path: str) -> tuple[Instruction, ...]:
    """The instructions of a Dockerfile. Raises ``StepFailed`` for an unknown one, or where there is
    none."""
    found = tuple(instructions(text))
    for one in found:
        if one.name not in KNOWN:
            hint = f"Dockerfiles know: {', '.join(sorted(KNOWN))}"
            where = f"{path}:{one.line}"
            raise StepFailed(f"there is no instruction {one.name}", where=where, hint=hint)
    if not found:
        hint = "begin it with FROM"
        raise StepFailed("this Dockerfile has no instruction", where=path, hint=hint)
    return found


def _escape(lines: list[str]) -> str:
    """The character that continues a line, which a directive in front of everything may change."""
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape":
            return directive[2].strip()
    return "\\"


def instructions(text: str) -> Iterator[Instruction]:
    """What stands in a Dockerfile, known or not: an engine may know more."""
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        begin = number
        if _is_comment(lines[number]):
            number += 1
            continue
        logical, number = _logical(lines, number, escape)
        if not logical:  # a line that is continued, and by nothing
            continue
        heredocs = _HEREDOC.findall(logical)
        for word in heredocs:
            while number < len(lines) and lines[number].strip() != word:
                number += 1
            number += 1
        yield _instruction(logical, begin + 1, bool(heredocs))


def _is_comment(line: str) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def _logical(lines: list[str], number: int, escape: str) -> tuple[str, int]:
    """An instruction with its continued lines joined, and the number of the line after it. Comments
    and empty lines within are none of it."""
    parts: list[str] = []
    is_open = True
    while is_open and number < len(lines):
        line = lines[number]
        number += 1
        if parts and _is_comment(line):
            continue
        stripped = line.rstrip()
        is_open = stripped.endswith(escape)
        parts.append(stripped[: -len(escape)] if is_open else stripped)
    return "".join(parts).strip(), number


def _instruction(logical: str, line: int, heredoc: bool) -> Instruction:
    words = logical.split(None, 1)
    name = words[0].upper()
    rest = words[1] if len(words) > 1 else ""
    flags = []
    while match := _FLAG.match(rest):
        flags.append((match[1], match[2] or ""))
        rest = rest[match.end() :]
    return Instruction(name, rest, line, tuple(flags), heredoc)
