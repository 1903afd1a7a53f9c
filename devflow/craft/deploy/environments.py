"""What the deploying and the operating steps say alike of an environment.

A service is well when it answers as the very version that is meant: another version's 200 is a
failure. Where it cannot tell its version, the process that was started on its port has to be the
version's.
"""

from typing import Any, Callable, Final, Iterator, Sequence

from devflow.craft.deploy.strategies.held import held_of
from devflow.craft.without_services import held_up, nothing_deployed
from devflow.model import figures
from devflow.model.checks import Check, at_least, fact, held, measure, note, shown, wanted
from devflow.model.command_line import command_line
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.environments import Environment, Replica, Running, taken_back_check
from devflow.model.figures import Figure
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Production
from devflow.model.wording import plural, short_version, taken_back

EVIDENCE: Final = {
    "taken_back": "the version, where it was taken back",
    "services": "that there are any",
    "service": "the version that a service answers as, or was started as, about the service",
    "version": "why a service's version is only known by its process, about the service",
    "replicas": "how many replicas of a service answer as the version, about the service",
    "kept": "that nobody would start again what serves the public ports, where that is so",
    "unheld": "how long nobody held the public ports, where their keeper was begun anew",
    "strategy": "how the version was brought",
    "rollback": "the version that one can go back to",
}


def brought_checks(it: Deployment | Production) -> tuple[Check, ...]:
    """What serves, and unless that was taken back, by how many replicas."""
    if it.is_taken_back:
        words = f"was rolled back {taken_back(it.verdict)}".rstrip()
        return (taken_back_check(it.environment, it.version, words),)
    lines = serving_checks(it.environment, it.version, it.services)
    return (*lines, *_replica_checks(it), *_keeping_checks(it))


def serving_checks(
    environment: str, version: str, services: Sequence[Running]
) -> tuple[Check, ...]:
    """A line for each service that answers as this version, or one that fails where there
    is none."""
    port = "deploys.environment"
    if not services:
        return (held(measure("services", "services", figures.count(0), port), at_least(1)),)
    lines: list[Check] = []
    for service in services:
        lines.append(_service_check(service, version))
        if not service.tells_version:
            lines.append(_untold(service))
    return tuple(lines)


def _service_check(service: Running, version: str) -> Check:
    name = service.service
    source = f"{service.url} health" if service.wanted_status else service.url
    answer = measure("service", name, _answer(service), source, about=name)
    status = f"{service.wanted_status} as" if service.wanted_status else "listening as"
    bound = wanted(f"{status} {short_version(version)}")
    return fact(answer, service.is_well(version), bound)


def _untold(service: Running) -> Check:
    """The version is what was started: the service itself says nothing of it."""
    name = service.service
    none = figures.absent(f"project.services.{name}.health names no version")
    return note(measure("version", f"{name} version", none, "pipeline.yaml", about=name))


def _answer(service: Running) -> Figure:
    if service.problem or (service.wanted_status and not service.status):
        return figures.absent(f"no answer: {service.problem}", "")
    # of a container none is known here
    process = f", pid {service.pid}" if service.pid else ""
    status = f"{service.latency_ms:g} ms{process}"
    status = f"{service.status} in {status}" if service.wanted_status else f"listening in {status}"
    if service.tells_version:
        if not service.version:
            return figures.text(f"no version with {status}")
        return figures.version(service.version, f"with {status}")
    if not service.started_as:
        return figures.text(f"{status}, and it is not what listens on its port")
    return figures.text(f"{status}, started as {short_version(service.started_as)} on its port")


def _replica_checks(it: Deployment | Production) -> tuple[Check, ...]:
    """A line for each service: how many of its replicas answer as this version, each asked on its
    own port. Where none is known (a command target, an earlier release), that is said."""
    source = f"deploys.environment {it.environment}"
    if not it.replicas:
        none = figures.absent("none is known here")
        return (note(measure("replicas", "replicas", none, source)),)
    lines = []
    for name in dict.fromkeys(one.service for one in it.replicas):
        every = [one for one in it.replicas if one.service == name]
        lines.append(_replicas_check(it, every, source))
    return tuple(lines)


def _replicas_check(it: Deployment | Production, every: Sequence[Replica], source: str) -> Check:
    name = every[0].service
    well = [one for one in every if one.is_well]
    told = [_trouble(one) for one in every if not one.is_well]
    told += [f"{one.index} restarted {one.restarts} ×" for one in well if one.restarts]
    figure = figures.count(len(well), "replica", of=len(every), note="; ".join(told))
    replicas = measure("replicas", f"{name} replicas", figure, source, about=name)
    return fact(replicas, len(well) == len(every) >= it.wanted, at_least(it.wanted, noun="replica"))


def found_of(found: Environment, version: str, settings: EnvironmentSettings) -> dict[str, Any]:
    """What ``Deployment`` and ``Production`` say alike of an environment that has this version."""
    held = held_of(found, version)
    return {
        "services": found.services,
        "previous": found.previous,
        "rolled_back": version if found.refuses(version) else found.rolled_back,
        "verdict": found.verdict(version),
        "wanted": settings.replicas,
        "replicas": held.replicas if held else (),
        "is_kept": not found.is_unkept,
    }


def _keeping_checks(it: Deployment | Production) -> Iterator[Check]:
    """That nobody keeps the public ports, which no deployment may stand with: the next one begins
    the proxy anew, and tells what clients met meanwhile."""
    source = f"deploys.environment {it.environment}"
    if not it.is_kept:
        killed = figures.text("kept by nobody: what kept them was killed, with its copy")
        yield fact(measure("kept", "public ports", killed, source), False)
    if it.unheld_s:
        told = "for which at most connections were refused: what kept it was killed, with its copy"
        figure = figures.quantity(it.unheld_s * 1000, "ms", note=told)
        yield note(measure("unheld", "proxy begun anew", figure, source))


def say_unkept(environment: Environment | None, say: Callable[..., None]) -> None:
    """Says beforehand what becomes of an environment whose public ports nobody keeps."""
    if environment is not None and environment.is_unkept:
        say("nobody keeps its public ports: the proxy is begun anew, and connections are refused")


def unheld_s(before: Environment | None, after: Environment) -> float:
    """How long nobody held the public ports in between."""
    return after.unheld_s if before is not None and before.is_unkept else 0.0


def _trouble(one: Replica) -> str:
    what = one.problem or f"answers {one.status or 'nothing'}"
    return f"{one.index} {'given up: ' if one.given_up else ''}{what}"


def how_brought(it: Deployment | Production, strategy: str) -> tuple[Check, ...]:
    """How it was brought, and to what one could go back; nothing of a version that was taken back,
    beside which there is none before."""
    if it.is_taken_back:
        return ()
    environment = it.environment
    previous = it.previous
    source = f"deploys.environment {environment}"
    how = figures.text(f"{strategy}, nothing served before")
    rollback = note(
        measure("rollback", "rollback available", figures.text("first version here"), source)
    )
    if previous:
        how = figures.text(f"{strategy}, beside {short_version(previous)}")
        way = figures.version(previous, f"by {command_line('rollback', environment)}")
        rollback = shown(measure("rollback", "rollback available", way, source))
    return (fact(measure("strategy", "strategy", how, source), True), rollback)


def way_back_checks(it: Deployment) -> tuple[Check, ...]:
    """Whether the version before came up once more and answered as itself; nothing where one went
    back to it."""
    if it.is_taken_back:
        return ()
    way = it.way_back
    source = f"deploys.scale {it.environment} {short_version(it.previous)}".rstrip()
    label = "way back"
    if way is None:
        why_not = "not measured in this turn" if it.previous else "first version here"
        return (note(measure("way_back", label, figures.absent(why_not, ""), source)),)
    if not way.is_open:
        silent = [one for one in way.replicas if not one.is_well]
        problem = way.problem or "; ".join(f"{one.service}: {_trouble(one)}" for one in silent)
        told = f"{short_version(way.version)} did not come up: {problem or 'nothing of it ran'}"
        return (fact(measure("way_back", label, figures.text(told), source), False),)
    services = plural(len({one.service for one in way.replicas}), "service")
    told = f"answered again after {way.duration_s:.1f} s, {services} on ports of their own"
    answered = measure("way_back", label, figures.version(way.version, told), source)
    return (fact(answered, True),)


def settled(environment: Environment | None, version: str) -> Environment | None:
    """What runs there, where it is this version or where this version was taken back and nobody
    wants it again; ``None`` too where a command was killed, and what it left is to be ended."""
    if environment is None or environment.leaving:
        return None
    is_meant = environment.version == version or environment.refuses(version)
    return environment if is_meant else None


def watched(
    production: Production | Absent, development: Deployment | Absent
) -> tuple[str, str] | Absent:
    """Name and version of the environment whose use is looked at: production where this ticket has
    one; ``Absent`` where nothing was deployed."""
    if isinstance(production, Production) and production.is_deployed:
        return production.environment, production.version
    if isinstance(development, Deployment):
        return development.environment, development.version
    return held_up(development) or nothing_deployed()
