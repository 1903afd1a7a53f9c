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

SESSION_GAP: Final = timedelta(
    minutes=30
)  # without an event: a new session; the usual cut in web analytics
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
    """The figures of one group of visitors; ``adopted`` are the features that the ticket brought."""
    by_visitor: dict[str, list[UsageEvent]] = defaultdict(list)
    for event in events:
        by_visitor[event.visitor].append(event)
    visits = tuple(by_visitor.values())
    return (
        *(
            _share(f"use of {name}", visits, _used((name,)), f"opened or sent {name}")
            for name in features
        ),
        *(_share(f"on {name}", visits, _on(name), f"last came by {name}") for name in DEVICES),
        _share(
            "bounce",
            visits,
            lambda visit: not any(event.uses for event in visit),
            "did nothing but look",
        ),
        _share(
            "conversion",
            visits,
            lambda visit: any(event.action == "done" for event in visit),
            "completed a form",
        ),
        _session(visits),
        _share(ADOPTION, visits, _used(adopted), f"opened or sent {' or '.join(adopted)}"),
    )


def against(
    measures: Iterable[Measure], before: Iterable[Measure], min_samples: int
) -> tuple[Measure, ...]:
    """With the figure of the time before the switch in the note, where that rests on enough
    visitors."""
    known = {
        one.label: one for one in before if one.value is not None and one.samples >= min_samples
    }
    return tuple(_compared(one, known.get(one.label)) for one in measures)


def _compared(measure: Measure, before: Measure | None) -> Measure:
    if before is None or before.value is None or measure.value is None:
        return measure
    change = (
        f"{measure.value - before.value:+.1f} against {before.value:.1f} of {before.samples} before"
    )
    return measure.model_copy(update={"note": f"{measure.note}; {change}"})


def _used(features: Sequence[str]) -> Callable[[Visit], bool]:
    return lambda visit: any(event.uses and event.feature in features for event in visit)


def _on(device: str) -> Callable[[Visit], bool]:
    return lambda visit: max(visit, key=lambda event: event.id).device == device


def _share(
    label: str, visits: Sequence[Visit], counts: Callable[[Visit], bool], meaning: str
) -> Measure:
    hits = sum(counts(visit) for visit in visits)
    share = hits / len(visits) * 100 if visits else None
    return Measure(
        label=label,
        value=share,
        unit="% of visitors",
        samples=len(visits),
        note=f"{hits} {meaning}",
    )


def _session(visits: Sequence[Visit]) -> Measure:
    """Mean time from the first to the last event of a session; a session of one event has none and
    is left out."""
    lasted_s = [length for visit in visits for length in _lengths_s(visit) if length]
    mean = sum(lasted_s) / len(lasted_s) / 60 if lasted_s else None
    return Measure(
        label="session", value=mean, unit="min", samples=len(lasted_s), note="first to last event"
    )


def _lengths_s(visit: Visit) -> list[float]:
    times = sorted(event.at for event in visit)
    lengths = [0.0]
    for earlier, later in pairwise(times):
        if later - earlier > SESSION_GAP:
            lengths.append(0.0)
        else:
            lengths[-1] += (later - earlier).total_seconds()
    return lengths
