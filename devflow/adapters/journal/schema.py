"""The tables of the journal, and how a file of schema 1 is brought to schema 2."""

import sqlite3
from typing import Final

from devflow.adapters.journal.digests import digest
from devflow.adapters.journal.summary import SCHEMA, TABLE, UNKNOWN, RunRow, write_row
from devflow.model.command_line import install_line
from devflow.model.errors import MadeByNewer

_EVENTS: Final = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    number INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT ''
)"""
_INDEX: Final = "CREATE INDEX events_by_run ON events (run, seq)"
_COLUMNS: Final = (
    "ALTER TABLE events ADD COLUMN number INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE events ADD COLUMN digest TEXT NOT NULL DEFAULT ''",
)
# how many columns ``events`` has in a file that says this schema
_COLUMNS_OF: Final = {1: 5}
_OLD: Final = "SELECT seq, run, type, body, at FROM events ORDER BY seq"
_NEW: Final = "UPDATE events SET number = ?, digest = ? WHERE seq = ?"


def create(connection: sqlite3.Connection) -> None:
    """Puts the tables into an empty file."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in (_EVENTS, _INDEX, TABLE, f"PRAGMA user_version={SCHEMA}", "COMMIT"):
        connection.execute(statement)
    # last, so that nothing of it stands in a log beside the file
    connection.execute("PRAGMA journal_mode=WAL")


def prepare(connection: sqlite3.Connection) -> None:
    """Readies a file for appends; an older one is brought to this schema, in one transaction.

    Raises ``MadeByNewer`` for one that a newer devflow made.
    """
    # an event must outlive a power cut once ``append`` has returned
    connection.execute("PRAGMA synchronous=FULL")
    if version_of(connection) == SCHEMA:
        return
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        # another process may have been quicker
        if version_of(connection) < SCHEMA:
            _number_rows(connection)
        connection.execute(f"PRAGMA user_version={SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        # a full disk has undone it already
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _number_rows(connection: sqlite3.Connection) -> None:
    """Gives every row of schema 1 its number and a digest: what it says from now on is what it said
    at this moment. What happened to it before, nobody can tell."""
    for change in _COLUMNS:
        connection.execute(change)
    connection.execute(TABLE)
    numbers: dict[bytes, int] = {}
    for seq, run, kind, body, at in connection.execute(_OLD).fetchall():
        number = numbers.get(run, 0) + 1
        numbers[run] = number
        connection.execute(_NEW, (number, digest(run, kind, body, at, number), seq))
    for run, number in numbers.items():
        write_row(connection, run.decode("utf-8", "surrogateescape"), RunRow(number, UNKNOWN))


def version_of(connection: sqlite3.Connection) -> int:
    """The file's schema.

    Raises ``MadeByNewer`` for one that a newer devflow made, and ``sqlite3.DatabaseError`` for one
    whose tables are not those of the schema that it says.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise MadeByNewer(
            f"the journal was made by a newer devflow: schema {version}, this knows {SCHEMA}",
            hint=f"update devflow's checkout, then: {install_line()}",
        )
    if version < SCHEMA:
        columns = len(connection.execute("PRAGMA table_info(events)").fetchall())
        if columns != _COLUMNS_OF.get(version):
            raise sqlite3.DatabaseError(f"it says schema {version}, and has other tables")
    return version
