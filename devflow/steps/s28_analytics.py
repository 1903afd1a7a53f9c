"""Step 28: how people used what was deployed, since the switch and against the time before it, from
the service's event log.

Visitors that a demonstration made are counted apart and shown as synthetic; the target is only ever
held against real ones.
"""

import json
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from devflow.craft.observe import usage
from devflow.craft.deploy.environments import watched
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


class Params(Value):
    """``service`` keeps the event log at ``path``; ``features`` are its tabs, ``adopted`` those
    that the ticket brought."""

    service: str = "backend"
    path: str = "/api/v1/events"
    features: tuple[str, ...] = ("current", "future", "publish")
    adopted: tuple[str, ...] = ("current", "future", "publish")
    adoption_pct: Limit[float] = 60.0  # % of visitors; reference step 28, "target: 60%"
    min_visitors: Limit[int] = 20  # below that one visitor is more than 5 %


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
    made = tuple(event for event in events if event.synthetic)
    measures = _figures(params, environment, real, url)
    if made:
        measures += tuple(
            one.model_copy(update={"about": SYNTHETIC})
            for one in _figures(params, environment, made, url)
        )
    if isinstance(needs.monitoring, Monitoring):
        measures += tuple(
            one for one in needs.monitoring.measures if one.label.startswith("page load")
        )
    visitors = (len({event.visitor for event in group}) for group in (real, made))
    return Analytics(
        environment=name,
        version=version,
        measures=measures,
        real=next(visitors),
        synthetic=next(visitors),
    )


def _log_url(params: Params, environment: Environment | None) -> str:
    services = environment.services if environment else ()
    return next(
        (
            f"{service.url}{params.path}"
            for service in services
            if service.service == params.service
        ),
        "",
    )


def _read(web: Web, url: str) -> tuple[usage.UsageEvent, ...] | Absent:
    events: tuple[usage.UsageEvent, ...] = ()
    for _ in range(MAX_PAGES):
        answer = web.get(f"{url}?after_id={events[-1].id if events else 0}&limit={PAGE_SIZE}")
        if answer.status != 200:
            return Absent(
                kind="unavailable", why=f"{url}: {answer.problem or f'status {answer.status}'}"
            )
        try:
            page = EVENTS.validate_python(json.loads(answer.body)["events"])
        except (ValueError, KeyError, TypeError, ValidationError):
            return Absent(kind="unavailable", why=f"{url} does not answer with events")
        events += page
        if len(page) < PAGE_SIZE:
            return events
    return Absent(kind="unavailable", why=f"{url} holds more than {MAX_PAGES * PAGE_SIZE} events")


def _figures(
    params: Params, environment: Environment, events: tuple[usage.UsageEvent, ...], url: str
) -> tuple[Measure, ...]:
    """The figures since the switch, with those of the time before it beside them."""
    since = environment.since
    before = usage.figures(
        (one for one in events if since and one.at < since), params.features, params.adopted
    )
    after = usage.figures(
        (one for one in events if not since or one.at >= since), params.features, params.adopted
    )
    compared = usage.against(after, before, params.min_visitors)
    return tuple(one.model_copy(update={"source": url}) for one in compared)


def judge(params: Params, it: Analytics) -> tuple[Check, ...]:
    """The target holds for real visitors; everything else is shown."""
    target = Target(sense="at least", value=params.adoption_pct)
    counted = Check(
        label="visitors",
        ok=True,
        measured=f"{it.real} real, {it.synthetic} synthetic",
        source=next((one.source for one in it.measures), params.path),
    )
    lines = (
        line(
            one,
            target if one.label == usage.ADOPTION and not one.about else None,
            params.min_visitors,
        )
        for one in it.measures
    )
    return (counted, *lines)


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
