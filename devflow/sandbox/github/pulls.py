"""Pull requests: what each holds now, and how answers show it.

Nothing of the code is remembered but the last head seen: each reading asks the bare repository, so
a push moves an open pull request's head, and a branch that is gone closes it, as on GitHub.
"""

from typing import Final

from devflow.sandbox.common.bare_git import ChangedFile
from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused
from devflow.sandbox.github.answers import (
    missing,
    node_id,
    pick,
    repo_api,
    repo_html,
    repository_data,
    user,
    user_or_none,
)
from devflow.sandbox.github.protection import required_approvals
from devflow.sandbox.github.repository import label_shown, repository

PULL: Final = "/repos/{owner}/{repo}/pulls/{pull_number}"
LINKS: Final = {
    "issue": "/issues/{n}",
    "comments": "/issues/{n}/comments",
    "review_comments": "/pulls/{n}/comments",
    "review_comment": "/pulls/comments{{/number}}",
    "commits": "/pulls/{n}/commits",
    "statuses": "/statuses/{sha}",
}
SHOWN: Final = (
    "number",
    "state",
    "title",
    "body",
    "draft",
    "created_at",
    "updated_at",
    "closed_at",
    "merged_at",
    "merge_commit_sha",
)
UNUSED: Final[Json] = {  # what this repository has none of
    "requested_teams": [],
    "milestone": None,
    "locked": False,
    "active_lock_reason": None,
    "author_association": "COLLABORATOR",
    "auto_merge": None,
}
FIRST_ID: Final = 4000  # any base that keeps ids and numbers apart


def require_pull(call: Call) -> Json:
    """The pull request of the path as it is now; raises Refused with 404."""
    repository_data(call)
    number = call.path.get("pull_number") or call.path["issue_number"]
    pull = call.records.get("pull", number)
    if pull is None:
        raise Refused(missing())
    return refreshed(call, pull)


def edit_pull(call: Call, pull: Json, **changes: object) -> Json:
    """The pull request after these changes, which are kept."""
    return call.records.put("pull", pull["number"], {**pull, **changes})


def refreshed(call: Call, pull: Json) -> Json:
    """An open pull request after what was pushed since; its commits are kept alive by
    `refs/pull/N/head`."""
    if pull["state"] != "open":
        return pull
    if pull.get("merging"):
        pull = landed(call, pull)
    if pull["state"] != "open":
        return pull
    head = call.git.branch(pull["head_ref"])
    now = github_time()
    if head is None:
        return edit_pull(call, pull, state="closed", closed_at=now, updated_at=now)
    base = call.git.branch(pull["base_ref"]) or pull["base_sha"]
    if base != pull["base_sha"] and call.git.is_ancestor(head, base):
        # pushed there by hand; GitHub names who pushed, of whom git says nothing here
        meant = {"sha": head, "base": pull["base_sha"], "by": pull["user"]}
        return as_merged(call, {**pull, "head_sha": head}, meant)
    if head == pull["head_sha"]:
        return pull
    call.git.move(f"refs/pull/{pull['number']}/head", head)
    return edit_pull(call, pull, head_sha=head, base_sha=base, updated_at=now)


def landed(call: Call, pull: Json) -> Json:
    """A pull request whose merge was meant: merged where the base branch has it, else as before."""
    meant = pull["merging"]
    tip = call.git.branch(pull["base_ref"])
    pull = {**pull, "merging": None}
    if tip is None or not call.git.is_ancestor(meant["sha"], tip):
        return edit_pull(call, pull)
    return as_merged(call, pull, meant)


def as_merged(call: Call, pull: Json, meant: Json) -> Json:
    """The pull request as it is after the merge."""
    now = github_time()
    pull |= {"state": "closed", "closed_at": now, "merged_at": now, "updated_at": now}
    merge: Json = {"merged_by": meant["by"], "base_sha": meant["base"]}
    return edit_pull(call, pull, **merge, merge_commit_sha=meant["sha"])


def fork_point(call: Call, pull: Json) -> str:
    """The commit from which the pull request's own changes count."""
    base: str = pull["base_sha"]
    if not pull["merged_at"]:
        base = call.git.branch(pull["base_ref"]) or base
    return call.git.merge_base(base, pull["head_sha"]) or base


def files_of(call: Call, pull: Json) -> list[ChangedFile]:
    """What the pull request changes, file by file."""
    return call.git.changed_files(fork_point(call, pull), pull["head_sha"])


def own_commits(call: Call, pull: Json) -> list[str]:
    return call.git.commits(fork_point(call, pull), pull["head_sha"])


def simple(call: Call, pull: Json) -> Json:
    """A pull request as lists have it (`pull-request-simple`)."""
    body = pick(pull, *SHOWN)
    body["id"] = FIRST_ID + pull["number"]
    body["node_id"] = node_id("PR", pull["number"])
    body |= _addresses(call, pull)
    body |= _people(call, pull)
    body["labels"] = labels_of(call, pull)
    body["head"] = _side(call, pull["head_ref"], pull["head_sha"])
    body["base"] = _side(call, pull["base_ref"], pull["base_sha"])
    return body | UNUSED


def _addresses(call: Call, pull: Json) -> Json:
    api = repo_api(call)
    site = f"{api}/pulls/{pull['number']}"
    page_url = pull_url(call, pull)
    addresses: Json = {"url": site}
    addresses["html_url"] = page_url
    addresses["diff_url"] = f"{page_url}.diff"
    addresses["patch_url"] = f"{page_url}.patch"
    links = {"self": {"href": site}, "html": {"href": page_url}}
    for name, template in LINKS.items():
        address = api + template.format(n=pull["number"], sha=pull["head_sha"])
        addresses[f"{name}_url"] = address
        links[name] = {"href": address}
    addresses["_links"] = links
    return addresses


def pull_url(call: Call, pull: Json) -> str:
    """The address of its page."""
    return f"{repo_html(call)}/pull/{pull['number']}"


def _people(call: Call, pull: Json) -> Json:
    assignees = [user(call, login) for login in pull["assignees"]]
    reviewers = [user(call, login) for login in pull["reviewers"]]
    return {
        "user": user(call, pull["user"]),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": reviewers,
    }


def labels_of(call: Call, pull: Json) -> list[Json]:
    """The pull request's labels; one that the repository no longer has is left out."""
    labels = []
    for name in pull["labels"]:
        label = call.records.get("label", name)
        if label is not None:
            labels.append(label_shown(call, label))
    return labels


def _side(call: Call, ref: str, sha: str) -> Json:
    data = repository_data(call)
    whole = repository(call)
    return {
        "label": f"{data['owner']}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": whole["owner"],
        "repo": whole,
    }


def full(call: Call, pull: Json) -> Json:
    """A pull request with its counts and whether it could be merged (`pull-request`)."""
    number = pull["number"]
    files = files_of(call, pull)
    body = simple(call, pull)
    body["comments"] = len(call.records.all("issue_comment", number))
    body["review_comments"] = len(call.records.all("review_comment", number))
    body["commits"] = len(own_commits(call, pull))
    body["additions"] = sum(file.additions for file in files)
    body["deletions"] = sum(file.deletions for file in files)
    body["changed_files"] = len(files)
    return body | _merging(call, pull)


def _merging(call: Call, pull: Json) -> Json:
    state = mergeable_state(call, pull)
    mergeable = state != "dirty" if pull["state"] == "open" else None
    return {
        "merged": pull["merged_at"] is not None,
        "merged_by": user_or_none(call, pull["merged_by"]),
        "mergeable": mergeable,
        "mergeable_state": state,
        "rebaseable": mergeable,
        "maintainer_can_modify": False,
    }


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
    protection = call.records.get("protection", pull["base_ref"])
    if approvals(call, pull) < required_approvals(protection):
        return "blocked"
    return "clean"


def approvals(call: Call, pull: Json) -> int:
    """How many people's last verdict is an approval; zero while anybody still asks for changes."""
    verdicts: dict[str, str] = {}
    for review in call.records.all("review", pull["number"]):
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            verdicts[review["user"]] = review["state"]
    states = list(verdicts.values())
    if "CHANGES_REQUESTED" in states:
        return 0
    return states.count("APPROVED")
