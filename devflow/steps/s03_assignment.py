"""Step 3: the developer picks the ticket up: assignee, In Progress, dates, time tracking, a comment
for the watchers.

What somebody set before stays: a ticket that is already worked on keeps its assignee, and dates
that are there are not moved.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from devflow.craft.ticket import sprint
from devflow.craft.ticket.comments import marked_comment
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Assignment, Issue, SprintPlan, Ticket
from devflow.model.values import Value
from devflow.step import See, Step, Tools, Turn

TRACKING: Final = "devflow.tracking"
"""The issue property that keeps when work began, as ISO time."""
BEGUN: Final = ("indeterminate", "done")
"""The status categories of JIRA in which work has begun."""


class Params(Value):
    """``status`` is a status of the workflow (id, name or category); ``hours_per_day`` turns the
    estimate into a due date."""

    status: str = "In Progress"
    hours_per_day: float = sprint.HOURS_PER_DAY


@dataclass(frozen=True)
class Needs:
    """The ticket, and the sprint with the hours that the due date follows from."""

    ticket: Ticket
    sprint_planning: SprintPlan | Absent


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Does whatever of it is not done yet; ``look`` reads it back."""
    key, tracker = needs.ticket.key, tools.tracker
    issue = tracker.issue(key)
    person = issue.assignee if issue.assignee and issue.status_category in BEGUN else tracker.me()
    tracker.assign(key, person)
    tracker.remember(key, TRACKING, tools.clock.now().isoformat(timespec="seconds"))
    tracker.transition(key, params.status)
    start, due = _dates(params, needs, issue, sprint.moment(tracker.property(key, TRACKING)))
    tracker.schedule(key, start, due)
    tracker.watch(key, person)
    status = tracker.issue(key).status
    tracker.comment(
        key,
        f"{person.name} works on {key}: {status}, from {start or 'today'} to {due or 'an open date'}.",
    )


def _dates(
    params: Params, needs: Needs, issue: Issue, since: datetime | None
) -> tuple[date | None, date | None]:
    start = issue.start or (since.date() if since else None)
    plan = needs.sprint_planning
    hours = None if isinstance(plan, Absent) else plan.estimate_h
    computed = (
        sprint.due_date(start, hours, params.hours_per_day) if start and hours is not None else None
    )
    return start, issue.due or computed


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Assignment:
    """The assignment as it is now, whether or not somebody works on the ticket."""
    key, tracker = needs.ticket.key, see.tracker
    issue = tracker.issue(key)
    told = marked_comment(tracker.comments(key), turn.mark("comment"))
    return Assignment(
        key=key,
        assignee=issue.assignee.name if issue.assignee else "",
        status=issue.status,
        category=issue.status_category,
        flow=sprint.status_path(tracker.history(key), params.status),
        start=issue.start,
        due=issue.due,
        tracking_since=sprint.moment(tracker.property(key, TRACKING)),
        watchers=tuple(person.name for person in tracker.watchers(key)),
        on_board=issue.sprint is not None
        and any(one.key == key for one in tracker.sprint_issues(issue.sprint.id)),
        told=(told.url or f"comment {told.id}") if told else "",
    )


def judge(params: Params, it: Assignment) -> tuple[Check, ...]:
    """Assignee, status, time tracking and both notifications are needed; dates and board where the
    project has them."""
    since = (
        it.tracking_since.isoformat(sep=" ", timespec="minutes")
        if it.tracking_since
        else "not started"
    )
    return (
        Check(
            label="assigned to",
            ok=bool(it.assignee),
            measured=it.assignee or "nobody",
            source=f"{it.key} assignee",
        ),
        Check(
            label="status",
            ok=it.category in BEGUN,
            measured=" → ".join(it.flow) or it.status,
            source=f"{it.key} changelog",
        ),
        _date("start date", it.start, f"{it.key} start date"),
        _date("due date", it.due, f"{it.key} due date"),
        Check(
            label="time tracking",
            ok=it.tracking_since is not None,
            measured=since,
            source=f"{it.key} property {TRACKING}",
        ),
        Check(
            label="assignee notified",
            ok=it.assignee in it.watchers,
            measured=f"watches {it.key}" if it.assignee in it.watchers else "does not watch",
            source=f"{it.key} watchers",
        ),
        Check(
            label="watchers updated",
            ok=bool(it.told),
            measured=(
                f"{len(it.watchers)} by comment: {', '.join(it.watchers)}"
                if it.told
                else "no comment"
            ),
            source=it.told or f"{it.key} comments",
        ),
        Check(
            label="sprint board",
            ok=True if it.on_board else None,
            measured=f"shows it as {it.status}" if it.on_board else "in no sprint",
            source="board, issues of the sprint",
            needed=False,
        ),
    )


def _date(label: str, day: date | None, source: str) -> Check:
    return Check(
        label=label,
        ok=True if day else None,
        measured=day.isoformat() if day else "",
        source=source,
        needed=False,
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The six writes of picking a ticket up."""
    key = f"{needs.ticket.key}"
    writes = (
        Write(port="tracker", verb="assign", target=f"{key} to me"),
        Write(port="tracker", verb="remember", target=f"{key} property {TRACKING}"),
        Write(port="tracker", verb="transition", target=f"{key} to {params.status}"),
        Write(port="tracker", verb="schedule", target=f"{key} start and due date"),
        Write(port="tracker", verb="watch", target=key),
        Write(port="tracker", verb="comment", target=f"{key}: who works on it until when"),
    )
    return Foreseen(writes, {"key": needs.ticket.key, "status": params.status})


STEP = Step(
    name="assignment",
    title="Assignment",
    params=Params,
    needs=Needs,
    makes=Assignment,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=3,
    project_parts=(),
)
