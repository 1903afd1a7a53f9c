"""What the journal of a run teaches: rounds, rework, failures, flaky tests, waits and time by
phase, and what follows.

A wait lasts from when an entry first waited until it was settled or sent back, however often it was
asked meanwhile; the time of a phase is what every attempt of its entries took, however it ended. A
command that ended ill is a failure also where no check said no.
"""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Final, Iterable, Iterator, Mapping, NamedTuple, Sequence

from devflow.craft.suites.suite import results_in
from devflow.model.checks import Status, why
from devflow.model.errors import GateWaiting
from devflow.model.events import (
    Broke,
    Closed,
    Event,
    Opened,
    Recorded,
    SentBack,
    Started,
    Waited,
)
from devflow.model.values import Value
from devflow.model.wording import duration, one_line

OTHER: Final = "other"
"""The phase of an entry that the pipeline does not have any more."""
_SHOWN: Final = 3  # of each kind; a retrospective that lists everything is read by nobody
_BY_SIGNALS: Final = 128  # from here on an exit code says that somebody has interrupted the command


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


class Stop(Value):
    """A command that ended without a failure that anything recorded, and was not through: what it
    needed was missing, or a person said no. ``times`` is how often it ended so."""

    exit_code: int
    why: str
    times: int


class Flaky(Value):
    """A test that failed and then passed on the same tree, how often it did so, and why it failed
    first."""

    suite: str
    test: str
    why: str
    times: int


class Lessons(Value):
    """What the journal says; ``phase_s`` are seconds of attempts by phase, ``recorded`` how many
    results there are, ``tested`` how many tests."""

    rounds: int
    recorded: int
    waits: tuple[Wait, ...]
    rework: tuple[Rework, ...]
    failures: tuple[Failure, ...]
    stops: tuple[Stop, ...] = ()
    flaky: tuple[Flaky, ...]
    tested: int
    phase_s: dict[str, float]


class _CaseRun(NamedTuple):
    """One outcome of one test, with its message."""

    suite: str
    test: str
    outcome: str
    message: str


class _OpenWait(NamedTuple):
    """Since when an entry waits, and for whom."""

    since: datetime
    for_: str


def learn(events: Sequence[Event], now: datetime, phases: Mapping[str, str]) -> Lessons:
    """Reads the lessons out of a run's events; a wait that is still open lasts until ``now``.

    ``phases`` is the phase of each entry, by the entry's name.
    """
    results = [event for event in events if isinstance(event, Recorded) and event.by == "make"]
    rounds = [event.round for event in events if isinstance(event, Started)]
    case_runs: list[_CaseRun] = []
    for result in results:
        case_runs += _case_runs(result)
    tests = {(one.suite, one.test) for one in case_runs}
    waits = sorted(_waits(events, now), key=lambda wait: -wait.seconds)
    return Lessons(
        rounds=max(rounds, default=1),
        recorded=len(results),
        waits=tuple(waits),
        rework=_rework(events),
        failures=_failures(events),
        stops=_stops(events),
        flaky=_flaky(case_runs),
        tested=len(tests),
        phase_s=_phase_s(events, phases),
    )


def _phase_s(events: Iterable[Event], phases: Mapping[str, str]) -> dict[str, float]:
    """An attempt that a kill ended has no end, and no time."""
    seconds: dict[str, float] = defaultdict(float)
    began: dict[str, datetime] = {}
    for event in events:
        if isinstance(event, Opened):
            began.clear()
        elif isinstance(event, Started):
            began[event.entry] = event.at
        elif isinstance(event, Recorded) and event.by == "make":
            began.pop(event.entry, None)
            seconds[phases.get(event.entry, OTHER)] += event.duration_s
        elif isinstance(event, (Waited, SentBack, Broke)) and event.entry in began:
            lasted = event.at - began.pop(event.entry)
            seconds[phases.get(event.entry, OTHER)] += lasted.total_seconds()
    return dict(seconds)


def _rework(events: Iterable[Event]) -> tuple[Rework, ...]:
    rework = []
    for event in events:
        if isinstance(event, SentBack):
            reason = one_line(event.send_back.why)
            rework.append(Rework(entry=event.entry, to=event.send_back.to, why=reason))
    return tuple(rework)


def _case_runs(event: Recorded) -> Iterator[_CaseRun]:
    """Every case that an entry recorded."""
    for result in results_in(event.product or {}):
        suite = result["suite"]
        for case in result["cases"]:
            yield _CaseRun(suite, case["name"], case["outcome"], case["message"])


def _flaky(case_runs: Iterable[_CaseRun]) -> tuple[Flaky, ...]:
    times: Counter[tuple[str, str]] = Counter()
    first_message: dict[tuple[str, str], str] = {}
    for one in case_runs:
        if one.outcome != "flaky":
            continue
        test = (one.suite, one.test)
        times[test] += 1
        first_message.setdefault(test, one_line(one.message))
    flaky = []
    for test, count in times.most_common():
        suite, name = test
        flaky.append(Flaky(suite=suite, test=name, why=first_message[test], times=count))
    return tuple(flaky)


def _failures(events: Iterable[Event]) -> tuple[Failure, ...]:
    times: Counter[tuple[str, str]] = Counter()
    for event in events:
        if isinstance(event, Broke):
            times[(event.entry, one_line(event.message))] += 1
        elif isinstance(event, Recorded) and event.status is Status.FAILED:
            times[(event.entry, one_line(why(event.checks)))] += 1
    failures = []
    for (entry, what), count in times.most_common():
        failures.append(Failure(entry=entry, what=what, times=count))
    return tuple(failures)


def _is_failure(event: Event) -> bool:
    """Whether it says that something failed, and so why the command will end."""
    is_red = isinstance(event, Recorded) and event.status is Status.FAILED
    return is_red or isinstance(event, Broke)


def _ended_ill(event: Closed) -> bool:
    code = event.exit_code
    return code not in (0, GateWaiting.exit_code) and code < _BY_SIGNALS


def _stops(events: Iterable[Event]) -> tuple[Stop, ...]:
    times: Counter[tuple[int, str]] = Counter()
    has_failed = False
    for event in events:
        if isinstance(event, Opened):
            has_failed = False
        elif _is_failure(event):
            has_failed = True
        elif isinstance(event, Closed) and _ended_ill(event) and not has_failed:
            times[(event.exit_code, one_line(event.why))] += 1
    stops = []
    for (exit_code, reason), count in times.most_common():
        stops.append(Stop(exit_code=exit_code, why=reason, times=count))
    return tuple(stops)


def _waits(events: Iterable[Event], now: datetime) -> Iterator[Wait]:
    waiting: dict[str, _OpenWait] = {}
    for event in events:
        if isinstance(event, Waited):
            waiting.setdefault(event.entry, _OpenWait(event.at, event.waiting.for_))
        for entry in _settled(event):
            if entry in waiting:
                yield _wait(entry, waiting.pop(entry), event.at)
    for entry, still_open in waiting.items():
        yield _wait(entry, still_open, now)


def _settled(event: Event) -> tuple[str, ...]:
    """The entries that do not wait any more: one that was sent back has its work before it."""
    if isinstance(event, SentBack):
        return (event.entry, *event.entries)
    return (event.entry,) if isinstance(event, (Recorded, Broke)) else ()


def _wait(entry: str, of: _OpenWait, until: datetime) -> Wait:
    lasted = until - of.since
    return Wait(entry=entry, for_=of.for_, seconds=lasted.total_seconds())


def went_well(lessons: Lessons) -> tuple[str, ...]:
    """What the journal shows to have gone well."""
    sentences = []
    if not lessons.rework:
        sentences.append("nothing was sent back: done in one round")
    if lessons.recorded and not lessons.failures and not lessons.stops:
        sentences.append(f"no check failed on the way, in {lessons.recorded} results")
    return tuple(sentences)


def to_improve(lessons: Lessons) -> tuple[str, ...]:
    """What the journal shows to have cost time: the first of each kind, the most costly first."""
    sentences = []
    for back in lessons.rework[:_SHOWN]:
        sentences.append(f"{back.entry} sent the work back to {back.to}: {back.why}")
    for failure in lessons.failures[:_SHOWN]:
        sentences.append(f"{failure.entry} failed {failure.times} x: {failure.what}")
    for stop in lessons.stops[:_SHOWN]:
        sentences.append(f"a command ended with exit {stop.exit_code} {stop.times} x: {stop.why}")
    for test in lessons.flaky[:_SHOWN]:
        name = f"{test.test} of {test.suite}"
        sentences.append(f"{name} was flaky {test.times} x: {test.why}")
    ran_s = sum(lessons.phase_s.values())
    for wait in lessons.waits[:_SHOWN]:
        # shorter than the work itself, nobody would notice it
        if wait.seconds > ran_s:
            waited = f"{wait.entry} waited {duration(wait.seconds)} for {wait.for_}"
            sentences.append(f"{waited}, all steps ran {duration(ran_s)}")
    return tuple(sentences)
