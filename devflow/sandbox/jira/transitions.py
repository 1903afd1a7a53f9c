"""The workflow: which transitions an issue has now, and taking one by its id.

A screen's required field must come with the transition. What is sent to a transition without a
screen is dropped silently, as JIRA does: a client has to read status and resolution back.
"""

from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira import catalogue
from devflow.sandbox.jira.activity import add_comment
from devflow.sandbox.jira.answers import fields_of, ok, refuse
from devflow.sandbox.jira.fields import FieldChange, record_history
from devflow.sandbox.jira.issues import require


def get_transitions(call: Call) -> Reply:
    issue = require(call)
    wanted = call.query.get("transitionId")
    offered = [
        key
        for key, entry in catalogue.TRANSITIONS.items()
        if entry[1] == issue["status"] and wanted in (None, key)
    ]
    with_fields = "transitions.fields" in call.query.get("expand", "")
    return ok(
        {
            "expand": "transitions",
            "transitions": [_shown(call, key, with_fields) for key in offered],
        }
    )


def _shown(call: Call, transition_id: str, with_fields: bool) -> Json:
    name, _, target, screen = catalogue.TRANSITIONS[transition_id]
    fields: Json = {}
    if screen:
        fields["resolution"] = {
            "required": True,
            "schema": catalogue.schema("resolution"),
            "name": "Resolution",
            "key": "resolution",
            "operations": ["set"],
            "allowedValues": [catalogue.resolution(call, key) for key in catalogue.RESOLUTIONS],
        }
    return {
        "id": transition_id,
        "name": name,
        "to": catalogue.status(call, target),
        "hasScreen": screen,
        "isGlobal": False,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
        **({"fields": fields} if with_fields else {}),
    }


def take_transition(call: Call) -> Reply:
    """Moves the issue. Raises Refused with 400 where the status does not offer the transition or a
    field is missing."""
    issue = require(call)
    body = fields_of(call, transition=dict, fields=dict, update=dict)
    wanted = str((body.get("transition") or {}).get("id", ""))
    if not wanted:
        refuse(400, "Missing 'transition' identifier")
    entry = catalogue.TRANSITIONS.get(wanted)
    if entry is None or entry[1] != issue["status"]:
        refuse(400, "It seems that you have tried to perform an illegal workflow operation.")
    _, _, target, screen = entry
    resolution = _resolution(body) if screen else None
    done = catalogue.STATUSES[target][1] == "done"
    made = [
        FieldChange("status", "status", target),
        FieldChange("resolution", "resolution", resolution if done else None),
    ]
    now = jira_time()
    moved = {**issue, "status_changed": now, "resolutiondate": now if done else None}
    record_history(call, moved, made)
    if screen:
        for operation in (body.get("update") or {}).get("comment", []):
            add_comment(call, issue, operation.get("add") or {})
    return Reply(204)


def _resolution(body: Json) -> str:
    given: Any = (body.get("fields") or {}).get("resolution")
    if given is None:
        refuse(400, resolution="Resolution is required.")
    return catalogue.find(catalogue.RESOLUTIONS, given, "resolution")


ROUTES: Final = (
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/transitions", get_transitions),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/transitions", take_transition),
)
