"""SIGKILL before and after every journal event and every outside write of the tiny story: the same
end, nothing twice.

About 530 points, each two commands: three quarters of an hour on 2 cores.
"""

from typing import Iterator

import pytest

from tests.crash.killed_story import KilledStory
from tests.e2e.story import STORY


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledStory]:
    story = KilledStory(tmp_path_factory.mktemp("kills"))
    yield story
    story.close()


@pytest.mark.parametrize("stage", range(len(STORY)))
def test_a_kill_at_any_point_of_a_stage_ends_as_if_it_had_not_been(
    story: KilledStory, stage: int
) -> None:
    points = [point for point in story.points if point.stage == stage]
    assert len(points) > 20
    wrong = [problem for point in points if (problem := story.killed_at(stage, point))]
    assert wrong == []
