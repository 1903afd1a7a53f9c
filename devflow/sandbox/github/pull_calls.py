"""The calls on pull requests: finding, opening and editing them, and who is asked for a review."""

from typing import Final, NoReturn

from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.github.answers import (
    created,
    fields_of,
    full_name,
    invalid,
    ok,
    page,
    refuse,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.commits import commit_page, file_shown
from devflow.sandbox.github.pulls import (
    PULL,
    edit_pull,
    files_of,
    full,
    own_commits,
    refreshed,
    require_pull,
    simple,
)

NO_COLLABORATOR: Final = (
    "Reviews may only be requested from collaborators. One or more of the users or teams "
    "you specified is not a collaborator of the {} repository."
)


def list_pulls(call: Call) -> Reply:
    """By `state` (open, closed, all), `head` as `owner:branch`, `base`; the newest first unless
    the query wants another order."""
    owner = repository_data(call)["owner"]
    query = call.query
    pulls = [refreshed(call, pull) for pull in call.records.all("pull")]
    state = query.get("state", "open")
    pulls = [pull for pull in pulls if state in ("all", pull["state"])]
    if ":" in query.get("head", ""):  # GitHub ignores a head without its owner
        pulls = [pull for pull in pulls if f"{owner}:{pull['head_ref']}" == query["head"]]
    if "base" in query:
        pulls = [pull for pull in pulls if pull["base_ref"] == query["base"]]
    if query.get("direction", "desc") == "desc":
        pulls.reverse()
    answer = page(call, pulls)
    items = [simple(call, pull) for pull in answer.body]
    return Reply(200, items, answer.headers)


def post_pull(call: Call) -> Reply:
    """Opens a pull request. Raises Refused with GitHub's 422 for an unknown branch, no commits, or
    a second one."""
    owner = repository_data(call)["owner"]
    fields = required(call, "PullRequest", "head", "base", "title", title=str, body=str)
    head_ref = str(fields["head"]).removeprefix(f"{owner}:")
    base_ref = str(fields["base"])
    head = call.git.branch(head_ref)
    base = call.git.branch(base_ref)
    if base is None:
        invalid("PullRequest", "base", "invalid")
    if head is None:
        invalid("PullRequest", "head", "invalid")
    _refuse_second(call, owner, head_ref, base_ref)
    if not call.git.commits(base, head):
        _custom(f"No commits between {base_ref} and {head_ref}")
    pull = {
        "title": fields["title"],
        "body": fields.get("body"),
        "draft": bool(fields.get("draft")),
        "head_ref": head_ref,
        "base_ref": base_ref,
        "head_sha": head,
        "base_sha": base,
    }
    return created(full(call, _open(call, pull)))


def _refuse_second(call: Call, owner: str, head_ref: str, base_ref: str) -> None:
    for other in call.records.all("pull"):
        if (other["state"], other["head_ref"], other["base_ref"]) == ("open", head_ref, base_ref):
            _custom(f"A pull request already exists for {owner}:{head_ref}.")


def _open(call: Call, pull: Json) -> Json:
    """A new pull request from its texts and its two sides."""
    number = call.records.number("issue or pull request")
    now = github_time()
    pull |= {"number": number, "user": call.user["name"]}
    pull |= {"state": "open", "created_at": now, "updated_at": now}
    pull |= dict.fromkeys(("closed_at", "merged_at", "merged_by", "merge_commit_sha"))
    pull |= {"reviewers": [], "assignees": [], "labels": []}
    call.git.move(f"refs/pull/{number}/head", pull["head_sha"])
    return call.records.put("pull", number, pull)


def _custom(message: str) -> NoReturn:
    error: Json = {"resource": "PullRequest", "code": "custom", "message": message}
    refuse(422, "Validation Failed", [error])


def get_pull(call: Call) -> Reply:
    return ok(full(call, require_pull(call)))


def patch_pull(call: Call) -> Reply:
    """Edits title, body, base or state; a merged pull request cannot be opened again."""
    pull = require_pull(call)
    fields = fields_of(call, title=str, body=str, base=str)
    changes: Json = {name: fields[name] for name in ("title", "body") if name in fields}
    if "base" in fields:
        if call.git.branch(fields["base"]) is None:
            invalid("PullRequest", "base", "invalid")
        changes["base_ref"] = fields["base"]
    now = github_time()
    if "state" in fields:
        _refuse_state(call, pull, fields["state"])
        changes["state"] = fields["state"]
        changes["closed_at"] = None
        if fields["state"] == "closed":
            changes["closed_at"] = pull["closed_at"] or now
    edited = edit_pull(call, pull, **changes, updated_at=now)
    return ok(full(call, refreshed(call, edited)))


def _refuse_state(call: Call, pull: Json, state: object) -> None:
    if state not in ("open", "closed"):
        invalid("PullRequest", "state", "invalid")
    if state == "closed":
        return
    if pull["merged_at"] or call.git.branch(pull["head_ref"]) is None:
        _custom("state cannot be changed. The pull request cannot be reopened.")


def get_files(call: Call) -> Reply:
    pull = require_pull(call)
    head = pull["head_sha"]
    return page(call, [file_shown(call, file, head) for file in files_of(call, pull)])


def get_commits(call: Call) -> Reply:
    pull = require_pull(call)
    return commit_page(call, own_commits(call, pull))


def get_requested(call: Call) -> Reply:
    pull = require_pull(call)
    reviewers = [user(call, login) for login in pull["reviewers"]]
    return ok({"users": reviewers, "teams": []})


def _reviewers_in_body(call: Call) -> list[str]:
    return fields_of(call, reviewers=list).get("reviewers") or []


def post_requested(call: Call) -> Reply:
    """Asks people for a review. Raises Refused with 422 for the author, or somebody who is no
    collaborator."""
    pull = require_pull(call)
    logins = _reviewers_in_body(call)
    if pull["user"] in logins:
        refuse(422, "Review cannot be requested from pull request author.")
    for login in logins:
        if call.records.get("person", login) is None:
            refuse(422, NO_COLLABORATOR.format(full_name(call)))
    # the account that owns the repository is a person, and has no teams
    if fields_of(call, team_reviewers=list).get("team_reviewers"):
        refuse(422, NO_COLLABORATOR.format(full_name(call)))
    new = [login for login in logins if login not in pull["reviewers"]]
    reviewers = pull["reviewers"] + new
    edited = edit_pull(call, pull, reviewers=reviewers, updated_at=github_time())
    return created(simple(call, edited))


def delete_requested(call: Call) -> Reply:
    pull = require_pull(call)
    unwanted = _reviewers_in_body(call)
    reviewers = [login for login in pull["reviewers"] if login not in unwanted]
    return ok(simple(call, edit_pull(call, pull, reviewers=reviewers)))


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/pulls", list_pulls),
    Route("POST", "/repos/{owner}/{repo}/pulls", post_pull),
    Route("GET", PULL, get_pull),
    Route("PATCH", PULL, patch_pull),
    Route("GET", f"{PULL}/files", get_files),
    Route("GET", f"{PULL}/commits", get_commits),
    Route("GET", f"{PULL}/requested_reviewers", get_requested),
    Route("POST", f"{PULL}/requested_reviewers", post_requested),
    Route("DELETE", f"{PULL}/requested_reviewers", delete_requested),
)
