"""One SQLite file: the embedded database, which needs no server. Several processes may share it."""

import sqlite3
import time
import weakref
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterator, List, Mapping

from services.backend.store.database import MIGRATE_S, WAIT_S, Row, Unavailable
from services.backend.store.migrations import Migration, pending

RECORDS = (
    "CREATE TABLE IF NOT EXISTS migrations "
    "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
)

# With FULL, SQLite's default, a writer waits for the disk while it keeps all others out, who take
# no turns: on one that takes 0.1 s, two processes under load refused visitors. What is committed to
# a write-ahead log outlives the process in any case; a power cut may take the last of it
SYNCHRONOUS = "PRAGMA synchronous = NORMAL"


class SQLite:
    """Every call opens its own connection (0.1 ms), so that threads share nothing and a file that
    is gone is noticed. One more stays open and is not used: whoever closes the last one has to
    bring the whole log into the file, and waits for the disk."""

    kind = "sqlite"

    def __init__(self, path: Path, migrations: List[Migration]) -> None:
        """Open or create the file and bring it up to date. Raises OSError or ValueError with the
        path in it."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._connected(MIGRATE_S) as connection:
                self._migrate(connection, migrations)
                self._let_go = weakref.finalize(self, _kept_open(self._path).close)
        except (Unavailable, OSError) as error:
            raise OSError(f"cannot use the database {path}: {error}") from error
        except ValueError as error:
            raise ValueError(f"cannot use the database {path}: {error}") from error

    def run(self, query: str, values: Mapping[str, Any]) -> List[Row]:
        """Run one statement in a transaction of its own. Raises Unavailable."""
        with self._connected() as connection:
            return [dict(row) for row in connection.execute(query, values)]

    def probe(self, query: str, values: Mapping[str, Any]) -> None:
        """Run a statement and roll it back. Raises Unavailable."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(query, values).fetchall()
            connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close what stays open between calls."""
        self._let_go()

    def _migrate(self, connection: sqlite3.Connection, migrations: List[Migration]) -> None:
        _keep_a_write_ahead_log(connection)
        # other processes that start wait here, and then find nothing to do; closing without COMMIT
        # takes all back
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(RECORDS)
        applied = [row["number"] for row in connection.execute("SELECT number FROM migrations")]
        for number, name, sql in pending(migrations, applied):
            for statement in _statements(sql):
                connection.execute(statement)
            now = datetime.now(timezone.utc).isoformat()
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, now))
        connection.execute("COMMIT")

    @contextmanager
    def _connected(self, wait_s: float = WAIT_S) -> Iterator[sqlite3.Connection]:
        try:
            # without isolation level each statement is its own transaction, unless BEGIN begins one
            opened = sqlite3.connect(self._path, timeout=wait_s, isolation_level=None)
            with closing(opened) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute(SYNCHRONOUS)
                yield connection
        except sqlite3.Error as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error


def _kept_open(path: Path) -> sqlite3.Connection:
    kept = sqlite3.connect(path, timeout=WAIT_S, check_same_thread=False)
    # it counts as open once it has read
    kept.execute("SELECT name FROM sqlite_master").fetchall()
    return kept


def _keep_a_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Let readers and one writer work side by side; the file remembers it."""
    deadline_s = time.monotonic() + MIGRATE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            # SQLite does not wait by itself for this change when another process makes it too
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)


def _statements(sql: str) -> Iterator[str]:
    """Split SQL text. SQLite says where a statement ends: a trigger has semicolons of its own."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
