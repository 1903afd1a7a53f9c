"""What the deploying and the operating steps say alike of an environment.

A service is well when it answers 200 as the very version that is meant: another version's 200 is a
failure.
"""

from typing import Final, Sequence

from devflow.craft.without_services import held_up, nothing_deployed
from devflow.model import figures
from devflow.model.checks import Check, at_least, fact, held, measure, note, shown, wanted
from devflow.model.command_line import command_line
from devflow.model.errors import RolledBack
from devflow.model.figures import Figure
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Environment, Production, Running
from devflow.model.wording import VERSION_CHARS, short_version

SHORT = VERSION_CHARS
"""Characters of a version that are shown."""
EVIDENCE: Final = {
    "taken_back": "the version, where it was taken back",
    "services": "that there are any",
    "service": "the version that a service answers as, about the service",
    "strategy": "how the version was brought",
    "rollback": "the version that one can go back to",
}


def is_well(service: Running, version: str) -> bool:
    """Whether it answers as this version."""
    return service.status == 200 and service.version == version


def serving_checks(
    environment: str, version: str, rolled_back: str, services: Sequence[Running]
) -> tuple[Check, ...]:
    """A line for each service that answers as this version, or one that fails where there
    is none or where this version was taken back."""
    port = "deploys.environment"
    if version == rolled_back:
        source = f"{port} {environment}"
        figure = figures.version(version, "was rolled back")
        return (fact(measure("taken_back", "taken back", figure, source), False),)
    if not services:
        return (held(measure("services", "services", figures.count(0), port), at_least(1)),)
    return tuple(_service_check(service, version) for service in services)


def _service_check(service: Running, version: str) -> Check:
    name = service.service
    answer = measure("service", name, _answer(service), f"{service.url} health", about=name)
    return fact(answer, is_well(service, version), wanted(f"200 as {short_version(version)}"))


def _answer(service: Running) -> Figure:
    if not service.status:
        return figures.absent(f"no answer: {service.problem}", "")
    process = f"pid {service.pid or 'unknown'}"
    status = f"with {service.status} in {service.latency_ms:g} ms, {process}"
    if not service.version:
        return figures.text(f"no version {status}")
    return figures.version(service.version, status)


def way_back(environment: str, previous: str) -> tuple[Check, ...]:
    """How it was brought, and whether one can go back."""
    source = f"deploys.environment {environment}"
    strategy = figures.text("nothing served before")
    rollback = note(
        measure("rollback", "rollback available", figures.text("first version here"), source)
    )
    if previous:
        strategy = figures.text(f"beside {short_version(previous)}, then switched")
        way = figures.version(previous, f"by {command_line('rollback', environment)}")
        rollback = shown(measure("rollback", "rollback available", way, source))
    return (fact(measure("strategy", "strategy", strategy, source), True), rollback)


def refuse_taken_back(environment: Environment | None, version: str) -> None:
    """Raises ``RolledBack`` where this version was taken back and no other was brought since."""
    if environment is None or environment.rolled_back != version:
        return
    name = environment.name
    message = f"{short_version(version)} was rolled back in {name} and is not brought again"
    hint = f"change the code and go on with: {command_line('ship')}"
    raise RolledBack(message, where=name, hint=hint)


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
