"""Which tickets a version belongs to that was taken back after they were closed, and what is said
on them: they would go on saying that it is live."""

from typing import Final, Iterator

from devflow.craft.ticket.closing import no_longer_live, taken_back_slot
from devflow.model.checks import Status
from devflow.model.environments import Environment, Told
from devflow.model.errors import DevflowError
from devflow.model.events import Recorded
from devflow.ports.journal import History
from devflow.step import Turn
from devflow.ui.addresses import brought_by
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace
from devflow.wiring.world import world_of

CLOSURE: Final = "closure"


def tell_tickets(
    options: Options, workspace: Workspace, environment: Environment | None
) -> Iterator[Told]:
    """Says on each of them what was taken back last; one comment, however often it is told. A
    tracker that cannot be told, or a journal that cannot be read, is no reason for less: the
    environment has gone back."""
    if environment is None or not environment.rolled_back:
        return
    try:
        runs = workspace.journal.runs()
    except DevflowError as error:
        yield Told(ticket="", problem=error.message)
        return
    for run in runs:
        try:
            entry = brought_by_entry(workspace.journal, run, environment)
        except DevflowError as error:
            yield Told(ticket=run, problem=f"its run cannot be read: {error.message}")
            continue
        if entry:
            yield Told(ticket=run, problem=_problem(options, workspace, environment, run, entry))


def _problem(
    options: Options, workspace: Workspace, environment: Environment, run: str, entry: str
) -> str:
    """Why the ticket does not say so, empty where it does."""
    # where the closure finds it again, should the version be brought once more
    closures = (one.name for one in workspace.plan.entries if one.step.name == CLOSURE)
    turn = Turn(run, next(closures, entry))
    mark = turn.mark("comment", taken_back_slot(environment.name))
    try:
        with world_of(options, workspace, run) as world:
            world.tools.tracker.comment(run, no_longer_live(run, environment), mark=mark)
    except DevflowError as error:
        return error.message
    return ""


def brought_by_entry(history: History, run: str, environment: Environment) -> str:
    """The entry of a run by which the version that was taken back came to serve there first, also
    where a later command has seen that it was taken back; empty where none did."""
    there = (environment.name, environment.rolled_back)
    for event in history.events(run):
        if not isinstance(event, Recorded) or event.status is not Status.PASSED:
            continue
        if brought_by(event.product or {}) == there:
            return event.entry
    return ""
