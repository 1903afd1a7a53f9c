"""What the journal of a run teaches: rounds, rework, failures, flaky tests, waits and time by
phase, and what follows.

A wait lasts from when an entry first waited until it was settled, however often it was asked
meanwhile; the time of a phase is only what ``make`` took.
"""

from collections import Counter
from datetime import datetime
from typing import Final, Iterable, Iterator, Mapping, Sequence

from devflow.model.wording import duration, one_line
from devflow.craft.suites.suite import results_in
from devflow.model.checks import Status, why
from devflow.model.events import Broke, Event, Recorded, SentBack, Started, Waited
from devflow.model.values import Value

PHASES: Final[Mapping[str, str]] = {
    "planning": "ticket sprint_planning assignment requirements architecture",
    "development": "branch coding local_tests pre_commit commit push",
    "review": "pull_request code_review jira_sync",
    "ci": "trigger quality backend_tests frontend_tests integration",
    "build": "images publish analysis smoke",
    "deploy": "development production",
    "operate": "monitoring closure analytics retrospective",
}
_PHASE_OF: Final = {step: phase for phase, steps in PHASES.items() for step in steps.split()}
_SHOWN: Final = 3  # of each kind; a retrospective that lists everything is read by nobody


class Wait(Value):
    """One entry that waited for somebody or something, in seconds."""

    entry: str
    for_: str
    seconds: float


class Rework(Value):
    """One time that an entry sent the work back."""

    entry: str
    to: str
    why: str


class Failure(Value):
    """A failure met on the way, with how often it came."""

    entry: str
    what: str
    times: int


class Flaky(Value):
    """A test that failed and then passed on the same tree, how often it did so, and why it failed
    first."""

    suite: str
    test: str
    why: str
    times: int


class Lessons(Value):
    """What the journal says; ``phase_s`` are seconds of ``make`` by phase, ``recorded`` how many
    results there are, ``tested`` how many tests."""

    rounds: int
    recorded: int
    waits: tuple[Wait, ...]
    rework: tuple[Rework, ...]
    failures: tuple[Failure, ...]
    flaky: tuple[Flaky, ...]
    tested: int
    phase_s: dict[str, float]


def learn(events: Sequence[Event], now: datetime) -> Lessons:
    """Reads the lessons out of a run's events; a wait that is still open lasts until ``now``."""
    failed = Counter(pair for event in events if (pair := _failure(event)))
    made = [event for event in events if isinstance(event, Recorded) and event.by == "make"]
    phase_s: dict[str, float] = {}
    for event in made:
        phase = _PHASE_OF.get(event.step, "other")
        phase_s[phase] = phase_s.get(phase, 0.0) + event.duration_s
    sent = [event for event in events if isinstance(event, SentBack)]
    cases = [case for event in made for case in _cases(event)]
    return Lessons(
        rounds=max((event.round for event in events if isinstance(event, Started)), default=1),
        recorded=len(made),
        waits=tuple(sorted(_waits(events, now), key=lambda wait: -wait.seconds)),
        rework=tuple(
            Rework(entry=one.entry, to=one.send_back.to, why=one_line(one.send_back.why))
            for one in sent
        ),
        failures=tuple(
            Failure(entry=entry, what=what, times=times)
            for (entry, what), times in failed.most_common()
        ),
        flaky=_flaky(cases),
        tested=len({(suite, test) for suite, test, _, _ in cases}),
        phase_s=phase_s,
    )


def _cases(event: Recorded) -> Iterator[tuple[str, str, str, str]]:
    """Suite, test, outcome and message of each case that an entry recorded."""
    for result in results_in(event.product or {}):
        for case in result["cases"]:
            yield result["suite"], case["name"], case["outcome"], case["message"]


def _flaky(cases: Iterable[tuple[str, str, str, str]]) -> tuple[Flaky, ...]:
    found = [(suite, test, said) for suite, test, outcome, said in cases if outcome == "flaky"]
    times = Counter((suite, test) for suite, test, _ in found)
    first = {(suite, test): one_line(said) for suite, test, said in reversed(found)}
    return tuple(
        Flaky(suite=one[0], test=one[1], why=first[one], times=count)
        for one, count in times.most_common()
    )


def _failure(event: Event) -> tuple[str, str] | None:
    if isinstance(event, Broke):
        return event.entry, one_line(event.message)
    if isinstance(event, Recorded) and event.status is Status.FAILED:
        return event.entry, one_line(why(event.checks))
    return None


def _waits(events: Iterable[Event], now: datetime) -> Iterable[Wait]:
    waiting: dict[str, tuple[datetime, str]] = {}
    for event in events:
        if isinstance(event, Waited):
            waiting.setdefault(event.entry, (event.at, event.waiting.for_))
        elif isinstance(event, (Recorded, SentBack, Broke)) and event.entry in waiting:
            since, for_ = waiting.pop(event.entry)
            yield Wait(entry=event.entry, for_=for_, seconds=(event.at - since).total_seconds())
    for entry, (since, for_) in waiting.items():
        yield Wait(entry=entry, for_=for_, seconds=(now - since).total_seconds())


def went_well(lessons: Lessons) -> tuple[str, ...]:
    """What the journal shows to have gone well."""
    said = []
    if not lessons.rework:
        said.append("nothing was sent back: done in one round")
    if lessons.recorded and not lessons.failures:
        said.append(f"no check failed on the way, in {lessons.recorded} results")
    return tuple(said)


def to_improve(lessons: Lessons) -> tuple[str, ...]:
    """What the journal shows to have cost time: the first of each kind, the most costly first."""
    back = (
        f"{one.entry} sent the work back to {one.to}: {one.why}" for one in lessons.rework[:_SHOWN]
    )
    failed = (f"{one.entry} failed {one.times} x: {one.what}" for one in lessons.failures[:_SHOWN])
    flaky = (
        f"{one.test} of {one.suite} was flaky {one.times} x: {one.why}"
        for one in lessons.flaky[:_SHOWN]
    )
    worked_s = sum(lessons.phase_s.values())
    slow = (wait for wait in lessons.waits[:_SHOWN] if wait.seconds > worked_s)
    waited = (
        f"{one.entry} waited {duration(one.seconds)} for {one.for_}, all steps ran {duration(worked_s)}"
        for one in slow
    )
    return (*back, *failed, *flaky, *waited)
