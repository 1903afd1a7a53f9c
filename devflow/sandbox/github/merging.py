"""Merging a pull request in the bare repository: squash, merge commit or rebase, guarded by the
head that was seen.

The base branch is moved by compare-and-swap, so a push that arrives meanwhile is never overwritten.
Its move is what makes a pull request merged: a sandbox that ends right after it says so later.
"""

from typing import Final

from devflow.sandbox.common.bare_git import GitRefused, identity
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import fields_of, missing, ok, refuse
from devflow.sandbox.github.checks import latest_results
from devflow.sandbox.github.protection import required_approvals, required_contexts
from devflow.sandbox.github.pulls import (
    PULL,
    approvals,
    edit_pull,
    landed,
    own_commits,
    require_pull,
)

WEB_FLOW: Final = ("GitHub", "noreply@github.com")  # who commits what was merged by a button
NOT_MERGEABLE: Final = "Pull Request is not mergeable"


def is_merged(call: Call) -> Reply:
    if require_pull(call)["merged_at"] is None:
        raise Refused(missing())
    return Reply(204)


def merge(call: Call) -> Reply:
    """Raises Refused with 405 where it cannot be merged, 409 where `sha` is no longer the head."""
    pull = require_pull(call)
    fields = fields_of(call, commit_title=str, commit_message=str)
    base = call.git.branch(pull["base_ref"])
    if pull["state"] != "open" or base is None:
        refuse(405, NOT_MERGEABLE)
    if fields.get("sha") not in (None, pull["head_sha"]):
        refuse(409, "Head branch was modified. Review and try the merge again.")
    _refuse_unready(call, pull)
    method = fields.get("merge_method", "merge")
    if method not in METHODS:
        problem = f'{method} is not a member of ["merge", "squash", "rebase"].'
        refuse(422, f"Invalid request.\n\n{problem}")
    sha = METHODS[method](call, pull, base, fields)
    # the branch's move is the one commit point: what is written down before it is looked at by it
    meant = {"sha": sha, "base": base, "by": call.user["name"]}
    pull = edit_pull(call, pull, merging=meant)
    call.records.keep()
    try:
        call.git.move(f"refs/heads/{pull['base_ref']}", sha, base)
    except GitRefused:
        refuse(405, "Base branch was modified. Review and try the merge again.")
    landed(call, pull)
    return ok({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _refuse_unready(call: Call, pull: Json) -> None:
    protection = call.records.get("protection", pull["base_ref"])
    if pull["draft"]:
        refuse(405, "Pull Request is still a draft")
    least = required_approvals(protection)
    if approvals(call, pull) < least:
        reviews = "reviews are" if least > 1 else "review is"
        refuse(
            405, f"At least {least} approving {reviews} required by reviewers with write access."
        )
    results = latest_results(call, pull["head_sha"])
    for context in required_contexts(protection):
        if results.get(context) != "success":
            refuse(405, f'Required status check "{context}" is expected.')


def _people(call: Call, pull: Json) -> dict[str, str]:
    author = call.records.get("person", pull["user"]) or call.user
    return identity(author["display_name"], author["email"], WEB_FLOW)


def _message(fields: Json, title: str, body: str) -> str:
    """The commit's message: what the caller wrote, else what GitHub would."""
    title = fields.get("commit_title") or title
    body = fields.get("commit_message", body) or ""
    return f"{title}\n\n{body}".rstrip() + "\n"


def _merged_tree(call: Call, pull: Json, base: str) -> str:
    tree = call.git.merged_tree(base, pull["head_sha"])
    if tree is None:
        refuse(405, NOT_MERGEABLE)
    return tree


def _squash(call: Call, pull: Json, base: str, fields: Json) -> str:
    commits = call.git.read_commits(own_commits(call, pull))
    listing = ""
    if len(commits) > 1:
        listing = "\n\n".join(f"* {commit.message}" for commit in commits)
    message = _message(fields, f"{pull['title']} (#{pull['number']})", listing)
    tree = _merged_tree(call, pull, base)
    return call.git.commit(tree, [base], message, _people(call, pull))


def _merge_commit(call: Call, pull: Json, base: str, fields: Json) -> str:
    title = f"Merge pull request #{pull['number']} from {pull['head_ref']}"
    message = _message(fields, title, pull["title"])
    tree = _merged_tree(call, pull, base)
    return call.git.commit(tree, [base, pull["head_sha"]], message, _people(call, pull))


def _rebase(call: Call, pull: Json, base: str, fields: Json) -> str:
    tip = base
    for commit in call.git.read_commits(own_commits(call, pull)):
        if len(commit.parents) != 1:
            continue  # as `git rebase` leaves merges out
        tree = call.git.cherry_pick(commit.sha, tip)
        if tree is None:
            refuse(405, "This branch can't be rebased")
        people = identity(commit.author.name, commit.author.email, WEB_FLOW)
        people["GIT_AUTHOR_DATE"] = commit.author.date
        tip = call.git.commit(tree, [tip], f"{commit.message}\n", people)
    return tip


METHODS: Final = {"squash": _squash, "merge": _merge_commit, "rebase": _rebase}
ROUTES: Final = (
    Route("GET", f"{PULL}/merge", is_merged),
    Route("PUT", f"{PULL}/merge", merge),
)
