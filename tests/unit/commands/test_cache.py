"""`cache` shows what lies on the disk: for people, with one line a fact, and as one object."""

import json
from pathlib import Path

import pytest

from devflow.commands.cache import cache
from devflow.wiring.options import Options


@pytest.fixture(autouse=True)
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    texts = tmp_path / "devflow" / "linters"
    texts.mkdir(parents=True)
    (texts / "one").write_text("ten bytes.", encoding="utf-8")
    return texts


def test_each_plain_line_is_whole_by_itself(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cache(Options(held, output="plain"), "show", everything=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(str(held.parent))] == []
    [told] = [line for line in lines if "1 item" in line]
    assert told.startswith(f"{held}: what linters said of base commits: 10 B, 1 item; used ")


def test_the_object_has_bytes_and_seconds(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cache(Options(held, output="json"), "show", everything=False) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 2
    [texts] = [one for one in told["folders"] if one["folder"] == str(held)]
    assert texts["bytes"] == 10
    [share] = texts["shares"]
    assert (share["items"], share["size_bytes"]) == (1, 10)
    assert 0 <= share["newest_s"] < 600
    assert cache(Options(held, output="json"), "prune", everything=True) == 0
    assert json.loads(capsys.readouterr().out)["removed_bytes"] == 10
