"""The ``Tracker`` port on a JIRA site, Cloud or Data Center.

A marked text ends in a small ``[devflow:...]`` line, which stands in the bodies that ``comments``
answers: by it a step finds its own.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from jira.exceptions import JIRAError

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira import answers
from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.adapters.jira.client import (
    JiraAuth,
    JiraClient,
    UnknownTicket,
    issue_path,
    refused_fields,
)
from devflow.adapters.jira.created import Creation, created_ticket, ticket_type
from devflow.adapters.jira.marked import Accounts, MarkedComment, MarkedWork, must_be
from devflow.adapters.jira.plain import begins_plain
from devflow.adapters.jira.site import JiraSite, NamedFields
from devflow.adapters.jira.walk import Walk, Words, answer_of
from devflow.adapters.jira.workflow import Workflow
from devflow.model.marks import UNMARKED, Hands, Mark
from devflow.model.planning import (
    Issue,
    IssueComment,
    NewTicket,
    Person,
    SprintRef,
    StatusChange,
)
from devflow.model.workflow import Status, StatusWay

LEAST_LOGGED_S: Final = 60  # s; JIRA refuses to log less


@dataclass(eq=False)
class JiraTracker:
    """JIRA behind ``url``; nothing is asked before the first call.

    ``story_points_field`` is a custom field's id, used where neither the board nor the fields say;
    ``criteria_field`` the id or name of the one that holds the acceptance criteria.
    ``words`` are what pipeline.yaml says of the workflow. ``runners`` are the accounts that run
    devflow for this project, beside the token's own, by id or (on Cloud) e-mail address: their
    marks count too.
    """

    url: str
    auth: JiraAuth
    project: str
    story_points_field: str = ""
    retry: Retry = field(default_factory=Retry)
    words: Words = field(default_factory=Words)
    runners: tuple[str, ...] = ()
    criteria_field: str = ""

    def __post_init__(self) -> None:
        self._client = JiraClient(self.url, self.auth, self.retry)
        named = NamedFields(self.story_points_field, self.criteria_field)
        self._site = JiraSite(self._client, self.project, named)
        self._me: Person | None = None

    def me(self) -> Person:
        """The account that the token belongs to."""
        return self._client.run(self._myself)

    def project_name(self) -> str:
        """What the configured project is called."""
        return self._client.run(self._site.project_name)

    def _myself(self) -> Person:
        """Asked for once."""
        if self._me is None:
            self._me = self._client.get(answers.User, "myself").person
        return self._me

    def _accounts(self) -> Accounts:
        return Accounts(Hands.of((self._myself().id,), self.runners), self.auth.cloud)

    def person(self, account: str) -> Person | None:
        """The account by its id or user name; ``None`` where the site shows none."""
        return self._client.run(lambda: self._site.person(account))

    def issue(self, key: str) -> Issue:
        """The issue by its key. Raises ``StepFailed`` where there is none, with keys that are."""
        try:
            return self._client.run(lambda: self._site.issue(self._answer(key)), key)
        except UnknownTicket as unknown:
            unknown.hint += self._client.run(self._site.newest)
            raise

    def _answer(self, key: str) -> answers.IssueAnswer:
        return answer_of(self._client, key)

    def history(self, key: str) -> tuple[StatusChange, ...]:
        """Every status change, oldest first."""

        def read() -> tuple[StatusChange, ...]:
            issue = self._answer(key)
            workflow = self._site.workflow(issue)
            history: list[StatusChange] = []
            for change in self._client.changes(key, issue.changelog):
                for item in change.items:
                    if item.field == "status":
                        history.append(_status_change(workflow, change, item))
            return tuple(history)

        return self._client.run(read, key)

    def comments(self, key: str) -> tuple[IssueComment, ...]:
        """Every comment, oldest first."""
        comments = self._client.run(lambda: self._comments(key), key)
        accounts = self._client.run(self._accounts)
        return tuple(self._comment_of(key, comment, accounts) for comment in comments)

    def _comment_of(self, key: str, comment: answers.Comment, accounts: Accounts) -> IssueComment:
        return IssueComment(
            id=comment.id,
            author=comment.author.person,
            body=to_markdown(comment.body),
            created=comment.created,
            edited=comment.updated != comment.created,
            url=f"{self._client.site}/browse/{key}?focusedCommentId={comment.id}",
            hand=accounts.hand(comment.author.person),
            updated=comment.updated,
            is_plain=begins_plain(comment.body),
        )

    def _comments(self, key: str) -> list[answers.Comment]:
        comments: list[answers.Comment] = []
        path = issue_path(key, "comment")
        for page in self._client.pages(answers.Comments, "comments", path):
            comments.extend(page.comments)
        return sorted(comments, key=lambda comment: comment.created)

    def watchers(self, key: str) -> tuple[Person, ...]:
        """Who is told of changes."""
        return self._client.run(lambda: self._watchers(key), key)

    def _watchers(self, key: str) -> tuple[Person, ...]:
        watchers = self._client.get(answers.Watchers, issue_path(key, "watchers")).watchers
        return tuple(user.person for user in watchers)

    def links(self, key: str) -> tuple[str, ...]:
        """The URLs of the issue's remote links."""
        path = issue_path(key, "remotelink")
        links = self._client.run(lambda: self._client.get(list[answers.RemoteLink], path), key)
        return tuple(link.object.url for link in links)

    def meant(self, key: str, status: str) -> tuple[Status, ...]:
        """The statuses of the issue's workflow that an id, a name or a category means."""
        return self._client.run(lambda: self._walk(key).meant(status), key)

    def way(self, key: str, to_status: str, *, screens: bool = False) -> StatusWay:
        """What is known of the issue's way to a status, and of what screens on it ask for."""
        return self._client.run(lambda: self._walk(key).foresee(to_status, screens=screens), key)

    def _walk(self, key: str) -> Walk:
        return Walk(self._client, self._site, self._answer(key), self.words)

    def sprint_issues(self, sprint_id: int) -> tuple[Issue, ...]:
        """The issues of a sprint."""
        return self._client.run(lambda: self._site.sprint_issues(sprint_id))

    def closed_sprints(self) -> tuple[SprintRef, ...]:
        """The board's closed sprints, oldest first; none where the project has no board."""
        return self._client.run(self._site.closed_sprints)

    def property(self, key: str, name: str) -> str:
        """The text kept in an issue property, empty where there is none."""
        return self._client.run(lambda: self._property(key, name), key)

    def _property(self, key: str, name: str) -> str:
        try:
            value = self._client.get(answers.Property, issue_path(key, "properties", name)).value
        except JIRAError as error:
            if error.status_code != 404:
                raise
            return ""
        return value if isinstance(value, str) else str(value)

    def assign(self, key: str, person: Person) -> None:
        """Makes the person the assignee, by the account's id alone."""

        def is_so() -> bool:
            now = self._answer(key).fields.assignee
            return now is not None and now.person.id == person.id

        def ensure() -> None:
            if is_so():
                return
            field_name = "accountId" if self.auth.cloud else "name"
            self._client.send("PUT", issue_path(key, "assignee"), {field_name: person.id})
            must_be(is_so(), "an assignee")

        self._client.run(ensure, key)

    def watch(self, key: str, person: Person) -> None:
        """Makes the person a watcher."""

        def is_so() -> bool:
            return person.id in {watcher.id for watcher in self._watchers(key)}

        def ensure() -> None:
            if not is_so():
                self._client.send("POST", issue_path(key, "watchers"), person.id)
                must_be(is_so(), "a watcher")

        self._client.run(ensure, key)

    def transition(self, key: str, to_status: str, *, backwards: bool = False) -> None:
        """Brings the issue to a status (id, name or category), over several hops where needed.

        Each is read back. An issue at or past that status stays where it is, unless ``backwards``.
        Raises ``StepFailed`` naming what is offered.
        """
        self._client.run(lambda: self._walk(key).go(to_status, backwards=backwards), key)

    def schedule(self, key: str, start: date | None, due: date | None) -> None:
        """Sets start and due date; one that the ticket's screen does not have stays as it is."""

        def ensure() -> None:
            issue = self._site.issue(self._answer(key))
            values: dict[str, str] = {}
            start_field = self._site.fields.start
            if start_field and start is not None and start != issue.start:
                values[start_field] = f"{start}"
            if due is not None and due != issue.due:
                values["duedate"] = f"{due}"
            kept = self._edit(key, values)
            there = self._answer(key).fields if kept else None
            for name, value in kept.items():
                must_be(str(_field(there, name)) == value, f"the field {name}")

        self._client.run(ensure, key)

    def _edit(self, key: str, values: dict[str, str]) -> dict[str, str]:
        """Sends the fields, once more without those that the screen refuses by their names;
        answers what JIRA took."""
        if not values:
            return {}
        try:
            self._client.send("PUT", issue_path(key), {"fields": values})
        except JIRAError as error:
            if error.status_code != 400 or error.response is None:
                raise
            refused = refused_fields(error.response.json())
            rest = {name: value for name, value in values.items() if name not in refused}
            if len(rest) == len(values):
                raise
            return self._edit(key, rest)
        return values

    def create(self, new: NewTicket, *, mark: Mark = UNMARKED) -> None:
        """Creates the ticket, which carries the mark as a label; one that a search finds by it
        stays."""
        creation = Creation(self._client, self._site, self.project, new, mark)
        self._client.run(lambda: creation.ensure(self._accounts()))

    def created(self, mark: Mark) -> str:
        """The key of the ticket that carries the mark, empty where no search finds it (yet).

        One that a stranger created is none.
        """

        def search() -> str:
            return created_ticket(self._client, self.project, mark, self._accounts())

        return self._client.run(search)

    def require_type(self, name: str) -> None:
        """Raises ``StepFailed`` for a type that the project does not have."""
        self._client.run(lambda: ticket_type(self._site, self.project, name))

    def remember(self, key: str, name: str, text: str) -> None:
        """Keeps a text in an issue property; one that is already there stays."""

        def ensure() -> None:
            if self._property(key, name):
                return
            self._client.send("PUT", issue_path(key, "properties", name), text, object)
            must_be(bool(self._property(key, name)), "a property")

        self._client.run(ensure, key)

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, edits mine where it has another text by now, or follows what
        another runner wrote; a stranger's is passed over."""
        sign = _sign(mark)
        comment = MarkedComment(self._client, key, self._wire(body, sign), sign)
        self._client.run(lambda: comment.ensure(lambda: self._comments(key), self._accounts()), key)

    def _wire(self, text: str, sign: str) -> object:
        return to_adf(text, sign) if self.auth.cloud else f"{text}\n\n{sign}".strip()

    def link(
        self, key: str, url: str, title: str, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Hangs a remote link on the issue."""
        # JIRA keeps one for each globalId
        body = {"globalId": mark.editable, "object": {"url": url, "title": title}}
        path = issue_path(key, "remotelink")

        def ensure() -> None:
            self._client.send("POST", path, body, answers.Made)
            links = self._client.get(list[answers.RemoteLink], path)
            must_be(any(one.object.url == url for one in links), "a link")

        self._client.run(ensure, key)

    def log_work(
        self,
        key: str,
        seconds: int,
        started: datetime,
        *,
        slot: str = "",
        mark: Mark = UNMARKED,
    ) -> None:
        """Logs working time, at least ``LEAST_LOGGED_S``, once a mark.

        A marked entry that is already there stays.
        """
        sign = _sign(mark)
        body = {
            "timeSpentSeconds": max(seconds, LEAST_LOGGED_S),
            # JIRA takes exactly this form, with milliseconds and no colon in the zone
            "started": f"{started.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000%z}",
            "comment": self._wire("", sign),
        }
        work = MarkedWork(self._client, key, body, sign)
        self._client.run(lambda: work.ensure(self._accounts()), key)


def _field(fields: answers.Fields | None, name: str) -> object:
    """A field as JIRA has it now, by the name that it is written by."""
    if fields is None:
        return None
    return fields.duedate if name == "duedate" else fields.custom(name)


def _status_change(
    workflow: Workflow, change: answers.HistoryItem, item: answers.Changed
) -> StatusChange:
    """A change of status; the changelog keeps names in the language of whoever made the change."""
    before = workflow.by_id(item.from_ or "")
    after = workflow.by_id(item.to or "")
    return StatusChange(
        from_status=before.name if before else item.from_string or "",
        to_status=after.name if after else item.to_string or "",
        from_id=item.from_ or "",
        to_id=item.to or "",
        at=change.created,
        by=change.author.display_name if change.author else "",
    )


def _sign(mark: Mark) -> str:
    return f"[{mark.editable}]"
