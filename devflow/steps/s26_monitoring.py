"""Step 26: what the running services measured of themselves, scraped once from each, against the
targets.

Response times are the server's own, without network and browser; the requests of probes and scrapes
are left out.
"""

from dataclasses import dataclass
from typing import Final

from devflow.craft.observe import figures
from devflow.craft.observe import metrics
from devflow.craft.deploy.environments import SHORT, watched
from devflow.craft.observe.watching import Target, line, observe
from devflow.model.checks import Check
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.project import Project
from devflow.model.release import Deployment, Environment, Measure, Monitoring, Production, Running
from devflow.model.values import Limit, Value
from devflow.ports.web import HttpAnswer
from devflow.step import Step, Tools, Turn

ANSWERS: Final = "answers"


class Params(Value):
    """``pages`` is the service whose page people open, at ``page_path``; ``observe_s``: how long to
    wait for ``observe_requests`` of them."""

    pages: str = "frontend"
    page_path: str = "/"
    response_ms: Limit[float] = 100.0  # ms; reference step 26, "target: <100ms"
    error_pct: Limit[float] = 0.1  # % of requests; reference step 26, "target: <0.1%"
    uptime_pct: Limit[float] = (
        99.9  # % of the time since the switch; reference step 26, "target: >99.9%"
    )
    page_load_ms: Limit[float] = 2000.0  # ms; reference step 26, "target: <2s"
    observe_s: float = 0.0
    observe_requests: int = 20  # requests; as many as a figure needs by default
    min_samples: Limit[int] = (
        20  # requests; below that one slow request moves the mean by more than 5 %
    )


@dataclass(frozen=True)
class Needs:
    """Where it runs: production where this ticket has one, else development."""

    production: Production | Absent
    development: Deployment
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Monitoring:
    """Scrapes every service of the environment."""
    name, version = watched(needs.production, needs.development)
    environment = tools.deploys.environment(name)
    if environment is None or not environment.services:
        raise StepFailed(f"nothing runs in {name}", where=name, hint="devflow ship")
    page = next((one for one in environment.services if one.service == params.pages), None)
    if page is not None:
        observe(
            lambda: _page_requests(tools, params, needs.project, page),
            tools.clock.sleep,
            params.observe_requests,
            params.observe_s,
        )
    measures: list[Measure] = []
    for service in environment.services:
        measures += _measures(tools, params, needs.project, environment, service)
    return Monitoring(environment=name, version=version, measures=tuple(measures))


def _page_requests(tools: Tools, params: Params, project: Project, page: Running) -> int:
    """Requests of people so far, where a figure needs most of them: the page itself."""
    declared = project.services.get(page.service)
    answer = (
        tools.web.get(f"{page.url}{declared.metrics}") if declared and declared.metrics else None
    )
    if answer is None or answer.status != 200:
        return 0
    return figures.of_page(metrics.parse(answer.body), params.page_path).samples


def _measures(
    tools: Tools, params: Params, project: Project, of: Environment, running: Running
) -> list[Measure]:
    declared = project.services.get(running.service)
    if declared is None or not declared.metrics:
        note = f"project.services.{running.service}.metrics names no path"
        return [
            Measure(
                label="metrics",
                value=None,
                about=running.service,
                source="pipeline.yaml",
                note=note,
            )
        ]
    source = f"{running.url}{declared.metrics}"
    answer = tools.web.get(source)
    samples = metrics.parse(answer.body)
    note = _unusable(answer, samples, running, of.version)
    reached = Measure(
        label=ANSWERS,
        value=float(not note),
        samples=1,
        source=source,
        about=running.service,
        note=note,
    )
    if note:
        return [reached]
    people = metrics.asked_by_people((declared.health, declared.metrics))
    found = [
        *figures.of_requests(samples, people),
        *figures.of_process(samples, people, of.since, tools.clock.now()),
    ]
    if running.service == params.pages:
        found.append(figures.of_page(samples, params.page_path))
    return [
        reached,
        *(one.model_copy(update={"about": running.service, "source": source}) for one in found),
    ]


def _unusable(answer: HttpAnswer, samples: figures.Samples, running: Running, version: str) -> str:
    """Why an answer measures nothing of this version, empty where it does."""
    if answer.status != 200:
        return answer.problem or f"status {answer.status}"
    if running.version != version:
        return f"it answers as {running.version[:SHORT] or 'no version'}, not as {version[:SHORT]}"
    return "" if samples else "the answer holds no figure"


def judge(params: Params, it: Monitoring) -> tuple[Check, ...]:
    """A service that does not answer fails; a figure of too few requests is no figure."""
    targets = {
        figures.AVERAGE: Target(sense="below", value=params.response_ms),
        figures.ERRORS: Target(sense="below", value=params.error_pct),
        figures.UP: Target(sense="at least", value=params.uptime_pct),
        figures.PAGE: Target(sense="below", value=params.page_load_ms),
    }
    return tuple(_line(one, targets.get(one.label), params) for one in it.measures)


def _line(measure: Measure, target: Target | None, params: Params) -> Check:
    if measure.label != ANSWERS:
        return line(
            measure, target, params.min_samples if measure.label in figures.OF_REQUESTS else 1
        )
    measured = measure.note or "metrics scraped"
    return Check(
        label=f"{measure.about} {ANSWERS}",
        ok=bool(measure.value),
        measured=measured,
        source=measure.source,
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """It only reads."""
    return Foreseen()


STEP = Step(
    name="monitoring",
    title="Monitoring",
    params=Params,
    needs=Needs,
    makes=Monitoring,
    make=make,
    judge=judge,
    foresee=foresee,
    number=26,
    project_parts=("services",),
)
