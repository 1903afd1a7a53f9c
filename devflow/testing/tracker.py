"""A tracker in memory, for tests of steps: issues of one project with a workflow, a board and what
hangs on an issue.

As in JIRA, an issue moves from status to status, a comment is edited where its mark is there, and
work is logged once a mark.
"""

from datetime import date, datetime, timezone
from typing import Any

from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Hands, Mark
from devflow.model.planning import (
    Issue,
    IssueComment,
    NewTicket,
    Person,
    SprintRef,
    StatusChange,
    TimeTracking,
)
from devflow.model.workflow import Status, StatusWay, meant_by

AT = datetime(2024, 1, 15, 9, 0, tzinfo=timezone.utc)
WORKFLOW = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "Code Review": "indeterminate",
    "Testing": "indeterminate",
    "Done": "done",
}
DEVELOPER = Person(id="1", name="Jose Rubio")
OWNER = Person(id="2", name="Product Owner")


class MemoryTracker:
    """``workflow`` is ordered: from each status the next and the one before are offered. ``writes``
    lists what was said."""

    def __init__(
        self, *issues: Issue, workflow: dict[str, str] | None = None, acting: Person = DEVELOPER
    ) -> None:
        self.issues = {issue.key: issue for issue in issues}
        self.workflow = workflow or WORKFLOW
        self.acting = acting
        self.people: dict[str, Person] = {}
        self.closed: tuple[SprintRef, ...] = ()
        # the types that the project has; without any they cannot be seen
        self.types: tuple[str, ...] = ()
        self.now = AT
        self.runners: tuple[str, ...] = ()
        # whether what is written begins with plain words, as it was given
        self.plain = True
        self.changes: dict[str, list[StatusChange]] = {}
        self.said: dict[str, list[IssueComment]] = {}
        self.watching: dict[str, list[Person]] = {}
        self.hanging: dict[tuple[str, str], str] = {}
        self.properties: dict[tuple[str, str], str] = {}
        self.worklogs: dict[tuple[str, str], int] = {}
        # what was created, by its mark
        self.made: dict[str, str] = {}
        self.writes: list[str] = []

    # reading

    def me(self) -> Person:
        return self.acting

    def project_name(self) -> str:
        return "Car price"

    def require_type(self, name: str) -> None:
        if self.types and name.casefold() not in map(str.casefold, self.types):
            raise StepFailed(f"there are no tickets of the type {name}")

    def person(self, account: str) -> Person | None:
        return self.people.get(account.lower())

    def issue(self, key: str) -> Issue:
        if key not in self.issues:
            raise StepFailed(f"there is no ticket {key}")
        issue = self.issues[key]
        # a status's id is its name here
        return issue.model_copy(update={"status_id": issue.status})

    def history(self, key: str) -> tuple[StatusChange, ...]:
        return tuple(self.changes.get(key, ()))

    def comments(self, key: str) -> tuple[IssueComment, ...]:
        hands = Hands.of((self.acting.id,), self.runners)
        return tuple(
            one.model_copy(update={"hand": hands.hand(one.author.id)})
            for one in self.said.get(key, ())
        )

    def watchers(self, key: str) -> tuple[Person, ...]:
        return tuple(self.watching.get(key, ()))

    def links(self, key: str) -> tuple[str, ...]:
        return tuple(url for (at, _), url in self.hanging.items() if at == key)

    def _statuses(self) -> tuple[Status, ...]:
        pairs = self.workflow.items()
        return tuple(Status(id=name, name=name, category=category) for name, category in pairs)

    def meant(self, key: str, status: str) -> tuple[Status, ...]:
        return meant_by(status, self._statuses())

    def way(self, key: str, to_status: str, *, screens: bool = False) -> StatusWay:
        order = list(self.workflow)
        issue = self.issue(key)
        here = Status(id=issue.status, name=issue.status, category=issue.status_category)
        meant = self.meant(key, to_status)
        if not meant:
            others = ", ".join(name for name in order if name != issue.status)
            return StatusWay(here=here, problem=f"the workflow has {issue.status}, {others}")
        start = order.index(issue.status)
        end = order.index(meant[0].name)
        path = self._statuses()[start + 1 : end + 1]
        return StatusWay(here=here, meant=meant, path=path, reached=start >= end)

    def sprint_issues(self, sprint_id: int) -> tuple[Issue, ...]:
        return tuple(
            issue for issue in self.issues.values() if issue.sprint and issue.sprint.id == sprint_id
        )

    def closed_sprints(self) -> tuple[SprintRef, ...]:
        return self.closed

    def property(self, key: str, name: str) -> str:
        return self.properties.get((key, name), "")

    def created(self, mark: Mark) -> str:
        return self.made.get(mark.editable, "")

    # writing

    def create(self, new: NewTicket, *, mark: Mark = UNMARKED) -> None:
        self.writes.append("create")
        if mark.editable not in self.made:
            project = next(iter(self.issues), "SCRUM-95").rpartition("-")[0]
            key = f"{project}-{len(self.issues) + 100}"
            self.issues[key] = story(
                key, summary=new.summary, type=new.type, description=new.description
            )
            self.made[mark.editable] = key

    def _edit(self, verb: str, key: str, **fields: Any) -> None:
        self.writes.append(verb)
        self.issues[key] = self.issue(key).model_copy(update=fields)

    def assign(self, key: str, person: Person) -> None:
        self._edit("assign", key, assignee=person)

    def watch(self, key: str, person: Person) -> None:
        self.writes.append("watch")
        if person not in self.watching.setdefault(key, []):
            self.watching[key].append(person)

    def transition(self, key: str, to_status: str, *, backwards: bool = False) -> None:
        self.writes.append(f"transition {to_status}")
        order = list(self.workflow)
        here = self.issue(key).status
        meant = self.meant(key, to_status)
        if not meant:
            raise StepFailed(f"{to_status} is not offered; offered: {', '.join(order)}")
        start = order.index(here)
        end = order.index(meant[0].name)
        if start >= end and not backwards:
            return
        way = order[start + 1 : end + 1] if end > start else order[end:start][::-1]
        for status in way:
            change = StatusChange(
                from_status=self.issue(key).status,
                to_status=status,
                from_id=self.issue(key).status,
                to_id=status,
                at=self.now,
                by=self.acting.name,
            )
            self.changes.setdefault(key, []).append(change)
            moved = {"status": status, "status_category": self.workflow[status]}
            self.issues[key] = self.issue(key).model_copy(update=moved)

    def schedule(self, key: str, start: date | None, due: date | None) -> None:
        self._edit(
            "schedule", key, start=start or self.issue(key).start, due=due or self.issue(key).due
        )

    def remember(self, key: str, name: str, text: str) -> None:
        self.writes.append("remember")
        self.properties.setdefault((key, name), text)

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        self.writes.append("comment")
        if mark == UNMARKED:
            mark = mark.model_copy(update={"slot": slot})
        sign = f"[{mark.editable}]"
        said = self.said.setdefault(key, [])
        text = f"{body}\n\n{sign}"
        for at, there in enumerate(said):
            if there.body.endswith(sign) and there.author == self.acting:
                said[at] = there.model_copy(
                    update={"body": text, "edited": there.edited or there.body != text}
                )
                return
        name = str(len(said) + 1)
        said.append(
            IssueComment(
                id=name,
                author=self.acting,
                body=text,
                created=self.now,
                url=f"http://tracker.test/{name}",
                is_plain=self.plain,
            )
        )

    def link(
        self, key: str, url: str, title: str, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        self.writes.append("link")
        self.hanging[key, mark.editable] = url

    def log_work(
        self, key: str, seconds: int, started: datetime, *, slot: str = "", mark: Mark = UNMARKED
    ) -> None:
        self.writes.append("log_work")
        if (key, mark.editable) in self.worklogs:
            return
        self.worklogs[key, mark.editable] = seconds
        time = self.issue(key).time
        spent = {"spent_s": (time.spent_s or 0) + seconds}
        self.issues[key] = self.issue(key).model_copy(
            update={"time": time.model_copy(update=spent)}
        )


def story(key: str = "SCRUM-95", **fields: Any) -> Issue:
    """The reference's ticket, or another issue like it."""
    given: dict[str, Any] = {
        "key": key,
        "type": "Story",
        "summary": "Add tabbed interface for car price forms",
        "status": "To Do",
        "status_category": "new",
        "priority": "Medium",
        "points": 8.0,
        "points_source": "Story point estimate",
        "sprint": SprintRef(id=12, name="Sprint 12", state="active"),
        "time": TimeTracking(original_s=16 * 3600),
    }
    return Issue(**{**given, **fields})
