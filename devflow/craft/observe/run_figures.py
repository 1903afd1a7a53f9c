"""The figures of a retrospective, each from one source: journal, board, time tracking or pull
request.

A figure whose source has no data is there with ``value=None``; one whose source this pipeline lacks
is not there at all.
"""

from typing import Final

from devflow.craft.observe.lessons import Lessons
from devflow.craft.observe.watching import amount
from devflow.craft.ticket.closing import efficiency_pct
from devflow.craft.ticket.sprint import is_story
from devflow.model.outcomes import Absent
from devflow.model.planning import Issue, SprintPlan
from devflow.model.release import Closure, Measure
from devflow.model.review import PullRequest
from devflow.ports.code_host import CodeHostReads

VELOCITY: Final = "velocity"


def journal(learned: Lessons) -> tuple[Measure, ...]:
    """How often the work was sent back, which share of the tests was flaky, the time by phase and
    every wait, in seconds."""
    rework = len(learned.rework)
    measures = [
        Measure(
            label="sent back",
            value=rework,
            unit="times",
            samples=learned.rounds,
            source="journal, send-backs",
        )
    ]
    if learned.tested:
        source = "journal, results of the suites"
        measures.append(_out_of("flaky tests", len(learned.flaky), learned.tested, source))
    for phase, seconds in learned.phase_s.items():
        measures.append(_time(f"time in {phase}", seconds, "journal, entries made"))
    for wait in learned.waits:
        label = f"{wait.entry} waited for {wait.for_}"
        measures.append(_time(label, wait.seconds, "journal, waits"))
    return tuple(measures)


def sprint(plan: SprintPlan | Absent, together: tuple[Issue, ...]) -> tuple[Measure, ...]:
    """Velocity, stories and bugs of the sprint's issues as the board has them now."""
    if isinstance(plan, Absent):
        return ()
    source = f"board, {plan.sprint}"
    done = [issue for issue in together if _is_done(issue)]
    points = sum(issue.points or 0.0 for issue in done)
    stories = [issue for issue in together if is_story(issue)]
    stories_done = sum(_is_done(issue) for issue in stories)
    bugs = [issue for issue in together if issue.type == "Bug"]
    bugs_done = sum(_is_done(issue) for issue in bugs)
    return (
        Measure(label=VELOCITY, value=points, unit="points", samples=len(done), source=source),
        _out_of("stories completed", stories_done, len(stories), source),
        _out_of("bugs found", len(bugs), len(together), source),
        _out_of("bugs resolved", bugs_done, len(bugs), source),
    )


def time(closure: Closure | Absent) -> tuple[Measure, ...]:
    """Original estimate / time logged, in per cent."""
    if isinstance(closure, Absent):
        return ()
    pct = efficiency_pct(closure.estimate_s, closure.spent_s)
    source = f"{closure.key} time tracking"
    return (Measure(label="estimate / logged", value=pct, unit="%", samples=1, source=source),)


def threads(host: CodeHostReads, pull: PullRequest | Absent) -> tuple[Measure, ...]:
    """How many of the review threads are resolved."""
    if isinstance(pull, Absent):
        return ()
    of_pull = host.threads(pull.number)
    resolved = sum(thread.resolved for thread in of_pull)
    source = f"pull request #{pull.number}"
    return (_out_of("review threads resolved", resolved, len(of_pull), source),)


def _is_done(issue: Issue) -> bool:
    return issue.status_category == "done"


def _out_of(label: str, count: int, samples: int, source: str) -> Measure:
    """A count without a unit, which is shown with what it is counted out of."""
    return Measure(label=label, value=count, samples=samples, source=source)


def _time(label: str, seconds: float, source: str) -> Measure:
    return Measure(label=label, value=seconds, unit="s", samples=1, source=source)


def shown(one: Measure) -> str:
    """The figure as a person reads it; without a unit it is a count out of its samples."""
    if one.value is None:
        return "not enough data"
    text = amount(one.value, one.unit)
    return text if one.unit else f"{text} of {one.samples}"
