"""Pull requests: opening, finding, editing, and what they hold now.

Nothing of the code is remembered but the last head seen: each reading asks the bare repository, so
a push moves an open pull request's head, and a branch that is gone closes it, as on GitHub.
"""

from typing import Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    full_name,
    invalid,
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
    user_or_none,
)
from devflow.sandbox.github.commits import commits_shown, file_shown
from devflow.sandbox.github.protection import required_approvals
from devflow.sandbox.github.repository import label_shown, repository
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

LINKS: Final = {
    "issue": "/issues/{n}",
    "comments": "/issues/{n}/comments",
    "review_comments": "/pulls/{n}/comments",
    "review_comment": "/pulls/comments{{/number}}",
    "commits": "/pulls/{n}/commits",
    "statuses": "/statuses/{sha}",
}


def require_pull(call: Call) -> Json:
    """The pull request of the path as it is now; raises Refused with 404."""
    repository_data(call)
    number = call.path.get("pull_number") or call.path["issue_number"]
    stored = call.records.get("pull", number)
    if stored is None:
        raise Refused(missing())
    return refreshed(call, stored)


def refreshed(call: Call, pull: Json) -> Json:
    """An open pull request after what was pushed since; its commits are kept alive by
    `refs/pull/N/head`."""
    if pull["state"] != "open":
        return pull
    head, base = (
        call.git.branch(pull["head_ref"]),
        call.git.branch(pull["base_ref"]) or pull["base_sha"],
    )
    now = github_time()
    if head is None:
        return call.records.put(
            "pull", pull["number"], {**pull, "state": "closed", "closed_at": now, "updated_at": now}
        )
    if head == pull["head_sha"]:
        return pull
    call.git.move(f"refs/pull/{pull['number']}/head", head)
    return call.records.put(
        "pull", pull["number"], {**pull, "head_sha": head, "base_sha": base, "updated_at": now}
    )


def fork_point(call: Call, pull: Json) -> str:
    """The commit from which the pull request's own changes count."""
    base = (
        pull["base_sha"]
        if pull["merged_at"]
        else call.git.branch(pull["base_ref"]) or pull["base_sha"]
    )
    return call.git.merge_base(base, pull["head_sha"]) or base


def own_commits(call: Call, pull: Json) -> list[str]:
    return call.git.commits(fork_point(call, pull), pull["head_sha"])


def simple(call: Call, pull: Json) -> Json:
    """A pull request as lists have it (`pull-request-simple`)."""
    number, api, html = pull["number"], repo_api(call), repo_html(call)
    site, page_url = f"{api}/pulls/{number}", f"{html}/pull/{number}"
    links = {
        name: api + path.format(n=number, sha=pull["head_sha"]) for name, path in LINKS.items()
    }
    people = [user(call, login) for login in pull["assignees"]]
    labels = [
        label_shown(call, label)
        for name in pull["labels"]
        if (label := call.records.get("label", name))
    ]
    same = (
        "number",
        "state",
        "title",
        "body",
        "draft",
        "created_at",
        "updated_at",
        "closed_at",
        "merged_at",
    )
    return {
        **{name: pull[name] for name in same},
        "merge_commit_sha": pull["merge_commit_sha"],
        "id": 4000 + number,
        "node_id": node_id("PR", number),
        "url": site,
        "html_url": page_url,
        "diff_url": f"{page_url}.diff",
        "patch_url": f"{page_url}.patch",
        **{f"{name}_url": link for name, link in links.items()},
        "_links": {
            name: {"href": link} for name, link in {**links, "self": site, "html": page_url}.items()
        },
        "user": user(call, pull["user"]),
        "assignee": people[0] if people else None,
        "assignees": people,
        "requested_reviewers": [user(call, login) for login in pull["reviewers"]],
        "requested_teams": [],
        "labels": labels,
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "author_association": "COLLABORATOR",
        "auto_merge": None,
        "head": _side(call, pull["head_ref"], pull["head_sha"]),
        "base": _side(call, pull["base_ref"], pull["base_sha"]),
    }


def _side(call: Call, ref: str, sha: str) -> Json:
    data, whole = repository_data(call), repository(call)
    return {
        "label": f"{data['owner']}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": whole["owner"],
        "repo": whole,
    }


def full(call: Call, pull: Json) -> Json:
    """A pull request with its counts and whether it could be merged (`pull-request`)."""
    files = call.git.changed_files(fork_point(call, pull), pull["head_sha"])
    state = mergeable_state(call, pull)
    counts = {
        "comments": len(call.records.all("issue_comment", pull["number"])),
        "review_comments": len(call.records.all("review_comment", pull["number"])),
        "commits": len(own_commits(call, pull)),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }
    merging = {
        "merged": pull["merged_at"] is not None,
        "merged_by": user_or_none(call, pull["merged_by"]),
        "mergeable": None if pull["state"] != "open" else state != "dirty",
        "mergeable_state": state,
        "rebaseable": None if pull["state"] != "open" else state != "dirty",
        "maintainer_can_modify": False,
    }
    return {**simple(call, pull), **counts, **merging}


def mergeable_state(call: Call, pull: Json) -> str:
    """GitHub's word for what stands in the way: dirty (conflicts), draft, blocked (reviews), or
    clean."""
    base = call.git.branch(pull["base_ref"])
    if pull["state"] != "open" or base is None:
        return "unknown"
    if call.git.merged_tree(base, pull["head_sha"]) is None:
        return "dirty"
    if pull["draft"]:
        return "draft"
    wanted = required_approvals(call.records.get("protection", pull["base_ref"]))
    return "blocked" if approvals(call, pull) < wanted else "clean"


def approvals(call: Call, pull: Json) -> int:
    """How many people's last verdict is an approval; zero while anybody still asks for changes."""
    verdicts: dict[str, str] = {}
    for review in call.records.all("review", pull["number"]):
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            verdicts[review["user"]] = review["state"]
    states = list(verdicts.values())
    return 0 if "CHANGES_REQUESTED" in states else states.count("APPROVED")


def list_pulls(call: Call) -> Reply:
    """By `state` (open, closed, all), `head` as `owner:branch`, `base`; the newest first unless
    asked otherwise."""
    owner, asked = repository_data(call)["owner"], call.query
    found = [refreshed(call, pull) for pull in call.records.all("pull")]
    state = asked.get("state", "open")
    found = [pull for pull in found if state in ("all", pull["state"])]
    if ":" in asked.get("head", ""):  # GitHub ignores a head without its owner
        found = [pull for pull in found if f"{owner}:{pull['head_ref']}" == asked["head"]]
    if "base" in asked:
        found = [pull for pull in found if pull["base_ref"] == asked["base"]]
    if asked.get("direction", "desc") == "desc":
        found.reverse()
    answer = page(call, found)
    return Reply(200, [simple(call, pull) for pull in answer.body], answer.headers)


def post_pull(call: Call) -> Reply:
    """Opens a pull request. Raises Refused with GitHub's 422 for an unknown branch, no commits, or
    a second one."""
    owner = repository_data(call)["owner"]
    given = required(call, "PullRequest", "head", "base", "title", title=str, body=str)
    head_ref, base_ref = str(given["head"]).removeprefix(f"{owner}:"), str(given["base"])
    head, base = call.git.branch(head_ref), call.git.branch(base_ref)
    if base is None:
        invalid("PullRequest", "base", "invalid")
    if head is None:
        invalid("PullRequest", "head", "invalid")
    for other in call.records.all("pull"):
        if (other["state"], other["head_ref"], other["base_ref"]) == ("open", head_ref, base_ref):
            _custom(f"A pull request already exists for {owner}:{head_ref}.")
    if not call.git.commits(base, head):
        _custom(f"No commits between {base_ref} and {head_ref}")
    number, now = call.records.number("issue or pull request"), github_time()
    pull = {
        "number": number,
        "title": given["title"],
        "body": given.get("body"),
        "draft": bool(given.get("draft")),
        "user": call.user["name"],
        **{"head_ref": head_ref, "base_ref": base_ref, "head_sha": head, "base_sha": base},
        **{"state": "open", "created_at": now, "updated_at": now},
        **dict.fromkeys(("closed_at", "merged_at", "merged_by", "merge_commit_sha")),
        **{"reviewers": [], "assignees": [], "labels": []},
    }
    call.git.move(f"refs/pull/{number}/head", head)
    return Reply(201, full(call, call.records.put("pull", number, pull)))


def _custom(message: str) -> None:
    refuse(
        422,
        "Validation Failed",
        [{"resource": "PullRequest", "code": "custom", "message": message}],
    )


def patch_pull(call: Call) -> Reply:
    """Edits title, body, base or state; a merged pull request cannot be opened again."""
    pull, given = require_pull(call), fields_of(call, title=str, body=str, base=str)
    changed: Json = {name: given[name] for name in ("title", "body", "state") if name in given}
    if "base" in given:
        if call.git.branch(given["base"]) is None:
            invalid("PullRequest", "base", "invalid")
        changed["base_ref"] = given["base"]
    if changed.get("state", "open") not in ("open", "closed"):
        invalid("PullRequest", "state", "invalid")
    if changed.get("state") == "open" and (
        pull["merged_at"] or call.git.branch(pull["head_ref"]) is None
    ):
        _custom("state cannot be changed. The pull request cannot be reopened.")
    now = github_time()
    if "state" in changed:
        changed["closed_at"] = pull["closed_at"] or now if changed["state"] == "closed" else None
    stored = call.records.put("pull", pull["number"], {**pull, **changed, "updated_at": now})
    return ok(full(call, refreshed(call, stored)))


def get_files(call: Call) -> Reply:
    pull = require_pull(call)
    files = call.git.changed_files(fork_point(call, pull), pull["head_sha"])
    return page(call, [file_shown(call, file, pull["head_sha"]) for file in files])


def get_commits(call: Call) -> Reply:
    answer = page(call, [{"sha": sha} for sha in own_commits(call, require_pull(call))])
    return Reply(200, commits_shown(call, [item["sha"] for item in answer.body]), answer.headers)


def get_requested(call: Call) -> Reply:
    return ok(
        {"users": [user(call, login) for login in require_pull(call)["reviewers"]], "teams": []}
    )


def post_requested(call: Call) -> Reply:
    """Asks people for a review. Raises Refused with 422 for the author, or somebody who is no
    collaborator."""
    pull, wanted = require_pull(call), fields_of(call, reviewers=list).get("reviewers") or []
    if pull["user"] in wanted:
        refuse(422, "Review cannot be requested from pull request author.")
    if any(call.records.get("person", login) is None for login in wanted):
        refuse(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
            f"is not a collaborator of the {full_name(call)} repository.",
        )
    reviewers = pull["reviewers"] + [login for login in wanted if login not in pull["reviewers"]]
    stored = {**pull, "reviewers": reviewers, "updated_at": github_time()}
    return Reply(201, simple(call, call.records.put("pull", pull["number"], stored)))


def delete_requested(call: Call) -> Reply:
    pull, unwanted = require_pull(call), fields_of(call, reviewers=list).get("reviewers") or []
    stored = {**pull, "reviewers": [login for login in pull["reviewers"] if login not in unwanted]}
    return ok(simple(call, call.records.put("pull", pull["number"], stored)))


PULL: Final = "/repos/{owner}/{repo}/pulls/{pull_number}"
ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/pulls", list_pulls),
    Route("POST", "/repos/{owner}/{repo}/pulls", post_pull),
    Route("GET", PULL, lambda call: ok(full(call, require_pull(call)))),
    Route("PATCH", PULL, patch_pull),
    Route("GET", f"{PULL}/files", get_files),
    Route("GET", f"{PULL}/commits", get_commits),
    Route("GET", f"{PULL}/requested_reviewers", get_requested),
    Route("POST", f"{PULL}/requested_reviewers", post_requested),
    Route("DELETE", f"{PULL}/requested_reviewers", delete_requested),
)
