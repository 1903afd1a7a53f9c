"""Step 2: the ticket's sprint on the board, and the hours, complexity, risk and forecast that
follow by published rules.

Over-commitment is a warning: its line is not green but has no verdict, and nobody needs it, so that
it stops nothing.
"""

from dataclasses import dataclass

from devflow.craft.ticket import sprint
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Issue, IssueLink, SprintPlan, SprintRef, Ticket
from devflow.model.values import Limit, Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """What the team plans with: hours and points of one sprint, and the thresholds of the rules."""

    capacity_h: Limit[float] = 40.0  # h a sprint; reference step 2
    velocity_target: Limit[float] = 35.0  # points a sprint; reference step 2
    hours_per_point: float = sprint.HOURS_PER_POINT
    medium_from_points: float = sprint.MEDIUM_FROM_POINTS
    high_from_points: float = sprint.HIGH_FROM_POINTS
    history_sprints: int = (
        5  # closed sprints that the forecast looks back on; fewer jump about, more are another team
    )


@dataclass(frozen=True)
class Needs:
    """The ticket, for its key."""

    ticket: Ticket


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> SprintPlan | Absent:
    """Reads the sprint; skipped where the ticket is in none."""
    plan = look(tools, turn, params, needs)
    return (
        plan if plan.sprint else Absent(kind="skipped", why=f"{needs.ticket.key} is in no sprint")
    )


def look(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> SprintPlan:
    """Reads the same again; a ticket in no sprint is a plan that does not pass."""
    issue = world.tracker.issue(needs.ticket.key)
    if issue.sprint is None:
        return _plan(params, issue, SprintRef(id=0, name=""), (), ())
    closed = [one for one in world.tracker.closed_sprints() if one.id != issue.sprint.id][
        -params.history_sprints :
    ]
    history = tuple(_done_points(world.tracker.sprint_issues(one.id)) for one in closed)
    return _plan(params, issue, issue.sprint, world.tracker.sprint_issues(issue.sprint.id), history)


def _plan(
    params: Params,
    issue: Issue,
    ref: SprintRef,
    together: tuple[Issue, ...],
    history: tuple[float, ...],
) -> SprintPlan:
    hours, hours_from = sprint.estimate_h(issue, params.hours_per_point)
    each_h = [sprint.estimate_h(one, params.hours_per_point)[0] for one in together]
    word = sprint.complexity(issue.points, params.medium_from_points, params.high_from_points)
    waits_for = sprint.dependencies(issue.links)
    blocked_by = tuple(link.key for link in waits_for if not link.done)
    risk, reasons = sprint.risk(issue.points, word, len(blocked_by))
    return SprintPlan(
        sprint=ref.name,
        sprint_id=ref.id,
        points=issue.points,
        points_from=issue.points_source,
        estimate_h=hours,
        estimate_from=hours_from,
        complexity=word,
        complexity_from=f"points: Medium from {params.medium_from_points:g}, High from {params.high_from_points:g}",
        risk=risk,
        risk_from=", ".join(reasons) or "no open blocker, no high complexity, points are there",
        dependencies=tuple(_said(link) for link in waits_for),
        blocked_by=blocked_by,
        stories=sum(map(sprint.is_story, together)),
        issues=len(together),
        unestimated=each_h.count(None),
        committed_points=sum(one.points or 0.0 for one in together),
        done_points=_done_points(together),
        committed_h=sum(one or 0.0 for one in each_h),
        history=history,
        forecast_points=sum(history) / len(history) if history else None,
    )


def _done_points(issues: tuple[Issue, ...]) -> float:
    return sum(one.points or 0.0 for one in issues if one.status_category == "done")


def _said(link: IssueLink) -> str:
    return f"{link.relation} {link.key} ({'done' if link.done else 'open'})"


def judge(params: Params, plan: SprintPlan) -> tuple[Check, ...]:
    """Only a missing sprint counts: what is over its limit, blocked or unknown has no verdict, and
    is not needed."""
    board, left_h = f"board, {plan.sprint}", params.capacity_h - plan.committed_h
    unknown = f", {plan.unestimated} not estimated" if plan.unestimated else ""
    committed = f"{plan.stories} stories of {plan.issues} issues, {plan.committed_points:g} points, {plan.committed_h:g} h{unknown}"
    forecast = (
        ""
        if plan.forecast_points is None
        else f"{plan.forecast_points:.1f} points, {plan.committed_points:g} committed"
    )
    return (
        Check(
            label="sprint",
            ok=bool(plan.sprint),
            measured=plan.sprint,
            source=f"board, sprint {plan.sprint_id}",
        ),
        _line(
            "points",
            "" if plan.points is None else f"{plan.points:g}",
            plan.points_from or "story points",
        ),
        _line(
            "estimate",
            "" if plan.estimate_h is None else f"{plan.estimate_h:g} h",
            plan.estimate_from or "original estimate",
        ),
        _line(
            "complexity",
            "" if plan.complexity == "unknown" else plan.complexity,
            plan.complexity_from,
        ),
        _line("risk", plan.risk, plan.risk_from, ok=plan.risk != "High"),
        _line(
            "dependencies",
            ", ".join(plan.dependencies) or "none",
            "issue links",
            ok=not plan.blocked_by,
        ),
        _line("commitment", committed, board),
        _line(
            "capacity left",
            f"{left_h:g} h",
            f"{board}: limit - committed hours",
            ok=left_h >= 0,
            limit=f"{params.capacity_h:g} h",
        ),
        _line(
            "velocity target",
            f"{plan.committed_points:g} points committed, {plan.done_points:g} done",
            board,
            ok=plan.committed_points <= params.velocity_target,
            limit=f"{params.velocity_target:g} points",
        ),
        _line(
            "forecast",
            forecast,
            f"mean of {len(plan.history)} closed sprints: {', '.join(f'{one:g}' for one in plan.history) or 'none yet'}",
            ok=plan.forecast_points is not None and plan.forecast_points >= plan.committed_points,
        ),
    )


def _line(label: str, measured: str, source: str, *, ok: bool = True, limit: str = "") -> Check:
    return Check(
        label=label,
        ok=True if ok and measured else None,
        measured=measured,
        limit=limit,
        source=source,
        needed=False,
    )


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
    project_parts=(),
)
