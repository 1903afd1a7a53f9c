"""How a JIRA site is configured, read once a run, and what its issues are in the model's words.

No field is known by a fixed id: the story points' field is the one that the project's board
estimates in.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from jira.exceptions import JIRAError

from devflow.adapters.jira import answers, site_answers
from devflow.adapters.jira.adf import to_markdown
from devflow.adapters.jira.client import JiraClient
from devflow.adapters.jira.workflow import Workflow
from devflow.model.planning import Issue, SprintRef

POINT_NAMES: Final = (
    "story point estimate",
    "story points",
)  # what Cloud calls the field in its two kinds of projects
HIDDEN: Final = (
    400,
    403,
    404,
)  # JIRA's answers where the product, the board or the right to see it is missing
PAGE: Final = 50  # items; the most that the boards' API gives at once


@dataclass(frozen=True)
class CustomFields:
    """The ids of the fields that each site numbers anew, empty where it has none."""

    points: str
    points_source: str
    sprint: str
    start: str


class JiraSite:
    """A site as one project sees it; what does not change while a run lasts is asked for once."""

    def __init__(self, client: JiraClient, project: str, story_points_field: str) -> None:
        self._client = client
        self._project = project
        self._story_points_field = story_points_field

    @cached_property
    def _board(self) -> int | None:
        """The project's Scrum board, else its first one."""
        try:
            boards = self._client.agile(
                site_answers.Boards, "board", projectKeyOrId=self._project
            ).values
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return None
        return next(
            (board.id for board in sorted(boards, key=lambda board: board.type != "scrum")), None
        )

    @cached_property
    def _configuration(self) -> site_answers.BoardConfiguration:
        if self._board is None:
            return site_answers.BoardConfiguration()
        try:
            return self._client.agile(
                site_answers.BoardConfiguration, f"board/{self._board}/configuration"
            )
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return site_answers.BoardConfiguration()

    @cached_property
    def workflow(self) -> Workflow:
        """The site's statuses and their order on the board."""
        columns = self._configuration.column_config.columns
        order = tuple(status.id for column in columns for status in column.statuses)
        return Workflow(self._client.get(tuple[answers.IssueStatus, ...], "status"), order)

    @cached_property
    def fields(self) -> CustomFields:
        """The custom fields' ids, and how the story points' one was found."""
        known = self._client.get(list[site_answers.FieldAnswer], "field")
        points, source = self._points(known)
        sprint = next(
            (
                item.id
                for item in known
                if item.kind and item.kind.custom == site_answers.SPRINT_FIELD
            ),
            "",
        )
        dates = [item for item in known if item.kind and item.kind.type == "date"]
        start = next((item.id for item in dates if item.name.casefold() == "start date"), "")
        return CustomFields(points, source, sprint, start)

    def _points(self, known: list[site_answers.FieldAnswer]) -> tuple[str, str]:
        """The story points' field and its source: the board's estimation, the field's kind, its
        name, what is configured."""
        names = {item.id: f"{item.name} ({item.id})" for item in known}
        estimation = self._configuration.estimation
        estimated = estimation.field.field_id if estimation and estimation.field else ""
        made = [
            item.id for item in known if item.kind and item.kind.custom == site_answers.POINTS_FIELD
        ]
        named = [item.id for name in POINT_NAMES for item in known if item.name.casefold() == name]
        ways = {
            f"estimation field of board {self._board}": [estimated],
            "field kind": made,
            "field name": named,
            "configuration": [self._story_points_field],
        }
        found = [
            (field_id, f"{way}: {names[field_id]}")
            for way, ids in ways.items()
            for field_id in ids
            if field_id in names
        ]
        return next(iter(found), ("", ""))

    def issue(self, answer: answers.IssueAnswer) -> Issue:
        """An issue in the model's words."""
        fields = answer.fields
        points = fields.custom(self.fields.points)
        return Issue(
            key=answer.key,
            type=fields.issuetype.name,
            summary=fields.summary,
            description=to_markdown(fields.description),
            status=fields.status.name,
            status_category=fields.status.status_category.key,
            priority=fields.priority.name if fields.priority else "",
            assignee=fields.assignee.person if fields.assignee else None,
            reporter=fields.reporter.person if fields.reporter else None,
            points=float(points) if isinstance(points, (int, float)) else None,
            points_source=self.fields.points_source,
            sprint=_sprint(fields.custom(self.fields.sprint)),
            labels=fields.labels,
            links=tuple(link for item in fields.issuelinks if (link := item.read)),
            start=fields.custom(self.fields.start) or None,
            due=fields.duedate,
            time=fields.timetracking.read,
            created=fields.created,
            resolution=fields.resolution.name if fields.resolution else "",
            url=f"{self._client.site}/browse/{answer.key}",
        )

    def sprint_issues(self, sprint_id: int) -> tuple[Issue, ...]:
        """The issues of a sprint."""
        found: list[answers.IssueAnswer] = []
        while True:
            page = self._client.agile(
                answers.IssuePage, f"sprint/{sprint_id}/issue", startAt=len(found), maxResults=PAGE
            )
            found.extend(page.issues)
            if not page.issues or (page.total is not None and len(found) >= page.total):
                return tuple(self.issue(answer) for answer in found)

    def closed_sprints(self) -> tuple[SprintRef, ...]:
        """The board's closed sprints, by their start."""
        found: list[answers.Sprint] = []
        last = self._board is None
        while not last:
            query: dict[str, Any] = {"state": "closed", "startAt": len(found), "maxResults": PAGE}
            page = self._client.agile(answers.SprintPage, f"board/{self._board}/sprint", **query)
            found.extend(page.values)
            last = page.is_last or not page.values
        refs = [sprint.ref for sprint in found]
        return tuple(
            sorted(
                refs,
                key=lambda ref: (
                    ref.start is not None,
                    ref.start and ref.start.timestamp(),
                    ref.id,
                ),
            )
        )


def _sprint(value: object) -> SprintRef | None:
    """The open sprint of the field's sprints, else the last one; Data Center's unstructured texts
    are not read."""
    held = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    refs = [answers.Sprint.model_validate(item).ref for item in held]
    return next((ref for ref in refs if ref.state == "active"), refs[-1] if refs else None)
