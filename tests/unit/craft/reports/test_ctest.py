"""Why a program of CTest failed, which its report has only in what the program printed."""

from typing import Final

import pytest

from devflow.craft.reports import junit
from devflow.craft.reports.ctest import with_ends
from tests.unit.craft.reports.given import REPORTS

TOLD: Final = {
    ("googletest", "Ridge.Price"): (
        "tests/roof_test.cpp:7: Expected equality of these values: price(2) Which is: 2 3"
    ),
    ("googletest", "Ridge.Lt"): (
        "tests/roof_test.cpp:16: Expected: (3) < (2), actual: 3 vs 2 streamed lt"
    ),
    ("googletest", "Ridge.Fails"): "tests/roof_test.cpp:10: Failed no ridge",
    ("googletest", "Ridge.Throws"): (
        'unknown file: C++ exception with description "km" thrown in the test body.'
    ),
    ("googletest", "Tiles.Crashes"): "",
    ("googletest", "Tiles.Says"): "laying tiles tile 3",
    ("googletest", "Tiles.Skips"): "no tiles here",
    ("googletest", "Tiles.SkipsMute"): "tests/roof_test.cpp:25",
    ("googletest", "all_color"): (
        "tests/all_test.cpp:4: Expected equality of these values: 1 2 streamed"
    ),
    ("googletest", "price of two"): (
        "tests/catch_test.cpp:5: REQUIRE( price(2) == 3 ) with expansion: 2 == 3"
    ),
    ("googletest-4", "Tiles.Crashes"): "SEGFAULT",
    ("googletest-4", "Tiles.Says"): "SEGFAULT: laying tiles tile 3",
    ("googletest-4", "Ridge.FailsMute"): "tests/roof_test.cpp:11: Failed",
    ("googletest-4", "all"): "SEGFAULT: B.Dies begins",
}


def messages(case: str) -> dict[str, str]:
    """By the names of the tests."""
    report = junit.read((REPORTS / "ctest" / f"{case}.xml").read_bytes())
    return {entry.case.name: entry.case.message for entry in report.entries}


@pytest.mark.parametrize(("case", "name"), TOLD)
def test_what_googletest_and_catch2_printed_says_why(case: str, name: str) -> None:
    assert messages(case)[name] == TOLD[case, name]


def test_a_program_of_ctest_says_why_by_what_it_printed() -> None:
    printed = "begin&#xA;Error: no table for SEK&#xA;<![CDATA[3 rows]]>"
    case = f'<failure message=""/><system-out>{printed}</system-out>'
    report = junit.read(f'<testsuite><testcase name="a">{case}</testcase></testsuite>'.encode())
    assert report.entries[0].case.message == "Error: no table for SEK"


def test_a_failure_stands_where_what_its_program_printed_says() -> None:
    report = junit.read((REPORTS / "ctest" / "googletest.xml").read_bytes())
    named = {entry.case.name: entry.named for entry in report.entries}
    assert named["Ridge.Price"] == (("tests/roof_test.cpp", 7),)


# by ctest 4.4.5; 3.25.1 leaves the labels out
ENDS = """\
The following tests FAILED:
\t  1 - Ridge.Price (Failed)
\t 14 - Tiles.Crashes (SEGFAULT)                               a b
\t 15 - Tiles (of slate) (Subprocess aborted)
\t 35 - slow (Timeout)
Errors while running CTest
"""


def test_how_a_program_ended_is_read_off_what_ctest_prints_of_it() -> None:
    printed = "<system-out>laying tiles</system-out>"
    cases = [
        f"<testcase name='{name}'><failure message='{message}'/>{printed}</testcase>"
        for name, message in {
            "Ridge.Price": "",
            "Tiles.Crashes": "SEGFAULT",
            "Tiles (of slate)": "",
            "slow": "Timeout",
        }.items()
    ]
    report = junit.read(f"<testsuite>{''.join(cases)}<testcase name='x'/></testsuite>".encode())
    assert [entry.case.message for entry in with_ends(report, ENDS).entries] == [
        "laying tiles",
        "SEGFAULT: laying tiles",
        "Subprocess aborted: laying tiles",
        "Timeout: laying tiles",
        "",
    ]
