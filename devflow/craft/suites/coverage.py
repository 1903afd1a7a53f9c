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
    """The figures of the JSON report, where the XML report that other tools read was written too."""
    if not text or not xml:
        return Coverage(problem=f"pytest-cov wrote no coverage.{'xml' if text else 'json'}")
    try:
        report = json.loads(text)
        by_path = {
            str(path): float(told["summary"]["percent_covered"])
            for path, told in report["files"].items()
        }
        return Coverage(float(report["totals"]["percent_covered"]), by_path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Coverage(problem=f"coverage.json cannot be read: {type(error).__name__}")
