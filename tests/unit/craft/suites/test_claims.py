"""Which criteria a test claims to prove, in the languages and reports of others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.reports.junit import ReportedCase
from devflow.craft.suites.claims import Ticket, bare_in, claims, named_in
from devflow.craft.suites.comments import ENDINGS, comments
from devflow.model.change import Case

TICKET = Ticket("SCRUM-95", ("tests/changed.py",))


def case(name: str, file: str = "", classname: str = "", of: tuple[str, ...] = ()) -> ReportedCase:
    return ReportedCase(
        Case(name=name, outcome="passed", duration_s=0.0, criteria=of),
        file,
        f"{file}::{classname}::{name}",
        classname=classname,
    )


def claimed(path: str, text: str, *cases: ReportedCase) -> dict[str, tuple[str, ...]]:
    """By the names of the cases, without those that claim nothing."""
    found = claims(TICKET, {path: text}, cases)
    return {one.case.name: found[one.id] for one in cases if found[one.id]}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("SCRUM-95 AC-1", ("AC-1",)),
        ("test_scrum_95_ac_12_opens", ("AC-12",)),
        ("TestTabs/SCRUM-95_AC-1:_opens", ("AC-1",)),
        ("SCRUM-95 AC-1, AC-2 and AC-4", ("AC-1", "AC-2", "AC-4")),
        ("SCRUM-95: AC-3", ("AC-3",)),
        ("SCRUM-950 AC-1", ()),
        ("XSCRUM-95 AC-1", ()),
        ("SCRUM-96 AC-1", ()),
        ("SCRUM-95 and AC-1", ()),
        ("AC-1", ()),
    ],
)
def test_a_text_names_a_criterion_together_with_its_ticket(text: str, ids: tuple[str, ...]) -> None:
    assert named_in(text, "SCRUM-95") == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("AC-1", ("AC-1",)),
        ("AC-1 AC-2, AC-3", ("AC-1", "AC-2", "AC-3")),
        ("SCRUM-95 and AC-1", ("AC-1",)),
        ("SCRUM-96 AC-1", ()),
        ("SCRUM-96 AC-1, AC-2 and AC-4", ()),
        ("SCRUM-96: AC-1\nAC-2", ("AC-2",)),
        ("XAC-1, AC-12x", ("AC-12",)),
    ],
)
def test_an_id_with_a_key_before_it_is_that_tickets_and_so_are_those_told_with_it(
    text: str, ids: tuple[str, ...]
) -> None:
    assert bare_in(text) == ids


def test_a_property_and_a_name_claim_and_a_bare_one_only_in_a_file_of_the_ticket() -> None:
    ids = {
        "own": case("own", "tests/changed.py", of=("AC-1",)),
        "older": case("older", "tests/older.py", of=("AC-1",)),
        "whole": case("whole", "tests/older.py", of=("SCRUM-95 AC-2",)),
        "others": case("others", "tests/changed.py", of=("SCRUM-7 AC-2",)),
        "AC-3 opens": case("AC-3 opens", "changed.py"),
        "AC-3 of old": case("AC-3 of old", "tests/older.py"),
        "SCRUM-7 AC-3": case("SCRUM-7 AC-3", "tests/changed.py"),
        "shows": case("shows", classname="SCRUM-95 AC-4 the tabs"),
    }
    found = claims(TICKET, {}, tuple(ids.values()))
    assert {name: found[one.id] for name, one in ids.items()} == {
        "own": ("AC-1",),
        "older": (),
        "whole": ("AC-2",),
        "others": (),
        "AC-3 opens": ("AC-3",),
        "AC-3 of old": (),
        "SCRUM-7 AC-3": (),
        "shows": ("AC-4",),
    }


def of_ctest(*names: str) -> list[ReportedCase]:
    return [case(name, classname=name) for name in names]


def ctest(macro: str, *names: str, claim: int) -> tuple[str, str, list[ReportedCase], list[str]]:
    """A comment above the first of two tests; the first names claim what it says."""
    text = f"// SCRUM-95 AC-1\n{macro}(Http, Ridge) {{}}\n{macro}(Http, Roof) {{}}\n"
    return "tests/http_test.cpp", text, of_ctest(*names), list(names[:claim])


PYTEST = "tests/test_tabs.py"
JEST = "ui/tabs.test.ts"
# the file, its text, the cases of its report, and which of them claim AC-1
COMMENTED = {
    "above, with decorators between": (
        PYTEST,
        "# SCRUM-95 AC-1\n@pytest.mark.slow\n\ndef test_a():\n    ...\ndef test_b(): ...\n",
        [case("test_a[x]", PYTEST), case("test_a[y]", PYTEST), case("test_b", PYTEST)],
        ["test_a[x]", "test_a[y]"],
    ),
    "on its line": (
        PYTEST,
        "def test_a():  # SCRUM-95 AC-1\n    ...\ndef test_b(): ...\n",
        [case("test_a", PYTEST), case("test_b", PYTEST)],
        ["test_a"],
    ),
    "in its docstring": (
        PYTEST,
        'def test_a():\n    """Opens.\n\n    SCRUM-95 AC-1\n    """\ndef test_b(): ...\n',
        [case("test_a", classname="tests.test_tabs"), case("test_b", classname="tests.test_tabs")],
        ["test_a"],
    ),
    "at a class": (
        PYTEST,
        "# SCRUM-95 AC-1\nclass TestTabs:\n    def test_a(self): ...\ndef test_b(): ...\n",
        [case("test_a", PYTEST, "tests.test_tabs.TestTabs"), case("test_b", PYTEST)],
        ["test_a"],
    ),
    "at the head of the file: all of its tests": (
        PYTEST,
        "# SCRUM-95 AC-1\nimport os\n\ndef test_a(): ...\ndef test_b(): ...\n",
        [case("test_a", PYTEST), case("test_b", PYTEST), case("test_c", "tests/test_c.py")],
        ["test_a", "test_b"],
    ),
    "inside of a test, which is not told from its file": (
        PYTEST,
        "def test_a():\n    # SCRUM-95 AC-1\n    assert tabs\ndef test_b(): ...\n",
        [case("test_a", PYTEST), case("test_b", PYTEST)],
        ["test_a", "test_b"],
    ),
    "a string is no comment": (
        PYTEST,
        'X = "# SCRUM-95 AC-1"\nY = """x\n# SCRUM-95 AC-1\n"""\ndef test_a(): ...\n',
        [case("test_a", PYTEST)],
        [],
    ),
    "jest, above a title": (
        JEST,
        "describe('tabs', () => {\n  // SCRUM-95 AC-1\n  it('opens', () => {})\n"
        "  it('opens twice', () => {})\n})",
        [case("tabs opens", JEST), case("tabs opens twice", JEST)],
        ["tabs opens"],
    ),
    "vitest, of a whole group": (
        JEST,
        "/**\n * SCRUM-95 AC-1\n */\ndescribe('tabs', () => {})\ndescribe('forms', () => {})",
        [case("tabs > opens", classname=JEST), case("forms > opens", classname=JEST)],
        ["tabs > opens"],
    ),
    "jest, a table and a call of several lines": (
        JEST,
        "// SCRUM-95 AC-1\nit.each(tabs)(\n  'opens %s at once',\n)\nit('closes', () => {})",
        [case("opens left at once", JEST), case("opens right at once", JEST), case("closes", JEST)],
        ["opens left at once", "opens right at once"],
    ),
    "node, with the path of its own machine": (
        "test/tabs.mjs",
        "test('opens', () => {}) // SCRUM-95 AC-1\ntest('closes', () => {})",
        [case("opens", "/tmp/x/test/tabs.mjs"), case("closes", "/tmp/x/test/tabs.mjs")],
        ["opens"],
    ),
    "go, by package and function": (
        "price/tabs_test.go",
        "package price\n\n// SCRUM-95 AC-1\nfunc TestTabs(t *testing.T) {}\nfunc TestB() {}\n",
        [
            case("TestTabs", classname="example.org/shop/price"),
            case("TestTabs/left", classname="example.org/shop/price"),
            case("TestB", classname="example.org/shop/price"),
            case("TestTabs", classname="example.org/shop/cart"),
        ],
        ["TestTabs", "TestTabs/left"],
    ),
    "go, a subtest": (
        "tabs_test.go",
        'func TestTabs(t *testing.T) {\n\t// SCRUM-95 AC-1\n\tt.Run("opens left", nil)\n}\n',
        [case("TestTabs", classname="x"), case("TestTabs/opens_left", classname="x")],
        ["TestTabs/opens_left"],
    ),
    "surefire, by class": (
        "src/test/java/acme/TabsTest.java",
        "class TabsTest {\n  /* SCRUM-95 AC-1 */\n  @Test\n  void opens() {}\n  @Test void b() {}}",
        [case("opens", classname="acme.TabsTest"), case("b", classname="acme.TabsTest")],
        ["opens"],
    ),
    "googletest, by suite and name": (
        "tabs_test.cc",
        "// SCRUM-95 AC-1\nTEST(Tabs, Opens) {}\nTEST(Forms, Opens) {}\n",
        [case("Opens", "tabs_test.cc", "Tabs"), case("Opens", "./tabs_test.cc", "Forms")],
        ["Opens"],
    ),
    "ctest, by the macro of GoogleTest": ctest(
        "TEST", "Http.Ridge", "Http.Roof", "Others.Ridge", claim=1
    ),
    "ctest, with a fixture and a prefix of CMake's": ctest(
        "TEST_F", "web.Http.Ridge", "web.Http.Roof", "tests", claim=1
    ),
    "ctest, with parameters": ctest(
        "TEST_P", "All/Http.Ridge/0", "All/Http.Ridge/x.y", "Http.Roof", "Http.RidgeEnd", claim=2
    ),
    "ctest, with types": ctest(
        "TYPED_TEST", "Http.Ridge<int>", "Http/1.Ridge", "Http.Roof", "Http_Ridge", claim=2
    ),
    "ctest, by the title of Catch2": (
        "tests/http_test.cpp",
        '// SCRUM-95 AC-1\nTEST_CASE("a ridge", "[http]") {}\nSCENARIO("a ridge of 2 m") {}\n',
        of_ctest("a ridge", "Scenario: a ridge of 2 m", "a roof"),
        ["a ridge"],
    ),
    "ctest, at the head of the file: all of its tests": (
        "tests/http_test.cpp",
        '// SCRUM-95 AC-1\n#include <http>\nTEST(Http, Ridge) {}\nSCENARIO("a roof") {}\n',
        of_ctest("Http.Ridge", "Scenario: a roof", "Http.Other", "a roof of slate"),
        ["Http.Ridge", "Scenario: a roof"],
    ),
    "rspec, by description": (
        "spec/tabs_spec.rb",
        "describe 'tabs' do\n  # SCRUM-95 AC-1\n  it 'opens' do\n  end\nend\n",
        [case("tabs opens", "./spec/tabs_spec.rb"), case("tabs closes", "./spec/tabs_spec.rb")],
        ["tabs opens"],
    ),
    "bats, whose tests begin as a decorator does": (
        "test/tabs.bats",
        "# SCRUM-95 AC-1\n@test 'opens' {\n}\n@test 'closes' {\n}\n",
        [case("opens", classname="tabs.bats"), case("closes", classname="tabs.bats")],
        ["opens"],
    ),
    "a file that the report says nothing of": (
        JEST,
        "// SCRUM-95 AC-1\nit('opens', () => {})",
        [case("opens", classname="tabs")],
        [],
    ),
}


@pytest.mark.parametrize("what", COMMENTED)
def test_a_comment_claims_for_the_test_that_it_stands_at_and_else_for_its_file(what: str) -> None:
    path, text, cases, names = COMMENTED[what]
    assert list(claimed(path, text, *cases)) == names


@settings(deadline=None, max_examples=50)
@given(st.text(), st.sampled_from(ENDINGS))
def test_any_text_has_comments_or_none(text: str, ending: str) -> None:
    for comment in comments(f"tests/x{ending}", f"{text}\n{text}"):
        assert comment.text in text
