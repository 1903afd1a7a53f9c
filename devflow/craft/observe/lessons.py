"""What the journal of a run teaches: rounds, rework, failures, flaky tests, waits and time by
phase, and what follows.

A wait lasts from when an entry waited until it was taken up again; one that then waits for the same
again goes on with it, until it is settled or sent back. The time of a phase is that of every
attempt of its entries, however it ended, and what ran side by side counts once, as on the screens.
A command that ended ill is a failure also where no check said no.
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
    Damaged,
    Event,
    Opened,
    Recorded,
    SentBack,
    Started,
    Waited,
)
from devflow.model.times.spans import wall_s
from devflow.model.times.waits import OpenWait, Waits
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
    """What the journal says; ``phase_s`` are seconds by phase, ``recorded`` how many
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
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry, at, lasted_s in _attempts(events):
        end = at.timestamp()
        spans[phases.get(entry, OTHER)].append((end - lasted_s, end))
    return {phase: wall_s(of_phase) for phase, of_phase in spans.items()}


def _attempts(events: Iterable[Event]) -> Iterator[tuple[str, datetime, float]]:
    """Every attempt with its entry, its end and its seconds; one that a kill ended has no end."""
    began: dict[str, datetime] = {}
    for event in events:
        if isinstance(event, Opened):
            began.clear()
        elif isinstance(event, Started):
            began[event.entry] = event.at
        elif isinstance(event, Recorded) and event.by == "make":
            began.pop(event.entry, None)
            yield event.entry, event.at, event.duration_s
        elif isinstance(event, (Waited, SentBack, Broke)) and event.entry in began:
            lasted = event.at - began.pop(event.entry)
            yield event.entry, event.at, lasted.total_seconds()


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
    seconds: dict[tuple[str, int, str], float] = defaultdict(float)
    for entry, settled, wait, until in _ended_waits(events, now):
        seconds[(entry, settled, wait.for_)] += (until - wait.since).total_seconds()
    for (entry, _, for_), waited_s in seconds.items():
        yield Wait(entry=entry, for_=for_, seconds=waited_s)


def _ended_waits(
    events: Iterable[Event], now: datetime
) -> Iterator[tuple[str, int, OpenWait, datetime]]:
    """Every wait with its entry, how often that was settled before, and its end; what is lost in a
    gap of the journal has none."""
    waits = Waits()
    settled: Counter[str] = Counter()
    for event in events:
        before = waits.open
        waits = waits.after(event)
        if not isinstance(event, Damaged):
            for entry in before.keys() - waits.open.keys():
                yield entry, settled[entry], before[entry], event.at
        settled.update(_settled(event))
    for entry, wait in waits.open.items():
        yield entry, settled[entry], wait, now


def _settled(event: Event) -> tuple[str, ...]:
    """The entries that are asked for something else from now on: one that was sent back has its
    work before it."""
    if isinstance(event, SentBack):
        return (event.entry, *event.entries)
    return (event.entry,) if isinstance(event, (Recorded, Broke)) else ()


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
