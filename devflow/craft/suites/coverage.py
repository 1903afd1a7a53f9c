"""What of the code ran under a suite, by coverage.py's report."""

from dataclasses import dataclass, field
from typing import Mapping

from devflow.craft.reports import coverage as reports


@dataclass(frozen=True)
class Coverage:
    """The share of the lines in per cent, and by path; a total of ``None`` was not measured, and
    ``problem`` says why."""

    total_pct: float | None = None
    by_path: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""


def read(text: str, xml: str) -> Coverage:
    """The figures of the JSON report, where the XML that other tools read was written too."""
    if not text:
        return Coverage(problem="pytest-cov wrote no coverage.json")
    if not xml:
        return Coverage(problem="pytest-cov wrote no coverage.xml")
    found = reports.read(text.encode())
    if found.problem:
        return Coverage(problem=found.problem)
    by_path = {}
    for path, file in found.files.items():
        share_pct = file.whole.pct
        # an empty file has no line that could have run
        if share_pct is not None:
            by_path[path] = share_pct
    return Coverage(found.whole.pct, by_path, "" if by_path else "no line of code was measured")
