"""Reports as real coverage tools wrote them, each with what it covers beside it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.reports import coverage
from devflow.craft.reports.covered import FileCoverage, Share, joined
from devflow.craft.suites.coverage import measured
from tests.unit.craft.reports.given import COVERAGE, REPORTS


@pytest.mark.parametrize("row", COVERAGE, ids=lambda row: f"{row['tool']}-{row['file']}")
def test_what_is_covered_is_read_of_each_file_and_of_all(row: dict[str, Any]) -> None:
    found = coverage.read((REPORTS / row["file"]).read_bytes())
    assert found.problem == ""
    assert list(found.whole) == row["lines"]
    assert list(found.branches) == (row["branches"] or [0, 0])
    assert set(found.files) == set(row["files"])
    for path, share in row["files"].items():
        assert list(found.files[path].whole) == share, path


@pytest.mark.parametrize("row", COVERAGE, ids=lambda row: f"{row['tool']}-{row['file']}")
def test_the_share_is_of_its_own_unit_and_no_figure_of_the_tools(row: dict[str, Any]) -> None:
    found = measured(coverage.read((REPORTS / row["file"]).read_bytes()))
    covered, valid = row["lines"]
    told = [(one.covered, one.valid) for one in found.covered]
    assert told == [tuple(share) for share in (row["lines"], row["branches"] or ()) if any(share)]
    assert found.total_pct == (100 * covered / valid if valid else None)


def test_a_share_of_nothing_is_no_figure() -> None:
    text = (REPORTS / "coverage" / "coverage.py" / "no-statements.json").read_bytes()
    assert coverage.read(text).whole.pct is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"nothing of the kind",
        b"<html/>",
        b"<coverage",
        b"[]",
        b"{}",
        b'{"meta": {}, "files": []}',
        b"mode: set\nnot a block\n",
        b"mode: set\n",
        b"SF:a.js\nDA:one,1\nend_of_record\n",
    ],
)
def test_what_is_no_report_is_a_problem(text: bytes) -> None:
    found = coverage.read(text)
    assert found.problem
    assert found.whole.pct is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_that_is_read_raises(data: bytes) -> None:
    coverage.read(data)


def test_a_file_that_two_runs_measured_ran_where_either_did() -> None:
    text = (
        "SF:a.js\nDA:1,1\nDA:2,0\nBRDA:1,0,0,-\nend_of_record\n"
        "SF:a.js\nDA:2,3\nDA:3,0\nend_of_record\n"
    )
    found = coverage.read(text.encode())
    assert found.files["a.js"].lines == {1: True, 2: True, 3: False}
    assert found.whole == Share(2, 3)


def test_a_block_of_go_that_two_packages_reach_is_one() -> None:
    row = "example.org/a/a.go:1.1,3.2 2"
    found = coverage.read(f"mode: set\n{row} 0\n{row} 1\n".encode())
    assert found.whole == Share(2, 2)
    assert found.unit == "statements"


def test_of_changed_lines_those_count_that_have_code() -> None:
    file = FileCoverage.of_lines({1: True, 3: False, 4: True})
    assert file.among([1, 2, 3]) == Share(1, 2)
    assert file.among([2]).pct is None


def test_files_without_lines_are_joined_by_their_shares() -> None:
    one = FileCoverage({}, Share(5, 6), Share(7, 20))
    assert joined(one, FileCoverage({}, Share(4, 6))) == one


# by coverage.py 7.17.5: `pytest --cov=shop --cov=billing --cov-report=xml`, where 8 of the 10 lines
# of billing/models.py did not run
TWO_SOURCES = """<?xml version="1.0" ?>
<coverage version="7.17.5" timestamp="1796043616925" lines-valid="16" lines-covered="8" \
line-rate="0.5" branches-covered="0" branches-valid="0" branch-rate="0" complexity="0">
    <sources>
        <source>/checkout/billing</source>
        <source>/checkout/shop</source>
    </sources>
    <packages>
        <package name="." line-rate="0.5" branch-rate="0" complexity="0">
            <classes>
                <class name="__init__.py" filename="__init__.py" complexity="0" line-rate="1" \
branch-rate="0">
                    <methods/>
                    <lines/>
                </class>
                <class name="models.py" filename="models.py" complexity="0" line-rate="1" \
branch-rate="0">
                    <methods/>
                    <lines>
                        <line number="1" hits="1"/>
                        <line number="2" hits="1"/>
                        <line number="3" hits="1"/>
                        <line number="4" hits="1"/>
                        <line number="7" hits="1"/>
                        <line number="8" hits="1"/>
                    </lines>
                </class>
            </classes>
        </package>
    </packages>
</coverage>
"""


def test_a_report_that_lost_a_file_which_another_is_called_like_is_none_of_all_of_them() -> None:
    found = coverage.read(TWO_SOURCES.encode())
    assert "counts 16 lines and has 6 of them" in found.problem
    assert "it keeps one" in found.problem and found.whole.pct is None
    # of one source nothing is lost, whatever else the tool counts
    one = TWO_SOURCES.replace("<source>/checkout/billing</source>", "")
    assert coverage.read(one.encode()).problem == ""
