"""What pre-commit keeps of other people's hooks on this machine: by repository and revision, so
that it is known before a commit whether they have to be fetched."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Mapping


def kept_hooks(environ: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Repository and revision of each, as pre-commit 2 to 4 note them; none where there is no such
    note, or one that cannot be read."""
    cache = environ.get("XDG_CACHE_HOME") or os.path.join(environ.get("HOME", ""), ".cache")
    home = environ.get("PRE_COMMIT_HOME") or os.path.join(cache, "pre-commit")
    file = Path(home, "db.db")
    if not file.is_file():
        return frozenset()
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as notes:
            rows = notes.execute("SELECT repo, ref FROM repos").fetchall()
    except sqlite3.Error:
        return frozenset()
    # what a hook needs beside its repository follows it: URL:package,package
    return frozenset((str(repo), str(ref)) for repo, ref in rows)
