"""A comment is known by the mark that stands in it."""

from datetime import datetime, timezone

from devflow.craft.ticket.comments import marked_comment
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
