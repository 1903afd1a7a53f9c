"""Each row of the table of what other people may do: how `devflow ship` ends then, what it says,
and that nothing is there twice; the rows that take long are tried by `make faults`.

The story is played once; each row begins from its stage as it was kept.
"""

from typing import Iterator

import pytest

from tests.e2e.others.holding import holds
from tests.e2e.others.page import PAGE, page_with, section
from tests.e2e.others.stages import STAGES, Stages
from tests.e2e.others.table import ROWS, Row

QUICK = sorted((row for row in ROWS if not row.many), key=lambda row: STAGES.index(row.stage))


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    stages = Stages(tmp_path_factory.mktemp("others"))
    yield stages
    stages.close()


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.id)
def test_what_somebody_else_does_has_one_right_end(stages: Stages, row: Row) -> None:
    holds(row, stages.at(row.stage), stages)


def test_the_page_shows_the_table_that_is_tested() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(section())
