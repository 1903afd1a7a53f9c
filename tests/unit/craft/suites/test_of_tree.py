"""Files of a coverage report under the paths of the tree, however their tool names them."""

import pytest

from devflow.craft.reports.covered import Coverage, FileCoverage
from devflow.craft.reports.several import read_coverage, read_junit
from devflow.craft.suites.coverage import Names, of_tree

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
    return list(of_tree(Names(PATHS, cwd).placed("coverage/lcov.info", found), code).files)


def cobertura(name: str, *sources: str) -> bytes:
    """As coverage.py and istanbul write it."""
    listed = "".join(f"<source>{source}</source>" for source in sources)
    lines = '<lines><line number="1" hits="1"/></lines>'
    return (
        f'<coverage lines-valid="1"><sources>{listed}</sources><packages><package><classes>'
        f'<class filename="{name}">{lines}</class></classes></package></packages></coverage>'
    ).encode()


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
    found = Coverage({name: FileCoverage.of_lines({1: True})})
    found = of_tree(Names(PATHS, "web").placed("lcov.info", found), "")
    assert found.problem == "the coverage report names no file of the tree"


def test_only_the_folder_that_was_asked_for_counts() -> None:
    assert named("src/a.js", code="web/src") == ["web/src/a.js"]
    assert named("src/a.js", code="src") == []
    assert named("/x/src/a.js", code="src") == ["src/a.js"]
    assert named("example.org/module/pkg/a.go", code="src") == []
    problem = of_tree(Coverage({"b.go": FileCoverage()}), "src").problem
    assert problem == "the coverage report names no file in src"


def test_two_units_have_no_sum_and_one_broken_file_is_a_problem_of_all() -> None:
    lcov = b"SF:a\nDA:1,1\nend_of_record\n"
    go = b"mode: set\nexample.org/m/a.go:1.2,3.4 2 1\n"
    placed = Names(("a",), "").placed
    assert read_coverage({"x": lcov, "b": lcov}, placed).whole == (1, 1)
    assert read_coverage({"x": lcov, "b": go}, placed).problem
    assert "b: " in read_coverage({"x": lcov, "b": b"{"}, placed).problem


PACKAGES = ("packages/one/src/a.js", "packages/two/src/a.js", "shop/models.py", "bill/models.py")


def test_files_that_two_packages_call_alike_are_two() -> None:
    reports = {
        "packages/one/coverage/lcov.info": b"SF:src/a.js\nDA:1,1\nDA:2,0\nend_of_record\n",
        "packages/two/coverage/lcov.info": b"SF:src/a.js\nDA:1,0\nDA:2,1\nend_of_record\n",
    }
    found = read_coverage(reports, Names(PACKAGES, "").placed)
    assert found.whole == (2, 4)
    assert found.files["packages/one/src/a.js"].lines == {1: True, 2: False}
    assert found.files["packages/two/src/a.js"].lines == {1: False, 2: True}


def test_a_file_that_a_tool_names_twice_counts_once() -> None:
    text = "SF:/x/shop/models.py\nDA:1,1\nend_of_record\nSF:shop/models.py\nDA:2,0\nend_of_record\n"
    found = read_coverage({"lcov.info": text.encode()}, Names(PACKAGES, "").placed)
    assert found.files["shop/models.py"].lines == {1: True, 2: False}


@pytest.mark.parametrize(
    ("name", "sources", "paths"),
    [
        ("models.py", ["/tmp/checkout/shop"], ["shop/models.py"]),
        ("models.py", ["shop"], ["shop/models.py"]),
        ("models.py", ["/tmp/checkout/lib", "/tmp/checkout/bill"], ["bill/models.py"]),
        ("shop/models.py", ["/elsewhere"], ["shop/models.py"]),
        ("shop/models.py", ["", "."], ["shop/models.py"]),
        ("models.py", [], []),
    ],
)
def test_a_file_lies_in_the_source_that_its_report_names(
    name: str, sources: list[str], paths: list[str]
) -> None:
    report = {"coverage.xml": cobertura(name, *sources)}
    assert list(read_coverage(report, Names(PACKAGES, "").placed).files) == paths


def test_tests_of_one_name_in_two_files_are_two() -> None:
    one = b"<testsuite><testcase name='a'/></testsuite>"
    report = read_junit({"chrome.xml": one, "firefox.xml": one})
    assert len(report.entries) == 2 and len({entry.id for entry in report.entries}) == 2


def test_a_file_that_may_be_either_of_two_is_a_problem_unless_it_has_no_code() -> None:
    placed = Names(PACKAGES, "").placed
    report = cobertura("models.py", "/tmp/checkout/shop", "/tmp/checkout/bill")
    found = read_coverage({"coverage.xml": report}, placed)
    assert found.problem.startswith("coverage.xml: the coverage report says of models.py what ran")
    assert "bill/models.py and shop/models.py lie in its sources" in found.problem
    above = cobertura("models.py", "/tmp/checkout/shop", "/tmp/checkout")
    at_the_top = Names((*PACKAGES, "models.py"), "").placed
    assert read_coverage({"coverage.xml": above}, placed).problem == ""
    assert "models.py and shop/models.py lie" in read_coverage({"a": above}, at_the_top).problem
    empty = report.replace(b'<line number="1" hits="1"/>', b"").replace(b'"1"', b'"0"')
    assert read_coverage({"coverage.xml": empty}, placed).problem == ""
