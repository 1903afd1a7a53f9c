"""The tiny story, stage by stage, each begun again from a kept folder and killed at certain points:
what is left.

A kept folder holds no running process. So every stage begins as after a power cut, with and without
a kill: what is compared differs by the kill alone.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.ui.board import board_of
from tests import forked
from tests.crash import launcher
from tests.crash.power_cut import end_processes
from tests.e2e.checkout import COMMAND_S, KEY, KILLED, copied, tiny_checkout
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
# what a stage starts to go on after it: the sandbox, the services, and what stands before them
STAYING = ("devflow.sandbox", "svc.app", "keeper.py", "haproxy")
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
        self.took_s: list[float] = []
        for number, stage in enumerate(STORY):
            stage.people(self._checkout)
            end_processes(self._checkout.folder)
            copied(self._checkout.folder, self._kept(number))
            passed = folder / f"passed-{number}"
            begun_s = time.monotonic()
            assert self._command(passed, number) == stage.exit_code, (
                self._checkout.folder,
                number,
            )
            self.took_s.append(time.monotonic() - begun_s)
            self.points += _points(number, passed.read_text().splitlines())
            self.ends.append(self._left())

    def killed_at(self, stage: int, *points: Point) -> str:
        """Plays a stage with a kill at each point; answers what is otherwise than without, empty
        where nothing is."""
        passed = self._begin_again(stage)
        codes = [self._command(passed, stage, *points)]
        while codes[-1] == KILLED and len(codes) <= len(points):
            codes.append(self._command(passed, stage, *points))
        said = f"stage {stage}, {', '.join(map(str, points))}"
        if codes != [KILLED] * len(points) + [STORY[stage].exit_code]:
            return f"{said}: ended with {codes}"
        return self._otherwise(stage, said)

    def killed_after(self, stage: int, *delays_s: float) -> str:
        """Plays a stage with a kill after each of these times; answers as ``killed_at`` does."""
        passed = self._begin_again(stage)
        for delay_s in delays_s:
            child = self._checkout.started(self._argv(passed, stage))
            with suppress(subprocess.TimeoutExpired):
                child.wait(delay_s)
            child.kill()
            child.wait()
        said = f"stage {stage}, after {', '.join(f'{delay_s:.2f} s' for delay_s in delays_s)}"
        code = self._command(passed, stage)
        if code != STORY[stage].exit_code:
            return f"{said}: ended with {code}"
        return self._otherwise(stage, said)

    def signalled_at(self, stage: int, point: Point, number: int, within_s: float) -> str:
        """Plays a stage with a signal at a point, which has to end it in time and leave nothing
        running; then goes on, and answers as ``killed_at`` does."""
        passed = self._begin_again(stage)
        said = f"stage {stage}, {point}, signal {number}"
        before = set(processes_of(self._checkout.folder))
        code, took_s = self._signalled(stage, point, number)
        left = self._others(before)
        again = self._command(passed, stage)
        wrong = ""
        if code not in (128 + number, STORY[stage].exit_code):
            wrong = f"ended with {code}"
        elif took_s > within_s:
            wrong = f"took {took_s:.1f} s to end"
        elif left:
            wrong = f"left {left}"
        elif again != STORY[stage].exit_code:
            wrong = f"then ended with {again}"
        return f"{said}: {wrong}" if wrong else self._otherwise(stage, said)

    def _signalled(self, stage: int, point: Point, number: int) -> tuple[int, float]:
        """How a command ended that got a signal at a point, and how long it took to."""
        at = self._folder / "signalled"
        at.unlink(missing_ok=True)
        env = {"DEVFLOW_TEST_SIGNAL": str(number), "DEVFLOW_TEST_SIGNALLED": str(at)}
        argv = self._argv(self._folder / "passed", stage, point)
        child = self._checkout.started(argv, **env)
        code = child.wait(COMMAND_S)
        return code, time.time() - float(at.read_text())

    def _others(self, before: set[int]) -> list[str]:
        """What runs in the checkout now, did not before, and is not there to stay."""
        left = []
        for pid, arguments in processes_of(self._checkout.folder).items():
            if pid not in before and not any(one in arguments for one in STAYING):
                left.append(arguments)
        return left

    def twice(self, stage: int) -> int:
        """What is there more often than without a kill."""
        left = self._left()
        more = left["documents"] - self.ends[stage]["documents"]
        return sum(more.values()) + len(left["work logged twice"])

    def _begin_again(self, stage: int) -> Path:
        end_processes(self._checkout.folder)
        shutil.rmtree(self._checkout.folder)
        copied(self._kept(stage), self._checkout.folder)
        passed = self._folder / "passed"
        passed.unlink(missing_ok=True)
        return passed

    def _otherwise(self, stage: int, said: str) -> str:
        end = self.ends[stage]
        left = self._left()
        return "; ".join(
            f"{said}: {key} {_difference(end[key], left[key])}"
            for key in end
            if end[key] != left[key]
        )

    def close(self) -> None:
        """Ends everything that the story left running."""
        end_processes(self._checkout.folder)

    def _kept(self, stage: int) -> Path:
        return self._folder / f"before-{stage}"

    def _argv(self, passed: Path, stage: int, *points: Point) -> list[str]:
        return [sys.executable, "-m", *self._words(passed, stage, *points)]

    def _words(self, passed: Path, stage: int, *points: Point) -> list[str]:
        wanted = "\n".join(map(str, points))
        return ["tests.crash.launcher", str(passed), wanted, STORY[stage].command, KEY]

    def _command(self, passed: Path, stage: int, *points: Point) -> int:
        argv = tuple(self._words(passed, stage, *points))
        ran = forked.run(
            launcher.main,
            argv,
            self._checkout.folder,
            self._checkout.env({}),
            COMMAND_S,
        )
        return ran.returncode

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
            _count_running(processes_of(home).values()),
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


def _count_running(command_lines: Iterable[str]) -> int:
    """How many processes there are, haproxy's own as one: beside its workers, those of before a
    change drain for as long as their clients please."""
    lines = list(command_lines)
    proxies = [line for line in lines if "haproxy -W" in line]
    return len(lines) - len(proxies) + len(set(proxies))


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
            (f"<{commits[sha]}>" for sha in commits if sha.startswith(found[0])),
            found[0],
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
