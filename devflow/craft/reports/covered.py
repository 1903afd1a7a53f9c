"""What ran of some files, whatever tool measured it."""

from dataclasses import dataclass, field
from typing import Iterable, Iterator, Mapping, NamedTuple

from devflow.model.wording import one_line


class Share(NamedTuple):
    """How many of how many."""

    covered: int = 0
    valid: int = 0

    def plus(self, other: "Share") -> "Share":
        """Both together."""
        return Share(self.covered + other.covered, self.valid + other.valid)

    @property
    def pct(self) -> float | None:
        """In per cent; of nothing there is no share."""
        return 100 * self.covered / self.valid if self.valid else None


@dataclass(frozen=True)
class FileCoverage:
    """Of one file: whether each line that has code ran, or only how many did; and of branches.

    ``whole`` is the share of lines or statements, which some tools tell without their lines.
    """

    lines: Mapping[int, bool] = field(default_factory=dict)
    whole: Share = Share()
    branches: Share = Share()

    @classmethod
    def of_lines(cls, lines: Mapping[int, bool], branches: Share = Share()) -> "FileCoverage":
        """Of lines that are known."""
        return cls(lines, Share(sum(lines.values()), len(lines)), branches)

    def among(self, lines: Iterable[int]) -> Share:
        """The share of those lines that have code."""
        ran = [self.lines[line] for line in lines if line in self.lines]
        return Share(sum(ran), len(ran))


Files = Iterator[tuple[str, FileCoverage]]


def joined(one: FileCoverage, other: FileCoverage) -> FileCoverage:
    """Two measurements of one file: a line ran that ran in either."""
    lines = dict(one.lines)
    for line, ran in other.lines.items():
        lines[line] = ran or lines.get(line, False)
    fuller = max(one.branches, other.branches, key=lambda share: share.covered)
    if not lines:
        whole = max(one.whole, other.whole, key=lambda share: share.covered)
        return FileCoverage(lines, whole, fuller)
    return FileCoverage.of_lines(lines, fuller)


@dataclass(frozen=True)
class Coverage:
    """The files by their paths as the tool names them, and what was counted: lines or statements;
    ``problem`` says why there are none.

    ``folders`` are those that a path may begin from, where the report says so.
    """

    files: Mapping[str, FileCoverage] = field(default_factory=dict)
    unit: str = "lines"
    problem: str = ""
    folders: tuple[str, ...] = ()

    @property
    def whole(self) -> Share:
        """Of all files."""
        total = Share()
        for file in self.files.values():
            total = total.plus(file.whole)
        return total

    @property
    def branches(self) -> Share:
        """Of all files."""
        total = Share()
        for file in self.files.values():
            total = total.plus(file.branches)
        return total


def share_of(text: str) -> Share:
    """``50% (1/2)``, as Cobertura has it. Raises ``ValueError``."""
    _, _, rest = text.partition("(")
    covered, slash, valid = rest.rstrip(")").partition("/")
    if not slash:
        raise ValueError(f"{one_line(text)} is no share")
    return Share(int(covered), int(valid))
