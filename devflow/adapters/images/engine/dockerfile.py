"""As much of a Dockerfile as is needed to say which line failed, and which base an image has.

The engine reads it, not we: what is not understood here is only not told.
"""

from dataclasses import dataclass, field
from typing import Final, Mapping

from devflow.craft.dockerfile.parsing import Instruction, instructions
from devflow.craft.dockerfile.stages import SCRATCH, platform_arguments
from devflow.craft.dockerfile.variables import substituted

# the instructions that BuildKit counts in `[2/4]`
_COUNTED: Final = frozenset({"FROM", "RUN", "COPY", "ADD", "WORKDIR"})


@dataclass(frozen=True)
class Line:
    """One instruction, its continuations joined, and the line that it begins on, from 1."""

    number: int
    text: str
    parsed: Instruction

    @property
    def instruction(self) -> str:
        """Its first word."""
        return self.parsed.name


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
            line for line in self.lines if line.instruction in _COUNTED and not _is_scratch(line)
        ]

    def copied_from(self) -> list[str]:
        """The stages and images that it copies from."""
        found = [line.parsed.flag("from") for line in self.lines if line.instruction == "COPY"]
        for line in self.lines:
            mounts = [value for name, value in line.parsed.flags if name == "mount"]
            found += [part[5:] for one in mounts for part in one.split(",") if part[:5] == "from="]
        return [name for name in found if name]


def _is_scratch(line: Line) -> bool:
    return line.instruction == "FROM" and line.parsed.text.split()[:1] == [SCRATCH]


class Dockerfile:
    """A Dockerfile by its text, for one platform; ``arguments`` are a build's own."""

    def __init__(self, text: str, platform: str, arguments: Mapping[str, str]) -> None:
        self.stages: list[Stage] = []
        # the machine that builds is the engine's: no base is told by it
        known = platform_arguments(platform, platform)
        for parsed in instructions(text):
            line = Line(parsed.line, " ".join(parsed.written.split()), parsed)
            words = parsed.text.split()
            if parsed.name == "ARG" and not self.stages:
                name, _, default = parsed.text.partition("=")
                known[name] = arguments.get(name, default.strip("\"'"))
            if parsed.name == "FROM" and words:
                name = words[2].lower() if len(words) == 3 else ""
                base = substituted(words[0], known)
                self.stages.append(Stage(len(self.stages), base, name))
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


def _same(text: str, other: str) -> bool:
    return " ".join(text.split()) == " ".join(other.split())
