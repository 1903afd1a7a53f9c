"""A pull request as an issue: its comments, labels and assignees.

GitHub counts pull requests and issues together; here every issue number is a pull request's.
"""

from typing import Any, Final

from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    created,
    fields_of,
    invalid,
    missing,
    node_id,
    ok,
    page,
    pick,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.pulls import FIRST_ID, edit_pull, labels_of, pull_url, require_pull
from devflow.sandbox.github.repository import ensure_label

SHOWN: Final = (
    "number",
    "title",
    "body",
    "state",
    "draft",
    "created_at",
    "updated_at",
    "closed_at",
)
UNUSED: Final[Json] = {  # what this repository has none of
    "locked": False,
    "milestone": None,
    "author_association": "COLLABORATOR",
    "state_reason": None,
}


def issue_shown(call: Call, pull: Json) -> Json:
    number = pull["number"]
    assignees = [user(call, login) for login in pull["assignees"]]
    body = {**pick(pull, *SHOWN), **UNUSED, **_addresses(call, pull)}
    body["id"] = FIRST_ID + number
    body["node_id"] = node_id("PR", number)
    body["user"] = user(call, pull["user"])
    body["labels"] = labels_of(call, pull)
    body["assignee"] = assignees[0] if assignees else None
    body["assignees"] = assignees
    body["comments"] = len(call.records.all("issue_comment", number))
    return body


def _addresses(call: Call, pull: Json) -> Json:
    api = repo_api(call)
    site = f"{api}/issues/{pull['number']}"
    page_url = pull_url(call, pull)
    addresses: Json = {"url": site, "repository_url": api, "html_url": page_url}
    addresses["labels_url"] = f"{site}/labels{{/name}}"
    addresses["comments_url"] = f"{site}/comments"
    addresses["events_url"] = f"{site}/events"
    addresses["pull_request"] = {
        "url": f"{api}/pulls/{pull['number']}",
        "html_url": page_url,
        "diff_url": f"{page_url}.diff",
        "patch_url": f"{page_url}.patch",
        "merged_at": pull["merged_at"],
    }
    return addresses


def get_issue(call: Call) -> Reply:
    return ok(issue_shown(call, require_pull(call)))


def comment_shown(call: Call, comment: Json) -> Json:
    api = repo_api(call)
    number = comment["issue"]
    body = pick(comment, "id", "body", "created_at", "updated_at")
    body["node_id"] = node_id("IC", comment["id"])
    body["url"] = f"{api}/issues/comments/{comment['id']}"
    body["html_url"] = f"{repo_html(call)}/pull/{number}#issuecomment-{comment['id']}"
    body["issue_url"] = f"{api}/issues/{number}"
    body["user"] = user(call, comment["user"])
    body["author_association"] = "COLLABORATOR"
    body["performed_via_github_app"] = None
    return body


def get_comments(call: Call) -> Reply:
    pull = require_pull(call)
    since = call.query.get("since", "")
    comments = []
    for comment in call.records.all("issue_comment", pull["number"]):
        if comment["updated_at"] >= since:
            comments.append(comment_shown(call, comment))
    return page(call, comments)


def post_comment(call: Call) -> Reply:
    pull = require_pull(call)
    fields = required(call, "IssueComment", "body")
    number = call.records.number("issue_comment", 12001)
    now = github_time()
    comment = {
        "id": number,
        "issue": pull["number"],
        "user": call.user["name"],
        "body": str(fields["body"]),
        "created_at": now,
        "updated_at": now,
    }
    call.records.put("issue_comment", number, comment, pull["number"])
    return created(comment_shown(call, comment))


def get_comment(call: Call) -> Reply:
    return ok(comment_shown(call, _comment(call)))


def _comment(call: Call) -> Json:
    repository_data(call)
    comment = call.records.get("issue_comment", call.path["comment_id"])
    if comment is None:
        raise Refused(missing())
    return comment


def patch_comment(call: Call) -> Reply:
    comment = _comment(call)
    fields = required(call, "IssueComment", "body")
    comment["body"] = str(fields["body"])
    now = github_time()
    comment |= {"updated_at": now, "last_edited_at": now}
    call.records.put("issue_comment", comment["id"], comment)
    return ok(comment_shown(call, comment))


def delete_comment(call: Call) -> Reply:
    call.records.delete("issue_comment", _comment(call)["id"])
    return Reply(204)


def get_labels(call: Call) -> Reply:
    return page(call, labels_of(call, require_pull(call)))


def _label_names(call: Call) -> list[str]:
    """The names in the body, which is a list or an object with one, of names or of labels."""
    items: Any = call.body
    if not isinstance(items, list):
        items = fields_of(call, labels=list).get("labels") or []
    names = []
    for item in items:
        name = item.get("name") if isinstance(item, dict) else item
        if not isinstance(name, str) or not name:
            invalid("Label", "name", "invalid")
        names.append(name)
    return names


def _label_keys(call: Call) -> list[str]:
    """What labels are kept by; those that the repository lacks are made."""
    return [ensure_label(call, name)["name"].lower() for name in _label_names(call)]


def post_labels(call: Call) -> Reply:
    """Adds labels by name."""
    pull = require_pull(call)
    keys = _label_keys(call)
    new = [key for key in keys if key not in pull["labels"]]
    return _with_labels(call, pull, [*pull["labels"], *new])


def put_labels(call: Call) -> Reply:
    """Replaces the labels."""
    pull = require_pull(call)
    return _with_labels(call, pull, _label_keys(call))


def _with_labels(call: Call, pull: Json, keys: list[str]) -> Reply:
    edited = edit_pull(call, pull, labels=keys, updated_at=github_time())
    return ok(labels_of(call, edited))


def delete_label(call: Call) -> Reply:
    pull = require_pull(call)
    key = call.path["name"].lower()
    if key not in pull["labels"]:
        refuse(404, "Label does not exist")
    return _with_labels(call, pull, [name for name in pull["labels"] if name != key])


def post_assignees(call: Call) -> Reply:
    """Adds assignees; logins that nobody has are passed over, as GitHub does."""
    pull = require_pull(call)
    assignees = list(pull["assignees"])
    for login in fields_of(call, assignees=list).get("assignees") or []:
        is_new = login not in pull["assignees"]
        if is_new and call.records.get("person", login) is not None:
            assignees.append(login)
    edited = edit_pull(call, pull, assignees=assignees, updated_at=github_time())
    return created(issue_shown(call, edited))


ISSUE: Final = "/repos/{owner}/{repo}/issues/{issue_number}"
ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", get_comment),
    Route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", patch_comment),
    Route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", delete_comment),
    Route("GET", ISSUE, get_issue),
    Route("GET", f"{ISSUE}/comments", get_comments),
    Route("POST", f"{ISSUE}/comments", post_comment),
    Route("GET", f"{ISSUE}/labels", get_labels),
    Route("POST", f"{ISSUE}/labels", post_labels),
    Route("PUT", f"{ISSUE}/labels", put_labels),
    Route("DELETE", f"{ISSUE}/labels/{{name}}", delete_label),
    Route("POST", f"{ISSUE}/assignees", post_assignees),
)
