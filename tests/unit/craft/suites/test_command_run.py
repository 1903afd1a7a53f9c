"""A suite with a command of its own: what is green, and each way in which it could only seem so."""

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.proofs import suite_text
from devflow.craft.suites.setups import setup_of
from devflow.craft.suites.suite import Asked, measured
from devflow.model.change import Covered, SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Suite
from devflow.model.errors import Unavailable
from devflow.model.tree import Tree
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell

PASSED = "<testsuite><testcase name='one' classname='a.js'/>{}</testsuite>"
FAILED = "<testcase name='two'><failure message='2 is not 3'/></testcase>"
GREEN = PASSED.format("")
RED = PASSED.format(FAILED)
FEWER = "<testsuite tests='50'><testcase name='one'/></testsuite>"
SKIPPED = "<testsuite><testcase name='one'><skipped/></testcase></testsuite>"
HOOK = "<testsuite><error message='after: no port'/><testcase name='one'/></testsuite>"
COUNTED = "<testsuite failures='1'><testcase name='one'/></testsuite>"
FLAKY = "<testsuite><testcase name='one'><flakyFailure message='late'/></testcase></testsuite>"
LCOV = "SF:{}\nDA:1,1\nDA:2,0\nDA:4,3\nBRDA:4,0,0,1\nBRDA:4,0,1,-\nend_of_record\n"


def run(code: str, added: dict[str, set[int]] | None = None, **suite: object) -> SuiteResult:
    """Runs a shell's code as a suite's command, on a tree with reports of another day in it."""
    files = {
        "report.xml": GREEN,
        "web/report.xml": GREEN,
        "web/src/a.js": "a\nb\n\nc\n",
        "web/a.lock": "1",
        "api/a.js": "a\n",
        "src/b.js": "b\n",
    }
    repository = MemoryRepository(files)
    asked = Asked(
        "unit",
        Suite.model_validate({"run": ["sh", "-c", code], "junit": "report.xml", **suite}),
        "t" * 40,
        Tree(id="main"),
        "tests",
        paths=tuple(files),
        added=added or {},
        rerun_failed=10,
    )
    return measured(RealShell(repository), asked, silent)


def checks(result: SuiteResult) -> tuple[Check, ...]:
    return result_checks(result, SuiteRules())


def status(result: SuiteResult) -> Status:
    return judged(checks(result))


def line(result: SuiteResult, id_: str) -> Check:
    return next(check for check in checks(result) if check.id == id_)


def writes(report: str, exit_code: int = 0) -> str:
    return f'echo "{report}" > report.xml; exit {exit_code}'


def test_a_suite_is_green_by_its_exit_code_and_the_report_that_it_wrote() -> None:
    result = run(writes(GREEN))
    assert status(result) is Status.PASSED and (result.passed, result.failed) == (1, 0)
    assert suite_text(result) == "1 passed, 0 failed, 0 skipped"
    assert line(result, "suite").source.startswith("sh -c ")
    assert run(writes(RED, 1)).failed == 1 and status(run(writes(RED, 1))) is Status.FAILED


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("echo all well", "it ended with 0 and wrote no report.xml: all well"),
        ("exit 3", "it ended with 3 and wrote no report.xml: it printed nothing"),
        (writes("<testsuites/>"), "it ended with 0, and its report has no test: it printed"),
        ("echo broken > report.xml", "report.xml: the JUnit report cannot be read"),
        ("> report.xml", "report.xml: the JUnit report cannot be read: it is empty"),
        (f'mkdir x; echo "{GREEN}" > x/report.xml', "wrote no report.xml"),
        ("sleep 9", "without an end of its own"),
    ],
)
def test_what_is_no_result_is_never_green(code: str, why: str) -> None:
    result = run(code, timeout_s=1)
    assert why in result.problem and status(result) is not Status.PASSED
    assert line(result, "suite").ok is not True and "not measured" in suite_text(result)


@pytest.mark.parametrize(
    ("code", "contradiction"),
    [
        (writes(RED), "it ended with 0, and its report has failures: two"),
        (writes(GREEN, 1), "it ended with 1, and nothing in its report has failed: it printed"),
        (writes(HOOK), "it ended with 0, and its report has failures"),
        (writes(COUNTED, 1), "1 failure is counted and stands at no test"),
        (writes(COUNTED), "1 failure is counted and stands at no test"),
        (writes(FEWER), "of 50 tests that it counts 1 are there"),
        (writes(SKIPPED, 1), "nothing in its report has failed"),
    ],
)
def test_what_contradicts_itself_is_a_line_of_its_own_and_never_a_tick(
    code: str, contradiction: str
) -> None:
    result = run(code)
    own = line(result, "suite_contradiction")
    assert contradiction in own.measured and own.ok is False
    assert line(result, "suite").ok is False and status(result) is Status.FAILED
    assert result.red


@pytest.mark.parametrize("code", ("echo c > api/a.js", "rm api/a.js"))
def test_a_run_that_changes_the_trees_files_says_nothing_of_the_tree(code: str) -> None:
    result = run(f"{code}; {writes(GREEN)}")
    assert "it changed api/a.js, which the tree holds" in line(result, "suite").measured
    assert line(result, "suite").ok is None and status(result) is not Status.PASSED
    assert status(run(f"{code}; {writes(RED, 1)}")) is Status.FAILED
    # the report of another day is taken away, and what is new is none of the tree's
    assert status(run(f"echo > new.js; {writes(GREEN)}")) is Status.PASSED
    only_code = run(code, junit="")
    assert status(only_code) is not Status.PASSED and "not measured" in suite_text(only_code)


def test_what_fails_beside_the_tests_is_red_and_no_test() -> None:
    result = run(writes(HOOK, 1))
    assert (result.passed, result.failed, result.contradiction) == (1, 0, "")
    assert line(result, "suite_error").measured == "after: no port"
    assert status(result) is Status.FAILED
    assert suite_text(result) == "1 passed, 0 failed, 0 skipped, 1 failed beside the tests"


def test_tests_that_were_all_skipped_have_not_passed_and_a_flaky_one_may_end_the_run() -> None:
    assert status(run(writes(SKIPPED))) is Status.FAILED
    flaky = run(writes(FLAKY, 1))
    assert (flaky.flaky, flaky.contradiction) == (1, "") and status(flaky) is Status.FAILED


def test_without_a_report_the_exit_code_alone_counts_and_that_is_said() -> None:
    green = run("true", junit="")
    assert status(green) is Status.PASSED and "exit code only" in line(green, "suite").measured
    assert suite_text(green) == "exit code only: ended with 0"
    assert green.said == ""
    red = run("exit 4", junit="")
    assert status(red) is Status.FAILED and suite_text(red) == "exit code only: ended with 4"
    assert status(run("sleep 9", junit="", timeout_s=0.3)) is Status.FAILED


def test_without_a_report_a_red_suite_says_why_and_names_files_as_the_tree_has_them() -> None:
    code = 'echo started; echo "$PWD/web/src/a.js:3:1: error: no brace"; echo bye; exit 4'
    own = line(run(code, junit=""), "suite").measured
    assert own.startswith("exit code only: ended with 4 in ")
    assert own.endswith(" s: web/src/a.js:3:1: error: no brace")
    # other reasons that are read off the output are no different
    assert "and wrote no report.xml: web/src/a.js:3:1: error" in run(code).problem
    silent = line(run("exit 4", junit=""), "suite").measured
    assert silent.endswith(" s: it printed nothing")


def test_several_reports_are_one_and_one_that_is_broken_breaks_it() -> None:
    code = f'mkdir r; echo "{GREEN}" > r/a.xml; echo "{RED}" > r/b.xml; exit 1'
    result = run(code, junit="r/*.xml")
    assert (result.passed, result.failed) == (2, 1)
    broken = run(code.replace("exit", "echo > r/c.xml; exit"), junit="r/*.xml")
    assert "r/c.xml" in broken.problem


def at_top(report: str, name: str = "report.xml") -> str:
    """Writes a report beside the command's folder."""
    return f'printf "{report}" > ../{name}'.replace("\n", "\\n")


def test_a_path_counts_from_the_commands_folder_and_what_is_not_there_from_the_top() -> None:
    for junit in ("report.xml", "web/report.xml"):
        assert status(run(writes(GREEN), cwd="web", junit=junit)) is Status.PASSED
    assert status(run(at_top(GREEN), cwd="web")) is Status.PASSED
    assert run("true", cwd="web").problem and run("true", cwd="web", junit="web/report.xml").problem


@pytest.mark.parametrize(("junit", "say"), [("r.xml", "web/r.xml"), ("**/r.xml", "web/**/r.xml")])
def test_reports_from_both_places_are_no_result_until_one_is_named(junit: str, say: str) -> None:
    code = f'{at_top(RED, "r.xml")}; echo "{GREEN}" > r.xml'
    both = run(code, cwd="web", junit=junit)
    wrote = "it wrote web/r.xml and r.xml, and junit:"
    assert both.problem.startswith(wrote) and f"say junit: {say}, or" in both.problem
    assert status(both) is Status.FAILED
    assert status(run(code, cwd="web", junit=say)) is Status.PASSED


def test_of_two_folders_of_code_the_commands_own_counts_and_both_are_named() -> None:
    lcov = LCOV.format("web/src/a.js") + LCOV.format("src/b.js")
    code = f"{at_top(lcov, 'lcov.info')}; {writes(GREEN)}"
    own = run(code, cwd="web", coverage="lcov.info", coverage_of="src")
    assert set(own.coverage_by_path) == {"web/src/a.js"}
    assert line(own, "coverage_of").measured == "web/src, which counts before src"
    named = run(code, cwd="web", coverage="lcov.info", coverage_of="web/src")
    assert set(named.coverage_by_path) == {"web/src/a.js"}
    assert not any(check.id == "coverage_of" for check in checks(named))
    other = run(code, cwd="web", coverage="lcov.info", coverage_of="api")
    assert "names no file in api" in other.coverage_problem


def test_coverage_from_both_places_is_not_measured_until_one_is_named() -> None:
    lcov = LCOV.format("src/a.js")
    code = f"{at_top(lcov, 'c.info')}; cp ../c.info .; {writes(GREEN)}"
    both = run(code, cwd="web", coverage="c.info")
    assert "it wrote web/c.info and c.info, and coverage: c.info may be" in both.coverage_problem
    assert line(both, "coverage").ok is None and both.passed == 1
    assert run(code, cwd="web", coverage="web/c.info").coverage_pct == pytest.approx(
        66.67, abs=0.01
    )


def test_what_a_setup_is_kept_for_and_keeps_is_taken_from_both_places() -> None:
    words = {"run": "x", "cwd": "web", "setup": "y", "setup_key": ["a.lock"], "keep": ["made"]}
    setup = setup_of(Suite.model_validate(words), ("a.lock", "web/a.lock", "api/a.lock"))
    assert setup is not None and setup.key == ("a.lock", "web/a.lock")
    assert setup.keep == ("web/made", "made")


def test_coverage_counts_its_own_unit_the_folder_and_the_changed_lines() -> None:
    lcov = LCOV.format("src/a.js") + LCOV.format("/tmp/x/api/a.js")
    code = f"printf '{lcov}' > lcov.info; {writes(GREEN)}".replace("\n", "\\n")
    added = {"web/src/a.js": {1, 2, 3}, "api/a.js": {1}}
    result = run(code, added, cwd="web", coverage="lcov.info", coverage_of="src")
    assert result.coverage_by_path == {"web/src/a.js": pytest.approx(66.67, abs=0.01)}
    lines, branches = result.covered
    assert lines == Covered(unit="lines", covered=2, valid=3)
    assert branches == Covered(unit="branches", covered=1, valid=2)
    assert result.covered_changed == Covered(unit="lines", covered=1, valid=2)
    assert line(result, "coverage_total").measured == "2 of 3 lines"
    assert line(result, "coverage_changed").measured == "1 of 2 lines"
    whole = run(code, added, cwd="web", coverage="lcov.info")
    assert set(whole.coverage_by_path) == {"web/src/a.js", "api/a.js"}
    assert whole.covered_changed == Covered(unit="lines", covered=2, valid=3)


def test_a_coverage_report_that_is_missing_is_said_and_no_tick() -> None:
    for more in ({"coverage_of": "web"}, {}):
        result = run(writes(GREEN), coverage="lcov.info", **more)
        own = line(result, "coverage")
        assert own.ok is None and "it wrote no lcov.info" in own.measured


def test_a_setup_runs_before_it_and_has_to_fit_the_tree() -> None:
    code = "cat made && " + writes(GREEN)
    ready = run(code, setup="sh -c 'echo 1 > made'")
    assert status(ready) is Status.PASSED and line(ready, "suite_set_up").measured == "ran"
    broken = run(code, setup="sh -c 'exit 1'")
    assert "setup" in broken.problem and status(broken) is Status.FAILED
    no_key = run(code, setup="true", setup_key=["b.lock"], keep=["made"])
    assert no_key.problem == "the tree has no b.lock, which setup_key: names"
    tracked = run(code, cwd="web", setup="true", setup_key=["a.lock"], keep=["src"])
    assert tracked.problem == "web/src, which keep: names, holds files of the tree"


@pytest.mark.parametrize(
    ("cwd", "name", "files"),
    [
        ("", "packages/*/a.lock", ("packages/a/a.lock", "packages/b/a.lock")),
        ("packages", "*/a.lock", ("packages/a/a.lock", "packages/b/a.lock")),
        ("packages/a", "a.lock", ("packages/a/a.lock",)),
        ("", "**/a.lock", ("packages/a/a.lock", "packages/b/a.lock", "packages/b/c/a.lock")),
        ("", "[a].lock", ("[a].lock",)),
    ],
)
def test_the_key_of_a_setup_takes_every_file_that_a_pattern_names(
    cwd: str, name: str, files: tuple[str, ...]
) -> None:
    paths = ("packages/b/a.lock", "packages/a/a.lock", "packages/b/c/a.lock", "[a].lock")
    words = {"run": "x", "cwd": cwd, "setup": "y", "setup_key": [name], "keep": ["made"]}
    setup = setup_of(Suite.model_validate(words), paths)
    assert setup is not None and setup.key == files


def test_a_program_that_is_not_here_is_told_and_unavailable() -> None:
    with pytest.raises(Unavailable, match="no no-such-program on this machine"):
        run("true", run="no-such-program --all")


def test_a_suite_of_pytest_gets_its_environment_and_its_setup_too() -> None:
    repository = MemoryRepository({"tests/test_a.py": "def test_a():\n    assert True\n"})
    shell = RealShell(repository)
    settings = {"env": {"WHERE": "here"}, "pass_env": ["TOKEN"], "setup": ["true"]}
    suite = Suite.model_validate({"path": "tests", **settings})
    measured(shell, Asked("unit", suite, "t", Tree(id="main"), "tests"), silent)
    (command,) = shell.asked
    assert command.env["WHERE"] == "here" and command.pass_env == ("TOKEN",)
    assert command.setup and command.setup.argv == ("true",)


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (("shop.PriceTest", "shop.TaxTest"), ("PriceTest.net", "TaxTest.net")),
        ((r"App\\Tests\\PriceTest", r"App\\Tests\\TaxTest"), ("PriceTest.net", "TaxTest.net")),
        (
            ("shop.a.PriceTest", "shop.b.PriceTest"),
            ("shop.a.PriceTest.net", "shop.b.PriceTest.net"),
        ),
        (("web/a.test.ts", "web/b.test.ts"), ("web/a.test.ts.net", "web/b.test.ts.net")),
        (("shop.PriceTest", "shop.PriceTest"), ("net", "net")),
    ],
)
def test_a_failed_test_is_told_by_its_class_where_another_class_has_one_of_its_name(
    classes: tuple[str, str], names: tuple[str, str]
) -> None:
    cases = f"<testcase name='net' classname='{classes[0]}'/>"
    failure = "<failure message='2 is not 3'>src/b.js:1</failure>"
    cases += f"<testcase name='net' classname='{classes[1]}'>{failure}</testcase>"
    cases += f"<testcase name='gross' classname='{classes[1]}'/>"
    result = run(writes(f"<testsuite>{cases}</testsuite>", 1))
    assert tuple(case.name for case in result.cases) == (*names, "gross")
    [failed] = [check for check in checks(result) if check.id == "case" and check.ok is False]
    assert (failed.label, failed.measured) == (names[1], "2 is not 3")
