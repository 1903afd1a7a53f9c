"""What gathers around an issue: comments, work logs, watchers, remote links and links to other
issues.

A remote link with a `globalId` is one link, however often it is sent: the second time it is updated
in place.
"""

import re
from typing import Any, Final

from devflow.sandbox.common.clock import jira_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.jira import adf, catalogue, durations
from devflow.sandbox.jira.answers import fields_of, ok, page, person_by_account, refuse
from devflow.sandbox.jira.issues import comment_shown, require, worklog_shown

STARTED: Final = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}"


def get_comments(call: Call) -> Reply:
    stored = call.records.all("comment", require(call)["key"])
    if call.query.get("orderBy", "").lstrip("+") == "-created":
        stored.reverse()
    return ok(page(call, "comments", [comment_shown(call, item) for item in stored], default=100))


def get_comment(call: Call) -> Reply:
    return ok(comment_shown(call, _comment(call)))


def _comment(call: Call) -> Json:
    issue = require(call)
    found = call.records.get("comment", call.path["id"])
    if found is None or found["issue_id"] != issue["id"]:
        refuse(404, f"Can not find a comment for the id: {call.path['id']}.")
    return found


def post_comment(call: Call) -> Reply:
    return Reply(201, comment_shown(call, add_comment(call, require(call), fields_of(call))))


def add_comment(call: Call, issue: Json, given: Json) -> Json:
    """Stores a comment of the caller. Raises Refused with 400 where its body is no ADF document."""
    number = str(call.records.number("comment", 10001))
    now = jira_time()
    comment = {
        "id": number,
        "issue_id": issue["id"],
        "author": call.user["name"],
        "update_author": call.user["name"],
        "body": _body(given),
        "properties": given.get("properties") or [],
        "created": now,
        "updated": now,
    }
    return call.records.put("comment", number, comment, issue["key"])


def _body(given: Json) -> Any:
    if not adf.is_document(given.get("body")):
        refuse(400, comment="Comment body is not valid!")
    return given["body"]


def put_comment(call: Call) -> Reply:
    given = fields_of(call)
    comment = _comment(call)
    if comment["author"] != call.user["name"] and "admin" not in call.user["roles"]:
        refuse(400, "You do not have the permission to edit this comment.")
    edited = {"body": _body(given), "update_author": call.user["name"], "updated": jira_time()}
    properties = {"properties": given["properties"]} if "properties" in given else {}
    comment = call.records.put("comment", comment["id"], {**comment, **edited, **properties})
    return ok(comment_shown(call, comment))


def delete_comment(call: Call) -> Reply:
    comment = _comment(call)
    if comment["author"] != call.user["name"] and "admin" not in call.user["roles"]:
        refuse(400, "You do not have the permission to delete this comment.")
    call.records.delete("comment", comment["id"])
    return Reply(204)


def get_worklogs(call: Call) -> Reply:
    stored = call.records.all("worklog", require(call)["key"])
    return ok(page(call, "worklogs", [worklog_shown(call, item) for item in stored], default=5000))


def post_worklog(call: Call) -> Reply:
    """Logs time by `timeSpent` ("14h 30m") or `timeSpentSeconds`; lowers the remaining estimate
    unless told otherwise."""
    issue = require(call)
    given = fields_of(call)
    spent_s = given.get("timeSpentSeconds") or durations.seconds(str(given.get("timeSpent", "")))
    if not isinstance(spent_s, int) or spent_s < 60:
        refuse(400, timeLogged="Invalid time duration entered.")
    started = given.get("started", jira_time())
    if not re.fullmatch(STARTED, str(started)):
        refuse(400, started=f"Cannot parse '{started}': expected yyyy-MM-dd'T'HH:mm:ss.SSSZ")
    if "comment" in given and not adf.is_document(given["comment"]):
        refuse(400, comment="Comment body is not valid!")
    log = _store_worklog(call, issue, given, spent_s, started)
    return Reply(201, worklog_shown(call, log))


def _store_worklog(call: Call, issue: Json, given: Json, spent_s: int, started: str) -> Json:
    number = str(call.records.number("worklog", 10001))
    now = jira_time()
    log = {
        "id": number,
        "issueId": issue["id"],
        "author": call.user["name"],
        **({"comment": given["comment"]} if "comment" in given else {}),
        "created": now,
        "updated": now,
        "started": started,
        "timeSpent": durations.pretty(spent_s),
        "timeSpentSeconds": spent_s,
    }
    call.records.put("worklog", number, log, issue["key"])
    if call.query.get("adjustEstimate", "auto") == "auto" and issue["remaining_s"] is not None:
        left_s = max(0, issue["remaining_s"] - spent_s)
        call.records.put("issue", issue["key"], {**issue, "remaining_s": left_s, "updated": now})
    return log


def post_watcher(call: Call) -> Reply:
    """Adds the account that the body, a bare JSON string, names; nobody named means the caller."""
    issue = require(call)
    account = call.body if isinstance(call.body, str) and call.body else call.user["account_id"]
    name = person_by_account(call, account)["name"]
    if name not in issue["watchers"]:
        call.records.put("issue", issue["key"], {**issue, "watchers": [*issue["watchers"], name]})
    return Reply(204)


def get_remote_links(call: Call) -> Reply:
    stored = call.records.all("remotelink", require(call)["key"])
    wanted = call.query.get("globalId")
    shown = [_remote_link(call, item) for item in stored if wanted in (None, item.get("globalId"))]
    if wanted is not None:
        return ok(shown[0]) if shown else refuse(404, "The remote link does not exist.")
    return ok(shown)


def _remote_link(call: Call, link: Json) -> Json:
    return {"id": link["id"], "self": f"{call.base}{call.resource}/{link['id']}", **link}


def post_remote_link(call: Call) -> Reply:
    """Makes a link (201), or updates the one with the same `globalId` (200)."""
    issue = require(call)
    given = fields_of(call, object=dict)
    target = given.get("object") or {}
    missing = {name: f"'{name}' is required." for name in ("title", "url") if not target.get(name)}
    if missing:
        raise Refused(Reply(400, {"errorMessages": [], "errors": missing}))
    known = call.records.all("remotelink", issue["key"])
    same = next(
        (
            item
            for item in known
            if given.get("globalId") and item.get("globalId") == given["globalId"]
        ),
        None,
    )
    number = same["id"] if same else call.records.number("remotelink", 10000)
    kept: Json = {
        key: given[key]
        for key in ("globalId", "application", "relationship", "object")
        if key in given
    }
    call.records.put("remotelink", number, {"id": number, **kept}, issue["key"])
    return Reply(
        200 if same else 201, {"id": number, "self": f"{call.base}{call.resource}/{number}"}
    )


def post_issue_link(call: Call) -> Reply:
    """Links two issues; the same link sent again changes nothing."""
    given = fields_of(call, type=dict, inwardIssue=dict, outwardIssue=dict)
    type_id = catalogue.find(catalogue.LINK_TYPES, given.get("type"), "type")
    inward = _linked_issue(call, given, "inwardIssue")
    outward = _linked_issue(call, given, "outwardIssue")
    key = f"{type_id}/{inward['key']}/{outward['key']}"
    if call.records.get("issuelink", key) is None:
        number = str(call.records.number("issuelink", 10000))
        # a link reads from its inward issue: "inward blocks outward"
        ends = {"source": inward["key"], "target": outward["key"]}
        call.records.put("issuelink", key, {"id": number, "type": type_id, **ends})
    return Reply(201)


def _linked_issue(call: Call, given: Json, side: str) -> Json:
    reference = given.get(side) or {}
    return require(call, str(reference.get("key", "")))


def application_links(call: Call) -> Reply:
    refuse(403, "The user must have the administrator permission to list application links.")


ROUTES: Final = (
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/comment", get_comments),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/comment", post_comment),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/comment/{id}", get_comment),
    Route("PUT", "/rest/api/3/issue/{issueIdOrKey}/comment/{id}", put_comment),
    Route("DELETE", "/rest/api/3/issue/{issueIdOrKey}/comment/{id}", delete_comment),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/worklog", get_worklogs),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/worklog", post_worklog),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/watchers", post_watcher),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/remotelink", get_remote_links),
    Route("POST", "/rest/api/3/issue/{issueIdOrKey}/remotelink", post_remote_link),
    Route("POST", "/rest/api/3/issueLink", post_issue_link),
    Route("GET", "/rest/applinks/latest/listApplicationlinks", application_links),
)
