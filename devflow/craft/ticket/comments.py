"""Finds the comment that an entry of this run wrote, by the mark that stands in it, and tells
whether it says what it should.

A mark may begin like another one (``...:comment`` and ``...:comment:production``): only the whole
one counts.
"""

import re
from html import unescape
from typing import Iterable

from devflow.model.marks import Mark
from devflow.model.planning import IssueComment


def marked_comment(comments: Iterable[IssueComment], mark: Mark) -> IssueComment | None:
    """The oldest comment that carries the mark, which is the one that the tracker edits; ``None``
    where none does."""
    whole = re.compile(rf"(?<![\w:-]){re.escape(mark.editable)}(?![\w:-])")
    for comment in comments:
        if whole.search(comment.body):
            return comment
    return None


def says(comment: IssueComment | None, text: str, mark: Mark) -> bool:
    """Whether a comment is this text, whole, and its mark.

    Word for word: a tracker that keeps documents gives back another Markdown of the same words.
    """
    return comment is not None and _words(comment.body) == _words(f"{text} {mark.editable}")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unescape(text))
