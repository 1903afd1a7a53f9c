"""The workflow: which transitions an issue has now, and taking one by its id.

A screen's required field must come with the transition. What is sent to a transition without a
screen is dropped silently, as JIRA does: a client has to read status and resolution back.
"""

from typing import Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira import catalogue, workflow
from devflow.sandbox.jira.activity import add_comment
from devflow.sandbox.jira.answers import fields_of, ok, refuse
from devflow.sandbox.jira.fields import FieldChange, record_history
from devflow.sandbox.jira.issues import require


def get_transitions(call: Call) -> Reply:
    issue = require(call)
    wanted = call.query.get("transitionId")
    with_fields = "transitions.fields" in call.query.get("expand", "")
    shown = []
    for one in workflow.transitions(call):
        if one.is_offered(issue["status"]) and wanted in (None, one.id):
            shown.append(_shown(call, one, with_fields))
    return ok({"expand": "transitions", "transitions": shown})


def _shown(call: Call, transition: workflow.Transition, with_fields: bool) -> Json:
    body = {
        "id": transition.id,
        "name": transition.name,
        "to": workflow.status(call, transition.target),
        "hasScreen": bool(transition.required),
        "isGlobal": transition.start == "*",
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }
    if with_fields:
        fields = {one: workflow.screen_field(call, one) for one in transition.required}
        body["fields"] = fields
    return body


def take_transition(call: Call) -> Reply:
    """Moves the issue. Raises Refused with 400 where the status does not offer the transition or a
    field is missing."""
    issue = require(call)
    body = fields_of(call, transition=dict, fields=dict, update=dict)
    transition = _wanted(call, issue, body)
    fields = body.get("fields") or {}
    given = {one: workflow.given_value(call, one, fields) for one in transition.required}
    done = workflow.statuses(call)[transition.target][1] == "done"
    # a resolution stays until the issue is opened again
    resolution = given.pop("resolution", issue["resolution"])
    made = [
        FieldChange("status", "status", transition.target),
        FieldChange("resolution", "resolution", resolution if done else None),
    ]
    now = jira_time()
    moved = {**issue, "status_changed": now, "resolutiondate": now if done else None}
    moved["screened"] = {**issue.get("screened", {}), **given}
    record_history(call, moved, made)
    if transition.required:
        for operation in (body.get("update") or {}).get("comment", []):
            add_comment(call, issue, operation.get("add") or {})
    return Reply(204)


def _wanted(call: Call, issue: Json, body: Json) -> workflow.Transition:
    """The transition that is named; raises Refused with 400 where the status does not offer it."""
    wanted = str((body.get("transition") or {}).get("id", ""))
    if not wanted:
        refuse(400, "Missing 'transition' identifier")
    for one in workflow.transitions(call):
        if one.id == wanted and one.is_offered(issue["status"]):
            return one
    refuse(400, "It seems that you have tried to perform an illegal workflow operation.")


def get_statuses(call: Call) -> Reply:
    return ok([workflow.status(call, key) for key in workflow.statuses(call)])


def get_resolutions(call: Call) -> Reply:
    return ok([workflow.resolution(call, key) for key in workflow.resolutions(call)])


def project_statuses(call: Call) -> Reply:
    """The statuses of each issue type's workflow: here all types share one."""
    catalogue.require_project(call)
    statuses = [workflow.status(call, key) for key in workflow.statuses(call)]
    shown = []
    for type_id in catalogue.ISSUE_TYPES:
        kind = catalogue.issue_type(call, type_id)
        known = {name: kind[name] for name in ("self", "id", "name", "subtask")}
        shown.append({**known, "statuses": statuses})
    return ok(shown)


ROUTES: Final = (
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/transitions", get_transitions),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/transitions", take_transition),
    Route("GET", "/rest/api/3/status", get_statuses),
    Route("GET", "/rest/api/3/resolution", get_resolutions),
    Route("GET", "/rest/api/3/project/{projectIdOrKey}/statuses", project_statuses),
)
