"""The published rules of planning: hours, complexity, risk, working days and working time.

Nothing here is measured: each number names the reference's figures that it reproduces, and what a
rule made says the rule.
"""

import math
from datetime import date, datetime, time, timedelta
from typing import Final, Iterable

from devflow.model.planning import Issue, IssueLink, StatusChange

HOURS_PER_DAY: Final = (
    # h of work a day; reference step 3 plans 16 h for Mon 15 to Wed 17: 16 h / 3 days, rounded up
    6.0
)
HOURS_PER_POINT: Final = 2.0  # h; reference step 2: 8 points are 16 hours
MEDIUM_FROM_POINTS: Final = (
    5.0  # reference step 2: 8 points are medium; 5 is the step below 8 in the usual scale
)
HIGH_FROM_POINTS: Final = 13.0  # the step above 8 in the usual scale
DAY_START: Final = time(9)  # reference step 3: start 09:00
DAY_END: Final = time(17)  # reference step 3: due 17:00
_WAITS_FOR: Final = frozenset({"is blocked by", "depends on"})
_SATURDAY: Final = 5


def estimate_h(issue: Issue, hours_per_point: float) -> tuple[float | None, str]:
    """Hours of an issue and the field they come from: its original estimate, else its points times
    ``hours_per_point``."""
    if issue.time.original_s is not None:
        return issue.time.original_s / 3600, "original estimate"
    if issue.points is not None:
        return issue.points * hours_per_point, f"{issue.points:g} points x {hours_per_point:g} h"
    return None, ""


def is_story(issue: Issue) -> bool:
    """Whether an issue counts as a story: its type is Story, or named after it (User Story)."""
    return "story" in issue.type.casefold()


def complexity(points: float | None, medium_from: float, high_from: float) -> str:
    """Low, Medium or High by story points; unknown without."""
    if points is None:
        return "unknown"
    return "High" if points >= high_from else "Medium" if points >= medium_from else "Low"


def dependencies(links: Iterable[IssueLink]) -> tuple[IssueLink, ...]:
    """The links to issues that have to be done first."""
    return tuple(link for link in links if link.relation.casefold() in _WAITS_FOR)


def risk(
    points: float | None, complexity_word: str, open_blockers: int
) -> tuple[str, tuple[str, ...]]:
    """The risk and its reasons: open blockers count two, high complexity and no points one; 0 Low,
    1 Medium, else High."""
    reasons: list[tuple[int, str]] = []
    if open_blockers:
        reasons.append((2, f"{open_blockers} open blocker{'s' if open_blockers > 1 else ''}"))
    if complexity_word == "High":
        reasons.append((1, "high complexity"))
    if points is None:
        reasons.append((1, "no story points"))
    weight = sum(one for one, _ in reasons)
    return ("Low", "Medium", "High")[min(weight, 2)], tuple(text for _, text in reasons)


def due_date(start: date, hours: float, hours_per_day: float) -> date:
    """The working day on which ``hours`` of work that begin on ``start`` end; a weekend's start
    counts from Monday."""
    day = _working_day(start)
    for _ in range(max(1, math.ceil(hours / hours_per_day)) - 1):
        day = _working_day(day + timedelta(days=1))
    return day


def working_s(since: datetime, until: datetime, hours_per_day: float) -> int:
    """Seconds of working time between two moments, never more than ``hours_per_day`` on one day.

    On the first and the last day the time up to 17:00 and from 09:00 counts, weekend or not, since
    somebody did work then; between them each Monday to Friday counts fully. Within one day it is
    the plain time that went by.
    """
    end = until.astimezone(since.tzinfo)
    cap_s = hours_per_day * 3600
    if end <= since:
        return 0
    if end.date() == since.date():
        return int(min((end - since).total_seconds(), cap_s))
    first_s = (datetime.combine(since.date(), DAY_END, since.tzinfo) - since).total_seconds()
    last_s = (end - datetime.combine(end.date(), DAY_START, since.tzinfo)).total_seconds()
    between = (
        since.date() + timedelta(days=1 + day)
        for day in range((end.date() - since.date()).days - 1)
    )
    full_days = sum(1 for day in between if day.weekday() < _SATURDAY)
    return int(full_days * cap_s + sum(min(max(part, 0.0), cap_s) for part in (first_s, last_s)))


def status_path(changes: Iterable[StatusChange], until: str = "") -> tuple[str, ...]:
    """The statuses that an issue really went through, in order, the first one included, up to
    ``until``."""
    path: list[str] = []
    for change in changes:
        path.extend(
            status
            for status in (change.from_status, change.to_status)
            if not path or path[-1] != status
        )
        if change.to_status == until:
            break
    return tuple(path)


def moment(text: str) -> datetime | None:
    """A time with its zone from ISO text; ``None`` where it is empty, has no zone, or was written
    by hand in another form."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _working_day(day: date) -> date:
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day
