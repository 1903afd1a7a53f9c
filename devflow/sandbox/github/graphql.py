"""GraphQL for what REST cannot say: review threads and whether they are resolved, drafts and ready
pull requests.

Its ids are the `node_id`s of REST. An answer with errors is still HTTP 200.
"""

from collections.abc import Callable
from typing import Any, Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    full_name,
    node_id,
    ok,
    repo_html,
    repository_data,
)
from devflow.sandbox.github.graphql_language import Parser, QueryError, select
from devflow.sandbox.github.pulls import approvals, mergeable_state, refreshed
from devflow.sandbox.github.threads import line_now, threads
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Reply, Route


def graphql(call: Call) -> Reply:
    given = fields_of(call, variables=dict)
    data = None
    try:
        document = Parser(str(given.get("query") or "")).document()
        root = _mutations(call) if document.kind == "mutation" else _queries(call)
        data = select(root, document, given.get("variables") or {})
    except QueryError as error:
        return ok({"data": data, "errors": [error.entry]})
    return ok({"data": data})


def _queries(call: Call) -> Json:
    return {
        "__typename": "Query",
        "viewer": _actor(call, call.user["name"]),
        "repository": lambda given: _repository(call, given),
        "node": lambda given: _node(call, str(given.get("id"))),
        "rateLimit": {
            "__typename": "RateLimit",
            "limit": 5000,
            "remaining": 5000 - call.used,
            "used": call.used,
        },
    }


def _not_found(message: str) -> QueryError:
    return QueryError(message, type="NOT_FOUND")


def _repository(call: Call, given: Json) -> Json:
    wanted = f"{given.get('owner')}/{given.get('name')}"
    if wanted.lower() != full_name(call):
        raise _not_found(f"Could not resolve to a Repository with the name '{wanted}'.")
    return {
        "__typename": "Repository",
        "id": node_id("R", 2000),
        "name": repository_data(call)["name"],
        "nameWithOwner": full_name(call),
        "url": repo_html(call),
        "pullRequest": lambda inner: _pull_by_number(call, inner.get("number")),
    }


def _pull_by_number(call: Call, number: Any) -> Json:
    stored = call.records.get("pull", number)
    if stored is None:
        raise _not_found(f"Could not resolve to a PullRequest with the number of {number}.")
    return _pull(call, refreshed(call, stored))


def _node(call: Call, wanted: str) -> Json:
    kind, _, number = wanted.partition("_")
    if kind == "PR" and (stored := call.records.get("pull", number)):
        return _pull(call, refreshed(call, stored))
    if kind == "PRRT" and (root := call.records.get("review_comment", number)):
        return _thread_of(call, root)
    raise _not_found(f"Could not resolve to a node with the global id of '{wanted}'.")


def _actor(call: Call, login: str | None) -> Json | None:
    return {"__typename": "User", "login": login, "url": f"{call.base}/{login}"} if login else None


def _connection(items: list[Json], kind: str) -> Callable[[Json], Json]:
    """A list as GraphQL hands it out: by `first` and `after`, with where it goes on."""

    def part(given: Json) -> Json:
        start = int(given.get("after") or 0)
        end = min(start + int(given.get("first") or given.get("last") or 100), len(items))
        edges = [
            {"__typename": f"{kind}Edge", "cursor": str(n), "node": items[n - 1]}
            for n in range(start + 1, end + 1)
        ]
        page_info = {"hasNextPage": end < len(items), "hasPreviousPage": start > 0}
        cursors = {
            "endCursor": str(end) if edges else None,
            "startCursor": str(start + 1) if edges else None,
        }
        return {
            "__typename": f"{kind}Connection",
            "totalCount": len(items),
            "nodes": items[start:end],
            "edges": edges,
            "pageInfo": {"__typename": "PageInfo", **page_info, **cursors},
        }

    return part


def _pull(call: Call, pull: Json) -> Json:
    state = mergeable_state(call, pull)
    words = {"dirty": "CONFLICTING", "unknown": "UNKNOWN"}
    shown = [_thread(call, pull, root, comments) for root, comments in threads(call, pull)]
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", pull["number"]),
        "number": pull["number"],
        "title": pull["title"],
        "body": pull["body"] or "",
        "state": "MERGED" if pull["merged_at"] else pull["state"].upper(),
        "isDraft": pull["draft"],
        "merged": pull["merged_at"] is not None,
        "mergeable": words.get(state, "MERGEABLE"),
        "reviewDecision": "APPROVED" if approvals(call, pull) else "REVIEW_REQUIRED",
        "url": f"{repo_html(call)}/pull/{pull['number']}",
        "headRefName": pull["head_ref"],
        "headRefOid": pull["head_sha"],
        "baseRefName": pull["base_ref"],
        "author": _actor(call, pull["user"]),
        "reviewThreads": _connection(shown, "PullRequestReviewThread"),
    }


def _thread_of(call: Call, root: Json) -> Json:
    pull = refreshed(call, call.records.get("pull", root["pull"]) or {})
    return next(
        _thread(call, pull, first, comments)
        for first, comments in threads(call, pull)
        if first["id"] == root["id"]
    )


def _thread(call: Call, pull: Json, root: Json, comments: list[Json]) -> Json:
    line = line_now(call, pull, root)
    return {
        "__typename": "PullRequestReviewThread",
        "id": node_id("PRRT", root["id"]),
        "isResolved": root["resolved_by"] is not None,
        "isOutdated": line is None,
        "isCollapsed": root["resolved_by"] is not None,
        "resolvedBy": _actor(call, root["resolved_by"]),
        "path": root["path"],
        "line": line,
        "originalLine": root["line"],
        "diffSide": root["side"],
        "viewerCanResolve": True,
        "pullRequest": lambda given: _pull(call, pull),
        "comments": _connection(
            [_comment(call, pull, item) for item in comments], "PullRequestReviewComment"
        ),
    }


def _comment(call: Call, pull: Json, comment: Json) -> Json:
    return {
        "__typename": "PullRequestReviewComment",
        "id": node_id("PRRC", comment["id"]),
        "databaseId": comment["id"],
        "fullDatabaseId": str(comment["id"]),
        "author": _actor(call, comment["user"]),
        "body": comment["body"],
        "path": comment["path"],
        "line": line_now(call, pull, comment),
        "originalLine": comment["line"],
        "diffHunk": comment["diff_hunk"],
        "createdAt": comment["created_at"],
        "updatedAt": comment["updated_at"],
        "url": f"{repo_html(call)}/pull/{pull['number']}#discussion_r{comment['id']}",
    }


def _mutations(call: Call) -> Json:
    return {
        "__typename": "Mutation",
        "resolveReviewThread": lambda given: _resolve(call, given, call.user["name"]),
        "unresolveReviewThread": lambda given: _resolve(call, given, None),
        "convertPullRequestToDraft": lambda given: _draft(call, given, True),
        "markPullRequestReadyForReview": lambda given: _draft(call, given, False),
    }


def _resolve(call: Call, given: Json, by: str | None) -> Json:
    asked = given.get("input") or {}
    wanted = str(asked.get("threadId"))
    root = (
        call.records.get("review_comment", wanted.removeprefix("PRRT_"))
        if wanted.startswith("PRRT_")
        else None
    )
    if root is None or root["in_reply_to_id"] is not None:
        raise _not_found(f"Could not resolve to a node with the global id of '{wanted}'.")
    root = call.records.put("review_comment", root["id"], {**root, "resolved_by": by})
    name = "ResolveReviewThreadPayload" if by else "UnresolveReviewThreadPayload"
    return {
        "__typename": name,
        "clientMutationId": asked.get("clientMutationId"),
        "thread": _thread_of(call, root),
    }


def _draft(call: Call, given: Json, draft: bool) -> Json:
    asked = given.get("input") or {}
    wanted = str(asked.get("pullRequestId"))
    stored = (
        call.records.get("pull", wanted.removeprefix("PR_")) if wanted.startswith("PR_") else None
    )
    if stored is None:
        raise _not_found(f"Could not resolve to a node with the global id of '{wanted}'.")
    changed = {"draft": draft, "updated_at": github_time()}
    pull = refreshed(call, call.records.put("pull", stored["number"], {**stored, **changed}))
    payload = {"clientMutationId": asked.get("clientMutationId"), "pullRequest": _pull(call, pull)}
    return {"__typename": "PullRequestPayload", **payload, "actor": _actor(call, call.user["name"])}


ROUTES: Final = (Route("POST", "/graphql", graphql),)
