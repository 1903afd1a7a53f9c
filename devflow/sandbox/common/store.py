"""The sandbox's memory: JSON documents in one SQLite file, read and written in whole transactions.

All of a request happens in one transaction under one lock, so a handler sees and leaves a
consistent state; what was answered is on the disk (`synchronous=FULL`), what was refused or crashed
left nothing.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX IF NOT EXISTS record_owner ON record (kind, owner);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Records:
    """The documents, as one transaction sees them. A document has a kind, a key and the key of its
    owner."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: str, key: str | int) -> Json | None:
        row = self._connection.execute(
            "SELECT body FROM record WHERE kind = ? AND key = ?", (kind, str(key))
        ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def all(self, kind: str, owner: str | int | None = None) -> list[Json]:
        """Every document of a kind, the oldest first; with `owner`, only those of that owner."""
        query = "SELECT body FROM record WHERE kind = ?"
        values = [kind]
        if owner is not None:
            query = f"{query} AND owner = ?"
            values = [kind, str(owner)]
        return [
            json.loads(row[0])
            for row in self._connection.execute(f"{query} ORDER BY position", values)
        ]

    def put(self, kind: str, key: str | int, body: Json, owner: str | int = "") -> Json:
        """Writes a document, new or changed. The owner of an existing one stays as it is."""
        self._connection.execute(
            "INSERT INTO record (kind, owner, key, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, str(owner), str(key), json.dumps(body)),
        )
        return body

    def delete(self, kind: str, key: str | int) -> None:
        self._connection.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, str(key)))

    def keep(self) -> None:
        """Makes durable what was written so far, whatever becomes of the rest of the request.

        For what is done outside of this file: it is written down first, and looked at again.
        """
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def rename_owner(self, owner: str, new: str) -> None:
        """Everything of one owner is another's."""
        self._connection.execute("UPDATE record SET owner = ? WHERE owner = ?", (new, owner))

    def number(self, name: str, first: int = 1) -> int:
        """The next number of a counter; numbers are never given twice."""
        row = self._connection.execute(
            "INSERT INTO counter VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name, first),
        ).fetchone()
        return int(row[0])


class Store:
    """The file, guarded for use from many threads of one process."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        """All or nothing: commits at the end, undoes everything when the block raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Records(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                # a full disk has undone it already
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()
