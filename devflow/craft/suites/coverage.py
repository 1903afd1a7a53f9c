"""Reads coverage.py's reports: what share of the code ran, in per cent."""

import json
from dataclasses import dataclass, field
from typing import Mapping


@dataclass(frozen=True)
class Coverage:
    """The total and the share by path; a total of ``None`` was not measured, and ``problem`` says
    why."""

    total_pct: float | None = None
    by_path: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""


def read(text: str, xml: str) -> Coverage:
    """The figures of the JSON report, where the XML that other tools read was written too."""
    if not text:
        return Coverage(problem="pytest-cov wrote no coverage.json")
    if not xml:
        return Coverage(problem="pytest-cov wrote no coverage.xml")
    by_path = {}
    try:
        report = json.loads(text)
        for path, file in report["files"].items():
            by_path[str(path)] = float(file["summary"]["percent_covered"])
        total_pct = float(report["totals"]["percent_covered"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Coverage(problem=f"coverage.json cannot be read: {type(error).__name__}")
    return Coverage(total_pct, by_path)
