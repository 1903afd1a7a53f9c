"""The repository by the real PyGithub client: files, refs, conversation, deployments, releases."""

from typing import Any

import pytest
from github import InputGitTreeElement
from github.PullRequest import PullRequest

from tests.contract.sandbox.github_refusals import refusal


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_both_addresses_of_the_api_answer_with_urls_of_their_own(world: Any, prefix: str) -> None:
    repository = world.repository(prefix=prefix)
    assert repository.url == f"{world.described['github']['url']}{prefix}/repos/acme/carprice"
    assert repository.get_branch("main").commit.url.startswith(repository.url)


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
