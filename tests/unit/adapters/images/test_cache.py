"""The cache of images: what it shows, what it removes first, and what it never takes from under a
build."""

import os
import time
from pathlib import Path

import pytest

from devflow.adapters.images.cache import KEPT_S, ImageCache
from devflow.model.errors import Locked
from devflow.wiring import world

SIZE = 1000


def blob(folder: Path, name: str, ago_s: float) -> Path:
    path = folder / "images" / "blobs" / "sha256" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * SIZE)
    used_s = time.time() - ago_s
    os.utime(path, (used_s, used_s))
    return path


def test_an_empty_cache_holds_nothing(tmp_path: Path) -> None:
    held = ImageCache(tmp_path / "none")
    assert held.shares() == []
    assert held.prune() == 0


def test_each_kind_is_told_with_its_size(tmp_path: Path) -> None:
    blob(tmp_path, "a", 10.0)
    blob(tmp_path, "b", 100.0)
    share = ImageCache(tmp_path).shares()[0]
    assert (share.items, share.size_bytes) == (2, 2 * SIZE)
    assert share.newest_s - share.oldest_s == pytest.approx(90.0, abs=2)


def test_what_was_not_used_for_longest_goes_first_until_the_bound_is_kept(tmp_path: Path) -> None:
    names = ("oldest", "older", "old")
    paths = [blob(tmp_path, name, KEPT_S * (9 - n)) for n, name in enumerate(names)]
    assert ImageCache(tmp_path, bound_bytes=2 * SIZE).prune() == SIZE
    assert [path.exists() for path in paths] == [False, True, True]


def test_what_was_used_just_now_stays_beyond_the_bound_unless_everything_goes(
    tmp_path: Path,
) -> None:
    recent = blob(tmp_path, "recent", 1.0)
    held = ImageCache(tmp_path, bound_bytes=0)
    assert held.prune() == 0 and recent.exists()
    assert held.prune(everything=True) == SIZE and not recent.exists()


def test_nothing_goes_under_a_build(tmp_path: Path) -> None:
    kept = blob(tmp_path, "kept", 9 * KEPT_S)
    held = ImageCache(tmp_path, bound_bytes=0)
    with held.in_use(), held.in_use():
        with pytest.raises(Locked, match="a build uses the cache"):
            ImageCache(tmp_path, bound_bytes=0).prune(everything=True)
        ImageCache(tmp_path, bound_bytes=0).trim()
        assert kept.exists()
    held.trim()
    assert not kept.exists()


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert world.cache_dir() == tmp_path / "devflow"
