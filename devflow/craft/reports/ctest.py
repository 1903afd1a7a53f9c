"""How the programs of CTest ended, as it prints that: up to CMake 3.25 its report has not a word of
it."""

import re
from dataclasses import replace
from typing import Final

from devflow.craft.reports.case import ended_so
from devflow.craft.reports.junit import Report, ReportedCase
from devflow.craft.reports.rules import ENDS

# a line below "The following tests FAILED:", with the labels of the test behind it
_ENDED: Final = re.compile(rf"^\t *\d+ - (.+) \(({ENDS})\)(?: .*)?$", re.MULTILINE)


def with_ends(report: Report, output: str) -> Report:
    """The report, whose failed tests say how they ended, where that is more than that they
    failed."""
    ends = dict(_ENDED.findall(output))
    return replace(report, entries=tuple(_with_end(entry, ends) for entry in report.entries))


def _with_end(entry: ReportedCase, ends: dict[str, str]) -> ReportedCase:
    case = entry.case
    how = ends.get(case.name, "")
    if case.outcome != "failed" or not how:
        return entry
    return replace(entry, case=case.model_copy(update={"message": ended_so(how, case.message)}))
