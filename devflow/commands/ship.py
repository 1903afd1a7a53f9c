"""`ship`: runs the plan for one ticket, on a screen, under its lock, until the end, a gate or a
failure."""

import os
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any, Final, Iterator, Literal, Sequence

from devflow.commands.heard import Heard, SummingJournal, as_written
from devflow.commands.status import run_view
from devflow.engine.ahead import look_ahead
from devflow.engine.fingerprint import EPOCH
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.proxies import reading
from devflow.engine.runner import Runner
from devflow.engine.standing import is_frozen
from devflow.model.errors import GateWaiting
from devflow.model.events import Closed, Event, Opened
from devflow.ui.actions import step_summary
from devflow.ui.damage import damage_in
from devflow.ui.screens import OutputMode, Screen, draws, screen_for
from devflow.wiring.local import connect_note, surroundings, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import outline_of
from devflow.wiring.output import tell, tell_damage
from devflow.wiring.workspace import Workspace, World, ticket_key
from devflow.wiring.world import world_of

Until = Literal["hand over", "gate", "end"]
"""Where a command ends at the latest: the developer's turn, the next gate, the plan's end."""

# s between two looks at a gate with --wait; GitHub allows 5,000 calls an hour, one look takes 10
POLL_S: Final = 5.0
DRAIN_S: Final = 1.5  # s that a write under way gets after a signal, of the 2 s a command may take


def ship(options: Options, key: str, *, wait: bool, as_pushed: bool) -> int:
    """Runs or resumes a ticket. Answers the exit code.

    Raises what ``run_plan`` raises, and ``UsageError``, ``PipelineInvalid`` or ``AccessDenied``
    before anything runs.
    """
    workspace = workspace_of(options)
    run = ticket_key(workspace, key)
    if as_pushed:
        workspace = pushed_only(workspace)
    elif not workspace.journal.events(run):
        # a run that nothing was written for yet begins as `start` does
        workspace.repository.require_finished()
    with world_of(options, workspace, run, patient=wait) as world:
        until: Until = "end" if wait else "gate"
        code = run_plan(workspace, world, run, options.output, until)
    _sum_up(options, workspace, run)
    return code


def run_plan(
    workspace: Workspace,
    world: World,
    run: str,
    output: OutputMode,
    until: Until,
) -> int:
    """Runs or resumes the ticket's plan; answers the exit code.

    A run that an earlier release finished is shown, and nothing of it is made again. Raises
    ``Locked`` or ``StorageFailed``.
    """
    with workspace.lock.hold(run):
        past = tuple(workspace.journal.events(run))
        tell_damage(damage_in(past))
        around = surroundings()
        outline = outline_of(workspace, run, world.note, past, with_past=draws(output, around))
        screen = screen_for(output, outline, around)
        if is_frozen(past):
            screen.replay(past)
            return _show_frozen(screen, past)
        heard = Heard(as_written(workspace.plan), outline, past, workspace.mask)
        ledger = _ledger(workspace, world, run, Shown(screen, heard, past))
        if draws(output, around):
            # a line between the drawn ones would break them
            world.pauses.heard_by = ledger.say_on_turn
        runner = _runner(workspace, world, ledger)
        with screen, _signals(ledger, world) as signals:
            ledger.emit(_opened(workspace, ledger, until))
            try:
                ending = runner.run(until_hand_over=until == "hand over")
                while until == "end" and ending.exit_code == GateWaiting.exit_code:
                    _wait(ledger)
                    ending = runner.run()
            except Stopped:
                return _stop(ledger, world, signals)
            return _close(ledger, ending.exit_code, ending.why)


def _ledger(workspace: Workspace, world: World, run: str, shown: "Shown") -> Ledger:
    journal = SummingJournal(workspace, shown.heard)
    return Ledger(workspace.plan, run, journal, world.tools.clock, (shown,))


def _runner(workspace: Workspace, world: World, ledger: Ledger) -> Runner:
    """The plan's runner, once it was looked ahead. Raises what is known to stop the run."""
    for note in look_ahead(workspace.plan, reading(world.tools), ledger.state, ledger.run):
        tell(note)
    return Runner(workspace.plan, world.tools, ledger)


def pushed_only(workspace: Workspace) -> Workspace:
    """The same place with every step that would take up the working tree told to leave it alone."""
    groups = []
    for group in workspace.plan.groups:
        groups.append(tuple(entry.as_pushed for entry in group))
    return replace(workspace, plan=replace(workspace.plan, groups=tuple(groups)))


def _opened(workspace: Workspace, ledger: Ledger, until: Until) -> Opened:
    return Opened(
        at=ledger.now(),
        run=ledger.run,
        command="start" if until == "hand over" else "ship",
        entries=tuple(entry.name for entry in workspace.plan.entries),
        pid=os.getpid(),
        epoch=EPOCH,
    )


def _show_frozen(screen: Any, past: tuple[Event, ...]) -> int:
    """Shows how the run ended; nothing is written, not even that it was looked at."""
    last = next(event for event in reversed(past) if isinstance(event, Closed))
    with screen:
        screen(last.model_copy(update={"why": "finished by an earlier release: only shown"}))
    return last.exit_code


def _wait(ledger: Ledger) -> None:
    """Raises ``Stopped`` after a signal."""
    if ledger.stop.wait(POLL_S):
        raise Stopped


def _stop(ledger: Ledger, world: World, heard: list[int]) -> int:
    world.stop()
    ledger.drain(DRAIN_S)
    number = heard[0] if heard else signal.SIGINT
    return _close(ledger, 128 + number, "stopped by a signal; the state is saved")


def _close(ledger: Ledger, exit_code: int, why: str) -> int:
    ledger.emit(Closed(at=ledger.now(), run=ledger.run, exit_code=exit_code, why=why))
    return exit_code


@contextmanager
def _signals(ledger: Ledger, world: World) -> Iterator[list[int]]:
    """SIGINT and SIGTERM stop the run; the list names the one that was heard."""
    heard: list[int] = []

    def hear(number: int, _: FrameType | None) -> None:
        heard.append(number)
        ledger.stop.set()
        world.stop()

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Shown:
    """Hands events to the screen; a screen that fails (a closed pipe) must not stop the run, and is
    not asked again."""

    def __init__(self, screen: Screen, heard: Heard, past: Sequence[Event] = ()) -> None:
        self.heard = heard
        self._screen = screen
        self._outdated = heard.outdated
        self._open = True
        if past:
            # what happened before this command
            screen.without(self._outdated)
            screen.replay(past)

    def __call__(self, event: Event) -> None:
        if not self._open:
            return
        if self.heard.outdated is not self._outdated:
            self._outdated = self.heard.outdated
            self._screen.without(self._outdated)
        try:
            self._screen(self.heard.masked(event))
        except BrokenPipeError:
            self._open = False


def _sum_up(options: Options, workspace: Workspace, run: str) -> None:
    """Appends the run to the file that GITHUB_STEP_SUMMARY names; a file that cannot be written
    changes no exit code."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    view = run_view(workspace, run, connect_note(options, workspace))
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(step_summary(view.outline, view.board))
    except OSError as error:
        sys.stderr.write(f"the step summary was not written: {error}\n")
