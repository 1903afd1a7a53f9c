"""The objects of the GraphQL schema, as graphs of plain values.

A value that depends on arguments, or leads back to where one came from, is a function.
"""

from typing import Any, Callable, Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call
from devflow.sandbox.github.answers import node_id, pick
from devflow.sandbox.github.graphql_pages import QueryRefused, connection
from devflow.sandbox.github.pulls import approvals, mergeable_state, pull_url, refreshed
from devflow.sandbox.github.threads import line_now, threads

MERGEABLE: Final = {"dirty": "CONFLICTING", "unknown": "UNKNOWN"}


def no_such_node(key: str) -> QueryRefused:
    return QueryRefused(f"Could not resolve to a node with the global id of '{key}'.")


def actor(call: Call, login: str | None) -> Json | None:
    if not login:
        return None
    return {"__typename": "User", "login": login, "url": f"{call.base}/{login}"}


def pull_object(call: Call, pull: Json) -> Json:
    """A `PullRequest`."""
    state = mergeable_state(call, pull)
    merged = pull["merged_at"] is not None

    def review_threads(info: object, **page: Any) -> Json:
        items = []
        for root, comments in threads(call, pull):
            items.append(thread_object(call, pull, root, comments))
        return connection(call, items, **page)

    body = pick(pull, "number", "title")
    body["__typename"] = "PullRequest"
    body["id"] = node_id("PR", pull["number"])
    body["body"] = pull["body"] or ""
    body["state"] = "MERGED" if merged else pull["state"].upper()
    body["isDraft"] = pull["draft"]
    body["merged"] = merged
    body["mergeable"] = MERGEABLE.get(state, "MERGEABLE")
    body["reviewDecision"] = "APPROVED" if approvals(call, pull) else "REVIEW_REQUIRED"
    body["url"] = pull_url(call, pull)
    body["headRefName"] = pull["head_ref"]
    body["headRefOid"] = pull["head_sha"]
    body["baseRefName"] = pull["base_ref"]
    body["author"] = actor(call, pull["user"])
    body["comments"] = _conversation(call, pull)
    body["reviewThreads"] = review_threads
    return body


def _conversation(call: Call, pull: Json) -> Callable[..., Json]:
    def comments(info: object, **page: Any) -> Json:
        stored = call.records.all("issue_comment", pull["number"])
        return connection(call, [issue_comment_object(call, pull, one) for one in stored], **page)

    return comments


def issue_comment_object(call: Call, pull: Json, comment: Json) -> Json:
    """An `IssueComment`; `lastEditedAt` alone tells an edit within the second of its making."""
    number = comment["id"]
    body = pick(comment, "body")
    body["__typename"] = "IssueComment"
    body["id"] = node_id("IC", number)
    body["databaseId"] = number
    body["fullDatabaseId"] = str(number)
    body["author"] = actor(call, comment["user"])
    body["createdAt"] = comment["created_at"]
    body["updatedAt"] = comment["updated_at"]
    body["lastEditedAt"] = comment.get("last_edited_at")
    body["url"] = f"{pull_url(call, pull)}#issuecomment-{number}"
    return body


def thread_of(call: Call, root: Json) -> Json:
    """The `PullRequestReviewThread` that a first comment begins."""
    pull = refreshed(call, call.records.get("pull", root["pull"]) or {})
    for first, comments in threads(call, pull):
        if first["id"] == root["id"]:
            return thread_object(call, pull, first, comments)
    raise AssertionError(f"the comment {root['id']} begins no thread")


def thread_object(call: Call, pull: Json, root: Json, comments: list[Json]) -> Json:
    """A `PullRequestReviewThread`; it is named by its first comment."""
    line = line_now(call, pull, root)
    resolved = root["resolved_by"] is not None

    def comment_page(info: object, **page: Any) -> Json:
        items = [comment_object(call, pull, comment) for comment in comments]
        return connection(call, items, **page)

    body: Json = {"__typename": "PullRequestReviewThread", "id": node_id("PRRT", root["id"])}
    body["isResolved"] = resolved
    body["isOutdated"] = line is None
    body["isCollapsed"] = resolved
    body["resolvedBy"] = actor(call, root["resolved_by"])
    body["path"] = root["path"]
    body["line"] = line
    body["originalLine"] = root["line"]
    body["diffSide"] = root["side"]
    body["viewerCanResolve"] = True
    body["pullRequest"] = lambda info: pull_object(call, pull)
    body["comments"] = comment_page
    return body


def comment_object(call: Call, pull: Json, comment: Json) -> Json:
    """A `PullRequestReviewComment`."""
    number = comment["id"]
    body = pick(comment, "body", "path")
    body["id"] = node_id("PRRC", number)
    body["databaseId"] = number
    body["fullDatabaseId"] = str(number)
    body["author"] = actor(call, comment["user"])
    body["line"] = line_now(call, pull, comment)
    body["originalLine"] = comment["line"]
    body["diffHunk"] = comment["diff_hunk"]
    body["createdAt"] = comment["created_at"]
    body["updatedAt"] = comment["updated_at"]
    body["url"] = f"{pull_url(call, pull)}#discussion_r{number}"
    return body
