"""The figures of a retrospective, each from one source: journal, board, time tracking or pull
request.

A figure whose source has no data is there with ``value=None``; one whose source this pipeline lacks
is not there at all.
"""

from typing import Final

from devflow.craft.ticket.closing import efficiency_pct
from devflow.craft.observe.lessons import Lessons
from devflow.craft.ticket.sprint import is_story
from devflow.model.outcomes import Absent
from devflow.model.planning import Issue, SprintPlan
from devflow.model.release import Closure, Measure
from devflow.model.review import PullRequest
from devflow.model.wording import duration
from devflow.ports.code_host import CodeHostReads

VELOCITY: Final = "velocity"


def journal(learned: Lessons) -> tuple[Measure, ...]:
    """How often the work was sent back, which share of the tests was flaky, the time by phase and
    every wait, in seconds."""
    phases = (
        Measure(
            label=f"time in {phase}",
            value=seconds,
            unit="s",
            samples=1,
            source="journal, entries made",
        )
        for phase, seconds in learned.phase_s.items()
    )
    waits = (
        Measure(
            label=f"{wait.entry} waited for {wait.for_}",
            value=wait.seconds,
            unit="s",
            samples=1,
            source="journal, waits",
        )
        for wait in learned.waits
    )
    sent = Measure(
        label="sent back",
        value=len(learned.rework),
        unit="times",
        samples=learned.rounds,
        source="journal, send-backs",
    )
    flaky = Measure(
        label="flaky tests",
        value=len(learned.flaky),
        samples=learned.tested,
        source="journal, results of the suites",
    )
    return (sent, *([flaky] if learned.tested else []), *phases, *waits)


def sprint(plan: SprintPlan | Absent, together: tuple[Issue, ...]) -> tuple[Measure, ...]:
    """Velocity, stories and bugs of the sprint's issues as the board has them now."""
    if isinstance(plan, Absent):
        return ()
    done = [one for one in together if one.status_category == "done"]
    stories, bugs = [one for one in together if is_story(one)], [
        one for one in together if one.type == "Bug"
    ]
    board, points = f"board, {plan.sprint}", sum(one.points or 0.0 for one in done)
    return (
        Measure(label=VELOCITY, value=points, unit="points", samples=len(done), source=board),
        Measure(
            label="stories completed",
            value=sum(one in done for one in stories),
            samples=len(stories),
            source=board,
        ),
        Measure(label="bugs found", value=len(bugs), samples=len(together), source=board),
        Measure(
            label="bugs resolved",
            value=sum(one in done for one in bugs),
            samples=len(bugs),
            source=board,
        ),
    )


def time(closure: Closure | Absent) -> tuple[Measure, ...]:
    """Original estimate / time logged, in per cent."""
    if isinstance(closure, Absent):
        return ()
    pct = efficiency_pct(closure.estimate_s, closure.spent_s)
    return (
        Measure(
            label="estimate / logged",
            value=pct,
            unit="%",
            samples=1,
            source=f"{closure.key} time tracking",
        ),
    )


def threads(host: CodeHostReads, pull: PullRequest | Absent) -> tuple[Measure, ...]:
    """How many of the review threads are resolved."""
    if isinstance(pull, Absent):
        return ()
    found, source = host.threads(pull.number), f"pull request #{pull.number}"
    resolved = sum(thread.resolved for thread in found)
    return (
        Measure(label="review threads resolved", value=resolved, samples=len(found), source=source),
    )


def shown(one: Measure) -> str:
    """The figure as a person reads it; without a unit it is a count out of its samples."""
    if one.value is None:
        return "not enough data"
    if one.unit == "s":
        return duration(one.value)
    number = f"{one.value:.0f}" if abs(one.value) >= 100 else f"{one.value:.3g}"
    return f"{number} {one.unit}" if one.unit else f"{number} of {one.samples}"
