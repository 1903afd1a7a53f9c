"""What an earlier release left is taken up: a finished run is only shown, an unfinished one goes on
to the same end, and nothing outside is done twice.

The worlds are as that release left them after each stage, with every process gone.
"""

import json
import re
import sqlite3
import tarfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Callable, Iterator

import pytest

from devflow.engine.fold import RunState
from devflow.engine.standing import is_frozen
from devflow.model.events import EVENT, Event, Opened, Recorded
from devflow.ui.board import board_of
from tests.e2e.checkout import KEY, Checkout
from tests.e2e.records import documents, events, files, remote_git, transitions
from tests.e2e.story import STORY

RELEASE = Path(__file__).parents[1] / "releases" / "0.1.0"
STAGES = ("your_turn", "in_review", "production_waits", "done")
# how many stages of the story had been played when the release left
PLAYED = {"your_turn": 1, "in_review": 2, "production_waits": 5}


def journal(file: Path) -> list[Event]:
    """Every event of a journal, each as this release reads it."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        rows = connection.execute("SELECT body FROM events ORDER BY seq").fetchall()
    return [EVENT.validate_json(body) for (body,) in rows]


@pytest.fixture
def left_at(tmp_path: Path) -> Iterator[Callable[[str], Checkout]]:
    """A function that unpacks the tiny project as it stood after a stage."""
    checkouts: list[Checkout] = []

    def unpack(stage: str) -> Checkout:
        folder = tmp_path / stage
        with tarfile.open(RELEASE / "tiny" / f"{stage}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        checkouts.append(Checkout(folder))
        return checkouts[-1]

    yield unpack
    for checkout in checkouts:
        checkout.close()


@pytest.mark.parametrize("stage", STAGES)
def test_every_event_of_the_demo_is_read_and_only_the_finished_run_is_frozen(stage: str) -> None:
    past = journal(RELEASE / "demo" / f"{stage}.db")
    assert is_frozen(past) is (stage == "done")
    state = RunState(past)
    board = board_of(past)
    entries = next(event for event in past if isinstance(event, Opened)).entries
    recorded = [name for name in entries if state.of(name).record]
    newest = {event.entry: event.status for event in past if isinstance(event, Recorded)}
    assert {name: newest[name] for name in recorded} == {
        name: state.of(name).record.status for name in recorded
    }
    assert all(board.entry(name).status is not None for name in entries)


def test_a_finished_run_is_shown_and_not_a_byte_is_written(
    left_at: Callable[[str], Checkout],
) -> None:
    checkout = left_at("done")
    heard = events(checkout)
    before = files(checkout.folder, "-wal", "-shm", ".lock", "sandbox.json", "sandbox.log")
    shown = checkout.ends(0, "ship", KEY, "--output", "plain")
    assert "finished by an earlier release: only shown" in shown
    assert f"{KEY} is done" in shown
    checkout.ends(0, "sandbox", "down")
    after = files(checkout.folder, "-wal", "-shm", ".lock", "sandbox.json", "sandbox.log")
    assert _without_databases(after) == _without_databases(before)
    assert events(checkout) == heard
    statuses = checkout.statuses()
    assert len(statuses) == 29 and set(statuses.values()) == {"passed", "unavailable"}
    foreseen = checkout.ends(0, "plan", KEY, "--output", "plain")
    assert "29 stand" in foreseen and "0 writes" in foreseen


@pytest.mark.parametrize("stage", sorted(PLAYED))
def test_an_unfinished_run_goes_on_to_the_same_end_and_nothing_is_done_twice(
    stage: str, left_at: Callable[[str], Checkout]
) -> None:
    checkout = left_at(stage)
    earlier = events(checkout, "wrote")
    if stage != "your_turn":
        # what the earlier release was asked to wait for is waited for again, on today's records
        checkout.ends(8, "ship", KEY)
    for one in STORY[PLAYED[stage] :]:
        one.people(checkout)
        checkout.ends(one.exit_code, one.command, KEY)
    assert checkout.status()["state"] == "done"
    assert events(checkout, "wrote")[: len(earlier)] == earlier
    _done_once(checkout)


def _done_once(checkout: Checkout) -> None:
    """Exactly one of every outside effect."""
    assert transitions(checkout) == [
        "To Do → In Progress",
        "In Progress → Code Review",
        "Code Review → Testing",
        "Testing → Done",
    ]
    kinds = Counter(document.kind for document in documents(checkout))
    assert (kinds["pull"], kinds["remotelink"]) == (1, 2)
    # the months since the first round are work of the second: one log a round at the most
    logs = [json.dumps(document.body) for document in documents(checkout, "worklog")]
    marks = [re.findall(rf"devflow:{KEY}:[\w:-]+", log) for log in logs]
    assert 1 <= len(marks) <= 2 and len({mark[0] for mark in marks}) == len(marks)
    assert len(documents(checkout, "comment", "issue_comment")) == 6
    branch = checkout.git("branch", "--show-current")
    assert len(remote_git(checkout, "log", "--format=%s", branch).splitlines()) == 3
    assert len(remote_git(checkout, "log", "--format=%s", "main").splitlines()) == 2


def _without_databases(digests: dict[str, str]) -> dict[str, str]:
    """The files whose bytes say something of the run: SQLite rewrites its own header when it is
    opened, and whose the folder is was not yet written down then, nor kept from others."""
    kept = ("identity.json", "remote.git/config", ".db")
    return {path: digest for path, digest in digests.items() if not path.endswith(kept)}
