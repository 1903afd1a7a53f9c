"""`down`: ends what was deployed on this machine."""

from contextlib import suppress
from typing import Iterator, Sequence

from devflow.adapters.machine.left_over import end_interrupted
from devflow.commands.deploys.changing import write_changes
from devflow.commands.deploys.environments import declared_in
from devflow.commands.deploys.named import refuse_unknown
from devflow.model.environments import Change
from devflow.model.errors import Locked
from devflow.ports.deploys import Deploys
from devflow.wiring.deployed import names_of
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import tell_ended


def down(options: Options, environment: str) -> int:
    """Ends one environment, or all of them, and what killed commands left running. Answers the exit
    code; raises ``UsageError`` where it was never deployed and the pipeline has none of this
    name."""
    workspace = workspace_of(options)
    declared = declared_in(workspace.plan)
    write_changes(options, end(workspace.deploys, environment, declared))
    for run in workspace.journal.runs():
        # one that is being worked on has left nothing
        with suppress(Locked), workspace.lock.hold(run):
            end_interrupted(workspace.state_dir, run, tell_ended)
    return 0


def end(deploys: Deploys, name: str, declared: Sequence[str] = ()) -> Iterator[Change]:
    """Ends it, or all where no name is given: each that is remembered or of the pipeline, so that
    the command says the same of them when it is said again. Raises as ``down`` does."""
    if name and name not in declared:
        refuse_unknown(deploys, name)
    for one in names_of(deploys, name, declared):
        before = deploys.environment(one)
        deploys.down(one)
        after = deploys.environment(one)
        is_nothing = before is None or before.is_down
        yield Change(name=one, word="down", before=before, after=after, is_nothing=is_nothing)
