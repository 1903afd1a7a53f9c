"""SIGKILL after each outside write of the tiny story, its reply lost: the same command goes on to
the same end, nothing twice.

The points come from a recorded run, so a new verb is covered by itself; the kills of a stage follow
one on the other. Every single point is tried by `make faults`.
"""

from typing import Iterator

import pytest

from tests.crash.killed_story import KilledStory, reply_lost
from tests.e2e.story import STORY


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledStory]:
    story = KilledStory(tmp_path_factory.mktemp("kills"))
    yield story
    story.close()


def test_the_points_reach_every_stage_and_verb(story: KilledStory) -> None:
    chosen = reply_lost(story.points)
    assert sum(map(len, chosen.values())) >= 20 and all(
        chosen[stage] for stage in range(len(STORY))
    )


@pytest.mark.parametrize("stage", range(len(STORY)))
def test_a_stage_that_is_killed_after_its_writes_ends_as_if_it_had_not_been(
    story: KilledStory, stage: int
) -> None:
    assert story.killed_at(stage, *reply_lost(story.points)[stage]) == ""
