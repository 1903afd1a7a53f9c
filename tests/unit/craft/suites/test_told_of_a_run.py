"""What a suite of a command of its own says of a failure: more than its report has, and nothing of
the checkout, which is gone when it is read."""

from devflow.craft.suites.suite import Asked, measured
from devflow.model.change import SuiteResult
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell


def run(code: str, **suite: object) -> SuiteResult:
    """Runs a shell's code as a suite's command."""
    files = {"roof/tests/roof_test.cpp": "\n", "roof/CMakeLists.txt": "\n"}
    asked = Asked(
        "unit",
        Suite.model_validate({"run": ["sh", "-c", code], "junit": "report.xml", **suite}),
        "t" * 40,
        Tree(id="main"),
        "tests",
        paths=tuple(files),
    )
    return measured(RealShell(MemoryRepository(files)), asked, silent)


def writes(message: str, printed: str = "") -> str:
    """The code that writes a report of one failed test; ``$PWD`` stands for the folder."""
    failure = f"<failure message='{message}'/><system-out>{printed}</system-out>"
    report = f"<testsuite><testcase name='Tiles.Crash'>{failure}</testcase></testsuite>"
    return f'echo "{report}" > report.xml'


def test_a_program_that_crashed_says_so_as_ctest_prints_it() -> None:
    printed = "printf '\\t  2 - Tiles.Crash (SEGFAULT)\\n'"
    result = run(f"{printed}; {writes('')}; exit 8")
    assert [case.message for case in result.cases] == ["SEGFAULT"]


def test_a_failure_names_files_as_the_tree_has_them() -> None:
    place = "$PWD/roof/tests/roof_test.cpp"
    told = "roof/tests/roof_test.cpp"
    result = run(f"{writes('', f'{place}:1: Failure&#10;it leaks&#10;')}; exit 8")
    assert [(case.message, case.at) for case in result.cases] == [
        (f"{told}:1: it leaks", f"{told}:1")
    ]
    url = run(f"{writes(f'at file://{place}')}; exit 8")
    assert [case.message for case in url.cases] == [f"at {told}"]


def test_a_hook_a_contradiction_and_a_problem_do_so_too() -> None:
    hook = "<testsuite name='$PWD/a'><error message='no $PWD/a'/><testcase name='b'/></testsuite>"
    (other,) = run(f'echo "{hook}" > report.xml; exit 1').others
    assert (other.name, other.message) == ("a", "no a")
    assert run(f"{writes('no')}; exit 0").contradiction.endswith("failures: Tiles.Crash")
    assert run("echo no $PWD/roof; exit 2").problem.endswith("no report.xml: no roof")


def test_a_setup_that_failed_is_told_of_itself() -> None:
    says = "echo $PWD/roof/a.cpp:3: error: no tile; exit 2"
    result = run("exit 9", setup=["sh", "-c", says])
    assert result.problem.endswith("ended with 2: roof/a.cpp:3: error: no tile")
    assert result.runner == f"sh -c '{says}'"
    # the next checkout is another folder
    assert run("exit 9", setup=["sh", "-c", says]).problem == result.problem
