"""The real PyGithub client walks through what the 29 steps ask of GitHub, on a real git remote."""

from collections.abc import Callable
from typing import Any

import pytest
from github import GithubException, InputGitTreeElement
from github.PullRequest import PullRequest

THREADS = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewThreads(first: 50) {
    nodes { id isResolved isOutdated path line comments(first: 20) { nodes { author { login } body url createdAt } } }
  } } } }"""


@pytest.fixture
def pull(world: Any, lines: Callable[..., str], request: pytest.FixtureRequest) -> PullRequest:
    """A pull request of jose's that changes line 11, on a branch of its own."""
    branch = f"SCRUM-95-{abs(hash(request.node.name))}"
    world.git("fetch", "-q", "origin")
    world.push(branch, "feat: eleven", a_txt=lines(line_11=request.node.name))
    repository = world.repository()
    return repository.create_pull(
        title="SCRUM-95 Eleven", body="Because.", head=branch, base="main"
    )


def threads(world: Any, pull: PullRequest) -> list[dict[str, Any]]:
    variables = {"owner": "acme", "name": "carprice", "number": pull.number}
    _, answer = world.repository()._requester.graphql_query(THREADS, variables)
    return list(answer["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"])


def refusal(call: Callable[[], Any]) -> tuple[int, dict[str, Any]]:
    with pytest.raises(GithubException) as refused:
        call()
    return refused.value.status, refused.value.data


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_both_addresses_of_the_api_answer_with_urls_of_their_own(world: Any, prefix: str) -> None:
    repository = world.repository(prefix=prefix)
    assert repository.url == f"{world.described['github']['url']}{prefix}/repos/acme/carprice"
    assert repository.get_branch("main").commit.url.startswith(repository.url)


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
    repository, ref = world.repository(), pull.head.ref
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


def test_nobody_approves_or_is_asked_to_review_their_own_pull_request(pull: PullRequest) -> None:
    status, body = refusal(lambda: pull.create_review(event="APPROVE"))
    assert (status, body["errors"]) == (422, ["Can not approve your own pull request"])
    status, body = refusal(lambda: pull.create_review_request(["jose"]))
    assert (status, body["message"]) == (
        422,
        "Review cannot be requested from pull request author.",
    )


def test_a_verdict_stays_bound_to_the_commit_that_was_reviewed(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    pull.create_review_request(["tech-lead", "frontend-dev"])
    review = world.repository("tech-lead").get_pull(pull.number).create_review(event="APPROVE")
    assert [user.login for user in pull.get_review_requests()[0]] == ["frontend-dev"]
    world.push(pull.head.ref, "fix: later", a_txt=lines(line_11="later"))
    (stored,) = world.repository().get_pull(pull.number).get_reviews()
    assert (stored.state, stored.commit_id, stored.id) == ("APPROVED", pull.head.sha, review.id)


def test_a_thread_is_answered_outdated_by_a_push_and_resolved(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    asked = [{"path": "a.txt", "line": 11, "body": "Consider adding loading states"}]
    world.repository("tech-lead").get_pull(pull.number).create_review(
        event="REQUEST_CHANGES", body="See.", comments=asked
    )
    (comment,) = pull.get_review_comments()
    pull.create_review_comment_reply(comment.id, "Done.")
    (thread,) = threads(world, pull)
    assert (thread["isResolved"], thread["isOutdated"], thread["line"]) == (False, False, 11)
    assert [item["author"]["login"] for item in thread["comments"]["nodes"]] == [
        "tech-lead",
        "jose",
    ]
    world.push(pull.head.ref, "fix: above", a_txt="0\n" + lines(line_11=pull.title))
    (moved,) = threads(world, pull)
    assert (moved["isOutdated"], moved["line"]) == (True, None)
    requester = world.repository()._requester
    _, answer = requester.graphql_named_mutation(
        "resolveReviewThread", {"threadId": thread["id"]}, "thread { id isResolved }"
    )
    assert answer["thread"] == {"id": thread["id"], "isResolved": True}
    assert threads(world, pull)[0]["isResolved"]


def test_a_thread_follows_its_line_when_only_lines_above_change(
    world: Any, pull: PullRequest, lines: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    pull.create_review_comment(
        "here", world.repository().get_commit(pull.head.sha), "a.txt", line=11
    )
    world.push(pull.head.ref, "fix: above", a_txt="new\n" + lines(line_11=request.node.name))
    (thread,) = threads(world, pull)
    assert (thread["isOutdated"], thread["line"]) == (False, 12)


def test_a_comment_on_a_line_that_the_diff_does_not_show_is_refused(
    world: Any, pull: PullRequest
) -> None:
    status, body = refusal(
        lambda: pull.create_review(
            event="COMMENT", comments=[{"path": "a.txt", "line": 29, "body": "x"}]
        )
    )
    assert (status, body["errors"]) == (422, ["Line could not be resolved"])
    commit = world.repository().get_commit(pull.head.sha)
    status, body = refusal(lambda: pull.create_review_comment("x", commit, "a.txt", line=29))
    assert (
        body["errors"][0]["message"] == "pull_request_review_thread.line must be part of the diff"
    )
    assert list(pull.get_reviews()) == []


def test_graphql_names_a_field_that_does_not_exist(world: Any) -> None:
    answer = world.raw(
        "github", "POST", "/graphql", json={"query": "{ viewer { login nonsense } }"}
    ).json()
    assert answer["errors"][0]["message"] == "Field 'nonsense' doesn't exist on type 'User'"
    query = "query Me { me: viewer { ...F } } fragment F on User { login }"
    aliased = world.raw("github", "POST", "/api/graphql", json={"query": query})
    assert aliased.json() == {"data": {"me": {"login": "jose"}}}


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


def test_check_runs_and_statuses_of_a_commit_are_kept_and_combined(
    world: Any, pull: PullRequest
) -> None:
    repository = world.repository()
    run = repository.create_check_run(name="quality", head_sha=pull.head.sha, status="in_progress")
    note = {
        "path": "a.txt",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "message": "long",
    }
    run.edit(
        status="completed",
        conclusion="failure",
        output={"title": "1 finding", "summary": "s", "annotations": [note]},
    )
    commit = repository.get_commit(pull.head.sha)
    assert [(item.name, item.conclusion) for item in commit.get_check_runs()] == [
        ("quality", "failure")
    ]
    assert [item.message for item in run.get_annotations()] == ["long"]
    assert commit.get_combined_status().state == "pending"
    commit.create_status("failure", context="ci")
    commit.create_status(
        "success", context="ci", description="all green", target_url="http://127.0.0.1/x"
    )
    assert (commit.get_combined_status().state, commit.get_combined_status().total_count) == (
        "success",
        1,
    )


def test_a_persons_own_token_writes_no_check_runs_and_nobody_edits_another_apps(
    world: Any, pull: PullRequest
) -> None:
    sha = pull.head.sha
    personal = world.repository("frontend-dev")
    status, body = refusal(lambda: personal.create_check_run("lint", sha))
    assert (status, body["message"]) == (403, "You must authenticate via a GitHub App.")
    assert [item.name for item in personal.get_commit(sha).get_check_runs()] == []
    other = world.repository("devops").create_check_run("lint", sha, conclusion="failure")
    answer = world.raw(
        "github",
        "PATCH",
        f"/repos/acme/carprice/check-runs/{other.id}",
        json={"conclusion": "success"},
    )
    assert answer.status_code == 403 and "GitHub App that created it" in answer.json()["message"]
    world.repository().create_check_run("lint", sha, conclusion="success")
    found = world.repository().get_commit(sha).get_check_runs(check_name="lint")
    assert sorted((item.app.slug, item.conclusion) for item in found) == [
        ("acme-ci", "failure"),
        ("devflow", "success"),
    ]


def test_annotations_are_added_fifty_at_a_time_and_shown_on_a_page(
    world: Any, pull: PullRequest
) -> None:
    def notes(number: int) -> dict[str, Any]:
        note = {"path": "a.txt", "annotation_level": "failure", "message": "<b>long</b>"}
        listed = [{**note, "start_line": line, "end_line": line} for line in range(1, number + 1)]
        return {"title": "notes", "summary": "s", "annotations": listed}

    run = world.repository().create_check_run(
        "many", pull.head.sha, status="in_progress", output=notes(50)
    )
    run.edit(status="completed", conclusion="failure", output=notes(20))
    assert run.output.annotations_count == len(list(run.get_annotations())) == 70
    status, _ = refusal(lambda: run.edit(output=notes(51)))
    assert status == 422
    page = world.raw("github", "GET", f"/acme/carprice/runs/{run.id}").text
    assert "Annotations: 70" in page and "a.txt:50 failure" in page and "<b>" not in page
    assert world.raw("github", "GET", "/acme/carprice/runs/1").status_code == 404


def test_a_combined_status_comes_in_pages(world: Any, pull: PullRequest) -> None:
    commit = world.repository().get_commit(pull.head.sha)
    for number in range(5):
        commit.create_status("failure" if number == 4 else "success", context=f"ci/{number}")
    path = f"/repos/acme/carprice/commits/{pull.head.sha}/status"
    pages = [
        world.raw("github", "GET", path, params={"per_page": 2, "page": number}).json()
        for number in (1, 2, 3)
    ]
    assert [len(page["statuses"]) for page in pages] == [2, 2, 1]
    assert {(page["state"], page["total_count"]) for page in pages} == {("failure", 5)}


def test_comments_labels_and_assignees_of_the_conversation_are_kept(
    world: Any, pull: PullRequest
) -> None:
    comment = pull.create_issue_comment("first")
    comment.edit("second")
    assert [item.body for item in pull.get_issue_comments()] == ["second"]
    pull.add_to_labels("frontend")
    assert [label.name for label in pull.get_labels()] == ["frontend"]
    pull.add_to_assignees("jose")
    issue = world.repository().get_issue(pull.number)
    assert ([user.login for user in issue.assignees], issue.comments) == (["jose"], 1)
    assert world.repository().get_collaborator_permission("tech-lead") == "write"


def test_refs_trees_and_commits_are_made_without_a_clone(world: Any) -> None:
    repository = world.repository()
    blob = repository.create_git_blob("aGk=", "base64")
    tree = repository.create_git_tree(
        [InputGitTreeElement("shots/desktop.png", "100644", "blob", sha=blob.sha)]
    )
    commit = repository.create_git_commit("shots", tree, [])
    repository.create_git_ref("refs/devflow/shots", commit.sha)
    ref = repository.get_git_ref("devflow/shots")
    assert ref.object.sha == commit.sha
    again = refusal(lambda: repository.create_git_ref("refs/devflow/shots", commit.sha))
    assert again[1]["message"] == "Reference already exists"
    main = repository.get_branch("main").commit.sha
    assert refusal(lambda: ref.edit(main))[1]["message"] == "Update is not a fast forward"
    ref.edit(main, force=True)
    picture = world.raw("github", "GET", f"/acme/carprice/raw/{commit.sha}/shots/desktop.png")
    assert (picture.headers["content-type"], picture.content) == ("image/png", b"hi")
    ref.delete()
    assert refusal(lambda: repository.get_git_ref("devflow/shots"))[0] == 404


@pytest.mark.parametrize(
    "name",
    ["refs/heads/--upload-pack=x", "refs/heads/../../x", "refs/x", "refs/heads/a b", "--all"],
)
def test_a_hostile_ref_name_is_refused_or_just_a_name(world: Any, name: str) -> None:
    sha = world.repository().get_branch("main").commit.sha
    answer = world.raw(
        "github", "POST", "/repos/acme/carprice/git/refs", json={"ref": name, "sha": sha}
    )
    assert answer.status_code in (201, 422)
    assert world.raw("github", "GET", "/repos/acme/carprice/commits/--all").status_code == 422


def test_files_are_read_listed_and_compared(world: Any, pull: PullRequest) -> None:
    repository = world.repository()
    assert repository.get_contents("a.txt", ref=pull.head.ref).decoded_content.startswith(b"1\n2\n")
    assert "a.txt" in [file.path for file in repository.get_contents("")]
    compared = repository.compare("main", pull.head.ref)
    assert (compared.status, compared.ahead_by, [file.filename for file in compared.files]) == (
        "ahead",
        1,
        ["a.txt"],
    )


def test_deployments_environments_and_releases_are_kept(world: Any, pull: PullRequest) -> None:
    repository = world.repository()
    pull.merge(merge_method="squash")
    for _ in range(2):
        deployment = repository.create_deployment(
            "main", environment="development", required_contexts=[], auto_merge=False
        )
        deployment.create_status(
            "success", environment_url="http://127.0.0.1/dev", description="healthy"
        )
    newest, earlier = repository.get_deployments(environment="development")
    assert (newest.get_statuses()[0].state, earlier.get_statuses()[0].state) == (
        "success",
        "inactive",
    )
    repository.create_environment("production")
    assert repository.get_environment("production").name == "production"
    release = repository.create_git_release("v1", "One", "Notes", generate_release_notes=True)
    assert f"* {pull.title} by @jose in {pull.html_url}" in release.body
    assert repository.get_release("v1").name == "One"
    assert repository.generate_release_notes("v2").name == "v2"
    assert repository.get_workflow_runs().totalCount == 0


def test_lists_come_in_pages_with_links_to_this_host(world: Any, pull: PullRequest) -> None:
    path = f"/repos/acme/carprice/issues/{pull.number}/comments"
    for number in range(3):
        pull.create_issue_comment(f"comment {number}")
    answer = world.raw("github", "GET", path, params={"per_page": 2})
    assert (
        answer.links["next"]["url"] == f"{world.described['github']['url']}{path}?per_page=2&page=2"
    )
    assert len(list(pull.get_issue_comments())) == 3


def test_wrong_tokens_unknown_paths_and_broken_bodies_have_the_official_answers(world: Any) -> None:
    wrong = world.raw("github", "GET", "/user", auth=("jose", "wrong"))
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")
    missing = world.raw("github", "GET", "/repos/acme/other")
    assert (missing.status_code, missing.json()["message"]) == (404, "Not Found")
    broken = world.raw("github", "POST", "/repos/acme/carprice/pulls", content=b"{")
    assert (broken.status_code, broken.json()["message"]) == (400, "Problems parsing JSON")
    assert world.raw("github", "GET", "/rate_limit").json()["rate"]["limit"] == 5000


def test_the_page_of_a_pull_request_escapes_what_people_wrote(
    world: Any, pull: PullRequest
) -> None:
    pull.edit(body="<script>alert(1)</script> ![desktop](http://127.0.0.1:1/x.png)")
    page = world.raw("github", "GET", f"/acme/carprice/pull/{pull.number}").text
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert '<img src="http://127.0.0.1:1/x.png" alt="desktop"' in page
    assert "a.txt" in page and "+1" in page
