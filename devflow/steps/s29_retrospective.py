"""Step 29: what the journal, the board and the ticket say of the run, and what follows from it for
the next one.

It has no ``look``: the journal grows with every later command, and a retrospective that changed
each time would never stand.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.observe import lessons, run_figures
from devflow.craft.ticket import closing
from devflow.craft.ticket.comments import (
    STRANGERS_EVIDENCE,
    marked_comment,
    strangers,
    strangers_checks,
)
from devflow.model.bounds.numbers import Few, Points
from devflow.model.checks import Check, Measure, at_least, fact, measure, note, shown
from devflow.model.figures import Missing, Quantity, count, text
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Issue, SprintPlan, Ticket
from devflow.model.release import Closure, Retrospective
from devflow.model.review import PullRequest
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line
from devflow.ports.tracker import TrackerReads
from devflow.step import Step, Tools, Turn


class Params(Value):
    """What the sprint is held against, and what is said of the next one."""

    velocity_target: Limit[Points] = Field(
        default=35.0, description="points a sprint; as in step 2, Sprint planning"
    )
    focus: Few = Field(default=4, description="open issues named as the next focus")


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
    learned = lessons.learn(tools.history.events(turn.run), tools.clock.now(), turn.phases)
    plan = needs.sprint_planning
    tracker = tools.tracker
    closure = needs.closure
    together = () if isinstance(plan, Absent) else tracker.sprint_issues(plan.sprint_id)
    measures = [*run_figures.journal(learned), *run_figures.sprint(plan, together)]
    measures += run_figures.time(closure)
    measures += run_figures.threads(tools.host, needs.pull_request)
    in_time, over_time = _on_time(closure)
    well = [*lessons.went_well(learned), *in_time]
    improve = [*lessons.to_improve(learned), *over_time, *_unestimated(plan)]
    retrospective = Retrospective(
        key=key,
        rounds=learned.rounds,
        well=tuple(well),
        improve=tuple(improve),
        measures=tuple(measures),
        focus=_focus(together, key, params.focus),
    )
    # the comment says everything but whether it came through, which is read back
    tracker.comment(key, _comment(retrospective))
    return _read_back(tracker, turn, retrospective)


def _read_back(tracker: TrackerReads, turn: Turn, it: Retrospective) -> Retrospective:
    mark = turn.mark("comment")
    comments = tracker.comments(it.key)
    there = {
        "commented": marked_comment(comments, mark) is not None,
        "strangers": strangers(comments, mark),
    }
    return it.model_copy(update=there)


def _on_time(closure: Closure | Absent) -> tuple[list[str], list[str]]:
    """The sentence on estimate and logged time, under what went well or under what to improve;
    none where one of them is missing."""
    if isinstance(closure, Absent) or not closure.estimate_s or not closure.spent_s:
        return [], []
    if isinstance(closing.efficiency(closure.estimate_s, closure.spent_s), Missing):
        return [], []
    times = closing.time_line(closure.estimate_s, closure.spent_s)
    if closure.spent_s <= closure.estimate_s:
        return [f"within the estimate: {times}"], []
    return [], [f"over the estimate: {times}"]


def _unestimated(plan: SprintPlan | Absent) -> tuple[str, ...]:
    if isinstance(plan, Absent) or not plan.unestimated:
        return ()
    share = f"{plan.unestimated} of {plan.issues} issues of {plan.sprint}"
    return (f"{share} have no estimate",)


def _focus(together: tuple[Issue, ...], key: str, most: int) -> tuple[str, ...]:
    """The sprint's open issues, bugs first."""
    bugs: list[str] = []
    others: list[str] = []
    for issue in together:
        if issue.status_category == "done" or issue.key == key:
            continue
        text = f"{issue.key} {issue.type}: {one_line(issue.summary)}"
        if issue.type == "Bug":
            bugs.append(text)
        else:
            others.append(text)
    texts = bugs + others
    return tuple(texts[:most])


def _comment(it: Retrospective) -> str:
    figures = []
    for one in it.measures:
        figures.append(f"{one.label}: {one.measured} ({one.source})")
    blocks = {
        "Went well": it.well,
        "To improve": it.improve,
        "Next": it.focus,
        "Figures": tuple(figures),
    }
    paragraphs = [f"Retrospective of {it.key}"]
    for heading, items in blocks.items():
        if items:
            listed = "\n".join(f"- {item}" for item in items)
            paragraphs.append(f"**{heading}**\n\n{listed}")
    return "\n\n".join(paragraphs)


def judge(params: Params, it: Retrospective) -> tuple[Check, ...]:
    """The comment is needed; figures without data, and a velocity under its target, have no
    verdict."""
    lines = [shown(measure("rounds", "rounds", count(it.rounds), "journal"))]
    for one in it.measures:
        lines.append(_figure(params, one))
    lines += map(shown, _sentences("well", "went well", it.well, "journal and time tracking"))
    # no tick: what is to be done is not done
    lines += map(note, _sentences("improve", "to improve", it.improve, "journal, time and board"))
    lines += map(note, _sentences("focus", "next focus", it.focus, "board, open issues"))
    comment = text("on the ticket" if it.commented else "missing")
    lines.append(fact(measure("comment", "comment", comment, f"{it.key} comments"), it.commented))
    lines += strangers_checks(it.strangers, f"{it.key} comments")
    return tuple(lines)


def _figure(params: Params, one: Measure) -> Check:
    if one.id != run_figures.VELOCITY:
        return shown(one)
    target = at_least(params.velocity_target, "points")
    is_met = isinstance(one.figure, Quantity) and target.met(one.figure.value)
    return shown(one, is_met, target)


def _sentences(id_: str, label: str, sentences: tuple[str, ...], source: str) -> list[Measure]:
    measures = []
    for number, sentence in enumerate(sentences, start=1):
        measures.append(measure(id_, label, text(sentence), source, about=f"{number}"))
    return measures


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One comment."""
    key = needs.ticket.key
    write = plan_write("tracker", "comment", f"{key}: retrospective")
    return Foreseen((write,), {"key": key})


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
    evidence={
        "rounds": "how many rounds it took",
        **run_figures.EVIDENCE,
        "well": "one thing that went well, about its number",
        "improve": "one thing to improve, about its number",
        "focus": "one open issue to go on with, about its number",
        "comment": "that the ticket holds the retrospective",
        **STRANGERS_EVIDENCE,
    },
    project_parts=(),
)
