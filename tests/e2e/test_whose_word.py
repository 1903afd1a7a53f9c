"""Whose words and marks count, on the command line: a laptop begins a ticket, a CI bot goes on, the
laptop ends it; a stranger copies marks, and people say things that only look like an approval.

The story is played once, in the file's order.
"""

import json
import re
from collections import Counter
from typing import Any, Iterator

import pytest

from devflow.adapters.jira.adf import to_adf
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.messages import error_of
from tests.e2e.records import documents, events
from tests.e2e.spoil_outside import ISSUE, Outside
from tests.e2e.story import approves, approves_production, first_change

RUNNERS = """  host: {runners: [jose, devops]}
  tracker: {project: SCRUM, runners: [jose.rubio@example.com, devops@example.com]}
"""
PLANTED = (f"devflow:{KEY}:jira_sync:comment", f"devflow:{KEY}:closure:comment:closing")
MARK = re.compile(rf"devflow:{KEY}:[\w:-]+")
CONVERSATION = "/issues/1/comments"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The story up to the production gate: begun by the laptop, gone on with by the bot."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("shared") / "tiny")
    try:
        checkout.edit("pipeline.yaml", r"  tracker: \{project: SCRUM\}\n", RUNNERS)
        checkout.git("commit", "--quiet", "--all", "--message", "who runs devflow")
        checkout.ends(0, "start", KEY)
        for mark in PLANTED:
            body = {"body": to_adf("All is well.", f"[{mark}]")}
            Outside(checkout).jira("POST", f"{ISSUE}/comment", body, "security")
        first_change(checkout)
        checkout.ends(8, "ship", KEY)
        approves(checkout)
        checkout.ends(8, "--as", "devops", "ship", KEY)
        yield checkout
    finally:
        checkout.close()


def line_of(checkout: Checkout) -> str:
    """The line that approves production, as the gate asks for it."""
    asked = events(checkout, "waited")[-1]["waiting"]["keep"]
    return f"devflow: approve {asked['gate']} {asked['version']} at {asked['sha']}"


def says(checkout: Checkout, person: str, text: str) -> Any:
    return Outside(checkout).github(person, "POST", CONVERSATION, {"body": text})


def waiting_for(checkout: Checkout) -> str:
    return str(checkout.status()["waiting_for"])


def test_a_deferred_gate_says_whose_word_is_missing(shared: Checkout) -> None:
    assert "approval by devops (devops)" in shared.ends(0, "status", KEY)


def test_a_question_that_quotes_the_line_approves_nothing(shared: Checkout) -> None:
    says(shared, "devops", f"Does this deploy?\n\n```\n{line_of(shared)}\n```")
    said = shared.ends(8, "ship", KEY)
    why = "devops: the line does not stand alone at the comment's beginning"
    assert waiting_for(shared) == f"approval by devops ({why})" and why in " ".join(said.split())
    assert shared.statuses()["production"] == "deferred"


def test_who_has_no_role_is_told_who_may_and_writes_nothing(shared: Checkout) -> None:
    before = documents(shared, "issue_comment")
    message = error_of(shared.devflow("--as", "tech-lead", "approve", "production", KEY), 4)
    assert "tech-lead has no role at production" in message
    assert "who may: devops: devops" in message
    assert documents(shared, "issue_comment") == before


def test_an_edited_word_is_said_again_as_a_comment_of_its_own(shared: Checkout) -> None:
    made = says(shared, "devops", "I shall look at it")
    Outside(shared).github(
        "devops", "PATCH", f"/issues/comments/{made['id']}", {"body": line_of(shared)}
    )
    approves_production(shared)
    bodies = [one.body["body"] for one in documents(shared, "issue_comment")]
    assert [body.partition("\n")[0] for body in bodies].count(line_of(shared)) == 2


def test_the_laptop_ends_what_the_bot_went_on_with(shared: Checkout) -> None:
    shared.ends(0, "ship", KEY)
    assert shared.statuses()["production"] == "passed"


def test_no_mark_stands_twice_by_one_hand_and_no_hand_edits_another_s(shared: Checkout) -> None:
    left: Counter[tuple[str, str]] = Counter()
    for one in documents(shared, "comment", "issue_comment", "worklog"):
        author = one.body.get("author") or one.body.get("user")
        for mark in MARK.findall(json.dumps(one.body)):
            left[mark, author] += 1
        assert one.body.get("update_author", author) == author
    assert set(left.values()) == {1}, left
    hands: dict[str, set[str]] = {}
    for mark, author in left:
        hands.setdefault(mark, set()).add(author)
    assert hands[PLANTED[0]] == {"security", "jose"}
    assert hands[PLANTED[1]] == {"security", "devops", "jose"}
    assert len(documents(shared, "pull")) == 1 and len(documents(shared, "remotelink")) == 2


def test_a_stranger_s_mark_is_named_once_where_it_was_passed_over(shared: Checkout) -> None:
    named = {}
    for entry in shared.status()["entries"]:
        told = [one["measured"] for one in entry["checks"] if one["id"] == "strangers"]
        if told:
            named[entry["name"]] = told
    words = ["by Security Review, who run no devflow here"]
    assert named == {"jira_sync": words, "closure": words}
