"""Which tickets a version belongs to that was taken back, and how it is said that they are told."""

import json
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.commands.deploys.changing import write_changes
from devflow.commands.deploys.told_tickets import brought
from devflow.craft.ticket.closing import no_longer_live
from devflow.model.checks import Status
from devflow.model.environments import Change, Environment, Told, Verdict
from devflow.ui.pages.environment_changes import told_lines
from devflow.wiring.options import Options
from tests.ui import environments
from tests.ui.story import RUN, Story

VERSION = environments.taken_back().rolled_back


def runs(tmp_path: Path, status: Status = Status.PASSED, version: str = VERSION) -> SqliteJournal:
    """One run, that came to production with a version."""
    story = Story()
    product = {"environment": "production", "version": version, "rolled_back": ""}
    story.start("production")
    story.record("production", status=status, product=product)
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append(*story.events)
    return journal


def test_a_ticket_whose_version_serves_is_found_with_the_entry_that_brought_it(
    tmp_path: Path,
) -> None:
    journal = runs(tmp_path)
    assert list(brought(journal, "production", VERSION)) == [(RUN, "production")]
    assert not list(brought(journal, "development", VERSION))


def test_a_ticket_with_another_version_or_whose_canary_was_taken_back_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    other = runs(tmp_path / "other", version=environments.STABLE)
    assert not list(brought(other, "production", VERSION))
    assert not list(brought(runs(tmp_path, status=Status.FAILED), "production", VERSION))


def test_the_comment_says_what_was_taken_back_when_and_by_whom_and_what_serves() -> None:
    verdict = Verdict(version=VERSION, at=environments.NOW, by="dee")
    back = environments.taken_back().model_copy(update={"verdicts": (verdict,)})
    said = no_longer_live(RUN, back)
    assert said == (
        f"SCRUM-95 is no longer live in production: {VERSION[:12]} was taken back "
        f"{environments.NOW:%Y-%m-%d %H:%M} by dee, and {back.version[:12]} serves there again."
    )


def test_a_ticket_that_cannot_be_told_is_named_with_what_tells_it() -> None:
    told = (Told(ticket="A-1"), Told(ticket="A-2", problem="JIRA does not answer"))
    assert list(told_lines(told, "production")) == [
        "  A-1 says so",
        "  A-2 does not say so: JIRA does not answer; devflow rollback production tells it",
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
