"""lcov's tracefiles and Go's cover profiles."""

import re
from typing import Final

from devflow.craft.reports.covered import FileCoverage, Files, Share

# file:line.column,line.column statements count
_BLOCK: Final = re.compile(r"^(.+):(\d+)\.\d+,(\d+)\.\d+ (\d+) (\d+)$")


def of_lcov(text: str) -> Files:
    """Each record from ``SF`` to its end. Raises ``ValueError`` for a text that has none."""
    path = ""
    lines: dict[int, bool] = {}
    branches: dict[str, bool] = {}
    for row in text.splitlines():
        name, _, rest = row.partition(":")
        match name.strip():
            case "SF":
                path = rest.strip()
                lines = {}
                branches = {}
            case "DA":
                # a third field is a checksum
                number, count = rest.split(",")[:2]
                lines[int(number)] = lines.get(int(number), False) or int(count) > 0
            case "BRDA":
                branch, _, taken = rest.rpartition(",")
                branches[branch] = branches.get(branch, False) or taken.strip() not in ("-", "0")
            case "end_of_record" if path:
                taken_of = Share(sum(branches.values()), len(branches))
                yield path, FileCoverage.of_lines(lines, taken_of)
    if not path:
        raise ValueError("it is none of the formats that are known")


def of_go(text: str) -> Files:
    """Statements, by blocks; the lines are those of the blocks.

    The same block stands there once for each package whose tests reach it. Raises ``ValueError``.
    """
    blocks: dict[str, dict[tuple[int, int, str], tuple[int, bool]]] = {}
    for row in text.splitlines()[1:]:
        found = _BLOCK.match(row.strip())
        if found is None:
            if row.strip():
                raise ValueError(f"no block of a cover profile: {row[:80]}")
            continue
        path, first, last, statements, count = found.groups()
        of_file = blocks.setdefault(path, {})
        block = (int(first), int(last), row.rpartition(" ")[0])
        _, ran = of_file.get(block, (0, False))
        of_file[block] = (int(statements), ran or int(count) > 0)
    for path, of_file in blocks.items():
        yield path, _go_file(of_file)


def _go_file(blocks: dict[tuple[int, int, str], tuple[int, bool]]) -> FileCoverage:
    covered = 0
    valid = 0
    lines: dict[int, bool] = {}
    for (first, last, _), (statements, ran) in blocks.items():
        valid += statements
        covered += statements if ran else 0
        for line in range(first, last + 1):
            # where two blocks meet in a line, the one that did not run is told
            lines[line] = lines.get(line, True) and ran
    return FileCoverage(lines, Share(covered, valid))
