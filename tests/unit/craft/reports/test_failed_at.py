"""Where a test failed, from what real runners print of it and the files that the tree has."""

import pytest

from devflow.craft.reports import junit
from devflow.craft.reports.failed_at import Places
from devflow.craft.reports.places import NamedPlace, named_places
from devflow.model.change import Case
from tests.unit.craft.reports.given import REPORTS


@pytest.mark.parametrize(
    ("report", "test", "tree", "place"),
    [
        ("vitest/mixed.xml", "fails", "test/cases.test.js", "test/cases.test.js:4"),
        ("vitest/mixed.xml", "errors", "test/cases.test.js src/price.js", "src/price.js:3"),
        ("vitest/mixed.xml", "errors", "test/cases.test.js", "test/cases.test.js:5"),
        ("jest-junit/mixed.xml", " fails", "web/t/cases.test.js", "web/t/cases.test.js:3"),
        ("mocha-junit-reporter/mixed.xml", "fails", "t/cases.js", "t/cases.js:3"),
        ("node-test/mixed.xml", "errors", "src/price.js test/cases.test.js", "src/price.js:3"),
        ("deno/mixed.xml", "fails", "mixed_test.js", "mixed_test.js:2"),
        ("playwright/mixed.xml", "fails", "e2e/cases.spec.js", "e2e/cases.spec.js:3"),
        ("gotestsum/mixed.xml", "TestFails", "a/price_test.go", "a/price_test.go:14"),
        (
            "gotestsum/mixed.xml",
            "TestFails",
            "a/price_test.go b/price_test.go",
            "a/price_test.go:14",
        ),
        ("gotestsum/panic.xml", "TestErrors", "panics/p_test.go", "panics/p_test.go:4"),
        ("pytest/mixed.xml", "test_errors", "test_cases.py price.py", "price.py:3"),
        ("xmlrunner/mixed.xml", "test_errors", "test_cases.py", "test_cases.py:5"),
        ("phpunit/mixed.xml", "testErrors", "src/price.php tests/CasesTest.php", "src/price.php:4"),
        (
            "rspec_junit_formatter/mixed.xml",
            "Price fails",
            "spec/cases_spec.rb",
            "spec/cases_spec.rb:4",
        ),
        ("bats/mixed.xml", "fails", "cases.bats", "cases.bats:2"),
        ("googletest/mixed.xml", "Fails", "src/g.cc", "src/g.cc:6"),
        (
            "surefire/mixed.xml",
            "fails",
            "src/test/java/shop/CasesTest.java src/test/java/other/CasesTest.java",
            "src/test/java/shop/CasesTest.java:6",
        ),
        (
            "junit-platform-console/mixed.xml",
            "fails()",
            "test/CasesTest.java",
            "test/CasesTest.java:7",
        ),
        ("busted/mixed.xml", "Price fails", "spec/cases_spec.lua", "spec/cases_spec.lua:3"),
    ],
)
def test_it_is_the_innermost_line_of_the_projects_own(
    report: str, test: str, tree: str, place: str
) -> None:
    found = junit.read((REPORTS / report).read_bytes())
    entry = next(
        one for one in found.entries if one.case.name == test and one.case.outcome == "failed"
    )
    at = Places(tree.split(), "").failed_at(entry)
    assert at is not None and f"{at.path}:{at.line}" == place


def failed(*named: str, classname: str = "") -> junit.ReportedCase:
    case = Case(name="fails", outcome="failed", duration_s=0.0)
    places = named_places("\n".join(f"at {place}" for place in named))
    return junit.ReportedCase(case, "", "fails", classname=classname, named=places)


@pytest.mark.parametrize(
    ("named", "tree", "cwd", "path"),
    [
        ("tests/test_a.py:5", ("a/tests/test_a.py", "b/tests/test_a.py"), "b", "b/tests/test_a.py"),
        ("tests/test_a.py:5", ("a/tests/test_a.py", "b/tests/test_a.py"), "", ""),
        ("/w/checkout/b/t.js:5", ("a/t.js", "b/t.js"), "", "b/t.js"),
        ("node_modules/x/index.js:5", ("index.js",), "", ""),
        ("/venv/lib/site-packages/x/app.py:5", ("app.py",), "", ""),
        ("other.js:5", ("index.js",), "", ""),
        ("index.js:0", ("index.js",), "", ""),
        (r"src\index.js:5", ("src/index.js",), "", "src/index.js"),
        ("1.2:5", ("1.2",), "", ""),
    ],
)
def test_a_file_that_may_be_another_is_not_named(
    named: str, tree: tuple[str, ...], cwd: str, path: str
) -> None:
    at = Places(tree, cwd).failed_at(failed(named))
    assert (at.path if at else "") == path


def test_what_passed_names_no_place_and_a_text_names_each_once() -> None:
    report = junit.read((REPORTS / "vitest/mixed.xml").read_bytes())
    assert not any(one.named for one in report.entries if one.case.outcome != "failed")
    place = NamedPlace("a.js", 3)
    assert named_places("a.js:3:5\n(a.js:3)\na.js:line 4") == (place, NamedPlace("a.js", 4))
    assert named_places("#   at t/more.t line 2.") == (NamedPlace("t/more.t", 2),)
