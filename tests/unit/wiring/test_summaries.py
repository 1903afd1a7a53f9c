"""The row of the run that a command is about: the ticket typed, the branch's, or the only one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from devflow.adapters.git.head import Head
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.machine.file_lock import hold_file
from devflow.engine.fingerprint import EPOCH
from devflow.model.events import Opened
from devflow.model.summary import Summary, made_from
from devflow.wiring.summaries import line_of, run_line

PIPELINE: Final = "devflow: 1\n"


class Place:
    """A checkout with a journal, as the summary reads it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git = root / ".git"
        self.git.mkdir()
        (root / "pipeline.yaml").write_text(PIPELINE)

    def keep(self, run: str, pipeline: str = PIPELINE) -> None:
        """A run that is done with 3 of 29 entries."""
        journal = SqliteJournal(self.git / "devflow" / "journal.db")
        event = Opened(at=datetime(2026, 1, 5, tzinfo=UTC), run=run, command="ship", epoch=EPOCH)
        summary = Summary(made_from(pipeline), "SCRUM", "waiting", 3, 29, "review")
        journal.append(event, summary=summary)
        journal.close()

    def head(self, branch: str) -> Head:
        """On this branch."""
        return Head(self.root, self.git, branch)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Without any run."""
    return Place(tmp_path)


def run_of(place: Place, branch: str, typed: str = "") -> str | None:
    """The run that is told of."""
    line = run_line(place.head(branch), typed)
    return line.run if line else None


def test_the_ticket_that_was_typed_is_meant_whatever_the_branch_says(place: Place) -> None:
    place.keep("SCRUM-95")
    place.keep("SCRUM-96")
    assert run_of(place, "feature/SCRUM-96-x", "SCRUM-95") == "SCRUM-95"


def test_else_the_branchs_ticket(place: Place) -> None:
    place.keep("SCRUM-95")
    place.keep("SCRUM-96")
    assert run_of(place, "feature/SCRUM-96-x") == "SCRUM-96"


def test_else_the_only_run(place: Place) -> None:
    place.keep("SCRUM-95")
    assert run_of(place, "main") == "SCRUM-95"


@pytest.mark.parametrize(
    ("branch", "typed"),
    [
        ("main", ""),
        ("feature/SCRUM-97-x", ""),
        ("feature/SCRUM-95-and-SCRUM-96", ""),
        ("main", "no ticket"),
        ("main", "SCRUM-97"),
    ],
)
def test_where_the_row_is_not_enough_nothing_is_said(place: Place, branch: str, typed: str) -> None:
    place.keep("SCRUM-95")
    place.keep("SCRUM-96")
    assert run_of(place, branch, typed) is None


def test_a_branch_of_another_project_is_nobodys(place: Place) -> None:
    place.keep("OTHER-1")
    assert run_of(place, "feature/OTHER-1-x") is None


def test_a_row_of_another_pipeline_says_nothing(place: Place) -> None:
    place.keep("SCRUM-95", "devflow: 1\n# as it was\n")
    assert run_of(place, "main") is None


def test_without_a_journal_or_a_pipeline_nothing_is_said(place: Place) -> None:
    assert run_of(place, "main") is None
    place.keep("SCRUM-95")
    (place.root / "pipeline.yaml").unlink()
    assert run_of(place, "main") is None


def test_somebody_who_works_on_it_is_told(place: Place) -> None:
    place.keep("SCRUM-95")
    head = place.head("main")
    waiting = line_of(head, "")
    lock = place.git / "devflow" / "locks" / f"{quote('SCRUM-95', safe='')}.lock"
    with hold_file(lock, 1.0):
        running = line_of(head, "")
    assert waiting is not None and running is not None
    assert "3/29" in waiting and "3/29" in running
    assert waiting != running
    assert line_of(head, "") == waiting
