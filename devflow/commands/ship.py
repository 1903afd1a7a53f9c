"""`ship`: runs the plan for one ticket, on a screen, under its lock, until the end, a gate or a
failure."""

import os
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Callable, Collection, Final, Literal, Self, Sequence

from devflow.adapters.machine.left_over import alone
from devflow.commands.first_said import tell_first
from devflow.commands.heard import Heard, SummingJournal, as_written
from devflow.commands.status import run_view
from devflow.commands.stopping import Stop, close
from devflow.engine.ahead import look_ahead
from devflow.engine.fingerprint import EPOCH
from devflow.engine.gate import refuse_to_wait
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.plan import Entry
from devflow.engine.proxies import reading
from devflow.engine.runner import Runner
from devflow.engine.standing import is_frozen
from devflow.model.errors import GateWaiting, StorageFailed, UsageError
from devflow.model.events import Closed, Event, Opened
from devflow.ui.actions import step_summary
from devflow.ui.damage import damage_in
from devflow.ui.screens import OutputMode, Screen, draws, screen_for
from devflow.wiring.local import connect_note, surroundings, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import outline_of
from devflow.wiring.output import tell, tell_damage, tell_ended
from devflow.wiring.stdout import OutputLost
from devflow.wiring.workspace import Workspace, World, ticket_key
from devflow.wiring.world import world_of

Until = Literal["hand over", "gate", "end"]
"""Where a command ends at the latest: the developer's turn, the next gate, the plan's end."""

# s between two looks at a gate with --wait; GitHub allows 5,000 calls an hour, one look takes 10
POLL_S: Final = 5.0
# what a new run alone is asked: half of what else a command loads; the floors test follows these
EXAMINING: Final = "devflow.commands.examining"
TICKET_CHECK: Final = "devflow.wiring.ticket_check"


@dataclass(frozen=True)
class Wishes:
    """What a person wants that is not the rule: entries begun anew, a window not waited for, and a
    canary to decide on."""

    again: Collection[str] = ()
    now: bool = False
    hold: bool = False


def ship(
    options: Options,
    key: str,
    *,
    wait: bool,
    as_pushed: bool,
    wishes: Wishes = Wishes(),
) -> int:
    """Runs or resumes a ticket. Answers the exit code.

    Raises what ``run_plan`` raises, and ``UsageError``, ``PipelineInvalid`` or ``AccessDenied``
    before anything runs.
    """
    workspace = workspace_of(options)
    run = ticket_key(workspace, key)
    tell_first(options, workspace, run)
    workspace = begun_anew(workspace, wishes.again)
    if wishes.now:
        workspace = hastened(workspace)
    if wishes.hold:
        workspace = holding(workspace)
    is_new = not workspace.journal.events(run)
    if as_pushed:
        workspace = pushed_only(workspace)
    elif is_new:
        # a run that nothing was written for yet begins as `start` does
        workspace.repository.require_finished()
        import_module(EXAMINING).refuse_in_vain(options, workspace)
    with world_of(options, workspace, run, patient=wait) as world:
        if is_new:
            import_module(TICKET_CHECK).refuse_unknown(workspace, world, run)
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
    ``Locked`` or ``StorageFailed``, and ``OutputLost`` after the end was recorded.
    """
    with (
        workspace.lock.hold(run),
        alone(workspace.state_dir, run, tell_ended),
        closing(workspace.journal),
    ):
        past = tuple(workspace.journal.events(run))
        tell_damage(damage_in(past))
        around = surroundings()
        outline = outline_of(workspace, run, world.note, past, with_past=draws(output, around))
        screen = screen_for(output, outline, around)
        if is_frozen(past):
            screen.replay(past)
            return _show_frozen(screen, past)
        heard = Heard(as_written(workspace.plan), outline, past)
        shown = Shown(screen, heard, past)
        ledger = _ledger(workspace, world, run, shown)
        if draws(output, around):
            # a line between the drawn ones would break them
            world.pauses.heard_by = ledger.say_on_turn
        runner = _runner(workspace, world, ledger)
        stop = Stop(ledger, world)
        shown.on_loss = stop.by_lost_output
        with shown, stop.by_signals():
            ledger.emit(_opened(workspace, ledger, until))
            code = _run(runner, ledger, until, stop)
        stop.raise_lost()
        return code


def _run(runner: Runner, ledger: Ledger, until: Until, stop: Stop) -> int:
    try:
        ending = runner.run(until_hand_over=until == "hand over")
        while until == "end" and ending.exit_code == GateWaiting.exit_code:
            _wait(ledger)
            ending = runner.run()
    except Stopped:
        return stop.close()
    except StorageFailed as error:
        # perhaps it is another place than the journal's that is full
        with suppress(StorageFailed):
            close(ledger, error.exit_code, error.message)
        raise
    return close(ledger, ending.exit_code, ending.words)


def _ledger(workspace: Workspace, world: World, run: str, shown: "Shown") -> Ledger:
    journal = SummingJournal(workspace, shown.heard)
    ledger = Ledger(workspace.plan, run, journal, world.tools.clock, (shown,))
    return ledger.hiding(workspace.mask)


def _runner(workspace: Workspace, world: World, ledger: Ledger) -> Runner:
    """The plan's runner, once it was looked ahead. Raises what is known to stop the run."""
    for note in look_ahead(workspace.plan, reading(world.tools), ledger.state, ledger.run):
        tell(note)
    return Runner(workspace.plan, world.tools, ledger)


def pushed_only(workspace: Workspace) -> Workspace:
    """The same place with every step that would take up the working tree told to leave it alone."""
    return _with_each(workspace, lambda entry: entry.as_pushed)


def begun_anew(workspace: Workspace, names: Collection[str]) -> Workspace:
    """The same place with these entries to be begun anew, whatever a person said against them.
    Raises ``UsageError`` for one that nobody can say no to."""
    able = [entry.name for entry in workspace.plan.entries if entry.step.begins_anew]
    for name in names:
        if name not in able:
            hint = f"entries that are: {', '.join(able) or 'none'}"
            raise UsageError(f'"{name}" is no entry that is begun anew', hint=hint)
    return _with_each(workspace, lambda entry: replace(entry, again=entry.name in names))


def hastened(workspace: Workspace) -> Workspace:
    """The same place with every entry that waits for a window asked not to. Raises ``UsageError``
    where nobody may say so."""
    entries = [entry for entry in workspace.plan.entries if entry.step.hasten is not None]
    if not entries:
        raise UsageError("no entry of the pipeline waits for a window")
    for entry in entries:
        refuse_to_wait(entry)
    return _with_each(workspace, lambda entry: replace(entry, now=entry in entries))


def holding(workspace: Workspace) -> Workspace:
    """The same place with every canary left for a person to decide. Raises ``UsageError`` where the
    pipeline has none."""
    entries = workspace.plan.entries
    names = {one.name for one in entries if one.step.holds and one.step.holds(one.params)}
    if not names:
        hint = "canary: {pct: 10} of the entry that brings a version gives it a part first"
        raise UsageError("no entry of the pipeline has a canary that could be held", hint=hint)
    return _with_each(workspace, lambda entry: replace(entry, hold=entry.name in names))


def _with_each(workspace: Workspace, change: Callable[[Entry], Entry]) -> Workspace:
    """The same place with every entry of its plan changed."""
    groups = []
    for group in workspace.plan.groups:
        groups.append(tuple(map(change, group)))
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


class Shown:
    """Hands events to the screen. One that cannot show any more is not asked again; ``on_loss`` is
    told, and what was begun is finished and recorded."""

    def __init__(self, screen: Screen, heard: Heard, past: Sequence[Event] = ()) -> None:
        self.heard = heard
        self.on_loss: Callable[[OutputLost], None] | None = None
        self._screen = screen
        self._outdated = heard.outdated
        self._open = True
        if past:
            # what happened before this command
            screen.without(self._outdated)
            screen.replay(past)

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        try:
            self._screen.__exit__(*raised)
        except OutputLost as error:
            self._lose(error)

    def __call__(self, event: Event) -> None:
        if not self._open:
            return
        if self.heard.outdated is not self._outdated:
            self._outdated = self.heard.outdated
            self._screen.without(self._outdated)
        try:
            self._screen(event)
        except OutputLost as error:
            self._lose(error)

    def _lose(self, error: OutputLost) -> None:
        self._open = False
        if self.on_loss is not None:
            self.on_loss(error)


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
