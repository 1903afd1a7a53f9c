"""How an issue is shown, and the calls that read one, create one or ask for its history.

An issue is stored by ids (status, priority, account names); `shown` makes of it what REST v3
answers.
"""

from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira import catalogue, durations, workflow
from devflow.sandbox.jira.answers import NOT_FOUND_ISSUE, fields_of, ok, page, refuse, user_or_none
from devflow.sandbox.jira.fields import changes, record_history

SHOWN_CHANGES: Final = 100  # Cloud shows the newest 100 changes with an issue


def require(call: Call, key: str | None = None) -> Json:
    """The stored issue of the path (key or id), or of `key`; raises Refused with JIRA's 404."""
    wanted = key if key is not None else call.path["issueIdOrKey"]
    moved = call.records.get("moved", wanted.upper())
    found = call.records.get("issue", moved["key"] if moved else wanted.upper())
    if found is None and wanted.isdecimal():
        found = next((issue for issue in call.records.all("issue") if issue["id"] == wanted), None)
    if found is None:
        refuse(404, NOT_FOUND_ISSUE)
    return found


def link_to(call: Call, issue: Json) -> Json:
    return {
        "id": issue["id"],
        "key": issue["key"],
        "self": f"{call.base}/rest/api/3/issue/{issue['id']}",
    }


def brief(call: Call, key: str) -> Json:
    """An issue as other issues show it: parent, sub-task, link."""
    issue = require(call, key)
    fields = {
        "summary": issue["summary"],
        "status": workflow.status(call, issue["status"]),
        "priority": catalogue.priority(call, issue["priority"]),
        "issuetype": catalogue.issue_type(call, issue["type"]),
    }
    return {**link_to(call, issue), "fields": fields}


def shown(call: Call, issue: Json, wanted: str = "*all") -> Json:
    """An issue with the fields that `wanted` names: `*all`, `*navigable`, ids, `-id` to leave one
    out."""
    fields = {**_plain_fields(call, issue), **_gathered_fields(call, issue)}
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    everything = not names or names[0].startswith(("*", "-"))
    chosen = {
        key: value
        for key, value in fields.items()
        if (everything or key in names) and f"-{key}" not in names
    }
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        **link_to(call, issue),
        "fields": chosen,
    }


def _state_fields(call: Call, issue: Json) -> Json:
    resolution = issue["resolution"]
    return {
        "summary": issue["summary"],
        "description": issue["description"],
        "issuetype": catalogue.issue_type(call, issue["type"]),
        "project": catalogue.project(call, issue.get("project", "")),
        "status": workflow.status(call, issue["status"]),
        "statuscategorychangedate": issue["status_changed"],
        "priority": catalogue.priority(call, issue["priority"]),
        "resolution": workflow.resolution(call, resolution) if resolution else None,
        "resolutiondate": issue["resolutiondate"],
    }


def _plain_fields(call: Call, issue: Json) -> Json:
    parts = {component["id"]: component for component in catalogue.components(call)}
    releases = {version["id"]: version for version in catalogue.versions(call)}
    sprints = [call.records.get("sprint", sprint) for sprint in issue["sprints"]]
    return {
        **_state_fields(call, issue),
        "assignee": user_or_none(call, issue["assignee"]),
        "reporter": user_or_none(call, issue["reporter"]),
        "creator": user_or_none(call, issue["creator"]),
        "labels": issue["labels"],
        "components": [parts[key] for key in issue["components"]],
        "fixVersions": [releases[key] for key in issue["fixVersions"]],
        "duedate": issue["duedate"],
        "created": issue["created"],
        "updated": issue["updated"],
        catalogue.START_DATE: issue["start_date"],
        catalogue.POINTS: issue["points"],
        catalogue.SPRINT: [sprint for sprint in sprints if sprint] or None,
        "customfield_10031": None,
        **issue.get("screened", {}),
        "parent": brief(call, issue["parent"]) if issue["parent"] else None,
    }


def _gathered_fields(call: Call, issue: Json) -> Json:
    key = issue["key"]
    comments = [comment_shown(call, item) for item in call.records.all("comment", key)]
    logs = [worklog_shown(call, item) for item in call.records.all("worklog", key)]
    spent_s = sum(item["timeSpentSeconds"] for item in logs)
    site = f"{call.base}/rest/api/3/issue/{issue['id']}"
    links = call.records.all("issuelink")
    children = [item["key"] for item in call.records.all("issue") if item["parent"] == key]
    watching = call.user.get("name") in issue["watchers"]
    return {
        "subtasks": [brief(call, child) for child in children],
        "issuelinks": [
            _issue_link(call, link, key)
            for link in links
            if key in (link["source"], link["target"])
        ],
        "comment": {
            "comments": comments,
            "self": f"{site}/comment",
            "maxResults": len(comments),
            "total": len(comments),
            "startAt": 0,
        },
        "worklog": {"startAt": 0, "maxResults": 20, "total": len(logs), "worklogs": logs[:20]},
        "timetracking": tracking(issue, spent_s),
        "timeoriginalestimate": issue["estimate_s"],
        "timeestimate": issue["remaining_s"],
        "timespent": spent_s or None,
        "watches": {
            "self": f"{site}/watchers",
            "watchCount": len(issue["watchers"]),
            "isWatching": watching,
        },
    }


def tracking(issue: Json, spent_s: int) -> Json:
    parts = {
        "originalEstimate": issue["estimate_s"],
        "remainingEstimate": issue["remaining_s"],
        "timeSpent": spent_s or None,
    }
    known = {name: total_s for name, total_s in parts.items() if total_s is not None}
    return {
        **{name: durations.pretty(total_s) for name, total_s in known.items()},
        **{f"{name}Seconds": total_s for name, total_s in known.items()},
    }


def _issue_link(call: Call, link: Json, key: str) -> Json:
    outward = link["source"] == key
    side = (
        {"outwardIssue": brief(call, link["target"])}
        if outward
        else {"inwardIssue": brief(call, link["source"])}
    )
    site = f"{call.base}/rest/api/3/issueLink/{link['id']}"
    return {"id": link["id"], "self": site, "type": catalogue.link_type(call, link["type"]), **side}


def comment_shown(call: Call, comment: Json) -> Json:
    author = user_or_none(call, comment["author"])
    site = f"{call.base}/rest/api/3/issue/{comment['issue_id']}/comment/{comment['id']}"
    properties = (
        {"properties": comment["properties"]}
        if "properties" in call.query.get("expand", "")
        else {}
    )
    return {
        "self": site,
        "id": comment["id"],
        "author": author,
        "updateAuthor": user_or_none(call, comment["update_author"]),
        "body": comment["body"],
        "created": comment["created"],
        "updated": comment["updated"],
        "jsdPublic": True,
        **properties,
    }


def worklog_shown(call: Call, log: Json) -> Json:
    author = user_or_none(call, log["author"])
    site = f"{call.base}/rest/api/3/issue/{log['issueId']}/worklog/{log['id']}"
    plain = {key: value for key, value in log.items() if key != "author"}
    return {"self": site, "author": author, "updateAuthor": author, **plain}


def get_issue(call: Call) -> Reply:
    issue = require(call)
    expand = call.query.get("expand", "").split(",")
    body = shown(call, issue, call.query.get("fields", "*all"))
    if "changelog" in expand:
        body["changelog"] = changelog_shown(call, issue["key"])
    if "names" in expand:
        body["names"] = {
            key: catalogue.FIELDS[key][0] for key in body["fields"] if key in catalogue.FIELDS
        }
    if "schema" in expand:
        body["schema"] = {
            key: catalogue.schema(key) for key in body["fields"] if key in catalogue.FIELDS
        }
    wanted = call.query.get("properties", "")
    if wanted:
        stored = {item["key"]: item["value"] for item in call.records.all("property", issue["key"])}
        body["properties"] = {
            key: value
            for key, value in stored.items()
            if wanted == "*all" or key in wanted.split(",")
        }
    return ok(body)


def changelog_shown(call: Call, key: str) -> Json:
    """The newest changes of an issue, as far as a page holds them; the rest is told by
    `get_changelog` alone."""
    stored = call.records.all("history", key)
    most = call.page_size(SHOWN_CHANGES)
    newest = [history_shown(call, item) for item in reversed(stored)][:most]
    return {"startAt": 0, "maxResults": most, "total": len(stored), "histories": newest}


def get_changelog(call: Call) -> Reply:
    """Every change, the oldest first."""
    key = require(call)["key"]
    stored = [history_shown(call, item) for item in call.records.all("history", key)]
    body = page(call, "values", stored, default=100)
    is_last = body["startAt"] + len(body["values"]) >= body["total"]
    return ok({**body, "isLast": is_last})


def history_shown(call: Call, item: Json) -> Json:
    return {**item, "author": user_or_none(call, item["author"])}


SET_AT_CREATION: Final = ("project", "issuetype", "parent")


def create_issue(call: Call) -> Reply:
    """Makes an issue in To Do. Raises Refused with 400 naming each missing or wrong field."""
    given: dict[str, Any] = fields_of(call, fields=dict).get("fields") or {}
    project = call.records.all("project")[0]
    reference = given.get("project") or {}
    if reference.get("key", reference.get("id")) not in (project["key"], project["id"]):
        refuse(400, project="Specify a valid project ID or key")
    if not str(given.get("summary") or "").strip():
        refuse(400, summary="You must specify a summary of the issue.")
    type_id = catalogue.find(catalogue.ISSUE_TYPES, given.get("issuetype"), "issuetype")
    parent = (given.get("parent") or {}).get("key")
    if parent:
        require(call, parent)
    key, blank = _new_issue(call, project, type_id)
    rest = {name: value for name, value in given.items() if name not in SET_AT_CREATION}
    issue = {**blank, "parent": parent}
    for change in changes(call, issue, rest, {}):
        issue[change.stored_as] = change.value
    call.records.put("issue", key, issue)
    return Reply(201, link_to(call, issue))


def _new_issue(call: Call, project: Json, type_id: str) -> tuple[str, Json]:
    """The next key, and the issue that bears it before anything was filled in."""
    key = f"{project['key']}-{call.records.number('issue')}"
    issue_id = str(call.records.number("issue id"))
    return key, empty(key, issue_id, type_id, call.user["name"])


def empty(key: str, issue_id: str, type_id: str, author: str) -> Json:
    """A new issue with nothing filled in; its author reports and watches it."""
    now = jira_time()
    nothing = (
        "resolution",
        "resolutiondate",
        "assignee",
        "duedate",
        "start_date",
        "points",
        "estimate_s",
        "remaining_s",
    )
    return {
        "id": issue_id,
        "key": key,
        "type": type_id,
        "summary": "",
        "description": None,
        "status": "10000",
        "status_changed": now,
        "priority": "3",
        "reporter": author,
        "creator": author,
        "labels": [],
        "components": [],
        "fixVersions": [],
        "sprints": [],
        "created": now,
        "updated": now,
        "parent": None,
        "watchers": [author],
        **dict.fromkeys(nothing),
    }


def edit_issue(call: Call) -> Reply:
    """Sets fields and applies `update` operations. All or nothing."""
    issue = require(call)
    body = fields_of(call, fields=dict, update=dict)
    made = changes(call, issue, body.get("fields") or {}, body.get("update") or {})
    record_history(call, issue, made)
    return ok(shown(call, require(call))) if call.query.get("returnIssue") == "true" else Reply(204)


def assign(call: Call) -> Reply:
    """Sets the assignee; null or "-1" for nobody, which is this project's default. The new one
    watches from then on."""
    issue = require(call)
    body = fields_of(call)
    if "accountId" not in body:
        refuse(400, "'accountId' must be the only user identifying query parameter")
    account = None if body["accountId"] == "-1" else body["accountId"]
    made = changes(call, issue, {"assignee": {"accountId": account} if account else None}, {})
    record_history(call, issue, made)
    return Reply(204)


ROUTES: Final = (
    Route("POST", "/rest/api/3/issue", create_issue),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}", get_issue),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/changelog", get_changelog),
    Route("PUT", "/rest/api/3/issue/{issueIdOrKey}", edit_issue),
    Route("PUT", "/rest/api/3/issue/{issueIdOrKey}/assignee", assign),
)
