"""A small part of JQL: conditions joined by AND, and ORDER BY; enough for boards, sprints and a
ticket's neighbours.

Parentheses around groups and OR are refused with JIRA's 400, never quietly ignored.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call
from devflow.sandbox.jira import adf, catalogue, workflow
from devflow.sandbox.jira.answers import refuse

CONDITION: Final = re.compile(
    r"""\s*(?P<field>"[^"]+"|'[^']+'|[\w\[\]]+)\s*
    (?P<operator>!=|=|!~|~|>=|<=|>|<|not\s+in\b|in\b|is\s+not\b|is\b)\s*
    (?P<value>\((?:[^()"']|"[^"]*"|'[^']*'|\(\))*\)
        |"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.@:/-]+(?:\(\))?)\s*
    (?P<joint>and\b|$)""",
    re.IGNORECASE | re.VERBOSE,
)
EMPTY: Final = (
    "empty",
    "null",
    "unresolved",
)  # the last is how people write that a resolution is empty


def matching(call: Call, query: str) -> list[Json]:
    """The stored issues that a query finds, in its order. Raises Refused with 400 for what it does
    not understand."""
    where, _, order = re.split(r"(\border\s+by\b|$)", query, maxsplit=1, flags=re.IGNORECASE)[:3]
    found = call.records.all("issue")
    rest = where.strip()
    while rest:
        condition = CONDITION.match(rest)
        if condition is None or (condition["joint"] and not rest[condition.end() :].strip()):
            refuse(400, f"Error in the JQL Query: cannot parse '{rest}'.")
        rest = rest[condition.end() :].strip()
        found = [issue for issue in found if _holds(call, issue, condition)]
    for part in reversed([part.split() for part in order.split(",") if part.strip()]):
        found.sort(key=_sort_key(part[0].lower()), reverse=part[-1].lower() == "desc")
    return found


def _sort_key(field: str) -> Callable[[Json], tuple[bool, Any]]:
    if field not in (
        "key",
        "issuekey",
        "id",
        "created",
        "updated",
        "priority",
        "duedate",
        "status",
        "rank",
    ):
        refuse(400, f"Not able to sort using field '{field}'.")
    if field in ("key", "issuekey", "id", "rank"):
        return lambda issue: (False, int(issue["id"]))
    return lambda issue: (issue[field] is None, issue[field] or "")


def _holds(call: Call, issue: Json, condition: re.Match[str]) -> bool:
    operator = re.sub(r"\s+", " ", condition["operator"].lower())
    have = {
        value.lower() for value in _values(call, issue, condition["field"].strip("\"'").lower())
    }
    wanted = _wanted(call, condition["value"])
    if operator in ("is", "is not") or wanted & set(EMPTY):
        return (not have) == (operator in ("is", "=", "in"))
    if operator in ("~", "!~"):
        words = next(iter(wanted)).strip("*").split()
        return _has_words(have, words) == (operator == "~")
    if operator in ("=", "in"):
        return bool(have & wanted)
    if operator in ("!=", "not in"):
        return bool(have) and not have & wanted  # an empty field matches neither = nor !=
    limit = next(iter(wanted))
    compared = {">=": limit.__le__, "<=": limit.__ge__, ">": limit.__lt__, "<": limit.__gt__}[
        operator
    ]
    return any(compared(value) for value in have)


def _has_words(texts: set[str], words: list[str]) -> bool:
    for word in words:
        if not any(word in text for text in texts):
            return False
    return True


def _wanted(call: Call, text: str) -> set[str]:
    inner = text[1:-1] if text.startswith("(") else text
    words = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^,\s\"']+)", inner)
    values = {re.sub(r"\\(.)", r"\1", a or b or c).lower() for a, b, c in words}
    return {resolved for value in values for resolved in _resolve(call, value)}


def _resolve(call: Call, value: str) -> set[str]:
    states = {"opensprints()": "active", "closedsprints()": "closed", "futuresprints()": "future"}
    if value == "currentuser()":
        return {call.user["account_id"].lower()}
    if value in states:
        return {
            str(sprint["id"])
            for sprint in call.records.all("sprint")
            if sprint["state"] == states[value]
        }
    if value.endswith("()"):
        refuse(400, f"Unable to find JQL function '{value}'.")
    return {value}


def _values(call: Call, issue: Json, field: str) -> set[str]:
    """All the texts by which a field's value may be named."""
    if field in ("assignee", "reporter", "creator"):
        person = call.records.get("person", issue[field] or "")
        return {person["account_id"], person["display_name"], person["email"]} if person else set()
    if field == "sprint":
        sprints = [call.records.get("sprint", sprint) for sprint in issue["sprints"]]
        return {
            name for sprint in sprints if sprint for name in (str(sprint["id"]), sprint["name"])
        }
    known = _VALUES.get(field)
    if known is None:
        refuse(400, f"Field '{field}' does not exist or you do not have permission to view it.")
    return {str(value) for value in known(call, issue) if value is not None}


def _words(call: Call, issue: Json) -> list[str]:
    comments = [adf.text(comment["body"]) for comment in call.records.all("comment", issue["key"])]
    return [issue["summary"], adf.text(issue["description"]), *comments]


def _category(call: Call, issue: Json) -> list[str]:
    category = workflow.status(call, issue["status"])["statusCategory"]
    return [category["key"], category["name"], str(category["id"])]


def _status(call: Call, issue: Json) -> list[str]:
    return [issue["status"], workflow.status(call, issue["status"])["name"]]


def _resolution(call: Call, issue: Json) -> list[str | None]:
    if not issue["resolution"]:
        return []
    return [issue["resolution"], workflow.resolution(call, issue["resolution"])["name"]]


def _named(kind: str, ids: list[str], call: Call) -> list[str]:
    return ids + [item["name"] for item in call.records.all(kind) if item["id"] in ids]


_VALUES: Final[dict[str, Callable[[Call, Json], list[Any]]]] = {
    "project": lambda call, issue: [
        catalogue.project(call)[name] for name in ("id", "key", "name")
    ],
    "key": lambda call, issue: [issue["key"], issue["id"]],
    "issuekey": lambda call, issue: [issue["key"], issue["id"]],
    "id": lambda call, issue: [issue["key"], issue["id"]],
    "issue": lambda call, issue: [issue["key"], issue["id"]],
    "status": _status,
    "statuscategory": _category,
    "issuetype": lambda call, issue: [issue["type"], catalogue.ISSUE_TYPES[issue["type"]]],
    "type": lambda call, issue: [issue["type"], catalogue.ISSUE_TYPES[issue["type"]]],
    "priority": lambda call, issue: [issue["priority"], catalogue.PRIORITIES[issue["priority"]]],
    "resolution": _resolution,
    "labels": lambda call, issue: issue["labels"],
    "parent": lambda call, issue: [issue["parent"]],
    "component": lambda call, issue: _named("component", issue["components"], call),
    "fixversion": lambda call, issue: _named("version", issue["fixVersions"], call),
    "summary": lambda call, issue: [issue["summary"]],
    "description": lambda call, issue: [adf.text(issue["description"])],
    "text": _words,
    "created": lambda call, issue: [issue["created"]],
    "updated": lambda call, issue: [issue["updated"]],
    "resolutiondate": lambda call, issue: [issue["resolutiondate"]],
    "duedate": lambda call, issue: [issue["duedate"]],
}
