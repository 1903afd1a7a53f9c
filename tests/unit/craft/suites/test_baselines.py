"""The coverage that a suite is compared with: the newest stored result of the base commit or of one
of its first parents."""

from datetime import datetime, timezone
from typing import Any

from devflow.craft.suites import baselines
from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.model.change import LocalTests, SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.ci import SuiteReport
from devflow.model.events import Event, Recorded
from devflow.model.wording import short_sha
from devflow.testing import MemoryRepository

NOW = datetime(2026, 1, 5, tzinfo=timezone.utc)


class Runs:
    """Runs of one recorded product each, the newest last; ``read`` are those that were read."""

    def __init__(self, *products: Any) -> None:
        self.products = {f"T-{number}": product for number, product in enumerate(products)}
        self.read: list[str] = []

    def runs(self) -> tuple[str, ...]:
        return tuple(self.products)

    def events(self, run: str) -> tuple[Event, ...]:
        self.read.append(run)
        body = self.products[run].model_dump(mode="json")
        common = {
            "entry": "e",
            "step": "s",
            "fingerprint": "f",
            "round": 1,
            "by": "make",
            "status": Status.PASSED,
        }
        return (Recorded(at=NOW, run=run, product=body, **common),)


def repository() -> MemoryRepository:
    memory = MemoryRepository({"a.py": "1"})
    memory.heads["main"] = memory.add_commit(memory.heads["main"], {"a.py": "2"}, "second")
    return memory


def result(tree: str, pct: float | None = 89.0, **more: Any) -> SuiteResult:
    fields = {
        "suite": "frontend",
        "tree": tree,
        "interpreter": "3.11",
        "passed": 1,
        "failed": 0,
        "skipped": 0,
        "cases": (),
    }
    return SuiteResult.model_validate({**fields, "coverage_of": "web", "coverage_pct": pct, **more})


def change(now: SuiteResult, *products: Any, **rules: Any) -> tuple[Check, Status]:
    world = repository()
    stored = baselines.read(Runs(*products), world, "main", world.sha_of("main"))
    compared = now.model_copy(update={"baseline": stored.of(now)})
    checks = result_checks(compared, SuiteRules.model_validate(rules))
    line = next(check for check in checks if check.id == "coverage_change")
    return line, judged(checks)


WORLD = repository()
(_, BASE), (_, PARENT) = WORLD.history_trees("main", 2)
ON = f"main {short_sha(WORLD.sha_of('main'))}"
NOW_91 = result("mine", 91.1)


def test_the_change_is_against_the_result_of_the_base_commits_tree_whatever_step_measured_it() -> (
    None
):
    for product in (
        LocalTests(tree=BASE, suites=(result(BASE),)),
        SuiteReport(sha="a squash merge's other commit", result=result(BASE)),
        LocalTests(tree="another", suites=(), base_suites=(result(BASE),)),
    ):
        found, status = change(NOW_91, product)
        assert found.measured == f"+2.1 % (from 89 % on {ON})" and status is Status.PASSED


def test_the_nearest_first_parent_serves_where_the_base_commit_was_not_measured() -> None:
    found, _ = change(NOW_91, LocalTests(tree=PARENT, suites=(result(PARENT, 90.0),)))
    assert found.measured.startswith("+1.1 % (from 90 % on main ") and found.measured.endswith(
        ", 1 before the base)"
    )


def test_the_newest_result_of_a_tree_counts() -> None:
    products = [SuiteReport(sha="s", result=result(BASE, pct)) for pct in (70.0, 80.0)]
    assert change(NOW_91, *products)[0].measured.startswith("+11.1 %")


def test_what_is_no_result_of_the_same_suite_and_code_is_no_baseline() -> None:
    for other in (
        result(BASE, failed=1),
        result(BASE, problem="pytest ended with 2"),
        result(BASE, None),
        result(BASE, suite="backend"),
        result(BASE, coverage_of="elsewhere"),
        result("another tree"),
    ):
        found, status = change(NOW_91, SuiteReport(sha="s", result=other))
        assert (found.ok, found.measured) == (
            None,
            f"no baseline stored for {ON}",
        ) and status is Status.PASSED


def test_a_limit_on_the_change_needs_a_baseline_and_is_judged_as_it_is_shown() -> None:
    assert change(NOW_91, min_coverage_change_pct=0)[1] is Status.UNAVAILABLE
    stored = SuiteReport(sha="s", result=result(BASE))
    assert change(result("mine", 88.96), stored, min_coverage_change_pct=0)[1] is Status.PASSED
    assert change(result("mine", 88.9), stored, min_coverage_change_pct=0)[1] is Status.FAILED
    assert change(result("mine", 88.9), stored, min_coverage_change_pct=-0.5)[1] is Status.PASSED
    assert (
        change(result("mine", 88.9), stored)[1] is Status.PASSED
    ), "without a limit it is only shown"


def test_the_three_paths_that_lost_most_are_named() -> None:
    before = result(
        BASE,
        coverage_by_path={"a": 90.0, "b": 80.0, "c": 70.0, "d": 60.0, "gone": 99.0, "same": 50.0},
    )
    now = result(
        "mine",
        coverage_by_path={"a": 80.0, "b": 79.0, "c": 68.0, "d": 57.0, "same": 50.0, "new": 1.0},
    )
    stored = baselines.read(
        Runs(SuiteReport(sha="s", result=before)), WORLD, "main", WORLD.sha_of("main")
    )
    checks = result_checks(now.model_copy(update={"baseline": stored.of(now)}), SuiteRules())
    lost = [one for one in checks if one.id == "coverage_lost"]
    assert [(one.about, one.measured) for one in lost] == [
        ("frontend a", "-10 % (from 90 %)"),
        ("frontend d", "-3 % (from 60 %)"),
        ("frontend c", "-2 % (from 70 %)"),
    ]
    assert {one.ok for one in lost} == {None}, "a loss that no limit is set for has no tick"


def test_only_the_newest_runs_are_read_and_none_where_the_base_is_unknown() -> None:
    history = Runs(*[LocalTests(tree="t", suites=())] * 30)
    baselines.read(history, WORLD, "main", WORLD.sha_of("main"))
    assert history.read == [f"T-{number}" for number in range(10, 30)]
    unknown = baselines.read(history, WORLD, "main", "")
    assert unknown.of(NOW_91) is None and len(history.read) == 20
