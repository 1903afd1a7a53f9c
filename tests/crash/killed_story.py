"""The tiny story, stage by stage, each begun again from a kept folder and killed at certain points:
what is left.

A kept folder holds no running process. So every stage begins as after a power cut, with and without
a kill: what is compared differs by the kill alone.
"""

import json
import os
import re
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.ui.board import board_of
from tests.e2e.checkout import KEY, KILLED, tiny_checkout
from tests.e2e.records import Document, documents, events, processes_of, remote_git
from tests.e2e.story import STORY

MARK = re.compile(r"devflow:[\w:-]+")
SHA = re.compile(r"\b[0-9a-f]{7,40}\b")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
OTHERS = (
    "person",
    "ports",
    "board",
    "sprint",
    "project",
    "repository",
    "component",
    "version",
    "worklog",
)  # the scenario
POINT = re.compile(r"(before|after) (\w+)\.(\w+)")


@dataclass(frozen=True)
class Point:
    """The ``count``-th time that a stage passes a point of this name."""

    stage: int
    name: str
    count: int

    def __str__(self) -> str:
        return f"{self.name} #{self.count}"


class KilledStory:
    """The recorded story: the folder before each stage, what each stage left, and the points that
    it passed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checkout = tiny_checkout(folder / "tiny")
        self.points: list[Point] = []
        self.ends: list[dict[str, Any]] = []
        for number, stage in enumerate(STORY):
            stage.people(self._checkout)
            self._end_processes()
            shutil.copytree(self._checkout.folder, self._kept(number), symlinks=True)
            passed = folder / f"passed-{number}"
            assert self._command(passed, number) == stage.exit_code, (self._checkout.folder, number)
            self.points += _points(number, passed.read_text().splitlines())
            self.ends.append(self._left())

    def killed_at(self, stage: int, *points: Point) -> str:
        """Plays a stage with a kill at each point; answers what is otherwise than without, empty
        where nothing is."""
        self._end_processes()
        shutil.rmtree(self._checkout.folder)
        shutil.copytree(self._kept(stage), self._checkout.folder, symlinks=True)
        passed = self._folder / "passed"
        passed.unlink(missing_ok=True)
        codes = [self._command(passed, stage, *points)]
        while codes[-1] == KILLED and len(codes) <= len(points):
            codes.append(self._command(passed, stage, *points))
        said = f"stage {stage}, {', '.join(map(str, points))}"
        if codes != [KILLED] * len(points) + [STORY[stage].exit_code]:
            return f"{said}: ended with {codes}"
        end = self.ends[stage]
        left = self._left()
        return "; ".join(
            f"{said}: {key} {_difference(end[key], left[key])}"
            for key in end
            if end[key] != left[key]
        )

    def close(self) -> None:
        """Ends everything that the story left running."""
        self._end_processes()

    def _kept(self, stage: int) -> Path:
        return self._folder / f"before-{stage}"

    def _command(self, passed: Path, stage: int, *points: Point) -> int:
        launcher = [
            sys.executable,
            "-m",
            "tests.crash.launcher",
            str(passed),
            "\n".join(map(str, points)),
        ]
        return self._checkout.run([*launcher, STORY[stage].command, KEY]).returncode

    def _end_processes(self) -> None:
        while left := processes_of(self._checkout.folder):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _left(self) -> dict[str, Any]:
        """What a stage left outside and in the journal, without ids, times and the names of
        commits."""
        return {
            "entries": self._entries(),
            "documents": self._documents(),
            "refs": self._refs(),
            "work logged twice": self._logged_twice(),
            "branch": self._checkout.git("branch", "--show-current"),
            "tree": self._checkout.git("status", "--porcelain"),
            "deployed": {name: self._deployed(name) for name in ("development", "production")},
        }

    def _entries(self) -> dict[str, tuple[str, int]]:
        board = board_of(
            SqliteJournal(self._checkout.state / "journal.db", read_only=True).events(KEY)
        )
        names = events(self._checkout, "opened")[0]["entries"]
        return {name: (board.entry(name).status.value, board.entry(name).round) for name in names}

    def _refs(self) -> dict[str, tuple[str, ...]]:
        """Each ref of the remote as the subjects and trees on the way to it: one commit a round,
        each with its files."""
        names = remote_git(self._checkout, "for-each-ref", "--format=%(refname)").splitlines()
        return {
            name: tuple(remote_git(self._checkout, "log", "--format=%T %s", name).splitlines())
            for name in names
        }

    def _deployed(self, environment: str) -> tuple[str, tuple[str, ...], int]:
        """The version that serves, those that are held, and how many processes there are."""
        home = self._checkout.state / "deploys" / environment
        state = (
            json.loads((home / "state.json").read_text())
            if (home / "state.json").exists()
            else {"current": "", "held": []}
        )
        return (
            state["current"],
            tuple(held["version"] for held in state["held"]),
            len(processes_of(home)),
        )

    def _logged_twice(self) -> list[str]:
        """The rounds whose work was logged more than once; whether a round's work is worth a minute
        depends on the clock."""
        marks = [
            mark
            for log in documents(self._checkout, "worklog")
            for mark in MARK.findall(json.dumps(log.body))
        ]
        return [mark for mark, count in Counter(marks).items() if count > 1]

    def _documents(self) -> Counter[str]:
        commits = remote_git(self._checkout, "log", "--all", "--format=%H %s").splitlines()
        names = dict(line.split(" ", 1) for line in commits)
        return Counter(_masked(one, names) for one in documents(self._checkout) if _told(one))


def _masked(document: Document, commits: dict[str, str]) -> str:
    """A document's text; commits are named by their subject, ids and numbers by nothing."""
    said = json.dumps(document.body)
    if "Retrospective" in said:
        # its figures are this run's own times and counts, so only that it is there, and whose it
        # is, can be compared
        said = " ".join(MARK.findall(said))
    said = UUID.sub("<id>", f"{document.kind} {document.owner} {said}")
    named = SHA.sub(
        lambda found: next(
            (f"<{commits[sha]}>" for sha in commits if sha.startswith(found[0])), found[0]
        ),
        said,
    )
    return re.sub(r"\d+", "N", named)


def _told(document: Document) -> bool:
    return document.kind not in OTHERS and (document.kind != "issue" or document.key == KEY)


def _points(stage: int, names: list[str]) -> list[Point]:
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(Point(stage, name, seen[name]))
    return found


def _difference(wanted: Any, found: Any) -> str:
    if isinstance(wanted, Counter):
        return (
            f"lost {list((wanted - found).elements())}, added {list((found - wanted).elements())}"
        )
    if isinstance(wanted, dict):
        return str(
            {
                key: (wanted.get(key), found.get(key))
                for key in {*wanted, *found}
                if wanted.get(key) != found.get(key)
            }
        )
    return f"{wanted!r} became {found!r}"


def reply_lost(points: list[Point]) -> dict[int, list[Point]]:
    """By stage: after each verb where the story first says it, at least one: the effect is there,
    its reply is not."""
    after = [
        point for point in points if point.name.startswith("after ") and POINT.fullmatch(point.name)
    ]
    first = {point.name: point for point in reversed(after)}
    staged = {point.stage: point for point in reversed(after)}
    chosen = {*first.values(), *staged.values()}
    return {
        stage: [point for point in after if point in chosen and point.stage == stage]
        for stage in staged
    }
