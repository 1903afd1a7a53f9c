"""Step 2: the ticket's sprint on the board, and the hours, complexity, risk and forecast that
follow by published rules.

Over-commitment is a warning: its line is not green but has no verdict, and nobody needs it, so that
it stops nothing.
"""

from dataclasses import dataclass
from typing import Final, Iterable

from pydantic import Field

from devflow.craft.observe.watching import of_enough, sampled
from devflow.craft.ticket import sprint
from devflow.model.bounds.numbers import FewFromOne, Hours, Points
from devflow.model.checks import Check, at_least, at_most, fact, measure, note, shown
from devflow.model.figures import Count, Figure, Missing, count, names, quantity, text
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Issue, IssueLink, SprintPlan, SprintRef, Ticket
from devflow.model.values import Limit, Value
from devflow.model.wording import figure
from devflow.step import See, Step, Tools, Turn

# closed sprints; the mean of two is half of either, and a forecast from one is what it did
FORECAST_SPRINTS: Final = 3
NO_POINTS: Final = "the ticket has no story points"
NO_ESTIMATE: Final = "the ticket has no original estimate and no story points"
EVIDENCE: Final = {
    "sprint": "the sprint that the ticket is in",
    "points": "the ticket's story points",
    "estimate": "its hours",
    "complexity": "its complexity by its points",
    "risk": "its risk by rules",
    "dependencies": "the issues that have to be done first",
    "commitment": "points of all the sprint's issues",
    "commitment_hours": "their hours",
    "commitment_stories": "how many of them are stories",
    "commitment_issues": "how many issues there are",
    "commitment_unestimated": "how many of them nobody has estimated",
    "capacity": "hours of the sprint that nobody has committed yet",
    "velocity": "points of all the sprint's issues, against the team's velocity",
    "velocity_done": "points that are done",
    "forecast": "the mean of what closed sprints finished",
}


class Params(Value):
    """What the team plans with: hours and points of one sprint, and the thresholds of the rules."""

    capacity_h: Limit[Hours] = Field(default=40.0, description="hours a sprint")
    velocity_target: Limit[Points] = Field(default=35.0, description="points a sprint")
    hours_per_point: Hours = Field(
        default=sprint.HOURS_PER_POINT, description="hours; used where the ticket has no estimate"
    )
    medium_from_points: Points = Field(
        default=sprint.MEDIUM_FROM_POINTS,
        description="points from which a ticket is of medium complexity",
    )
    high_from_points: Points = Field(
        default=sprint.HIGH_FROM_POINTS, description="points from which it is of high complexity"
    )
    history_sprints: FewFromOne = Field(
        default=5,
        description="closed sprints that the forecast looks back on; fewer jump about, more are "
        "another team",
    )


@dataclass(frozen=True)
class Needs:
    """The ticket, for its key."""

    ticket: Ticket


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> SprintPlan | Absent:
    """Reads the sprint; skipped where the ticket is in none."""
    plan = look(tools, turn, params, needs)
    if not plan.sprint:
        return Absent(kind="skipped", why=f"{needs.ticket.key} is in no sprint")
    return plan


def look(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> SprintPlan:
    """Reads the same again; a ticket in no sprint is a plan that does not pass."""
    tracker = world.tracker
    issue = tracker.issue(needs.ticket.key)
    current = issue.sprint
    if current is None:
        return _plan(params, issue, SprintRef(id=0, name=""), (), ())
    closed = [one for one in tracker.closed_sprints() if one.id != current.id]
    history = []
    for past in closed[-params.history_sprints :]:
        history.append(_done_points(tracker.sprint_issues(past.id)))
    together = tracker.sprint_issues(current.id)
    return _plan(params, issue, current, together, tuple(history))


def _plan(
    params: Params,
    issue: Issue,
    ref: SprintRef,
    together: tuple[Issue, ...],
    history: tuple[float, ...],
) -> SprintPlan:
    hours_per_point = params.hours_per_point
    hours, hours_from = sprint.estimate_h(issue, hours_per_point)
    each_h = [sprint.estimate_h(one, hours_per_point)[0] for one in together]
    points = issue.points
    complexity = sprint.complexity(points, params.medium_from_points, params.high_from_points)
    waits_for = sprint.dependencies(issue.links)
    blocked_by = tuple(link.key for link in waits_for if not link.done)
    risk, reasons = sprint.risk(points, complexity, len(blocked_by))
    no_risk = "no open blocker, no high complexity, points are there"
    return SprintPlan(
        sprint=ref.name,
        sprint_id=ref.id,
        points=points,
        points_from=issue.points_source,
        estimate_h=hours,
        estimate_from=hours_from,
        complexity=complexity,
        complexity_from=_complexity_rule(params),
        risk=risk,
        risk_from=", ".join(reasons) or no_risk,
        dependencies=tuple(map(_describe, waits_for)),
        blocked_by=blocked_by,
        stories=sum(map(sprint.is_story, together)),
        issues=len(together),
        unestimated=each_h.count(None),
        committed_points=_points(together),
        done_points=_done_points(together),
        committed_h=sum(one or 0.0 for one in each_h),
        history=history,
        forecast_points=_mean(history),
    )


def _complexity_rule(params: Params) -> str:
    medium = f"Medium from {params.medium_from_points:g}"
    high = f"High from {params.high_from_points:g}"
    return f"points: {medium}, {high}"


def _points(issues: Iterable[Issue]) -> float:
    return sum(issue.points or 0.0 for issue in issues)


def _done_points(issues: Iterable[Issue]) -> float:
    return _points(issue for issue in issues if issue.status_category == "done")


def _mean(history: tuple[float, ...]) -> float | None:
    if not history:
        return None
    return sum(history) / len(history)


def _describe(link: IssueLink) -> str:
    state = "done" if link.done else "open"
    return f"{link.relation} {link.key} ({state})"


def judge(params: Params, plan: SprintPlan) -> tuple[Check, ...]:
    """Only a missing sprint counts: what is over its limit, blocked or unknown has no verdict, and
    is not needed."""
    sprint_source = f"board, sprint {plan.sprint_id}"
    points = quantity(plan.points, "points", why=NO_POINTS)
    estimate = quantity(plan.estimate_h, "h", why=NO_ESTIMATE)
    complexity = text("" if plan.complexity == "unknown" else plan.complexity, NO_POINTS)
    risk = measure("risk", "risk", text(plan.risk), plan.risk_from)
    dependencies = names(plan.dependencies) if plan.dependencies else text("none")
    waits_for = measure("dependencies", "dependencies", dependencies, "issue links")
    estimate_source = plan.estimate_from or "original estimate"
    return (
        fact(
            measure("sprint", "sprint", text(plan.sprint, sprint.NONE), sprint_source),
            bool(plan.sprint),
        ),
        shown(measure("points", "points", points, plan.points_from or "story points")),
        shown(measure("estimate", "estimate", estimate, estimate_source)),
        shown(measure("complexity", "complexity", complexity, plan.complexity_from)),
        shown(risk, plan.risk != "High"),
        shown(waits_for, not plan.blocked_by),
        *_commitment(plan),
        *_capacity(params, plan),
        _forecast(plan),
    )


def _commitment(plan: SprintPlan) -> list[Check]:
    """The points of all issues, in words that say the other sums too, and these as data."""
    parts: dict[str, Figure] = {
        "hours": quantity(plan.committed_h, "h"),
        "stories": Count(kind="count", n=plan.stories, noun="story", many="stories"),
        "issues": count(plan.issues, "issue"),
    }
    words = [figure(parts["hours"]), f"{figure(parts['stories'])} of {figure(parts['issues'])}"]
    if plan.unestimated:
        parts["unestimated"] = count(plan.unestimated, where="not estimated")
        words.append(figure(parts["unestimated"]))
    points = quantity(plan.committed_points, "points", note=", ".join(words))
    source = f"board, {plan.sprint}"
    checks = [shown(measure("commitment", "commitment", points, source))]
    for name, part in parts.items():
        checks.append(note(measure(f"commitment_{name}", f"committed {name}", part, source)))
    return checks


def _capacity(params: Params, plan: SprintPlan) -> tuple[Check, ...]:
    board = f"board, {plan.sprint}"
    left_h = params.capacity_h - plan.committed_h
    left = quantity(left_h, "h", note=f"of {params.capacity_h:g} h")
    capacity_source = f"{board}: limit - committed hours"
    capacity = measure("capacity", "capacity left", left, capacity_source)
    done = quantity(plan.done_points, "points")
    committed = quantity(plan.committed_points, "points", note=f"{figure(done)} done")
    velocity = measure("velocity", "velocity target", committed, board)
    target = at_most(params.velocity_target, "points")
    return (
        # what nobody has estimated will take some of it
        shown(capacity, left_h >= 0 and not plan.unestimated, at_least(0, "h")),
        shown(velocity, target.met(plan.committed_points), target),
        note(measure("velocity_done", "points done", done, board)),
    )


def _forecast(plan: SprintPlan) -> Check:
    each = ", ".join(f"{points:g}" for points in plan.history)
    source = f"mean of {len(plan.history)} closed sprints: {each or 'none yet'}"
    points = sampled(plan.forecast_points, "points", len(plan.history))
    forecast = of_enough(measure("forecast", "forecast", points, source), FORECAST_SPRINTS)
    if plan.forecast_points is None or isinstance(forecast.figure, Missing):
        return note(forecast)
    committed = at_least(plan.committed_points, "points")
    return shown(forecast, committed.met(plan.forecast_points), committed)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Reading writes nothing."""
    return Foreseen()


STEP = Step(
    name="sprint_planning",
    title="Sprint planning",
    params=Params,
    needs=Needs,
    makes=SprintPlan,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=2,
    evidence=EVIDENCE,
    project_parts=(),
)
