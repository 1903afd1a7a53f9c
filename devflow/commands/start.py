"""`start`: begins a ticket, up to the developer's turn; with a summary, creates it first."""

from datetime import timedelta
from typing import Final

from devflow.commands.examining import refuse_in_vain, tell_untracked
from devflow.commands.ship import run_plan
from devflow.model.command_line import command_line
from devflow.model.errors import RemoteSilent, UsageError
from devflow.model.ids import TicketKey
from devflow.model.marks import Mark
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import World, ticket_key
from devflow.wiring.world import world_of

INDEXED_WITHIN_S: Final = 60.0  # s; JIRA Cloud's search usually sees a ticket within a few seconds


def start(options: Options, key: str, new: str) -> int:
    """Begins a ticket; with ``new``, a summary, creates it first. Answers the exit code.

    Raises ``UsageError`` where both or neither are told, and what ``run_plan`` raises.
    """
    if bool(key) == bool(new):
        new_ticket = command_line("start", new="a summary")
        hint = f"{command_line('start', 'SCRUM-95')}, or: {new_ticket}"
        raise UsageError("name a ticket, or create one", hint=hint)
    workspace = workspace_of(options)
    tell_untracked(options, workspace)
    # a branch is made of the working tree: what git calls unfinished is told before the tracker
    # hears of anything
    workspace.repository.require_finished()
    if key:
        run = ticket_key(workspace, key)
        if not workspace.journal.events(run):
            refuse_in_vain(options, workspace)
    else:
        refuse_in_vain(options, workspace)
        with world_of(options, workspace, "new") as world:
            run = create_ticket(world, new)
    with world_of(options, workspace, run) as world:
        return run_plan(workspace, world, run, options.output, "hand over")


def create_ticket(world: World, summary: str) -> TicketKey:
    """Creates a ticket with this summary, once however often it is said; answers its key. Raises
    ``RemoteSilent`` where a search does not find it in time."""
    mark = Mark(run="new", entry="ticket", verb="create", slot=summary)
    tracker = world.tools.tracker
    clock = world.tools.clock
    tracker.create(summary, mark=mark)
    until = clock.now() + timedelta(seconds=INDEXED_WITHIN_S)
    while not (key := tracker.created(mark)):
        if clock.now() > until:
            message = "the ticket was created, but a search does not find it yet"
            raise RemoteSilent(message, hint=command_line("start", "KEY"))
        clock.sleep(1.0)
    return TicketKey(key)
