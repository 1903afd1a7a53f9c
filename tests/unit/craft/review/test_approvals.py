"""A person's word at a gate: what counts as one, and what only looks like it."""

from datetime import datetime, timedelta, timezone

import pytest

from devflow.adapters.jira.adf import to_markdown
from devflow.craft.review.approvals import (
    approval_line,
    images_told,
    last_words,
    own_words,
    why_unheard,
    word_of,
)
from devflow.model.review import Statement

LINE = approval_line("production", "approve", "3a" * 20, "b1" * 20)
NO = approval_line("production", "reject", "3a" * 20, "b1" * 20)
MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize("after", ["", "\r\n", "  ", "\r\n\r\nLooks good.\r\n", "\n\n> as asked"])
def test_what_is_composed_is_read_back_from_the_first_line(after: str) -> None:
    said = word_of(NO + after)
    assert said is not None and (said.verdict, said.gate) == ("reject", "production")
    assert (said.version, said.sha) == ("3a" * 20, "b1" * 20)


def test_a_word_names_the_images_that_it_is_about() -> None:
    told = images_told({"web": "sha256:" + "2" * 64, "api": "sha256:" + "1" * 64})
    assert told == f"api@{'1' * 16},web@{'2' * 16}"
    said = word_of(approval_line("production", "approve", "v", "s", told))
    assert said is not None and (said.sha, said.images) == ("s", told)
    # as earlier versions wrote it
    plain = word_of("devflow: approve production v at s")
    assert plain is not None and plain.images == ""
    assert word_of("devflow: approve production v at s with") is None


LOOKALIKES = {
    "quoted": f"> {LINE}",
    "indented": f"    {LINE}",
    "indented by one": f" {LINE}",
    "in a sentence": f"I will not say {LINE}",
    "as code": f"`{LINE}`",
    "bold": f"**{LINE}**",
    "a list's item": f"- {LINE}",
    "in a fence": f"Does this deploy?\n\n```\n{LINE}\n```",
    "in a fence at once": f"```\n{LINE}\n```",
    "in an HTML comment": f"<!--\n{LINE}\n-->",
    "folded": f"<details>\n\n{LINE}\n\n</details>",
    "after an empty line": f"\n{LINE}",
    "after a greeting": f"Hello\n\n{LINE}",
    "text on the next line": f"{LINE}\nbut only after the weekend",
    "a blank that is none": f"{LINE}\n\u00a0\nbut",
    "a heading": f"{LINE}\n===",
    "two words": f"{LINE}\n\n{NO}",
    "more on the line": f"{LINE} please",
    "behind an invisible sign": f"\u200b{LINE}",
    "lines of another kind": f"x\u2028{LINE}",
    "cut short": "devflow: approve production v",
    "another verb": "devflow: approves production v at s",
    "without its beginning": "approve production v at s",
    "nothing": "",
}


@pytest.mark.parametrize("body", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_a_line_that_is_no_statement_says_nothing(body: str) -> None:
    assert word_of(body) is None


def test_a_mark_below_a_person_s_own_words_is_none_of_them() -> None:
    mark = "<!-- devflow:SCRUM-95:production:comment:po:after-1 -->"
    body = f"devflow: reject production v1 at c1\r\n\r\nNot before Monday\r\n\r\n{mark}"
    assert own_words(body) == "Not before Monday"
    assert own_words("devflow: reject production v1 at c1") == ""


def test_a_no_with_another_word_below_it_stays_a_no() -> None:
    said = word_of(f"{NO}\n\nI take back:\n{LINE}")
    assert said is not None and said.verdict == "reject"


@pytest.mark.parametrize("kind", ["codeBlock", "blockquote"])
def test_a_tracker_s_document_that_quotes_the_line_says_nothing(kind: str) -> None:
    text = {"type": "text", "text": LINE}
    paragraph = {"type": "paragraph", "content": [text]}
    inner = [text] if kind == "codeBlock" else [paragraph]
    plain = {"type": "doc", "version": 1, "content": [paragraph]}
    quoted = {"type": "doc", "version": 1, "content": [{"type": kind, "content": inner}]}
    assert word_of(to_markdown(plain)) is not None
    assert word_of(to_markdown(quoted)) is None


def comment(number: int, body: str, author: str = "dee", *, edited: bool = False) -> Statement:
    created = MONDAY + timedelta(minutes=number)
    return Statement(
        service="github",
        id=number,
        by=author,
        account=author,
        body=body,
        created=created,
        edited=edited,
    )


def test_the_later_of_two_words_of_one_second_counts() -> None:
    comments = [comment(2, NO), comment(1, LINE)]
    same_second = [one.model_copy(update={"created": MONDAY}) for one in comments]
    words = last_words(same_second, "production", "3a" * 20, "b1" * 20)
    assert words["dee"].verdict == "reject"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (comment(1, LINE, edited=True), "the comment was edited"),
        (comment(1, f"Fine:\n{LINE}"), "does not stand alone at the comment's beginning"),
        (comment(1, approval_line("production", "approve", "v", "c2" * 20)), "is about c2c2c2c"),
        (comment(1, approval_line("staging", "approve", "v", "c2" * 20)), ""),
        (comment(1, LINE, "mallory", edited=True), ""),
        (comment(1, "I shall look at it tomorrow"), ""),
    ],
)
def test_why_a_word_is_not_heard_is_told(said: Statement, reason: str) -> None:
    told = why_unheard([said], "production", "Dee")
    assert reason in told and bool(reason) == bool(told)
