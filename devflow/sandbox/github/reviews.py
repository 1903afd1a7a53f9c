"""Reviews and their comments on lines of the diff.

A verdict belongs to the commit that was the head when it was given (`commit_id`); nobody judges
their own pull request.
"""

from typing import Any, Final, NoReturn

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
    required,
    user,
)
from devflow.sandbox.github.pulls import PULL, edit_pull, pull_url, require_pull
from devflow.sandbox.github.threads import HUNK, changed_file, commentable, hunk_of, line_now

COMMENT: Final = "PullRequestReviewComment"  # what GitHub's errors call the resource
SHOWN: Final = (
    "id",
    "path",
    "diff_hunk",
    "original_commit_id",
    "body",
    "created_at",
    "updated_at",
    "side",
)
UNUSED: Final[Json] = {  # comments on several lines are not served
    "start_line": None,
    "original_start_line": None,
    "start_side": None,
    "subject_type": "line",
    "author_association": "COLLABORATOR",
}
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
    page_url = f"{pull_url(call, pull)}#pullrequestreview-{review['id']}"
    site = f"{repo_api(call)}/pulls/{pull['number']}"
    body = pick(review, "id", "body", "state", "submitted_at", "commit_id")
    body["node_id"] = node_id("PRR", review["id"])
    body["user"] = user(call, review["user"])
    body["html_url"] = page_url
    body["pull_request_url"] = site
    body["author_association"] = "COLLABORATOR"
    body["_links"] = {"html": {"href": page_url}, "pull_request": {"href": site}}
    return body


def get_reviews(call: Call) -> Reply:
    pull = require_pull(call)
    reviews = call.records.all("review", pull["number"])
    return page(call, [_review_shown(call, pull, review) for review in reviews])


def _unprocessable(problem: str) -> NoReturn:
    refuse(422, "Unprocessable Entity", [problem])


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
    pull = require_pull(call)
    fields = fields_of(call, body=str, comments=list)
    event = _event(call, pull, fields)
    commit = fields.get("commit_id") or pull["head_sha"]
    if call.git.sha(str(commit)) != commit:
        _unprocessable("The provided commit_id is not part of the pull request")
    review = _add_review(call, pull, EVENTS[event], fields.get("body") or "", commit)
    for comment in fields.get("comments") or []:
        place = _place(call, pull, comment)
        if place is None:
            _unprocessable("Line could not be resolved")
        place["body"] = str(comment.get("body", ""))
        place["review"] = review["id"]
        _add_comment(call, pull, place)
    waiting = [login for login in pull["reviewers"] if login != call.user["name"]]
    edit_pull(call, pull, reviewers=waiting, updated_at=review["submitted_at"])
    return ok(_review_shown(call, pull, review))


def _event(call: Call, pull: Json, fields: Json) -> str:
    """The verdict of the body; raises Refused with 422 where this user may not give it."""
    event: str = fields.get("event") or ""
    if event not in EVENTS:
        _unprocessable("Pending reviews are not served by the sandbox: send an event.")
    if event in OWN and pull["user"] == call.user["name"]:
        _unprocessable(OWN[event])
    has_said = bool(fields.get("body"))
    # a comment may stand in its lines alone, what has to change may not
    is_said = has_said or event == "COMMENT" and bool(fields.get("comments"))
    if event != "APPROVE" and not is_said:
        _unprocessable("Body can't be blank")
    return event


def _add_review(call: Call, pull: Json, state: str, body: str, commit: str) -> Json:
    number = call.records.number("review", 9001)
    review = {
        "id": number,
        "pull": pull["number"],
        "user": call.user["name"],
        "body": body,
        "state": state,
        "submitted_at": github_time(),
        "commit_id": commit,
    }
    return call.records.put("review", number, review, pull["number"])


def put_review(call: Call) -> Reply:
    """Changes the summary of a review; its verdict stays."""
    pull = require_pull(call)
    review = _review(call, pull)
    fields = required(call, "PullRequestReview", "body", body=str)
    review["body"] = fields["body"]
    call.records.put("review", review["id"], review)
    return ok(_review_shown(call, pull, review))


def dismiss(call: Call) -> Reply:
    pull = require_pull(call)
    review = _review(call, pull)
    required(call, "PullRequestReview", "message")
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        _unprocessable("Can not dismiss a commented pull request review")
    review["state"] = "DISMISSED"
    call.records.put("review", review["id"], review)
    return ok(_review_shown(call, pull, review))


def _place(call: Call, pull: Json, fields: Json) -> Json | None:
    """Where a comment goes: path, line and side, with the diff above it; None where the diff does
    not show the line."""
    file = changed_file(call, pull, str(fields.get("path", "")))
    if file is None:
        return None
    side = fields.get("side") or "RIGHT"
    line: Any = fields.get("line")
    position = fields.get("position")
    if line is None and isinstance(position, int):
        line = _by_position(file.patch, position)
        side = "RIGHT"
    if side not in ("LEFT", "RIGHT") or line not in commentable(file, side):
        return None
    return {"path": file.path, "line": line, "side": side, "diff_hunk": hunk_of(file, line, side)}


def _by_position(patch: str, position: int) -> int | None:
    """The new line that is `position` lines below the file's first hunk header, the older way to
    name a place."""
    shown = patch.split("\n")[: position + 1]
    if len(shown) <= position or shown[-1].startswith(("-", "@@", "\\")):
        return None
    start = max(index for index, line in enumerate(shown) if line.startswith("@@"))
    hunk = HUNK.match(shown[start])
    assert hunk is not None, "git writes every hunk header in this form"
    number = int(hunk[3])
    for line in shown[start + 1 : -1]:
        if not line.startswith(("-", "\\")):
            number += 1
    return number


def _add_comment(call: Call, pull: Json, fields: Json) -> Json:
    number = call.records.number("review_comment", 11001)
    now = github_time()
    comment = {
        "id": number,
        "pull": pull["number"],
        "user": call.user["name"],
        "in_reply_to_id": None,
        "original_commit_id": pull["head_sha"],
        "created_at": now,
        "updated_at": now,
        "resolved_by": None,
    }
    comment |= fields
    return call.records.put("review_comment", number, comment, pull["number"])


def comment_shown(call: Call, pull: Json, comment: Json) -> Json:
    """A comment on the diff; without `line` and `position` once it is outdated."""
    line = line_now(call, pull, comment)
    position = comment["diff_hunk"].count("\n")
    body = pick(comment, *SHOWN)
    body |= {**UNUSED, **_comment_links(call, pull, comment)}
    body["line"] = line
    body["original_line"] = comment["line"]
    body["original_position"] = position
    body["commit_id"] = comment["original_commit_id"]
    if line is not None:
        body["position"] = position
        body["commit_id"] = pull["head_sha"]
    if comment["in_reply_to_id"]:
        body["in_reply_to_id"] = comment["in_reply_to_id"]
    body["node_id"] = node_id("PRRC", comment["id"])
    body["pull_request_review_id"] = comment["review"]
    body["user"] = user(call, comment["user"])
    return body


def _comment_links(call: Call, pull: Json, comment: Json) -> Json:
    api = repo_api(call)
    site = f"{api}/pulls/{pull['number']}"
    url = f"{api}/pulls/comments/{comment['id']}"
    page_url = f"{pull_url(call, pull)}#discussion_r{comment['id']}"
    links = {"self": url, "html": page_url, "pull_request": site}
    addresses: Json = {"url": url, "html_url": page_url, "pull_request_url": site}
    addresses["_links"] = {name: {"href": address} for name, address in links.items()}
    return addresses


def get_comments(call: Call) -> Reply:
    pull = require_pull(call)
    comments = call.records.all("review_comment", pull["number"])
    return page(call, [comment_shown(call, pull, comment) for comment in comments])


def post_comment(call: Call) -> Reply:
    """One comment on a line, as a review of its own; with `in_reply_to` an answer."""
    pull = require_pull(call)
    fields = required(call, COMMENT, "body", body=str)
    if fields.get("in_reply_to"):
        answer = _answer(call, pull, fields["in_reply_to"], fields["body"])
        return created(comment_shown(call, pull, answer))
    commit = fields.get("commit_id", "")
    if commit != pull["head_sha"] and call.git.sha(str(commit)) is None:
        invalid(COMMENT, "commit_id", "custom", "commit_id is not part of the pull request")
    place = _place(call, pull, fields)
    if place is None:
        field = "pull_request_review_thread.line"
        invalid(COMMENT, field, "custom", f"{field} must be part of the diff")
    review = _add_review(call, pull, "COMMENTED", "", pull["head_sha"])
    place["body"] = fields["body"]
    place["review"] = review["id"]
    comment = _add_comment(call, pull, place)
    return created(comment_shown(call, pull, comment))


def _answer(call: Call, pull: Json, key: Any, body: str) -> Json:
    """Adds an answer to the thread of a comment; it always hangs on the thread's first one."""
    comment = call.records.get("review_comment", key)
    if comment is None or comment["pull"] != pull["number"]:
        raise Refused(missing())
    fields = pick(comment, "path", "line", "side", "diff_hunk", "review", "original_commit_id")
    fields["body"] = body
    fields["in_reply_to_id"] = comment["in_reply_to_id"] or comment["id"]
    return _add_comment(call, pull, fields)


def post_reply(call: Call) -> Reply:
    pull = require_pull(call)
    fields = required(call, COMMENT, "body", body=str)
    answer = _answer(call, pull, call.path["comment_id"], fields["body"])
    return created(comment_shown(call, pull, answer))


def review_comments(call: Call) -> Reply:
    pull = require_pull(call)
    review = _review(call, pull)
    comments = []
    for comment in call.records.all("review_comment", pull["number"]):
        if comment["review"] == review["id"]:
            comments.append(comment_shown(call, pull, comment))
    return page(call, comments)


ROUTES: Final = (
    Route("GET", f"{PULL}/reviews", get_reviews),
    Route("POST", f"{PULL}/reviews", post_review),
    Route("GET", f"{PULL}/reviews/{{review_id}}", get_review),
    Route("PUT", f"{PULL}/reviews/{{review_id}}", put_review),
    Route("PUT", f"{PULL}/reviews/{{review_id}}/dismissals", dismiss),
    Route("GET", f"{PULL}/reviews/{{review_id}}/comments", review_comments),
    Route("GET", f"{PULL}/comments", get_comments),
    Route("POST", f"{PULL}/comments", post_comment),
    Route("POST", f"{PULL}/comments/{{comment_id}}/replies", post_reply),
)
