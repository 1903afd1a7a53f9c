"""How evidence is said: what has no verdict is a note or not measured, and a long series of passed
lines is shortened."""

import io
import json
from datetime import timezone
from typing import Any

import pytest

from devflow.model.checks import Check, Measure, Status, fact, measure, note
from devflow.model.figures import Figure, count, quantity, text
from devflow.ui.board import board_of
from devflow.ui.evidence import SERIES_LONG, SERIES_SHOWN, phrase
from devflow.ui.phrases import newest_fact
from devflow.ui.picture import Moment, live, status
from devflow.ui.plain import PlainScreen
from devflow.ui.signs import NOT_MEASURED, NOT_OK, NOTE, OK, check_sign
from devflow.ui.status import status_object
from tests.ui.drawing import drawn
from tests.ui.story import BEGAN, Story, at_the_gate, check, outline


@pytest.mark.parametrize(
    "measured", ("-6 h", "services/app.py not planned", "no rules", "no test names AC-1", "0 of 3")
)
def test_what_is_told_without_a_verdict_is_a_note(measured: str) -> None:
    assert check_sign(check("capacity left", measured, "board", ok=None, needed=False)) is NOTE


@pytest.mark.parametrize(
    "measured",
    (
        "",
        "not measured",
        "not enough data (1 sample)",
        "nothing of services was measured",
        "unavailable: no engine",
        "skipped",
    ),
)
def test_what_says_why_there_is_no_value_is_not_measured(measured: str) -> None:
    assert check_sign(check("images", measured, "journal", ok=None, needed=False)) is NOT_MEASURED


def test_what_an_entry_needs_is_never_only_a_note() -> None:
    assert check_sign(check("3.9 black", "no python3.9 here", "python3.9", ok=None)) is NOT_MEASURED


@pytest.mark.parametrize(("ok", "sign"), ((True, OK), (False, NOT_OK)))
def test_a_verdict_is_shown_whatever_the_text_says(ok: bool, sign: Any) -> None:
    assert check_sign(check("canary", "not measured", "x", ok=ok)) is sign


@pytest.mark.parametrize(
    ("measured", "needed", "text"),
    (
        ("-6 h", False, "left -6 h"),
        ("", False, "left not measured"),
        ("not measured: no board", False, "left not measured: no board"),
        ("no board", True, "left no board (not measured)"),
    ),
)
def test_a_line_never_says_twice_that_it_was_not_measured(
    measured: str, needed: bool, text: str
) -> None:
    assert phrase(check("left", measured, "board", ok=None, needed=needed)) == text


def noted() -> Story:
    """An entry that passes with a note beside its verdict."""
    story = Story()
    story.passes(
        "ticket",
        check("points", "5", "JIRA"),
        check("left", "-6 h", "board", ok=None, needed=False),
    )
    return story


def plain(story: Story) -> list[str]:
    """The plain lines of a story."""
    stream = io.StringIO()
    with PlainScreen(stream, outline(), timezone.utc) as screen:
        for event in story.events:
            screen(event)
    return stream.getvalue().splitlines()


def tree(story: Story, *, colour: bool = False) -> list[str]:
    """The end view of a story."""
    at = Moment(outline(), board_of(story.events), story.now)
    return drawn(lambda pen: status(pen, at, "checks"), 100, colour=colour).splitlines()


def test_a_note_has_its_own_word_in_every_screen_and_no_green() -> None:
    assert plain(noted())[-1].split()[3:] == ["note", "left:", "-6", "h", "‹board›"]
    assert "      · note         left: -6 h  ‹board›" in tree(noted())
    [line] = [line for line in tree(noted(), colour=True) if "left: -6 h" in line]
    assert "·" in line and "\x1b[32m" not in line
    [entry, *_] = status_object(outline(), board_of(noted().events), running=False)["entries"]
    assert [one["ok"] for one in entry["checks"]] == [True, None]


def suite(passed: int, *others: Check) -> Story:
    """A suite with this many passed cases, then other lines."""
    cases = [
        check(f"test_{place}", f"{place * 7} ms", f"tests/test_{place}.py")
        for place in range(passed)
    ]
    story = Story()
    story.passes(
        "local_tests",
        check("unit", f"{passed} passed", "pytest", limit="0 failed"),
        *cases,
        *others,
    )
    return story


def test_a_long_series_is_shown_by_its_first_lines_in_tree_and_plain_and_whole_in_json() -> None:
    story = suite(50)
    for shown in (plain(story), tree(story)):
        assert sum("ms  ‹" in line for line in shown) == SERIES_SHOWN
        assert (
            sum(
                f"and {50 - SERIES_SHOWN} more like this: devflow status --output json" in line
                for line in shown
            )
            == 1
        )
    assert (
        json.dumps(status_object(outline(), board_of(story.events), running=False)).count("test_49")
        > 0
    )
    assert newest_fact(board_of(story.events).entry("local_tests")) == "unit 50 passed"


def test_a_series_that_can_be_read_is_left_whole() -> None:
    assert sum("ms  ‹" in line for line in plain(suite(SERIES_LONG))) == SERIES_LONG


def test_the_coverage_of_many_files_is_a_series_of_notes() -> None:
    files = [measure("of", f"{at}.py", quantity(at, "%"), "cov", about=f"{at}") for at in range(50)]
    lines = plain(suite(1, *map(note, files)))
    assert sum("%  ‹cov" in line and " note " in line for line in lines) == SERIES_SHOWN
    assert sum(f"and {50 - SERIES_SHOWN} more like this" in line for line in lines) == 1


def test_nothing_that_somebody_has_to_see_is_part_of_a_series() -> None:
    others = (
        check("test_a", "7 ms", "a", ok=False),
        check("test_b", "7 ms", "b", ok=None, needed=False),
        check("coverage", "7 ms", "c", limit="9 ms"),
        check("AC-1", "test_tabs", "JUnit"),
    )
    shown = "\n".join(plain(suite(50, *others)))
    assert all(f"{one.label}: {one.measured}" in shown for one in others)


def test_figures_that_a_line_has_said_are_for_programs_and_others_are_shown() -> None:
    def of(name: str, words: Figure) -> Measure:
        return measure(name, name, words, "pytest on 1234567", about="unit")

    story = Story()
    story.passes(
        "local_tests",
        fact(of("suite", text("12 passed, 11 failed")), True),
        note(of("suite_passed", count(12, where="passed"))),
        note(of("suite_failed", count(1, where="failed"))),
        note(of("other", count(12, where="passed"))),
    )
    shown = "\n".join(plain(story))
    assert "suite_passed" not in shown
    assert "suite_failed: 1 failed" in shown and "other: 12 passed" in shown
    entries = status_object(outline(), board_of(story.events), running=False)["entries"]
    tests = next(entry for entry in entries if entry["name"] == "local_tests")
    assert len(tests["checks"]) == 4


def test_plain_output_says_once_what_opens_a_deferred_gate() -> None:
    story = at_the_gate()
    story.record("code_review", status=Status.DEFERRED)
    assert (
        sum(line.endswith("devflow --as tech-lead approve code_review") for line in plain(story))
        == 1
    )


def test_an_address_that_several_entries_name_is_said_once() -> None:
    story = Story()
    url = "http://127.0.0.1:8081/acme/carprice/pull/1"
    for name in ("pull_request", "development", "production"):
        story.passes(
            name, product={"url": url if name != "development" else "http://127.0.0.1:3000"}
        )
    shown = [
        line.split()
        for line in tree(story)
        if line.startswith("  ") and line.split()[-1].startswith("http://")
    ]
    assert shown == [["pull", "request", url], ["development", "http://127.0.0.1:3000"]]


def phase_line(story: Story, name: str) -> str:
    """The line of a folded phase in the live picture."""
    at = Moment(outline(), board_of(story.events), BEGAN)
    lines = drawn(lambda pen: live(pen, at, 50), 120).splitlines()
    return next(line for line in lines if f" {name} " in line)


def test_a_finished_phase_is_remembered_by_the_limits_it_kept() -> None:
    story = Story()
    story.passes("pull_request", check("pull request", "#1 open", "x"), took_s=9.0)
    story.passes(
        "code_review",
        check("verdict", "approved", "x"),
        check("approvals", "1 by tech-lead", "x", limit="1"),
    )
    story.passes("jira_sync", check("status", "Code Review", "x"))
    assert "approvals 1 by tech-lead" in phase_line(
        story, "Review"
    ) and "verdict" not in phase_line(story, "Review")


def test_a_finished_phase_without_limits_is_remembered_by_its_longest_work() -> None:
    story = Story()
    story.passes("pull_request", check("pull request", "#1 open", "x"), took_s=9.0)
    story.passes("code_review", check("verdict", "approved", "x"))
    story.record("jira_sync", status=Status.SKIPPED)
    assert "pull request #1 open" in phase_line(story, "Review")
