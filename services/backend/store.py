"""Keeps listings and the analytics events in one SQLite file.

The event log is append-only by the database's own triggers, not by good manners: an UPDATE or DELETE of an event fails.
"""

import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

BUSY_S = 2.0  # s to wait for another writer; a write takes under 0.01 s
LISTING_COLUMNS = ("title", "segment", "fuel", "gearbox", "age_years", "mileage_km", "power_kw", "asking_price_eur")
EVENT_COLUMNS = ("feature", "action", "visitor", "device", "synthetic")
SCHEMA = f"""
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS listings (id INTEGER PRIMARY KEY, {", ".join(LISTING_COLUMNS)}, published_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, {", ".join(EVENT_COLUMNS)}, at TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""


def default_path() -> Path:
    """Return CARPRICE_DATABASE, else a file in the user's state directory; never a path beside the code."""
    named = os.environ.get("CARPRICE_DATABASE")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(named) if named else Path(state) / "carprice" / "carprice.sqlite3"


class Store:
    """One database file. Every call opens its own connection (0.1 ms), so it may be shared between threads."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises OSError when that is impossible."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._connected() as database:
                database.executescript(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise OSError(f"cannot use the database {path}: {error}") from error

    def publish(self, listing: Dict[str, Any]) -> Dict[str, Any]:
        """Store a listing and return it with `id` and `published_at`. Raises sqlite3.Error."""
        return self._insert("listings", {**listing, "published_at": _now()})

    def listings(self, limit: int) -> List[Dict[str, Any]]:
        """Return the newest listings first. Raises sqlite3.Error."""
        return self._select("SELECT * FROM listings ORDER BY id DESC LIMIT ?", limit)

    def record(self, event: Dict[str, Any]) -> Dict[str, Any]:
        """Append an event and return it with `id` and `at`. Raises sqlite3.Error."""
        return self._insert("events", {**event, "at": _now()})

    def events(self, after_id: int, limit: int, synthetic: Optional[bool]) -> List[Dict[str, Any]]:
        """Return recorded events in order, only (un)synthetic ones where that is asked. Raises sqlite3.Error."""
        query = "SELECT * FROM events WHERE id > ?1 AND (?3 IS NULL OR synthetic = ?3) ORDER BY id LIMIT ?2"
        return self._select(query, after_id, limit, synthetic)

    def probe(self) -> None:
        """Prove that the file can be written, leaving nothing. Raises sqlite3.Error when it cannot."""
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO events (at) VALUES ('probe')")
            database.rollback()

    def _insert(self, table: str, row: Dict[str, Any]) -> Dict[str, Any]:
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        with self._connected() as database, database:
            # table and columns are our own constants, checked by the schemas; values are bound
            cursor = database.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))  # nosec B608
        return {"id": cursor.lastrowid, **row}

    def _select(self, query: str, *values: Any) -> List[Dict[str, Any]]:
        with self._connected() as database:
            return [dict(row) for row in database.execute(query, values)]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_S)) as database:
            database.row_factory = sqlite3.Row
            yield database


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()
