"""`rollback` and `down`: what a person does to an environment by hand."""

from typing import Iterator

from devflow.commands.place import Workspace
from devflow.model.errors import UsageError


def rollback(place: Workspace, name: str) -> Iterator[str]:
    """Takes an environment back to the version before. Raises ``UsageError`` or ``StepFailed``
    where there is none."""
    _known(place, name)
    place.deploys.rollback(name)
    now = place.deploys.environment(name)
    if now:
        yield f"{name} serves {now.version[:12]} again; {now.rolled_back[:12]} was taken back"
        yield from (
            f"  {service.service} {service.url} answers {service.status}"
            for service in now.services
        )


def down(place: Workspace, name: str) -> Iterator[str]:
    """Ends one environment, or all of them. Raises ``UsageError`` where it was never deployed."""
    if name:
        _known(place, name)
    for environment in (name,) if name else place.deploys.environments():
        place.deploys.down(environment)
        yield f"{environment} is down"
    if not name and not place.deploys.environments():
        yield "nothing was deployed here"


def _known(place: Workspace, name: str) -> None:
    known = place.deploys.environments()
    if name not in known:
        raise UsageError(
            f'nothing was ever deployed to "{name}"',
            hint=f"environments: {', '.join(known) or 'none'}",
        )
