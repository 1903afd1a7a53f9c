"""First and second attempts and the order of tests, with a real pytest; and each way in which a
rerun could mask a failure."""

import json
from pathlib import Path

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.pytest_run import Progress
from devflow.craft.suites.suite import Asked, measured
from devflow.model.change import SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Line, Ran
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import HasPython, RealShell

SUITE = Suite(path="tests")
PASSING = "def test_well():\n    pass\n"


def flaky(counter: Path, fails: int = 1) -> str:
    """A module whose test fails the first ``fails`` times; what it counts with lies outside of the
    tree."""
    return (
        "import pathlib\n\n\n"
        "class TestTabs:\n"
        "    def test_tabs(self, record_property):\n"
        "        record_property('ac', 'AC-1')\n"
        f"        counter = pathlib.Path({str(counter)!r})\n"
        "        ran = len(counter.read_text()) if counter.exists() else 0\n"
        "        counter.write_text('x' * (ran + 1))\n"
        f"        assert ran >= {fails}, 'the server was slow'\n"
    )


def asked(**more: object) -> Asked:
    return Asked(
        **{
            "name": "unit",
            "suite": SUITE,
            "tree": "t" * 40,
            "place": Tree(id="main"),
            "entry": "tests",
            "rerun_failed": 10,
            **more,
        }
    )


def run(
    files: dict[str, str], shell: RealShell | None = None, say=silent, **more: object
) -> SuiteResult:
    return measured(shell or RealShell(MemoryRepository(files)), asked(**more), say)


def status(result: SuiteResult, **rules: object) -> Status:
    return judged(result_checks(result, SuiteRules.model_validate(rules)))


def line(result: SuiteResult, id_: str, about: str = "unit", **rules: object) -> Check:
    return next(
        check
        for check in result_checks(result, SuiteRules.model_validate(rules))
        if (check.id, check.about) == (id_, about)
    )


def test_a_test_that_fails_and_then_passes_is_flaky_and_the_suite_has_not_passed(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    shell = RealShell(
        MemoryRepository(
            {"tests/test_tabs.py": flaky(tmp_path / "n"), "tests/test_well.py": PASSING}
        )
    )
    result = run({}, shell, lambda text, *bar: said.append(text))
    case = next(case for case in result.cases if case.name == "test_tabs")
    assert (result.passed, result.failed, result.flaky) == (1, 0, 1) and case.outcome == "flaky"
    assert "the server was slow" in case.message and case.criteria == ("AC-1",)
    assert status(result) is Status.FAILED and line(result, "case", "unit test_tabs").ok is False
    assert (
        status(result, max_flaky=1) is Status.PASSED
        and line(result, "case", "unit test_tabs", max_flaky=1).ok is None
    )
    assert line(result, "second_attempt").measured.startswith(
        "1 of 1 failed test passed when run again"
    )
    assert (
        "2 of 2 · 1 failed: TestTabs::test_tabs" in said
        and said[-1] == "second attempt 1 of 1 · 0 failed"
    )
    assert {"tests-unit.junit.xml", "tests-unit.second.junit.xml"} == set(shell.kept)
    assert "the server was slow" in shell.kept["tests-unit.junit.xml"]
    run({}, shell)
    assert set(shell.kept) == {
        "tests-unit.junit.xml"
    }, "what an earlier second attempt kept is no result of this one"


def test_a_test_that_fails_twice_has_failed(tmp_path: Path) -> None:
    result = run({"tests/test_tabs.py": flaky(tmp_path / "n", 2) + "\n\n" + PASSING})
    assert (result.passed, result.failed, result.flaky) == (1, 1, 0) and status(
        result, max_flaky=9
    ) is Status.FAILED
    assert line(result, "second_attempt").measured.startswith("0 of 1 failed test passed")


@pytest.mark.parametrize("most", (0, 1))
def test_more_failures_than_are_run_again_stay_failures_of_the_first_attempt(most: int) -> None:
    shell = RealShell(
        MemoryRepository(
            {"tests/test_two.py": "def test_a():\n    assert 0\n\n\ndef test_b():\n    assert 0\n"}
        )
    )
    result = run({}, shell, rerun_failed=most)
    assert result.failed == 2 and len(shell.asked) == 1
    assert (
        result.second is None
        if most == 0
        else "more than the 1" in line(result, "second_attempt").measured
    )


class Twice(HasPython):
    """A shell whose pytest ends as the test wants, the second time with ``--last-failed``."""

    def __init__(self, first: Ran, second: Ran) -> None:
        self.first = first
        self.second = second

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        return self.second if "--last-failed" in command.argv else self.first

    def keep(self, name: str, text: str) -> None:
        """Nothing is kept."""


def report(*names: str, failed: bool = False) -> dict[str, str]:
    inside = "<failure message='no'/>" if failed else ""
    place = 'classname="tests.test_tabs.TestTabs" file="tests/test_tabs.py"'
    cases = "".join(f'<testcase name="{name}" {place}>{inside}</testcase>' for name in names)
    return {"junit.xml": f"<testsuites><testsuite>{cases}</testsuite></testsuites>"}


@pytest.mark.parametrize(
    "second",
    (
        Ran(0, "", 0.1),
        Ran(None, "", 0.1, problem="cannot be started"),
        Ran(0, "= 1 passed in 0.1s =", 0.1, report("test_other")),
        Ran(0, "= 2 passed in 0.1s =", 0.1, report("test_tabs", "test_other")),
        Ran(1, "= 1 passed in 0.1s =", 0.1, report("test_tabs")),
        Ran(0, "= 1 failed in 0.1s =", 0.1, report("test_tabs", failed=True)),
        Ran(5, "= no tests ran in 0.1s =", 0.1, {"junit.xml": "<testsuites/>"}),
    ),
    ids=(
        "a liar",
        "missing",
        "another test",
        "one more test",
        "exit 1 without a failure",
        "exit 0 with one",
        "nothing ran",
    ),
)
def test_a_second_attempt_that_is_no_result_masks_nothing(second: Ran) -> None:
    note = {"cache/v/cache/lastfailed": '{"tests/test_tabs.py::TestTabs::test_tabs": true}'}
    first = Ran(1, "= 1 failed in 0.1s =", 0.1, {**report("test_tabs", failed=True), **note})
    result = measured(Twice(first, second), asked(), silent)
    assert (result.failed, result.flaky) == (1, 0) and status(result, max_flaky=9) is Status.FAILED
    assert (
        result.second is not None
        and result.second.problem
        and line(result, "second_attempt").ok is None
    )
    believed = measured(
        Twice(first, Ran(0, "= 1 passed in 0.1s =", 0.1, report("test_tabs"))), asked(), silent
    )
    assert (believed.failed, believed.flaky) == (
        0,
        1,
    ), "the same attempt counts where its reports agree"


def test_without_pytests_own_note_of_what_failed_nothing_runs_again() -> None:
    files = {
        "tests/test_a.py": "def test_a():\n    assert 0\n",
        "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\n",
    }
    result = run(files)
    assert result.failed == 1 and "cacheprovider" in line(result, "second_attempt").measured


NUMBERED = (
    "import pytest\n\n\n"
    "@pytest.mark.parametrize('number', range(4))\n"
    "def test_it(number):\n    pass\n"
)
ORDERED = {
    "tests/test_a.py": NUMBERED,
    "tests/deep/test_m.py": NUMBERED,
    "tests/test_z.py": NUMBERED,
}


@pytest.mark.parametrize("ini", ("pytest.ini", "tests/pytest.ini"))
def test_files_that_the_change_reaches_run_first_and_whole(ini: str) -> None:
    result = run(
        {**ORDERED, ini: "[pytest]\n"}, affected=("tests/test_z.py", "tests/deep/test_m.py")
    )
    assert [case.at.rpartition(".")[2] for case in result.cases] == ["test_m"] * 4 + [
        "test_z"
    ] * 4 + ["test_a"] * 4
    assert line(result, "affected").measured.startswith(
        "8 of 12 tests in 2 files, none failed in 0."
    )
    assert status(result) is Status.PASSED


def test_the_order_is_kept_by_several_workers_too() -> None:
    result = run(
        {**ORDERED, "pytest.ini": "[pytest]\naddopts = -n 2\n"}, affected=("tests/test_z.py",)
    )
    assert status(result) is Status.PASSED and result.passed == 12
    assert result.affected is not None and result.affected.tests == 4


def test_an_order_plugin_that_cannot_be_loaded_is_no_result() -> None:
    result = run(
        {**ORDERED, "devflow_affected_first.py": "import nothing_like_this\n"},
        affected=("tests/test_z.py",),
    )
    assert status(result) is Status.FAILED and "nothing_like_this" in result.problem


def test_an_order_that_was_not_kept_is_never_shown_as_kept() -> None:
    result = run({**ORDERED, "devflow_affected_first.py": ""}, affected=("tests/test_z.py",))
    found = line(result, "unaffected")
    assert (found.ok, found.measured) == (None, "8 tests that ran before") and status(
        result
    ) is Status.PASSED
    elsewhere = run(ORDERED, affected=("tests/not_collected.py",))
    assert line(elsewhere, "affected").ok is None


# what pytest-dependency does
DEPENDENCY = """
import pytest

passed = set()


def pytest_configure(config):
    config.addinivalue_line("markers", "dependency(depends)")


def pytest_runtest_setup(item):
    for mark in item.iter_markers("dependency"):
        for name in mark.kwargs.get("depends", ()):
            if name not in passed:
                pytest.skip(f"{item.name} depends on {name}")


def pytest_runtest_logreport(report):
    if report.when == "call" and report.passed:
        passed.add(report.nodeid.rpartition("::")[2])
"""
MARKED = "import pytest\n\n\n@pytest.mark.dependency"


def test_tests_that_depend_on_others_are_not_run_before_them_and_so_skipped() -> None:
    files = {
        "conftest.py": DEPENDENCY,
        "tests/test_a.py": f"{MARKED}\ndef test_a():\n    pass\n",
        "tests/test_z.py": f"{MARKED}(depends=['test_a'])\ndef test_z():\n    assert 0\n",
    }
    result = run(files, affected=("tests/test_z.py",))
    assert (result.passed, result.failed, result.skipped) == (1, 1, 0)
    assert line(result, "unaffected").measured == "1 test that ran before"


class Told(HasPython):
    """A shell whose pytest says and reports what the test wants."""

    def __init__(self, output: str, xml: str, **files: str) -> None:
        self.ran = Ran(0, output, 1.0, {"junit.xml": xml, **files})

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        return self.ran

    def keep(self, name: str, text: str) -> None:
        """Nothing is kept."""


# what pytest 9.2 with pytest-rerunfailures 16.7 reported of a test that failed once
RERUN = (
    '<testsuites name="pytest tests">'
    '<testsuite name="pytest" errors="0" failures="0" skipped="0" tests="2">'
    '<testcase classname="test_r.TestA" name="test_flaky" file="test_r.py" line="2" time="0.001" />'
    '<testcase classname="test_r.TestA" name="test_flaky" file="test_r.py" line="2" time="0.001" />'
    '<testcase classname="test_r" name="test_ok" file="test_r.py" line="4" time="0.000" />'
    "</testsuite></testsuites>"
)


def test_what_the_projects_own_plugin_ran_again_is_flaky_too() -> None:
    result = measured(Told("=== 2 passed, 1 rerun in 0.56s ===", RERUN), asked(), silent)
    assert (result.passed, result.flaky, result.problem) == (1, 1, "") and status(
        result
    ) is Status.FAILED
    assert line(result, "case", "unit test_flaky").measured.startswith(
        "flaky: a plugin of pytest ran it at least 2 times"
    )


COVERED = json.dumps({"files": {}, "totals": {"percent_covered": 90.0}})
ONE = (
    "<testsuites><testsuite>"
    '<testcase classname="t" name="test_a" time="0.1"/>'
    "</testsuite></testsuites>"
)


@pytest.mark.parametrize(
    ("files", "why"),
    (
        ({"coverage.json": COVERED}, "no coverage.xml"),
        ({"coverage.xml": "<coverage/>"}, "no coverage.json"),
        ({"coverage.json": "{", "coverage.xml": "<coverage/>"}, "cannot be read"),
        ({}, "no coverage.json"),
    ),
)
def test_coverage_without_both_its_reports_is_not_measured(files: dict[str, str], why: str) -> None:
    covered = asked(suite=Suite(path="tests", coverage_of="app"))
    result = measured(Told("=== 1 passed in 0.10s ===", ONE, **files), covered, silent)
    found = line(result, "coverage")
    assert found.ok is None and why in found.measured
    assert (
        status(result) is Status.PASSED and status(result, min_coverage_pct=1) is Status.UNAVAILABLE
    )
    assert status(result, min_coverage_change_pct=-100) is Status.UNAVAILABLE


def test_the_live_line_counts_and_names_the_first_failure_with_and_without_workers() -> None:
    said: list[str] = []
    progress = Progress(lambda text, *bar: said.append(text))
    for text in (
        "collected 3 items",
        "t.py::test_a PASSED   [ 33%]",
        "t.py::A::test_b[x y] FAILED   [ 66%]",
    ):
        progress(text)
    assert said == ["1 of 3 · 0 failed", "2 of 3 · 1 failed: A::test_b[x y]"]
    workers = Progress(lambda text, *bar: said.append(text))
    for text in (
        "2 workers [2 items]",
        "[gw1] [ 50%] PASSED t.py::test_ok ",
        "[gw0] [100%] FAILED t.py::A::test_no ",
    ):
        workers(text)
    assert said[2:] == ["1 of 2 · 0 failed", "2 of 2 · 1 failed: A::test_no"]


NAMING = "".join(
    f'<testcase classname="t.test_{file}" name="test_{file}" file="t/test_{file}.py"><properties>'
    f'<property name="ac" value="{value}"/></properties></testcase>'
    for file, value in (
        ("mine", "AC-1"),
        ("older", "AC-1"),
        ("told", "SCRUM-95 AC-2"),
        ("others", "SCRUM-7 AC-2"),
    )
)


@pytest.mark.parametrize(
    ("changed", "proving"),
    (
        (("tests/t/test_mine.py", "app.py"), {"test_mine": ("AC-1",), "test_told": ("AC-2",)}),
        ((), {"test_mine": ("AC-1",), "test_older": ("AC-1",), "test_told": ("AC-2",)}),
    ),
)
def test_a_criterion_of_another_ticket_is_not_proved_by_its_number(
    changed: tuple[str, ...], proving: object
) -> None:
    told = Told(
        "=== 4 passed in 0.10s ===", f"<testsuites><testsuite>{NAMING}</testsuite></testsuites>"
    )
    result = measured(told, asked(ticket="SCRUM-95", changed=changed), silent)
    assert {case.name: case.criteria for case in result.cases if case.criteria} == proving
