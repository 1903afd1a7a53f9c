"""The grade of an image: 100 points less what stands in one table, so that anybody can work it out
again.

It says how well an image is made, not how large it has to be: a small image with a secret is an F,
a large one in which everything is used is an A+.
"""

from typing import Final, Iterator

from devflow.craft.analysis import hygiene
from devflow.craft.analysis.rules import DELETED, REWRITTEN
from devflow.model.images import ImageReport, Penalty

# grade, and the least points that it takes
GRADES: Final = (("A+", 97.0), ("A", 90.0), ("B", 80.0), ("C", 70.0), ("D", 60.0), ("F", 0.0))
# a secret ends it: points are no matter then
SECRET_POINTS: Final = 100.0
# points for each per cent of the size, and at most
HIDDEN: Final = (1.0, 40.0)
AVOIDABLE: Final = (0.5, 25.0)
# points for each path, and at most
EACH_PATH: Final = {hygiene.SET_UID: (1.0, 10.0), hygiene.WORLD_WRITABLE: (1.0, 10.0)}
ROOT_POINTS: Final = 10.0
BUDGET_POINTS: Final = 20.0


def graded(report: ImageReport) -> ImageReport:
    """The report with its points, what it lost them by, and its grade."""
    penalties = tuple(_penalties(report))
    lost = sum(penalty.points for penalty in penalties)
    points = round(max(0.0, 100.0 - lost), 1)
    grade = next(name for name, least in GRADES if points >= least)
    values = {"points": points, "penalties": penalties, "grade": grade}
    return report.model_copy(update=values)


def _penalties(report: ImageReport) -> Iterator[Penalty]:
    if report.secrets:
        count = sum(one.count for one in report.secrets)
        yield Penalty(rule="secrets", points=SECRET_POINTS, measured=str(count))
    yield from _of_size("hidden", report.hidden_bytes, report, HIDDEN)
    avoidable_bytes = 0
    for recommendation in report.recommendations:
        if recommendation.rule not in (REWRITTEN, DELETED):
            avoidable_bytes += recommendation.saves_bytes
    yield from _of_size("avoidable", avoidable_bytes, report, AVOIDABLE)
    for finding in report.findings:
        if finding.rule in EACH_PATH:
            each, most = EACH_PATH[finding.rule]
            points = min(most, each * finding.count)
            yield Penalty(rule=finding.rule, points=points, measured=str(finding.count))
        elif finding.rule == hygiene.ROOT:
            yield Penalty(rule=hygiene.ROOT, points=ROOT_POINTS, measured="root")
    if report.is_over_budget:
        measured = f"{report.size_bytes} of {report.budget_bytes} B"
        yield Penalty(rule="budget", points=BUDGET_POINTS, measured=measured)


def _of_size(
    rule: str, size_bytes: int, report: ImageReport, weight: tuple[float, float]
) -> Iterator[Penalty]:
    if not size_bytes or not report.size_bytes:
        return
    each, most = weight
    pct = 100 * size_bytes / report.size_bytes
    points = round(min(most, each * pct), 1)
    if points:
        yield Penalty(rule=rule, points=points, measured=f"{pct:.1f} % of its size")
