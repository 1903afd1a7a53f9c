"""A journal of schema 1 (devflow 0.1.0, 0.2.0) is read as it is, and brought to schema 2 by the
first append."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.model.events import Event
from tests.contract.test_journal import full_disk, opened, writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "devflow" / "journal.db"


def first_schema(path: Path, *events: Event) -> None:
    """A journal as devflow 0.1.0 and 0.2.0 wrote it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, run TEXT NOT NULL, type TEXT NOT NULL, "
            "body TEXT NOT NULL, at TEXT NOT NULL)"
        )
        connection.execute("CREATE INDEX events_by_run ON events (run, seq)")
        connection.execute("PRAGMA user_version=1")
        for event in events:
            body = event.model_dump_json().replace('"schema":2', '"schema":1')
            values = (event.run, event.type, body, event.at.isoformat())
            connection.execute(
                "INSERT INTO events (run, type, body, at) VALUES (?, ?, ?, ?)", values
            )
        connection.commit()


def test_a_file_of_schema_1_is_read_as_it_is_and_upgraded_by_the_first_append(path: Path) -> None:
    first_schema(path, opened(), opened("SCRUM-7"), opened())
    old = opened().model_copy(update={"schema_": 1})
    before = path.read_bytes()
    reader = SqliteJournal(path, read_only=True)
    assert reader.events("SCRUM-95") == (old, old) and reader.runs() == ("SCRUM-7", "SCRUM-95")
    assert path.read_bytes() == before
    journal = SqliteJournal(path)
    journal.append(opened("SCRUM-7"))
    assert journal.events("SCRUM-95") == (old, old)
    assert journal.events("SCRUM-7")[-1] == opened("SCRUM-7")
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        numbers = connection.execute("SELECT run, number FROM events ORDER BY seq").fetchall()
        assert numbers == [("SCRUM-95", 1), ("SCRUM-7", 1), ("SCRUM-95", 2), ("SCRUM-7", 2)]
        connection.execute(
            "UPDATE events SET body = replace(body, 'ticket', 'Ticket') WHERE seq = 1"
        )
        connection.commit()
    told = SqliteJournal(path, read_only=True).events("SCRUM-95")
    assert [event.type for event in told] == ["damaged", "opened"]


def test_a_row_of_schema_1_that_no_longer_parses_is_told(path: Path) -> None:
    first_schema(path, opened(), opened(), opened())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE events SET body = '{cut' WHERE seq = 2")
        connection.commit()
    kinds = ["opened", "damaged", "opened"]
    assert [one.type for one in SqliteJournal(path, read_only=True).events("SCRUM-95")] == kinds
    journal = SqliteJournal(path)
    journal.append(opened("SCRUM-7"))
    assert [one.type for one in journal.events("SCRUM-95")] == kinds


def test_an_upgrade_that_is_cut_off_leaves_the_file_as_it_was(path: Path) -> None:
    first_schema(path, *[opened()] * 300)
    done = full_disk(path)
    assert (done.stdout, done.stderr.strip()) == ("", "StorageFailed")
    assert len(SqliteJournal(path, read_only=True).events("SCRUM-95")) == 300
    journal = SqliteJournal(path)
    journal.append(opened())
    assert [one.type for one in journal.events("SCRUM-95")] == ["opened"] * 301


def test_two_processes_may_upgrade_at_once(path: Path) -> None:
    first_schema(path, *[opened()] * 300)
    children = [writer(path, 20) for _ in range(3)]
    for child in children:
        assert child.communicate()[0].count("\n") == 20 and child.returncode == 0
    events = SqliteJournal(path).events("SCRUM-95")
    assert len(events) == 360 and not any(event.type == "damaged" for event in events)
