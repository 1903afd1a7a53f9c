"""Bringing an issue to a status: one transition after the other, each read back.

JIRA offers from each status what its workflow allows, so the next step is looked for where the
issue stands.
"""

from typing import Any, Final, Mapping

from devflow.adapters.jira import answers
from devflow.adapters.jira.client import JiraClient, issue_path
from devflow.adapters.jira.workflow import Workflow, screen_values
from devflow.model.errors import StepFailed

# transitions in one walk; twice the longest way through the reference's five statuses
MOST_HOPS: Final = 8


class Walk:
    """The way of one issue to a status (id, name or category)."""

    def __init__(
        self, client: JiraClient, key: str, to_status: str, screen_fields: Mapping[str, Any]
    ) -> None:
        self._client = client
        self._key = key
        self._to_status = to_status
        self._screen_fields = screen_fields

    def go(self, workflow: Workflow, issue: answers.IssueAnswer, *, backwards: bool) -> None:
        """Takes the transitions; an issue at or past the status stays, unless ``backwards``.

        Raises ``StepFailed`` naming what is offered where no transition leads on.
        """
        targets = workflow.status_ids(self._to_status)
        here = issue.fields.status
        if not backwards and workflow.reached(here, targets, changes_of(issue)):
            return
        passed: set[str] = set()
        while here.id not in targets and len(passed) < MOST_HOPS:
            passed.add(here.id)
            offers = offered(self._client, self._key)
            here = self._hop(here, workflow.towards(here, targets, offers, passed))
        if here.id not in targets:
            problem = (
                f"{self._key} is in '{here.name}' after {MOST_HOPS} transitions, "
                f"still not in '{self._to_status}'"
            )
            raise StepFailed(problem, where=self._key)

    def _hop(
        self, here: answers.IssueStatus, transition: answers.Transition | None
    ) -> answers.IssueStatus:
        if transition is None:
            raise self._no_way(here)
        fields = screen_values(transition, self._screen_fields)
        body = {"transition": {"id": transition.id}, "fields": fields}
        self._client.send("POST", issue_path(self._key, "transitions"), body)
        now = answer_of(self._client, self._key).fields.status
        if now.id == transition.to.id:
            return now
        problem = (
            f"JIRA took '{transition.name}' for {self._key}, "
            f"which then was in '{now.name}' instead of '{transition.to.name}'"
        )
        hint = "see the ticket's history: another change or a rule of the workflow came between"
        raise StepFailed(problem, hint=hint, where=self._key)

    def _no_way(self, here: answers.IssueStatus) -> StepFailed:
        items = [f"'{item.name}' to {item.to.name}" for item in offered(self._client, self._key)]
        offers = ", ".join(items) or "nothing"
        way = f"from '{here.name}' to '{self._to_status}'"
        problem = f"{self._key} cannot come {way}: JIRA offers {offers}"
        hint = "move the ticket in JIRA, or name a status of its workflow"
        return StepFailed(problem, hint=hint, where=self._key)


def answer_of(client: JiraClient, key: str) -> answers.IssueAnswer:
    """The issue with its history."""
    return client.get(answers.IssueAnswer, issue_path(key), expand="changelog")


def offered(client: JiraClient, key: str) -> tuple[answers.Transition, ...]:
    """The transitions that the issue offers now, with the fields of their screens."""
    path = issue_path(key, "transitions")
    return client.get(answers.Transitions, path, expand="transitions.fields").transitions


def changes_of(issue: answers.IssueAnswer) -> list[answers.HistoryItem]:
    """The issue's changes, oldest first; Data Center and Cloud sort them differently."""
    if issue.changelog is None:
        return []
    return sorted(issue.changelog.histories, key=lambda change: change.created)
