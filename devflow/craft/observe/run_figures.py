"""The figures of a retrospective, each from one source: journal, board, time tracking or pull
request.

A figure whose source has no data is there as missing; one whose source this pipeline lacks is not
there at all.
"""

from collections import Counter
from typing import Final

from devflow.craft.observe.lessons import Lessons, Wait
from devflow.craft.ticket.closing import efficiency
from devflow.craft.ticket.sprint import is_story
from devflow.model.checks import Measure, measure
from devflow.model.figures import Figure, absent, count, quantity
from devflow.model.outcomes import Absent
from devflow.model.planning import Issue, SprintPlan
from devflow.model.release import Closure
from devflow.model.review import PullRequest
from devflow.ports.code_host import CodeHostReads

VELOCITY: Final = "velocity"
EVIDENCE: Final = {
    "sent_back": "how often the work was sent back",
    "flaky_tests": "flaky tests out of those that ran",
    "phase_time": "how long the steps of a phase ran in all rounds, side by side once, about it",
    "wait_time": "how long an entry waited, about it; its next longest wait is about it and 2",
    VELOCITY: "points of the sprint's issues that are done",
    "stories_completed": "stories that are done out of the sprint's",
    "bugs_found": "bugs out of the sprint's issues",
    "bugs_resolved": "bugs that are done out of the sprint's",
    "efficiency": "original estimate / time logged",
    "threads_resolved": "review threads that are resolved out of all",
}


def journal(learned: Lessons) -> tuple[Measure, ...]:
    """How often the work was sent back, which share of the tests was flaky, the time by phase and
    every wait, in seconds."""
    sent_back = count(len(learned.rework), "time")
    measures = [measure("sent_back", "sent back", sent_back, "journal, send-backs")]
    if learned.tested:
        source = "journal, results of the suites"
        flaky = count(len(learned.flaky), of=learned.tested)
        measures.append(measure("flaky_tests", "flaky tests", flaky, source))
    for phase, seconds in learned.phase_s.items():
        time_s = quantity(seconds, "s")
        label = f"time in {phase}"
        measures.append(measure("phase_time", label, time_s, "journal, entries made", about=phase))
    return (*measures, *_waits(learned.waits))


def _waits(waits: tuple[Wait, ...]) -> list[Measure]:
    measures = []
    nth: Counter[str] = Counter()
    for wait in waits:
        entry = wait.entry
        nth[entry] += 1
        about = entry if nth[entry] == 1 else f"{entry} {nth[entry]}"
        label = f"{entry} waited for {wait.for_}"
        time_s = quantity(wait.seconds, "s")
        measures.append(measure("wait_time", label, time_s, "journal, waits", about=about))
    return measures


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
        measure(VELOCITY, "velocity", quantity(points, "points"), source),
        measure(
            "stories_completed",
            "stories completed",
            _of(stories_done, len(stories), "no story"),
            source,
        ),
        measure("bugs_found", "bugs found", _of(len(bugs), len(together), "no issue"), source),
        measure("bugs_resolved", "bugs resolved", _of(bugs_done, len(bugs), "no bug"), source),
    )


def _of(n: int, all_: int, none: str) -> Figure:
    """So many out of all; out of none it is no figure."""
    return count(n, of=all_) if all_ else absent(none, "nothing")


def time(closure: Closure | Absent) -> tuple[Measure, ...]:
    """Original estimate / time logged, in per cent."""
    if isinstance(closure, Absent):
        return ()
    share = efficiency(closure.estimate_s, closure.spent_s)
    source = f"{closure.key} time tracking"
    return (measure("efficiency", "estimate / logged", share, source),)


def threads(host: CodeHostReads, pull: PullRequest | Absent) -> tuple[Measure, ...]:
    """How many of the review threads are resolved."""
    if isinstance(pull, Absent):
        return ()
    of_pull = host.threads(pull.number)
    resolved = sum(thread.resolved for thread in of_pull)
    threads_resolved = _of(resolved, len(of_pull), "no thread")
    source = f"pull request #{pull.number}"
    return (measure("threads_resolved", "review threads resolved", threads_resolved, source),)


def _is_done(issue: Issue) -> bool:
    return issue.status_category == "done"
