"""SIGKILL before and after every journal event and every outside write of the toy story: the same
end, nothing twice.

Each `ship` is a forked process; the points are enumerated from a recorded run, so a new event or
write is covered by itself.
"""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any, Callable

import pytest

from devflow.engine.ledger import Ledger
from devflow.engine.runner import Runner
from tests.standins.toy_world import RUN, FileJournal, World, plan_of, tools_of
from tests.unit.engine.story import Story

STAGES: tuple[dict[str, str], ...] = (
    {},
    {"draft": "one"},
    {"points": "one=1"},
    {"draft": "two", "points": "two=5"},
    {"gate": "two=yes"},
)
FORK = multiprocessing.get_context("fork")


class Killer:
    """Kills its own process at the point with this number; counts the points of all processes
    through a file."""

    def __init__(self, counter: Path, at: int) -> None:
        self._counter = counter
        self._at = at

    def __call__(self, point: str) -> None:
        with self._counter.open("a") as lines:
            lines.write(point + "\n")
        if len(self._counter.read_text().splitlines()) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def _ship(folder: Path, hook: Callable[[str], None]) -> None:
    world = World(folder / "world.json", hook)
    plan = plan_of()
    Runner(
        plan, tools_of(world), Ledger(plan, RUN, FileJournal(folder / "journal.jsonl", hook), world)
    ).run()


def _forked(folder: Path, hook: Callable[[str], None]) -> int:
    child = FORK.Process(target=_ship, args=(folder, hook))
    child.start()
    child.join(60)
    return child.exitcode if child.exitcode is not None else -1


def play(folder: Path, kill_at: int = 0) -> tuple[dict[str, Any], list[str]]:
    """The whole story with one kill; answers the world at the end and the points passed."""
    folder.mkdir()
    counter = folder / "points"
    counter.touch()
    people = Story(folder)
    for stage in STAGES:
        people.people(**stage)
        while _forked(folder, Killer(counter, kill_at)) == -signal.SIGKILL:
            continue
    state = people.world.state()
    state.pop("comment_calls")
    return state, counter.read_text().splitlines()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    return play(tmp_path_factory.mktemp("toy") / "whole")


def test_a_kill_at_any_point_ends_in_the_same_world(
    tmp_path: Path, whole: tuple[dict[str, Any], list[str]]
) -> None:
    end, points = whole
    assert len(points) > 60
    wrong = []
    for at in range(1, len(points) + 1):
        found, _ = play(tmp_path / str(at), at)
        # an act that cannot be repeated is shown, not repeated: killed between intent and effect it
        # has not happened
        if found != end and not (
            points[at - 1] in ("after intent", "before act")
            and {**end, "acted": None} == {**found, "acted": None}
        ):
            wrong.append((at, points[at - 1], found))
    assert wrong == []
    assert end["acted"] == ["notify"] and len(end["comments"]) == 4
