"""What the deploying and the operating steps say alike of an environment.

A service is well when it answers 200 as the very version that is meant: another version's 200 is a
failure.
"""

from typing import Sequence

from devflow.model.checks import Check
from devflow.model.errors import RolledBack
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Environment, Production, Running

SHORT = 12
"""Characters of a version that are shown."""


def is_well(service: Running, version: str) -> bool:
    """Whether it answers as this version."""
    return service.status == 200 and service.version == version


def serving_checks(
    environment: str, version: str, rolled_back: str, services: Sequence[Running]
) -> tuple[Check, ...]:
    """A line for each service, or one that fails where there is none or where this version was
    taken back."""
    if version == rolled_back:
        source = f"deploys.environment {environment}"
        return (
            Check(
                label="taken back",
                ok=False,
                measured=f"{version[:SHORT]} was rolled back",
                source=source,
            ),
        )
    if not services:
        return (
            Check(label="services", ok=False, measured="none runs", source="deploys.environment"),
        )
    return tuple(
        Check(
            label=service.service,
            ok=is_well(service, version),
            measured=_said(service),
            limit=f"200 as {version[:SHORT]}",
            source=f"{service.url} health",
        )
        for service in services
    )


def _said(service: Running) -> str:
    if not service.status:
        return f"no answer: {service.problem}"
    said = service.version[:SHORT] or "no version"
    return (
        f"{service.status} as {said} in {service.latency_ms:g} ms, pid {service.pid or 'unknown'}"
    )


def way_back(environment: str, previous: str) -> tuple[Check, ...]:
    """How it was brought, and whether one can go back."""
    source = f"deploys.environment {environment}"
    measured = f"beside {previous[:SHORT]}, then switched" if previous else "nothing served before"
    return (
        Check(label="strategy", ok=True, measured=measured, source=source),
        Check(
            label="rollback available",
            ok=True if previous else None,
            measured=(
                f"to {previous[:SHORT]}: devflow rollback {environment}"
                if previous
                else "first version here"
            ),
            source=source,
            needed=False,
        ),
    )


def refuse_taken_back(environment: Environment | None, version: str) -> None:
    """Raises ``RolledBack`` where this version was taken back and nothing else was brought since."""
    if environment and environment.rolled_back == version:
        hint = "change the code and go on with: devflow ship"
        message = (
            f"{version[:SHORT]} was rolled back in {environment.name} and is not brought again"
        )
        raise RolledBack(message, where=environment.name, hint=hint)


def watched(production: Production | Absent, development: Deployment) -> tuple[str, str]:
    """Name and version of the environment whose use is looked at: production where this ticket has
    one."""
    of = development if isinstance(production, Absent) else production
    return of.environment, of.version
