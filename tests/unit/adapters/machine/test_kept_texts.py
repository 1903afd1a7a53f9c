"""Texts that are kept between commands: whole, masked, bounded, and never in the way."""

import os
from pathlib import Path

from devflow.adapters.machine.kept_texts import KeptTexts
from devflow.adapters.masking.secrets import Mask


def test_a_text_is_recalled_by_another_command_and_is_its_owners_alone(tmp_path: Path) -> None:
    KeptTexts(tmp_path).remember("a/../key", "text")
    assert KeptTexts(tmp_path).recall("a/../key") == "text"
    assert KeptTexts(tmp_path).recall("another") == ""
    (kept,) = KeptTexts(tmp_path).entries()
    assert kept.path.parent == tmp_path / "linters"
    assert (kept.path.stat().st_mode & 0o777, kept.path.parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    texts = KeptTexts(tmp_path, bound_bytes=25)
    for number, key in enumerate("abc"):
        texts.remember(key, f"{key}{'-' * 9}")
        for kept in texts.entries():
            # each as if an hour had passed
            os.utime(kept.path, (kept.used_s - 3600, kept.used_s - 3600))
        assert number == 2 or texts.recall("a")
    assert [bool(texts.recall(key)) for key in "abc"] == [True, False, True]
    assert texts.trim(0) == 20 and texts.entries() == []


def test_secrets_are_not_kept_and_a_place_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    mask = Mask()
    mask.register("s3cr3t-t0ken")
    texts = KeptTexts(tmp_path, mask)
    texts.remember("key", "with s3cr3t-t0ken")
    assert "s3cr3t" not in texts.recall("key")
    (tmp_path / "file").write_text("x")
    nowhere = KeptTexts(tmp_path / "file")
    nowhere.remember("key", "text")
    assert nowhere.recall("key") == ""
    texts._path("key").write_bytes(b"\xff")
    assert texts.recall("key") == ""
