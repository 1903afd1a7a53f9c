"""``uses: checks`` on a commit: what it waits for, and what it makes of the ends."""

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from devflow.model.change import Push
from devflow.model.checks import Status, judged
from devflow.model.ci import CommitChecks
from devflow.model.declared.project import Project
from devflow.model.outcomes import Waiting
from devflow.step import See, Tools, Turn
from devflow.steps.checks import STEP, Needs, Params
from tests.contract.code_host_bench import Bench
from tests.contract.commit_bench import MARK, Commit, on_sandbox, report, send

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)


class Waiter:
    """``uses: checks`` on one commit, turn after turn; ``minutes`` go by between two."""

    def __init__(self, commit: Commit, **params: Any) -> None:
        self.commit = commit
        self.params = Params(**params)
        self.now = BEGIN
        self.keep: dict[str, Any] = {}
        self.needs = Needs(push=Push(branch=commit.branch, sha=commit.sha), project=Project())

    def ports(self, kind: Any) -> Any:
        parts = {"host": self.commit.host, "clock": SimpleNamespace(now=lambda: self.now)}
        return kind(**{name: parts.get(name) for name in kind.__annotations__})

    def turn(self, minutes: float = 0.0) -> CommitChecks | Waiting:
        self.now += timedelta(minutes=minutes)
        turn = Turn("SCRUM-95", "checks", kept=self.keep)
        product = STEP.make(self.ports(Tools), turn, self.params, self.needs)
        assert isinstance(product, (CommitChecks, Waiting))
        if isinstance(product, Waiting):
            self.keep = dict(product.keep)
        return product

    def waits_for(self) -> str:
        waiting = self.turn()
        assert isinstance(waiting, Waiting), waiting
        return waiting.for_

    def status(self, minutes: float = 0.0) -> Status:
        checks = self.turn(minutes)
        assert isinstance(checks, CommitChecks), checks
        return judged(STEP.judge(self.params, checks))

    def line(self, id_: str, about: str = "") -> Any:
        checks = self.turn()
        assert isinstance(checks, CommitChecks), checks
        lines = STEP.judge(self.params, checks)
        return next(check for check in lines if (check.id, check.about) == (id_, about))

    def looked(self) -> Status:
        assert STEP.look is not None
        checks = STEP.look(self.ports(See), Turn("SCRUM-95", "checks"), self.params, self.needs)
        assert checks is not None
        return judged(STEP.judge(self.params, checks))


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
    line = waiter.line("check", "build (acme-ci)")
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
    assert (
        waiter.status() is Status.UNAVAILABLE and waiter.line("check", "build (acme-ci)").ok is None
    )
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
        waiter.line("check", "devflow/quality (acme-ci)").ok
        and waiter.line("check", "devflow/quality (devflow)").ok is False
    )


def test_pending_for_ever_ends_at_the_timeout_and_only_there(commit: Commit) -> None:
    commit.ci("build", "pending")
    waiter = Waiter(commit, timeout_s=600)
    assert isinstance(waiter.turn(), Waiting) and isinstance(waiter.turn(minutes=9), Waiting)
    assert waiter.status(minutes=1) is Status.FAILED
    assert "10 min 00 s, for build (acme-ci)" == waiter.line("waited").measured
    assert isinstance(Waiter(commit).turn(minutes=10_000), Waiting)


def test_a_check_on_another_commit_does_not_count(bench: Bench) -> None:
    other = on_sandbox(bench)
    commit = on_sandbox(bench)
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
    send(bench, "jose", "PUT", "/branches/main/protection", {**rules, "restrictions": None})
    try:
        commit.ci("lint", "success")
        assert Waiter(commit).waits_for() == "build, which has not reported yet"
        commit.ci("build", "success")
        assert Waiter(commit).status() is Status.PASSED
    finally:
        send(bench, "jose", "DELETE", "/branches/main/protection", None)


def test_nothing_is_written_and_the_commit_is_foreseen(commit: Commit) -> None:
    foreseen = STEP.foresee(Params(), Waiter(commit).needs)
    assert foreseen.writes == () and foreseen.known == {"sha": commit.sha}
