"""Keeps listings and the analytics events: in one SQLite file, or on a PostgreSQL server.

The event log is append-only by the database's own triggers, not by good manners: an UPDATE or
DELETE of an event fails.
"""

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Union

from services import lazy
from services.backend.store import migrations
from services.backend.store.database import Database, Row, Unavailable
from services.backend.store.migrations import Migration
from services.backend.store.sqlite import SQLite

if TYPE_CHECKING:
    from services.backend.store.postgresql import PostgreSQL

POSTGRESQL = ("postgresql://", "postgres://")

# written for both databases; values are bound by name
ADD_LISTING = """
INSERT INTO listings (
    title, segment, fuel, gearbox, age_years, mileage_km, power_kw, asking_price_eur, published_at
)
VALUES (
    :title, :segment, :fuel, :gearbox, :age_years, :mileage_km, :power_kw, :asking_price_eur,
    :published_at
)
RETURNING id
"""
ADD_EVENT = """
INSERT INTO events (feature, action, visitor, device, synthetic, at)
VALUES (:feature, :action, :visitor, :device, :synthetic, :at)
RETURNING id
"""
NEWEST_LISTINGS = "SELECT * FROM listings ORDER BY id DESC LIMIT :limit"
EVENTS = "SELECT * FROM events WHERE id > :after_id ORDER BY id LIMIT :limit"
EVENTS_OF_A_KIND = (
    "SELECT * FROM events WHERE id > :after_id AND synthetic = :synthetic ORDER BY id LIMIT :limit"
)
PROBE = {
    "feature": "page",
    "action": "view",
    "visitor": "probe",
    "device": "desktop",
    "synthetic": True,
}


def default_location() -> Union[str, Path]:
    """Return CARPRICE_DATABASE, else a file in the user's state directory; none beside the code."""
    location = os.environ.get("CARPRICE_DATABASE")
    if location:
        return location
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "carprice" / "carprice.sqlite3"


class Store:
    """Listings and events in one database. May be shared between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.kind = database.kind

    def publish(self, listing: Dict[str, Any]) -> Row:
        """Store a listing and return it with `id` and `published_at`. Raises Unavailable."""
        return self._add(ADD_LISTING, {**listing, "published_at": _now()})

    def listings(self, limit: int) -> List[Row]:
        """Return the newest listings first. Raises Unavailable."""
        return self._database.run(NEWEST_LISTINGS, {"limit": limit})

    def record(self, event: Dict[str, Any]) -> Row:
        """Append an event and return it with `id` and `at`. Raises Unavailable."""
        return self._add(ADD_EVENT, {**event, "at": _now()})

    def events(self, after_id: int, limit: int, synthetic: Optional[bool]) -> List[Row]:
        """Return events in order, of one kind where `synthetic` says so. Raises Unavailable."""
        values = {"after_id": after_id, "limit": limit}
        if synthetic is None:
            return self._database.run(EVENTS, values)
        return self._database.run(EVENTS_OF_A_KIND, {**values, "synthetic": synthetic})

    def probe(self) -> None:
        """Prove that the database can be written, leaving nothing. Raises Unavailable if not."""
        self._database.probe(ADD_EVENT, {**PROBE, "at": _now()})

    def close(self) -> None:
        """Close what is open."""
        self._database.close()

    def _add(self, query: str, row: Row) -> Row:
        rows = self._database.run(query, row)
        return {**rows[0], **row}


def open_store(location: Union[str, Path], directory: Path = migrations.HERE) -> Store:
    """Open the database at a path or a `postgresql://` URL and bring it up to date.

    Raises OSError or ValueError, whose text holds no password, when it cannot be used.
    """
    if str(location).startswith(POSTGRESQL):
        return Store(_postgresql(str(location), migrations.known("postgresql", directory)))
    if "://" in str(location):
        raise ValueError("the database has to be the path of an SQLite file or a postgresql:// URL")
    return Store(SQLite(Path(location), migrations.known("sqlite", directory)))


def _postgresql(url: str, steps: List[Migration]) -> "PostgreSQL":
    problem = "PostgreSQL needs the extra postgres: pip install 'psycopg[binary,pool]'"
    module = lazy.module("services.backend.store.postgresql", problem)
    database: "PostgreSQL" = module.PostgreSQL(url, steps)
    return database


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()


__all__ = ["Store", "Unavailable", "default_location", "open_store"]
