"""What an entry kept in a run: its own files and nobody else's, the results apart from the logs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devflow.commands.logs import entry_files
from devflow.model.errors import UsageError
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.wiring.told_runs import with_logs

NAMES = ("unit", "unit-slow", "unit_more", "quiet")
FILES = (
    "unit-fast.log",
    "unit-fast.junit.xml",
    "unit-fast.second.log",
    "unit-slow.log",
    "unit_more-x.junit.xml",
    "unit.sarif",
)


def place(folder: Path) -> Any:
    (folder / "logs" / "T-1").mkdir(parents=True)
    for name in FILES:
        (folder / "logs" / "T-1" / name).write_text(f"in {name}\n")
    plan = SimpleNamespace(by_name=dict.fromkeys(NAMES))
    return SimpleNamespace(
        plan=plan, state_dir=folder, journal=SimpleNamespace(events=lambda run: ())
    )


def test_an_entry_has_its_own_files_and_none_of_an_entry_whose_name_begins_alike(
    tmp_path: Path,
) -> None:
    files = entry_files(place(tmp_path), "T-1", "unit")
    assert [path.name for path in files.results] == ["unit-fast.junit.xml", "unit.sarif"]
    assert [path.name for path in files.logs] == ["unit-fast.log", "unit-fast.second.log"]
    assert [
        path.name for path in entry_files(place(tmp_path / "again"), "T-1", "unit-slow").logs
    ] == ["unit-slow.log"]


def test_results_are_named_with_their_sizes_before_the_logs_are_printed(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "T-1"
    assert list(entry_files(place(tmp_path), "T-1", "unit").lines()) == [
        "== results of unit",
        f"{folder / 'unit-fast.junit.xml'}  23 B",
        f"{folder / 'unit.sarif'}  14 B",
        f"== {folder / 'unit-fast.log'}",
        "in unit-fast.log",
        f"== {folder / 'unit-fast.second.log'}",
        "in unit-fast.second.log",
    ]


def test_the_json_object_says_where_everything_is(tmp_path: Path) -> None:
    files = entry_files(place(tmp_path), "T-1", "unit_more").as_object()
    path = str(tmp_path / "logs" / "T-1" / "unit_more-x.junit.xml")
    results = [{"path": path, "size_bytes": 25}]
    assert files == {"entry": "unit_more", "results": results, "logs": [], "errors": []}


@pytest.mark.parametrize(
    ("name", "message"),
    (
        ("quiet", "has printed nothing"),
        ("other", 'no entry "other"$'),
        ("quet", 'no entry "quet", did you mean "quiet"'),
    ),
)
def test_an_entry_without_anything_and_one_that_does_not_exist_are_told_apart(
    name: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        entry_files(place(tmp_path), "T-1", name)


def test_an_entry_knows_whether_it_has_printed_anything(tmp_path: Path) -> None:
    place(tmp_path)
    lines = tuple(EntryLine(None, name, "") for name in NAMES)
    outline = with_logs(Outline("T-1", phases=(PhaseLine("ci", lines),)), tmp_path)
    assert {line.name: line.has_log() for line in outline.entries} == {
        "unit": True,
        "unit-slow": True,
        "unit_more": True,
        "quiet": False,
    }
    (tmp_path / "logs" / "T-1" / "quiet.log").write_text("now")
    assert all(line.has_log() for line in outline.entries)
