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
