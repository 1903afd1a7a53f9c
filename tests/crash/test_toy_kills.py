"""SIGKILL before and after every journal event and every outside write of the toy story: the same
end, nothing twice.

Each `ship` is a process of its own, forked from one without threads; the points are enumerated from
a recorded run, so a new event or write is covered by itself.
"""

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.crash.toy_ship import Killer, ship
from tests.forked import ends_with
from tests.standins.toy_world import World
from tests.unit.engine.story import Story

STAGES: tuple[dict[str, str], ...] = (
    {},
    {"draft": "one"},
    {"points": "one=1"},
    {"draft": "two", "points": "two=5"},
    {"gate": "two=yes"},
)


class Whole:
    """The story without a kill: the folder before each stage, the points passed, and the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passed_before: list[int] = []
        now = folder / "now"
        now.mkdir()
        (now / "points").touch()
        for number in range(len(STAGES)):
            self._passed_before.append(len(_points(now)))
            shutil.copytree(now, folder / str(number))
            _stage(now, number, 0)
        self.points = _points(now)
        self.end = _end(now)

    def killed(self, at: int) -> dict[str, Any]:
        """The world at the end of a story with a kill at this point, begun with its stage."""
        first = max(n for n, passed in enumerate(self._passed_before) if passed < at)
        folder = self._folder / f"killed-{at}"
        shutil.copytree(self._folder / str(first), folder)
        for number in range(first, len(STAGES)):
            _stage(folder, number, at)
        return _end(folder)


def _stage(folder: Path, number: int, kill_at: int) -> None:
    Story(folder).people(**STAGES[number])
    hook = Killer(folder / "points", kill_at)
    while ends_with(ship, folder, hook) == -signal.SIGKILL:
        continue


def _points(folder: Path) -> list[str]:
    return (folder / "points").read_text().splitlines()


def _end(folder: Path) -> dict[str, Any]:
    state = World(folder / "world.json").state()
    state.pop("comment_calls")
    return state


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(tmp_path_factory.mktemp("toy"))


def test_a_kill_at_any_point_ends_in_the_same_world(whole: Whole) -> None:
    end = whole.end
    assert len(whole.points) > 60
    wrong = []
    for at, point in enumerate(whole.points, start=1):
        found = whole.killed(at)
        # an act that cannot be repeated is shown, not repeated: killed between intent and effect it
        # has not happened
        if found != end and not (
            point in ("after intent", "before act")
            and {**end, "acted": None} == {**found, "acted": None}
        ):
            wrong.append((at, point, found))
    assert wrong == []
    assert end["acted"] == ["notify"] and len(end["comments"]) == 4
