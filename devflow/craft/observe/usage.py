"""How people used what was deployed, from the append-only event log: shares of visitors, each with
what it counts.

A visitor is a random id of one browser, not a person. An action is ``view`` (the page was served),
``open`` (a tab was chosen), ``submit`` (a form was sent) or ``done`` (it succeeded).
"""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Callable, Final, Iterable, NamedTuple, Sequence

from pydantic import ConfigDict

from devflow.craft.observe.watching import sampled
from devflow.model.checks import Measure
from devflow.model.figures import Figure, Quantity, Was
from devflow.model.values import Value

# without an event: a new session; the usual cut in web analytics
SESSION_GAP: Final = timedelta(minutes=30)
ADOPTION: Final = "adoption"
DEVICES: Final = ("mobile", "tablet", "desktop")
EVIDENCE: Final = {
    "use": "share of visitors that used a feature, about it",
    "device": "share of visitors that came by a device, about it",
    "bounce": "share of visitors that did nothing but look",
    "conversion": "share of visitors that completed a form",
    "session": "mean time from the first to the last event of a session",
    ADOPTION: "share of visitors that used what the ticket brought",
}
BEFORE: Final = "before_"
"""What the id of a measure begins with that is of the time before the switch."""


class Group(NamedTuple):
    """Whose figures: what their ids and their labels begin with."""

    id: str
    label: str


REAL: Final = Group("", "")
SYNTHETIC: Final = Group("synthetic_", "synthetic visitors: ")
EARLIER: Final = {
    REAL: Group(BEFORE, "before the switch: "),
    SYNTHETIC: Group(f"{BEFORE}{SYNTHETIC.id}", "synthetic visitors before the switch: "),
}
"""The same visitors, in the time before the switch."""
SYNTHETIC_EVIDENCE: Final = {
    f"{SYNTHETIC.id}{id_}": f"the same of synthetic ones: {meaning}"
    for id_, meaning in EVIDENCE.items()
}


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
        use = _share(visits, _used((name,)), f"opened or sent {name}")
        measures.append(Measure(id="use", label=f"use of {name}", about=name, figure=use))
    for name in DEVICES:
        device = _share(visits, _on(name), f"last came by {name}")
        measures.append(Measure(id="device", label=f"on {name}", about=name, figure=device))
    bounce = _share(visits, _only_looked, "did nothing but look")
    conversion = _share(visits, _completed, "completed a form")
    measures.append(Measure(id="bounce", label="bounce", figure=bounce))
    measures.append(Measure(id="conversion", label="conversion", figure=conversion))
    measures.append(Measure(id="session", label="session", figure=_session(visits)))
    if adopted:
        names = " or ".join(adopted)
        adoption = _share(visits, _used(adopted), f"opened or sent {names}")
        measures.append(Measure(id=ADOPTION, label="adoption", figure=adoption))
    return tuple(measures)


def of_group(measures: Iterable[Measure], group: Group) -> list[Measure]:
    """The same figures as those of a group of visitors."""
    found = []
    for one in measures:
        names = {"id": f"{group.id}{one.id}", "label": f"{group.label}{one.label}"}
        found.append(one.model_copy(update=names))
    return found


def since_the_switch(measures: Iterable[Measure], min_samples: int) -> list[Measure]:
    """Those of the time since the switch, each with what it was before where that rests on enough
    visitors."""
    found = tuple(measures)
    by_id = {(one.id, one.about): one for one in found}
    since = []
    for one in found:
        if not one.id.startswith(BEFORE):
            before = by_id.get((f"{BEFORE}{one.id}", one.about))
            since.append(_against(one, before, min_samples))
    return since


def _against(one: Measure, before: Measure | None, min_samples: int) -> Measure:
    now = one.figure
    then = before.figure if before else None
    if not isinstance(now, Quantity) or not isinstance(then, Quantity):
        return one
    if then.samples is None or then.samples < min_samples:
        return one
    was = Was(value=then.value, at="before the switch", samples=then.samples)
    return one.model_copy(update={"figure": now.model_copy(update={"was": was})})


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


def _share(visits: Sequence[Visit], counts: Callable[[Visit], bool], meaning: str) -> Figure:
    """Which share of the visitors did it; ``meaning`` says in words what they did."""
    visitors = len(visits)
    users = sum(counts(visit) for visit in visits)
    share_pct = users / visitors * 100 if visitors else None
    return sampled(share_pct, "% of visitors", visitors, remark=f"{users} {meaning}")


def _session(visits: Sequence[Visit]) -> Figure:
    """Mean time from the first to the last event of a session; a session of one event has none and
    is left out."""
    lengths_s = []
    for visit in visits:
        for length_s in _lengths_s(visit):
            if length_s:
                lengths_s.append(length_s)
    count = len(lengths_s)
    mean_s = sum(lengths_s) / count if count else None
    return sampled(mean_s, "s", count, of="mean", remark="first to last event")


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
