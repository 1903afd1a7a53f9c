"""Commit messages: made from evidence, and not to be forged by outside text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.commit.message import Content, kind_of, message, rework_summary, subject
from devflow.model.change import Case, FileChange, LocalTests, SuiteResult
from devflow.model.outcomes import SendBack
from devflow.model.planning import Criterion, Ticket

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


def test_the_subject_is_conventional_names_the_ticket_and_keeps_acronyms():
    assert subject(Content("feat", "SCRUM-95", "Add tabs")) == "feat: SCRUM-95 add tabs"
    assert (
        subject(Content("fix", "SCRUM-95", "CSS is broken", "the old form"))
        == "fix!: SCRUM-95 CSS is broken"
    )


@given(st.text())
def test_a_subject_has_at_most_72_characters_on_one_line(summary):
    line = subject(Content("refactor", "SCRUM-95", summary, "x"))
    assert len(line) <= 72 and line.isprintable()


def ticket(issue_type, parent_type=""):
    return Ticket(key="SCRUM-95", summary="Tabs", type=issue_type, parent_type=parent_type)


@pytest.mark.parametrize(
    "issue_type, kind",
    [
        ("Bug", "fix"),
        ("Fehler", "fix"),
        ("Story", "feat"),
        ("New Feature", "feat"),
        ("Task", "chore"),
        ("Tâche", "chore"),
        ("Spike", "docs"),
        ("Documentation", "docs"),
    ],
)
def test_the_issue_type_gives_the_commits_type(issue_type, kind):
    assert kind_of(ticket(issue_type), {"spike": "docs"}) == kind


def test_what_the_pipeline_says_of_an_issue_type_goes_before_the_usual_type():
    assert kind_of(ticket("Task"), {"Task": "feat"}) == "feat"


def test_a_sub_task_is_of_its_parents_type_unless_its_own_is_named():
    assert kind_of(ticket("Sub-task", "Bug"), {}) == "fix"
    assert kind_of(ticket("Sub-task", "Story"), {}) == "feat"
    assert kind_of(ticket("Sub-task"), {}) == "feat"
    assert kind_of(ticket("Sub-task", "Bug"), {"sub-task": "chore"}) == "chore"


def test_a_plain_subject_is_the_key_and_the_tickets_words():
    content = Content("feat", "SCRUM-95", "Add tabs", style="plain")
    assert subject(content) == "SCRUM-95 Add tabs"


def test_the_message_says_what_changed_and_which_test_proves_what():
    text = message(Content("feat", "SCRUM-95", "Add tabs", "", FILES, CRITERIA, TESTS))
    assert "- app.py +3 -1\n- logo.png binary\n" in text
    assert "- AC-1 Three tabs (test_a, test_b (failed))\n- AC-2 No | JavaScript (no test)" in text
    assert "- backend tests: 1 passed, 1 failed, 0 skipped, coverage 91 %" in text
    assert text.endswith("\n\nCloses SCRUM-95\n")


def test_criteria_that_nothing_proves_are_told_so_once():
    listed = "- AC-1 Three tabs\n- AC-2 No | JavaScript\n- proved by nothing: "
    text = message(Content("feat", "SCRUM-95", "Add tabs", "", FILES, CRITERIA))
    assert f"{listed}no test was run before this\n" in text
    unnamed = TESTS.model_copy(update={"suites": (SUITE.model_copy(update={"cases": ()}),)})
    text = message(Content("feat", "SCRUM-95", "Add tabs", "", FILES, CRITERIA, unnamed))
    assert f"{listed}no test names any of them\n" in text


def test_a_breaking_change_stands_in_subject_and_footer():
    text = message(Content("feat", "SCRUM-95", "Drop v1", "GET /v1 is gone"))
    assert (
        text.startswith("feat!: ") and "BREAKING CHANGE: GET /v1 is gone\nCloses SCRUM-95" in text
    )


@given(st.text())
def test_a_ticket_cannot_forge_a_trailer(hostile):
    said = f"{hostile}\nSigned-off-by: mallory"
    text = message(Content("feat", "SCRUM-95", said, "", (), (Criterion(id="AC-1", text=said),)))
    assert not any(line.startswith("Signed-off-by") for line in text.splitlines())


def test_a_single_to_do_is_the_subject_of_its_round():
    one = SendBack(
        to="coding",
        why="tech-lead asked for changes",
        todo=("app.py:18 tech-lead: Consider adding loading states",),
    )
    assert rework_summary(one) == "Consider adding loading states"
    assert (
        rework_summary(one.model_copy(update={"todo": ("a: b", "c: d")}))
        == "tech-lead asked for changes"
    )
