"""Step 28: how people used what was deployed, since the switch and against the time before it, from
the service's event log.

Visitors that a demonstration made are counted apart and shown as synthetic; the target is only ever
held against real ones.
"""

import json
from dataclasses import dataclass
from typing import Final

from pydantic import Field, TypeAdapter, ValidationError

from devflow.craft.deploy.environments import watched
from devflow.craft.evidence import check_line
from devflow.craft.observe import usage
from devflow.craft.observe.watching import Target, line
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.project import Project
from devflow.model.release import (
    Analytics,
    Deployment,
    Environment,
    Measure,
    Monitoring,
    Production,
)
from devflow.model.values import Limit, Value
from devflow.ports.web import Web
from devflow.step import Step, Tools, Turn

PAGE_SIZE: Final = 1000  # events a request; the bundled service gives at most 10,000
MAX_PAGES: Final = 100  # so that a log without end is cut off, and said so
EVENTS: Final = TypeAdapter(tuple[usage.UsageEvent, ...])
SYNTHETIC: Final = "synthetic visitors:"
# whose figures stand in the product: those since the switch, and those of the time before it
BEFORE: Final = {"": "before the switch:", SYNTHETIC: "synthetic visitors before the switch:"}

Events = tuple[usage.UsageEvent, ...]


class Params(Value):
    """Where the event log is, what is counted in it, and what adoption is held to."""

    service: str = Field(default="backend", description="the service that keeps the event log")
    path: str = Field(default="/api/v1/events", description="the log's path at that service")
    features: tuple[str, ...] = Field(
        default=("current", "future", "publish"), description="the tabs whose use is counted"
    )
    adopted: tuple[str, ...] = Field(
        default=("current", "future", "publish"),
        description="the tabs that the ticket brought, whose use is its adoption",
    )
    adoption_pct: Limit[float] = Field(
        default=60.0, description='% of visitors; reference step 28, "target: 60%"'
    )
    min_visitors: Limit[int] = Field(
        default=20, description="visitors; below that one visitor is more than 5 %"
    )


@dataclass(frozen=True)
class Needs:
    """Where it runs, and what was measured of its pages."""

    production: Production | Absent
    development: Deployment
    monitoring: Monitoring | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Analytics | Absent:
    """Reads the whole log and counts; ``Absent`` where it cannot be read."""
    name, version = watched(needs.production, needs.development)
    environment = tools.deploys.environment(name)
    url = _log_url(params, environment)
    if environment is None or not url:
        return Absent(kind="unavailable", why=f"no {params.service} runs in {name}")
    events = _read(tools.web, url)
    if isinstance(events, Absent):
        return events
    real = tuple(event for event in events if not event.synthetic)
    synthetic = tuple(event for event in events if event.synthetic)
    measures = _figures(params, environment, real, "")
    if synthetic:
        measures += _figures(params, environment, synthetic, SYNTHETIC)
    from_log = tuple(measure.model_copy(update={"source": url}) for measure in measures)
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


def _figures(params: Params, environment: Environment, events: Events, group: str) -> list[Measure]:
    """The group's figures since the switch, and apart from them those of the time before it."""
    since = environment.since
    before: list[usage.UsageEvent] = []
    after: list[usage.UsageEvent] = []
    for event in events:
        if since is not None and event.at < since:
            before.append(event)
        else:
            after.append(event)
    figures = []
    for about, counted in ((group, after), (BEFORE[group], before)):
        for measure in usage.figures(counted, params.features, params.adopted):
            figures.append(measure.model_copy(update={"about": about}))
    return figures


def _visitors(events: Events) -> int:
    return len({event.visitor for event in events})


def _page_loads(monitoring: Monitoring | Absent) -> tuple[Measure, ...]:
    if isinstance(monitoring, Absent):
        return ()
    return tuple(one for one in monitoring.measures if one.label.startswith("page load"))


def judge(params: Params, it: Analytics) -> tuple[Check, ...]:
    """The target holds for real visitors; everything else is shown."""
    source = it.measures[0].source if it.measures else params.path
    visitors = f"{it.real} real, {it.synthetic} synthetic"
    counted = check_line("visitors", True, visitors, source)
    target = Target(sense="at least", value=params.adoption_pct)
    lines = [counted]
    for measure in _with_comparison(params, it.measures):
        is_real = not measure.about
        held_to = target if is_real and measure.label == usage.ADOPTION else None
        lines.append(line(measure, held_to, params.min_visitors))
    return tuple(lines)


def _with_comparison(params: Params, measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The figures since the switch, each beside the one before it where enough visitors came."""
    by_group: dict[str, list[Measure]] = {}
    for measure in measures:
        by_group.setdefault(measure.about, []).append(measure)
    compared: tuple[Measure, ...] = ()
    for group, since in by_group.items():
        if group not in BEFORE.values():
            before = by_group.get(BEFORE.get(group, ""), [])
            compared += usage.against(since, before, params.min_visitors)
    return compared


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
    number=28,
    project_parts=(),
)
