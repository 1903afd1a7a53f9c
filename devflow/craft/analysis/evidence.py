"""The evidence lines of an image's report."""

from typing import Final, Iterator

from devflow.craft.analysis.origins import ORIGINS
from devflow.model import figures
from devflow.model.checks import (
    Check,
    Measure,
    at_least,
    at_most,
    fact,
    held,
    measure,
    note,
    shown,
)
from devflow.model.figures import Figure, Finding, Quantity, Was
from devflow.model.images import ImageFinding, ImageReport
from devflow.model.wording import amount, size

SHOWN: Final = 3  # recommendations; the others stand in `--output json`
EVIDENCE: Final = {
    "size": "all files of all layers, about the service and the platform",
    "secrets": "how many kinds of secrets are in it, about the service and the platform",
    "secret": "one of these kinds, about the service, the platform and its first place",
    "efficiency": "by dive's definition, about the service and the platform",
    "share": "the bytes of one origin, about the service, the platform and the origin",
    "base": "how it is told what is the base's, about the service and the platform",
    "grade": "its points of 100, about the service and the platform",
    "distribution": "the base's distribution, about the service and the platform",
    "saving": "what a rule would leave out, about the service, the platform and the rule",
}


def lines(report: ImageReport, min_efficiency: float) -> Iterator[Check]:
    """What is judged, then what is only said."""
    yield _size(report)
    yield from _secrets(report)
    yield _efficiency(report, min_efficiency)
    yield from _shares(report)
    yield shown(_measure(report, "base", "base", figures.text(report.base_text)))
    yield _grade(report)
    distribution = figures.text(report.distribution or "none: no os-release")
    name = _name(report)
    label = f"{name} base distribution"
    yield note(measure("distribution", label, distribution, "os-release", about=name))
    for one in report.recommendations[:SHOWN]:
        saves = figures.quantity(one.saves_bytes, "B", note=one.text)
        yield note(_measure(report, "saving", "could save", saves, one.rule))


def _name(report: ImageReport) -> str:
    return " ".join(part for part in (report.service, report.platform) if part)


def _measure(report: ImageReport, id_: str, label: str, figure: Figure, of: str = "") -> Measure:
    """What the layers show of an image, or ``of`` a part of it."""
    name = _name(report)
    about = f"{name} {of}" if of else name
    source = f"layers of {report.digest[:19]}"
    return measure(id_, f"{name} {label}", figure, source, about=about)


def _was(report: ImageReport, before_bytes: int | None) -> Was | None:
    if before_bytes is None:
        return None
    return Was(value=before_bytes, at=f"in {report.before_of}")


def _size(report: ImageReport) -> Check:
    figure = Quantity(
        kind="quantity",
        value=report.size_bytes,
        unit="B",
        note=f"{size(report.compressed_bytes)} compressed",
        was=_was(report, report.before_bytes),
    )
    unpacked = _measure(report, "size", "size", figure)
    if report.budget_bytes is None:
        return shown(unpacked)
    return held(unpacked, at_most(report.budget_bytes, "B"))


def _secrets(report: ImageReport) -> Iterator[Check]:
    kinds = figures.count(len(report.secrets), "secret")
    yield held(_measure(report, "secrets", "secrets", kinds), at_most(0))
    for one in report.secrets:
        place = one.paths[0] if one.paths else one.rule
        yield fact(_measure(report, "secret", "secret", _finding(one), place), False)


def _finding(secret: ImageFinding) -> Finding:
    places = ", ".join(secret.paths[:2])
    return Finding(
        kind="finding",
        text=f"{secret.text}: {places}",
        path=secret.paths[0] if secret.paths else "",
        rule=secret.rule,
    )


def _efficiency(report: ImageReport, min_efficiency: float) -> Check:
    hidden = f"{size(report.hidden_bytes)} never seen"
    share = figures.quantity(report.efficiency * 100, "%", note=hidden)
    return held(
        _measure(report, "efficiency", "efficiency", share), at_least(min_efficiency * 100, "%")
    )


def _shares(report: ImageReport) -> Iterator[Check]:
    by_origin = {share.origin: share for share in report.shares}
    for origin in ORIGINS:
        share = by_origin.get(origin)
        if share is None or not share.size_bytes:
            continue
        figure = Quantity(
            kind="quantity",
            value=share.size_bytes,
            unit="B",
            note=amount(share.share * 100, "%"),
            was=_was(report, share.before_bytes),
        )
        yield shown(_measure(report, "share", f"share of {origin}", figure, origin))


def _grade(report: ImageReport) -> Check:
    name = _name(report)
    lost = ", ".join(f"{one.rule} −{one.points:g}" for one in report.penalties)
    grade = f"{report.grade}: {lost}" if lost else report.grade
    points = figures.quantity(report.points, "points", note=grade)
    return shown(measure("grade", f"{name} grade", points, "docs/analysis.md", about=name))
