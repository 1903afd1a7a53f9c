"""Finds the comment that an entry of this run wrote, by the mark that stands in it.

A mark may begin like another one (``...:comment`` and ``...:comment:production``): only the whole
one counts.
"""

import re
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
