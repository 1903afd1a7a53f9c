"""Step 26: what the running services measured of themselves, scraped once from each, against the
targets.

Response times are the server's own, without network and browser; the requests of probes and scrapes
are left out. What has no services is not watched, and the step skipped.
"""

import math
from dataclasses import dataclass
from typing import Final, Iterator

from pydantic import Field

from devflow.craft.deploy.environments import watched
from devflow.craft.deploy.strategies.held import held_of
from devflow.craft.examine import services
from devflow.craft.observe import dialects, figures, metrics
from devflow.craft.observe.watching import line, observe
from devflow.model.bounds.numbers import Milliseconds, Percent, PositiveNumber, SecondsOrNone
from devflow.model.bounds.places import UrlPath
from devflow.model.bounds.references import ServiceNameOrNone
from devflow.model.checks import Check, Measure, at_least, below, fact, measure, note
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.environments import Environment, Running
from devflow.model.errors import Unavailable
from devflow.model.figures import Missing, Quantity, absent, text
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import Deployment, Monitoring, Production
from devflow.model.values import Limit, Value
from devflow.model.wording import short_version
from devflow.ports.around import Around
from devflow.ports.web import HttpAnswer
from devflow.step import Step, Tools, Turn

ANSWERS: Final = "answers"


class Params(Value):
    """What is watched for how long, and the targets."""

    pages: ServiceNameOrNone = Field(
        default="",
        description="the service whose page people open; empty where no page is measured",
    )
    page_path: UrlPath = Field(default="/", description="the path of that page")
    response_ms: Limit[Milliseconds] = Field(default=100.0, description="milliseconds")
    error_pct: Limit[Percent] = Field(default=0.1, description="% of requests")
    uptime_pct: Limit[Percent] = Field(
        default=99.9,
        description="% of the time since the switch",
    )
    page_load_ms: Limit[Milliseconds] = Field(default=2000.0, description="milliseconds")
    observe_s: SecondsOrNone = Field(
        default=0.0, description="seconds to wait for requests to the page; 0 takes what is there"
    )
    observe_requests: PositiveNumber = Field(
        default=20, description="requests that end the waiting; as many as a figure needs"
    )
    min_samples: Limit[PositiveNumber] = Field(
        default=20,
        description="requests; below that one slow request moves the mean by more than 5 %",
    )


@dataclass(frozen=True)
class Needs:
    """Where it runs: production where this ticket has one, else development."""

    production: Production | Absent
    development: Deployment | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Monitoring | Absent:
    """Scrapes every service of the environment. Raises ``Unavailable`` where nothing runs there, or
    nothing there tells its figures."""
    project = needs.project
    place = watched(needs.production, needs.development)
    if isinstance(place, Absent):
        return place
    name, version = place
    environment = tools.deploys.environment(name)
    if environment is None or not environment.services:
        # after `devflow down`, or in a copy of the checkout: what was deployed stays so in the run
        hint = f"{command_line('ship', again=name)} deploys it again"
        raise Unavailable(f"nothing runs in {name} any more", where=name, hint=hint)
    _refuse_silence(project, environment)
    for running in environment.services:
        if running.service == params.pages:
            pages = _Asked(project, environment, running)
            _wait_for_people(tools, params, pages)
            break
    measures: list[Measure] = []
    for running in environment.services:
        measures += _measures(tools, params, _Asked(project, environment, running))
    if isinstance(needs.production, Production) and needs.production.canary is not None:
        measures.append(figures.of_canary(needs.production.canary))
    return Monitoring(environment=name, version=version, measures=tuple(measures))


def _refuse_silence(project: Project, environment: Environment) -> None:
    """Raises ``Unavailable`` where no service has a path with figures: as long as another one tells
    its own, there is something to judge."""
    names = [running.service for running in environment.services]
    if not any(metrics.metrics_path(project, name) for name in names):
        hint = metrics.metrics_remedy(names[0])
        raise Unavailable(", ".join(map(metrics.no_metrics, names)), where="project", hint=hint)


@dataclass(frozen=True)
class _Asked:
    """A service of an environment that is asked for its figures."""

    project: Project
    environment: Environment
    running: Running

    @property
    def path(self) -> str:
        """Where its figures are, empty where the file names no path."""
        return metrics.metrics_path(self.project, self.running.service)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it answers: each of its replicas, since the public port is one of them by turns."""
        held = held_of(self.environment, self.environment.version)
        replicas = held.replicas if held else ()
        urls = [one.url for one in replicas if one.service == self.running.service]
        return tuple(urls) if len(urls) > 1 else (self.running.url,)


def _wait_for_people(tools: Tools, params: Params, page: _Asked) -> None:
    def count() -> int:
        return _page_requests(tools, params, page)

    observe(count, tools.clock.sleep, params.observe_requests, params.observe_s)


def _page_requests(tools: Tools, params: Params, page: _Asked) -> int:
    """Requests of people so far, where a figure needs most of them: the page itself."""
    if not page.path:
        return 0
    answers = [tools.web.get(f"{place}{page.path}") for place in page.places]
    if any(answer.status != 200 for answer in answers):
        return 0
    samples = metrics.together(dialects.read(answer.body) for answer in answers)
    _, requests = metrics.average_ms(samples, metrics.page(params.page_path))
    return requests


def _measures(tools: Tools, params: Params, asked: _Asked) -> list[Measure]:
    running = asked.running
    service = running.service
    if not asked.path:
        return [_without_metrics(service)]
    source = f"{running.url}{asked.path}"
    if len(asked.places) > 1:
        source += f" of {len(asked.places)} replicas"
    samples, problem = _scraped(tools, asked, asked.path)
    scraped = absent(problem, "") if problem else text("metrics scraped")
    answers = measure(ANSWERS, f"{service} answers", scraped, source, about=service)
    if problem:
        return [answers]
    # probes and scrapes would make an idle service look fast
    health = asked.project.services[service].health.path
    people = metrics.asked_by_people((health, asked.path))
    found = figures.of_requests(samples, people)
    found += figures.of_process(samples, people, asked.environment.since, tools.clock.now())
    if service == params.pages:
        found.append(figures.of_page(samples, people, params.page_path))
    return [answers, *(_of_service(one, service, source) for one in found)]


def _scraped(tools: Tools, asked: _Asked, path: str) -> tuple[figures.Samples, str]:
    """What all replicas say as one, and why one of them says nothing of this version."""
    scrapes = []
    problem = ""
    for place in asked.places:
        answer = tools.web.get(f"{place}{path}")
        scrape = dialects.read(answer.body)
        problem = problem or _problem(answer, scrape, asked.running, asked.environment.version)
        scrapes.append(scrape)
    return metrics.together(scrapes), problem


def _of_service(one: Measure, service: str, source: str) -> Measure:
    label = f"{service} {one.label}"
    return one.model_copy(update={"label": label, "about": service, "source": source})


def _without_metrics(service: str) -> Measure:
    none = absent(metrics.no_metrics(service))
    return measure("metrics", f"{service} metrics", none, "pipeline.yaml", about=service)


def _problem(answer: HttpAnswer, samples: figures.Samples, running: Running, version: str) -> str:
    """Why an answer measures nothing of this version, empty where it does."""
    if answer.status != 200:
        return answer.problem or f"status {answer.status}"
    if running.tells_version and running.version != version:
        answers_as = short_version(running.version) or "no version"
        return f"it answers as {answers_as}, not as {short_version(version)}"
    if not running.tells_version and running.started_as != version:
        return f"what was started as {short_version(version)} is not what listens there"
    return "" if samples else "the answer holds no figure"


def judge(params: Params, it: Monitoring) -> tuple[Check, ...]:
    """A service that does not answer fails; a figure of too few requests is no figure."""
    bounds = {
        figures.AVERAGE: below(params.response_ms, "ms"),
        figures.UP: at_least(params.uptime_pct, "%"),
        figures.PAGE: below(params.page_load_ms, "ms"),
    }
    lines = []
    for one in it.measures:
        if one.id == ANSWERS:
            lines.append(fact(one, not isinstance(one.figure, Missing)))
        elif one.id == figures.OWN:
            lines.append(note(one))
        elif one.id == figures.ERRORS:
            lines.append(_error_line(params, one))
        else:
            lines.append(line(one, bounds.get(one.id), params.min_samples))
    return tuple(lines)


def _error_line(params: Params, one: Measure) -> Check:
    """Held to the target; of so few requests that one more error would miss it, no error is none
    yet."""
    limit = below(params.error_pct, "%")
    rate = one.figure
    enough = math.floor(100 / params.error_pct) + 1 if params.error_pct > 0 else params.min_samples
    is_met = isinstance(rate, Quantity) and rate.value < params.error_pct
    return line(one, limit, max(params.min_samples, enough) if is_met else params.min_samples)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """Where the services tell their figures."""
    yield from services.measured(around)


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
    examine=examine,
    number=26,
    evidence={
        ANSWERS: "whether a service's figures can be had, about it",
        "metrics": "why a service's figures cannot be asked for, about it",
        **figures.EVIDENCE,
    },
    project_parts=("services",),
)
