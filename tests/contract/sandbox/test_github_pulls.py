"""Pull requests as the real PyGithub client opens, edits and merges them, on a real git remote."""

from collections.abc import Callable
from typing import Any

from github.PullRequest import PullRequest

from tests.contract.sandbox.github_refusals import refusal


def test_a_push_moves_the_head_of_an_open_pull_request(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    sha = world.push(pull.head.ref, "fix: again", a_txt=lines(line_11="11 again"))
    again = world.repository().get_pull(pull.number)
    assert again.head.sha == sha != pull.head.sha
    assert [commit.commit.message for commit in again.get_commits()] == [
        "feat: eleven",
        "fix: again",
    ]


def test_a_second_pull_request_of_a_branch_is_refused_with_the_official_text(
    world: Any, pull: PullRequest
) -> None:
    repository = world.repository()
    ref = pull.head.ref
    status, body = refusal(
        lambda: repository.create_pull(title="x", body="", head=ref, base="main")
    )
    assert (status, body["errors"][0]["message"]) == (
        422,
        f"A pull request already exists for acme:{ref}.",
    )
    assert [item.number for item in repository.get_pulls(head=f"acme:{ref}")] == [pull.number]


def test_a_pull_request_says_what_it_changes(pull: PullRequest) -> None:
    assert (pull.mergeable, pull.mergeable_state) == (True, "clean")
    assert (pull.changed_files, pull.additions, pull.deletions) == (1, 1, 1)
    (file,) = pull.get_files()
    assert (file.filename, file.status, file.patch.splitlines()[0]) == (
        "a.txt",
        "modified",
        "@@ -8,7 +8,7 @@",
    )


def test_a_draft_is_not_merged_until_it_is_ready(pull: PullRequest) -> None:
    pull.convert_to_draft()
    assert refusal(pull.merge)[0] == 405
    pull.mark_ready_for_review()
    assert pull.merge(merge_method="merge").merged


def test_a_squash_merge_is_guarded_by_the_head_and_made_in_the_repository(
    world: Any, pull: PullRequest
) -> None:
    before = world.repository().get_branch("main").commit.sha
    status, body = refusal(lambda: pull.merge(sha="0" * 40, merge_method="squash"))
    assert (status, body["message"]) == (
        409,
        "Head branch was modified. Review and try the merge again.",
    )
    assert not pull.is_merged()
    merged = pull.merge("Why.", "feat: SCRUM-95 eleven (#1)", "squash", pull.head.sha)
    world.git("fetch", "-q", "origin")
    assert world.git("rev-parse", "origin/main", "origin/main^") == f"{merged.sha}\n{before}"
    written = world.git("log", "-1", "--format=%an|%cn|%B", "origin/main")
    assert written == "Jose Rubio|GitHub|feat: SCRUM-95 eleven (#1)\n\nWhy."
    again = world.repository().get_pull(pull.number)
    assert (again.merged, again.state, again.merge_commit_sha, pull.is_merged()) == (
        True,
        "closed",
        merged.sha,
        True,
    )


def test_a_rebase_merge_puts_each_commit_on_the_base_without_a_work_tree(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    world.push(pull.head.ref, "fix: more", b_txt="b\n")
    repository = world.repository()
    repository.create_file("c.txt", "docs: c", "c", branch="main")
    base = repository.get_branch("main").commit.sha
    assert repository.get_pull(pull.number).merge(merge_method="rebase").merged
    world.git("fetch", "-q", "origin")
    assert world.git("log", "--format=%s", f"{base}..origin/main") == "fix: more\nfeat: eleven"


def test_what_conflicts_is_not_mergeable(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    repository = world.repository()
    file = repository.get_contents("a.txt", ref="main")
    repository.update_file("a.txt", "fix: other", lines(line_11="other"), file.sha, branch="main")
    again = repository.get_pull(pull.number)
    assert (again.mergeable, again.mergeable_state) == (False, "dirty")
    assert refusal(again.merge)[1]["message"] == "Pull Request is not mergeable"
    again.edit(state="closed")


def test_protection_is_honest_and_holds_a_merge_back(world: Any, pull: PullRequest) -> None:
    branch = world.repository().get_branch("main")
    assert refusal(branch.get_protection) == (
        404,
        {**refusal(branch.get_protection)[1], "message": "Branch not protected"},
    )
    branch.edit_protection(required_approving_review_count=1, strict=False, contexts=["ci"])
    try:
        assert (
            branch.get_protection().required_pull_request_reviews.required_approving_review_count
            == 1
        )
        assert "approving review is required" in refusal(pull.merge)[1]["message"]
        world.repository("tech-lead").get_pull(pull.number).create_review(event="APPROVE")
        assert refusal(pull.merge)[1]["message"] == 'Required status check "ci" is expected.'
        world.repository().get_commit(pull.head.sha).create_status("success", context="ci")
        assert pull.merge(merge_method="squash").merged
    finally:
        branch.remove_protection()
    assert world.raw("github", "GET", "/repos/acme/carprice/rules/branches/main").json() == []


def test_the_page_of_a_pull_request_escapes_what_people_wrote(
    world: Any, pull: PullRequest
) -> None:
    pull.edit(body="<script>alert(1)</script> ![desktop](http://127.0.0.1:1/x.png)")
    page = world.raw("github", "GET", f"/acme/carprice/pull/{pull.number}").text
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert '<img src="http://127.0.0.1:1/x.png" alt="desktop"' in page
    assert "a.txt" in page and "+1" in page
