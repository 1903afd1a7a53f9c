"""Sets up how the sandbox's servers behave, and sites that are not like the reference's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests

CHAIN: Final = {
    "11": ["Start progress", "10000", "10001", []],
    "21": ["Send to review", "10001", "10002", []],
    "31": ["Start testing", "10002", "10003", []],
}
CLASSIC: Final[dict[str, Any]] = {
    "statuses": {
        "10000": ["To Do", "new"],
        "10001": ["In Progress", "indeterminate"],
        "10002": ["Code Review", "indeterminate"],
        "10003": ["Testing", "indeterminate"],
        "10007": ["On Hold", "indeterminate"],
        "10006": ["Rejected", "done"],
        "10005": ["Resolved", "done"],
        "10004": ["Done", "done"],
    },
    "columns": [["10000"], ["10001", "10007"], ["10002"], ["10003"], ["10006", "10005", "10004"]],
    # rejecting and parking stand before what leads on
    "transitions": {
        "91": ["Reject", "*", "10006", []],
        "92": ["Park", "*", "10007", []],
        **CHAIN,
        "41": ["Resolve", "10003", "10005", ["resolution"]],
        "51": ["Close", "10005", "10004", []],
    },
}
"""JIRA's classic workflow: Done is not offered but from Resolved, Rejected and On Hold from all."""
WAY: Final = ("11", "21", "31", "41", "51")

GERMAN: Final[dict[str, Any]] = {
    "statuses": {
        "10000": ["Zu erledigen", "new"],
        "10001": ["In Arbeit", "indeterminate"],
        "10002": ["Wird geprüft", "indeterminate"],
        "10003": ["Im Test", "indeterminate"],
        "10006": ["Abgelehnt", "done"],
        "10004": ["Fertig", "done"],
    },
    "columns": [["10000"], ["10001"], ["10002"], ["10003"], ["10006", "10004"]],
    "transitions": {
        "91": ["Ablehnen", "*", "10006", []],
        **CHAIN,
        "41": ["Abschließen", "10003", "10004", ["resolution"]],
    },
    "resolutions": {"10000": "Erledigt", "10001": "Wird nicht erledigt"},
    "categories": {"new": "Zu erledigen", "indeterminate": "In Arbeit", "done": "Fertig"},
    # whoever moves tickets has an English profile, and changes are written down in its language
    "changelog": {
        "10000": "To Do",
        "10001": "In Progress",
        "10002": "In Review",
        "10003": "Testing",
        "10004": "Done",
    },
}
"""A site in German, whose changelogs are in English."""

TEAM: Final = {
    "customfield_10050": {"name": "Team", "type": "option", "allowed": {"1": "Blue", "2": "Red"}}
}


def asking_for_a_team(workflow: dict[str, Any], transition: str) -> dict[str, Any]:
    """The same workflow with a required field more on a transition's screen."""
    name, start, target, required = workflow["transitions"][transition]
    asking = [name, start, target, [*required, *TEAM]]
    transitions = {**workflow["transitions"], transition: asking}
    return {**workflow, "transitions": transitions, "fields": TEAM}


def set_up(sandbox: dict[str, Any], service: str, **behaviour: Any) -> None:
    """Makes a server behave so, and no otherwise."""
    token = sandbox["users"][0][f"{service}_token"]
    answer = requests.put(
        f"{sandbox[service]['url']}/_sandbox/behaviour",
        json=behaviour,
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.ok, answer.text


@contextmanager
def behaving(sandbox: dict[str, Any], service: str, **behaviour: Any) -> Iterator[None]:
    """A server that behaves so while the block runs."""
    set_up(sandbox, service, **behaviour)
    try:
        yield
    finally:
        set_up(sandbox, service)


class JiraHands:
    """A person at JIRA's pages."""

    def __init__(self, sandbox: dict[str, Any]) -> None:
        user = sandbox["users"][0]
        self._login = (user["email"], user["jira_token"])
        self._api = f"{sandbox['jira']['url']}/rest/api/3"

    def send(self, method: str, path: str, body: object = None) -> Any:
        """One request; its answer, which must be a success."""
        url = f"{self._api}/{path}"
        answer = requests.request(method, url, json=body, auth=self._login, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def ticket(self, summary: str = "A ticket of its own") -> str:
        """A new story's key."""
        kind = {"name": "Story"}
        fields = {"project": {"key": "SCRUM"}, "issuetype": kind, "summary": summary}
        return str(self.send("POST", "issue", {"fields": fields})["key"])

    def move(self, key: str, *transitions: str, **fields: Any) -> None:
        """Takes transitions by their ids."""
        for number in transitions:
            body = {"transition": {"id": number}, "fields": fields}
            self.send("POST", f"issue/{key}/transitions", body)

    def comment(self, key: str, text: str) -> None:
        """Says something on a ticket."""
        words = [{"type": "text", "text": text}]
        body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": words}]}
        self.send("POST", f"issue/{key}/comment", {"body": body})

    def status(self, key: str) -> str:
        """The status that a ticket is in."""
        return str(self.send("GET", f"issue/{key}")["fields"]["status"]["name"])
