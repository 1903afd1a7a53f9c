"""The smallest durable engine: `python smallest.py FILE ENTRIES [WAIT_S TOGETHER]`.

A loop over a journal: a commit at an entry's start and one at its end, each on disk before the loop
goes on, and nothing that is recorded is done again. It is what F is measured by.
"""

import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Sequence


class Engine:
    """What of a run is recorded in ``file``."""

    def __init__(self, file: str) -> None:
        self._lock = Lock()
        self._journal = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._journal.execute("PRAGMA journal_mode = WAL")
        self._journal.execute("PRAGMA synchronous = FULL")
        self._journal.execute("CREATE TABLE IF NOT EXISTS events (entry TEXT, type TEXT, at REAL)")
        rows = self._journal.execute("SELECT entry FROM events WHERE type = 'recorded'")
        self._done = {entry for (entry,) in rows}

    def run(self, entry: str, wait_s: float) -> None:
        """One entry, unless it is done."""
        if entry in self._done:
            return
        self._say(entry, "started")
        time.sleep(wait_s)
        self._say(entry, "recorded")

    def _say(self, entry: str, what: str) -> None:
        with self._lock:
            self._journal.execute("INSERT INTO events VALUES (?, ?, ?)", (entry, what, time.time()))


def main(file: str, entries: str, wait_s: str = "0", together: str = "1") -> None:
    """Runs them."""
    engine = Engine(file)
    names: Sequence[str] = [f"entry_{number + 1}" for number in range(int(entries))]
    run = partial(engine.run, wait_s=float(wait_s))
    if together == "1":
        for name in names:
            run(name)
        return
    with ThreadPoolExecutor(int(together)) as threads:
        list(threads.map(run, names))


if __name__ == "__main__":
    main(*sys.argv[1:])
