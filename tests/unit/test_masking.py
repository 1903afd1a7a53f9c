"""A secret that a step meets in the world outside reaches neither the journal nor a screen."""

import errno
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.machine.secrets import Mask
from devflow.commands.heard import Heard
from devflow.commands.ship import Shown
from devflow.engine.plan import Plan
from devflow.model.checks import Status
from devflow.model.events import Broke, Event
from devflow.model.project import Project
from devflow.ui.outline import Outline
from devflow.wiring.stdout import OutputLost

SECRET = 'ghp_"quoted\\secret'


def broke() -> Broke:
    text = f"GitHub answered: token {SECRET} is wrong"
    now = datetime.now(timezone.utc)
    return Broke(
        at=now,
        run="A-1",
        entry="push",
        fingerprint="",
        status=Status.FAILED,
        exit_code=4,
        message=text,
        trace=text,
    )


def show(screen: Any, mask: Callable[[str], str]) -> Shown:
    """What hands the events of a run without entries to a screen."""
    plan = Plan((), (), Project())
    return Shown(screen, Heard(plan, Outline("A-1"), (), mask))


def test_neither_the_journal_nor_a_screen_gets_a_secret(tmp_path: Path) -> None:
    mask = Mask()
    shown = list[Event]()
    mask.register(SECRET)
    journal = SqliteJournal(tmp_path / "journal.db", mask=mask)
    journal.append(broke())
    show(shown.append, mask)(broke())
    journal.close()
    journal_bytes = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for text in (SECRET, json.dumps(SECRET)[1:-1]):
        assert text.encode() not in journal_bytes
        assert all(text not in event.model_dump_json() for event in shown)
    assert "***" in journal.events("A-1")[0].message


def test_an_output_that_is_lost_is_told_once_and_not_asked_again() -> None:
    calls: list[Event] = []
    told: list[OutputLost] = []

    def gone(event: Event) -> None:
        calls.append(event)
        raise OutputLost(BrokenPipeError(errno.EPIPE, "Broken pipe"))

    screen = show(gone, str)
    screen.on_loss = told.append
    screen(broke())
    screen(broke())
    assert len(calls) == 1
    assert [error.why for error in told] == ["standard output was closed"]
