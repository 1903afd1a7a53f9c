"""Step 23: what the published images do when they are started: the real files, pulled back from the
registry by digest, in an engine or without one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Iterator

from pydantic import Field

from devflow.craft.examine import services
from devflow.craft.smoke.judging import EVIDENCE, trial_checks
from devflow.craft.smoke.plan import STATE, Planned, planned
from devflow.craft.smoke.trial import Trial
from devflow.model.bounds.references import ServiceName
from devflow.model.checks import Check, measure, missing, note
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.figures import absent
from devflow.model.images import ContainerLimits, ContainerReport
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import NotRun, Published, Smoke
from devflow.model.values import Limit, Value
from devflow.model.wording import plural
from devflow.ports.around import Around
from devflow.ports.containers import Container, Start
from devflow.step import Step, Tools, Turn


class Params(Value):
    """What containers may take, by service."""

    limits: Limit[dict[ServiceName, ContainerLimits]] = Field(
        default={},
        description="start_within_s, memory_mb, cpu_pct and stop_within_s of a service's container",
    )

    def of(self, service: str) -> ContainerLimits:
        """The limits of one service, the reference's where none are said."""
        return self.limits.get(service, ContainerLimits())


@dataclass(frozen=True)
class Needs:
    """What was published, and the services that run from it."""

    publish: Published
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Smoke | Absent:
    """Starts every service of a platform, tries each, and ends them. Nothing of it is left."""
    plan = planned(needs.project.services, needs.publish.images)
    platforms = _platforms(plan)
    reports: list[ContainerReport] = []
    not_run = [
        NotRun(about=name, of="service", why="no image of it is published")
        for name in _unpublished(needs, plan)
    ]
    for platform in platforms:
        try:
            runtime = tools.containers.runtime(platform)
        except Unavailable as error:
            not_run.append(NotRun(about=platform, of="platform", why=error.message))
            continue
        here = tuple(one for one in plan if platform in one.image.manifests)
        reports += _tried(tools, turn, params, here, (platform, runtime))
    if not reports:
        reasons = [f"{one.about}: {one.why}" for one in not_run]
        why = "; ".join(reasons) or "no service runs from a published image"
        return Absent(kind="unavailable", why=why)
    return Smoke(
        digests=needs.publish.digests,
        version=needs.publish.version,
        containers=tuple(reports),
        not_run=tuple(not_run),
    )


def _unpublished(needs: Needs, plan: tuple[Planned, ...]) -> list[str]:
    begun = {one.name for one in plan}
    services = needs.project.services
    return [name for name, one in services.items() if one.image is not None and name not in begun]


def _platforms(plan: tuple[Planned, ...]) -> tuple[str, ...]:
    every = [platform for one in plan for platform in one.image.manifests]
    return tuple(dict.fromkeys(every))


def _tried(
    tools: Tools, turn: Turn, params: Params, plan: tuple[Planned, ...], where: tuple[str, str]
) -> list[ContainerReport]:
    """All services of one platform: side by side, since they ask each other; ended in the reverse
    of the order in which they were started."""
    platform, runtime = where
    trials = {
        one.name: Trial(one, params.of(one.name), platform, runtime, tools.web) for one in plan
    }
    running: list[tuple[Trial, Container]] = []
    urls: dict[str, str] = {}
    with ExitStack() as stack:
        for one in plan:
            turn.say(f"starting {one.name} for {platform}")
            start = _start(tools, one, platform, urls)
            start = replace(start, memory_mb=_room_mb(params.of(one.name)))
            trial = trials[one.name]
            container = _entered(tools, stack, start, trial)
            if container is not None:
                urls[one.name] = container.peer_url
                if trial.start(container, tools.clock):
                    running.append((trial, container))
        turn.say(f"asking {plural(len(running), 'service')} of {platform}")
        _used(tools, running)
    return [trial.report for trial in trials.values()]


def _used(tools: Tools, running: list[tuple[Trial, Container]]) -> None:
    # side by side: each is loaded by itself, and most of the time is waiting
    with ThreadPoolExecutor(max(1, len(running))) as pool:
        list(pool.map(lambda one: one[0].use(one[1], tools.clock), running))
    for trial, container in reversed(running):
        trial.stop(container, tools.clock)


def _entered(tools: Tools, stack: ExitStack, start: Start, trial: Trial) -> Container | None:
    """A container for the time of the stack; ``None`` for an image that cannot be started."""
    try:
        return stack.enter_context(tools.containers.started(start))
    except StepFailed as error:
        trial.failed(error.message)
        return None


def _room_mb(limits: ContainerLimits) -> float:
    """What an engine lets a container have: twice its limit, so that what is beyond it is measured
    rather than killed."""
    return max(Start.memory_mb, 2 * limits.memory_mb)


def _start(tools: Tools, one: Planned, platform: str, urls: dict[str, str]) -> Start:
    port = one.service.port
    # one that is not told where to listen does so on its own port
    if one.takes_port:
        port = tools.containers.listening_port(port)
    return Start(
        service=one.name,
        repository=one.image.repository,
        image=one.image.manifests[platform],
        platform=platform,
        port=port,
        command=one.command(port, urls),
        environment=one.environment(port, urls),
        state=STATE,
    )


def judge(params: Params, product: Smoke) -> tuple[Check, ...]:
    """Each container by its limits; a platform that cannot run here is said."""
    lines: list[Check] = []
    for report in product.containers:
        limits = params.of(report.service)
        lines += trial_checks(report, limits, product.version)
    for one in product.not_run:
        why = absent(one.why, "not run")
        not_run = measure("not_run", one.about, why, "containers", about=one.about)
        # a platform is what this machine may lack
        lines.append(note(not_run) if one.of == "platform" else missing(not_run))
    if not product.containers:
        none = absent("no container was started")
        lines.append(missing(measure("containers", "containers", none, "containers")))
    return tuple(lines)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What runs containers here, and an order in which they can be started."""
    yield from services.addressed(around)
    yield from services.run_in_containers(around)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Containers are started and ended; nothing is written."""
    return Foreseen()


STEP = Step(
    name="smoke",
    title="Container smoke tests",
    params=Params,
    needs=Needs,
    makes=Smoke,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    number=23,
    evidence=EVIDENCE
    | {
        "not_run": "why it was not run, about the service or the platform",
        "containers": "that there were any",
    },
    project_parts=("services",),
)
