"""What the closing comment says of the suites and of the time."""

import pytest

from devflow.craft.ticket import closing
from devflow.model.change import LocalTests, SuiteResult
from devflow.model.ci import SuiteReport
from devflow.model.figures import absent, count
from devflow.model.outcomes import Absent
from devflow.model.planning import TimeTracking
from devflow.model.wording import figure

NO_BROWSER = Absent(kind="unavailable", why="no browser")


def report(passed: int, failed: int = 0, problem: str = "") -> SuiteReport:
    result = SuiteResult(
        suite="backend",
        tree="t",
        interpreter="3.11",
        passed=passed,
        failed=failed,
        skipped=0,
        cases=(),
        problem=problem,
    )
    return SuiteReport(sha="s", result=result)


TREE = "t"
LOCAL = LocalTests(tree=TREE, suites=(report(6).result,))


def test_suites_are_named_by_their_entries() -> None:
    line, failed = closing.tests(
        {"unit": report(58), "contract": report(22, failed=3)}, NO_BROWSER, TREE
    )
    assert (line.ok, line.measured) == (False, "80 passed (unit 58, contract 22), 3 failed")
    assert (failed.id, failed.figure) == ("tests_failed", count(3, where="failed"))


def test_a_suite_without_a_result_is_named_with_its_reason_and_confirms_nothing() -> None:
    line, _ = closing.tests({"unit": report(58), "ui": NO_BROWSER}, LOCAL, TREE)
    assert line.ok is True
    assert line.measured == "58 passed (unit 58), 0 failed, not measured: ui (no browser)"
    (line,) = closing.tests(
        {"ui": NO_BROWSER, "unit": report(0, problem="no test was collected")}, NO_BROWSER, TREE
    )
    assert line.ok is None
    assert line.measured == "not measured: ui (no browser), unit (no test was collected)"


def test_a_commit_without_a_suite_says_so() -> None:
    for local, tree in ((NO_BROWSER, TREE), (LOCAL, "another"), (LOCAL, "")):
        (line,) = closing.tests({}, local, tree)
        assert (line.ok, line.figure) == (None, absent("no suite ran on the commit"))


def test_what_was_tested_locally_on_the_very_tree_is_named_with_its_place() -> None:
    (line,) = closing.tests({}, LOCAL, TREE)
    words = "6 passed (backend 6; local, on this tree), 0 failed; no suite ran on the commit"
    assert (line.ok, line.measured, line.source) == (None, words, "local_tests, on this tree")
    (line,) = closing.tests({"ui": NO_BROWSER}, LOCAL, TREE)
    assert line.measured == f"{words}: ui (no browser)"


@pytest.mark.parametrize(
    ("estimate_s", "spent_s", "text"),
    [
        (16 * 3600, 52200, "16 h 00 min estimated, 14 h 30 min logged"),
        (None, 180, "nothing estimated, 3 min 00 s logged"),
        (3600, None, "1 h 00 min estimated, nothing logged"),
    ],
)
def test_times_read_as_every_duration(
    estimate_s: int | None, spent_s: int | None, text: str
) -> None:
    assert closing.time_line(estimate_s, spent_s) == text


def test_a_block_without_a_line_is_left_out_and_a_note_cannot_end_its_code() -> None:
    time = TimeTracking(original_s=7200, spent_s=3600)
    tested = closing.tests({"unit": report(1)}, NO_BROWSER, TREE)
    assert closing.comment("SCRUM-95", tested, time, ()) == (
        "SCRUM-95 is done.\n\n"
        "**Deployment**\n\n- Testing: 1 passed (unit 1), 0 failed\n\n"
        "**Time**\n\n- 2 h 00 min estimated, 1 h 00 min logged, efficiency 200 %"
    )
    noted = closing.comment("SCRUM-95", (), time, ("feat: `tabs`",))
    assert noted.endswith("**Release notes**\n\n- `feat: 'tabs'`")
    assert "Deployment" not in noted


@pytest.mark.parametrize(
    ("estimate_s", "spent_s", "words"),
    [
        (57600, 52200, "110 %"),
        (57600, 5760, "1000 %"),
        (57600, 576000, "10 %"),
        (
            57600,
            60,
            "not enough data: 16 h 00 min estimated, 1 min 00 s logged; "
            "at least 1 h 36 min logged are needed",
        ),
        (
            60,
            57600,
            "not enough data: 1 min 00 s estimated, 16 h 00 min logged; "
            "an estimate of at least 1 h 36 min is needed",
        ),
        (None, 60, "not enough data: an original estimate and logged time are needed"),
        (57600, 0, "not enough data: an original estimate and logged time are needed"),
    ],
)
def test_an_efficiency_is_told_where_estimate_and_time_are_of_one_kind(
    estimate_s: int | None, spent_s: int | None, words: str
) -> None:
    assert figure(closing.efficiency(estimate_s, spent_s)) == words


def test_a_closing_comment_tells_no_efficiency_without_sense() -> None:
    time = TimeTracking(original_s=57600, spent_s=60)
    text = closing.comment("SCRUM-95", (), time, ())
    assert "1 min 00 s logged" in text and "%" not in text
