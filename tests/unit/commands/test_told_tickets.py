"""Which tickets a version belongs to that was taken back, and how it is said that they are told."""

import errno
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Iterator, cast

import pytest

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.commands.deploys.changing import write_changes
from devflow.commands.deploys.told_tickets import brought_by_entry, tell_tickets
from devflow.craft.ticket.closing import no_longer_live
from devflow.model.checks import Status
from devflow.model.environments import Change, Environment, Told, Verdict
from devflow.model.events import Broke, Damaged
from devflow.ui.pages.environment_changes import told_lines
from devflow.wiring.options import Options
from devflow.wiring.stdout import OutputLost
from devflow.wiring.workspace import Workspace
from tests.ui import environments
from tests.ui.story import RUN, Story

TAKEN_BACK = environments.taken_back()
VERSION = TAKEN_BACK.rolled_back


def production(status: Status = Status.PASSED, version: str = VERSION, entry: str = "") -> Story:
    """One run, that came to production with a version."""
    story = Story()
    name = entry or "production"
    product = {"environment": TAKEN_BACK.name, "version": version, "rolled_back": ""}
    story.start(name)
    story.record(name, status=status, product=product)
    return story


def kept(tmp_path: Path, story: Story) -> SqliteJournal:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append(*story.events)
    return journal


def test_a_ticket_whose_version_serves_is_found_with_the_entry_that_brought_it(
    tmp_path: Path,
) -> None:
    journal = kept(tmp_path, production())
    assert brought_by_entry(journal, RUN, TAKEN_BACK) == "production"
    elsewhere = TAKEN_BACK.model_copy(update={"name": "development"})
    assert not brought_by_entry(journal, RUN, elsewhere)


@pytest.mark.parametrize(
    "story", [production(version=environments.STABLE), production(status=Status.FAILED)]
)
def test_a_ticket_with_another_version_or_whose_canary_was_taken_back_is_not(
    story: Story, tmp_path: Path
) -> None:
    assert not brought_by_entry(kept(tmp_path, story), RUN, TAKEN_BACK)


def test_a_ticket_is_found_after_a_later_command_saw_that_its_version_was_taken_back(
    tmp_path: Path,
) -> None:
    story = production()
    refused = {"status": Status.FAILED, "exit_code": 9, "message": "was rolled back"}
    story.add(Broke, entry="production", fingerprint="f", **refused)
    assert brought_by_entry(kept(tmp_path, story), RUN, TAKEN_BACK) == "production"


def test_a_ticket_is_found_where_what_followed_in_its_run_is_damaged(tmp_path: Path) -> None:
    story = production()
    story.passes("closure")
    journal = kept(tmp_path, story)
    journal.close()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute("DELETE FROM events WHERE number = 3")
        connection.commit()
    assert any(isinstance(one, Damaged) for one in journal.events(RUN))
    assert brought_by_entry(journal, RUN, TAKEN_BACK) == "production"


def test_two_entries_that_brought_it_make_one_comment_by_the_first(tmp_path: Path) -> None:
    story = production()
    story.events += production(entry="again").events
    assert brought_by_entry(kept(tmp_path, story), RUN, TAKEN_BACK) == "production"


def test_a_journal_that_cannot_be_read_holds_no_way_back_up(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_text("no journal" * 100)
    journal = SqliteJournal(tmp_path / "journal.db")
    workspace = cast(Workspace, SimpleNamespace(journal=journal))
    (told,) = tell_tickets(Options(tmp_path), workspace, TAKEN_BACK)
    assert not told.ticket and "is damaged" in told.problem


def test_the_comment_says_what_was_taken_back_when_and_by_whom_and_what_serves() -> None:
    verdict = Verdict(version=VERSION, at=environments.NOW, by="dee")
    back = environments.taken_back().model_copy(update={"verdicts": (verdict,)})
    said = no_longer_live(RUN, back)
    assert said == (
        f"SCRUM-95 is no longer live in production: {VERSION[:12]} was taken back "
        f"{environments.NOW:%Y-%m-%d %H:%M} by dee, and {back.version[:12]} serves there again."
    )


def test_a_ticket_that_cannot_be_told_is_named_with_what_tells_it() -> None:
    told = (
        Told(ticket="A-1"),
        Told(ticket="A-2", problem="JIRA\x1b[2J does\nnot answer"),
        Told(ticket="", problem="the journal is damaged"),
    )
    again = "devflow rollback production tries again"
    nobody = "no ticket was told, since none could be looked for"
    assert list(told_lines(told, "production")) == [
        "  A-1 says so",
        f"  A-2 does not say so: JIRA does not answer; {again}",
        f"  {nobody}: the journal is damaged; {again}",
    ]


@pytest.mark.parametrize("output", ["plain", "json"])
def test_what_was_done_is_said_before_any_ticket_is_told(
    output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    after = environments.taken_back()
    change = Change(name=after.name, word="rollback", before=None, after=after)
    before = []

    def tell(environment: Environment | None) -> Iterator[Told]:
        assert environment == after
        before.append(capsys.readouterr().out)
        yield Told(ticket=RUN)

    options = Options(Path(), output=output)
    write_changes(options, iter([change]), tell)
    said = capsys.readouterr().out
    if output == "json":
        assert json.loads(said)["told"] == [{"ticket": RUN, "problem": ""}]
    else:
        assert "serves" in before[0] and said == "  SCRUM-95 says so\n"


class Pipe(io.StringIO):
    """What a reader of a pipe has got of what was written."""

    def __init__(self, lost: bool = False) -> None:
        super().__init__()
        self.got = ""
        self.lost = lost

    def flush(self) -> None:
        if self.lost:
            raise OutputLost(BrokenPipeError(errno.EPIPE, "Broken pipe"))
        self.got = self.getvalue()


@pytest.mark.parametrize("lost", [False, True])
def test_a_pipe_has_what_was_done_before_any_ticket_is_told_also_one_that_nobody_reads(
    lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = Pipe(lost)
    monkeypatch.setattr("sys.stdout", pipe)
    change = Change(name=TAKEN_BACK.name, word="rollback", before=None, after=TAKEN_BACK)
    before = []

    def tell(environment: Environment | None) -> Iterator[Told]:
        before.append(pipe.got)
        yield Told(ticket=RUN)

    write_changes(Options(Path()), iter([change]), tell)
    assert before and ("serves" in before[0]) is not lost
