"""What planning knows: the issue as JIRA has it, and the products of steps 1 to 5.

In ``Ticket`` the wording (summary, criteria, requirements) is identity, since what is built follows
from it; status and people are facts.
"""

from datetime import date, datetime
from typing import Final

from pydantic import Field

from devflow.model.ids import Sha
from devflow.model.marks import Hand
from devflow.model.values import Fact, Value


class Person(Value):
    """An account of the tracker or of the code host; ``id`` is what its API wants. One that is not
    ``active`` was closed."""

    id: str
    name: str
    email: str = ""
    active: bool = True


class SprintRef(Value):
    """A sprint by id and name, its state (``active``, ``closed``, ``future``) and dates."""

    id: int
    name: str
    state: str = ""
    goal: str = ""
    start: datetime | None = None
    end: datetime | None = None


class IssueLink(Value):
    """A link to another issue, as read from this one: ``blocks``, ``is blocked by`` ..."""

    relation: str
    key: str
    done: bool = False


class TimeTracking(Value):
    """Original estimate, remaining and logged time, in seconds."""

    original_s: int | None = None
    remaining_s: int | None = None
    spent_s: int | None = None


class Issue(Value):
    """One JIRA issue as it was read: texts are Markdown whatever the API version speaks;
    ``criteria`` is that of a field of its own for them, named by ``criteria_source``.
    ``parent_type`` is that of the issue that a sub-task is part of, empty for any other."""

    key: str
    type: str
    parent_type: str = ""
    summary: str
    description: str = ""
    criteria: str = ""
    criteria_source: str = ""
    status: str
    status_id: str = ""
    status_category: str
    priority: str = ""
    assignee: Person | None = None
    reporter: Person | None = None
    points: float | None = None
    points_source: str = ""
    sprint: SprintRef | None = None
    labels: tuple[str, ...] = ()
    links: tuple[IssueLink, ...] = ()
    start: date | None = None
    due: date | None = None
    time: TimeTracking = Field(default_factory=TimeTracking)
    created: datetime | None = None
    resolution: str = ""
    url: str = ""


USUAL_TYPE: Final = "Story"


class NewTicket(Value):
    """A ticket that is to be created: ``type`` is the name of one of the project's types in any
    case, the description Markdown."""

    summary: str
    type: str = USUAL_TYPE
    description: str = ""


class IssueComment(Value):
    """A comment; it is ``edited`` when its two times differ, which voids an approval. ``is_plain``:
    it begins with words that nothing frames, hides or formats, as a person's word at a gate does.
    """

    id: str
    author: Person
    body: str
    created: datetime
    edited: bool = False
    url: str = ""
    hand: Hand = "stranger"
    updated: datetime | None = None
    is_plain: bool = False

    @property
    def at(self) -> datetime:
        """When it was last written."""
        return self.updated or self.created


class StatusChange(Value):
    """One transition that really happened, from the issue's changelog: the names are those of now,
    in the account's language, where the workflow still has the status."""

    from_status: str
    to_status: str
    from_id: str = ""
    to_id: str = ""
    at: datetime
    by: str


class Criterion(Value):
    """One acceptance criterion; ``id`` is AC-1 ... AC-n in the ticket's order."""

    id: str
    text: str


class Ticket(Value):
    """Step 1: the ticket that the run is about.

    ``doubts`` are why its criteria may be others than those that were read; ``confirmed``: a person
    has said that they are these. ``text_digest`` is of the text that all of it was read of.
    """

    key: str
    summary: str
    type: Fact[str]
    parent_type: Fact[str] = ""
    story: str = ""
    criteria: tuple[Criterion, ...] = ()
    criteria_source: Fact[str] = ""
    doubts: Fact[tuple[str, ...]] = ()
    confirmed: Fact[bool] = False
    text_digest: Fact[str] = ""
    technical: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    approach: str = ""
    technology: str = ""
    files: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    success: Fact[tuple[str, ...]] = ()
    priority: Fact[str] = ""
    status: Fact[str] = ""
    assignee: Fact[str] = ""
    sprint: Fact[SprintRef | None] = None
    points: Fact[float | None] = None
    points_source: Fact[str] = ""
    estimate_s: Fact[int | None] = None
    links: Fact[tuple[IssueLink, ...]] = ()
    url: Fact[str] = ""


class SprintPlan(Value):
    """Step 2: the sprint as the board has it, and what follows for this ticket; a ``_from`` names
    the field or the rule.

    ``committed`` is every issue of the sprint, this ticket included; ``unestimated`` ones are in no
    sum.
    """

    sprint: str
    sprint_id: int
    points: Fact[float | None]
    points_from: Fact[str] = ""
    estimate_h: Fact[float | None]
    estimate_from: Fact[str] = ""
    complexity: Fact[str]
    complexity_from: Fact[str] = ""
    risk: Fact[str]
    risk_from: Fact[str] = ""
    dependencies: Fact[tuple[str, ...]] = ()
    blocked_by: Fact[tuple[str, ...]]
    stories: Fact[int]
    issues: Fact[int] = 0
    unestimated: Fact[int] = 0
    committed_points: Fact[float]
    done_points: Fact[float]
    committed_h: Fact[float]
    history: Fact[tuple[float, ...]]
    forecast_points: Fact[float | None]


class Assignment(Value):
    """Step 3: who works on the ticket since when, and who has been told; ``told`` is the comment
    that told them, ``strangers`` who else left its mark."""

    key: str
    assignee: str
    status: Fact[str]
    category: Fact[str] = ""
    flow: Fact[tuple[str, ...]] = ()
    start: Fact[date | None] = None
    due: Fact[date | None] = None
    tracking_since: Fact[datetime | None] = None
    watchers: Fact[tuple[str, ...]] = ()
    on_board: Fact[bool] = False
    told: Fact[str] = ""
    strangers: Fact[tuple[str, ...]] = ()


class Document(Value):
    """A text file that a later step writes into the working tree."""

    path: str
    text: str


class Constraint(Value):
    """A constraint of the ticket, and the name of the check that proves it where there is one."""

    text: str
    check: str = ""


class Requirements(Value):
    """Step 4: what has to be true, each item with the place in the ticket that it comes from."""

    story: str
    technical: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    criteria: tuple[Criterion, ...]
    document: Document | None = None


class Impact(Value):
    """How many modules and test files a change reaches over the imports of a tree; ``chains`` are
    some of the ways there, ``unread`` the endings of changed code whose imports are not read,
    ``ways`` how the others were, ``partly`` the files that were read by lines alone."""

    modules: int
    tests: int
    tests_by_suite: dict[str, int] = {}
    chains: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


class Design(Value):
    """Step 5: how it is going to be built; ``impact`` is what the planned files reach on ``base``,
    the base branch's commit."""

    approach: str
    technology: str
    files: tuple[str, ...]
    plan: tuple[str, ...]
    missing: Fact[tuple[str, ...]] = ()
    impact: Fact[Impact | None] = None
    document: Document | None = None
    base: Fact[Sha] = Sha("")
