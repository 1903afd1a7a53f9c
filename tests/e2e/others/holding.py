"""Plays a row of the table, and says what is there twice."""

import re
from collections import Counter

from tests.e2e.others.stages import Stages
from tests.e2e.others.table import SHIP, Row
from tests.e2e.records import documents
from tests.e2e.spoil_outside import Outside

MARK = re.compile(r"devflow:[\w:-]+")


def holds(row: Row, out: Outside, stages: Stages) -> None:
    """The row's end, its sentence and what is left."""
    row.act(out)
    ended = stages.person.ended(*SHIP)
    assert (ended.code, row.says in ended.said) == (row.code, True), ended.said[-4000:]
    if row.left is not None:
        words, is_left = row.left
        assert is_left(out), f"{words}: {ended.said[-4000:]}"
    for then in row.then:
        ended = stages.person.ended(*then.words)
        assert (ended.code, then.says in ended.said) == (then.code, True), ended.said[-4000:]
    assert len(documents(stages.person, "pull")) == row.pulls
    assert said_twice(stages) == []


def said_twice(stages: Stages) -> list[str]:
    """Marks that two comments of one place carry."""
    marks: Counter[tuple[str, str, str]] = Counter()
    for document in documents(stages.person, "comment", "issue_comment"):
        for mark in MARK.findall(str(document.body)):
            marks[document.kind, document.owner, mark] += 1
    return [" ".join(mark) for mark, count in marks.items() if count > 1]
