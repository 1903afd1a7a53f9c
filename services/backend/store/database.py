"""What the store asks of a database; `sqlite.py` and `postgresql.py` pass one contract test."""

from typing import Any, Dict, List, Mapping, Protocol

WAIT_S = 2.0  # s to wait for a connection, a lock or an answer; a write takes under 0.01 s
# s to wait at the start for a migration, another process's or our own; one takes under 0.1 s so far
MIGRATE_S = 30.0
Row = Dict[str, Any]


class Unavailable(Exception):
    """The database did not do what was asked; the text says why and holds no password."""


class Database(Protocol):
    """One database that holds our tables. May be shared between threads."""

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""

    def run(self, query: str, values: Mapping[str, Any]) -> List[Row]:
        """Run one statement with `:named` values in its own transaction. Raises Unavailable."""

    def probe(self, query: str, values: Mapping[str, Any]) -> None:
        """Run a statement and roll it back. Raises Unavailable."""

    def close(self) -> None:
        """Let go of what is open."""
