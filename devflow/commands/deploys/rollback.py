"""`rollback`: takes an environment back to the version before."""

from functools import partial
from typing import Iterator

from devflow.commands.deploys.changing import whose_word, write_changes
from devflow.commands.deploys.named import refuse_unknown
from devflow.commands.deploys.told_tickets import tell_tickets
from devflow.model.environments import Change
from devflow.ports.deploys import Deploys
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options


def rollback(options: Options, environment: str) -> int:
    """Takes the environment back. Answers the exit code; raises ``UsageError`` or ``StepFailed``
    where there is nothing to go back to. The tickets are told last: the way back waits for none."""
    workspace = workspace_of(options)
    changes = roll_back(workspace.deploys, environment, whose_word(options))
    write_changes(options, changes, partial(tell_tickets, options, workspace))
    return 0


def roll_back(deploys: Deploys, name: str, by: str = "") -> Iterator[Change]:
    """Takes it back; goes on where an earlier command was killed on this way. Raises as
    ``rollback`` does."""
    refuse_unknown(deploys, name)
    before = deploys.environment(name)
    deploys.rollback(name, by)
    is_resumed = before is not None and before.is_going_back
    is_nothing = before is not None and bool(before.rolled_back) and not is_resumed
    yield Change(
        name=name,
        word="rollback",
        before=before,
        after=deploys.environment(name),
        is_resumed=is_resumed,
        is_nothing=is_nothing,
    )
