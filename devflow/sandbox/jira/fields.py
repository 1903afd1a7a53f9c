"""What an edit may set on an issue, checked field by field, and the history that each change
leaves.

A field that the screen does not have is refused by name; several wrong fields are told in one
answer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply
from devflow.sandbox.jira import adf, catalogue, durations, workflow
from devflow.sandbox.jira.answers import person_by_account, refuse

NOT_ON_SCREEN: Final = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
NEEDS_ADF: Final = (
    "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
)


@dataclass(frozen=True)
class FieldChange:
    """One field's new value, as it is stored."""

    field: str
    stored_as: str
    value: Any


def _string(call: Call, name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        refuse(400, **{name: "You must specify a summary of the issue."})
    return value


def _document(call: Call, name: str, value: Any) -> Any:
    if value is not None and not adf.is_document(value):
        refuse(400, **{name: NEEDS_ADF})
    return value


def _labels(call: Call, name: str, value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(label, str) and label for label in value):
        refuse(400, **{name: "data was not an array"})
    for label in value:
        if re.search(r"\s", label):
            refuse(400, **{name: f"The label '{label}' contains spaces which is invalid."})
    return sorted(set(value))


def _date(call: Call, name: str, value: Any) -> Any:
    if value is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        refuse(400, **{name: 'Error parsing date string: "yyyy-MM-dd" is expected'})
    return value


def _number(call: Call, name: str, value: Any) -> Any:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        refuse(400, **{name: "Operation value must be a number"})
    return None if value is None else float(value)


def _person(call: Call, name: str, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict) or not (value.get("accountId") or value.get("id")):
        refuse(400, **{name: "Specify the user by accountId."})
    return person_by_account(call, value.get("accountId") or value["id"])["name"]


def _priority(call: Call, name: str, value: Any) -> Any:
    return catalogue.find(catalogue.PRIORITIES, value, name)


def _members(kind: str) -> Callable[[Call, str, Any], Any]:
    def chosen(call: Call, name: str, value: Any) -> Any:
        table = {item["id"]: item["name"] for item in call.records.all(kind)}
        return [catalogue.find(table, item, name) for item in value or []]

    return chosen


def _sprint(call: Call, name: str, value: Any) -> Any:
    if value is None:
        return []
    if not isinstance(value, int) or call.records.get("sprint", value) is None:
        refuse(400, **{name: "Number value expected as the Sprint id."})
    return [value]


SETTERS: Final[dict[str, tuple[str, Callable[[Call, str, Any], Any]]]] = (
    {  # field: stored as, its check
        "summary": ("summary", _string),
        "description": ("description", _document),
        "labels": ("labels", _labels),
        "priority": ("priority", _priority),
        "duedate": ("duedate", _date),
        catalogue.START_DATE: ("start_date", _date),
        catalogue.POINTS: ("points", _number),
        catalogue.SPRINT: ("sprints", _sprint),
        "assignee": ("assignee", _person),
        "reporter": ("reporter", _person),
        "components": ("components", _members("component")),
        "fixVersions": ("fixVersions", _members("version")),
    }
)
TIME_FIELDS: Final = {
    "originalEstimate": "timeoriginalestimate",
    "remainingEstimate": "timeestimate",
}
TRACKING: Final = {"originalEstimate": "estimate_s", "remainingEstimate": "remaining_s"}


def changes(call: Call, issue: Json, fields: Json, update: Json) -> list[FieldChange]:
    """What `fields` and `update` would change. Raises Refused (400) with each wrong field."""
    made: dict[str, FieldChange] = {}
    wrong: dict[str, str] = {}
    asked = [(name, [{"set": value}]) for name, value in fields.items()] + [
        (name, operations or []) for name, operations in update.items()
    ]
    for name, operations in asked:
        try:
            for operation in operations:
                so_far = {**issue, **{change.stored_as: change.value for change in made.values()}}
                made |= {
                    change.stored_as: change for change in _operate(call, so_far, name, operation)
                }
        except Refused as refused:
            if refused.answer.status != 400:
                raise
            wrong |= refused.answer.body["errors"]
    if wrong:
        raise Refused(Reply(400, {"errorMessages": [], "errors": wrong}))
    return list(made.values())


def _operate(call: Call, issue: Json, name: str, operation: Json) -> list[FieldChange]:
    if len(operation) != 1:
        refuse(400, **{name: "An operation has one verb."})
    ((verb, value),) = operation.items()
    if name == "timetracking":
        return _tracking(issue, value)
    if name not in SETTERS:
        refuse(400, **{name: NOT_ON_SCREEN.format(name)})
    stored_as, check = SETTERS[name]
    if verb in ("add", "remove") and isinstance(issue[stored_as], list):
        one = check(call, name, [value])
        kept = [item for item in issue[stored_as] if item not in one]
        return [FieldChange(name, stored_as, kept + one if verb == "add" else kept)]
    if verb != "set":
        refuse(400, **{name: f"Operation '{verb}' is not supported for this field."})
    return [FieldChange(name, stored_as, check(call, name, value))]


def _tracking(issue: Json, value: Any) -> list[FieldChange]:
    made = []
    given = dict(value or {})
    if "originalEstimate" in given and issue["remaining_s"] in (None, issue["estimate_s"]):
        given.setdefault(
            "remainingEstimate", given["originalEstimate"]
        )  # nothing was done yet: all of it remains
    for name, pretty in given.items():
        total_s = durations.seconds(str(pretty)) if name in TRACKING else None
        if total_s is None:
            refuse(400, timetracking=f"{name}: '{pretty}' is not a valid time duration")
        made.append(FieldChange(TIME_FIELDS[name], TRACKING[name], total_s))
    return made


def record_history(call: Call, issue: Json, made: list[FieldChange]) -> None:
    """Writes the changes, and one history entry with those that changed anything. A new assignee
    watches."""
    items = [
        _history_item(call, issue, change)
        for change in made
        if issue[change.stored_as] != change.value
    ]
    if not items:
        return
    now = jira_time()
    stored = {**issue, **{change.stored_as: change.value for change in made}, "updated": now}
    if stored["assignee"] and stored["assignee"] not in stored["watchers"]:
        stored["watchers"] = [*stored["watchers"], stored["assignee"]]
    call.records.put("issue", issue["key"], stored)
    number = str(call.records.number("history", 10100))
    entry = {"id": number, "author": call.user["name"], "created": now, "items": items}
    call.records.put("history", number, entry, issue["key"])


def _history_item(call: Call, issue: Json, change: FieldChange) -> Json:
    before = _named(call, change.field, issue[change.stored_as])
    after = _named(call, change.field, change.value)
    custom = change.field.startswith("customfield_")
    return {
        "field": catalogue.FIELDS[change.field][0] if custom else change.field,
        "fieldtype": "custom" if custom else "jira",
        "fieldId": change.field,
        "from": before[0],
        "fromString": before[1],
        "to": after[0],
        "toString": after[1],
    }


def _named(call: Call, name: str, value: Any) -> tuple[str | None, str | None]:
    """A stored value's id and words, as the history shows them."""
    if value is None:
        return None, None
    if name in ("assignee", "reporter"):
        person = call.records.get("person", value) or {"account_id": value, "display_name": value}
        return person["account_id"], person["display_name"]
    if name == "status":
        return value, workflow.name_then(call, value)
    tables: Json = {
        "priority": catalogue.PRIORITIES,
        "resolution": {**catalogue.RESOLUTIONS, **workflow.resolutions(call)},
    }
    if name in tables:
        entry = tables[name][value]
        return value, entry if isinstance(entry, str) else entry[0]
    if isinstance(value, dict):
        return None, adf.text(value).strip()
    return None, " ".join(str(item) for item in value) if isinstance(value, list) else str(value)
