"""Repositories of the shapes that foreign ones have are taken to their last entry by the real
command line; then one thing is broken in each, and is green nowhere.

Every case is a copy of the finished run, so that whatever is asked had already been green. The
other cases stand in ``every_break/``.
"""

from pathlib import Path
from typing import Any, Callable

import pytest

from tests.e2e.broken import is_green_nowhere
from tests.e2e.own_reports import Coverage, seconds_of
from tests.e2e.shape_place import Finished, Place, cases
from tests.e2e.shapes import CASES, SHAPES, Case

CHOSEN = [case for case in CASES if case.is_always_run]


def test_what_always_runs_is_one_case_a_shape_and_each_kind_with_and_without_a_commit() -> None:
    assert sorted(case.shape for case in CHOSEN) == sorted(SHAPES)
    kinds = {(case.broken.kind, case.way == "uncommitted") for case in CHOSEN}
    assert len(kinds) == 8, kinds


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_taken_to_its_last_entry_and_its_tests_are_those_of_a_clone(
    finished: Callable[[str], Finished], name: str, tmp_path: Path
) -> None:
    place, shipped = finished(name)
    shipped.must_be_done()
    clone = place.by_hand(tmp_path / "clone")
    by_hand = {suite: clone.suite(suite) for suite in place.suites}
    for entry, suites in place.measured.items():
        names = {suite: by_hand[suite] for suite in suites}
        kept = {suite: place.kept_report(entry, suite) for suite in suites}
        assert {suite: cases(report) for suite, report in kept.items()} == names
        assert shipped.passed(entry) == {suite: len(names[suite]) for suite in suites}
        for suite, result in shipped.results(entry).items():
            assert took(result) == seconds_of(kept[suite])
            assert coverage(result) == clone.coverage(suite)
    for entry, parameters in place.commands.items():
        (record,) = shipped.records(entry)
        assert record["product"]["exit_code"] == 0
        assert clone.command(parameters) == 0


def took(result: dict[str, Any]) -> list[float]:
    """The seconds that devflow says of each test, sorted."""
    return sorted(case["duration_s"] for case in result["cases"])


def coverage(result: dict[str, Any]) -> Coverage | None:
    """The lines, or Go's statements, that devflow says to be covered."""
    of = [one for one in result["covered"] if one["unit"] in ("lines", "statements")]
    return Coverage(of[0]["covered"], of[0]["valid"]) if of else None


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_what_is_broken_is_green_nowhere(copied: Callable[[str], Place], case: Case) -> None:
    is_green_nowhere(case, copied(case.shape))


def test_the_coverage_of_an_editable_package_is_that_of_the_tested_tree(
    finished: Callable[[str], Finished],
) -> None:
    _, shipped = finished("src_layout")
    (record,) = shipped.records("tests")
    assert record["product"]["result"]["coverage_pct"] == 100.0
