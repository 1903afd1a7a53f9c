"""How the journal's file begins: it gets its name when its tables are in it, so that an empty file,
or one without them, is damage and never a journal that has not begun."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

from devflow.adapters.journal.schema import create
from devflow.adapters.machine import private


def make(path: Path) -> None:
    """Makes the file, and its folder, where there is none. Raises ``OSError`` or
    ``sqlite3.Error``."""
    if path.exists():
        return
    private.make_folder(path.parent)
    with open(path.with_name(f"{path.name}.lock"), "w", opener=private.opener) as lock:
        # by the kernel, and not by the library of the other locks: whoever only reads loads this
        # too. It is held for some milliseconds, once in a repository's life
        fcntl.flock(lock, fcntl.LOCK_EX)
        # of two commands that begin at once, the second finds what the first has made
        if not path.exists():
            _make(path)


def _make(path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    # what a killed command began
    part.unlink(missing_ok=True)
    # its logs, and those of a journal that was moved away: SQLite would read them into this one
    for file in (part, path):
        for kind in ("journal", "wal", "shm"):
            file.with_name(f"{file.name}-{kind}").unlink(missing_ok=True)
    # SQLite gives the logs the rights of the file
    private.make_file(part)
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        create(connection)
    part.replace(path)
