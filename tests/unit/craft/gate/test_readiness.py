"""Whether a commit is ready: a line for each suite of the pipeline, by its entry."""

from devflow.craft.gate.readiness import all_tested
from devflow.model.change import SuiteResult
from devflow.model.ci import SuiteReport
from devflow.model.figures import absent
from devflow.model.outcomes import Absent

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


def test_a_pipeline_without_a_suite_says_so() -> None:
    (line,) = all_tested({}, SHA)
    assert (line.id, line.ok, line.needed) == ("tests", None, False)
    assert line.figure == absent("this pipeline runs no suite on the commit")
