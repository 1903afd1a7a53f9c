"""Files of a coverage report under the paths of the tree, however their tool names them."""

import pytest

from devflow.craft.reports.covered import Coverage, FileCoverage
from devflow.craft.reports.several import read_coverage, read_junit
from devflow.craft.suites.coverage import of_tree

PATHS = (
    "src/a.js",
    "web/src/a.js",
    "web/src/b.js",
    "pkg/a.go",
    "app/src/main/java/org/example/A.java",
    "lib/one/same.rb",
    "lib/two/same.rb",
)


def named(name: str, cwd: str = "web", code: str = "") -> list[str]:
    found = Coverage({name: FileCoverage.of_lines({1: True})})
    return list(of_tree(found, PATHS, cwd, code).files)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("src/a.js", "web/src/a.js"),
        ("./src/b.js", "web/src/b.js"),
        ("src\\b.js", "web/src/b.js"),
        ("/tmp/checkout/web/src/a.js", "web/src/a.js"),
        ("/tmp/checkout/src/a.js", "src/a.js"),
        ("example.org/module/pkg/a.go", "pkg/a.go"),
        ("org/example/A.java", "app/src/main/java/org/example/A.java"),
    ],
)
def test_a_file_counts_under_its_path_in_the_tree(name: str, path: str) -> None:
    assert named(name) == [path]


@pytest.mark.parametrize("name", ["same.rb", "generated.js", "/usr/lib/other/a.py"])
def test_what_the_tree_does_not_hold_is_none_of_its_code(name: str) -> None:
    found = of_tree(Coverage({name: FileCoverage.of_lines({1: True})}), PATHS, "web", "")
    assert found.problem == "the coverage report names no file of the tree"


def test_only_the_folder_that_was_asked_for_counts() -> None:
    assert named("src/a.js", code="web/src") == ["web/src/a.js"]
    assert named("src/a.js", code="src") == []
    assert named("/x/src/a.js", code="src") == ["src/a.js"]
    assert named("example.org/module/pkg/a.go", code="src") == []
    problem = of_tree(Coverage({"b.go": FileCoverage()}), PATHS, "", "src").problem
    assert problem == "the coverage report names no file in src"


def test_two_units_have_no_sum_and_one_broken_file_is_a_problem_of_all() -> None:
    lcov = b"SF:a\nDA:1,1\nend_of_record\n"
    go = b"mode: set\nexample.org/m/a.go:1.2,3.4 2 1\n"
    assert read_coverage({"a": lcov, "b": lcov}).whole == (1, 1)
    assert read_coverage({"a": lcov, "b": go}).problem
    assert "b: " in read_coverage({"a": lcov, "b": b"{"}).problem


def test_tests_of_one_name_in_two_files_are_two() -> None:
    one = b"<testsuite><testcase name='a'/></testsuite>"
    report = read_junit({"chrome.xml": one, "firefox.xml": one})
    assert len(report.entries) == 2 and len({entry.id for entry in report.entries}) == 2
