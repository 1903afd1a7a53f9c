"""The shapes of JIRA's answers, as far as devflow reads them: an answer without them is no answer.

Names are JIRA's own in snake case; an account is ``accountId`` on Cloud and ``name`` on Data
Center.
"""

from datetime import date, datetime
from typing import Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from devflow.model.planning import IssueLink, Person, SprintRef, TimeTracking
from devflow.model.workflow import Status


class JiraShape(BaseModel):
    """Part of an answer; what else it holds is left unread."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, defer_build=True)


class Paged(JiraShape):
    """A page of a list: some say how many there are in all, some whether it is the last one."""

    total: int | None = None
    is_last: bool | None = None

    def is_over(self, count: int) -> bool:
        """Whether nothing comes after so many items; a list that tells neither has one page."""
        if self.is_last is not None:
            return self.is_last
        return self.total is None or count >= self.total


class Named(JiraShape):
    """What has a name, and mostly an id."""

    id: str = ""
    name: str


class Made(JiraShape):
    """What was made or edited, by its id."""

    id: int | str


class ProjectAnswer(JiraShape):
    """A project."""

    name: str


class User(JiraShape):
    """An account."""

    account_id: str = ""
    name: str = ""
    display_name: str
    email_address: str = ""
    active: bool = True

    @property
    def person(self) -> Person:
        """The account as the model has it."""
        return Person(
            id=self.account_id or self.name,
            name=self.display_name,
            email=self.email_address,
            active=self.active,
        )


class Category(JiraShape):
    """A status category: ``new``, ``indeterminate`` or ``done``."""

    key: str
    name: str = ""


class IssueStatus(JiraShape):
    """A workflow status."""

    id: str
    name: str
    status_category: Category

    @property
    def read(self) -> Status:
        """The status as the model has it."""
        category = self.status_category
        return Status(
            id=self.id,
            name=self.name,
            category=category.key,
            category_name=category.name,
        )


class TypeStatuses(JiraShape):
    """An issue type of a project, with the statuses of its workflow there."""

    id: str
    name: str = ""
    statuses: tuple[IssueStatus, ...]


class FieldType(JiraShape):
    """What a field holds; ``custom`` names what made it, ``items`` what a list is of."""

    type: str = ""
    items: str = ""
    custom: str = ""
    system: str = ""


class ScreenField(JiraShape):
    """A field on a transition's screen."""

    name: str = ""
    kind: FieldType = Field(default_factory=FieldType, alias="schema")
    required: bool = False
    has_default_value: bool = False
    allowed_values: tuple[dict[str, Any], ...] = ()


class Transition(JiraShape):
    """A transition that the issue offers now."""

    id: str
    name: str
    to: IssueStatus
    fields: dict[str, ScreenField] = {}


class Transitions(JiraShape):
    """The transitions on offer."""

    transitions: tuple[Transition, ...]


class Changed(JiraShape):
    """One field's change."""

    field: str
    from_: str | None = Field(None, alias="from")
    from_string: str | None = None
    to: str | None = None
    to_string: str | None = None


class HistoryItem(JiraShape):
    """An entry of the changelog."""

    author: User | None = None
    created: datetime
    items: tuple[Changed, ...]


class Changelog(JiraShape):
    """An issue's changes, as far as they are shown with it; ``total`` counts all."""

    histories: tuple[HistoryItem, ...]
    total: int = 0


class ChangelogPage(Paged):
    """A page of an issue's changes."""

    values: tuple[HistoryItem, ...]


class Sprint(JiraShape):
    """A sprint."""

    id: int
    name: str
    state: str = ""
    goal: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None

    @property
    def ref(self) -> SprintRef:
        """The sprint as the model has it."""
        return SprintRef(
            id=self.id,
            name=self.name,
            state=self.state.lower(),
            goal=self.goal or "",
            start=self.start_date,
            end=self.end_date,
        )


class LinkWords(JiraShape):
    """What a kind of link is called from its two ends."""

    inward: str
    outward: str


class LinkedFields(JiraShape):
    """What is known of a linked issue."""

    status: IssueStatus


class Linked(JiraShape):
    """The issue at the other end."""

    key: str
    fields: LinkedFields


class Link(JiraShape):
    """A link to another issue: one of its two ends is the other one."""

    type: LinkWords
    inward_issue: Linked | None = None
    outward_issue: Linked | None = None

    @property
    def read(self) -> IssueLink | None:
        """The link as the model has it, ``None`` where neither end may be seen."""
        other = self.inward_issue or self.outward_issue
        if other is None:
            return None
        relation = self.type.inward if self.inward_issue else self.type.outward
        done = other.fields.status.status_category.key == "done"
        return IssueLink(relation=relation, key=other.key, done=done)


class Times(JiraShape):
    """Estimated and logged time, in seconds."""

    original_estimate_seconds: int | None = None
    remaining_estimate_seconds: int | None = None
    time_spent_seconds: int | None = None

    @property
    def read(self) -> TimeTracking:
        """The times as the model has them."""
        return TimeTracking(
            original_s=self.original_estimate_seconds,
            remaining_s=self.remaining_estimate_seconds,
            spent_s=self.time_spent_seconds,
        )


class Fields(JiraShape):
    """An issue's fields; the custom ones are kept by their id."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="allow")

    summary: str
    description: Any = None
    issuetype: Named
    is_subtask: bool = Field(default=False, validation_alias=AliasPath("issuetype", "subtask"))
    # of what a sub-task is part of, and of any other issue's epic
    type_above: Named | None = Field(
        default=None, validation_alias=AliasPath("parent", "fields", "issuetype")
    )
    status: IssueStatus
    priority: Named | None = None
    assignee: User | None = None
    reporter: User | None = None
    labels: tuple[str, ...] = ()
    issuelinks: tuple[Link, ...] = ()
    duedate: date | None = None
    timetracking: Times = Field(default_factory=Times)
    created: datetime | None = None
    resolution: Named | None = None

    @property
    def parent_type(self) -> str:
        """The type of what a sub-task is part of, empty for any other issue."""
        return self.type_above.name if self.type_above and self.is_subtask else ""

    def custom(self, field_id: str) -> Any:
        """A custom field's value, ``None`` where the issue has none."""
        return (self.model_extra or {}).get(field_id)


class IssueAnswer(JiraShape):
    """An issue."""

    key: str
    fields: Fields
    changelog: Changelog | None = None


class IssuePage(Paged):
    """A page of issues."""

    issues: tuple[IssueAnswer, ...]


class SprintPage(Paged):
    """A page of sprints."""

    values: tuple[Sprint, ...]


class Comment(JiraShape):
    """A comment."""

    id: str
    author: User
    body: Any
    created: datetime
    updated: datetime


class Comments(Paged):
    """A page of an issue's comments."""

    comments: tuple[Comment, ...]


class Worklog(JiraShape):
    """Logged work."""

    author: User | None = None
    comment: Any = None


class Worklogs(Paged):
    """A page of an issue's logged work."""

    worklogs: tuple[Worklog, ...]


class Watchers(JiraShape):
    """Who watches an issue."""

    watchers: tuple[User, ...]


class LinkTarget(JiraShape):
    """Where a remote link leads."""

    url: str


class RemoteLink(JiraShape):
    """A remote link."""

    object: LinkTarget


class Property(JiraShape):
    """An issue property."""

    value: Any


class Created(JiraShape):
    """The key of a ticket, as creating one answers it."""

    key: str


class FoundFields(JiraShape):
    """What a search was asked for; who created a ticket can nobody change later."""

    status: IssueStatus | None = None
    resolution: Named | None = None
    creator: User | None = None


class FoundIssue(JiraShape):
    """An issue as a search answers it."""

    key: str
    fields: FoundFields = Field(default_factory=FoundFields)
    changelog: Changelog | None = None


class Found(Paged):
    """A page of a search; Cloud goes on by a token, Data Center by the number of the first."""

    issues: tuple[FoundIssue, ...] = ()
    next_page_token: str = ""
