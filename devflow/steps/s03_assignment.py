"""Step 3: the developer picks the ticket up: assignee, In Progress, dates, time tracking, a comment
for the watchers.

What somebody set before stays: a ticket that is already worked on keeps its assignee, and dates
that are there are not moved.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.ticket import sprint
from devflow.craft.ticket.comments import (
    STRANGERS_EVIDENCE,
    marked_comment,
    strangers,
    strangers_checks,
)
from devflow.model.bounds.numbers import HoursOfDay
from devflow.model.bounds.words import Line
from devflow.model.checks import Check, fact, measure, shown
from devflow.model.figures import absent, count, text, way
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Assignment, Issue, Person, SprintPlan, Ticket
from devflow.model.values import Value
from devflow.ports.tracker import TrackerReads
from devflow.step import See, Step, Tools, Turn

TRACKING: Final = "devflow.tracking"  # the issue property with the ISO time at which work began
BEGUN: Final = ("indeterminate", "done")  # the status categories of JIRA in which work has begun
NO_DATE: Final = "the ticket has none"


class Params(Value):
    """What picking a ticket up does to it."""

    status: Line = Field(
        default="In Progress", description="a status of the workflow: id, name or category"
    )
    hours_per_day: HoursOfDay = Field(
        default=sprint.HOURS_PER_DAY, description="hours; turns the estimate into a due date"
    )


@dataclass(frozen=True)
class Needs:
    """The ticket, and the sprint with the hours that the due date follows from."""

    ticket: Ticket
    sprint_planning: SprintPlan | Absent


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Does whatever of it is not done yet; ``look`` reads it back."""
    key = needs.ticket.key
    tracker = tools.tracker
    issue = tracker.issue(key)
    person = _person(tracker, issue)
    tracker.assign(key, person)
    began = tools.clock.now().isoformat(timespec="seconds")
    # the property stays as it is where an earlier round set it: work began then
    tracker.remember(key, TRACKING, began)
    tracker.transition(key, params.status)
    since = sprint.moment(tracker.property(key, TRACKING))
    start, due = _dates(params, needs, issue, since)
    tracker.schedule(key, start, due)
    tracker.watch(key, person)
    # a workflow may lead elsewhere than it was asked to
    status = tracker.issue(key).status
    dates = f"from {start or 'today'} to {due or 'an open date'}"
    tracker.comment(key, f"{person.name} works on {key}: {status}, {dates}.")


def _person(tracker: TrackerReads, issue: Issue) -> Person:
    """Who already works on it, else who runs this."""
    has_begun = issue.status_category in BEGUN
    if issue.assignee and has_begun:
        return issue.assignee
    return tracker.me()


def _dates(
    params: Params, needs: Needs, issue: Issue, since: datetime | None
) -> tuple[date | None, date | None]:
    """Start and due date: those that are there, else what follows from the estimate."""
    start = issue.start or (since.date() if since else None)
    if issue.due:
        return start, issue.due
    plan = needs.sprint_planning
    hours = None if isinstance(plan, Absent) else plan.estimate_h
    if start is None or hours is None:
        return start, None
    return start, sprint.due_date(start, hours, params.hours_per_day)


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Assignment:
    """The assignment as it is now, whether or not somebody works on the ticket."""
    key = needs.ticket.key
    tracker = see.tracker
    issue = tracker.issue(key)
    mark = turn.mark("comment")
    comments = tracker.comments(key)
    comment = marked_comment(comments, mark)
    comment_at = (comment.url or f"comment {comment.id}") if comment else ""
    assignee = issue.assignee.name if issue.assignee else ""
    return Assignment(
        key=key,
        assignee=assignee,
        status=issue.status,
        category=issue.status_category,
        flow=sprint.status_path(tracker.history(key), tracker.meant(key, params.status)),
        start=issue.start,
        due=issue.due,
        tracking_since=sprint.moment(tracker.property(key, TRACKING)),
        watchers=tuple(person.name for person in tracker.watchers(key)),
        on_board=_is_on_board(tracker, issue),
        told=comment_at,
        strangers=strangers(comments, mark),
    )


def _is_on_board(tracker: TrackerReads, issue: Issue) -> bool:
    if issue.sprint is None:
        return False
    return any(one.key == issue.key for one in tracker.sprint_issues(issue.sprint.id))


def judge(params: Params, it: Assignment) -> tuple[Check, ...]:
    """Assignee, status, time tracking and both notifications are needed; dates and board where the
    project has them."""
    key = it.key
    assignee = text(it.assignee or "nobody")
    has_begun = it.category in BEGUN
    flow = way(it.flow) if it.flow else text(it.status)
    start = text(it.start.isoformat() if it.start else "", NO_DATE)
    due = text(it.due.isoformat() if it.due else "", NO_DATE)
    on_board = text(f"shows it as {it.status}" if it.on_board else "in no sprint")
    board = measure("board", "sprint board", on_board, "board, issues of the sprint")
    return (
        fact(measure("assignee", "assigned to", assignee, f"{key} assignee"), bool(it.assignee)),
        fact(measure("status", "status", flow, f"{key} changelog"), has_begun),
        shown(measure("start", "start date", start, f"{key} start date")),
        shown(measure("due", "due date", due, f"{key} due date")),
        _tracking(it),
        *_notifications(it),
        shown(board, it.on_board),
        *strangers_checks(it.strangers, f"{key} comments"),
    )


def _tracking(it: Assignment) -> Check:
    source = f"{it.key} property {TRACKING}"
    if it.tracking_since is None:
        none = absent("not started", "")
        return fact(measure("tracking", "time tracking", none, source), False)
    since = text(it.tracking_since.isoformat(sep=" ", timespec="minutes"))
    return fact(measure("tracking", "time tracking", since, source), True)


def _notifications(it: Assignment) -> tuple[Check, ...]:
    watches = it.assignee in it.watchers
    watching = text(f"watches {it.key}" if watches else "does not watch")
    watch = measure("assignee_watch", "assignee notified", watching, f"{it.key} watchers")
    names = ", ".join(it.watchers)
    comment = (
        count(len(it.watchers), where=f"by comment: {names}") if it.told else text("no comment")
    )
    comment_source = it.told or f"{it.key} comments"
    watchers = measure("watchers", "watchers updated", comment, comment_source)
    return fact(watch, watches), fact(watchers, bool(it.told))


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The six writes of picking a ticket up."""
    key = needs.ticket.key
    writes = (
        plan_write("tracker", "assign", f"{key} to me"),
        plan_write("tracker", "remember", f"{key} property {TRACKING}"),
        plan_write("tracker", "transition", f"{key} to {params.status}"),
        plan_write("tracker", "schedule", f"{key} start and due date"),
        plan_write("tracker", "watch", f"{key}"),
        plan_write("tracker", "comment", f"{key}: who works on it until when"),
    )
    return Foreseen(writes, {"key": key, "status": params.status})


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
    evidence={
        "assignee": "who works on the ticket",
        "status": "the statuses that it went through, or its status",
        "start": "its start date",
        "due": "its due date",
        "tracking": "since when time is tracked",
        "assignee_watch": "whether the assignee watches it",
        "watchers": "how many the comment told",
        "board": "whether the board shows it",
        **STRANGERS_EVIDENCE,
    },
    project_parts=(),
)
