"""What a checkout and its sandbox hold, read behind their backs: documents, refs, files, events and
processes.

Nothing here asks devflow: a mistake of its own would be made twice.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.checkout import KEY, Checkout

UNSETTLED = ("-wal", "-shm")  # SQLite's own scratch files, which a reader may make


@dataclass(frozen=True)
class Document:
    """One of the sandbox's documents."""

    kind: str
    owner: str
    key: str
    body: Any


def documents(checkout: Checkout, *kinds: str) -> list[Document]:
    """The sandbox's documents in their order; all kinds where none is named."""
    rows = _rows(
        checkout.state / "sandbox" / "sandbox.db",
        "SELECT kind, owner, key, body FROM record ORDER BY position",
    )
    chosen = []
    for kind, owner, key, body in rows:
        if not kinds or kind in kinds:
            chosen.append(Document(kind, owner, key, json.loads(body)))
    return chosen


def events(checkout: Checkout, *types: str) -> list[dict[str, Any]]:
    """The journal's events; all types where none is named."""
    rows = _rows(checkout.state / "journal.db", "SELECT body FROM events ORDER BY seq")
    return [event for (body,) in rows if (event := json.loads(body))["type"] in types or not types]


def _rows(file: Path, query: str) -> list[Any]:
    # a copy, since reading a WAL database in place leaves files beside it
    with closing(sqlite3.connect(":memory:")) as memory:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as disk:
            disk.backup(memory)
        return memory.execute(query).fetchall()


def transitions(checkout: Checkout) -> list[str]:
    """The ticket's changes of status."""
    items = (
        item
        for entry in documents(checkout, "history")
        if entry.owner == KEY
        for item in entry.body["items"]
    )
    return [
        f"{item['fromString']} → {item['toString']}" for item in items if item["field"] == "status"
    ]


def remote_git(checkout: Checkout, *arguments: str) -> str:
    """git in the sandbox's own repository."""
    return checkout.git("--git-dir", str(checkout.state / "sandbox" / "remote.git"), *arguments)


def remote_refs(checkout: Checkout) -> str:
    """Every ref of the remote."""
    return remote_git(checkout, "for-each-ref", "--format=%(refname) %(objectname)")


def files(folder: Path, *without: str) -> dict[str, str]:
    """Every file below a folder with a digest of its bytes, without names that end with one of
    these."""
    paths = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(without or UNSETTLED)
    )
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def processes_of(folder: Path) -> dict[int, str]:
    """Every process that was started for this folder, by its arguments, environment or working
    folder."""
    return {
        process.pid: arguments
        for process in psutil.process_iter()
        if (arguments := _belongs(process, str(folder)))
    }


def _belongs(process: psutil.Process, folder: str) -> str:
    try:
        words = [*process.cmdline(), process.cwd(), *process.environ().values()]
    except psutil.Error:
        return ""
    # this test's own processes name the folder of all tests, never one checkout's
    return " ".join(process.cmdline()) if any(folder in word for word in words) else ""
