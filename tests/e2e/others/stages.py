"""The tiny story, played once and stopped at each stage, for what other people do at that stage.

A stage is put back as it was with everything left running: the sandbox keeps its process, since its
file is written through and not replaced.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash.power_cut import end_processes
from tests.e2e.checkout import KEY, Checkout, copied, tiny_checkout
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import (
    approves,
    approves_production,
    asks_for_changes,
    first_change,
    second_change,
)

CODING: Final = "coding"
REVIEW: Final = "review"
CHANGES: Final = "changes asked for"
REVIEWED: Final = "approved"
GATE: Final = "production gate"
APPROVED: Final = "production approved"
LIVE: Final = "live"
STAGES: Final = (CODING, REVIEW, CHANGES, REVIEWED, GATE, APPROVED, LIVE)


@dataclass(frozen=True)
class Ended:
    """How a command ended, and everything that it printed."""

    code: int
    said: str


class Person(Checkout):
    """The checkout of the ticket's developer."""

    def ended(self, *words: str) -> Ended:
        """A command with these words."""
        ran = self.devflow(*words, COLUMNS="200")
        return Ended(ran.returncode, ran.stdout + ran.stderr)


class Stages:
    """The story, played as far as it was asked for, each stage kept in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.person = Person(tiny_checkout(folder / "tiny").folder)
        self._played: list[str] = []

    def at(self, stage: str) -> Outside:
        """The world as it is at a stage. Stages are asked for in the story's order."""
        if stage not in self._played:
            if self._played:
                self._put_back(self._played[-1])
            for name in STAGES[len(self._played) : STAGES.index(stage) + 1]:
                self._play(name)
        else:
            self._put_back(stage)
        return Outside(self.person)

    def close(self) -> None:
        """Ends everything that the story left running."""
        end_processes(self.person.folder)

    def _play(self, stage: str) -> None:
        person = self.person
        match stage:
            case "coding":
                person.ends(0, "start", KEY)
            case "review":
                first_change(person)
                person.ends(8, "ship", KEY)
            case "changes asked for":
                asks_for_changes(person)
                person.ends(8, "ship", KEY)
            case "approved":
                second_change(person)
                person.ends(8, "ship", KEY)
                approves(person)
            case "production gate":
                person.ends(8, "ship", KEY)
            case "production approved":
                approves_production(person)
            case "live":
                person.ends(0, "ship", KEY)
        self._played.append(stage)
        copied(person.folder, self._kept(stage))

    def _kept(self, stage: str) -> Path:
        return self._folder / stage.replace(" ", "-")

    def _put_back(self, stage: str) -> None:
        """Everything but the sandbox's file is replaced; what was deployed since is ended, and what
        serves as it did then keeps its files."""
        kept = self._kept(stage)
        left = [self.person.state / "sandbox" / "sandbox.db"]
        for environment in ("development", "production"):
            place = self.person.state / "deploys" / environment
            if _serving(self.person.folder, environment) == _serving(kept, environment):
                left.append(place)
            else:
                end_processes(place)
        self._clear(self.person.folder, left)
        for path in kept.rglob("*"):
            here = self.person.folder / path.relative_to(kept)
            if path.is_dir() and not path.is_symlink():
                here.mkdir(exist_ok=True)
            elif not any(one in (here, *here.parents) for one in left):
                shutil.copy2(path, here, follow_symlinks=False)
        with closing(sqlite3.connect(kept / ".git/devflow/sandbox/sandbox.db")) as before:
            with closing(sqlite3.connect(left[0])) as now:
                before.backup(now)

    def _clear(self, folder: Path, left: list[Path]) -> None:
        for path in folder.iterdir():
            if path in left:
                continue
            if path.is_dir() and not path.is_symlink():
                self._clear(path, left)
                if not any(path.iterdir()):
                    path.rmdir()
            else:
                path.unlink()


def _serving(folder: Path, environment: str) -> str:
    """What is held there of an environment, as text; empty where nothing was deployed."""
    file = folder / ".git/devflow/deploys" / environment / "state.json"
    return file.read_text() if file.exists() else ""
