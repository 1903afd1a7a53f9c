"""A pull request as an issue: its comments, labels and assignees.

GitHub counts pull requests and issues together; here every issue number is a pull request's.
"""

from typing import Any, Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    missing,
    node_id,
    ok,
    page,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.pulls import require_pull
from devflow.sandbox.github.repository import ensure_label, label_shown
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route


def issue_shown(call: Call, pull: Json) -> Json:
    number, site = pull["number"], f"{repo_api(call)}/issues/{pull['number']}"
    page_url, pull_site = f"{repo_html(call)}/pull/{number}", f"{repo_api(call)}/pulls/{number}"
    people = [user(call, login) for login in pull["assignees"]]
    same = ("number", "title", "body", "state", "draft", "created_at", "updated_at", "closed_at")
    links = {
        "url": pull_site,
        "html_url": page_url,
        "diff_url": f"{page_url}.diff",
        "patch_url": f"{page_url}.patch",
    }
    return {
        **{name: pull[name] for name in same},
        "id": 4000 + number,
        "node_id": node_id("PR", number),
        "url": site,
        "repository_url": repo_api(call),
        "labels_url": f"{site}/labels{{/name}}",
        "comments_url": f"{site}/comments",
        "events_url": f"{site}/events",
        "html_url": page_url,
        "user": user(call, pull["user"]),
        "labels": _labels(call, pull),
        "locked": False,
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "comments": len(call.records.all("issue_comment", number)),
        "author_association": "COLLABORATOR",
        "state_reason": None,
        "pull_request": {**links, "merged_at": pull["merged_at"]},
    }


def _labels(call: Call, pull: Json) -> list[Json]:
    return [
        label_shown(call, label)
        for name in pull["labels"]
        if (label := call.records.get("label", name))
    ]


def comment_shown(call: Call, comment: Json) -> Json:
    api, number = repo_api(call), comment["issue"]
    plain = {name: value for name, value in comment.items() if name not in ("issue", "user")}
    return {
        **plain,
        "node_id": node_id("IC", comment["id"]),
        "url": f"{api}/issues/comments/{comment['id']}",
        "html_url": f"{repo_html(call)}/pull/{number}#issuecomment-{comment['id']}",
        "issue_url": f"{api}/issues/{number}",
        "user": user(call, comment["user"]),
        "author_association": "COLLABORATOR",
        "performed_via_github_app": None,
    }


def get_comments(call: Call) -> Reply:
    stored = call.records.all("issue_comment", require_pull(call)["number"])
    since = call.query.get("since", "")
    return page(call, [comment_shown(call, item) for item in stored if item["updated_at"] >= since])


def post_comment(call: Call) -> Reply:
    pull = require_pull(call)
    given = required(call, "IssueComment", "body")
    number, now = call.records.number("issue_comment", 12001), github_time()
    comment = {
        "id": number,
        "issue": pull["number"],
        "user": call.user["name"],
        "body": str(given["body"]),
    }
    comment |= {"created_at": now, "updated_at": now}
    return Reply(
        201, comment_shown(call, call.records.put("issue_comment", number, comment, pull["number"]))
    )


def _comment(call: Call) -> Json:
    repository_data(call)
    comment = call.records.get("issue_comment", call.path["comment_id"])
    if comment is None:
        raise Refused(missing())
    return comment


def patch_comment(call: Call) -> Reply:
    comment, given = _comment(call), required(call, "IssueComment", "body")
    edited = {**comment, "body": str(given["body"]), "updated_at": github_time()}
    return ok(comment_shown(call, call.records.put("issue_comment", comment["id"], edited)))


def get_labels(call: Call) -> Reply:
    return page(call, _labels(call, require_pull(call)))


def _label_names(call: Call) -> list[str]:
    asked: Any = (
        call.body if isinstance(call.body, list) else fields_of(call, labels=list).get("labels")
    )
    names: list[Any] = [
        item.get("name") if isinstance(item, dict) else item for item in asked or []
    ]
    if not all(isinstance(name, str) and name for name in names):
        refuse(
            422, "Validation Failed", [{"resource": "Label", "code": "invalid", "field": "name"}]
        )
    return names


def post_labels(call: Call) -> Reply:
    """Adds labels by name; those that the repository lacks are made."""
    pull = require_pull(call)
    keys = [ensure_label(call, name)["name"].lower() for name in _label_names(call)]
    return _with_labels(
        call, pull, [*pull["labels"], *(key for key in keys if key not in pull["labels"])]
    )


def put_labels(call: Call) -> Reply:
    pull = require_pull(call)
    return _with_labels(
        call, pull, [ensure_label(call, name)["name"].lower() for name in _label_names(call)]
    )


def _with_labels(call: Call, pull: Json, keys: list[str]) -> Reply:
    stored = call.records.put(
        "pull", pull["number"], {**pull, "labels": keys, "updated_at": github_time()}
    )
    return ok(_labels(call, stored))


def delete_label(call: Call) -> Reply:
    pull, key = require_pull(call), call.path["name"].lower()
    if key not in pull["labels"]:
        refuse(404, "Label does not exist")
    return _with_labels(call, pull, [name for name in pull["labels"] if name != key])


def post_assignees(call: Call) -> Reply:
    """Adds assignees; logins that nobody has are passed over, as GitHub does."""
    pull, wanted = require_pull(call), fields_of(call, assignees=list).get("assignees") or []
    known = [login for login in wanted if call.records.get("person", login)]
    people = [*pull["assignees"], *(login for login in known if login not in pull["assignees"])]
    stored = call.records.put(
        "pull", pull["number"], {**pull, "assignees": people, "updated_at": github_time()}
    )
    return Reply(201, issue_shown(call, stored))


ISSUE: Final = "/repos/{owner}/{repo}/issues/{issue_number}"
ROUTES: Final = (
    Route(
        "GET",
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        lambda call: ok(comment_shown(call, _comment(call))),
    ),
    Route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", patch_comment),
    Route("GET", ISSUE, lambda call: ok(issue_shown(call, require_pull(call)))),
    Route("GET", f"{ISSUE}/comments", get_comments),
    Route("POST", f"{ISSUE}/comments", post_comment),
    Route("GET", f"{ISSUE}/labels", get_labels),
    Route("POST", f"{ISSUE}/labels", post_labels),
    Route("PUT", f"{ISSUE}/labels", put_labels),
    Route("DELETE", f"{ISSUE}/labels/{{name}}", delete_label),
    Route("POST", f"{ISSUE}/assignees", post_assignees),
)
