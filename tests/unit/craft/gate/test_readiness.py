"""Whether a commit is ready: a line for each suite of the pipeline, by its entry."""

from dataclasses import replace

from devflow.craft.gate.readiness import all_tested, readiness
from devflow.model.change import LocalTests, SuiteResult
from devflow.model.ci import SuiteReport
from devflow.model.figures import absent
from devflow.model.outcomes import Absent
from devflow.model.wording import figure
from tests.unit.steps.deploy_world import DeployWorld

SHA = "a" * 40


def report(sha: str = SHA, failed: int = 0, problem: str = "") -> SuiteReport:
    result = SuiteResult(
        suite="backend",
        tree="t",
        interpreter="3.11",
        passed=58,
        failed=failed,
        skipped=1,
        cases=(),
        problem=problem,
    )
    return SuiteReport(sha=sha, result=result)


def test_every_suite_of_the_pipeline_has_a_line_in_its_order() -> None:
    checks = all_tested({"unit": report(), "contract": report(failed=2)}, SHA)
    assert [(one.about, one.ok, one.measured) for one in checks] == [
        ("unit", True, "58 passed, 0 failed, 1 skipped"),
        ("contract", False, "58 passed, 2 failed, 1 skipped"),
    ]
    assert {one.id for one in checks} == {"suite"}
    assert checks[0].source == "backend suite on aaaaaaa"


def test_a_suite_of_another_commit_or_without_a_result_is_not_ready() -> None:
    checks = all_tested({"unit": report(sha="b" * 40), "ui": report(problem="no browser")}, SHA)
    assert [one.ok for one in checks] == [False, False]
    assert checks[1].measured == "no browser"


def test_what_is_absent_is_not_measured_and_says_why() -> None:
    (line,) = all_tested({"unit": Absent(kind="unavailable", why="no pytest here")}, SHA)
    assert (line.ok, line.needed) == (None, False)
    assert line.figure == absent("no pytest here", "unavailable")


def test_without_a_suite_on_the_commit_what_was_tested_locally_on_its_tree_is_named() -> None:
    world = DeployWorld()
    push = world.push.model_copy(update={"tree": "t"})
    local = LocalTests(tree="t", suites=(report().result,))
    other = local.model_copy(update={"tree": "another"})
    none = Absent(kind="unavailable", why="no browser")
    words = "58 passed (backend 58; local, on this tree), 0 failed; no suite ran on the commit"
    untested = "not measured: no suite ran on the commit"
    for suites, tests, told in (
        ({}, local, [words]),
        ({"ui": none}, local, [words]),
        ({"ui": report(push.sha)}, local, []),
        ({}, other, [untested]),
        ({}, none, [untested]),
    ):
        needs = replace(world.needs(), push=push, suites=suites, local_tests=tests)
        lines = [one for one in readiness(needs) if one.id == "tests"]
        assert [figure(one.figure) for one in lines] == told
        assert all(one.ok is None for one in lines)
