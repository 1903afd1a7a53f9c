"""What counts as a test file, and that the page for people says so."""

import pytest

from devflow.craft.imports.paths import COLLECTED, is_test
from devflow.craft.suites.comments import ENDINGS
from tests.unit.sources import ROOT


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("tests/test_tabs.py", True),
        ("shop/tests.py", True),
        ("tests/conftest.py", False),
        ("src/tabs.test.tsx", True),
        ("src/__tests__/deep/tabs.js", True),
        ("test/tabs.mjs", True),
        ("src/test.ts", True),
        ("src/latest.js", False),
        ("price/tax_test.go", True),
        ("src/test/java/acme/TabsTest.java", True),
        ("spec/tabs_spec.rb", True),
        ("tests/tabs.rs", True),
        ("src/tabs.rs", False),
        ("a_test.cpp", True),
        ("features/tabs.feature", True),
        ("attest.py", False),
    ],
)
def test_a_test_file_is_told_by_its_name(path: str, is_one: bool) -> None:
    assert is_test(path) is is_one


def test_the_page_of_tests_names_every_runner_and_its_files() -> None:
    page = (ROOT / "docs" / "tests.md").read_text(encoding="utf-8")
    for collects in COLLECTED:
        names = ", ".join(f"`{pattern}`" for pattern in collects.patterns)
        assert f"| {collects.runner} | {names} |" in page
    assert " ".join(ENDINGS) in page
