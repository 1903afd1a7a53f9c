"""A comment is known by the mark that stands in it."""

from datetime import datetime, timezone

import pytest

from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.craft.ticket.comments import marked_comment, says
from devflow.model.marks import Mark
from devflow.model.planning import IssueComment, Person

MONDAY = datetime(2024, 1, 15, 9, 0, tzinfo=timezone.utc)


def test_a_comment_is_found_by_its_whole_mark_only() -> None:
    mark = Mark(run="SCRUM-95", entry="closure", verb="comment")
    bodies = [
        "[devflow:SCRUM-95:closure:comment:closing]",
        "[devflow:SCRUM-95:closure:comment]",
        "devflow:SCRUM-95:closure:comment",
    ]
    person = Person(id="1", name="x")
    comments = [
        IssueComment(id=str(at), author=person, body=body, created=MONDAY)
        for at, body in enumerate(bodies)
    ]
    comment = marked_comment(comments, mark)
    assert comment is not None and comment.id == "1"
    assert marked_comment(comments[:1], mark) is None


@pytest.mark.parametrize(
    "text",
    [
        "**Deployment**\n\n- Production: 6e50922b266c live in production",
        "- [#1](https://host/pull/1), head `abc`\n- __bold__ and a\\_b &amp; c < d",
    ],
)
def test_a_comment_says_a_text_whole_or_not_at_all(text: str) -> None:
    mark = Mark(run="SCRUM-95", entry="closure", verb="comment")
    body = to_markdown(to_adf(text, f"[{mark.editable}]"))
    comment = IssueComment(id="1", author=Person(id="1", name="x"), body=body, created=MONDAY)
    assert says(comment, text, mark)
    assert not says(comment, f"{text} today", mark)
    assert not says(comment, text.replace("-", "- more", 1), mark)
    assert not says(None, text, mark)
