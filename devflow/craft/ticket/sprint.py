"""The published rules of planning: hours, complexity, risk, working days and working time.

Nothing here is measured: each number names the reference's figures that it reproduces, and what a
rule made says the rule.
"""

import math
from datetime import date, datetime, time, timedelta
from typing import Collection, Final, Iterable

from devflow.model.planning import Issue, IssueLink, StatusChange
from devflow.model.wording import plural
from devflow.model.workflow import Status

# h of work a day; reference step 3 plans 16 h for Mon 15 to Wed 17: 16 h / 3 days, rounded up
HOURS_PER_DAY: Final = 6.0
HOURS_PER_POINT: Final = 2.0  # h; reference step 2: 8 points are 16 hours
# points; reference step 2: 8 points are medium, and 5 is the step below 8 in the usual scale
MEDIUM_FROM_POINTS: Final = 5.0
HIGH_FROM_POINTS: Final = 13.0  # points; the step above 8 in the usual scale
DAY_START: Final = time(9)  # reference step 3: start 09:00
DAY_END: Final = time(17)  # reference step 3: due 17:00
NONE: Final = "the ticket is in no sprint"
_WAITS_FOR: Final = frozenset({"is blocked by", "depends on"})
_LEVELS: Final = ("Low", "Medium", "High")
_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5  # as date.weekday counts


def estimate_h(issue: Issue, hours_per_point: float) -> tuple[float | None, str]:
    """Hours of an issue and the field they come from: its original estimate, else its points times
    ``hours_per_point``."""
    original_s = issue.time.original_s
    if original_s is not None:
        return original_s / 3600, "original estimate"
    points = issue.points
    if points is not None:
        return points * hours_per_point, f"{points:g} points x {hours_per_point:g} h"
    return None, ""


def is_story(issue: Issue) -> bool:
    """Whether an issue counts as a story: its type is Story, or named after it (User Story)."""
    return "story" in issue.type.casefold()


def complexity(points: float | None, medium_from: float, high_from: float) -> str:
    """Low, Medium or High by story points; unknown without."""
    if points is None:
        return "unknown"
    if points >= high_from:
        return "High"
    return "Medium" if points >= medium_from else "Low"


def dependencies(links: Iterable[IssueLink]) -> tuple[IssueLink, ...]:
    """The links to issues that have to be done first."""
    return tuple(link for link in links if link.relation.casefold() in _WAITS_FOR)


def risk(
    points: float | None, complexity_word: str, open_blockers: int
) -> tuple[str, tuple[str, ...]]:
    """The risk and its reasons: open blockers count two, high complexity and no points one; 0 Low,
    1 Medium, else High."""
    weight = 0
    reasons = []
    if open_blockers:
        weight += 2
        reasons.append(plural(open_blockers, "open blocker"))
    if complexity_word == "High":
        weight += 1
        reasons.append("high complexity")
    if points is None:
        weight += 1
        reasons.append("no story points")
    level = _LEVELS[min(weight, 2)]
    return level, tuple(reasons)


def due_date(start: date, hours: float, hours_per_day: float) -> date:
    """The working day on which ``hours`` of work that begin on ``start`` end; a weekend's start
    counts from Monday."""
    days = math.ceil(hours / hours_per_day)
    day = _working_day(start)
    for _ in range(days - 1):
        day = _working_day(day + _ONE_DAY)
    return day


def working_s(since: datetime, until: datetime, hours_per_day: float) -> int:
    """Seconds of working time between two moments, never more than ``hours_per_day`` on one day.

    On the first and the last day the time up to 17:00 and from 09:00 counts, weekend or not, since
    somebody did work then; between them each Monday to Friday counts fully. Within one day it is
    the plain time that went by.
    """
    zone = since.tzinfo
    end = until.astimezone(zone)
    cap_s = hours_per_day * 3600
    if end <= since:
        return 0
    first_day = since.date()
    last_day = end.date()
    if first_day == last_day:
        whole = end - since
        return int(min(whole.total_seconds(), cap_s))
    first = datetime.combine(first_day, DAY_END, zone) - since
    last = end - datetime.combine(last_day, DAY_START, zone)
    worked_s = 0.0
    for part in (first, last):
        part_s = max(part.total_seconds(), 0.0)
        worked_s += min(part_s, cap_s)
    full_days = 0
    day = first_day + _ONE_DAY
    while day < last_day:
        full_days += day.weekday() < _SATURDAY
        day += _ONE_DAY
    return int(full_days * cap_s + worked_s)


def status_path(changes: Iterable[StatusChange], until: Collection[Status] = ()) -> tuple[str, ...]:
    """The names of the statuses that an issue really went through, in order, the first one
    included, up to one of ``until``."""
    ends = {one.id for one in until}
    path: list[str] = []
    for change in changes:
        for status in (change.from_status, change.to_status):
            if path[-1:] != [status]:
                path.append(status)
        if change.to_id in ends:
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
        day += _ONE_DAY
    return day
