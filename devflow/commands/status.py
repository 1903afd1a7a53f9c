"""`status`: how a run stands, from the journal, and in the developer's turn from the working tree;
with `--watch` again each second. Writes nothing."""

import sys
from dataclasses import dataclass, replace
from typing import Callable, Final, NoReturn

from devflow.commands.deploys.environments import declared_in
from devflow.engine.fold import RunState
from devflow.engine.outdated import outdated
from devflow.engine.plan import Entry, Plan
from devflow.engine.proxies import reading
from devflow.engine.standing import RunProducts, Situation, Sources, is_frozen, situation
from devflow.model.checks import Check, Status, measure, note
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, UsageError
from devflow.model.events import Event
from devflow.model.figures import text
from devflow.ports.clock import Clock
from devflow.step import See, Turn
from devflow.ui.board import Board, board_of
from devflow.ui.outline import EnvironmentLine, Outline
from devflow.ui.status import short_status, status_object, status_plain, status_text
from devflow.ui.watch import WatchScreen, watch_for
from devflow.wiring.deployed import environment_lines
from devflow.wiring.local import clock, connect_note, offline_view, surroundings, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import changed_pipeline, outline_of
from devflow.wiring.output import tell, tell_damage, write_json, write_lines
from devflow.wiring.output_stream import pen
from devflow.wiring.workspace import Workspace, ticket_key

EVERY_S: Final = 1.0  # s between two looks; one costs about 0.15 s of a core on 400 Python files


@dataclass(frozen=True)
class RunView:
    """A run as the journal has it, for a screen to draw."""

    outline: Outline
    board: Board
    running: bool


def status(options: Options, key: str, *, short: bool, watch: bool) -> int:
    """Shows how the run stands. Answers the exit code. Raises ``UsageError`` for a ticket that was
    named and that nobody has begun here, which an object says, too."""
    workspace = workspace_of(options, dry=True)
    run = ticket_key(workspace, key)
    note = connect_note(options, workspace)
    if watch:
        return _watch(options, Work(workspace, run, note))
    if key and not any(True for _ in workspace.journal.events(run)):
        _refuse_unknown(run_view(workspace, run, note))
    if short:
        view = run_view(workspace, run, note)
    else:
        view = Work(workspace, run, note).view()
    _tell_first(options, workspace, view)
    if options.output == "json":
        lines = _environments(workspace)
        view_object = status_object(
            view.outline, view.board, running=view.running, environments=lines
        )
        write_json(view_object)
    elif short:
        write_lines([short_status(view.outline, view.board, running=view.running)])
    else:
        lines = _environments(workspace)
        now = surroundings().now()
        if options.output == "plain":
            write_lines(status_plain(view.outline, view.board, now, lines))
            return 0
        drawing = pen()
        drawing.write(status_text(drawing, view.outline, view.board, now, lines))
    return 0


def _environments(workspace: Workspace) -> tuple[EnvironmentLine, ...]:
    return environment_lines(workspace.deploys, declared_in(workspace.plan))


def _tell_first(options: Options, workspace: Workspace, view: RunView) -> None:
    tell_damage(view.board.damage)
    run = view.outline.ticket
    changed = changed_pipeline(workspace, run) if options.pipeline is None else ""
    if changed:
        tell(changed)


def _refuse_unknown(view: RunView) -> NoReturn:
    run = view.outline.ticket
    error = UsageError(f"{run} has not begun here", hint=command_line("start", run))
    error.answer = status_object(view.outline, view.board, running=view.running)
    raise error


def run_view(workspace: Workspace, run: str, note: str) -> RunView:
    """How the run stands, from the journal alone."""
    events = tuple(workspace.journal.events(run))
    outline = outline_of(workspace, run, note, events)
    board = board_now(workspace.plan, events)
    running = bool(workspace.lock.holder(run))
    return RunView(outline, board if running else board.at_rest(), running)


def board_now(plan: Plan, events: tuple[Event, ...]) -> Board:
    """What was heard of each entry, as far as it is of now; a run that an earlier release finished
    is shown as it ended."""
    board = board_of(events)
    if is_frozen(events):
        return board
    return board.without(outdated(plan, RunState(events)))


class Work:
    """A run, and what is in the working tree while it is the developer's turn.

    It is the step's own ``look``, so that what is shown is what `ship` would take up; only the
    network is not asked.
    """

    def __init__(self, workspace: Workspace, run: str, note: str, see: See | None = None) -> None:
        self._workspace = workspace
        self._run = run
        self._note = note
        self._see = reading(see or offline_view(workspace))

    def view(self) -> RunView:
        """How it stands now."""
        view = run_view(self._workspace, self._run, self._note)
        entry = self._handed_over(view)
        if entry is None:
            return view
        state = RunState(self._workspace.journal.events(self._run))
        products = RunProducts(self._workspace.plan.by_name, state)
        repository = self._see.repository
        at = situation(entry, Sources(self._workspace.plan, state.of, products, repository))
        if not at.is_ready:
            return view
        return replace(view, board=view.board.previewing(entry.name, self._checks(at)))

    def _handed_over(self, view: RunView) -> Entry | None:
        """The entry whose turn it is, where it is a person's and can be looked at."""
        if view.running:
            return None
        for entry in self._workspace.plan.entries:
            if entry.step.hands_over and entry.step.look:
                is_open = view.board.heard(entry.name).status in (Status.PENDING, Status.WAITING)
                return entry if is_open else None
        return None

    def _checks(self, at: Situation) -> tuple[Check, ...]:
        look = at.entry.step.look
        assert look is not None, "asked only of an entry that can look"
        turn = Turn(self._run, at.entry.name, at.memory.round)
        try:
            product = look(self._see, turn, at.entry.params, at.needs)
        except DevflowError as error:
            words = f"{error.message}. {error.hint}" if error.hint else error.message
            return (note(measure("working_tree", "working tree", text(words), at.entry.name)),)
        return at.judge(product).checks if product is not None else ()


def _watch(options: Options, work: Work) -> int:
    """Looks again and again until Ctrl-C, which is how it is meant to end."""
    try:
        with watch_for(options.output, surroundings()) as screen:
            watch(clock(), work.view, screen)
    except KeyboardInterrupt:
        sys.stdout.flush()
    return 0


def watch(time: Clock, look: Callable[[], RunView], screen: WatchScreen) -> NoReturn:
    """Hands each look to the screen, which knows what changed. Ends by an interruption."""
    while True:
        view = look()
        screen(view.outline, view.board, running=view.running)
        time.sleep(EVERY_S)
