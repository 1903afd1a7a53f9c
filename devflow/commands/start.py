"""`start`: begins a ticket, up to the developer's turn; with a summary, creates it first."""

import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Sequence

from devflow.commands.examining import refuse_in_vain
from devflow.commands.first_said import tell_first
from devflow.commands.ship import run_plan
from devflow.craft.ticket.draft import described, filled_in, template
from devflow.craft.tree.ticket_branch import checked_out
from devflow.engine.examine import place_of
from devflow.engine.fold import RunState
from devflow.engine.standing import is_frozen
from devflow.model.command_line import command_line
from devflow.model.errors import (
    AccessDenied,
    PipelineInvalid,
    RemoteSilent,
    StepFailed,
    UsageError,
)
from devflow.model.ids import TicketKey, names_ticket
from devflow.model.marks import Mark
from devflow.model.planning import USUAL_TYPE, NewTicket
from devflow.wiring.drafts import Draft
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options, OutputMode
from devflow.wiring.outlines import headline
from devflow.wiring.output import tell
from devflow.wiring.ticket_check import lacking, refuse_unknown
from devflow.wiring.workspace import Workspace, World, ticket_key
from devflow.wiring.world import world_of

INDEXED_WITHIN_S: Final = 60.0  # s; JIRA Cloud's search usually sees a ticket within a few seconds
MOST_CHARS: Final = 255  # of a summary; JIRA refuses more, and a line's end in it


@dataclass(frozen=True)
class Wanted:
    """A ticket as the command line says it; ``description`` is a file, ``-`` standard input."""

    summary: str = ""
    type: str = ""
    story: str = ""
    criteria: Sequence[str] = field(default=())
    description: str = ""

    @property
    def has_text(self) -> bool:
        """Whether anything is said beside the summary and the type."""
        return bool(self.story or self.criteria or self.description)


def start(options: Options, key: str, wanted: Wanted) -> int:
    """Begins a ticket; with a summary, creates it first. Answers the exit code.

    Raises ``UsageError`` where both or neither are told, or step 1 would refuse the ticket, and
    what ``run_plan`` raises.
    """
    _refuse_mistyped(key, wanted)
    workspace = workspace_of(options)
    tell_first(options, workspace, key)
    # a branch is made of the working tree: what git calls unfinished is told before the tracker
    # hears of anything
    workspace.repository.require_finished()
    is_new = False
    if key:
        run = ticket_key(workspace, key)
        is_new = not workspace.journal.events(run)
        if is_new:
            refuse_in_vain(options, workspace)
    else:
        refuse_in_vain(options, workspace)
        with world_of(options, workspace, "new") as world:
            _refuse_homeless(workspace, world)
            is_asked = _is_at_a_terminal(options.output) and not wanted.has_text
            run = NewTickets(workspace, world, is_asked).create(wanted)
    with world_of(options, workspace, run) as world:
        if is_new:
            refuse_unknown(workspace, world, run)
        _bring_back(workspace, world, run)
        return run_plan(workspace, world, run, options.output, "hand over")


def _refuse_mistyped(key: str, wanted: Wanted) -> None:
    summary = wanted.summary
    if bool(key) == bool(summary):
        new_ticket = command_line("start", new="a summary")
        hint = f"{command_line('start', 'SCRUM-95')}, or: {new_ticket}"
        if key or not (wanted.has_text or wanted.type):
            raise UsageError("name a ticket, or create one", hint=hint)
    if not summary and (wanted.has_text or wanted.type):
        problem = "--type, --story, --ac and --description are about a new ticket"
        raise UsageError(problem, hint=command_line("start", new="a summary"))
    if summary and (not summary.strip() or not summary.isprintable() or len(summary) > MOST_CHARS):
        problem = f"a ticket's summary is one line of 1 to {MOST_CHARS} characters"
        raise UsageError(problem, hint="the rest belongs in --story, --ac or --description FILE")
    if wanted.description and (wanted.story or wanted.criteria):
        problem = "--description is the whole text: --story and --ac would be said twice"
        raise UsageError(problem, hint="write them into the file, or leave the file out")


def _refuse_homeless(workspace: Workspace, world: World) -> None:
    """Raises ``PipelineInvalid`` where pipeline.yaml names no project that a new ticket could be
    in, ``UsageError`` where the sandbox has another one."""
    key = world.connection.project
    if not key:
        hint = "say it in pipeline.yaml: project: {tracker: {project: KEY}}"
        raise PipelineInvalid("no project is named that the new ticket could be in", hint=hint)
    own = world.facts.jira.project if world.facts else ""
    if own and own != key:
        said = place_of(workspace.plan, ("project", "tracker", "project"))
        problem = f"the sandbox was begun with the project {own}: it has no {key}"
        cure = f"{command_line('sandbox', 'reset')} (what is in it is forgotten)"
        raise UsageError(problem, hint=f"{cure}, or say project: {own} again", where=said)


def _bring_back(workspace: Workspace, world: World, run: str) -> None:
    """Checks out the branch that the run has recorded, wherever it is by now: nobody can take their
    turn on another one. Not once it is merged, when no turn is left. Raises ``StepFailed`` where
    git refuses to leave what is checked out."""
    events = tuple(workspace.journal.events(run))
    name = headline(workspace.plan.entries, RunState(events)).branch
    repository = world.tools.repository
    ours = [one for one in repository.branches() if names_ticket(one, run)]
    # one that was renamed is step 6's to judge
    if not name or is_frozen(events) or checked_out(repository) in (*ours, name):
        return
    if ours and name not in ours:
        name = ours[0]
    pull = world.tools.host.pull_for(name)
    if pull is not None and pull.merged:
        return
    with workspace.lock.hold(run):
        repository.create_branch(name, workspace.plan.project.base)
    tell(f"{name} is checked out again")


def _is_at_a_terminal(output: OutputMode) -> bool:
    """Whether a person can be asked."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return is_terminal and output in ("auto", "tree")


class NewTickets:
    """Creates tickets, each once; where ``is_asked``, a person writes its text in an editor."""

    def __init__(self, workspace: Workspace, world: World, is_asked: bool) -> None:
        self._workspace = workspace
        self._tracker = world.tools.tracker
        self._clock = world.tools.clock
        self._is_asked = is_asked
        # the sandbox's search lags behind nothing
        self._indexed_within = timedelta(seconds=0.0 if world.facts else INDEXED_WITHIN_S)

    def create(self, wanted: Wanted) -> TicketKey:
        """Creates the ticket, once however often it is said; answers its key.

        Raises ``UsageError`` where step 1 would refuse it, ``RemoteSilent`` where a search does not
        find it in time.
        """
        summary = wanted.summary.strip()
        mark = Mark(run="new", entry="ticket", verb="create", slot=summary)
        draft = Draft(self._workspace.state_dir, summary)
        key = self._found(mark, draft.sent_at)
        how = "was created for this summary before: its text stays as it is"
        if not key:
            how = f"was created: {summary}"
            new = self._checked(wanted, summary, draft)
            draft.is_about_to_be_sent(self._clock.now())
            try:
                self._tracker.create(new, mark=mark)
            except (StepFailed, AccessDenied):
                draft.was_refused()
                raise
            key = self._found(mark, self._clock.now(), at_least_s=INDEXED_WITHIN_S)
        if not key:
            message = "the ticket was created, but a search does not find it yet"
            raise RemoteSilent(message, hint=command_line("start", "KEY"))
        tell(f"{key} {how}")
        draft.forget()
        return TicketKey(key)

    def _found(self, mark: Mark, sent_at: datetime | None, *, at_least_s: float = 0.0) -> str:
        """The key of the ticket that was created; waits as long as a search may lag behind what
        was sent, perhaps by a command that was killed."""
        while not (key := self._tracker.created(mark)):
            lag = max(self._indexed_within, timedelta(seconds=at_least_s))
            if sent_at is None or self._clock.now() > sent_at + lag:
                return ""
            self._clock.sleep(1.0)
        return key

    def _checked(self, wanted: Wanted, summary: str, draft: Draft) -> NewTicket:
        type_ = wanted.type or USUAL_TYPE
        # before a person writes a text for it
        self._tracker.require_type(type_)
        text = self._text(wanted, summary, type_, draft)
        new = NewTicket(summary=summary, type=type_, description=text)
        problems = lacking(self._workspace.plan, new)
        if problems:
            names = ", ".join(check.label for check in problems)
            again = command_line("start", new=summary, story="TEXT", ac="TEXT")
            raise UsageError(
                f"step 1 would refuse this {type_}, so it is not created; it lacks: {names}",
                hint=f"{again}, or: --description FILE",
            )
        return new

    def _text(self, wanted: Wanted, summary: str, type_: str, draft: Draft) -> str:
        if wanted.description:
            return _file_text(wanted.description)
        if wanted.has_text:
            return described(wanted.story, wanted.criteria)
        if not self._is_asked:
            # what a person wrote before a command was killed
            return filled_in(draft.text)
        text = filled_in(draft.edit(template(summary, type_), self._workspace.root))
        if not text:
            draft.forget()
            hint = f"{command_line('start', new=summary)} asks again"
            raise UsageError("nothing was written, so that no ticket is created", hint=hint)
        return text


def _file_text(name: str) -> str:
    """The text of a file, or of standard input. Raises ``UsageError`` for what cannot be read."""
    try:
        if name == "-":
            return sys.stdin.read().strip()
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        hint = "--description names a Markdown file, or - for standard input"
        raise UsageError(
            f"the description cannot be read: {reason}", where=name, hint=hint
        ) from error
