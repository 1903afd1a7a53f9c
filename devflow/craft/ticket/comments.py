"""Finds the comment that an entry of this run wrote, by the mark that stands in it, and tells
whether it says what it should.

A mark may begin like another one (``...:comment`` and ``...:comment:production``): only the whole
one counts, and only by a hand that counts.
"""

import re
from typing import Final, Iterable, Sequence, TypeVar

from devflow.model.checks import Check, measure, note
from devflow.model.figures import absent
from devflow.model.marks import Mark, newest
from devflow.model.planning import IssueComment
from devflow.model.review import HostComment
from devflow.model.wording import same_words

C = TypeVar("C", IssueComment, HostComment)
STRANGERS: Final = "strangers"
STRANGERS_EVIDENCE: Final = {STRANGERS: "who else left devflow's mark, which does not count"}


def marked(comments: Iterable[C], mark: Mark) -> tuple[C, ...]:
    """Every comment that carries the mark, by whatever hand, oldest first."""
    whole = re.compile(rf"(?<![\w:-]){re.escape(mark.editable)}(?![\w:-])")
    return tuple(comment for comment in comments if whole.search(comment.body))


def marked_comment(comments: Iterable[C], mark: Mark) -> C | None:
    """The comment that holds: the one that this account or another runner wrote last with the
    mark; ``None`` where none did."""
    found = newest(marked(comments, mark))
    return found[-1] if found else None


def says(comments: Iterable[IssueComment], text: str, mark: Mark) -> bool:
    """Whether the comment that holds is this text, whole, and its mark."""
    wanted = f"{text} {mark.editable}"
    return any(same_words(comment.body, wanted) for comment in newest(marked(comments, mark)))


def strangers(comments: Iterable[C], mark: Mark) -> tuple[str, ...]:
    """Who else left the mark, by name, each once."""
    names = []
    for comment in marked(comments, mark):
        if comment.hand == "stranger":
            author = comment.author
            names.append(author if isinstance(author, str) else author.name)
    return tuple(dict.fromkeys(names))


def strangers_checks(people: Sequence[str], source: str) -> tuple[Check, ...]:
    """One note that names everybody whose mark is not counted; nothing where nobody left one."""
    if not people:
        return ()
    why = absent(f"by {', '.join(people)}, who run no devflow here", "")
    return (note(measure(STRANGERS, "marks not counted", why, source)),)
