"""How people used what was deployed, from the append-only event log: shares of visitors, each with
what it counts.

A visitor is a random id of one browser, not a person. An action is ``view`` (the page was served),
``open`` (a tab was chosen), ``submit`` (a form was sent) or ``done`` (it succeeded).
"""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Callable, Final, Iterable, Sequence

from pydantic import ConfigDict

from devflow.model.release import Measure
from devflow.model.values import Value
from devflow.model.wording import duration

# without an event: a new session; the usual cut in web analytics
SESSION_GAP: Final = timedelta(minutes=30)
ADOPTION: Final = "adoption"
DEVICES: Final = ("mobile", "tablet", "desktop")


class UsageEvent(Value):
    """One line of the log; what else a service says of it is not needed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    feature: str
    action: str
    visitor: str
    device: str
    synthetic: bool
    at: datetime

    @property
    def uses(self) -> bool:
        """Whether the visitor did more than look."""
        return self.action != "view"


Visit = Sequence[UsageEvent]


def figures(
    events: Iterable[UsageEvent], features: Sequence[str], adopted: Sequence[str]
) -> tuple[Measure, ...]:
    """The figures of a group of visitors; ``adopted`` are the features that the ticket brought."""
    visits = _visits(events)
    measures = []
    for name in features:
        users = _count(visits, _used((name,)))
        measures.append(_share(f"use of {name}", users, visits, f"opened or sent {name}"))
    for name in DEVICES:
        users = _count(visits, _on(name))
        measures.append(_share(f"on {name}", users, visits, f"last came by {name}"))
    users = _count(visits, _only_looked)
    measures.append(_share("bounce", users, visits, "did nothing but look"))
    users = _count(visits, _completed)
    measures.append(_share("conversion", users, visits, "completed a form"))
    measures.append(_session(visits))
    users = _count(visits, _used(adopted))
    names = " or ".join(adopted)
    measures.append(_share(ADOPTION, users, visits, f"opened or sent {names}"))
    return tuple(measures)


def against(
    measures: Iterable[Measure], before: Iterable[Measure], min_samples: int
) -> tuple[Measure, ...]:
    """With the figure of the time before the switch in the note, where that rests on enough
    visitors."""
    earlier = {}
    for measure in before:
        if measure.samples >= min_samples:
            earlier[measure.label] = measure
    return tuple(_compared(measure, earlier.get(measure.label)) for measure in measures)


def _compared(measure: Measure, before: Measure | None) -> Measure:
    if before is None or before.value is None or measure.value is None:
        return measure
    change = measure.value - before.value
    if measure.unit == "s":
        sign = "-" if change < 0 else "+"
        text = f"{sign}{duration(abs(change))} against {duration(before.value)}"
    else:
        text = f"{change:+.1f} against {before.value:.1f}"
    note = f"{measure.note}; {text} of {before.samples} before"
    return measure.model_copy(update={"note": note})


def _visits(events: Iterable[UsageEvent]) -> tuple[Visit, ...]:
    """The events of each visitor."""
    by_visitor: dict[str, list[UsageEvent]] = defaultdict(list)
    for event in events:
        by_visitor[event.visitor].append(event)
    return tuple(by_visitor.values())


def _used(features: Sequence[str]) -> Callable[[Visit], bool]:
    return lambda visit: any(event.uses and event.feature in features for event in visit)


def _on(device: str) -> Callable[[Visit], bool]:
    return lambda visit: max(visit, key=lambda event: event.id).device == device


def _only_looked(visit: Visit) -> bool:
    return not any(event.uses for event in visit)


def _completed(visit: Visit) -> bool:
    return any(event.action == "done" for event in visit)


def _count(visits: Sequence[Visit], counts: Callable[[Visit], bool]) -> int:
    return sum(counts(visit) for visit in visits)


def _share(label: str, users: int, visits: Sequence[Visit], meaning: str) -> Measure:
    count = len(visits)
    share = users / count * 100 if count else None
    note = f"{users} {meaning}"
    return Measure(label=label, value=share, unit="% of visitors", samples=count, note=note)


def _session(visits: Sequence[Visit]) -> Measure:
    """Mean time from the first to the last event of a session; a session of one event has none and
    is left out."""
    lengths_s = []
    for visit in visits:
        for length_s in _lengths_s(visit):
            if length_s:
                lengths_s.append(length_s)
    count = len(lengths_s)
    mean_s = sum(lengths_s) / count if count else None
    return Measure(
        label="session", value=mean_s, unit="s", samples=count, note="first to last event"
    )


def _lengths_s(visit: Visit) -> list[float]:
    """How long each session of a visitor lasted."""
    times = sorted(event.at for event in visit)
    lengths_s = [0.0]
    for earlier, later in pairwise(times):
        gap = later - earlier
        if gap > SESSION_GAP:
            lengths_s.append(0.0)
        else:
            lengths_s[-1] += gap.total_seconds()
    return lengths_s
