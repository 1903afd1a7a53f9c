"""Reviews and their comments on lines of the diff.

A verdict belongs to the commit that was the head when it was given (`commit_id`); nobody judges
their own pull request.
"""

from typing import Any, Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    invalid,
    missing,
    node_id,
    ok,
    page,
    refuse,
    repo_api,
    repo_html,
    required,
    user,
)
from devflow.sandbox.github.pulls import PULL, require_pull
from devflow.sandbox.github.threads import changed_file, commentable, hunk_of, line_now
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

EVENTS: Final = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}
OWN: Final = {
    "APPROVE": "Can not approve your own pull request",
    "REQUEST_CHANGES": "Can not request changes on your own pull request",
}


def _review_shown(call: Call, pull: Json, review: Json) -> Json:
    page_url = f"{repo_html(call)}/pull/{pull['number']}#pullrequestreview-{review['id']}"
    site = f"{repo_api(call)}/pulls/{pull['number']}"
    same = ("id", "body", "state", "submitted_at", "commit_id")
    return {
        **{name: review[name] for name in same},
        "node_id": node_id("PRR", review["id"]),
        "user": user(call, review["user"]),
        "html_url": page_url,
        "pull_request_url": site,
        "author_association": "COLLABORATOR",
        "_links": {"html": {"href": page_url}, "pull_request": {"href": site}},
    }


def get_reviews(call: Call) -> Reply:
    pull = require_pull(call)
    return page(
        call,
        [
            _review_shown(call, pull, review)
            for review in call.records.all("review", pull["number"])
        ],
    )


def _review(call: Call, pull: Json) -> Json:
    review = call.records.get("review", call.path["review_id"])
    if review is None or review["pull"] != pull["number"]:
        raise Refused(missing())
    return review


def get_review(call: Call) -> Reply:
    pull = require_pull(call)
    return ok(_review_shown(call, pull, _review(call, pull)))


def post_review(call: Call) -> Reply:
    """Gives a verdict with comments. Raises Refused with GitHub's 422 for one's own, an empty one,
    or a wrong line."""
    pull, given = require_pull(call), fields_of(call, body=str, comments=list)
    event, body, comments = given.get("event"), given.get("body") or "", given.get("comments") or []
    if event not in EVENTS:
        refuse(
            422,
            "Unprocessable Entity",
            ["Pending reviews are not served by the sandbox: send an event."],
        )
    if event in OWN and pull["user"] == call.user["name"]:
        refuse(422, "Unprocessable Entity", [OWN[event]])
    if event != "APPROVE" and not body and not comments:
        refuse(422, "Unprocessable Entity", ["Body can't be blank"])
    commit = given.get("commit_id") or pull["head_sha"]
    if call.git.sha(str(commit)) != commit:
        refuse(
            422, "Unprocessable Entity", ["The provided commit_id is not part of the pull request"]
        )
    made = {
        "id": call.records.number("review", 9001),
        "pull": pull["number"],
        "user": call.user["name"],
        "body": body,
        "state": EVENTS[event],
        "submitted_at": github_time(),
        "commit_id": commit,
    }
    review = call.records.put("review", made["id"], made, pull["number"])
    for comment in comments:
        place = _place(call, pull, comment)
        if place is None:
            refuse(422, "Unprocessable Entity", ["Line could not be resolved"])
        _add_comment(
            call, pull, {**place, "body": str(comment.get("body", "")), "review": review["id"]}
        )
    waiting = [login for login in pull["reviewers"] if login != call.user["name"]]
    call.records.put(
        "pull", pull["number"], {**pull, "reviewers": waiting, "updated_at": made["submitted_at"]}
    )
    return ok(_review_shown(call, pull, review))


def dismiss(call: Call) -> Reply:
    pull = require_pull(call)
    review = _review(call, pull)
    required(call, "PullRequestReview", "message")
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        refuse(422, "Unprocessable Entity", ["Can not dismiss a commented pull request review"])
    return ok(
        _review_shown(
            call, pull, call.records.put("review", review["id"], {**review, "state": "DISMISSED"})
        )
    )


def _place(call: Call, pull: Json, given: Json) -> Json | None:
    """Where a comment goes: path, line and side, with the diff above it; None where the diff does
    not show the line."""
    file = changed_file(call, pull, str(given.get("path", "")))
    side = given.get("side") or "RIGHT"
    line: Any = given.get("line")
    if line is None and isinstance(given.get("position"), int) and file:
        line, side = _by_position(file.patch, given["position"]), "RIGHT"
    if file is None or side not in ("LEFT", "RIGHT") or line not in commentable(file, side):
        return None
    return {"path": file.path, "line": line, "side": side, "diff_hunk": hunk_of(file, line, side)}


def _by_position(patch: str, position: int) -> int | None:
    """The new line that is `position` lines below the file's first hunk header, the older way to
    name a place."""
    shown = patch.split("\n")[: position + 1]
    if len(shown) <= position or shown[-1].startswith(("-", "@@", "\\")):
        return None
    start = max(index for index, line in enumerate(shown) if line.startswith("@@"))
    first = int(shown[start].split("+")[1].split(" ")[0].split(",")[0])
    return first + sum(not line.startswith(("-", "\\")) for line in shown[start + 1 : -1])


def _add_comment(call: Call, pull: Json, placed: Json) -> Json:
    number, now = call.records.number("review_comment", 11001), github_time()
    comment = {
        "id": number,
        "pull": pull["number"],
        "user": call.user["name"],
        "in_reply_to_id": None,
        "original_commit_id": pull["head_sha"],
        "created_at": now,
        "updated_at": now,
        "resolved_by": None,
        **placed,
    }
    return call.records.put("review_comment", number, comment, pull["number"])


def comment_shown(call: Call, pull: Json, comment: Json) -> Json:
    """A comment on the diff; without `line` and `position` once it is outdated."""
    site, page_url = (
        f"{repo_api(call)}/pulls/{pull['number']}",
        f"{repo_html(call)}/pull/{pull['number']}",
    )
    url, html = (
        f"{repo_api(call)}/pulls/comments/{comment['id']}",
        f"{page_url}#discussion_r{comment['id']}",
    )
    line = line_now(call, pull, comment)
    same = (
        "id",
        "path",
        "diff_hunk",
        "original_commit_id",
        "body",
        "created_at",
        "updated_at",
        "side",
    )
    answered = {"in_reply_to_id": comment["in_reply_to_id"]} if comment["in_reply_to_id"] else {}
    place = {} if line is None else {"position": comment["diff_hunk"].count("\n")}
    return {
        **{name: comment[name] for name in same},
        **answered,
        **place,
        "line": line,
        "original_line": comment["line"],
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "subject_type": "line",
        "original_position": comment["diff_hunk"].count("\n"),
        "commit_id": comment["original_commit_id"] if line is None else pull["head_sha"],
        "node_id": node_id("PRRC", comment["id"]),
        "pull_request_review_id": comment["review"],
        "user": user(call, comment["user"]),
        "url": url,
        "html_url": html,
        "pull_request_url": site,
        "author_association": "COLLABORATOR",
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": site}},
    }


def get_comments(call: Call) -> Reply:
    pull = require_pull(call)
    return page(
        call,
        [
            comment_shown(call, pull, item)
            for item in call.records.all("review_comment", pull["number"])
        ],
    )


def post_comment(call: Call) -> Reply:
    """One comment on a line, as a review of its own; with `in_reply_to` an answer."""
    pull = require_pull(call)
    given = required(call, "PullRequestReviewComment", "body", body=str)
    if given.get("in_reply_to"):
        return Reply(
            201, comment_shown(call, pull, _answer(call, pull, given["in_reply_to"], given["body"]))
        )
    if (
        given.get("commit_id") != pull["head_sha"]
        and call.git.sha(str(given.get("commit_id", ""))) is None
    ):
        invalid(
            "PullRequestReviewComment",
            "commit_id",
            "custom",
            "commit_id is not part of the pull request",
        )
    place = _place(call, pull, given)
    if place is None:
        field = "pull_request_review_thread.line"
        invalid("PullRequestReviewComment", field, "custom", f"{field} must be part of the diff")
    review = {
        "id": call.records.number("review", 9001),
        "pull": pull["number"],
        "user": call.user["name"],
        "body": "",
    }
    review |= {"state": "COMMENTED", "submitted_at": github_time(), "commit_id": pull["head_sha"]}
    call.records.put("review", review["id"], review, pull["number"])
    return Reply(
        201,
        comment_shown(
            call, pull, _add_comment(call, pull, {**place, **_said(given, review["id"])})
        ),
    )


def _said(given: Json, review_id: int) -> Json:
    return {"body": given["body"], "review": review_id}


def _answer(call: Call, pull: Json, number: Any, body: str) -> Json:
    """Adds an answer to the thread of a comment; it always hangs on the thread's first one."""
    first = call.records.get("review_comment", number)
    if first is None or first["pull"] != pull["number"]:
        raise Refused(missing())
    same = {
        name: first[name]
        for name in ("path", "line", "side", "diff_hunk", "review", "original_commit_id")
    }
    root = first["in_reply_to_id"] or first["id"]
    return _add_comment(call, pull, {**same, "body": body, "in_reply_to_id": root})


def post_reply(call: Call) -> Reply:
    pull = require_pull(call)
    given = required(call, "PullRequestReviewComment", "body", body=str)
    return Reply(
        201, comment_shown(call, pull, _answer(call, pull, call.path["comment_id"], given["body"]))
    )


def review_comments(call: Call) -> Reply:
    pull = require_pull(call)
    review = _review(call, pull)
    own = [
        item
        for item in call.records.all("review_comment", pull["number"])
        if item["review"] == review["id"]
    ]
    return page(call, [comment_shown(call, pull, item) for item in own])


ROUTES: Final = (
    Route("GET", f"{PULL}/reviews", get_reviews),
    Route("POST", f"{PULL}/reviews", post_review),
    Route("GET", f"{PULL}/reviews/{{review_id}}", get_review),
    Route("PUT", f"{PULL}/reviews/{{review_id}}/dismissals", dismiss),
    Route("GET", f"{PULL}/reviews/{{review_id}}/comments", review_comments),
    Route("GET", f"{PULL}/comments", get_comments),
    Route("POST", f"{PULL}/comments", post_comment),
    Route("POST", f"{PULL}/comments/{{comment_id}}/replies", post_reply),
)
