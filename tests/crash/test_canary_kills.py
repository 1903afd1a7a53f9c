"""Whole commands that decide on a canary, killed on their way on the command line while users ask:
each point is tried by `make faults`."""

from typing import Iterator

import pytest

from tests.crash.canary_story import CanaryStory


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryStory]:
    story = CanaryStory(tmp_path_factory.mktemp("canary"))
    yield story
    story.close()


@pytest.mark.parametrize("by_ship", [False, True], ids=["said again", "then ship"])
def test_a_promotion_that_is_killed_before_it_ends_the_version_before_goes_on(
    story: CanaryStory, by_ship: bool
) -> None:
    points = story.points("promote")
    before_it_ends = next(point for point in points if point.startswith("os.killpg SIGTERM"))
    assert story.killed_at("promote", before_it_ends, by_ship=by_ship) == ""


def test_a_promotion_that_is_killed_before_it_decides_leaves_the_canary_held(
    story: CanaryStory,
) -> None:
    assert story.killed_at("promote", story.points("promote")[1], by_ship=True) == ""
