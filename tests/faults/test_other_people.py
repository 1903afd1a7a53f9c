"""Every act of other people at every stage at which it can happen: the run ends with a documented
code, a second `ship` ends alike and adds nothing, and nothing is there twice.

The one right end of each act at its own stage is that of the table. About 250 trials of a few
seconds each; an act that the services refuse at a stage cannot happen there.
"""

from collections import Counter
from typing import Callable, Final, Iterator

import pytest

from tests.e2e.others.holding import holds, said_twice
from tests.e2e.others.stages import STAGES, Ended, Stages
from tests.e2e.others.table import ROWS, SHIP, Row
from tests.e2e.records import documents
from tests.e2e.spoil_outside import Outside

Act = Callable[[Outside], None]
LONG: Final = sorted((row for row in ROWS if row.many), key=lambda row: STAGES.index(row.stage))
ACTS: Final = tuple(dict.fromkeys(row.act for row in ROWS))
ENDS: Final = (0, 1, 6, 8)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    stages = Stages(tmp_path_factory.mktemp("others"))
    yield stages
    stages.close()


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_somebody_does_at_a_stage_has_an_end_that_stays(
    stages: Stages, stage: str
) -> None:
    tried = []
    wrong = []
    for act in ACTS:
        out = stages.at(stage)
        if _can_happen(act, out):
            tried.append(act.__name__)
            wrong += [f"{act.__name__}: {problem}" for problem in _problems(stages)]
    assert wrong == []
    assert len(tried) >= 10


def _can_happen(act: Act, out: Outside) -> bool:
    """Does it; false where the services refuse it, or there is nothing to do it to."""
    try:
        act(out)
    except (AssertionError, LookupError, StopIteration):
        return False
    return True


def _problems(stages: Stages) -> Iterator[str]:
    first = stages.person.ended(*SHIP)
    yield from _of_one(first)
    held = _counted(stages)
    second = stages.person.ended(*SHIP)
    yield from _of_one(second)
    if first.code != second.code:
        yield f"ended with {first.code}, then with {second.code}"
    if held != _counted(stages):
        yield "the second ship added something"
    yield from said_twice(stages)
    if len(documents(stages.person, "pull")) > 2:
        yield "more than two pull requests"


def _of_one(ended: Ended) -> Iterator[str]:
    if ended.code not in ENDS:
        yield f"ended with {ended.code}: {ended.said[-300:]}"
    for word in ("CRASHED", "Traceback", "devflow itself failed"):
        if word in ended.said:
            yield f"{word} in {ended.said[-1500:]}"


def _counted(stages: Stages) -> Counter[str]:
    return Counter(document.kind for document in documents(stages.person))


@pytest.mark.parametrize("row", LONG, ids=lambda row: row.id)
def test_what_somebody_else_does_has_one_right_end(stages: Stages, row: Row) -> None:
    fresh = stages
    holds(row, fresh.at(row.stage), fresh)
