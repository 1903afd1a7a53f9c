"""What takes an issue away from where it was: deleting it, and moving it to another project.

An issue that was moved has a key of the other project, and is still found by the one that it had.
"""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira.answers import fields_of, refuse
from devflow.sandbox.jira.issues import require

TASK: Final = "10641"  # the move's task, done at once here


def delete_issue(call: Call) -> Reply:
    call.records.delete("issue", require(call)["key"])
    return Reply(204)


def move_issues(call: Call) -> Reply:
    """Moves issues to the project that a target names, made with its first issue."""
    targets = fields_of(call, targetToSourcesMapping=dict).get("targetToSourcesMapping") or {}
    if not targets:
        refuse(400, "targetToSourcesMapping is required.")
    for target, sources in targets.items():
        project = target.partition(",")[0]
        for key in sources.get("issueIdsOrKeys") or []:
            _move(call, require(call, str(key)), project)
    return Reply(201, {"taskId": TASK})


def _move(call: Call, issue: Json, project: str) -> None:
    old = issue["key"]
    new = f"{project}-{call.records.number(f'issue of {project}')}"
    call.records.delete("issue", old)
    call.records.rename_owner(old, new)
    call.records.put("issue", new, {**issue, "key": new, "project": project, "sprints": []})
    moved: Json = {"key": new}
    call.records.put("moved", old, moved)


ROUTES: Final = (
    Route("DELETE", "/rest/api/3/issue/{issueIdOrKey}", delete_issue),
    Route("POST", "/rest/api/3/bulk/issues/move", move_issues),
)
