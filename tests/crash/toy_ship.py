"""One `ship` of the toy story in a process of its own, which a point may kill."""

import os
import signal
from pathlib import Path
from typing import Callable

from devflow.engine.ledger import Ledger
from devflow.engine.runner import Runner
from tests.standins.toy_world import RUN, FileJournal, World, plan_of, tools_of


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


def ship(folder: Path, hook: Callable[[str], None]) -> None:
    """Ships what is in the folder, and calls the hook at each point."""
    world = World(folder / "world.json", hook)
    journal = FileJournal(folder / "journal.jsonl", hook)
    plan = plan_of()
    Runner(plan, tools_of(world), Ledger(plan, RUN, journal, world)).run()
