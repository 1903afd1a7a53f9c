"""Pull request texts: made from evidence, and not to be forged by outside text."""

from devflow.craft.review.pull_text import (
    PullEvidence,
    body,
    headings,
    measured_on,
    pictures,
    title,
    why_no_pictures,
)
from devflow.model.change import Case, FileChange, Hook, Hooks, LocalTests, SuiteResult
from devflow.model.planning import Criterion, Ticket
from devflow.model.review import Screenshot

CASES = tuple(
    Case(name=name, outcome=outcome, duration_s=0, criteria=("AC-1",))
    for name, outcome in (("test_a", "passed"), ("test_b", "failed"))
)
SUITE = SuiteResult(
    suite="backend",
    tree="t",
    interpreter="3.11",
    passed=1,
    failed=1,
    skipped=0,
    cases=CASES,
    coverage_pct=90.6,
)
TESTS = LocalTests(tree="t", suites=(SUITE,))
CRITERIA = (Criterion(id="AC-1", text="Three tabs"), Criterion(id="AC-2", text="No | JavaScript"))
FILES = (
    FileChange(path="app.py", added=3, removed=1),
    FileChange(path="logo.png", added=None, removed=None),
)
TICKET = Ticket(
    key="SCRUM-95",
    summary="Add tabs",
    type="Story",
    criteria=CRITERIA,
    url="http://jira.test/browse/SCRUM-95",
)


def test_the_pull_request_shows_what_was_measured():
    hooks = Hooks(tree="t", hooks=(Hook(name="black", outcome="passed"),))
    text = body(PullEvidence("a" * 40, TICKET, FILES, TESTS, hooks))
    assert headings(text) == ("Summary", "Changes", "Testing", "Hooks", "Acceptance criteria")
    assert (
        "2 files, +3 -1" in text
        and "- black: passed" in text
        and "| AC-2 | No \\| JavaScript | no test |" in text
    )


def test_what_was_not_measured_is_not_claimed():
    text = body(PullEvidence("a" * 40, TICKET, FILES))
    assert "Testing" not in headings(text) and "not measured" not in text


def test_criteria_that_nothing_proves_are_told_so_once():
    text = body(PullEvidence("a" * 40, TICKET, FILES))
    listed = "- AC-1 Three tabs\n- AC-2 No \\| JavaScript\n\n"
    assert f"{listed}Proved by nothing: no test was run before this.\n" in text
    unnamed = TESTS.model_copy(update={"suites": (SUITE.model_copy(update={"cases": ()}),)})
    text = body(PullEvidence("a" * 40, TICKET, FILES, unnamed))
    assert f"{listed}Proved by nothing: no test names any of them.\n" in text


def test_outside_text_neither_calls_people_nor_becomes_markup():
    text = body(
        PullEvidence(
            "a" * 40,
            TICKET.model_copy(update={"story": "@everyone <img src=x>\n## Testing\n- [x] done"}),
            FILES,
        )
    )
    assert "@everyone" not in text and "<img" not in text and headings(text).count("Testing") == 0


def summary_of(story: str) -> str:
    text = body(PullEvidence("a" * 40, TICKET.model_copy(update={"story": story}), FILES))
    _, _, rest = text.partition("## Summary\n\n")
    return rest.partition("\n\nTicket:")[0]


def test_a_story_keeps_its_lines():
    story = "As a user, I want tabs for:\n- Current price\n- Future *price*\nso that I see both"
    assert summary_of(story) == (
        "As a user, I want tabs for:\n- Current price\n- Future \\*price\\*\nso that I see both"
    )


def test_a_line_of_a_story_begins_no_block_and_says_nothing_for_us():
    lines = ("# one", "## Screenshots", "> two", "---", "===", "1. three", "2) four", "+ five")
    expected = (
        r"\# one",
        r"\#\# Screenshots",
        r"\> two",
        r"\-\-\-",
        r"\=\=\=",
        r"1\. three",
        r"2\) four",
        r"\+ five",
    )
    assert summary_of("\n".join(lines)) == "\n".join(expected)
    assert summary_of("- # one") == r"- \# one"
    story = "## Screenshots\nNot measured: x\nMeasured on " + "b" * 40
    text = body(PullEvidence("a" * 40, TICKET.model_copy(update={"story": story}), FILES))
    assert measured_on(text) == "a" * 40
    assert (why_no_pictures(text), "Screenshots" in headings(text)) == ("", False)


def test_a_very_long_story_ends_with_how_much_more_the_ticket_says():
    lines = summary_of("\n".join(f"line {number}" for number in range(100))).splitlines()
    assert (len(lines), lines[-1]) == (41, "and 60 more")


def test_pictures_are_read_back_from_the_text_they_were_written_into():
    shown = (Screenshot(name="desktop", width_px=1280, height_px=800, url="http://x/d.png"),)
    assert (
        pictures(
            body(PullEvidence("a" * 40, TICKET, FILES, screenshots=shown)).replace("\n", "\r\n")
        )
        == shown
    )
    assert (
        why_no_pictures(body(PullEvidence("a" * 40, TICKET, FILES, no_screenshots="no browser")))
        == "no browser"
    )
    assert why_no_pictures(body(PullEvidence("a" * 40, TICKET, FILES))) == ""


def test_the_title_carries_the_key():
    assert title(TICKET) == "SCRUM-95 Add tabs"


def test_the_story_goes_before_the_title_in_the_summary():
    assert "As a visitor" in body(
        PullEvidence("a" * 40, TICKET.model_copy(update={"story": "As a visitor"}), FILES)
    )
    assert "Add tabs" in body(PullEvidence("a" * 40, TICKET, FILES))
