"""Step 28: how people used what was deployed, since the switch and against the time before it, from
the service's event log.

Visitors that a demonstration made are counted apart and shown as synthetic; the target is only ever
held against real ones. What has no services has no such log, and the step is skipped.
"""

import json
from dataclasses import dataclass
from typing import Final, Iterator

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from devflow.craft.deploy.environments import watched
from devflow.craft.examine.services import DEPLOYED
from devflow.craft.observe import figures, usage
from devflow.craft.observe.watching import line
from devflow.model.bounds.numbers import Percent, PositiveNumber
from devflow.model.bounds.places import UrlPathOrNone
from devflow.model.bounds.references import ServiceNameOrNone
from devflow.model.bounds.words import Line
from devflow.model.checks import Check, Measure, at_least, fact, measure
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.figures import Count
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import Analytics, Deployment, Monitoring, Production
from devflow.model.values import Limit, Value
from devflow.ports.around import Around
from devflow.ports.web import Web
from devflow.step import Step, Tools, Turn

PAGE_SIZE: Final = 1000  # events a request; the bundled service gives at most 10,000
MAX_PAGES: Final = 100  # so that a log without end is cut off, and said so
EVENTS: Final = TypeAdapter(tuple[usage.UsageEvent, ...], config=ConfigDict(defer_build=True))

_NO_LOG: Final = "the service that keeps an event log and the log's path are not named"
_NAME_LOG: Final = (
    "analytics: {with: {service: NAME, path: /PATH, features: [NAME], adopted: [NAME]}}"
)

Events = tuple[usage.UsageEvent, ...]


class Params(Value):
    """Where the event log is, what is counted in it, and what adoption is held to."""

    service: ServiceNameOrNone = Field(
        default="", description="the service that keeps the event log; there is none where empty"
    )
    path: UrlPathOrNone = Field(default="", description="the log's path at that service")
    features: tuple[Line, ...] = Field(
        default=(), description="the features, such as tabs, whose use is counted"
    )
    adopted: tuple[Line, ...] = Field(
        default=(), description="the features that the ticket brought, whose use is its adoption"
    )
    adoption_pct: Limit[Percent] = Field(default=60.0, description="% of visitors")
    min_visitors: Limit[PositiveNumber] = Field(
        default=20, description="visitors; below that one visitor is more than 5 %"
    )

    @property
    def names_log(self) -> bool:
        """Whether there is a log to read."""
        return bool(self.service and self.path)


@dataclass(frozen=True)
class Needs:
    """Where it runs, and what was measured of its pages."""

    production: Production | Absent
    development: Deployment | Absent
    monitoring: Monitoring | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Analytics | Absent:
    """Reads the whole log and counts; ``Absent`` where it cannot be read."""
    place = watched(needs.production, needs.development)
    if isinstance(place, Absent):
        return place
    if not params.names_log:
        return Absent(kind="unavailable", why=f"{_NO_LOG}: {_NAME_LOG}")
    name, version = place
    environment = tools.deploys.environment(name)
    url = _log_url(params, environment)
    if environment is None or not url:
        return Absent(kind="unavailable", why=f"no {params.service} runs in {name}")
    events = _read(tools.web, url)
    if isinstance(events, Absent):
        return events
    real = tuple(event for event in events if not event.synthetic)
    synthetic = tuple(event for event in events if event.synthetic)
    measures = _figures(params, environment, real, usage.REAL)
    if synthetic:
        measures += _figures(params, environment, synthetic, usage.SYNTHETIC)
    from_log = tuple(one.model_copy(update={"source": url}) for one in measures)
    return Analytics(
        environment=name,
        version=version,
        measures=from_log + _page_loads(needs.monitoring),
        real=_visitors(real),
        synthetic=_visitors(synthetic),
    )


def _log_url(params: Params, environment: Environment | None) -> str:
    if environment is None:
        return ""
    for running in environment.services:
        if running.service == params.service:
            return f"{running.url}{params.path}"
    return ""


def _read(web: Web, url: str) -> Events | Absent:
    events: Events = ()
    for _ in range(MAX_PAGES):
        # the log grows while it is read, so that pages go by id and not by number
        last_id = events[-1].id if events else 0
        answer = web.get(f"{url}?after_id={last_id}&limit={PAGE_SIZE}")
        if answer.status != 200:
            problem = answer.problem or f"status {answer.status}"
            return Absent(kind="unavailable", why=f"{url}: {problem}")
        try:
            body = json.loads(answer.body)
            page = EVENTS.validate_python(body["events"])
        except (ValueError, KeyError, TypeError, ValidationError):
            return Absent(kind="unavailable", why=f"{url} does not answer with events")
        events += page
        if len(page) < PAGE_SIZE:
            return events
    return Absent(kind="unavailable", why=f"{url} holds more than {MAX_PAGES * PAGE_SIZE} events")


def _figures(
    params: Params, environment: Environment, events: Events, group: usage.Group
) -> list[Measure]:
    """The group's figures since the switch, and apart from them those of the time before it."""
    since = environment.since
    before: list[usage.UsageEvent] = []
    after: list[usage.UsageEvent] = []
    for event in events:
        if since is not None and event.at < since:
            before.append(event)
        else:
            after.append(event)
    measures: list[Measure] = []
    for of, counted in ((group, after), (usage.EARLIER[group], before)):
        measures += usage.of_group(usage.figures(counted, params.features, params.adopted), of)
    return measures


def _visitors(events: Events) -> int:
    return len({event.visitor for event in events})


def _page_loads(monitoring: Monitoring | Absent) -> tuple[Measure, ...]:
    if isinstance(monitoring, Absent):
        return ()
    return tuple(one for one in monitoring.measures if one.id == figures.PAGE)


def judge(params: Params, it: Analytics) -> tuple[Check, ...]:
    """The target holds for real visitors; everything else is shown."""
    source = it.measures[0].source if it.measures else params.path
    synthetic = f"{it.synthetic} synthetic"
    counted = Count(kind="count", n=it.real, noun="real", many="real", note=synthetic)
    lines = [fact(measure("visitors", "visitors", counted, source), True)]
    target = at_least(params.adoption_pct, "% of visitors")
    for one in usage.since_the_switch(it.measures, params.min_visitors):
        # of real visitors: those that a demonstration made have an id of their own
        bound = target if one.id == usage.ADOPTION else None
        lines.append(line(one, bound, params.min_visitors))
    return tuple(lines)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """An event log, where anything is deployed that could keep one."""
    is_deployed = around.project.services and not around.given.isdisjoint(DEPLOYED)
    if is_deployed and not params.names_log:
        yield Needed(about="event log", here=False, found=_NO_LOG, remedy=_NAME_LOG)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """It only reads."""
    return Foreseen()


STEP = Step(
    name="analytics",
    title="Analytics",
    params=Params,
    needs=Needs,
    makes=Analytics,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    number=28,
    evidence={
        "visitors": "how many real visitors there were, and synthetic ones",
        **usage.EVIDENCE,
        **usage.SYNTHETIC_EVIDENCE,
        figures.PAGE: figures.EVIDENCE[figures.PAGE],
    },
    project_parts=(),
)
