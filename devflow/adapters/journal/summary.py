"""The row of a run: how far its events go, and what one line says of it.

It is written in the transaction of each event. Reading it loads nothing but sqlite3.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from devflow.adapters.journal.digests import digest
from devflow.model.summary import Summary

SCHEMA: Final = 2
_LEAST_BYTES: Final = 512  # the smallest page that SQLite has
BUSY_S: Final = 10.0  # s; an append holds the file for about 1 ms
TABLE: Final = """
CREATE TABLE runs (
    run TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    made_from TEXT NOT NULL,
    project TEXT NOT NULL,
    state TEXT NOT NULL,
    settled INTEGER NOT NULL,
    total INTEGER NOT NULL,
    phase TEXT NOT NULL,
    outdated TEXT NOT NULL,
    title TEXT NOT NULL,
    branch TEXT NOT NULL,
    digest TEXT NOT NULL
)"""
_READ: Final = """
SELECT run, number, made_from, project, state, settled, total, phase, outdated, title, branch,
    digest
FROM runs WHERE run = ?"""
# 1 ms for 15,000 events
_COUNT: Final = "SELECT count(*) FROM events WHERE run = ?"
_TWO: Final = "SELECT run FROM runs LIMIT 2"
_WRITE: Final = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# where whoever appends knows nothing of the pipeline
UNKNOWN: Final = Summary("", "", "", 0, 0, "")


class RunRow(NamedTuple):
    """The number of the run's newest event, and the summary after it."""

    number: int
    summary: Summary


def write_row(connection: sqlite3.Connection, run: str, row: RunRow) -> None:
    """Replaces the run's row."""
    values = (run, row.number, *row.summary)
    connection.execute(_WRITE, (*values, digest(*values)))


def read_row(connection: sqlite3.Connection, run: str) -> RunRow | None:
    """The run's row; ``None`` where it has none, or one that is not as it was written."""
    row = connection.execute(_READ, (run,)).fetchone()
    if row is None:
        return None
    values = [_text(value) for value in row]
    if digest(*values[:-1]) != values[-1]:
        return None
    _, number, made_from, project, state, settled, total, *texts, _ = values
    summary = Summary(made_from, project, state, int(settled), int(total), *texts)
    return RunRow(int(number), summary)


def read_summary(path: Path, run: str, made_from: str) -> Summary | None:
    """What one line says of a run.

    ``None`` where the journal in ``path`` holds nothing sound that was made from this: the events
    have to be read, which tell what is wrong. Rows that are lost or doubled are noticed; the events
    themselves are not read, so an altered one leaves the line as true as when it was written.
    """
    try:
        if is_cut_off(path) or not path.exists():
            return None
        connection = sqlite3.connect(read_address(path), uri=True, timeout=BUSY_S)
        with closing(connection):
            connection.text_factory = bytes
            if connection.execute("PRAGMA user_version").fetchone() != (SCHEMA,):
                return None
            row = read_row(connection, run)
            count = connection.execute(_COUNT, (run,)).fetchone()[0]
    except (sqlite3.Error, OSError, ValueError):
        return None
    if row is None or row.summary.made_from != made_from:
        return None
    if row.number != count:
        return None
    return row.summary


def only_run(path: Path) -> str:
    """The run, where the journal holds no other; else nothing."""
    try:
        if is_cut_off(path) or not path.exists():
            return ""
        with closing(sqlite3.connect(read_address(path), uri=True, timeout=BUSY_S)) as connection:
            runs = connection.execute(_TWO).fetchall()
    except (sqlite3.Error, OSError):
        return ""
    return str(runs[0][0]) if len(runs) == 1 else ""


def is_cut_off(path: Path) -> bool:
    """Whether the file is smaller than any that SQLite makes. It would take it for a new one, and
    remove the log beside it."""
    return path.is_file() and path.stat().st_size < _LEAST_BYTES


def read_address(path: Path) -> str:
    """A live or killed writer has left a log beside the file, which has to be read too."""
    log = Path(f"{path}-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    return f"file:{quote(str(path))}?{mode}"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
