"""What failed under a suite's own command, when all of it runs once more: what is flaky, and what a
second attempt says nothing of."""

from pathlib import Path
from typing import Final

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.suite import Asked, measured
from devflow.model.change import SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell
from tests.unit.craft.reports.given import REPORTS

FILES: Final = {"a.js": "a\n"}
FAILED: Final = "<failure message='{}'/>"


def report(**tests: str) -> str:
    """Each test with what its element holds."""
    cases = [
        f"<testcase name='{name}' file='$PWD/a.js'>{how}</testcase>" for name, how in tests.items()
    ]
    return f"<testsuite>{''.join(cases)}</testsuite>"


RED: Final = report(slow=FAILED.format("late"), well="")
GREEN: Final = report(slow="", well="")


def writes(xml: str, exit_code: int) -> str:
    return f'echo "{xml}" > report.xml; exit {exit_code}'


def twice(notes: Path, first: str, second: str) -> str:
    """A shell's code that does one thing the first time, and another each time after."""
    return f"if test -e {notes}; then {second}; else echo > {notes}; {first}; fi"


def run(
    code: str,
    shell: RealShell | None = None,
    say=silent,
    most: int = 10,
    **more: object,
) -> SuiteResult:
    suite = Suite.model_validate({"run": ["sh", "-c", code], "junit": "report.xml", **more})
    asked = Asked(
        "unit",
        suite,
        "t" * 40,
        Tree(id="main"),
        "tests",
        paths=tuple(FILES),
        rerun_failed=most,
    )
    return measured(shell or RealShell(MemoryRepository(FILES)), asked, say)


def checks(result: SuiteResult, **rules: object) -> tuple[Check, ...]:
    return result_checks(result, SuiteRules.model_validate(rules))


def status(result: SuiteResult, **rules: object) -> Status:
    return judged(checks(result, **rules))


def second(result: SuiteResult) -> str:
    """What the line of the second attempt says; empty where there is none."""
    lines = [check for check in checks(result) if check.id == "second_attempt"]
    assert all(line.ok is None for line in lines)
    return lines[0].measured if lines else ""


def test_a_test_that_fails_and_then_passes_is_flaky_and_the_suite_has_not_passed(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    shell = RealShell(MemoryRepository(FILES))
    code = twice(tmp_path / "n", f"echo one; {writes(RED, 1)}", f"echo two; {writes(GREEN, 0)}")
    result = run(code, shell, lambda text, *bar: said.append(text))
    assert (result.passed, result.failed, result.flaky) == (1, 0, 1)
    assert said == ["one", "second attempt two"]
    assert status(result) is Status.FAILED and status(result, max_flaky=1) is Status.PASSED
    flaky = next(check for check in checks(result) if check.about == "unit slow")
    assert flaky.measured == "flaky: late; passed when run again" and flaky.ok is False
    assert second(result).startswith("1 of 1 failed test passed when run again")
    assert result.second is not None and result.duration_s > result.second.duration_s > 0
    assert set(shell.kept) == {"tests-unit.junit.xml", "tests-unit.second.junit.xml"}
    run(writes(GREEN, 0), shell)
    # what an earlier second attempt kept is no result of this one
    assert set(shell.kept) == {"tests-unit.junit.xml"}


def test_a_test_that_fails_twice_has_failed() -> None:
    result = run(writes(RED, 1))
    assert (result.failed, result.flaky) == (1, 0) and status(result, max_flaky=9) is Status.FAILED
    assert second(result).startswith("0 of 1 failed test passed when run again")


OTHER: Final = report(slow="", well=FAILED.format("2 is not 3"))


def test_a_test_that_passes_and_then_fails_is_no_less_flaky(tmp_path: Path) -> None:
    result = run(twice(tmp_path / "n", writes(RED, 1), writes(OTHER, 1)))
    assert (result.passed, result.failed, result.flaky) == (0, 0, 2)
    assert status(result, max_flaky=1) is Status.FAILED
    measures = {check.about: check.measured for check in checks(result)}
    assert measures["unit slow"] == "flaky: late; passed when run again"
    assert measures["unit well"] == "flaky: passed, and failed when run again: 2 is not 3"
    told = "1 of 1 failed test passed when run again, 1 that had passed failed, in "
    assert second(result).startswith(told)
    # what fails twice is red, whatever else is flaky
    both = report(slow=FAILED.format("late"), well=FAILED.format("2 is not 3"))
    worse = run(twice(tmp_path / "m", writes(RED, 1), writes(both, 1)))
    assert (worse.failed, worse.flaky) == (1, 1) and status(worse, max_flaky=9) is Status.FAILED


NEW: Final = report(slow="", well="", more=FAILED.format("new"))
HOOK: Final = GREEN.replace("<testsuite>", "<testsuite name='after'><error message='no port'/>")


@pytest.mark.parametrize(
    ("again", "why"),
    [
        ("exit 1", "wrote no report.xml"),
        (writes("broken", 0), "cannot be read"),
        (writes(GREEN, 1), "nothing in its report has failed"),
        (writes(RED, 0), "its report has failures"),
        (writes(report(well=""), 0), "slow did not run again"),
        (writes(report(slow="<skipped/>", well=""), 0), "0 of 1 failed test"),
        (writes(report(slow="", well="", late=FAILED), 1), "late failed, which had not failed"),
        (writes(NEW, 1), "more failed, which had not failed before"),
        (writes(HOOK, 1), "after failed, which had not failed before"),
        (
            f"echo b > a.js; {writes(GREEN, 0)}",
            "it changed a.js, which the tree holds otherwise",
        ),
    ],
)
def test_a_second_attempt_that_is_no_result_masks_nothing(
    tmp_path: Path, again: str, why: str
) -> None:
    result = run(twice(tmp_path / "n", writes(RED, 1), again))
    assert (result.failed, result.flaky) == (1, 0) and status(result, max_flaky=9) is Status.FAILED
    assert why in second(result)


def test_of_several_tests_of_one_name_all_have_to_pass(tmp_path: Path) -> None:
    one = report(slow=FAILED.format("late")).replace("</testsuite>", "")
    red = one + report(slow="").replace("<testsuite>", "")
    both = report(slow="").replace("</testsuite>", "") + report(slow="").replace("<testsuite>", "")
    still = run(twice(tmp_path / "a", writes(red, 1), writes(red, 1)))
    assert (still.passed, still.failed, still.flaky) == (1, 1, 0)
    alone = run(twice(tmp_path / "b", writes(red, 1), writes(report(slow=""), 0)))
    assert (alone.passed, alone.failed, alone.flaky) == (1, 1, 0)
    flaky = run(twice(tmp_path / "c", writes(red, 1), writes(both, 0)))
    assert (flaky.passed, flaky.failed, flaky.flaky) == (1, 0, 1)


@pytest.mark.parametrize(
    ("code", "most", "why"),
    [
        (writes(RED, 1), 0, ""),
        (
            writes(report(a=FAILED, b=FAILED), 1),
            1,
            "2 tests failed, more than the 1 that are run",
        ),
        (writes(RED, 0), 10, ""),
        (writes(HOOK, 1), 10, ""),
        (writes("broken", 1), 10, ""),
        (writes(GREEN, 0), 10, ""),
    ],
)
def test_nothing_runs_again_where_a_second_attempt_could_tell_nothing(
    code: str, most: int, why: str
) -> None:
    shell = RealShell(MemoryRepository(FILES))
    result = run(code, shell, most=most)
    assert len(shell.asked) == 1 and why in second(result) and bool(why) is bool(second(result))


def test_a_command_without_a_report_has_one_attempt() -> None:
    shell = RealShell(MemoryRepository(FILES))
    assert status(run("exit 3", shell, junit="")) is Status.FAILED and len(shell.asked) == 1


@pytest.mark.parametrize(
    ("written", "failed"),
    [
        (
            "tap-formatter-junit/subtests",
            {
                "rates_t.SCRUM-100 AC-1 a letter": ("failed", "rates_t"),
                "SCRUM-99 AC-1: an island costs more": ("not ok 1 - surcharge", "rates_t"),
            },
        ),
        (
            "boost-test/mixed",
            {
                "fails": ("check price(5) == 3 has failed [2 != 3]", "price_suite"),
                "errors": ("std::invalid_argument: km", "price_suite"),
                "setup_fails": ("std::runtime_error: set-up broke", "price_suite"),
            },
        ),
    ],
)
def test_each_failed_test_of_a_report_without_classes_has_a_line_and_none_is_said_twice(
    written: str, failed: dict[str, tuple[str, str]]
) -> None:
    result = run(f"cp {REPORTS / written}.xml report.xml; exit 1")
    against = [check for check in checks(result) if check.ok is False]
    # what has no source is shown on no screen
    told = {check.label: (check.measured, check.source) for check in against[1:]}
    assert (against[0].id, told) == ("suite", failed)
    assert result.second is not None and result.second.tests == len(failed)


def test_a_failed_test_of_which_its_report_says_nothing_but_the_name_is_read_in_the_report() -> (
    None
):
    case = f"<testcase name='two'>{FAILED.format('2 is not 3')}</testcase>"
    result = run(writes(f"<testsuite>{case}</testsuite>", 1))
    [failed] = [check for check in checks(result) if check.id == "case"]
    assert (failed.label, failed.measured) == ("two", "2 is not 3")
    assert failed.source == "JUnit report"
