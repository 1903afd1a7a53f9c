"""What of the code ran under a suite, by its coverage report: of how many lines or statements how
many, by path, and of the lines that the change adds.

A report names files as its tool does: from the folder that it ran in, from the machine's root, or
as a module; they count under the paths of the tree.
"""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Collection, Final, Iterable, Mapping

from devflow.craft.imports.paths import is_in
from devflow.craft.reports import coverage as reports
from devflow.craft.reports.coverage_xml import INSTEAD
from devflow.craft.reports.covered import Coverage as Reported
from devflow.craft.reports.covered import FileCoverage, Share, joined
from devflow.model.change import Covered
from devflow.model.wording import one_line
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


class Names:
    """The paths of a tree, and the folder that the tool ran in: which file each of its names is."""

    def __init__(self, paths: Collection[str], cwd: str) -> None:
        self._known = frozenset(paths)
        self._cwd = cwd
        self._by_name: dict[str, list[str]] = {}
        for path in paths:
            self._by_name.setdefault(PurePosixPath(path).name, []).append(path)

    def placed(self, at: str, found: Reported) -> Reported:
        """The report that was written to ``at``, its files named as the tree has them; a problem
        where one with code may be either of two. A file that the tree does not hold is none of its
        code."""
        files: dict[str, FileCoverage] = {}
        for name, file in found.files.items():
            paths = self._paths_of(name.replace("\\", "/").removeprefix("./"), at, found.folders)
            if len(paths) > 1 and file.whole.valid:
                either = " and ".join(paths)
                says = f"the coverage report says of {one_line(name)} what ran, and not of which"
                return Reported(problem=f"{says}: {either} lie in its sources; {INSTEAD}")
            for path in paths[:1]:
                earlier = files.get(path)
                files[path] = joined(earlier, file) if earlier else file
        return replace(found, files=files)

    def _paths_of(self, name: str, at: str, folders: Collection[str]) -> list[str]:
        """By the folders that the report says it begins from, by one that the tool may have run in,
        or by the longest part that both names end with."""
        said = {self._below(folder.replace("\\", "/"), name, at) for folder in folders}
        ran = self._from_where_it_ran(name, at)
        if len(folders) > 1:
            # one of them may be the folder that it ran in
            said.add(ran)
        whole = ran or self._ending_alike(name)
        return sorted(said - {""}) or ([whole] if whole else [])

    def _below(self, folder: str, name: str, at: str) -> str:
        """A file in a folder whose own name tells where in the tree it is."""
        whole = f"{folder}/{name}"
        if not folder.startswith("/"):
            return self._from_where_it_ran(str(PurePosixPath(whole)), at) if folder else ""
        path = self._longest_end(whole)
        return path if len(path) > len(name) else ""

    def _from_where_it_ran(self, name: str, at: str) -> str:
        """Each package of a tree may have a run and a report of its own, and names alike."""
        packages = [str(folder) for folder in PurePosixPath(at).parents]
        # the tool runs in the suite's folder, or in one below
        own = [folder for folder in packages if is_in(folder, self._cwd or folder)]
        for folder in (*own, self._cwd, ""):
            path = str(PurePosixPath(folder, name))
            if path in self._known:
                return path
        return ""

    def _longest_end(self, name: str) -> str:
        """/tmp/checkout/src/a.js, or example.org/module/pkg/a.go."""
        same_name = self._by_name.get(PurePosixPath(name).name, ())
        return max((path for path in same_name if name.endswith(f"/{path}")), key=len, default="")

    def _ending_alike(self, name: str) -> str:
        longest = self._longest_end(name)
        if longest:
            return longest
        # org/example/A.java, in src/main/java
        same_name = self._by_name.get(PurePosixPath(name).name, ())
        longer = [path for path in same_name if path.endswith(f"/{name}")]
        return longer[0] if len(longer) == 1 else ""


def of_tree(found: Reported, code: str) -> Reported:
    """Of a report whose files are named as the tree has them only what lies in the folder ``code``
    of the tree, where one is named."""
    if found.problem:
        return found
    files = {path: file for path, file in found.files.items() if not code or is_in(path, code)}
    if not files:
        where = f"in {code}" if code else "of the tree"
        return Reported(problem=f"the coverage report names no file {where}")
    return replace(found, files=files)


def added_lines(repository: RepositoryReads, base: str, tree: str) -> Added:
    """Which lines a tree adds to a commit; none where the commit is not known."""
    lines: dict[str, set[int]] = {}
    if base:
        for path, number, _ in repository.added_lines(base, tree):
            lines.setdefault(path, set()).add(number)
    return lines


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
