"""The ``Tracker`` port on a JIRA site, Cloud or Data Center.

A marked text ends in a small ``[devflow:...]`` line, which stands in the bodies that ``comments``
answers: by it a step finds its own.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, Mapping

from jira.exceptions import JIRAError

from devflow.adapters.http.retry import Fault, Retry
from devflow.adapters.jira import answers
from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.adapters.jira.client import JiraAuth, JiraClient, issue_path, refused_fields
from devflow.adapters.jira.site import JiraSite
from devflow.adapters.jira.workflow import screen_values
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.model.planning import Issue, IssueComment, Person, SprintRef, StatusChange

MOST_HOPS: Final = (
    8  # transitions in one walk; twice the longest way through the reference's five statuses
)
NEW_TYPE: Final = "Story"
LEAST_LOGGED_S: Final = 60  # s; JIRA refuses to log less


@dataclass(eq=False)
class JiraTracker:
    """JIRA behind ``url``; nothing is asked before the first call.

    ``story_points_field`` is a custom field's id, used where neither the board nor the fields tell
    it. ``transition_fields`` are values for required fields on transition screens, by the field's
    id or name.
    """

    url: str
    auth: JiraAuth
    project: str
    story_points_field: str = ""
    retry: Retry = field(default_factory=Retry)
    transition_fields: Mapping[str, Any] = field(default_factory=dict)

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
        return self._client.get(answers.IssueAnswer, issue_path(key), expand="changelog")

    def history(self, key: str) -> tuple[StatusChange, ...]:
        """Every status change, oldest first; Cloud shows the newest 100 changes of an issue."""
        changes = self._client.run(lambda: _changes(self._answer(key)), key)
        return tuple(
            StatusChange(
                from_status=item.from_string or "",
                to_status=item.to_string or "",
                at=change.created,
                by=change.author.display_name if change.author else "",
            )
            for change in changes
            for item in change.items
            if item.field == "status"
        )

    def comments(self, key: str) -> tuple[IssueComment, ...]:
        """Every comment, oldest first."""
        found = self._client.run(lambda: self._comments(key), key)
        return tuple(
            IssueComment(
                id=comment.id,
                author=comment.author.person,
                body=to_markdown(comment.body),
                created=comment.created,
                edited=comment.updated != comment.created,
                url=f"{self._client.site}/browse/{key}?focusedCommentId={comment.id}",
            )
            for comment in found
        )

    def _comments(self, key: str) -> list[answers.Comment]:
        found = self._client.get(answers.Comments, issue_path(key, "comment")).comments
        return sorted(found, key=lambda comment: comment.created)

    def watchers(self, key: str) -> tuple[Person, ...]:
        """Who is told of changes."""
        return self._client.run(lambda: self._watchers(key), key)

    def _watchers(self, key: str) -> tuple[Person, ...]:
        found = self._client.get(answers.Watchers, issue_path(key, "watchers"))
        return tuple(user.person for user in found.watchers)

    def links(self, key: str) -> tuple[str, ...]:
        """The URLs of the issue's remote links."""
        path = issue_path(key, "remotelink")
        return tuple(
            link.object.url
            for link in self._client.run(
                lambda: self._client.get(list[answers.RemoteLink], path), key
            )
        )

    def statuses(self, key: str) -> tuple[str, ...]:
        """The issue's status, those on offer, and those on the board: JIRA shows whole workflows to
        its admins only."""

        def names() -> tuple[str, ...]:
            workflow = self._site.workflow
            on_board = [status for status in workflow.statuses if status.id in workflow.columns]
            offered = [transition.to for transition in self._offered(key)]
            return tuple(
                dict.fromkeys(
                    status.name for status in [self._answer(key).fields.status, *offered, *on_board]
                )
            )

        return self._client.run(names, key)

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
            if now is None or now.person.id != person.id:
                self._client.send(
                    "PUT",
                    issue_path(key, "assignee"),
                    {"accountId" if self.auth.cloud else "name": person.id},
                )

        self._client.run(ensure, key)

    def watch(self, key: str, person: Person) -> None:
        """Makes the person a watcher."""

        def ensure() -> None:
            if person.id not in {watcher.id for watcher in self._watchers(key)}:
                self._client.send("POST", issue_path(key, "watchers"), person.id)

        self._client.run(ensure, key)

    def transition(self, key: str, to_status: str, *, backwards: bool = False) -> None:
        """Brings the issue to a status (id, name or category), over several hops where needed, each
        read back.

        An issue at or past that status stays where it is, unless ``backwards``. Raises
        ``StepFailed`` naming what is offered.
        """
        self._client.run(lambda: self._walk(key, to_status, backwards), key)

    def _walk(self, key: str, to_status: str, backwards: bool) -> None:
        workflow = self._site.workflow
        meant = workflow.meant(to_status)
        issue = self._answer(key)
        here = issue.fields.status
        if not backwards and workflow.reached(here, meant, _changes(issue)):
            return
        seen: set[str] = set()
        while here.id not in meant and len(seen) < MOST_HOPS:
            seen.add(here.id)
            here = self._hop(
                key, here, to_status, workflow.towards(here, meant, self._offered(key), seen)
            )
        if here.id not in meant:
            raise StepFailed(
                f"{key} is in '{here.name}' after {MOST_HOPS} transitions, still not in '{to_status}'",
                where=key,
            )

    def _hop(
        self, key: str, here: answers.IssueStatus, to_status: str, chosen: answers.Transition | None
    ) -> answers.IssueStatus:
        if chosen is None:
            offers = (
                ", ".join(f"'{item.name}' to {item.to.name}" for item in self._offered(key))
                or "nothing"
            )
            message = f"{key} cannot come from '{here.name}' to '{to_status}': JIRA offers {offers}"
            raise StepFailed(
                message, hint="move the ticket in JIRA, or name a status of its workflow", where=key
            )
        body = {
            "transition": {"id": chosen.id},
            "fields": screen_values(chosen, self.transition_fields),
        }
        self._client.send("POST", issue_path(key, "transitions"), body)
        now = self._answer(key).fields.status
        if now.id != chosen.to.id:
            message = f"JIRA took '{chosen.name}' for {key}, which then was in '{now.name}' instead of '{chosen.to.name}'"
            raise StepFailed(
                message,
                hint="see the ticket's history: another change or a rule of the workflow came between",
                where=key,
            )
        return now

    def _offered(self, key: str) -> tuple[answers.Transition, ...]:
        path = issue_path(key, "transitions")
        return self._client.get(answers.Transitions, path, expand="transitions.fields").transitions

    def schedule(self, key: str, start: date | None, due: date | None) -> None:
        """Sets start and due date; one that the ticket's screen does not have stays as it is."""

        def ensure() -> None:
            issue = self._site.issue(self._answer(key))
            wanted = {self._site.fields.start: (issue.start, start), "duedate": (issue.due, due)}
            self._edit(
                key,
                {
                    name: f"{new}"
                    for name, (old, new) in wanted.items()
                    if name and new is not None and new != old
                },
            )

        self._client.run(ensure, key)

    def _edit(self, key: str, values: dict[str, str]) -> None:
        """Sends the fields, once more without those that the screen refuses by their names."""
        if not values:
            return
        try:
            self._client.send("PUT", issue_path(key), {"fields": values})
        except JIRAError as error:
            refused = (
                refused_fields(error.response.json())
                if error.status_code == 400 and error.response is not None
                else {}
            )
            if not set(refused) & set(values):
                raise
            self._edit(key, {name: value for name, value in values.items() if name not in refused})

    def create(self, summary: str, *, mark: Mark = UNMARKED) -> None:
        """Creates a story, which carries the mark as a label; one that a search finds by it already
        stays."""
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
        """The key of the ticket that carries the mark, empty where a search does not find it (yet)."""
        return self._client.run(lambda: self._created(mark))

    def _created(self, mark: Mark) -> str:
        query = f'project = "{self.project}" AND labels = "{_label(mark)}" ORDER BY created ASC'
        path = "search/jql" if self.auth.cloud else "search"
        found = self._client.get(
            answers.Found, path, jql=query, fields="summary", maxResults=1
        ).issues
        return found[0].key if found else ""

    def remember(self, key: str, name: str, text: str) -> None:
        """Keeps a text in an issue property; one that is already there stays."""

        def ensure() -> None:
            if not self._property(key, name):
                self._client.send("PUT", issue_path(key, "properties", name), text, object)
                if not self._property(key, name):
                    raise Fault("unknown", "a property that is not there after it was written")

        self._client.run(ensure, key)

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, or edits it where it has another text by now; the oldest with
        the mark is ours."""
        sign = _sign(mark)
        wanted = self._wire(body, sign)

        def ensure() -> None:
            ours = next(
                (item for item in self._comments(key) if to_markdown(item.body).endswith(sign)),
                None,
            )
            if ours is None:
                self._client.send(
                    "POST", issue_path(key, "comment"), {"body": wanted}, answers.Made
                )
            elif to_markdown(ours.body) != to_markdown(wanted):
                self._client.send(
                    "PUT", issue_path(key, "comment", ours.id), {"body": wanted}, answers.Made
                )

        self._client.run(ensure, key)

    def _wire(self, text: str, sign: str) -> object:
        return to_adf(text, sign) if self.auth.cloud else f"{text}\n\n{sign}".strip()

    def link(
        self, key: str, url: str, title: str, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Hangs a remote link on the issue; JIRA keeps one for each ``globalId``, which is the
        mark."""
        body = {"globalId": mark.editable, "object": {"url": url, "title": title}}
        self._client.run(
            lambda: self._client.send("POST", issue_path(key, "remotelink"), body, answers.Made),
            key,
        )

    def log_work(
        self, key: str, seconds: int, started: datetime, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        """Logs working time, at least 60 s, once a mark; a marked entry that is already there
        stays."""
        sign = _sign(mark)
        path = issue_path(key, "worklog")
        begun = f"{started.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000%z}"
        body = {
            "timeSpentSeconds": max(seconds, LEAST_LOGGED_S),
            "started": begun,
            "comment": self._wire("", sign),
        }

        def ensure() -> None:
            logs = self._client.get(answers.Worklogs, path).worklogs
            if not any(to_markdown(log.comment).endswith(sign) for log in logs):
                self._client.send("POST", path, body, answers.Made)

        self._client.run(ensure, key)


def _changes(issue: answers.IssueAnswer) -> list[answers.HistoryItem]:
    return (
        sorted(issue.changelog.histories, key=lambda change: change.created)
        if issue.changelog
        else []
    )


def _label(mark: Mark) -> str:
    """The mark as a label, which may hold neither spaces nor much text."""
    return f"devflow-{hashlib.sha256(mark.editable.encode()).hexdigest()[:16]}"


def _sign(mark: Mark) -> str:
    return f"[{mark.editable}]"
