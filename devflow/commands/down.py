"""`down`: ends what was deployed on this machine."""

from typing import Iterator

from devflow.commands.rollback import refuse_unknown
from devflow.ports.deploys import Deploys
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_lines


def down(options: Options, environment: str) -> int:
    """Ends one environment, or all of them. Answers the exit code; raises ``UsageError`` where it
    was never deployed."""
    write_lines(end(workspace_of(options).deploys, environment))
    return 0


def end(deploys: Deploys, name: str) -> Iterator[str]:
    """Ends it, or all where no name is given, and says what is down. Raises as ``down`` does."""
    if name:
        refuse_unknown(deploys, name)
        names: tuple[str, ...] = (name,)
    else:
        names = deploys.environments()
    for environment in names:
        deploys.down(environment)
        yield f"{environment} is down"
    if not names:
        yield "nothing was deployed here"
