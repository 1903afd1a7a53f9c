"""Each row of the table of what other people may do: how `devflow ship` ends then, what it says,
and that nothing is there twice.

The story is played once; each row begins from its stage as it was kept.
"""

import re
from collections import Counter
from typing import Iterator

import pytest

from tests.e2e.others.stages import STAGES, Stages
from tests.e2e.others.table import ROWS, SHIP, Row
from tests.e2e.records import documents, processes_of
from tests.e2e.spoil_outside import Outside

MARK = re.compile(r"devflow:[\w:-]+")
IN_ORDER = sorted(ROWS, key=lambda row: STAGES.index(row.stage))
QUICK = [row for row in IN_ORDER if not row.many]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    stages = Stages(tmp_path_factory.mktemp("others"))
    yield stages
    stages.close()


def holds(row: Row, out: Outside, stages: Stages) -> None:
    """The row's end, its sentence and what is left."""
    row.act(out)
    ended = stages.person.ended(*SHIP)
    assert (ended.code, row.says in ended.said) == (row.code, True), ended.said[-4000:]
    if row.left is not None:
        words, is_left = row.left
        assert is_left(out), f"{words}: {ended.said[-4000:]}"
    for then in row.then:
        if then.work is not None:
            then.work(stages.person)
        ended = stages.person.ended(*then.words)
        assert (ended.code, then.says in ended.said) == (then.code, True), ended.said[-4000:]
    assert len(documents(stages.person, "pull")) == row.pulls
    assert _said_twice(stages) == []


def _said_twice(stages: Stages) -> list[str]:
    """Marks that two comments of one place carry."""
    marks: Counter[tuple[str, str, str]] = Counter()
    for document in documents(stages.person, "comment", "issue_comment"):
        for mark in MARK.findall(str(document.body)):
            marks[document.kind, document.owner, mark] += 1
    return [" ".join(mark) for mark, count in marks.items() if count > 1]


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.id)
def test_what_somebody_else_does_has_one_right_end(stages: Stages, row: Row) -> None:
    holds(row, stages.at(row.stage), stages)


def test_what_stands_behind_a_revived_service_runs_again_too(stages: Stages) -> None:
    out = stages.at("live")
    for pid in processes_of(out.checkout.state / "deploys"):
        assert pid
