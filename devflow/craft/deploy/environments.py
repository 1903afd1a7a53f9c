"""What the deploying and the operating steps say alike of an environment.

A service is well when it answers 200 as the very version that is meant: another version's 200 is a
failure.
"""

from typing import Sequence

from devflow.model.checks import Check, worded
from devflow.model.command_line import command_line
from devflow.model.errors import RolledBack
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Environment, Production, Running
from devflow.model.wording import VERSION_CHARS, short_version

SHORT = VERSION_CHARS
"""Characters of a version that are shown."""


def is_well(service: Running, version: str) -> bool:
    """Whether it answers as this version."""
    return service.status == 200 and service.version == version


def serving_checks(
    environment: str, version: str, rolled_back: str, services: Sequence[Running]
) -> tuple[Check, ...]:
    """A line for each service, or one that fails where there is none or where this version was
    taken back."""
    port = "deploys.environment"
    if version == rolled_back:
        measured = f"{short_version(version)} was rolled back"
        source = f"{port} {environment}"
        return (worded(label="taken back", ok=False, measured=measured, source=source),)
    if not services:
        return (worded(label="services", ok=False, measured="none runs", source=port),)
    return tuple(_service_check(service, version) for service in services)


def _service_check(service: Running, version: str) -> Check:
    return worded(
        label=service.service,
        ok=is_well(service, version),
        measured=_answer_text(service),
        limit=f"200 as {short_version(version)}",
        source=f"{service.url} health",
    )


def _answer_text(service: Running) -> str:
    if not service.status:
        return f"no answer: {service.problem}"
    version = short_version(service.version) or "no version"
    process = f"pid {service.pid or 'unknown'}"
    return f"{service.status} as {version} in {service.latency_ms:g} ms, {process}"


def way_back(environment: str, previous: str) -> tuple[Check, ...]:
    """How it was brought, and whether one can go back."""
    source = f"deploys.environment {environment}"
    strategy = "nothing served before"
    rollback = "first version here"
    if previous:
        version = short_version(previous)
        strategy = f"beside {version}, then switched"
        rollback = f"to {version}: {command_line('rollback', environment)}"
    return (
        worded(label="strategy", ok=True, measured=strategy, source=source),
        worded(
            label="rollback available",
            ok=True if previous else None,
            measured=rollback,
            source=source,
            needed=False,
        ),
    )


def refuse_taken_back(environment: Environment | None, version: str) -> None:
    """Raises ``RolledBack`` where this version was taken back and no other was brought since."""
    if environment is None or environment.rolled_back != version:
        return
    name = environment.name
    message = f"{short_version(version)} was rolled back in {name} and is not brought again"
    hint = f"change the code and go on with: {command_line('ship')}"
    raise RolledBack(message, where=name, hint=hint)


def watched(production: Production | Absent, development: Deployment) -> tuple[str, str]:
    """Name and version of the environment whose use is looked at: production where this ticket has
    one."""
    if isinstance(production, Absent):
        return development.environment, development.version
    return production.environment, production.version
