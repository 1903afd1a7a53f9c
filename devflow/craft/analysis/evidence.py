"""The evidence lines of an image's report."""

from typing import Final, Iterator

from devflow.craft.analysis.origins import ORIGINS
from devflow.craft.evidence import check_line, note_line
from devflow.model.checks import Check
from devflow.model.images import ImageReport
from devflow.model.wording import plural, size, size_change

SHOWN: Final = 3  # recommendations; the others stand in `--output json`


def lines(report: ImageReport, min_efficiency: float) -> Iterator[Check]:
    """What is judged, then what is only said."""
    source = f"layers of {report.digest[:19]}"
    name = " ".join(part for part in (report.service, report.platform) if part)
    yield _size(report, name, source)
    yield _secrets(report, name, source)
    efficiency = f"{report.efficiency:.1%}, {size(report.hidden_bytes)} never seen"
    is_efficient = report.efficiency >= min_efficiency
    limit = f"≥ {min_efficiency:.0%}"
    yield check_line(f"{name} efficiency", is_efficient, efficiency, source, limit)
    yield note_line(f"{name} shares", shares(report), source)
    yield note_line(f"{name} base", report.base_text, source)
    yield note_line(f"{name} grade", report.grade_text, "docs/analysis.md")
    distribution = report.distribution or "none: no os-release"
    yield note_line(f"{name} base distribution", distribution, "os-release", ok=False)
    for recommendation in report.recommendations[:SHOWN]:
        saves = f"{size(recommendation.saves_bytes)}: {recommendation.text}"
        yield note_line(f"{name} could save", saves, source, ok=False)


def _size(report: ImageReport, name: str, source: str) -> Check:
    measured = f"{size(report.size_bytes)}, {size(report.compressed_bytes)} compressed"
    if report.before_bytes is not None:
        measured += (
            f", {size_change(report.size_bytes - report.before_bytes)} since {report.before_of}"
        )
    if report.budget_bytes is None:
        return note_line(f"{name} size", measured, source)
    limit = f"≤ {size(report.budget_bytes)}"
    return check_line(f"{name} size", not report.is_over_budget, measured, source, limit)


def _secrets(report: ImageReport, name: str, source: str) -> Check:
    secrets = report.secrets
    measured = "none found"
    if secrets:
        first = secrets[0]
        places = ", ".join(first.paths[:2])
        measured = f"{first.text}: {places}"
        if len(secrets) > 1:
            measured += f" (and {plural(len(secrets) - 1, 'other kind')})"
    return check_line(f"{name} secrets", not secrets, measured, source, "none")


def shares(report: ImageReport) -> str:
    """``base 40.1 MB (68 %), dependencies 17.2 MB (29 %)``, in the order of origins."""
    by_origin = {share.origin: share for share in report.shares}
    words = []
    for origin in ORIGINS:
        share = by_origin.get(origin)
        if share is not None and share.size_bytes:
            words.append(f"{origin} {size(share.size_bytes)} ({share.share:.0%})")
    return ", ".join(words) or "no files"
