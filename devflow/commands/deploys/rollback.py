"""`rollback`: takes an environment back to the version before."""

from typing import Iterator

from devflow.model.errors import UsageError
from devflow.model.wording import short_version
from devflow.ports.deploys import Deploys, DeploysReads
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_lines


def rollback(options: Options, environment: str) -> int:
    """Takes the environment back. Answers the exit code; raises ``UsageError`` or ``StepFailed``
    where there is nothing to go back to."""
    write_lines(roll_back(workspace_of(options).deploys, environment))
    return 0


def roll_back(deploys: Deploys, name: str) -> Iterator[str]:
    """Takes it back, and says what serves now; goes on where an earlier command was killed on this
    way. Raises as ``rollback`` does."""
    refuse_unknown(deploys, name)
    environment = deploys.environment(name)
    deploys.rollback(name)
    if environment is not None and environment.is_going_back:
        yield f"{name} was going back already, and went on"
    elif environment is not None and environment.rolled_back:
        yield f"nothing was done: {name} goes back once for each version that is brought"
    yield from serving_again(deploys, name)


def serving_again(deploys: DeploysReads, name: str) -> Iterator[str]:
    """What serves after something was taken back."""
    now = deploys.environment(name)
    if now is None:
        return
    back = short_version(now.rolled_back)
    yield f"{name} serves {short_version(now.version)} again; {back} was taken back"
    for service in now.services:
        answer = f"answers {service.status}" if service.answers else "does not answer"
        yield f"  {service.service} {service.url} {answer}"


def refuse_unknown(deploys: DeploysReads, name: str) -> None:
    """Raises ``UsageError`` where nothing was ever deployed under this name."""
    environments = deploys.environments()
    if name not in environments:
        hint = f"environments: {', '.join(environments) or 'none'}"
        raise UsageError(f'nothing was ever deployed to "{name}"', hint=hint)
