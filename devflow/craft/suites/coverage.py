"""What of the code ran under a suite, by its coverage report: of how many lines or statements how
many, by path, and of the lines that the change adds.

A report names files as its tool does: from the folder that it ran in, from the machine's root, or
as a module; they count under the paths of the tree.
"""

from dataclasses import dataclass, field
from typing import Collection, Final, Iterable, Mapping

from devflow.craft.imports.paths import is_in
from devflow.craft.reports import coverage as reports
from devflow.craft.reports.covered import Coverage as Reported
from devflow.craft.reports.covered import FileCoverage, Share
from devflow.model.change import Covered
from devflow.ports.repository import RepositoryReads

Added = Mapping[str, Collection[int]]
"""The numbers of the lines that a change adds, by path."""

_BRANCHES: Final = "branches"


@dataclass(frozen=True)
class Coverage:
    """The share of the lines in per cent, and by path; a total of ``None`` was not measured, and
    ``problem`` says why. ``covered`` is what the total is made of, then the branches where there
    are any; ``changed`` are the added lines that have code."""

    total_pct: float | None = None
    by_path: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""
    covered: tuple[Covered, ...] = ()
    changed: Covered | None = None


def read(text: str, xml: str, added: Added | None = None) -> Coverage:
    """The figures of pytest-cov's JSON report, where the XML that other tools read was written
    too."""
    if not text:
        return Coverage(problem="pytest-cov wrote no coverage.json")
    if not xml:
        return Coverage(problem="pytest-cov wrote no coverage.xml")
    return measured(reports.read(text.encode()), added)


def measured(found: Reported, added: Added | None = None) -> Coverage:
    """The figures of a report whose files are named as the tree has them."""
    if found.problem:
        return Coverage(problem=found.problem)
    by_path = {}
    for path, file in found.files.items():
        share_pct = file.whole.pct
        # an empty file has no line that could have run
        if share_pct is not None:
            by_path[path] = share_pct
    problem = "" if by_path else "no line of code was measured"
    covered = tuple(_covered(found))
    changed = _changed(found, added or {})
    return Coverage(found.whole.pct, by_path, problem, covered, changed)


def of_tree(found: Reported, paths: Collection[str], cwd: str, code: str) -> Reported:
    """The same report with its files named as the tree has them; of these only what lies in the
    folder ``code`` of the tree, where one is named.

    A file that the tree does not hold is none of its code.
    """
    if found.problem:
        return found
    known = frozenset(paths)
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    files: dict[str, FileCoverage] = {}
    for name, file in found.files.items():
        path = _located(name, known, by_name, cwd)
        is_wanted = not code or is_in(path, code)
        if is_wanted and path in known:
            files[path] = file
    if not files:
        where = f"in {code}" if code else "of the tree"
        return Reported(problem=f"the coverage report names no file {where}")
    return Reported(files, found.unit)


def added_lines(repository: RepositoryReads, base: str, tree: str) -> Added:
    """Which lines a tree adds to a commit; none where the commit is not known."""
    lines: dict[str, set[int]] = {}
    if base:
        for path, number, _ in repository.added_lines(base, tree):
            lines.setdefault(path, set()).add(number)
    return lines


def _located(
    name: str, known: Collection[str], by_name: Mapping[str, Iterable[str]], cwd: str
) -> str:
    """The path of a file in the tree, by the longest part that both names end with."""
    plain = name.replace("\\", "/").removeprefix("./")
    from_cwd = f"{cwd}/{plain}" if cwd else plain
    for path in (from_cwd, plain):
        if path in known:
            return path
    candidates = by_name.get(plain.rpartition("/")[2], ())
    # /tmp/checkout/src/a.js, or example.org/module/pkg/a.go
    longer = [path for path in candidates if plain.endswith(f"/{path}")]
    if longer:
        return max(longer, key=len)
    # org/example/A.java, in src/main/java
    shorter = [path for path in candidates if path.endswith(f"/{plain}")]
    return shorter[0] if len(shorter) == 1 else plain


def _covered(found: Reported) -> Iterable[Covered]:
    shares = {found.unit: found.whole, _BRANCHES: found.branches}
    for unit, share in shares.items():
        if share.valid:
            yield Covered(unit=unit, covered=share.covered, valid=share.valid)


def _changed(found: Reported, added: Added) -> Covered | None:
    """Of the added lines those that have code; none where the report does not tell its lines."""
    total = Share()
    for path, lines in added.items():
        file = found.files.get(path)
        if file is not None:
            total = total.plus(file.among(lines))
    if not total.valid:
        return None
    return Covered(unit="lines", covered=total.covered, valid=total.valid)
