"""Boards and sprints (agile API 1.0).

The board's `estimation.field` says which of the two similarly named fields holds the story points.
"""

from datetime import datetime
from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira import catalogue, workflow
from devflow.sandbox.jira.answers import fields_of, number, ok, page, refuse
from devflow.sandbox.jira.fields import FieldChange, record_history
from devflow.sandbox.jira.issues import require, shown
from devflow.sandbox.jira.jql import matching

NEXT_STATES: Final = {
    "future": ("future", "active"),
    "active": ("active", "closed"),
    "closed": ("closed",),
}
EDITABLE: Final = ("name", "goal", "startDate", "endDate")


def _board(call: Call) -> Json:
    stored = call.records.get("board", call.path.get("boardId", ""))
    if stored is None:
        refuse(
            404,
            "Board does not exist or you do not have permission to see it. "
            f"[{call.path.get('boardId')}]",
        )
    return stored


def _board_shown(call: Call, board: Json) -> Json:
    project = catalogue.project(call)
    location = {
        "projectId": int(project["id"]),
        "projectKey": project["key"],
        "projectName": project["name"],
        "displayName": f"{project['name']} ({project['key']})",
        "name": f"{project['name']} ({project['key']})",
        "projectTypeKey": "software",
    }
    site = f"{call.base}/rest/agile/1.0/board/{board['id']}"
    return {
        "id": board["id"],
        "self": site,
        "name": board["name"],
        "type": "scrum",
        "location": location,
    }


def boards(call: Call) -> Reply:
    wanted = call.query.get("projectKeyOrId")
    name = call.query.get("name", "").lower()
    project = catalogue.project(call)
    if wanted is not None and wanted not in (project["key"], project["id"]):
        refuse(400, f"No project could be found with key or id '{wanted}'")
    stored = [board for board in call.records.all("board") if name in board["name"].lower()]
    return ok(_paged(call, "values", [_board_shown(call, board) for board in stored]))


def _paged(call: Call, key: str, items: list[Json]) -> Json:
    body = page(call, key, items)
    return {**body, "isLast": body["startAt"] + len(body[key]) >= body["total"]}


def configuration(call: Call) -> Reply:
    board = _board(call)
    columns = [_column(call, ids) for ids in workflow.columns(call)]
    estimate = {
        "fieldId": board["points_field"],
        "displayName": catalogue.FIELDS[board["points_field"]][0],
    }
    shown_board = _board_shown(call, board)
    return ok(
        {
            **{key: shown_board[key] for key in ("id", "name", "type")},
            "location": {
                "type": "project",
                "projectKeyOrId": shown_board["location"]["projectKey"],
            },
            "self": f"{shown_board['self']}/configuration",
            "filter": {"id": "10000", "self": f"{call.base}/rest/api/3/filter/10000"},
            "columnConfig": {"columns": columns, "constraintType": "none"},
            "estimation": {"type": "field", "field": estimate},
            "ranking": {"rankCustomFieldId": 10019},
        }
    )


def _column(call: Call, ids: list[str]) -> Json:
    """A column of the board, called as its first status."""
    site = f"{call.base}/rest/api/3/status"
    statuses = [{"id": key, "self": f"{site}/{key}"} for key in ids]
    return {"name": workflow.statuses(call)[ids[0]][0], "statuses": statuses}


def board_sprints(call: Call) -> Reply:
    board = _board(call)
    states = call.query.get("state", "").split(",")
    stored = [item for item in call.records.all("sprint") if item["originBoardId"] == board["id"]]
    stored = [item for item in stored if states == [""] or item["state"] in states]
    stored.sort(key=lambda item: ("closed", "active", "future").index(item["state"]))
    return ok(_paged(call, "values", [_sprint_shown(call, item) for item in stored]))


def _sprint_shown(call: Call, sprint: Json) -> Json:
    return {"self": f"{call.base}/rest/agile/1.0/sprint/{sprint['id']}", **sprint}


def _sprint(call: Call) -> Json:
    stored = call.records.get("sprint", call.path["sprintId"])
    if stored is None:
        refuse(404, "Sprint does not exist.")
    return stored


def get_sprint(call: Call) -> Reply:
    return ok(_sprint_shown(call, _sprint(call)))


def post_sprint(call: Call) -> Reply:
    """Makes a sprint that is still in the future."""
    given = fields_of(call)
    if not given.get("name") or call.records.get("board", given.get("originBoardId") or "") is None:
        refuse(400, name="The sprint's name and its board (originBoardId) are required.")
    sprint_id = call.records.number("sprint")
    known = {key: given[key] for key in EDITABLE if given.get(key)}
    sprint = {
        "id": sprint_id,
        "state": "future",
        "originBoardId": given["originBoardId"],
        "createdDate": jira_time(),
    }
    return Reply(
        201,
        _sprint_shown(
            call, call.records.put("sprint", sprint_id, {**sprint, "goal": "", **_dated(known)})
        ),
    )


def put_sprint(call: Call) -> Reply:
    """Changes a sprint; starts it (state `active`, with both dates) or completes it (`closed`)."""
    sprint = _sprint(call)
    given = fields_of(call)
    state = given.get("state", sprint["state"])
    if state not in NEXT_STATES[sprint["state"]]:
        refuse(400, f"A sprint that is {sprint['state']} cannot become {state}.")
    changed = {
        **sprint,
        **_dated({key: given[key] for key in EDITABLE if key in given}),
        "state": state,
    }
    if state == "active" and not (changed.get("startDate") and changed.get("endDate")):
        refuse(400, "A sprint must have a start date and an end date to be started.")
    if state == "closed" and sprint["state"] != "closed":
        changed["completeDate"] = jira_time()
    return ok(_sprint_shown(call, call.records.put("sprint", sprint["id"], changed)))


def _dated(given: Json) -> Json:
    for key in ("startDate", "endDate"):
        try:
            datetime.fromisoformat(given.get(key) or jira_time())
        except ValueError:
            refuse(400, **{key: f"The value '{given[key]}' is not a date and time."})
    return given


def sprint_issues(call: Call) -> Reply:
    return _issue_page(call, f"sprint = {_sprint(call)['id']}")


def board_issues(call: Call) -> Reply:
    _board(call)
    return _issue_page(call, f"project = {catalogue.project(call)['key']}")


def _issue_page(call: Call, scope: str) -> Reply:
    narrower = call.query.get("jql", "").strip()
    joint = "" if not narrower or narrower.lower().startswith("order by") else " AND"
    found = matching(call, f"{scope}{joint} {narrower}")
    start = number(call, "startAt", 0)
    most = call.page_size(number(call, "maxResults", 50))
    fields = call.query.get("fields", "*all")
    issues = [
        _agile_fields(call, shown(call, issue, fields), issue)
        for issue in found[start : start + most]
    ]
    head = {"expand": "schema,names", "startAt": start, "maxResults": most, "total": len(found)}
    return ok({**head, "issues": issues})


def _agile_fields(call: Call, body: Json, issue: Json) -> Json:
    """An issue as the agile API has it: with its open `sprint`, and those that are over apart."""
    sprints = [item for key in issue["sprints"] if (item := call.records.get("sprint", key))]
    current: Any = next(
        (_sprint_shown(call, item) for item in sprints if item["state"] != "closed"), None
    )
    closed = [_sprint_shown(call, item) for item in sprints if item["state"] == "closed"]
    return {
        **body,
        "fields": {
            **body["fields"],
            "sprint": current,
            **({"closedSprints": closed} if closed else {}),
        },
    }


def add_issues(call: Call) -> Reply:
    """Moves issues into an open sprint, out of the one where they were."""
    sprint = _sprint(call)
    if sprint["state"] == "closed":
        refuse(400, "Issues can only be moved to open sprints.")
    for key in fields_of(call, issues=list).get("issues") or []:
        issue = require(call, str(key))
        past = [
            item
            for item in issue["sprints"]
            if (call.records.get("sprint", item) or {}).get("state") == "closed"
        ]
        record_history(
            call, issue, [FieldChange(catalogue.SPRINT, "sprints", [*past, sprint["id"]])]
        )
    return Reply(204)


ROUTES: Final = (
    Route("GET", "/rest/agile/1.0/board", boards),
    Route(
        "GET", "/rest/agile/1.0/board/{boardId}", lambda call: ok(_board_shown(call, _board(call)))
    ),
    Route("GET", "/rest/agile/1.0/board/{boardId}/configuration", configuration),
    Route("GET", "/rest/agile/1.0/board/{boardId}/sprint", board_sprints),
    Route("GET", "/rest/agile/1.0/board/{boardId}/issue", board_issues),
    Route("POST", "/rest/agile/1.0/sprint", post_sprint),
    Route("GET", "/rest/agile/1.0/sprint/{sprintId}", get_sprint),
    Route("PUT", "/rest/agile/1.0/sprint/{sprintId}", put_sprint),
    Route("POST", "/rest/agile/1.0/sprint/{sprintId}", put_sprint),
    Route("GET", "/rest/agile/1.0/sprint/{sprintId}/issue", sprint_issues),
    Route("POST", "/rest/agile/1.0/sprint/{sprintId}/issue", add_issues),
)
