"""What people do to a repository and to a ticket beside the work itself, as the real clients say
it, and what is left of a sandbox that was killed in the middle of a merge."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from github.PullRequest import PullRequest

from tests.contract.sandbox.github_refusals import refusal


def test_a_renamed_branch_closes_its_pull_request_and_those_into_it_follow(
    world: Any, pull: PullRequest
) -> None:
    repository = world.repository()
    ref = pull.head.ref
    base = f"base-of-{ref}"
    repository.create_git_ref(f"refs/heads/{base}", repository.get_branch("main").commit.sha)
    pull.edit(base=base)
    assert repository.rename_branch(base, f"{base}-2")
    assert repository.get_pull(pull.number).base.ref == f"{base}-2"
    assert repository.rename_branch(ref, f"{ref}-2")
    renamed = repository.get_branch(f"{ref}-2")
    assert (renamed.commit.sha, repository.get_pull(pull.number).state) == (pull.head.sha, "closed")


def test_a_deleted_branch_closes_its_pull_request_at_once(world: Any, pull: PullRequest) -> None:
    repository = world.repository()
    ref = pull.head.ref
    repository.get_git_ref(f"heads/{ref}").delete()
    world.git("push", "-q", "origin", f"{pull.head.sha}:refs/heads/{ref}")
    again = repository.get_pull(pull.number)
    assert (again.state, again.merged) == ("closed", False)
    again.edit(state="open")
    assert repository.get_pull(pull.number).state == "open"


def test_a_branch_that_was_pushed_to_the_base_is_merged(world: Any, pull: PullRequest) -> None:
    world.git("fetch", "-q", "origin")
    repository = world.repository()
    ref = f"release-{pull.number}"
    repository.create_git_ref(f"refs/heads/{ref}", repository.get_branch("main").commit.sha)
    pull.edit(base=ref)
    world.git("push", "-q", "origin", f"{pull.head.sha}:refs/heads/{ref}")
    again = repository.get_pull(pull.number)
    assert (again.merged, again.merge_commit_sha) == (True, pull.head.sha)


def test_a_merge_is_there_as_soon_as_the_branch_has_moved(world: Any, pull: PullRequest) -> None:
    merged = pull.merge("Why.", "feat: eleven", "squash", pull.head.sha)
    (base,) = world.repository().get_commit(merged.sha).parents
    # as the sandbox's file is before the last of the merge's three writes
    meant = {"merging": {"sha": merged.sha, "base": base.sha, "by": "jose"}}
    before = dict.fromkeys(("merged_at", "closed_at", "merged_by", "merge_commit_sha"))
    _write(world, pull.number, {"state": "open", **before, **meant})
    again = world.repository().get_pull(pull.number)
    assert (again.merged, again.merge_commit_sha, again.merged_by.login) == (
        True,
        merged.sha,
        "jose",
    )


def test_a_merge_that_did_not_come_to_move_the_branch_has_not_happened(
    world: Any, pull: PullRequest
) -> None:
    _write(world, pull.number, {"merging": {"sha": pull.head.sha, "base": "0", "by": "jose"}})
    assert not world.repository().get_pull(pull.number).merged
    assert pull.merge(merge_method="squash").merged


def _write(world: Any, number: int, changes: dict[str, Any]) -> None:
    key = ("pull", str(number))
    with closing(sqlite3.connect(world.api_log.parent / "state" / "sandbox.db")) as file:
        query = "SELECT body FROM record WHERE kind = ? AND key = ?"
        (text,) = file.execute(query, key).fetchone()
        body = json.dumps({**json.loads(text), **changes})
        file.execute("UPDATE record SET body = ? WHERE kind = ? AND key = ?", (body, *key))
        file.commit()


def test_a_collaborator_can_be_removed_and_their_review_stays(
    world: Any, pull: PullRequest
) -> None:
    mine = world.repository("tech-lead").get_pull(pull.number)
    mine.create_review(body="fine", event="APPROVE")
    repository = world.repository()
    repository.remove_from_collaborators("tech-lead")
    try:
        assert repository.get_collaborator_permission("tech-lead") == "none"
        assert not repository.has_in_collaborators("tech-lead")
        (review,) = pull.get_reviews()
        assert review.state == "APPROVED"
    finally:
        repository.add_to_collaborators("tech-lead")
    assert repository.get_collaborator_permission("tech-lead") == "write"


def test_a_review_is_edited_and_a_comment_deleted(world: Any, pull: PullRequest) -> None:
    theirs = world.repository("tech-lead").get_pull(pull.number)
    review = theirs.create_review(body="fine", event="APPROVE")
    review.edit("fine, but mind the typo")
    (again,) = pull.get_reviews()
    assert (again.body, again.state) == ("fine, but mind the typo", "APPROVED")
    comment = pull.create_issue_comment("soon gone")
    comment.delete()
    assert list(pull.get_issue_comments()) == []
    assert refusal(comment.delete)[0] == 404


def test_a_ticket_that_is_moved_has_another_key_and_is_found_by_the_old_one(
    world: Any, ticket: str
) -> None:
    jira = world.jira()
    jira.add_comment(ticket, _text("stays with it"))
    sources = {"issueIdsOrKeys": [ticket], "inferFieldDefaults": True, "inferStatusDefaults": True}
    sources |= {"inferSubtaskTypeDefault": True, "inferClassificationDefaults": True}
    body = {"targetToSourcesMapping": {"SHOP,10001": sources}}
    answer = world.raw("jira", "POST", "/rest/api/3/bulk/issues/move", json=body)
    assert (answer.status_code, bool(answer.json()["taskId"])) == (201, True)
    moved = jira.issue(ticket)
    assert moved.key.startswith("SHOP-") and moved.fields.project.key == "SHOP"
    assert len(jira.comments(moved.key)) == 1


def test_a_ticket_and_a_comment_are_deleted(world: Any, ticket: str) -> None:
    jira = world.jira()
    comment = jira.add_comment(ticket, _text("soon gone"))
    comment.delete()
    assert jira.comments(ticket) == []
    assert world.raw("jira", "DELETE", f"/rest/api/3/issue/{ticket}").status_code == 204
    assert world.raw("jira", "GET", f"/rest/api/3/issue/{ticket}").status_code == 404


def _text(words: str) -> Any:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}
