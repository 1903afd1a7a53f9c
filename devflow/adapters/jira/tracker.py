"""The ``Tracker`` port on a JIRA site, Cloud or Data Center.

A marked text ends in a small ``[devflow:...]`` line, which stands in the bodies that ``comments``
answers: by it a step finds its own.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from jira.exceptions import JIRAError

from devflow.adapters.http.retry import Fault, Retry
from devflow.adapters.jira import answers
from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.adapters.jira.client import JiraAuth, JiraClient, issue_path, refused_fields
from devflow.adapters.jira.site import JiraSite
from devflow.adapters.jira.walk import Walk, Words, answer_of
from devflow.adapters.jira.workflow import Workflow
from devflow.model.marks import UNMARKED, Mark
from devflow.model.planning import Issue, IssueComment, Person, SprintRef, StatusChange
from devflow.model.workflow import Status, StatusWay

NEW_TYPE: Final = "Story"
LEAST_LOGGED_S: Final = 60  # s; JIRA refuses to log less
DIGEST_CHARS: Final = 16  # of a SHA-256: 64 bits, for the few marked tickets of one project


@dataclass(eq=False)
class JiraTracker:
    """JIRA behind ``url``; nothing is asked before the first call.

    ``story_points_field`` is a custom field's id, used where neither the board nor the fields say.
    ``words`` are what pipeline.yaml says of the workflow.
    """

    url: str
    auth: JiraAuth
    project: str
    story_points_field: str = ""
    retry: Retry = field(default_factory=Retry)
    words: Words = field(default_factory=Words)

    def __post_init__(self) -> None:
        self._client = JiraClient(self.url, self.auth, self.retry)
        self._site = JiraSite(self._client, self.project, self.story_points_field)

    def me(self) -> Person:
        """The account that the token belongs to."""
        return self._client.run(lambda: self._client.get(answers.User, "myself")).person

    def issue(self, key: str) -> Issue:
        """The issue by its key. Raises ``StepFailed`` where there is none."""
        return self._client.run(lambda: self._site.issue(self._answer(key)), key)

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
        return tuple(self._comment_of(key, comment) for comment in comments)

    def _comment_of(self, key: str, comment: answers.Comment) -> IssueComment:
        return IssueComment(
            id=comment.id,
            author=comment.author.person,
            body=to_markdown(comment.body),
            created=comment.created,
            edited=comment.updated != comment.created,
            url=f"{self._client.site}/browse/{key}?focusedCommentId={comment.id}",
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

        def ensure() -> None:
            now = self._answer(key).fields.assignee
            if now is not None and now.person.id == person.id:
                return
            field_name = "accountId" if self.auth.cloud else "name"
            self._client.send("PUT", issue_path(key, "assignee"), {field_name: person.id})

        self._client.run(ensure, key)

    def watch(self, key: str, person: Person) -> None:
        """Makes the person a watcher."""

        def ensure() -> None:
            if person.id not in {watcher.id for watcher in self._watchers(key)}:
                self._client.send("POST", issue_path(key, "watchers"), person.id)

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
            self._edit(key, values)

        self._client.run(ensure, key)

    def _edit(self, key: str, values: dict[str, str]) -> None:
        """Sends the fields, once more without those that the screen refuses by their names."""
        if not values:
            return
        try:
            self._client.send("PUT", issue_path(key), {"fields": values})
        except JIRAError as error:
            if error.status_code != 400 or error.response is None:
                raise
            refused = refused_fields(error.response.json())
            rest = {name: value for name, value in values.items() if name not in refused}
            if len(rest) == len(values):
                raise
            self._edit(key, rest)

    def create(self, summary: str, *, mark: Mark = UNMARKED) -> None:
        """Creates a story, which carries the mark as a label.

        One that a search finds by it already stays.
        """
        new = {
            "project": {"key": self.project},
            "issuetype": {"name": NEW_TYPE},
            "summary": summary,
            "labels": [_label(mark)],
        }

        def ensure() -> None:
            if not self._created(mark):
                self._client.send("POST", "issue", {"fields": new}, answers.Created)

        self._client.run(ensure)

    def created(self, mark: Mark) -> str:
        """The key of the ticket that carries the mark, empty where no search finds it (yet)."""
        return self._client.run(lambda: self._created(mark))

    def _created(self, mark: Mark) -> str:
        query = f'project = "{self.project}" AND labels = "{_label(mark)}" ORDER BY created ASC'
        found = self._client.search(query, 1)
        return found[0].key if found else ""

    def remember(self, key: str, name: str, text: str) -> None:
        """Keeps a text in an issue property; one that is already there stays."""

        def ensure() -> None:
            if self._property(key, name):
                return
            self._client.send("PUT", issue_path(key, "properties", name), text, object)
            if not self._property(key, name):
                raise Fault("unknown", "a property that is not there after it was written")

        self._client.run(ensure, key)

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, or edits it where it has another text by now.

        The oldest with the mark is ours.
        """
        sign = _sign(mark)
        text = self._wire(body, sign)

        def ensure() -> None:
            comments = self._comments(key)
            ours = next((one for one in comments if to_markdown(one.body).endswith(sign)), None)
            if ours is None:
                path = issue_path(key, "comment")
                self._client.send("POST", path, {"body": text}, answers.Made)
            elif to_markdown(ours.body) != to_markdown(text):
                path = issue_path(key, "comment", ours.id)
                self._client.send("PUT", path, {"body": text}, answers.Made)

        self._client.run(ensure, key)

    def _wire(self, text: str, sign: str) -> object:
        return to_adf(text, sign) if self.auth.cloud else f"{text}\n\n{sign}".strip()

    def link(
        self, key: str, url: str, title: str, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Hangs a remote link on the issue."""
        # JIRA keeps one for each globalId
        body = {"globalId": mark.editable, "object": {"url": url, "title": title}}
        path = issue_path(key, "remotelink")
        self._client.run(lambda: self._client.send("POST", path, body, answers.Made), key)

    def log_work(
        self, key: str, seconds: int, started: datetime, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Logs working time, at least ``LEAST_LOGGED_S``, once a mark.

        A marked entry that is already there stays.
        """
        sign = _sign(mark)
        path = issue_path(key, "worklog")
        body = {
            "timeSpentSeconds": max(seconds, LEAST_LOGGED_S),
            # JIRA takes exactly this form, with milliseconds and no colon in the zone
            "started": f"{started.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000%z}",
            "comment": self._wire("", sign),
        }

        def ensure() -> None:
            logs: list[answers.Worklog] = []
            for page in self._client.pages(answers.Worklogs, "worklogs", path):
                logs.extend(page.worklogs)
            if not any(to_markdown(log.comment).endswith(sign) for log in logs):
                self._client.send("POST", path, body, answers.Made)

        self._client.run(ensure, key)


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


def _label(mark: Mark) -> str:
    """The mark as a label, which may hold neither spaces nor much text."""
    digest = hashlib.sha256(mark.editable.encode()).hexdigest()
    return f"devflow-{digest[:DIGEST_CHARS]}"


def _sign(mark: Mark) -> str:
    return f"[{mark.editable}]"
