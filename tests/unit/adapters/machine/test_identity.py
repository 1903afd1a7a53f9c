"""A moved repository is the same one, a copy is another."""

import json
import shutil
from pathlib import Path

from devflow.adapters.machine.identity import identity, known_identity


def test_looking_makes_none(tmp_path: Path) -> None:
    assert known_identity(tmp_path / "devflow") == ""
    assert list(tmp_path.iterdir()) == []


def test_it_stays_when_the_folder_is_moved(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    own = identity(folder)
    assert own and identity(folder) == known_identity(folder) == own
    moved = folder.rename(tmp_path / "moved")
    assert known_identity(moved) == own
    assert identity(moved) == identity(moved) == own


def test_a_copy_has_another_whoever_asks_first(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    own = identity(folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    moved = folder.rename(tmp_path / "moved")
    assert known_identity(copy) == ""
    assert identity(copy) not in ("", own)
    assert identity(moved) == own


def test_what_was_moved_to_another_disk_is_the_same_where_the_first_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    own = identity(folder)
    _on_another_disk(folder)
    moved = folder.rename(tmp_path / "moved")
    assert identity(moved) == own


def test_a_copy_on_another_disk_is_told_by_the_first_one(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    own = identity(folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    _on_another_disk(copy)
    assert identity(copy) not in ("", own)


def test_a_folder_that_is_put_back_in_its_place_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "devflow"
    own = identity(folder)
    kept = shutil.copytree(folder, tmp_path / "kept")
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    assert identity(folder) == own


def test_one_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    own = identity(tmp_path)
    (tmp_path / "identity.json").write_text("{")
    assert identity(tmp_path) not in ("", own)


def _on_another_disk(folder: Path) -> None:
    """As its file would be, had it been written on a disk of another number."""
    file = folder / "identity.json"
    known = json.loads(file.read_text())
    device, inode = known["place"]
    file.write_text(json.dumps({**known, "place": [device + 1, inode]}))
