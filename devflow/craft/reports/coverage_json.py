"""coverage.py's JSON, which slipcover writes too, gcovr's summary and SimpleCov's result set."""

from typing import Any, Final, Mapping

from devflow.craft.reports.covered import FileCoverage, Files, Share

UNIT: Final = "lines"
_GCOVR: Final = "gcovr/summary_format_version"


def files(report: Mapping[str, Any]) -> Files:
    """The files of whichever of the three it is. Raises ``ValueError`` and what a wrong shape
    raises."""
    if _GCOVR in report:
        yield from _gcovr(report["files"])
    elif "meta" in report and "files" in report:
        yield from _coverage_py(report["files"])
    else:
        yield from _simplecov(report)


def _coverage_py(found: Mapping[str, Any]) -> Files:
    for path, file in found.items():
        lines = dict.fromkeys(map(int, file["missing_lines"]), False)
        lines.update(dict.fromkeys(map(int, file["executed_lines"]), True))
        summary = file["summary"]
        taken = summary.get("covered_branches", 0)
        # slipcover writes no sum of the two
        branches = Share(taken, taken + summary.get("missing_branches", 0))
        yield path, FileCoverage.of_lines(lines, branches)


def _gcovr(found: list[Mapping[str, Any]]) -> Files:
    for file in found:
        whole = Share(int(file["line_covered"]), int(file["line_total"]))
        branches = Share(int(file["branch_covered"]), int(file["branch_total"]))
        yield file["filename"], FileCoverage({}, whole, branches)


def _simplecov(report: Mapping[str, Any]) -> Files:
    for run in report.values():
        for path, file in run["coverage"].items():
            # before 0.18 a file was its list of lines
            counts = file["lines"] if isinstance(file, dict) else file
            lines = {}
            for number, count in enumerate(counts, start=1):
                # null is no statement, "ignored" one that is left out on purpose
                if isinstance(count, int):
                    lines[number] = count > 0
            taken: list[int] = []
            if isinstance(file, dict):
                for condition in file.get("branches", {}).values():
                    taken += condition.values()
            covered = sum(1 for count in taken if count)
            yield path, FileCoverage.of_lines(lines, Share(covered, len(taken)))
