"""Check runs and commit statuses, as the real PyGithub client writes and reads them."""

from typing import Any

from github.PullRequest import PullRequest

from tests.contract.sandbox.github_refusals import refusal


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
    runs = world.repository().get_commit(sha).get_check_runs(check_name="lint")
    assert sorted((item.app.slug, item.conclusion) for item in runs) == [
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
