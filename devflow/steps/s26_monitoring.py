"""Step 26: what the running services measured of themselves, scraped once from each, against the
targets.

Response times are the server's own, without network and browser; the requests of probes and scrapes
are left out.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.deploy.environments import watched
from devflow.craft.evidence import check_line
from devflow.craft.observe import figures, metrics
from devflow.craft.observe.watching import Target, line, observe
from devflow.model.checks import Check
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.project import Project
from devflow.model.release import Deployment, Environment, Measure, Monitoring, Production, Running
from devflow.model.values import Limit, Value
from devflow.model.wording import short_version
from devflow.ports.web import HttpAnswer
from devflow.step import Step, Tools, Turn

ANSWERS: Final = "answers"  # the label of the line on whether a service's figures can be had


class Params(Value):
    """What is watched for how long, and the targets."""

    pages: str = Field(default="frontend", description="the service whose page people open")
    page_path: str = Field(default="/", description="the path of that page")
    response_ms: Limit[float] = Field(
        default=100.0, description='milliseconds; reference step 26, "target: <100ms"'
    )
    error_pct: Limit[float] = Field(
        default=0.1, description='% of requests; reference step 26, "target: <0.1%"'
    )
    uptime_pct: Limit[float] = Field(
        default=99.9,
        description='% of the time since the switch; reference step 26, "target: >99.9%"',
    )
    page_load_ms: Limit[float] = Field(
        default=2000.0, description='milliseconds; reference step 26, "target: <2s"'
    )
    observe_s: float = Field(
        default=0.0, description="seconds to wait for requests to the page; 0 takes what is there"
    )
    observe_requests: int = Field(
        default=20, description="requests that end the waiting; as many as a figure needs"
    )
    min_samples: Limit[int] = Field(
        default=20,
        description="requests; below that one slow request moves the mean by more than 5 %",
    )


@dataclass(frozen=True)
class Needs:
    """Where it runs: production where this ticket has one, else development."""

    production: Production | Absent
    development: Deployment
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Monitoring:
    """Scrapes every service of the environment. Raises ``StepFailed`` where nothing runs there."""
    project = needs.project
    name, version = watched(needs.production, needs.development)
    environment = tools.deploys.environment(name)
    if environment is None or not environment.services:
        raise StepFailed(f"nothing runs in {name}", where=name, hint=command_line("ship"))
    for running in environment.services:
        if running.service == params.pages:
            _wait_for_people(tools, params, project, running)
            break
    measures: list[Measure] = []
    for running in environment.services:
        measures += _measures(tools, params, project, environment, running)
    return Monitoring(environment=name, version=version, measures=tuple(measures))


def _wait_for_people(tools: Tools, params: Params, project: Project, page: Running) -> None:
    def count() -> int:
        return _page_requests(tools, params, project, page)

    observe(count, tools.clock.sleep, params.observe_requests, params.observe_s)


def _page_requests(tools: Tools, params: Params, project: Project, page: Running) -> int:
    """Requests of people so far, where a figure needs most of them: the page itself."""
    declared = project.services.get(page.service)
    if declared is None or not declared.metrics:
        return 0
    answer = tools.web.get(f"{page.url}{declared.metrics}")
    if answer.status != 200:
        return 0
    samples = metrics.parse(answer.body)
    return figures.of_page(samples, params.page_path).samples


def _measures(
    tools: Tools, params: Params, project: Project, of: Environment, running: Running
) -> list[Measure]:
    service = running.service
    declared = project.services.get(service)
    if declared is None or not declared.metrics:
        return [_without_metrics(service)]
    source = f"{running.url}{declared.metrics}"
    answer = tools.web.get(source)
    samples = metrics.parse(answer.body)
    problem = _problem(answer, samples, running, of.version)
    answers = Measure(
        label=ANSWERS,
        value=float(not problem),
        samples=1,
        source=source,
        about=service,
        note=problem,
    )
    if problem:
        return [answers]
    # probes and scrapes would make an idle service look fast
    people = metrics.asked_by_people((declared.health, declared.metrics))
    measures = list(figures.of_requests(samples, people))
    measures += figures.of_process(samples, people, of.since, tools.clock.now())
    if service == params.pages:
        measures.append(figures.of_page(samples, params.page_path))
    origin = {"about": service, "source": source}
    return [answers, *(measure.model_copy(update=origin) for measure in measures)]


def _without_metrics(service: str) -> Measure:
    note = f"project.services.{service}.metrics names no path"
    return Measure(label="metrics", value=None, about=service, source="pipeline.yaml", note=note)


def _problem(answer: HttpAnswer, samples: figures.Samples, running: Running, version: str) -> str:
    """Why an answer measures nothing of this version, empty where it does."""
    if answer.status != 200:
        return answer.problem or f"status {answer.status}"
    if running.version != version:
        answers_as = short_version(running.version) or "no version"
        return f"it answers as {answers_as}, not as {short_version(version)}"
    return "" if samples else "the answer holds no figure"


def judge(params: Params, it: Monitoring) -> tuple[Check, ...]:
    """A service that does not answer fails; a figure of too few requests is no figure."""
    targets = {
        figures.AVERAGE: Target(sense="below", value=params.response_ms),
        figures.ERRORS: Target(sense="below", value=params.error_pct),
        figures.UP: Target(sense="at least", value=params.uptime_pct),
        figures.PAGE: Target(sense="below", value=params.page_load_ms),
    }
    lines = []
    for measure in it.measures:
        label = measure.label
        if label == ANSWERS:
            lines.append(_answers(measure))
            continue
        # figures of the process itself are whole with one sample
        is_of_requests = label in figures.OF_REQUESTS
        min_samples = params.min_samples if is_of_requests else 1
        lines.append(line(measure, targets.get(label), min_samples))
    return tuple(lines)


def _answers(measure: Measure) -> Check:
    label = f"{measure.about} {ANSWERS}"
    text = measure.note or "metrics scraped"
    return check_line(label, bool(measure.value), text, measure.source)


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
