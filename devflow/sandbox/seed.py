"""Fills an empty store from scenario files: people with their tokens, project, board, sprints and
tickets.

A pipeline's sandbox has its own project key and repository name, and a ticket about that
repository; where the key is the car-price scenario's, that one's tickets too. Dates in a scenario
are days from today, so that the active sprint is always running.
"""

import json
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devflow.sandbox.common.clock import day, jira_time
from devflow.sandbox.common.store import Json, Records
from devflow.sandbox.jira import adf, catalogue, durations
from devflow.sandbox.jira.issues import empty

_SCENARIOS: Final = Path(__file__).parent / "scenario"
SCENARIO: Final = _SCENARIOS / "scrum-95.json"
NEUTRAL: Final = _SCENARIOS / "neutral.json"
FIRST_USER_ID: Final = 1001


@dataclass(frozen=True)
class Place:
    """Whose sandbox it is: a project's key, and its repository as ``owner/name``; nobody's is the
    car-price scenario alone."""

    project: str = ""
    repository: str = ""


def scenario_of(place: Place) -> Json:
    """What a new sandbox holds."""
    data: Json = json.loads(SCENARIO.read_text(encoding="utf-8"))
    if not place.project:
        return data
    owner, _, name = place.repository.partition("/")
    text = NEUTRAL.read_text(encoding="utf-8")
    neutral: Json = json.loads(text.replace("{key}", place.project).replace("{name}", name))
    data["repository"] = {"owner": owner, "name": name, "description": f"{name}, on this machine"}
    if place.project != data["project"]["key"]:
        return {**data, **neutral}
    # the sprints are the other tickets'
    own = [{**issue, "sprints": []} for issue in neutral["issues"]]
    return {**data, "issues": [*data["issues"], *own]}


def seed(records: Records, place: Place = Place()) -> None:
    """Writes the scenario, once: a store that has people is left as it is."""
    if records.all("person"):
        return
    data = scenario_of(place)
    records.put("repository", "only", {**data["repository"], "created_at": f"{day()}T00:00:00Z"})
    for number, person in enumerate(data["people"], FIRST_USER_ID):
        records.put("person", person["name"], {**person, **_identity(number)})
    records.put("project", data["project"]["key"], data["project"])
    for kind in ("component", "version"):
        for item in data[f"{kind}s"]:
            records.put(kind, item["id"], item)
    records.put("board", data["board"]["id"], data["board"])
    for sprint in data["sprints"]:
        records.put("sprint", sprint["id"], _sprint(sprint, data["board"]["id"]))
    _seed_issues(records, data)


def _seed_issues(records: Records, data: Json) -> None:
    ends = {sprint["id"]: min(sprint.get("ends_in_days", 0), -1) for sprint in data["sprints"]}
    for number, issue in enumerate(data["issues"], 10001):
        resolved_in_days = max((ends[sprint] for sprint in issue["sprints"]), default=-1)
        records.put("issue", issue["key"], _issue(data, issue, str(number), resolved_in_days))
        if issue["status"] == "Done":
            _seed_history(records, data, issue["key"], resolved_in_days)
    records.number("issue", max(int(issue["key"].partition("-")[2]) for issue in data["issues"]))
    records.number("issue id", 10000 + len(data["issues"]))
    records.number("sprint", max(sprint["id"] for sprint in data["sprints"]))


def _seed_history(records: Records, data: Json, key: str, resolved_in_days: float) -> None:
    """The way that a finished ticket went: through every status, a day each."""
    ids = list(catalogue.STATUSES)
    for place, (before, after) in enumerate(zip(ids, ids[1:]), start=2):
        change = {"field": "status", "fieldtype": "jira", "fieldId": "status"}
        change |= {"from": before, "fromString": catalogue.STATUSES[before][0]}
        change |= {"to": after, "toString": catalogue.STATUSES[after][0]}
        number = str(records.number("history", 10100))
        entry: Json = {"id": number, "author": data["project"]["lead"], "items": [change]}
        entry["created"] = jira_time(resolved_in_days - len(ids) + place)
        records.put("history", number, entry, key)


def _identity(number: int) -> Json:
    return {
        "id": number,
        "account_id": f"712020:{uuid.uuid4()}",
        "jira_token": f"ATATT3x{secrets.token_urlsafe(32)}",
        "github_token": f"ghp_{secrets.token_hex(18)}",
    }


def _sprint(sprint: Json, board: int) -> Json:
    body = {**{key: sprint[key] for key in ("id", "state", "name", "goal")}, "originBoardId": board}
    if sprint["state"] == "future":
        return {**body, "createdDate": jira_time()}
    start = jira_time(sprint["starts_in_days"])
    end = jira_time(sprint["ends_in_days"])
    closed = {"completeDate": end} if sprint["state"] == "closed" else {}
    return {**body, "createdDate": start, "startDate": start, "endDate": end, **closed}


def _issue(data: Json, given: Json, issue_id: str, resolved_in_days: float) -> Json:
    statuses = {entry[0]: key for key, entry in catalogue.STATUSES.items()}
    done = given["status"] == "Done"
    estimate_s = durations.seconds(given["estimate"])
    resolved = jira_time(resolved_in_days) if done else None
    blank = _blank_issue(data, given, issue_id)
    changed = resolved or blank["created"]
    return {
        **blank,
        "summary": given["summary"],
        "description": adf.document(given["description"]) if "description" in given else None,
        "status": statuses[given["status"]],
        "status_changed": changed,
        "updated": changed,
        "created": jira_time(resolved_in_days - 12) if done else blank["created"],
        "resolution": "10000" if done else None,
        "resolutiondate": resolved,
        **_planned_fields(data, given),
        "estimate_s": estimate_s,
        "remaining_s": 0 if done else estimate_s,
        "parent": given.get("parent"),
        "watchers": given.get("watchers", blank["watchers"]),
    }


def _planned_fields(data: Json, given: Json) -> Json:
    """What people said of the issue when it was planned."""
    priorities = {name: key for key, name in catalogue.PRIORITIES.items()}
    component_ids = _ids_by_name(data["components"])
    version_ids = _ids_by_name(data["versions"])
    return {
        "priority": priorities[given.get("priority", "Medium")],
        "assignee": given.get("assignee"),
        "labels": given.get("labels", []),
        "components": [component_ids[name] for name in given.get("components", [])],
        "fixVersions": [version_ids[name] for name in given.get("fix_versions", [])],
        "points": None if given.get("points") is None else float(given["points"]),
        "sprints": given["sprints"],
    }


def _blank_issue(data: Json, given: Json, issue_id: str) -> Json:
    types = {name: key for key, name in catalogue.ISSUE_TYPES.items()}
    return empty(given["key"], issue_id, types[given["type"]], data["project"]["lead"])


def _ids_by_name(items: list[Json]) -> dict[str, str]:
    return {item["name"]: item["id"] for item in items}
