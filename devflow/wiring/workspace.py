"""Where a command works: the repository, its pipeline, its journal, and (where the command needs
it) the world outside."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping, Protocol

from devflow.config.environment import Connection
from devflow.config.pipeline import Pipeline
from devflow.engine.plan import Plan
from devflow.model.errors import UsageError
from devflow.model.ids import TicketKey, is_ticket_key, meant_by, tickets_in, tickets_of_project
from devflow.model.sandbox import SandboxFacts
from devflow.ports.deploys import Deploys
from devflow.ports.journal import OpenJournal
from devflow.ports.lock import RunLock
from devflow.ports.repository import RepositoryReads
from devflow.step import AnyStep, Tools
from devflow.wiring.options import SANDBOX_NOTE
from devflow.wiring.output import tell


class Masking(Protocol):
    """Takes registered secrets out of any text."""

    def register(self, secret: str) -> None:
        """Hides this secret from now on."""
        ...

    def __call__(self, text: str) -> str:
        """The text without them."""
        ...


@dataclass(frozen=True)
class Workspace:
    """A repository with a pipeline.yaml, and what stands in its ``.git/devflow``."""

    root: Path
    state_dir: Path
    pipeline: Pipeline
    steps: Mapping[str, AnyStep]
    plan: Plan
    journal: OpenJournal
    lock: RunLock
    repository: RepositoryReads
    deploys: Deploys
    mask: Masking


class Pauses:
    """Where it is told that a remote service is waited for: standard error, or what ``heard_by``
    names, as long as that takes it."""

    def __init__(self) -> None:
        self.heard_by: Callable[[str], bool] = _unheard

    def __call__(self, text: str) -> None:
        if not self.heard_by(text):
            tell(text)


def _unheard(_: str) -> bool:
    return False


@dataclass(frozen=True)
class World:
    """The world outside as one person reaches it; ``stop`` ends every child, ``facts`` is the
    sandbox where it is one, ``pauses`` tells of waiting for a service."""

    tools: Tools
    connection: Connection
    stop: Callable[[], None]
    facts: SandboxFacts | None = None
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def note(self) -> str:
        """What the first line of every screen says: what it is connected to."""
        if self.connection.kind == "sandbox":
            return SANDBOX_NOTE
        return f"{self.connection.tracker.url} · {self.connection.repository}"


def ticket_key(workspace: Workspace, typed: str) -> TicketKey:
    """The ticket that a command is about: the one that was typed, the checked-out branch's, else
    the only run there is, where the branch names no other ticket.

    Raises ``UsageError`` where none can be told.
    """
    if typed:
        if not is_ticket_key(typed):
            raise UsageError(f'"{typed}" is not a ticket key', hint="a key looks like SCRUM-95")
        return TicketKey(typed)
    branch = workspace.repository.current_branch()
    project = workspace.plan.project.tracker.project
    runs = workspace.journal.runs()
    meant = meant_by(branch, project, runs)
    if meant is not None:
        return meant
    ours = tickets_of_project(branch, project) if project else ()
    hint = f"name one: {', '.join(ours or tickets_in(branch) or runs) or 'SCRUM-95'}"
    raise UsageError("which ticket?", where=f"branch {branch}", hint=hint)


def to_be_named(workspace: Workspace, run: str) -> str:
    """The ticket, where the next command has to name it: without a name it would be about another
    one, or about none."""
    try:
        branch = workspace.repository.current_branch()
    except UsageError:
        # none is checked out, as on CI: nothing else tells the ticket
        return run
    runs = {*workspace.journal.runs(), run}
    meant = meant_by(branch, workspace.plan.project.tracker.project, tuple(runs))
    return "" if meant == run else run
