"""The journal: every event of every run in one SQLite file, durable before anything is shown.

Reading never creates the file; with ``read_only`` it also leaves nothing beside it. Each row has a
digest and its number in the run. A file of schema 1, which had neither, is read as it is and
brought to this schema by the first append.
"""

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Callable, Final, Iterator
from urllib.parse import quote

from devflow.adapters.journal.making import make
from devflow.adapters.journal.rows import Reading, Row, row_of
from devflow.adapters.journal.schema import prepare, version_of
from devflow.adapters.journal.summary import (
    BUSY_S,
    UNKNOWN,
    RunRow,
    is_cut_off,
    read_address,
    read_row,
    write_row,
)
from devflow.model.command_line import command_line
from devflow.model.errors import StorageFailed
from devflow.model.events import Event
from devflow.model.masking import masked_json
from devflow.model.summary import Summary

_INSERT: Final = """
INSERT INTO events (run, type, body, at, number, digest) VALUES (?, ?, ?, ?, ?, ?)"""
_ROWS: Final = "SELECT run, type, body, at, number, digest FROM events WHERE run = ? ORDER BY seq"
_BODIES: Final = "SELECT body FROM events WHERE run = ? ORDER BY seq"
_LAST: Final = "SELECT coalesce(max(number), 0) FROM events WHERE run = ?"
# by the index alone and a step a run, not a step an event
_RUNS: Final = """
WITH RECURSIVE keys(run) AS (
    SELECT min(run) FROM events
    UNION ALL
    SELECT (SELECT min(run) FROM events WHERE run > keys.run) FROM keys WHERE run IS NOT NULL
)
SELECT run FROM keys WHERE run IS NOT NULL
ORDER BY (SELECT max(seq) FROM events WHERE events.run = keys.run)"""


class SqliteJournal:
    """The events in ``path``, which is made with its folder by the first append.

    Several threads and processes may append. ``mask`` takes secrets out of what is written.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, mask: Callable[[str], str] = str
    ) -> None:
        self._path = path
        self._read_only = read_only
        self._mask = mask
        self._lock = RLock()
        self._writing: sqlite3.Connection | None = None

    def append(self, *events: Event, summary: Summary | None = None) -> None:
        """Appends events of one run durably, all or none, and with them what one line says of it
        from now on. Raises ``StorageFailed``, or ``MadeByNewer`` for a file of a newer devflow."""
        bodies = [masked_json(event.model_dump_json(), self._mask) for event in events]
        run = events[0].run
        with self._lock, self._storage():
            connection = self._open()
            with _transaction(connection):
                number = _last_number(connection, run)
                for event, body in zip(events, bodies):
                    number += 1
                    connection.execute(_INSERT, row_of(event, body, number))
                write_row(connection, run, RunRow(number, summary or UNKNOWN))

    def events(self, run: str) -> tuple[Event, ...]:
        """The run's events in the order they were appended, with a ``Damaged`` in place of those
        that are not as they were written.

        Raises ``StorageFailed``, or ``MadeByNewer`` for what a newer devflow wrote.
        """
        reading = Reading(str(self._path), run)
        with self._lock, self._storage(), self._read() as connection:
            if connection is None:
                return ()
            if version_of(connection) == 1:
                bodies = [body for (body,) in connection.execute(_BODIES, (run,))]
                return tuple(reading.first_schema(bodies))
            connection.execute("BEGIN")  # both queries see one moment of the file
            try:
                rows = [Row(*values) for values in connection.execute(_ROWS, (run,))]
                row = read_row(connection, run)
            finally:
                connection.execute("ROLLBACK")
        return tuple(reading.events(rows, row))

    def runs(self) -> tuple[str, ...]:
        """Every run's key, the one with the newest event last. Raises as ``events`` does."""
        with self._lock, self._storage(), self._read() as connection:
            if connection is None:
                return ()
            version_of(connection)
            keys = [key for (key,) in connection.execute(_RUNS)]
        return tuple(_text(key) for key in keys)

    def close(self) -> None:
        """Closes the file; the next call opens it again."""
        with self._lock:
            if self._writing is not None:
                self._writing.close()
                self._writing = None

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection | None]:
        """A connection for one look; ``None`` where there is no file."""
        if self._writing is not None:
            yield self._writing
        elif not self._path.exists():
            yield None
        else:
            with closing(self._connect(read_address(self._path))) as connection:
                yield connection

    def _open(self) -> sqlite3.Connection:
        if self._read_only:
            raise StorageFailed(f"{self._path} was opened for reading only", where=str(self._path))
        if self._writing is None:
            make(self._path)
            connection = self._connect(f"file:{quote(str(self._path))}")
            try:
                prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._writing = connection
        return self._writing

    def _connect(self, address: str) -> sqlite3.Connection:
        if is_cut_off(self._path):
            raise sqlite3.DatabaseError("it is cut off")
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        # text that is none any more is the reader's to tell, and no reason to refuse the file
        connection.text_factory = bytes
        return connection

    @contextmanager
    def _storage(self) -> Iterator[None]:
        where = str(self._path)
        try:
            yield
        except sqlite3.OperationalError as error:
            if _is_no_journal(self._path, error):
                raise self._damaged(error) from error
            problem = f"the journal {where} failed: {error}"
            hint = (
                f"check that {self._path.parent} can be written and the disk has room, "
                "then type the same command again"
            )
            raise StorageFailed(problem, where=where, hint=hint) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        except UnicodeDecodeError as error:
            # SQLite's own message quoted a name of a table or column that is no text any more
            raise self._damaged(error) from error
        except OSError as error:
            problem = f"the journal {where} cannot be opened: {error}"
            raise StorageFailed(problem, where=where, hint=f"check {where}") from error

    def _damaged(self, error: Exception) -> StorageFailed:
        where = str(self._path)
        hint = (
            f"move it away (mv '{where}' '{where}.broken'); "
            f"the next `{command_line('ship')}` finds again what was done"
        )
        return StorageFailed(f"the journal {where} is damaged: {error}", where=where, hint=hint)


def _is_no_journal(path: Path, error: sqlite3.OperationalError) -> bool:
    """Whether trying again cannot help: a table or a column is gone, or it is no file."""
    return str(error).startswith("no such ") or (path.exists() and not path.is_file())


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # a full disk has undone it already
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _last_number(connection: sqlite3.Connection, run: str) -> int:
    """The number of the run's newest event; of a run whose own row is lost, that of the newest
    event that is left."""
    row = read_row(connection, run)
    if row is not None:
        return row.number
    (number,) = connection.execute(_LAST, (run,)).fetchone()
    return int(number)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
