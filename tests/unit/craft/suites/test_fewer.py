"""No test goes unnoticed: how many ran is held against the last passed record of the base."""

from typing import Any

import pytest

from devflow.craft.suites import baselines
from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.model.change import SuiteResult
from devflow.model.checks import Status, judged
from devflow.model.ci import SuiteReport
from devflow.model.declared.project import Suite
from tests.unit.craft.suites.test_baselines import BASE, ON, PARENT, Runs, repository, result


def compared(
    now: SuiteResult, *before: SuiteResult, deleted: tuple[str, ...] = (), **suite: Any
) -> tuple[SuiteResult, Status]:
    world = repository()
    products = [SuiteReport(sha="s", result=one) for one in before]
    stored = baselines.read(Runs(*products), world, "main", world.sha_of("main"))
    settings = Suite.model_validate({"path": "tests", **suite})
    beside = stored.compared(now, settings, deleted)
    return beside, judged(result_checks(beside, SuiteRules()))


def ran(tree: str, passed: int, **more: Any) -> SuiteResult:
    return result(tree, None, passed=passed, **more)


def test_fewer_than_nine_in_ten_are_not_measured_and_more_are() -> None:
    fewer, status = compared(ran("mine", 89), ran(BASE, 100))
    assert status is Status.UNAVAILABLE
    assert fewer.unmeasured == f"89 tests ran, fewer than 90 % of the 100 that ran on {ON}"
    assert compared(ran("mine", 90), ran(BASE, 100))[1] is Status.PASSED
    # a skipped test has not run
    assert compared(ran("mine", 50, skipped=50), ran(BASE, 100))[1] is Status.UNAVAILABLE


def test_without_a_record_that_passed_on_the_base_one_test_is_enough() -> None:
    others = (
        ran("another tree", 100),
        ran(BASE, 100, failed=1),
        ran(BASE, 100, contradiction="it ended with 1"),
        ran(BASE, 100, problem="no report"),
        ran(BASE, 100, unmeasured="nothing of it was loaded"),
        ran(BASE, 100, suite="other"),
    )
    for other in (None, *others):
        assert compared(ran("mine", 1), *([other] if other else []))[1] is Status.PASSED


def test_the_newest_commit_of_the_base_that_has_a_record_counts() -> None:
    before = (ran(PARENT, 100), ran(BASE, 50))
    assert compared(ran("mine", 50), *before)[1] is Status.PASSED
    assert compared(ran("mine", 50), ran(PARENT, 100))[1] is Status.UNAVAILABLE


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"deleted": ("src/a.js", "src/a.spec.js")}, "the ticket deletes src/a.spec.js"),
        ({"allow_fewer": True}, "allow_fewer"),
    ],
)
def test_fewer_are_shown_where_the_ticket_or_the_pipeline_says_why(
    more: dict[str, Any], why: str
) -> None:
    beside, status = compared(ran("mine", 1), ran(BASE, 100), **more)
    line = next(check for check in result_checks(beside, SuiteRules()) if check.id == "suite_fewer")
    assert status is Status.PASSED and line.ok is None
    assert line.measured == f"1 of 100 tests that ran on {ON}; {why}"
    assert compared(ran("mine", 1), ran(BASE, 100), deleted=("a.js",))[1] is Status.UNAVAILABLE


def test_what_is_red_stays_red_however_few_there_are() -> None:
    assert compared(ran("mine", 1, failed=1), ran(BASE, 100))[1] is Status.FAILED
