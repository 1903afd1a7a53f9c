"""A disk without room, wherever a run meets it: exit 11, the place, and the same command goes on
once there is room.

A disk of one MiB can be had by root on Linux alone; what needs none is tested beside the adapters.
"""

import os
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.git.process import GitProcess
from devflow.model.errors import StorageFailed
from tests.e2e.checkout import KEY, Checkout, first_commit
from tests.e2e.messages import output_of
from tests.e2e.records import events

MIB = 1024 * 1024
TOKENS = {"JIRA_PAT": "not-a-secret-1", "GITHUB_TOKEN": "not-a-secret-2"}
PIPELINE = """\
devflow: 1
project:
  tracker: {project: SCRUM, url: "http://127.0.0.1:9"}
  host: {repository: acme/shop}
phases:
  work:
    - much: {uses: shell, with: {run: "sh -c 'head -c 600000 /dev/zero > much'"}}
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount on this machine")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be made here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left_bytes: int = 0) -> None:
    """Takes all room but this much."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            # it is full
            os.truncate(filler, max(0, filler.stat().st_size - left_bytes))


def empty(disk: Path) -> None:
    (disk / "filler").unlink()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE)
    return first_commit(Checkout(folder))


def test_a_command_that_finds_no_room_has_measured_nothing(checkout: Checkout, disk: Path) -> None:
    fill(disk, left_bytes=MIB // 2)
    ran = checkout.devflow("ship", KEY, TMPDIR=str(disk), **TOKENS)
    assert f"{disk} has no room left" in output_of(ran, 11)
    assert events(checkout, "closed")[-1]["exit_code"] == 11
    assert events(checkout, "broke", "recorded") == []
    empty(disk)
    checkout.ends(0, "ship", KEY, TMPDIR=str(disk), **TOKENS)


def test_a_state_that_finds_no_room_is_whole_afterwards(checkout: Checkout, disk: Path) -> None:
    checkout.state.symlink_to(disk, target_is_directory=True)
    fill(disk)
    assert str(checkout.state) in output_of(checkout.devflow("ship", KEY, **TOKENS), 11)
    empty(disk)
    checkout.ends(0, "ship", KEY, **TOKENS)


def test_a_remote_without_room_is_named(checkout: Checkout, disk: Path) -> None:
    remote = disk / "remote.git"
    checkout.git("init", "--quiet", "--bare", str(remote))
    git = GitProcess(checkout.folder)
    checkout.write("much", os.urandom(MIB // 2).hex())
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "much")
    fill(disk, left_bytes=MIB // 8)
    with pytest.raises(StorageFailed, match=f"the remote {remote} has no room left"):
        git.run("push", "--end-of-options", str(remote), "main")
