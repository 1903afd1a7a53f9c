"""Which tickets a version belongs to that was taken back after they were closed, and what is said
on them: they would go on saying that it is live."""

from typing import Iterator

from devflow.craft.ticket.closing import no_longer_live
from devflow.model.checks import Status
from devflow.model.environments import Environment, Told
from devflow.model.errors import DevflowError
from devflow.ports.journal import History
from devflow.step import Turn
from devflow.ui.board import board_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace
from devflow.wiring.world import world_of


def tell_tickets(
    options: Options, workspace: Workspace, environment: Environment | None
) -> Iterator[Told]:
    """Says on each of them what was taken back last; one comment, however often it is told. A
    tracker that cannot be told is no reason for less: the environment has gone back."""
    if environment is None or not environment.rolled_back:
        return
    for run, entry in brought(workspace.journal, environment.name, environment.rolled_back):
        mark = Turn(run, entry).mark("comment", "taken-back")
        try:
            with world_of(options, workspace, run) as world:
                world.tools.tracker.comment(run, no_longer_live(run, environment), mark=mark)
            yield Told(ticket=run)
        except DevflowError as error:
            yield Told(ticket=run, problem=error.message)


def brought(history: History, environment: str, version: str) -> Iterator[tuple[str, str]]:
    """The runs of this repository that brought this version there, each with its entry."""
    for run in history.runs():
        board = board_of(history.events(run))
        for entry, there in board.addresses.brought.items():
            is_live = board.heard(entry).status is Status.PASSED
            if is_live and there == (environment, version):
                yield run, entry
