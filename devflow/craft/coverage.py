"""Reads coverage.py's JSON report: what share of the code ran, in per cent."""

import json


def read(text: str) -> tuple[float | None, dict[str, float]]:
    """The total and the share by path; ``None`` and nothing where the text is no such report."""
    try:
        report = json.loads(text)
        by_path = {str(path): float(told["summary"]["percent_covered"]) for path, told in report["files"].items()}
        return float(report["totals"]["percent_covered"]), by_path
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, {}
