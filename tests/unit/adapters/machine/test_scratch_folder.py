"""Temporary folders go with their process, also with one that was killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devflow.adapters.machine.scratch_folder import YOUNG_S, ScratchFolder

ROOT = Path(__file__).parents[3]
OWNER = """
import sys, time
from devflow.adapters.machine.scratch_folder import ScratchFolder
scratch = ScratchFolder()
print(scratch.path, flush=True)
"""


def owner(then: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OWNER + then], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def aged(folder: Path) -> Path:
    long_ago = time.time() - 2 * YOUNG_S
    os.utime(folder, (long_ago, long_ago))
    return folder


@pytest.fixture(autouse=True)
def temporary_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.mark.parametrize("then", ["pass", "sys.exit(3)", "raise ValueError"])
def test_a_process_that_ends_leaves_no_folder(tmp_path: Path, then: str) -> None:
    with owner(then) as process:
        assert process.communicate()[0]
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one_and_a_living_ones_is_not(
    tmp_path: Path,
) -> None:
    with owner("time.sleep(60)") as killed, owner("time.sleep(60)") as living:
        assert killed.stdout is not None and living.stdout is not None
        left = aged(Path(killed.stdout.readline().strip()))
        used = aged(Path(living.stdout.readline().strip()))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        mine = ScratchFolder()
        assert mine.path.is_dir() and used.is_dir() and not left.exists()
        living.kill()


def test_a_folder_that_may_not_be_locked_yet_is_left_alone(tmp_path: Path) -> None:
    young = tmp_path / "devflow-scratch-young"
    young.mkdir()
    mine = ScratchFolder()
    assert mine.path.is_dir() and young.is_dir()
