"""The journal: every event of every run in one SQLite file, durable before anything is shown.

Reading never creates the file; with ``read_only`` it also leaves nothing beside it. A row that no
longer parses is skipped, never guessed.
"""

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Callable, Final, Iterator
from urllib.parse import quote

from pydantic import ValidationError

from devflow.model.command_line import command_line, install_line
from devflow.model.errors import StorageFailed
from devflow.model.events import EVENT, Event
from devflow.model.masking import masked_json

SCHEMA: Final = 1
# s; an append holds the file for about 1 ms, so this outlasts thousands of them in a row
BUSY_S: Final = 10.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL
)"""
_INSERT: Final = "INSERT INTO events (run, type, body, at) VALUES (?, ?, ?, ?)"
_INDEX: Final = "CREATE INDEX IF NOT EXISTS events_by_run ON events (run, seq)"


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

    def append(self, event: Event) -> None:
        """Appends one event durably. Raises ``StorageFailed``."""
        body = masked_json(event.model_dump_json(), self._mask)
        row = (event.run, event.type, body, event.at.isoformat())
        with self._lock, self._storage():
            self._open().execute(_INSERT, row)

    def events(self, run: str) -> tuple[Event, ...]:
        """The run's events in the order they were appended, without those that do not parse.

        Raises ``StorageFailed``.
        """
        rows = self._select("SELECT body FROM events WHERE run = ? ORDER BY seq", run)
        events: list[Event] = []
        for body in rows:
            event = _parse(body)
            if event is not None:
                events.append(event)
        return tuple(events)

    def runs(self) -> tuple[str, ...]:
        """Every run's key, the one with the newest event last. Raises ``StorageFailed``."""
        rows = self._select("SELECT run FROM events GROUP BY run ORDER BY max(seq)")
        return tuple(str(run) for run in rows)

    def close(self) -> None:
        """Closes the file; the next call opens it again."""
        with self._lock:
            if self._writing is not None:
                self._writing.close()
                self._writing = None

    def _select(self, query: str, *values: str) -> list[object]:
        with self._lock, self._storage():
            if self._writing is not None:
                return [row[0] for row in self._writing.execute(query, values)]
            if not self._path.exists():
                return []
            with closing(self._connect(self._read_address())) as connection:
                if not _version(connection):
                    return []
                return [row[0] for row in connection.execute(query, values)]

    def _open(self) -> sqlite3.Connection:
        if self._read_only:
            raise StorageFailed(f"{self._path} was opened for reading only", where=str(self._path))
        if self._writing is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect(f"file:{quote(str(self._path))}")
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._writing = connection
        return self._writing

    def _read_address(self) -> str:
        """A live or killed writer has left a log beside the file, which has to be read too."""
        log = Path(f"{self._path}-wal")
        mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
        return f"file:{quote(str(self._path))}?{mode}"

    def _connect(self, address: str) -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )

    @contextmanager
    def _storage(self) -> Iterator[None]:
        where = str(self._path)
        try:
            yield
        except sqlite3.OperationalError as error:
            problem = f"the journal {where} failed: {error}"
            hint = (
                f"check that {self._path.parent} can be written and the disk has room, "
                "then type the same command again"
            )
            raise StorageFailed(problem, where=where, hint=hint) from error
        except sqlite3.DatabaseError as error:
            problem = f"the journal {where} is damaged: {error}"
            hint = (
                f"move it away (mv '{where}' '{where}.broken'); "
                f"the next `{command_line('ship')}` finds again what was done"
            )
            raise StorageFailed(problem, where=where, hint=hint) from error
        except OSError as error:
            problem = f"the journal {where} cannot be opened: {error}"
            raise StorageFailed(problem, where=where, hint=f"check {where}") from error


def _prepare(connection: sqlite3.Connection) -> None:
    """Brings a new file to this schema."""
    # an event must outlive a power cut once ``append`` has returned
    connection.execute("PRAGMA synchronous=FULL")
    if _version(connection):
        return
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_TABLE)
    connection.execute(_INDEX)
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    """The file's schema, 0 for a new one.

    Raises ``StorageFailed`` for one that a newer devflow made.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise StorageFailed(
            f"the journal has schema {version}, this devflow knows {SCHEMA}",
            hint=f"update devflow's checkout, then: {install_line()}",
        )
    return version


def _parse(body: object) -> Event | None:
    # SQLite keeps any type in any column
    text = body if isinstance(body, (str, bytes)) else ""
    try:
        event: Event = EVENT.validate_json(text)
    except ValidationError:
        return None
    return event
