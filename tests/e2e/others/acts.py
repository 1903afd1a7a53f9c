"""What other people do to a ticket, its branch, its pull request and its environments while nobody
runs devflow, through the ways that people have: the services' APIs and git."""

import re
from typing import Any, Final

from tests.crash.power_cut import end_processes
from tests.e2e.checkout import KEY
from tests.e2e.spoil_outside import ISSUE, Outside

PULL: Final = "/pulls/1"
DRAFT: Final = (
    "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) "
    "{ pullRequest { isDraft } } }"
)
PROTECTED: Final = {
    "required_status_checks": None,
    "enforce_admins": True,
    "required_pull_request_reviews": {"required_approving_review_count": 2},
    "restrictions": None,
}


def nothing(out: Outside) -> None:
    """Nobody does anything."""


def pull_closed(out: Outside) -> None:
    out.github("tech-lead", "PATCH", PULL, {"state": "closed"})


def pull_reopened(out: Outside) -> None:
    pull_closed(out)
    out.github("tech-lead", "PATCH", PULL, {"state": "open"})


def pull_merged(out: Outside) -> None:
    out.github("tech-lead", "PUT", f"{PULL}/merge", {"merge_method": "squash"})


def pull_merged_and_approved(out: Outside) -> None:
    pull_merged(out)
    body = {"event": "APPROVE", "commit_id": out.head}
    out.github("tech-lead", "POST", f"{PULL}/reviews", body)


def pull_merged_and_branch_deleted(out: Outside) -> None:
    pull_merged(out)
    branch_deleted(out)


def branch_merged_by_push(out: Outside) -> None:
    out.checkout.git("push", "--quiet", out.facts.git_remote, f"{out.head}:refs/heads/main")


def same_squash_pushed(out: Outside) -> None:
    """A colleague squashes the branch by hand and pushes it: the pull request stays open."""
    push_to_base(out, f"{out.head}^{{tree}}", "the same, squashed by hand")


def pull_made_draft(out: Outside) -> None:
    key = out.github("jose", "GET", PULL)["node_id"]
    out.graphql("tech-lead", DRAFT, {"id": key})


def pull_base_changed(out: Outside) -> None:
    tip = out.checkout.git("rev-parse", "main")
    out.github("tech-lead", "POST", "/git/refs", {"ref": "refs/heads/release", "sha": tip})
    out.github("tech-lead", "PATCH", PULL, {"base": "release"})


def branch_deleted(out: Outside) -> None:
    out.github("tech-lead", "DELETE", f"/git/refs/heads/{out.branch}")


def branch_renamed(out: Outside) -> None:
    new = {"new_name": f"{out.branch}-renamed"}
    out.github("tech-lead", "POST", f"/branches/{out.branch}/rename", new)


def branch_forced(out: Outside) -> None:
    """Somebody rewrites the branch: what is there is no commit of this checkout."""
    base = out.checkout.git("rev-parse", "main")
    tree = out.github("tech-lead", "GET", f"/git/commits/{base}")["tree"]["sha"]
    commit = {"message": "rewritten", "tree": tree, "parents": [base]}
    sha = out.github("tech-lead", "POST", "/git/commits", commit)["sha"]
    moved = {"sha": sha, "force": True}
    out.github("tech-lead", "PATCH", f"/git/refs/heads/{out.branch}", moved)


def branch_pushed_to(out: Outside) -> None:
    """A colleague adds a commit of their own on top."""
    tree = _tree_with(out, out.head, "svc/more.py", "MORE = 1\n")
    commit = {"message": "feat: one thing more", "tree": tree, "parents": [out.head]}
    sha = out.github("tech-lead", "POST", "/git/commits", commit)["sha"]
    out.github("tech-lead", "PATCH", f"/git/refs/heads/{out.branch}", {"sha": sha})


def base_renamed(out: Outside) -> None:
    out.github("tech-lead", "POST", "/branches/main/rename", {"new_name": "trunk"})


def base_protected(out: Outside) -> None:
    out.github("tech-lead", "PUT", "/branches/main/protection", PROTECTED)


def base_moved_elsewhere(out: Outside) -> None:
    push_to_base(out, _tree_with(out, "main", "README.md", "read me\n"), "docs: read me")


def base_moved_in_the_same_folder(out: Outside) -> None:
    push_to_base(out, _tree_with(out, "main", "svc/more.py", "MORE = 1\n"), "feat: more")


def base_changes_the_same_line(out: Outside) -> None:
    service = out.checkout.git("show", "main:svc/app.py")
    theirs = re.sub('GREETING = ".*"', 'GREETING = "good day"', service)
    push_to_base(out, _tree_with(out, "main", "svc/app.py", f"{theirs}\n"), "feat: good day")


def push_to_base(out: Outside, tree: str, message: str) -> None:
    base = out.github("jose", "GET", "/git/ref/heads/main")["object"]["sha"]
    tree_id = out.checkout.git("rev-parse", tree)
    commit = {"message": message, "tree": tree_id, "parents": [base]}
    sha = out.github("tech-lead", "POST", "/git/commits", commit)["sha"]
    out.github("tech-lead", "PATCH", "/git/refs/heads/main", {"sha": sha})


def _tree_with(out: Outside, rev: str, path: str, text: str) -> str:
    base = out.checkout.git("rev-parse", f"{rev}^{{tree}}")
    entry = {"path": path, "mode": "100644", "type": "blob", "content": text}
    body = {"base_tree": base, "tree": [entry]}
    tree: str = out.github("tech-lead", "POST", "/git/trees", body)["sha"]
    out.checkout.git("fetch", "--quiet", out.facts.git_remote, f"{rev}:refs/keep", "--force")
    return tree


def review_dismissed(out: Outside) -> None:
    path = f"{PULL}/reviews/{_approval(out)}/dismissals"
    out.github("frontend-dev", "PUT", path, {"message": "not any more", "event": "DISMISS"})


def review_edited(out: Outside) -> None:
    path = f"{PULL}/reviews/{_approval(out)}"
    out.github("tech-lead", "PUT", path, {"body": "fine, but mind the typo"})


def reviewer_removed(out: Outside) -> None:
    out.github("jose", "DELETE", "/collaborators/tech-lead")


def _approval(out: Outside) -> int:
    reviews = out.github("jose", "GET", f"{PULL}/reviews")
    number: int = next(one["id"] for one in reviews if one["state"] == "APPROVED")
    return number


def findings_deleted(out: Outside) -> None:
    _delete_comment(out, "jose")


def word_deleted(out: Outside) -> None:
    _delete_comment(out, "devops")


def word_edited(out: Outside) -> None:
    comment = _comments(out, "devops")[-1]
    text = {"body": f"{comment['body']}\n\nor rather tomorrow"}
    out.github("devops", "PATCH", f"/issues/comments/{comment['id']}", text)


def word_of_a_removed_person(out: Outside) -> None:
    out.github("jose", "DELETE", "/collaborators/devops")


def _delete_comment(out: Outside, author: str) -> None:
    out.github(author, "DELETE", f"/issues/comments/{_comments(out, author)[-1]['id']}")


def _comments(out: Outside, author: str) -> list[Any]:
    comments = out.github("jose", "GET", "/issues/1/comments")
    return [one for one in comments if one["user"]["login"] == author]


def ticket_comment_deleted(out: Outside) -> None:
    comments = out.jira("GET", f"{ISSUE}/comment")["comments"]
    number = next(one["id"] for one in comments if "#1" in str(one["body"]))
    out.jira("DELETE", f"{ISSUE}/comment/{number}")


def ticket_moved_back(out: Outside) -> None:
    offered = out.jira("GET", f"{ISSUE}/transitions")["transitions"]
    number = next(one["id"] for one in offered if one["to"]["name"] == "In Progress")
    out.jira("POST", f"{ISSUE}/transitions", {"transition": {"id": number}})


def ticket_moved_forward(out: Outside) -> None:
    with out.acting() as world:
        world.tools.tracker.transition(KEY, "Done")


def ticket_in_another_project(out: Outside) -> None:
    sources = {"issueIdsOrKeys": [KEY], "inferFieldDefaults": True, "inferStatusDefaults": True}
    sources |= {"inferSubtaskTypeDefault": True, "inferClassificationDefaults": True}
    target = {"SHOP,10001": sources}
    out.jira("POST", "/rest/api/3/bulk/issues/move", {"targetToSourcesMapping": target})


def ticket_deleted(out: Outside) -> None:
    out.jira("DELETE", ISSUE)


def ticket_reassigned(out: Outside) -> None:
    people = out.jira("GET", f"/rest/api/3/user/assignable/search?issueKey={KEY}")
    other = next(one for one in people if one["displayName"] != "Jose Rubio")
    out.jira("PUT", f"{ISSUE}/assignee", {"accountId": other["accountId"]})


def sprint_closed(out: Outside) -> None:
    sprint = out.jira("GET", ISSUE)["fields"]["customfield_10020"][-1]
    out.jira("PUT", f"/rest/agile/1.0/sprint/{sprint['id']}", {"state": "closed"})


def environment_taken(out: Outside) -> None:
    """Another ticket's version is brought into development."""
    out.base_version_in("development", 0)


def merge_reply_lost(out: Outside) -> None:
    """The code host dies between moving the base branch and noting that it has."""
    before = out.checkout.git("rev-parse", "main")
    same_squash_pushed(out)
    sha = out.github("jose", "GET", "/git/ref/heads/main")["object"]["sha"]
    out.document("pull", "1", merging={"sha": sha, "base": before, "by": "jose"})


def reboot(out: Outside) -> None:
    """Nothing of what was deployed runs any more."""
    end_processes(out.checkout.state / "deploys")


def production_taken(out: Outside) -> None:
    """Another version is brought into production."""
    out.base_version_in("production", 1000)
