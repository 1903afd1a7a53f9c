"""What a JIRA site is configured with: fields, statuses, workflow, priorities, project, and how it
describes them.

Transition ids differ from status ids, and the first transitions' names from the names of the
statuses they lead to, so that a client that confuses them fails here as it would on a real site.
"""

from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira.answers import ok, page, refuse, user_or_none

CATEGORIES: Final = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
STATUSES: Final = {  # id: name, category
    "10000": ("To Do", "new"),
    "10001": ("In Progress", "indeterminate"),
    "10002": ("Code Review", "indeterminate"),
    "10003": ("Testing", "indeterminate"),
    "10004": ("Done", "done"),
}
TRANSITIONS: Final = {  # id: name, from, to, screen with a required resolution
    "11": ("Start progress", "10000", "10001", False),
    "21": ("Send to review", "10001", "10002", False),
    "31": ("Start testing", "10002", "10003", False),
    "41": ("Done", "10003", "10004", True),
    "51": ("Stop progress", "10001", "10000", False),
    "61": ("Back to work", "10002", "10001", False),
    "71": ("Back to review", "10003", "10002", False),
    "81": ("Reopen", "10004", "10001", False),
}
PRIORITIES: Final = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
RESOLUTIONS: Final = {
    "10000": "Done",
    "10001": "Won't Do",
    "10002": "Duplicate",
    "10003": "Cannot Reproduce",
}
ISSUE_TYPES: Final = {
    "10001": "Story",
    "10002": "Task",
    "10003": "Sub-task",
    "10004": "Bug",
    "10005": "Epic",
}
LINK_TYPES: Final = {  # id: name, inward, outward
    "10000": ("Blocks", "is blocked by", "blocks"),
    "10001": ("Duplicate", "is duplicated by", "duplicates"),
    "10002": ("Relates", "relates to", "relates to"),
}
POINTS: Final = "customfield_10016"
SPRINT: Final = "customfield_10020"
START_DATE: Final = "customfield_10015"
CUSTOM: Final = "com.atlassian.jira.plugin.system.customfieldtypes"
FIELDS: Final = {  # id: name, schema type, system name or custom type
    "summary": ("Summary", "string", "summary"),
    "description": ("Description", "string", "description"),
    "issuetype": ("Issue Type", "issuetype", "issuetype"),
    "project": ("Project", "project", "project"),
    "status": ("Status", "status", "status"),
    "priority": ("Priority", "priority", "priority"),
    "resolution": ("Resolution", "resolution", "resolution"),
    "resolutiondate": ("Resolved", "datetime", "resolutiondate"),
    "assignee": ("Assignee", "user", "assignee"),
    "reporter": ("Reporter", "user", "reporter"),
    "creator": ("Creator", "user", "creator"),
    "labels": ("Labels", "array", "labels"),
    "components": ("Components", "array", "components"),
    "fixVersions": ("Fix versions", "array", "fixVersions"),
    "duedate": ("Due date", "date", "duedate"),
    "created": ("Created", "datetime", "created"),
    "updated": ("Updated", "datetime", "updated"),
    "parent": ("Parent", "issuelink", "parent"),
    "subtasks": ("Sub-tasks", "array", "subtasks"),
    "issuelinks": ("Linked Issues", "array", "issuelinks"),
    "timetracking": ("Time tracking", "timetracking", "timetracking"),
    "worklog": ("Log Work", "array", "worklog"),
    "comment": ("Comment", "comments-page", "comment"),
    "watches": ("Watchers", "watches", "watches"),
    START_DATE: ("Start date", "date", f"{CUSTOM}:datepicker"),
    POINTS: ("Story point estimate", "number", "com.pyxis.greenhopper.jira:jsw-story-points"),
    SPRINT: ("Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
    # a company-managed project's field of nearly the same name, empty here: the board says which
    # one counts
    "customfield_10031": ("Story Points", "number", f"{CUSTOM}:float"),
}
ITEMS: Final = {
    "labels": "string",
    SPRINT: "json",
    "components": "component",
    "fixVersions": "version",
}


def priority(call: Call, priority_id: str) -> Json:
    name = PRIORITIES[priority_id]
    icon = f"{call.base}/images/icons/priorities/{name.lower()}.svg"
    return {
        "self": f"{call.base}/rest/api/3/priority/{priority_id}",
        "iconUrl": icon,
        "name": name,
        "id": priority_id,
    }


def issue_type(call: Call, type_id: str) -> Json:
    return {
        "self": f"{call.base}/rest/api/3/issuetype/{type_id}",
        "id": type_id,
        "name": ISSUE_TYPES[type_id],
        "description": "",
        "iconUrl": f"{call.base}/images/icons/issuetypes/{type_id}.svg",
        "subtask": ISSUE_TYPES[type_id] == "Sub-task",
        "hierarchyLevel": {"Sub-task": -1, "Epic": 1}.get(ISSUE_TYPES[type_id], 0),
    }


def link_type(call: Call, type_id: str) -> Json:
    name, inward, outward = LINK_TYPES[type_id]
    site = f"{call.base}/rest/api/3/issueLinkType/{type_id}"
    return {"id": type_id, "name": name, "inward": inward, "outward": outward, "self": site}


def schema(field_id: str) -> Json:
    _, kind, origin = FIELDS[field_id]
    items = {"items": ITEMS.get(field_id, field_id)} if kind == "array" else {}
    if field_id.startswith("customfield_"):
        return {
            "type": kind,
            **items,
            "custom": origin,
            "customId": int(field_id.removeprefix("customfield_")),
        }
    return {"type": kind, **items, "system": origin}


def field(call: Call, field_id: str) -> Json:
    custom = field_id.startswith("customfield_")
    return {
        "id": field_id,
        "key": field_id,
        "name": FIELDS[field_id][0],
        "custom": custom,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": (
            [f"cf[{field_id.removeprefix('customfield_')}]", FIELDS[field_id][0]]
            if custom
            else [field_id]
        ),
        "schema": schema(field_id),
    }


def find(table: dict[str, Any], wanted: Any, field_name: str) -> str:
    """The id that `{"id": ...}` or `{"name": ...}` means in a table; raises Refused with 400 when
    none."""
    for entry_id, entry in table.items():
        name = entry if isinstance(entry, str) else entry[0]
        if isinstance(wanted, dict) and (
            wanted.get("id") == entry_id or wanted.get("name") == name
        ):
            return entry_id
    refuse(400, **{field_name: f"Specify a valid value for {field_name}"})


def project(call: Call, moved_to: str = "") -> Json:
    """The one project, for links to it, or the one that an issue was moved to. Its `id` is what a
    filter by number means."""
    data = call.records.all("project")[0]
    if moved_to:
        data = {**data, "id": "10999", "key": moved_to, "name": moved_to}
    return {
        "self": f"{call.base}/rest/api/3/project/{data['id']}",
        "id": data["id"],
        "key": data["key"],
        "name": data["name"],
        "projectTypeKey": "software",
        "simplified": False,
        "avatarUrls": {
            f"{n}x{n}": f"{call.base}/avatar/project?size={n}" for n in (16, 24, 32, 48)
        },
    }


def require_project(call: Call) -> Json:
    """The project that the path names; raises Refused with JIRA's 404 for another."""
    wanted = call.path["projectIdOrKey"]
    data = call.records.all("project")[0]
    if wanted not in (data["key"], data["id"]):
        refuse(404, f"No project could be found with key '{wanted}'.")
    return data


def server_info(call: Call) -> Reply:
    """Public, as on each JIRA; ``behaviour["deployment"]`` says another kind than Cloud."""
    return ok(
        {
            "baseUrl": call.base,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": call.behaviour.get("deployment", "Cloud"),
            "buildNumber": 100279,
            "buildDate": "2026-01-05T00:00:00.000+0000",
            "serverTime": jira_time(),
            "scmInfo": "sandbox",
            "serverTitle": "devflow sandbox",
            "serverTimeZone": "Etc/UTC",
        }
    )


def get_project(call: Call) -> Reply:
    data = require_project(call)
    lead = user_or_none(call, data["lead"])
    types = [issue_type(call, type_id) for type_id in ISSUE_TYPES]
    more = {
        "description": data["description"],
        "lead": lead,
        "issueTypes": types,
        "assigneeType": "UNASSIGNED",
    }
    parts = {"components": components(call), "versions": versions(call)}
    return ok(
        {
            **project(call),
            "expand": "description,lead,issueTypes",
            **more,
            **parts,
            "style": "classic",
            "roles": {},
        }
    )


def components(call: Call) -> list[Json]:
    site = f"{call.base}/rest/api/3/component"
    return [{"self": f"{site}/{item['id']}", **item} for item in call.records.all("component")]


def get_components(call: Call) -> Reply:
    require_project(call)
    return ok(components(call))


def versions(call: Call) -> list[Json]:
    site = f"{call.base}/rest/api/3/version"
    return [{"self": f"{site}/{item['id']}", **item} for item in call.records.all("version")]


def get_versions(call: Call) -> Reply:
    require_project(call)
    return ok(versions(call))


def create_meta(call: Call) -> Reply:
    require_project(call)
    return ok(page(call, "issueTypes", [issue_type(call, type_id) for type_id in ISSUE_TYPES]))


ROUTES: Final = (
    Route("GET", "/rest/api/3/serverInfo", server_info, public=True),
    # the one address that both kinds of JIRA answer to whoever asks
    Route("GET", "/rest/api/2/serverInfo", server_info, public=True),
    Route("GET", "/rest/api/3/field", lambda call: ok([field(call, key) for key in FIELDS])),
    Route(
        "GET", "/rest/api/3/priority", lambda call: ok([priority(call, key) for key in PRIORITIES])
    ),
    Route(
        "GET",
        "/rest/api/3/issueLinkType",
        lambda call: ok({"issueLinkTypes": [link_type(call, k) for k in LINK_TYPES]}),
    ),
    Route("GET", "/rest/api/3/project/{projectIdOrKey}", get_project),
    Route("GET", "/rest/api/3/project/{projectIdOrKey}/components", get_components),
    Route("GET", "/rest/api/3/project/{projectIdOrKey}/versions", get_versions),
    Route("GET", "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes", create_meta),
)
