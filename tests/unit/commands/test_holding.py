"""`ship --hold` reaches the entries that have a canary, and is refused where there is none."""

import subprocess
from pathlib import Path

import pytest

from devflow.commands.ship import holding
from devflow.model.errors import UsageError
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace
from tests.unit.sources import ROOT


def place(folder: Path, pipeline: str) -> Workspace:
    (folder / "pipeline.yaml").write_text(pipeline)
    me = ("-c", "user.name=Jose Rubio", "-c", "user.email=jose.rubio@acme.example")
    for git in (("init", "--quiet"), ("add", "--all"), (*me, "commit", "--quiet", "--message=a")):
        subprocess.run(["git", *git], cwd=folder, check=True)
    return workspace_of(Options(folder), dry=True)


def test_the_entries_with_a_canary_are_told_and_no_other(tmp_path: Path) -> None:
    pipeline = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
    plan = holding(place(tmp_path, pipeline)).plan
    assert [entry.name for entry in plan.entries if entry.hold] == ["production"]


def test_without_a_canary_it_is_refused_before_anything_runs(tmp_path: Path) -> None:
    pipeline = "devflow: 1\nphases: {work: [first: {uses: shell, with: {run: 'true'}}]}\n"
    with pytest.raises(UsageError, match="no entry of the pipeline has a canary"):
        holding(place(tmp_path, pipeline))
