"""Reports of one run that its tool wrote as several files: each is read by itself, and all of them
count."""

from dataclasses import replace
from typing import Callable, Mapping

from devflow.craft.reports import coverage, junit
from devflow.craft.reports.covered import Coverage, FileCoverage, joined


def read_junit(files: Mapping[str, bytes]) -> junit.Report:
    """All tests of all files (path to content), in the order of the paths. One that cannot be read
    is a problem of them all: its tests may have failed."""
    entries: dict[str, junit.ReportedCase] = {}
    whole = junit.Report()
    for path, content in files.items():
        report = junit.read(content)
        if report.problem:
            return junit.Report(problem=f"{path}: {report.problem}")
        for entry in report.entries:
            id_ = entry.id
            if id_ in entries:
                # another test of the same name, such as the same one in another browser
                id_ = f"{id_}#{len(entries)}"
            entries[id_] = replace(entry, id=id_)
        whole = replace(
            whole,
            others=(*whole.others, *report.others),
            facts=(*whole.facts, *report.facts),
            contradiction=whole.contradiction or report.contradiction,
            repaired=whole.repaired or report.repaired,
        )
    return replace(whole, entries=tuple(entries.values()))


def read_coverage(
    files: Mapping[str, bytes], placed: Callable[[str, Coverage], Coverage]
) -> Coverage:
    """What ran of the code in any of the files. Two units have no sum, so that they are a problem.

    ``placed`` is a report, by the path that it was written to, with its files named as the tree has
    them: what two reports call alike may be two files.
    """
    found: dict[str, FileCoverage] = {}
    units: list[str] = []
    for path, content in files.items():
        report = coverage.read(content)
        if not report.problem:
            report = placed(path, report)
        if report.problem:
            return Coverage(problem=f"{path}: {report.problem}")
        if report.unit not in units:
            units.append(report.unit)
        for name, file in report.files.items():
            earlier = found.get(name)
            found[name] = joined(earlier, file) if earlier else file
    if len(units) > 1:
        return Coverage(problem=f"one report counts {units[0]}, another {units[1]}")
    return Coverage(found, next(iter(units), "lines"))
