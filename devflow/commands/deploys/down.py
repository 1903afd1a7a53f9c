"""`down`: ends what was deployed on this machine."""

from contextlib import suppress
from typing import Iterator
from urllib.parse import urlsplit

from devflow.adapters.machine.left_over import end_interrupted
from devflow.commands.deploys.rollback import refuse_unknown
from devflow.model.environments import Environment
from devflow.model.errors import Locked
from devflow.model.wording import plural
from devflow.ports.deploys import Deploys
from devflow.ui.pages.environments import proxy_name
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import tell_ended, write_lines


def down(options: Options, environment: str) -> int:
    """Ends one environment, or all of them, and what killed commands left running. Answers the exit
    code; raises ``UsageError`` where it was never deployed."""
    workspace = workspace_of(options)
    write_lines(end(workspace.deploys, environment))
    for run in workspace.journal.runs():
        # one that is being worked on has left nothing
        with suppress(Locked), workspace.lock.hold(run):
            end_interrupted(workspace.state_dir, run, tell_ended)
    return 0


def ended(name: str, before: Environment | None) -> str:
    """What was ended, as it was looked at just before: ``production is down: ended 8 replicas of 2
    versions, and haproxy before them``."""
    if before is None or before.is_down:
        return f"{name} was down"
    parts = []
    running = [held for held in before.held if held.replicas]
    if running:
        replicas = plural(sum(len(held.replicas) for held in running), "replica")
        parts.append(f"{replicas} of {plural(len(running), 'version')}")
    if before.proxy:
        # no service has an address before a version was given requests
        addresses = _addresses(before)
        parts.append(f"{proxy_name(before)} on {addresses}" if addresses else proxy_name(before))
    return f"{name} is down: ended {' and '.join(parts)}" if parts else f"{name} is down"


def _addresses(before: Environment) -> str:
    return ", ".join(urlsplit(service.url).netloc for service in before.services)


def end(deploys: Deploys, name: str) -> Iterator[str]:
    """Ends it, or all where no name is given, and says what is down. Raises as ``down`` does."""
    if name:
        refuse_unknown(deploys, name)
        names: tuple[str, ...] = (name,)
    else:
        names = deploys.environments()
    for environment in names:
        before = deploys.environment(environment)
        deploys.down(environment)
        yield ended(environment, before)
    if not names:
        yield "nothing was deployed here"
