"""Checks of a commit through the code host port: on the stand-in and, over HTTP, on the sandbox;
and ``uses: checks`` on it.

An outside CI system (the token of ``devops`` stands for its app) posts check runs and statuses
beside devflow's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, Callable, cast

import pytest
import requests

from devflow.model.change import Push
from devflow.model.checks import Status, judged
from devflow.model.ci import Annotation, CheckReport, CommitChecks
from devflow.model.errors import AccessDenied
from devflow.model.marks import Mark
from devflow.model.outcomes import Waiting
from devflow.model.project import Project
from devflow.step import See, Tools, Turn
from devflow.steps.checks import STEP, Needs, Params
from tests.contract.code_host_bench import Bench
from tests.standins.host import MemoryHost
from tests.standins.repository import MemoryRepository

MARK = Mark(run="SCRUM-95", entry="quality", verb="put_check")
ENDS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")
BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)


def report(number: int, message: str = "E1 bad") -> CheckReport:
    found = tuple(
        Annotation(path="a.py", line=line + 1, title="flake8 3.11", message=message)
        for line in range(number)
    )
    conclusion: Any = "failure" if number else "success"
    return CheckReport(
        name="devflow/quality",
        conclusion=conclusion,
        title=f"{number}",
        summary="s",
        annotations=found,
    )


@dataclass
class Commit:
    """A pushed commit on one of the hosts; ``ci`` posts a check run as the outside app,
    ``powerless`` is a person's token."""

    host: Any
    powerless: Any
    sha: str
    branch: str
    ci: Callable[[str, str], None]


def on_sandbox(bench: Bench) -> Commit:
    name, sha = bench.branch()

    def ci(check: str, state: str) -> None:
        ended = (
            {"status": "completed", "conclusion": state}
            if state in ENDS
            else {"status": "in_progress"}
        )
        posted(bench, "devops", "POST", "/check-runs", {"name": check, "head_sha": sha, **ended})

    return Commit(bench.host(), bench.host("frontend-dev"), sha, name, ci)


def posted(bench: Bench, person: str, method: str, path: str, body: Any) -> requests.Response:
    token = next(user["github_token"] for user in bench.sandbox["users"] if user["name"] == person)
    github = bench.sandbox["github"]
    url = f"{github['url']}/repos/{github['repository']}{path}"
    return requests.request(
        method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )


def in_memory() -> Commit:
    repository = MemoryRepository({"a.py": "x = 1\n"})
    host, powerless = MemoryHost(repository), MemoryHost(repository)
    powerless.writes_checks = False
    sha = repository.sha_of("main")
    return Commit(
        host,
        powerless,
        sha,
        "main",
        lambda name, state: host.runs_of_ci(sha, name, cast(Any, state)),
    )


@pytest.fixture(params=["sandbox", "stand-in"])
def commit(request: pytest.FixtureRequest) -> Commit:
    if request.param == "stand-in":
        return in_memory()
    return on_sandbox(request.getfixturevalue("bench"))


def told(commit: Commit) -> list[tuple[str, str, str, int]]:
    return [
        (one.name, one.app, one.state, one.annotations) for one in commit.host.checks(commit.sha)
    ]


def test_a_check_is_put_once_and_read_back(commit: Commit) -> None:
    for _ in range(2):
        commit.host.put_check(commit.sha, report(3), mark=MARK)
    assert told(commit) == [("devflow/quality", "devflow", "failure", 3)]


def test_another_result_is_the_newest_of_its_name(commit: Commit) -> None:
    for number in (3, 0, 3):
        commit.host.put_check(commit.sha, report(number), mark=MARK)
    newest = max((one for one in commit.host.checks(commit.sha)), key=lambda one: one.id)
    assert (newest.state, newest.annotations) == ("failure", 3)


def test_a_clean_result_is_a_success(commit: Commit) -> None:
    commit.host.put_check(commit.sha, report(0), mark=MARK)
    assert told(commit) == [("devflow/quality", "devflow", "success", 0)]


def test_a_token_that_may_not_write_checks_is_told_so(commit: Commit) -> None:
    with pytest.raises(AccessDenied, match="authenticate via a GitHub App"):
        commit.powerless.put_check(commit.sha, report(1), mark=MARK)


def test_statuses_and_check_runs_of_every_app_are_read(commit: Commit) -> None:
    commit.ci("build", "success")
    commit.ci("devflow/quality", "failure")
    commit.host.put_check(commit.sha, report(0), mark=MARK)
    commit.host.set_status(commit.sha, "ci/lint", "pending", "running")
    assert sorted(told(commit)) == [
        ("build", "acme-ci", "success", 0),
        ("ci/lint", "", "pending", 0),
        ("devflow/quality", "acme-ci", "failure", 0),
        ("devflow/quality", "devflow", "success", 0),
    ]


def test_more_annotations_than_a_request_takes_arrive_once_and_complete(bench: Bench) -> None:
    commit = on_sandbox(bench)
    for _ in range(2):
        commit.host.put_check(commit.sha, report(120), mark=MARK)
    assert told(commit) == [("devflow/quality", "devflow", "failure", 120)]


def test_more_statuses_than_a_page_holds_are_all_read(bench: Bench) -> None:
    commit = on_sandbox(bench)
    for number in range(103):
        posted(
            bench,
            "devops",
            "POST",
            f"/statuses/{commit.sha}",
            {"state": "success", "context": f"ci/{number:03}"},
        )
    assert len(commit.host.checks(commit.sha)) == 103


@pytest.mark.parametrize("fault", ["lost 502", "lost reset", "another shape", "500"])
def test_a_fault_at_any_request_leaves_one_complete_check_run(bench: Bench, fault: str) -> None:
    at, met = 0, True
    while met:
        name, sha = bench.branch()
        host = bench.host(url=bench.proxy.url)
        bench.proxy.arm(fault, at)
        host.put_check(sha, report(70), mark=MARK)
        met = len(bench.proxy.calls) > at
        bench.proxy.arm()
        assert [(one.state, one.annotations) for one in host.checks(sha)] == [
            ("failure", 70)
        ], f"{fault} at {at}"
        at += 1
    assert at > 3


def test_another_apps_check_run_is_not_edited(bench: Bench) -> None:
    commit = on_sandbox(bench)
    commit.ci("build", "failure")
    number = commit.host.checks(commit.sha)[0].id
    answer = posted(bench, "jose", "PATCH", f"/check-runs/{number}", {"conclusion": "success"})
    assert answer.status_code == 403 and "modified by the GitHub App" in answer.json()["message"]


class Waiter:
    """``uses: checks`` on one commit, turn after turn; ``minutes`` go by between two."""

    def __init__(self, commit: Commit, **params: Any) -> None:
        self.commit, self.params, self.now, self.kept = commit, Params(**params), BEGUN, {}
        self.needs = Needs(push=Push(branch=commit.branch, sha=commit.sha), project=Project())

    def ports(self, kind: Any) -> Any:
        parts = {"host": self.commit.host, "clock": SimpleNamespace(now=lambda: self.now)}
        return kind(**{name: parts.get(name) for name in kind.__annotations__})

    def turn(self, minutes: float = 0.0) -> CommitChecks | Waiting:
        self.now += timedelta(minutes=minutes)
        made = STEP.make(
            self.ports(Tools), Turn("SCRUM-95", "checks", kept=self.kept), self.params, self.needs
        )
        assert isinstance(made, (CommitChecks, Waiting))
        self.kept = dict(made.keep) if isinstance(made, Waiting) else self.kept
        return made

    def waits_for(self) -> str:
        made = self.turn()
        assert isinstance(made, Waiting), made
        return made.for_

    def status(self, minutes: float = 0.0) -> Status:
        made = self.turn(minutes)
        assert isinstance(made, CommitChecks), made
        return judged(STEP.judge(self.params, made))

    def line(self, label: str) -> Any:
        made = self.turn()
        assert isinstance(made, CommitChecks), made
        return next(check for check in STEP.judge(self.params, made) if check.label == label)

    def looked(self) -> Status:
        assert STEP.look is not None
        found = STEP.look(self.ports(See), Turn("SCRUM-95", "checks"), self.params, self.needs)
        assert found is not None
        return judged(STEP.judge(self.params, found))


def test_it_waits_until_the_last_check_has_ended_and_says_for_whom(commit: Commit) -> None:
    waiter = Waiter(commit)
    assert (
        waiter.waits_for() == "the first check: no check has reported yet"
        and waiter.looked() is Status.UNAVAILABLE
    )
    commit.host.set_status(commit.sha, "devflow/trigger", "success", "own word")
    assert "no check has reported yet" in waiter.waits_for()
    commit.ci("build", "pending")
    commit.host.set_status(commit.sha, "ci/lint", "pending", "")
    assert waiter.waits_for() == "build (acme-ci); ci/lint"
    commit.ci("build", "success")
    commit.host.set_status(commit.sha, "ci/lint", "success", "")
    assert waiter.status() is Status.PASSED and waiter.looked() is Status.PASSED
    assert waiter.line("checks").measured == "2 of 2 succeeded"


@pytest.mark.parametrize("end", ["failure", "timed_out", "cancelled", "action_required"])
def test_a_bad_end_fails_at_once_with_name_and_link(commit: Commit, end: str) -> None:
    waiter = Waiter(commit)
    commit.ci("build", end)
    commit.host.set_status(commit.sha, "ci/lint", "pending", "")
    assert waiter.status() is Status.FAILED
    line = waiter.line("build (acme-ci)")
    assert (
        line.ok is False
        and line.measured.startswith(end.replace("_", " "))
        and line.source.startswith("http")
    )


def test_a_check_that_is_run_again_is_looked_at_again(commit: Commit) -> None:
    waiter = Waiter(commit)
    commit.ci("build", "success")
    assert waiter.looked() is Status.PASSED
    commit.ci("build", "pending")
    assert waiter.looked() is Status.UNAVAILABLE and waiter.waits_for() == "build (acme-ci)"
    commit.ci("build", "failure")
    assert waiter.looked() is Status.FAILED
    commit.ci("build", "success")
    assert waiter.looked() is Status.PASSED


def test_what_was_skipped_is_shown_and_does_not_count_unless_it_may(commit: Commit) -> None:
    commit.ci("build", "skipped")
    waiter = Waiter(commit)
    assert waiter.status() is Status.UNAVAILABLE and waiter.line("build (acme-ci)").ok is None
    assert Waiter(commit, allow_skipped=True).status() is Status.PASSED
    commit.ci("docs", "neutral")
    commit.ci("test", "success")
    assert waiter.status() is Status.PASSED and waiter.line("checks").measured == "1 of 3 succeeded"
    assert Waiter(commit, names=["build", "test"]).status() is Status.UNAVAILABLE
    assert Waiter(commit, min_checks=2).status() is Status.UNAVAILABLE
    assert Waiter(commit, min_checks=2, allow_neutral=True).status() is Status.PASSED


def test_named_checks_are_awaited_also_where_none_has_reported(commit: Commit) -> None:
    commit.ci("build", "success")
    waiter = Waiter(commit, names=["build", "test (*)"])
    assert waiter.waits_for() == "test (*), which has not reported yet"
    commit.ci("test (3.11)", "success")
    commit.ci("unnamed", "failure")
    assert waiter.status() is Status.PASSED


def test_two_apps_with_one_name_are_two_checks(commit: Commit) -> None:
    commit.ci("devflow/quality", "success")
    commit.host.put_check(commit.sha, report(1), mark=MARK)
    waiter = Waiter(commit, names=["devflow/quality"])
    assert waiter.status() is Status.FAILED
    assert (
        waiter.line("devflow/quality (acme-ci)").ok
        and waiter.line("devflow/quality (devflow)").ok is False
    )


def test_pending_for_ever_ends_at_the_timeout_and_only_there(commit: Commit) -> None:
    commit.ci("build", "pending")
    waiter = Waiter(commit, timeout_s=600)
    assert isinstance(waiter.turn(), Waiting) and isinstance(waiter.turn(minutes=9), Waiting)
    assert waiter.status(minutes=1) is Status.FAILED
    assert "10 min 00 s for build (acme-ci)" == waiter.line("waited").measured
    assert isinstance(Waiter(commit).turn(minutes=10_000), Waiting)


def test_a_check_on_another_commit_does_not_count(bench: Bench) -> None:
    other, commit = on_sandbox(bench), on_sandbox(bench)
    other.ci("build", "success")
    assert "no check has reported yet" in Waiter(commit).waits_for()


def test_without_names_the_required_checks_of_the_base_branch_are_awaited(bench: Bench) -> None:
    commit = on_sandbox(bench)
    checks = {"strict": False, "contexts": ["build"]}
    rules = {
        "required_status_checks": checks,
        "enforce_admins": None,
        "required_pull_request_reviews": None,
    }
    posted(bench, "jose", "PUT", "/branches/main/protection", {**rules, "restrictions": None})
    try:
        commit.ci("lint", "success")
        assert Waiter(commit).waits_for() == "build, which has not reported yet"
        commit.ci("build", "success")
        assert Waiter(commit).status() is Status.PASSED
    finally:
        posted(bench, "jose", "DELETE", "/branches/main/protection", None)


def test_nothing_is_written_and_the_commit_is_foreseen(commit: Commit) -> None:
    foreseen = STEP.foresee(Params(), Waiter(commit).needs)
    assert foreseen.writes == () and foreseen.known == {"sha": commit.sha}
