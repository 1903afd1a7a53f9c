"""As much of a Dockerfile as is needed to say which line failed, and which base an image has.

The engine reads it, not we: what is not understood here is only not told.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Iterator, Mapping

_ESCAPE: Final = re.compile(r"#\s*escape\s*=\s*(\S)", re.I)
_HEREDOC: Final = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_FROM: Final = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.I)
_COPIED: Final = re.compile(r"--from=(\S+)")
_ARG: Final = re.compile(r"ARG\s+(\w+)(?:=(.*))?$", re.I)
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
# the instructions that BuildKit counts in `[2/4]`
_COUNTED: Final = frozenset({"FROM", "RUN", "COPY", "ADD", "WORKDIR"})
SCRATCH: Final = "scratch"


@dataclass(frozen=True)
class Line:
    """One instruction, its continuations joined, and the line that it begins on, from 1."""

    number: int
    text: str

    @property
    def instruction(self) -> str:
        """Its first word."""
        return self.text.split(None, 1)[0].upper()


@dataclass
class Stage:
    """A stage: what it begins with, its own name, and what follows."""

    index: int
    base: str
    name: str
    lines: list[Line] = field(default_factory=list)

    @property
    def label(self) -> str:
        """As BuildKit names it."""
        return self.name or f"stage-{self.index}"

    def counted(self) -> list[Line]:
        """The lines that BuildKit counts; ``FROM scratch`` is none of them."""
        return [
            line
            for line in self.lines
            if line.instruction in _COUNTED and not _is_scratch(line.text)
        ]

    def copied_from(self) -> list[str]:
        """The stages and images that it copies from."""
        copies = [line.text for line in self.lines if line.instruction in ("COPY", "RUN")]
        return [name for text in copies for name in _COPIED.findall(text)]


def _is_scratch(text: str) -> bool:
    match = _FROM.match(text)
    return match is not None and match[1] == SCRATCH


class Dockerfile:
    """A Dockerfile by its text, for one platform; ``arguments`` are a build's own."""

    def __init__(self, text: str, platform: str, arguments: Mapping[str, str]) -> None:
        self.stages: list[Stage] = []
        known = _platform_arguments(platform)
        for line in _lines(text):
            match = _FROM.match(line.text)
            argument = _ARG.match(line.text)
            if argument is not None and not self.stages:
                default = (argument[2] or "").strip("\"'")
                known[argument[1]] = arguments.get(argument[1], default)
            if match is not None:
                name = (match[2] or "").lower()
                self.stages.append(Stage(len(self.stages), _expanded(match[1], known), name))
            if self.stages:
                self.stages[-1].lines.append(line)

    def stage(self, name: str) -> Stage | None:
        """A stage by its name or number; the last one where no name is given."""
        if not name:
            return self.stages[-1] if self.stages else None
        for stage in self.stages:
            if name.lower() in (stage.name, str(stage.index), stage.label):
                return stage
        return None

    def chain(self, target: str) -> list[Stage]:
        """The target, and the stages that it begins with, one the other's base."""
        chain: list[Stage] = []
        stage = self.stage(target)
        while stage is not None:
            chain.append(stage)
            stage = self._earlier(stage.base, stage)
        return chain

    def base(self, target: str) -> str:
        """The image that the target begins with. A target that begins from nothing has the base of
        what it copies from; empty where that is nothing too."""
        seen: set[int] = set()
        waiting = [self.stage(target)]
        while waiting:
            stage = waiting.pop(0)
            if stage is None or stage.index in seen:
                continue
            seen.add(stage.index)
            below = self._earlier(stage.base, stage)
            if below is not None:
                waiting.insert(0, below)
            elif stage.base != SCRATCH:
                return stage.base
            waiting += [self._earlier(name, stage) for name in stage.copied_from()]
        return ""

    def line_of(self, label: str, number: int, text: str) -> Line | None:
        """The line that BuildKit calls ``[label number/…] text``."""
        for stage in self.stages:
            for line in stage.lines:
                if _same(line.text, text):
                    return line
        stage_named = self.stage(label)
        counted = stage_named.counted() if stage_named is not None else []
        return counted[number - 1] if 0 < number <= len(counted) else None

    def at(self, number: int) -> Line | None:
        """The instruction that a line of the file belongs to."""
        before = [line for stage in self.stages for line in stage.lines if line.number <= number]
        return before[-1] if before else None

    def _earlier(self, name: str, than: Stage) -> Stage | None:
        found = self.stage(name)
        return found if found is not None and found.index < than.index else None


def _platform_arguments(platform: str) -> dict[str, str]:
    _, architecture, *variant = [*platform.split("/"), ""]
    return {
        "TARGETPLATFORM": platform,
        "TARGETOS": platform.split("/", maxsplit=1)[0],
        "TARGETARCH": architecture,
        "TARGETVARIANT": "".join(variant),
    }


def _expanded(text: str, known: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return known.get(match[1] or match[3], "") or (match[2] or "")

    return _VARIABLE.sub(value, text)


def _same(text: str, other: str) -> bool:
    return " ".join(text.split()) == " ".join(other.split())


def _lines(text: str) -> Iterator[Line]:
    escape = "\\"
    first = text.partition("\n")[0].strip()
    if (directive := _ESCAPE.fullmatch(first)) is not None:
        escape = directive[1]
    rows = enumerate(text.splitlines(), start=1)
    joined: list[str] = []
    begin = 0
    for number, row in rows:
        stripped = row.strip()
        if not stripped or stripped.startswith("#"):
            continue
        begin = begin or number
        more = stripped.endswith(escape)
        joined.append(stripped.removesuffix(escape).strip())
        if more:
            continue
        whole = " ".join(part for part in joined if part)
        if whole:
            yield Line(begin, whole)
        for _, end in _HEREDOC.findall(whole):
            _skip_to(end, rows)
        joined = []
        begin = 0


def _skip_to(end: str, rows: "Iterator[tuple[int, str]]") -> None:
    for _, row in rows:
        if row.strip() == end:
            return
