"""A secret that a step meets in the world outside reaches neither the journal, nor a screen, nor
what a later step is made from, nor the tracker and the code host."""

import errno
import json
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.masking.secrets import Mask
from devflow.commands.heard import Heard
from devflow.commands.ship import Shown
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan
from devflow.model.checks import Status
from devflow.model.ci import Annotation, CheckReport
from devflow.model.declared.project import Project
from devflow.model.events import Broke, Event, Tick
from devflow.model.marks import Mark
from devflow.model.masking import masked_json
from devflow.ports.code_host import CodeHost
from devflow.ui.outline import Outline
from devflow.wiring.masked_port import MaskedPort
from devflow.wiring.stdout import OutputLost

SECRET = 'ghp_"quoted\\secret'
NOW = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)


@pytest.fixture
def mask() -> Mask:
    mask = Mask()
    mask.register(SECRET)
    return mask


def broke(text: str = f"GitHub answered: token {SECRET} is wrong") -> Broke:
    return Broke(
        at=NOW,
        run="A-1",
        entry="push",
        fingerprint="",
        status=Status.FAILED,
        exit_code=4,
        message=text,
        trace=text,
    )


def show(screen: Any) -> Shown:
    """What hands the events of a run without entries to a screen."""
    plan = Plan((), (), Project())
    return Shown(screen, Heard(plan, Outline("A-1"), ()))


def test_neither_journal_nor_screen_nor_a_later_step_gets_a_secret(
    tmp_path: Path, mask: Mask
) -> None:
    shown = list[Event]()
    journal = SqliteJournal(tmp_path / "journal.db")
    clock: Any = SimpleNamespace(now=lambda: NOW)
    plan = Plan((), (), Project())
    ledger = Ledger(plan, "A-1", journal, clock, (show(shown.append),)).hiding(mask)
    ledger.emit(broke())
    ledger.emit(broke(f"over two lines: {SECRET[:9]}\n\t{SECRET[9:]}"))
    ledger.emit(Tick(at=NOW, run="A-1", entry="push", text=f"at {SECRET[:9]}\x1b[1m{SECRET[9:]}"))
    journal.close()
    journal_bytes = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    kept = str(ledger.state.of("push"))
    for text in (SECRET, json.dumps(SECRET)[1:-1], SECRET[9:]):
        assert text.encode() not in journal_bytes and text not in kept
        assert all(text not in event.model_dump_json() for event in shown)
    assert journal.events("A-1")[0].message == "GitHub answered: token *** is wrong"
    assert len(shown) == 3


def test_the_journal_masks_also_what_no_run_wrote(tmp_path: Path, mask: Mask) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", mask=mask)
    journal.append(broke())
    assert "***" in journal.events("A-1")[0].message


def test_the_name_of_a_member_is_masked_unless_a_field_could_be_called_so(mask: Mask) -> None:
    mask.register("ghp_aNameOfLetters1")
    mask.register("message")
    text = json.dumps({"ghp_aNameOfLetters1": 1, "message": "a message", "tab": "\t"})
    assert json.loads(masked_json(text, mask)) == {"***": 1, "message": "a ***", "tab": "\t"}


def test_what_goes_to_the_code_host_holds_no_secret_and_keeps_its_mark(mask: Mask) -> None:
    said: list[Any] = []

    class Host:
        def pull(self, number: int) -> str:
            return SECRET

        def comment(self, *args: Any, **kwargs: Any) -> None:
            said.extend((args, kwargs))

        put_check = comment

    host = MaskedPort(CodeHost, Host(), mask)
    mark = Mark(run="A-1", entry="x", verb="comment")
    host.comment(7, f"it printed {SECRET}", slot="a", mark=mark)
    assert said == [(7, "it printed ***"), {"slot": "a", "mark": mark}]
    annotation = Annotation(path="a.py", line=1, title="t", message=f"has {SECRET}")
    report = CheckReport(name="n", conclusion="failure", title="t", summary=SECRET)
    host.put_check("s", report.model_copy(update={"annotations": (annotation,)}))
    assert SECRET not in str(said[2]) and said[2][1].annotations[0].message == "has ***"
    assert host.pull(7) == SECRET


def test_an_output_that_is_lost_is_told_once_and_not_asked_again() -> None:
    calls: list[Event] = []
    told: list[OutputLost] = []

    def gone(event: Event) -> None:
        calls.append(event)
        raise OutputLost(BrokenPipeError(errno.EPIPE, "Broken pipe"))

    screen = show(gone)
    screen.on_loss = told.append
    screen(broke())
    screen(broke())
    assert len(calls) == 1
    assert [error.why for error in told] == ["standard output was closed"]
