"""One suite, measured by a real pytest; and each way in which it could seem to have passed."""

from pathlib import Path

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.suite import Asked, measured, suite_of
from devflow.model.change import SuiteResult
from devflow.model.checks import Status, judged
from devflow.model.declared.project import Project, Suite
from devflow.model.errors import PipelineInvalid, Unavailable
from devflow.model.figures import Finding, quantity
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Line, Ran
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import HasPython, RealShell
from tests.unit.steps.measured_world import FILES, GREEN, liars

TEST = "tests/backend/test_app.py"


def run(
    text: str, first: Path | None = None, say=silent, timeout_s: float = 60.0, **more: str
) -> SuiteResult:
    files = {**FILES, TEST: text, **more}
    suite = Suite(path="tests/backend", coverage_of="services", timeout_s=timeout_s)
    asked = Asked(
        "backend",
        suite,
        "t" * 40,
        Tree(id="main"),
        "tests",
        paths=tuple(files),
        rerun_failed=10,
    )
    return measured(RealShell(MemoryRepository(files), first), asked, say)


def status(result: SuiteResult) -> Status:
    return judged(result_checks(result, SuiteRules()))


class Told(HasPython):
    """A shell whose pytest says what the test wants, and reports what it wants."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        return self.ran

    def keep(self, name: str, text: str) -> None:
        """Nothing is kept."""


def result_of(exit_code: int, output: str, xml: str | None) -> SuiteResult:
    files = {} if xml is None else {"junit.xml": xml}
    asked = Asked("backend", Suite(path="tests/backend"), "t", Tree(id="t"), "tests")
    return measured(Told(Ran(exit_code, output, 1.0, files)), asked, silent)


def test_a_green_suite_is_measured_in_all_its_parts():
    said = []
    result = run(GREEN, say=lambda *what: said.append(what))
    assert status(result) is Status.PASSED and not result.problem
    assert (result.passed, result.failed, result.skipped) == (1, 0, 1)
    assert result.interpreter.startswith("3.") and result.duration_s > 0
    assert result.coverage_pct == 100.0 and result.coverage_by_path["services/app.py"] == 100.0
    first, browser = result.cases
    assert first.criteria == ("AC-1",) and browser.message == "no browser on PATH"
    assert [(one.name, one.value, one.source) for one in result.facts] == [
        ("error_eur", "12", "test_double")
    ]
    assert said[-1] == ("2 of 2 · 0 failed", 2, 2)


def test_a_failed_test_says_what_and_where():
    result = run(GREEN.replace("== 4", "== 5"))
    assert status(result) is Status.FAILED and result.failed == 1 and not result.problem
    line = next(
        check
        for check in result_checks(result, SuiteRules())
        if (check.id, check.about) == ("case", "backend test_double")
    )
    assert line.ok is False and line.source == f"{TEST}:8" and isinstance(line.figure, Finding)
    assert (line.figure.path, line.figure.line) == (TEST, 8) and "assert 4 == 5" in line.measured


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def broken(:\n", "pytest ended with 2"),
        ("import nothing_like_this\n", "pytest ended with 2"),
        ("import os\n\n\ndef test_one():\n    os._exit(0)\n", "wrote no report"),
        ("def not_a_test():\n    pass\n", "no test was collected"),
    ],
    ids=["syntax error", "import error", "leaves with 0 in the middle", "no test"],
)
def test_a_suite_that_did_not_run_to_its_end_has_not_passed(text, problem):
    result = run(text)
    assert problem in result.problem and status(result) is Status.FAILED


def test_a_suite_of_which_everything_was_skipped_has_not_passed():
    result = run("import pytest\n\n\ndef test_one():\n    pytest.skip('no service')\n")
    assert not result.problem and status(result) is Status.FAILED


def test_a_suite_that_takes_too_long_has_not_passed():
    result = run("import time\n\n\ndef test_one():\n    time.sleep(60)\n", timeout_s=1.5)
    assert "without an end" in result.problem and status(result) is Status.FAILED


def test_a_pytest_that_is_replaced_by_true_has_not_passed(tmp_path):
    result = run(GREEN, first=liars(tmp_path / "liars"))
    assert "wrote no report" in result.problem and status(result) is Status.FAILED


def test_a_pytest_module_of_the_tree_has_not_passed():
    result = run(GREEN, **{"pytest.py": ""})
    assert "wrote no report" in result.problem and status(result) is Status.FAILED


ONE = (
    '<testsuites><testsuite name="p">'
    '<testcase classname="t" name="test_a" time="0.1"/>'
    "</testsuite></testsuites>"
)


@pytest.mark.parametrize(
    ("exit_code", "output", "xml"),
    [
        (0, "=== 1 passed in 0.10s ===", "garbage <"),
        (0, "=== 1 passed in 0.10s ===", "<html/>"),
        (0, "=== 2 passed in 0.10s ===", ONE),
        (1, "FAIL Required test coverage not reached", ONE),
        (3, "INTERNALERROR", ONE),
        (0, "", "<testsuites/>"),
    ],
    ids=[
        "garbage",
        "another document",
        "one test is missing",
        "failed without a failure",
        "internal error",
        "empty",
    ],
)
def test_reports_that_do_not_agree_are_a_problem(exit_code, output, xml):
    result = result_of(exit_code, output, xml)
    assert result.problem and status(result) is Status.FAILED


def test_the_same_report_passes_where_all_agrees():
    assert status(result_of(0, "=== 1 passed, 2 warnings in 0.10s ===", ONE)) is Status.PASSED


def test_pytest_that_is_not_installed_is_unavailable():
    with pytest.raises(Unavailable, match="has no pytest$"):
        result_of(1, "/usr/bin/python: No module named pytest\n", None)


def test_pytest_cov_that_is_not_installed_is_unavailable():
    complaint = "__main__.py: error: unrecognized arguments: --cov=services"
    with pytest.raises(Unavailable, match="has no pytest-cov$"):
        result_of(4, f"ERROR: usage: __main__.py\n{complaint}\n", None)


def test_a_python_that_cannot_be_started_has_not_passed():
    asked = Asked(
        "backend", Suite(path="tests/backend"), "t", Tree(id="t"), "tests", rerun_failed=10
    )
    result = measured(
        Told(Ran(None, "", 0.0, problem="cannot be started: no python")), asked, silent
    )
    assert status(result) is Status.FAILED and result.problem == "cannot be started: no python"


def test_coverage_below_its_minimum_and_coverage_that_is_missing_do_not_pass():
    result = result_of(0, "=== 1 passed in 0.10s ===", ONE)
    assert coverage_status(result, 80) is Status.UNAVAILABLE
    low = result.model_copy(update={"coverage_pct": 79.9})
    assert coverage_status(low, 80) is Status.FAILED and coverage_status(low, 79.9) is Status.PASSED


def coverage_status(result: SuiteResult, minimum_pct: float) -> Status:
    return judged(result_checks(result, SuiteRules(min_coverage_pct=minimum_pct)))


def test_a_suite_that_the_project_does_not_have_is_refused_by_name():
    with pytest.raises(PipelineInvalid, match='no suite "backend"'):
        suite_of(Project(suites={"frontend": Suite(path="tests/frontend")}), "backend")


def test_what_hypothesis_tells_its_own_tools_is_no_figure():
    given = "from hypothesis import given, strategies\n\n\n@given(strategies.booleans())\n"
    uses = "from services.app import double\n"
    result = run(f"{uses}{given}def test_one(flag):\n    assert double(flag) in (0, 2)\n")
    assert status(result) is Status.PASSED and result.facts == ()


def test_a_program_has_the_counts_of_a_suite_as_figures_and_each_case_by_its_own_about():
    twice = ONE.replace("</testsuite>", '<testcase classname="t" name="test_a"/></testsuite>')
    result = result_of(0, "=== 2 passed in 0.10s ===", twice)
    by_id = {(one.id, one.about): one for one in result_checks(result, SuiteRules())}
    assert by_id["suite", "backend"].measured == "2 passed, 0 failed, 0 skipped in 1.0 s"
    assert by_id["suite_duration", "backend"].figure == quantity(1.0, "s")
    assert [id_ for id_, _ in by_id] == ["suite"] + [
        f"suite_{name}" for name in ("passed", "failed", "skipped", "duration")
    ] + ["interpreter", "case", "case"]
    assert ("case", "backend test_a") in by_id and ("case", "backend test_a #2") in by_id
