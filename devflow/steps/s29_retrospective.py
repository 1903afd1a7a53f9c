"""Step 29: what the journal, the board and the ticket say of the run, and what follows from it for
the next one.

It has no ``look``: the journal grows with every later command, and a retrospective that changed
each time would never stand.
"""

from dataclasses import dataclass

from devflow.craft.ticket import closing
from devflow.craft.observe import lessons
from devflow.craft.observe import run_figures
from devflow.craft.ticket.comments import marked_comment
from devflow.model.wording import one_line
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Issue, SprintPlan, Ticket
from devflow.model.release import Closure, Measure, Retrospective
from devflow.model.review import PullRequest
from devflow.model.values import Limit, Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """What the sprint is held against, and how many open issues are named as the next focus."""

    velocity_target: Limit[float] = 35.0  # points a sprint; reference steps 2 and 29
    focus: int = 4  # issues; reference step 29 names four


@dataclass(frozen=True)
class Needs:
    """The ticket, its sprint, how it was closed, and its pull request."""

    ticket: Ticket
    sprint_planning: SprintPlan | Absent
    closure: Closure | Absent
    pull_request: PullRequest | Absent


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Retrospective:
    """Reads everything once, writes the comment, and reads it back."""
    key = needs.ticket.key
    learned = lessons.learn(tools.history.events(turn.run), tools.clock.now())
    plan = needs.sprint_planning
    together = () if isinstance(plan, Absent) else tools.tracker.sprint_issues(plan.sprint_id)
    measures = (
        *run_figures.journal(learned),
        *run_figures.sprint(plan, together),
        *run_figures.time(needs.closure),
        *run_figures.threads(tools.host, needs.pull_request),
    )
    well = (*lessons.went_well(learned), *_in_time(needs.closure, early=True))
    improve = (
        *lessons.to_improve(learned),
        *_in_time(needs.closure, early=False),
        *_unestimated(plan),
    )
    focus = _focus(together, key, params.focus)
    tools.tracker.comment(
        key, _comment(key, measures, {"Went well": well, "To improve": improve, "Next": focus})
    )
    return Retrospective(
        key=key,
        rounds=learned.rounds,
        well=well,
        improve=improve,
        measures=measures,
        focus=focus,
        commented=marked_comment(tools.tracker.comments(key), turn.mark("comment")) is not None,
    )


def _in_time(closure: Closure | Absent, *, early: bool) -> tuple[str, ...]:
    """The sentence on estimate and logged time, on its side of the estimate; none where one of them
    is missing."""
    if isinstance(closure, Absent) or not closure.estimate_s or not closure.spent_s:
        return ()
    if (closure.spent_s <= closure.estimate_s) is not early:
        return ()
    return (
        f"{'within' if early else 'over'} the estimate: {closing.time_line(closure.estimate_s, closure.spent_s)}",
    )


def _unestimated(plan: SprintPlan | Absent) -> tuple[str, ...]:
    if isinstance(plan, Absent) or not plan.unestimated:
        return ()
    return (f"{plan.unestimated} of {plan.issues} issues of {plan.sprint} have no estimate",)


def _focus(together: tuple[Issue, ...], key: str, most: int) -> tuple[str, ...]:
    """The sprint's open issues, bugs first."""
    left = sorted(
        (one for one in together if one.status_category != "done" and one.key != key),
        key=lambda one: one.type != "Bug",
    )
    return tuple(f"{one.key} {one.type}: {one_line(one.summary)}" for one in left[:most])


def _comment(key: str, measures: tuple[Measure, ...], said: dict[str, tuple[str, ...]]) -> str:
    figures = tuple(f"{one.label}: {run_figures.shown(one)} ({one.source})" for one in measures)
    blocks = {**said, "Figures": figures}
    listed = (
        f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines)
        for title, lines in blocks.items()
        if lines
    )
    return "\n\n".join((f"Retrospective of {key}", *listed))


def judge(params: Params, it: Retrospective) -> tuple[Check, ...]:
    """The comment is needed; figures without data, and a velocity under its target, have no
    verdict."""
    return (
        Check(label="rounds", ok=True, measured=f"{it.rounds}", source="journal", needed=False),
        *(_measured(params, one) for one in it.measures),
        *(
            Check(
                label="went well",
                ok=True,
                measured=text,
                source="journal and time tracking",
                needed=False,
            )
            for text in it.well
        ),
        *(
            Check(
                label="to improve",
                ok=True,
                measured=text,
                source="journal, time and board",
                needed=False,
            )
            for text in it.improve
        ),
        *(
            Check(
                label="next focus",
                ok=True,
                measured=text,
                source="board, open issues",
                needed=False,
            )
            for text in it.focus
        ),
        Check(
            label="comment",
            ok=it.commented,
            measured="on the ticket" if it.commented else "missing",
            source=f"{it.key} comments",
        ),
    )


def _measured(params: Params, one: Measure) -> Check:
    under = (
        one.label == run_figures.VELOCITY
        and one.value is not None
        and one.value < params.velocity_target
    )
    limit = f"{params.velocity_target:g} points" if one.label == run_figures.VELOCITY else ""
    known = None if under or one.value is None else True
    return Check(
        label=one.label,
        ok=known,
        measured=run_figures.shown(one),
        limit=limit,
        source=one.source,
        needed=False,
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One comment."""
    key = f"{needs.ticket.key}"
    return Foreseen(
        (Write(port="tracker", verb="comment", target=f"{key}: retrospective"),),
        {"key": needs.ticket.key},
    )


STEP = Step(
    name="retrospective",
    title="Retrospective",
    params=Params,
    needs=Needs,
    makes=Retrospective,
    make=make,
    judge=judge,
    foresee=foresee,
    number=29,
    project_parts=(),
)
