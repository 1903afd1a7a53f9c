"""What devflow keeps is its owner's alone, also what an earlier release left open."""

import os
import stat
from pathlib import Path

from devflow.adapters.machine import private


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def test_what_is_made_is_closed_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private.make_folder(tmp_path / "one" / "two")
        private.write_text(tmp_path / "one" / "two" / "file", "token")
        private.make_file(tmp_path / "one" / "empty")
    finally:
        os.umask(before)
    folders = [mode(tmp_path / "one"), mode(tmp_path / "one" / "two")]
    assert folders == ["drwx------"] * 2
    files = [mode(tmp_path / "one" / "two" / "file"), mode(tmp_path / "one" / "empty")]
    assert files == ["-rw-------"] * 2


def test_what_an_earlier_release_left_open_is_closed_once(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    inner = folder / "sandbox"
    inner.mkdir(parents=True)
    folder.chmod(0o755)
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    for name, rights in (("sandbox.db", 0o644), ("hook", 0o755), ("object", 0o444)):
        (inner / name).touch()
        (inner / name).chmod(rights)
    (inner / "link").symlink_to(outside)
    private.tighten(folder)
    assert [mode(folder), mode(inner)] == ["drwx------"] * 2
    found = [mode(inner / name) for name in ("sandbox.db", "hook", "object")]
    assert found == ["-rw-------", "-rwx------", "-r--------"]
    assert mode(outside) == "-rw-r--r--"
    # a closed folder is not looked through again
    (inner / "hook").chmod(0o755)
    private.tighten(folder)
    assert mode(inner / "hook") == "-rwxr-xr-x"


def test_what_is_not_there_needs_no_closing(tmp_path: Path) -> None:
    private.tighten(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
