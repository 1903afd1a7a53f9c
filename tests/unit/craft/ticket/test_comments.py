"""A comment is known by the mark that stands in it, and by the hand that left it."""

from datetime import datetime, timedelta, timezone

import pytest

from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.craft.ticket.comments import marked_comment, says, strangers, strangers_checks
from devflow.model.marks import Hand, Hands, Mark
from devflow.model.planning import IssueComment, Person

MONDAY = datetime(2024, 1, 15, 9, 0, tzinfo=timezone.utc)
MARK = Mark(run="SCRUM-95", entry="closure", verb="comment")


def left(body: str, hand: Hand = "mine", at_min: int = 0, name: str = "x") -> IssueComment:
    return IssueComment(
        id=f"{at_min}",
        author=Person(id=name, name=name),
        body=body,
        created=MONDAY,
        hand=hand,
        updated=MONDAY + timedelta(minutes=at_min),
    )


def test_a_comment_is_found_by_its_whole_mark_only() -> None:
    bodies = [
        "[devflow:SCRUM-95:closure:comment:closing]",
        "[devflow:SCRUM-95:closure:comment]",
        "devflow:SCRUM-95:closure:commented",
    ]
    comments = [left(body, at_min=at) for at, body in enumerate(bodies)]
    comment = marked_comment(comments, MARK)
    assert comment is not None and comment.id == "1"
    assert marked_comment(comments[:1], MARK) is None


def test_of_several_runners_the_last_one_holds_and_a_stranger_never() -> None:
    sign = f"[{MARK.editable}]"
    mine = left(f"first {sign}", "mine", 1)
    bots = left(f"second {sign}", "runner", 2)
    planted = left(f"third {sign}", "stranger", 3, "mallory")
    comments = [planted, mine, bots, planted]
    assert marked_comment(comments, MARK) == bots
    assert says(comments, "second", MARK)
    assert not says(comments, "first", MARK) and not says(comments, "third", MARK)
    edited = left(f"first {sign}", "mine", 3)
    assert says([bots, edited, planted], "first", MARK)
    assert strangers(comments, MARK) == ("mallory",)
    (told,) = strangers_checks(("mallory",), "SCRUM-95 comments")
    assert told.measured == "by mallory, who run no devflow here"
    assert told.ok is None and strangers_checks((), "x") == ()


def test_where_the_clock_tells_two_runners_not_apart_either_may_say_it() -> None:
    sign = f"[{MARK.editable}]"
    comments = [left(f"first {sign}", "mine", 1), left(f"second {sign}", "runner", 1)]
    assert says(comments, "first", MARK) and says(comments, "second", MARK)


def test_an_account_is_known_by_any_of_its_names_and_by_no_empty_one() -> None:
    hands = Hands.of(("Jose", ""), ("acme-ci[bot]", "bot@acme.example"))
    found = [hands.hand(name) for name in ("jose", "ACME-ci[bot]", "acme-ci", "")]
    assert found == ["mine", "runner", "stranger", "stranger"]
    assert hands.hand("7", "Bot@acme.example") == "runner"


@pytest.mark.parametrize(
    "text",
    [
        "**Deployment**\n\n- Production: 6e50922b266c live in production",
        "- [#1](https://host/pull/1), head `abc`\n- __bold__ and a\\_b &amp; c < d",
    ],
)
def test_a_comment_says_a_text_whole_or_not_at_all(text: str) -> None:
    comments = [left(to_markdown(to_adf(text, f"[{MARK.editable}]")))]
    assert says(comments, text, MARK)
    assert not says(comments, f"{text} today", MARK)
    assert not says(comments, text.replace("-", "- more", 1), MARK)
    assert not says([], text, MARK)
