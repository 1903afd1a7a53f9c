"""pre-commit's own note of the hooks that it keeps is read, and nothing is made of one that is
none."""

import sqlite3
from contextlib import closing
from pathlib import Path

from devflow.adapters.toolchain.hook_cache import kept_hooks

TABLE = "CREATE TABLE repos (repo TEXT NOT NULL, ref TEXT NOT NULL, path TEXT NOT NULL)"


def noted(folder: Path) -> None:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "db.db")) as notes:
        notes.execute(TABLE)
        notes.execute("INSERT INTO repos VALUES ('https://x.example/a', 'v1', '/p')")
        notes.commit()


def test_the_note_lies_where_pre_commit_is_told_to_keep_it(tmp_path: Path) -> None:
    wanted = frozenset([("https://x.example/a", "v1")])
    noted(tmp_path / "own")
    noted(tmp_path / "home" / ".cache" / "pre-commit")
    noted(tmp_path / "xdg" / "pre-commit")
    for environ in (
        {"PRE_COMMIT_HOME": str(tmp_path / "own")},
        {"HOME": str(tmp_path / "home")},
        {"XDG_CACHE_HOME": str(tmp_path / "xdg"), "HOME": "/nowhere"},
    ):
        assert kept_hooks(environ) == wanted


def test_what_is_no_note_says_nothing(tmp_path: Path) -> None:
    assert not kept_hooks({"PRE_COMMIT_HOME": str(tmp_path)})
    (tmp_path / "db.db").write_text("no database")
    assert not kept_hooks({"PRE_COMMIT_HOME": str(tmp_path)})
