"""The sandbox on a full disk: a request that finds no room leaves nothing, and is told so."""

import errno
import sqlite3
from pathlib import Path

import pytest

from devflow.sandbox.common.bare_git import GitRefused
from devflow.sandbox.common.full import is_full
from devflow.sandbox.common.store import Store

PAGES = 30  # a database that may grow no further stands for a disk without room


def test_a_full_database_undoes_the_request_and_takes_the_next(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.db")
    with store.transaction() as records:
        records.put("issue", "A-1", {"summary": "before"})
        records._connection.execute(f"PRAGMA max_page_count = {PAGES}")
    with pytest.raises(sqlite3.OperationalError) as raised, store.transaction() as records:
        records.put("issue", "A-1", {"summary": "after"})
        records.put("issue", "A-2", {"summary": "x" * 4096 * PAGES})
    assert is_full(raised.value)
    with store.transaction() as records:
        assert records.get("issue", "A-1") == {"summary": "before"}
        records.put("issue", "A-3", {"summary": "small"})
    store.close()


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (GitRefused("error: unable to write: No space left on device"), True),
        (GitRefused("fatal: bad object"), False),
        (sqlite3.OperationalError("database is locked"), False),
    ],
)
def test_a_full_disk_is_told_from_other_failures(error: Exception, full: bool) -> None:
    assert is_full(error) is full
