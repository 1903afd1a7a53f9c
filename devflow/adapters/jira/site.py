"""How a JIRA site is configured, read once a run, and what its issues are in the model's words.

No field is known by a fixed id: the story points' field is the one that the project's board
estimates in.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote

from jira.exceptions import JIRAError

from devflow.adapters.jira import answers, site_answers
from devflow.adapters.jira.adf import to_markdown
from devflow.adapters.jira.client import JiraClient
from devflow.adapters.jira.ways import MOST_FINISHED, Ways
from devflow.adapters.jira.wiki_text import wiki_to_markdown
from devflow.adapters.jira.workflow import Workflow
from devflow.model.declared.criteria_titles import CRITERIA_TITLES
from devflow.model.errors import StepFailed
from devflow.model.planning import Issue, Person, SprintRef

# what Cloud calls the field in its two kinds of projects
POINT_NAMES: Final = ("story point estimate", "story points")
# JIRA's answers where the product, the board, the account or the right to see it is missing
HIDDEN: Final = (400, 403, 404)


@dataclass(frozen=True)
class NamedFields:
    """The fields that pipeline.yaml names, empty where it names none."""

    points: str = ""
    criteria: str = ""


@dataclass(frozen=True)
class CustomFields:
    """The ids of the fields that each site numbers anew, empty where it has none."""

    points: str
    points_source: str
    sprint: str
    start: str
    criteria: str = ""
    criteria_source: str = ""


class JiraSite:
    """A site as one project sees it; what does not change while a run lasts is asked for once."""

    def __init__(self, client: JiraClient, project: str, named: NamedFields) -> None:
        self._client = client
        self._project = project
        self._named = named
        self._by_project: dict[str, tuple[answers.TypeStatuses, ...]] = {}
        self._ways: dict[tuple[str, str], Ways] = {}

    @cached_property
    def _board(self) -> int | None:
        """The project's Scrum board, else its first one."""
        boards: list[site_answers.BoardAnswer] = []
        query = {"projectKeyOrId": self._project}
        try:
            for page in self._client.agile_pages(site_answers.Boards, "values", "board", **query):
                boards.extend(page.values)
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return None
        boards.sort(key=lambda board: board.type != "scrum")
        return boards[0].id if boards else None

    @cached_property
    def _configuration(self) -> site_answers.BoardConfiguration:
        if self._board is None:
            return site_answers.BoardConfiguration()
        try:
            path = f"board/{self._board}/configuration"
            return self._client.agile(site_answers.BoardConfiguration, path)
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return site_answers.BoardConfiguration()

    @cached_property
    def _columns(self) -> tuple[frozenset[str], ...]:
        columns: list[frozenset[str]] = []
        for column in self._configuration.column_config.columns:
            columns.append(frozenset(status.id for status in column.statuses))
        return tuple(columns)

    def workflow(self, issue: answers.IssueAnswer) -> Workflow:
        """The statuses of the issue's type, and their order on the board."""
        project = issue.key.rpartition("-")[0]
        known = {one.id: one.statuses for one in self._types(project)}
        statuses = known.get(issue.fields.issuetype.id)
        statuses = self._all_statuses if statuses is None else statuses
        return Workflow(tuple(one.read for one in statuses), self._columns)

    def project_name(self) -> str:
        """What the project is called. Raises ``StepFailed`` where none of its key is shown."""
        path = f"project/{quote(self._project, safe='')}"
        try:
            return self._client.get(answers.ProjectAnswer, path).name
        except JIRAError as error:
            if error.status_code != 404:
                raise
        url = self._client.url
        problem = f"no project {self._project} on {url}, or this account may not see it"
        raise StepFailed(problem, hint="project: {tracker: {project: KEY}}", where=url)

    @cached_property
    def _all_statuses(self) -> tuple[answers.IssueStatus, ...]:
        return self._client.get(tuple[answers.IssueStatus, ...], "status")

    def types(self, project: str) -> dict[str, str]:
        """The names of a project's issue types by their ids; none where this account may not see
        them."""
        return {one.id: one.name for one in self._types(project)}

    def _types(self, project: str) -> tuple[answers.TypeStatuses, ...]:
        """Asked for once a project."""
        if project not in self._by_project:
            path = f"project/{quote(project, safe='')}/statuses"
            try:
                types = self._client.get(tuple[answers.TypeStatuses, ...], path)
            except JIRAError as error:
                if error.status_code not in HIDDEN:
                    raise
                types = ()
            self._by_project[project] = types
        return self._by_project[project]

    def ways(self, issue: answers.IssueAnswer) -> Ways:
        """The ways of the newest finished tickets of the issue's type and project."""
        type_id = issue.fields.issuetype.id
        project = issue.key.rpartition("-")[0]
        if (project, type_id) not in self._ways:
            ends = [one.id for one in self.workflow(issue).statuses if one.category == "done"]
            query = f'project = "{project}" AND status in ({", ".join(ends)})'
            if type_id:
                query += f" AND issuetype = {type_id}"
            query += " ORDER BY updated DESC"
            found: tuple[answers.FoundIssue, ...] = ()
            if ends:
                found = self._found(query, MOST_FINISHED, "status,resolution", "changelog")
            changes = [self._client.changes(one.key, one.changelog) for one in found]
            self._ways[project, type_id] = Ways.of(found, changes)
        return self._ways[project, type_id]

    def neighbour(self, issue: answers.IssueAnswer, status_id: str) -> str:
        """Another ticket of the issue's type that is in a status now, empty where there is none."""
        project = issue.key.rpartition("-")[0]
        query = f'project = "{project}" AND status = {status_id}'
        if issue.fields.issuetype.id:
            query += f" AND issuetype = {issue.fields.issuetype.id}"
        found = self._found(f"{query} ORDER BY updated DESC", 1)
        return found[0].key if found else ""

    def newest(self) -> str:
        """The project's newest tickets, one of which is often what was meant, in words that a hint
        ends with; empty where there are none."""
        query = f'project = "{self._project}" ORDER BY created DESC'
        # three are a line's worth of keys
        keys = ", ".join(issue.key for issue in self._found(query, 3))
        return f"; the newest of {self._project} are {keys}" if keys else ""

    def person(self, account: str) -> Person | None:
        """The account by its id or user name; ``None`` where the site shows none."""
        named = "accountId" if self._client.auth.cloud else "username"
        try:
            return self._client.get(answers.User, "user", **{named: account}).person
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return None

    def _found(
        self, query: str, most: int, fields: str = "summary", expand: str = ""
    ) -> tuple[answers.FoundIssue, ...]:
        """What a search finds; nothing where this account may not search."""
        try:
            return self._client.search(query, most, fields, expand)
        except JIRAError as error:
            if error.status_code not in HIDDEN:
                raise
            return ()

    @cached_property
    def fields(self) -> CustomFields:
        """The custom fields' ids, and how the story points' one was found."""
        fields = self._client.get(list[site_answers.FieldAnswer], "field")
        points, source = self._points(fields)
        sprints = _of_kind(fields, site_answers.SPRINT_FIELD)
        dates = [item for item in fields if item.kind and item.kind.type == "date"]
        starts = [item.id for item in dates if item.name.casefold() == "start date"]
        criteria, criteria_source = self._criteria(fields)
        return CustomFields(
            points, source, _first(sprints), _first(starts), criteria, criteria_source
        )

    def _criteria(self, fields: list[site_answers.FieldAnswer]) -> tuple[str, str]:
        """The field that holds the acceptance criteria and what it is called, both empty where
        there is none. Raises ``StepFailed`` where pipeline.yaml names one that is not there."""
        named = self._named.criteria.casefold()
        for item in fields:
            is_meant = named in (item.id.casefold(), item.name.casefold())
            if is_meant if named else item.is_long_text and _plain(item.name) in CRITERIA_TITLES:
                return item.id, f"{item.name} ({item.id})"
        if named:
            problem = f"{self._client.url} has no field {self._named.criteria}"
            hint = "project: {tracker: {criteria_field: id or name}}, or leave it out"
            raise StepFailed(problem, where="project.tracker.criteria_field", hint=hint)
        return "", ""

    def _points(self, fields: list[site_answers.FieldAnswer]) -> tuple[str, str]:
        """The story points' field and how it was found, both empty where it was not."""
        names = {item.id: f"{item.name} ({item.id})" for item in fields}
        for source, ids in self._points_sources(fields).items():
            for field_id in ids:
                if field_id in names:
                    return field_id, f"{source}: {names[field_id]}"
        return "", ""

    def _points_sources(self, fields: list[site_answers.FieldAnswer]) -> dict[str, list[str]]:
        """The ids that each source names, the one to be believed most first."""
        estimation = self._configuration.estimation
        board = estimation.field.field_id if estimation and estimation.field else ""
        by_name: list[str] = []
        for name in POINT_NAMES:
            by_name.extend(item.id for item in fields if item.name.casefold() == name)
        return {
            f"estimation field of board {self._board}": [board],
            "field kind": _of_kind(fields, site_answers.POINTS_FIELD),
            "field name": by_name,
            "configuration": [self._named.points],
        }

    def issue(self, answer: answers.IssueAnswer) -> Issue:
        """An issue in the model's words."""
        fields = answer.fields
        points = fields.custom(self.fields.points)
        links = [item.read for item in fields.issuelinks]
        return Issue(
            key=answer.key,
            type=fields.issuetype.name,
            parent_type=fields.parent_type,
            summary=fields.summary,
            description=_markdown(fields.description),
            criteria=_markdown(fields.custom(self.fields.criteria)),
            criteria_source=self.fields.criteria_source,
            status=fields.status.name,
            status_id=fields.status.id,
            status_category=fields.status.status_category.key,
            priority=fields.priority.name if fields.priority else "",
            assignee=fields.assignee.person if fields.assignee else None,
            reporter=fields.reporter.person if fields.reporter else None,
            points=float(points) if isinstance(points, (int, float)) else None,
            points_source=self.fields.points_source,
            sprint=_sprint(fields.custom(self.fields.sprint)),
            labels=fields.labels,
            links=tuple(link for link in links if link),
            start=fields.custom(self.fields.start) or None,
            due=fields.duedate,
            time=fields.timetracking.read,
            created=fields.created,
            resolution=fields.resolution.name if fields.resolution else "",
            url=f"{self._client.site}/browse/{answer.key}",
        )

    def sprint_issues(self, sprint_id: int) -> tuple[Issue, ...]:
        """The issues of a sprint."""
        issues: list[answers.IssueAnswer] = []
        path = f"sprint/{sprint_id}/issue"
        for page in self._client.agile_pages(answers.IssuePage, "issues", path):
            issues.extend(page.issues)
        return tuple(self.issue(answer) for answer in issues)

    def closed_sprints(self) -> tuple[SprintRef, ...]:
        """The board's closed sprints, by their start."""
        sprints: list[answers.Sprint] = []
        if self._board is None:
            return ()
        path = f"board/{self._board}/sprint"
        for page in self._client.agile_pages(answers.SprintPage, "values", path, state="closed"):
            sprints.extend(page.values)
        return tuple(sorted((sprint.ref for sprint in sprints), key=_place_in_time))


def _markdown(text: object) -> str:
    """A long text of either kind of site, or the points of a checklist's field."""
    if isinstance(text, list):
        points = [str(one.get("name", "")) for one in text if isinstance(one, dict)]
        return "\n".join(f"- {point}" for point in points if point)
    return wiki_to_markdown(text) if isinstance(text, str) else to_markdown(text)


def _plain(name: str) -> str:
    """A field's name as titles are compared."""
    return re.sub(r"\W+", " ", name.casefold()).strip()


def _of_kind(fields: list[site_answers.FieldAnswer], kind: str) -> list[str]:
    """The ids of the fields of a kind that JIRA's own products bring along."""
    return [item.id for item in fields if item.kind and item.kind.custom == kind]


def _first(ids: list[str]) -> str:
    return ids[0] if ids else ""


def _place_in_time(sprint: SprintRef) -> tuple[float, int]:
    """By its start; one without comes first."""
    start_s = sprint.start.timestamp() if sprint.start else -math.inf
    return start_s, sprint.id


def _sprint(value: object) -> SprintRef | None:
    """The open sprint of the field's sprints, else the last one."""
    items = value if isinstance(value, list) else []
    # Data Center's unstructured texts are not read
    sprints = [answers.Sprint.model_validate(item) for item in items if isinstance(item, dict)]
    refs = [sprint.ref for sprint in sprints]
    for ref in refs:
        if ref.state == "active":
            return ref
    return refs[-1] if refs else None
