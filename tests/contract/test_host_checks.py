"""Checks of a commit through the code host port, on the stand-in and, over HTTP, on the sandbox."""

from datetime import datetime, timedelta, timezone

import pytest

from devflow.model.errors import AccessDenied, StorageFailed
from tests.contract.code_host_bench import Bench
from tests.contract.commit_bench import MARK, Commit, on_sandbox, report, send


def checks_of(commit: Commit) -> list[tuple[str, str, str, int]]:
    return [
        (one.name, one.app, one.state, one.annotations) for one in commit.host.checks(commit.sha)
    ]


def test_a_check_is_put_once_and_read_back(commit: Commit) -> None:
    for _ in range(2):
        commit.host.put_check(commit.sha, report(3), mark=MARK)
    assert checks_of(commit) == [("devflow/quality", "devflow", "failure", 3)]


def test_a_check_says_when_its_work_began_and_ended_and_is_the_same_at_another_time(
    bench: Bench,
) -> None:
    commit = on_sandbox(bench)
    began = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=2)))
    for hours in (0, 1):
        at = began + timedelta(hours=hours)
        times = {"began": at, "ended": at + timedelta(seconds=18)}
        commit.host.put_check(commit.sha, report(70).model_copy(update=times), mark=MARK)
    path = f"/commits/{commit.sha}/check-runs?filter=all"
    (run,) = send(bench, "devops", "GET", path, None).json()["check_runs"]
    shown = (run["started_at"], run["completed_at"])
    assert shown == ("2026-01-05T07:00:00Z", "2026-01-05T07:00:18Z")


def test_another_result_is_the_newest_of_its_name(commit: Commit) -> None:
    for number in (3, 0, 3):
        commit.host.put_check(commit.sha, report(number), mark=MARK)
    newest = max((one for one in commit.host.checks(commit.sha)), key=lambda one: one.id)
    assert (newest.state, newest.annotations) == ("failure", 3)


def test_a_clean_result_is_a_success(commit: Commit) -> None:
    commit.host.put_check(commit.sha, report(0), mark=MARK)
    assert checks_of(commit) == [("devflow/quality", "devflow", "success", 0)]


def test_a_token_that_may_not_write_checks_is_told_so(commit: Commit) -> None:
    with pytest.raises(AccessDenied, match="authenticate via a GitHub App"):
        commit.powerless.put_check(commit.sha, report(1), mark=MARK)


def test_statuses_and_check_runs_of_every_app_are_read(commit: Commit) -> None:
    commit.ci("build", "success")
    commit.ci("devflow/quality", "failure")
    commit.host.put_check(commit.sha, report(0), mark=MARK)
    commit.host.set_status(commit.sha, "ci/lint", "pending", "running")
    assert sorted(checks_of(commit)) == [
        ("build", "acme-ci", "success", 0),
        ("ci/lint", "", "pending", 0),
        ("devflow/quality", "acme-ci", "failure", 0),
        ("devflow/quality", "devflow", "success", 0),
    ]


def test_more_annotations_than_a_request_takes_arrive_once_and_complete(bench: Bench) -> None:
    commit = on_sandbox(bench)
    for _ in range(2):
        commit.host.put_check(commit.sha, report(120), mark=MARK)
    assert checks_of(commit) == [("devflow/quality", "devflow", "failure", 120)]


def test_more_statuses_than_a_page_holds_are_all_read(bench: Bench) -> None:
    commit = on_sandbox(bench)
    for number in range(103):
        body = {"state": "success", "context": f"ci/{number:03}"}
        send(bench, "devops", "POST", f"/statuses/{commit.sha}", body)
    assert len(commit.host.checks(commit.sha)) == 103


@pytest.mark.parametrize("fault", ["lost 502", "lost reset", "another shape", "500"])
def test_a_fault_at_any_request_leaves_one_complete_check_run(bench: Bench, fault: str) -> None:
    at = 0
    met = True
    while met:
        name, sha = bench.branch()
        host = bench.host(url=bench.proxy.url)
        bench.proxy.arm(fault, at)
        host.put_check(sha, report(70), mark=MARK)
        met = len(bench.proxy.calls) > at
        bench.proxy.arm()
        checks = [(one.state, one.annotations) for one in host.checks(sha)]
        assert checks == [("failure", 70)], f"{fault} at {at}"
        at += 1
    assert at > 3


def test_another_apps_check_run_is_not_edited(bench: Bench) -> None:
    commit = on_sandbox(bench)
    commit.ci("build", "failure")
    number = commit.host.checks(commit.sha)[0].id
    answer = send(bench, "jose", "PATCH", f"/check-runs/{number}", {"conclusion": "success"})
    assert answer.status_code == 403 and "modified by the GitHub App" in answer.json()["message"]


def test_a_full_disk_behind_the_host_is_told_at_once(bench: Bench) -> None:
    number, _, _ = bench.pull()
    host = bench.host(url=bench.proxy.url)
    host.me()
    bench.proxy.arm("full", 0)
    with pytest.raises(StorageFailed, match=f"GitHub at {bench.proxy.url} has no room left"):
        host.reviews(number)
    assert len(bench.proxy.calls) == 1
