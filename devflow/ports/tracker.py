"""What steps may ask of the ticket tracker (JIRA).

Statuses are named by what they are, never by the name of a transition; texts are Markdown in both
directions.
"""

from datetime import date, datetime
from typing import Protocol

from devflow.model.marks import UNMARKED, Mark
from devflow.model.planning import (
    Issue,
    IssueComment,
    NewTicket,
    Person,
    SprintRef,
    StatusChange,
)
from devflow.model.workflow import Status, StatusWay
from devflow.ports.verbs import ensures


class TrackerReads(Protocol):
    """The reading half. Raises ``StepFailed`` (unknown issue), ``AccessDenied`` or
    ``RemoteSilent``."""

    def me(self) -> Person:
        """The account that the token belongs to."""
        ...

    def project_name(self) -> str:
        """What the configured project is called. Raises ``StepFailed`` where none of its key is
        shown to this account."""
        ...

    def person(self, account: str) -> Person | None:
        """The account by its id (Cloud) or user name (Data Center); ``None`` where the site shows
        none, which it also says to who may not look accounts up."""
        ...

    def issue(self, key: str) -> Issue:
        """The issue by its key, never by a search, whose index lags."""
        ...

    def history(self, key: str) -> tuple[StatusChange, ...]:
        """Every status change, oldest first."""
        ...

    def comments(self, key: str) -> tuple[IssueComment, ...]:
        """Every comment, oldest first, each with the hand that wrote it."""
        ...

    def watchers(self, key: str) -> tuple[Person, ...]:
        """Who is told of changes."""
        ...

    def links(self, key: str) -> tuple[str, ...]:
        """The URLs of the issue's remote links."""
        ...

    def meant(self, key: str, status: str) -> tuple[Status, ...]:
        """The statuses of the issue's workflow that an id, a name or else a category means, in any
        language of the account; none where the workflow lacks it."""
        ...

    def way(self, key: str, to_status: str, *, screens: bool = False) -> StatusWay:
        """What is known of the issue's way to a status; with ``screens`` also which required fields
        on it nothing is known for, as far as that can be seen from here."""
        ...

    def sprint_issues(self, sprint_id: int) -> tuple[Issue, ...]:
        """The issues of a sprint."""
        ...

    def closed_sprints(self) -> tuple[SprintRef, ...]:
        """The board's closed sprints, oldest first."""
        ...

    def created(self, mark: Mark) -> str:
        """The key of the ticket that this account or another runner created with this mark, empty
        where there is none (yet: a search's index lags)."""
        ...

    def require_type(self, name: str) -> None:
        """Raises ``StepFailed`` for a type that the configured project's tickets cannot have, as
        far as this account may see that; changes nothing."""
        ...

    def property(self, key: str, name: str) -> str:
        """The text kept in an issue property, empty where there is none."""
        ...


class Tracker(TrackerReads, Protocol):
    """The writing half: ensure verbs only."""

    @ensures
    def create(self, new: NewTicket, *, mark: Mark = UNMARKED) -> None:
        """Creates the ticket in the configured project, once a mark: one that is there stays as it
        is. Raises ``StepFailed`` for a type that the project does not have."""
        ...

    @ensures
    def assign(self, key: str, person: Person) -> None:
        """Makes the person the assignee."""
        ...

    @ensures
    def watch(self, key: str, person: Person) -> None:
        """Makes the person a watcher."""
        ...

    @ensures
    def transition(self, key: str, to_status: str, *, backwards: bool = False) -> None:
        """Brings the issue to a status (id, name or category), over several hops where needed, each
        read back.

        An issue at or past that status stays where it is, unless ``backwards``; past an end is
        nothing. A status on the way is entered only where finished tickets went on from it, or
        pipeline.yaml names it. Raises ``StepFailed`` naming what the workflow offers.
        """
        ...

    @ensures
    def schedule(self, key: str, start: date | None, due: date | None) -> None:
        """Sets start and due date where the screen offers them; a field that it does not offer
        stays as it is."""
        ...

    @ensures
    def remember(self, key: str, name: str, text: str) -> None:
        """Keeps a text in an issue property; one that is already there stays."""
        ...

    @ensures
    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, or edits this account's where it is already there with another
        text. Another runner's is followed by one of ours, a stranger's is passed over.
        """
        ...

    @ensures
    def link(
        self, key: str, url: str, title: str, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Hangs a remote link on the issue, one a mark."""
        ...

    @ensures
    def log_work(
        self,
        key: str,
        seconds: int,
        started: datetime,
        *,
        slot: str = "",
        mark: Mark = UNMARKED,
    ) -> None:
        """Logs working time once a mark, by whichever runner; a marked entry that is already there
        stays."""
        ...
