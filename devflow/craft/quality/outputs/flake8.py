"""What flake8 says: a finding a line, and with ``--benchmark`` how many files it looked at.

Complexity is flake8's figure, asked of every function: what is too complex may be judged later, by
the limit of that moment.
"""

import re
from typing import Final, Iterable, Iterator

from devflow.craft.quality.outputs.output import LinterOutput, Source, placed, plain_lines
from devflow.model.ci import FunctionComplexity

# functions whose figure is kept: ten requests of annotations, and more than anybody reads
MOST_FUNCTIONS: Final = 500
_FINDING: Final = re.compile(r"(.+?):(\d+):(\d+): ([A-Z]+\d+) (.+)")
# its summary is what it says last: a file may be named like one
_FILES: Final = re.compile(r"^(\d+) +total files processed$", re.MULTILINE)
_COMPLEX: Final = re.compile(r"'?([^']+)'? is too complex \((\d+)\)")
# the other figures of --benchmark, --statistics and --count
_KNOWN: Final = re.compile(
    r"[\d.]+ +(?:seconds elapsed|total .+ processed|.+ processed per second)"
    r"|\d+ +[A-Z]+\d+ .+|\d+"
)


def read_flake8(text: str, source: Source, *, by_figure: bool = False) -> LinterOutput:
    """The findings; with ``by_figure`` the complexity of functions is a figure and none of
    them."""
    findings = []
    unread = []
    for line in plain_lines(text):
        match = _FINDING.fullmatch(line)
        if match is None:
            if line.strip() and not _KNOWN.fullmatch(line):
                unread.append(line)
        elif match[4] != "C901" or not by_figure:
            words = f"{match[4]} {match[5]}"
            at = (int(match[2]), int(match[3]))
            findings.append(placed(source, match[1], at, (match[4], words)))
    files = _FILES.findall(text)
    return LinterOutput(
        files=int(files[-1]) if files else None,
        findings=tuple(findings),
        complexities=tuple(complexities(text)) if by_figure else (),
        unread=tuple(unread),
    )


def complexities(output: str) -> Iterator[FunctionComplexity]:
    """Every function that flake8 names with its complexity."""
    for line in output.splitlines():
        place = _FINDING.fullmatch(line)
        if place is None or place[4] != "C901":
            continue
        figure = _COMPLEX.search(place[5])
        if figure is not None:
            yield FunctionComplexity(
                path=place[1].removeprefix("./"),
                line=int(place[2]),
                function=figure[1],
                value=int(figure[2]),
            )


def highest(functions: Iterable[FunctionComplexity]) -> tuple[FunctionComplexity, ...]:
    """The most complex functions, those of one figure in the order of their places."""
    return tuple(sorted(functions, key=_rank)[:MOST_FUNCTIONS])


def _rank(function: FunctionComplexity) -> tuple[int, str, int]:
    return -function.value, function.path, function.line
