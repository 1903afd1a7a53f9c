"""The lock port on the kernel's locks: one runner a ticket, freed by a kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devflow.adapters.journal.run_lock import KernelLock
from devflow.model.errors import Locked, StorageFailed

HOLDER = """
import sys, time
from pathlib import Path
from devflow.adapters.journal.run_lock import KernelLock
with KernelLock(Path(sys.argv[1])).hold("SCRUM-95"):
    print("held", flush=True)
    time.sleep(60)
"""
ROOT = Path(__file__).parents[2]


def test_a_second_runner_is_told_who_holds_the_lock_and_since_when(tmp_path: Path) -> None:
    lock = KernelLock(tmp_path / "locks")
    with lock.hold("SCRUM-95"):
        began = time.monotonic()
        with (
            pytest.raises(Locked, match=f"pid {os.getpid()} on .* since 20") as raised,
            KernelLock(tmp_path / "locks").hold("SCRUM-95"),
        ):
            pass
        assert time.monotonic() - began < 1.0
        assert raised.value.hint == "devflow status SCRUM-95"
        assert raised.value.where == lock.holder("SCRUM-95")
    assert lock.holder("SCRUM-95") == ""
    with lock.hold("SCRUM-95"):
        assert lock.holder("SCRUM-95").startswith(f"pid {os.getpid()}")


def test_two_tickets_do_not_hinder_each_other(tmp_path: Path) -> None:
    lock = KernelLock(tmp_path)
    with lock.hold("SCRUM-95"), lock.hold("SCRUM-96"):
        assert lock.holder("SCRUM-95") and lock.holder("SCRUM-96")


def test_an_error_inside_frees_the_lock_and_is_not_taken_for_another(tmp_path: Path) -> None:
    lock = KernelLock(tmp_path)
    with pytest.raises(Locked, match="somebody else's"), lock.hold("SCRUM-95"):
        raise Locked("somebody else's")
    assert lock.holder("SCRUM-95") == ""


def test_asking_for_the_holder_leaves_nothing(tmp_path: Path) -> None:
    assert KernelLock(tmp_path / "locks").holder("SCRUM-95") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_frees_the_lock_at_once(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        lock = KernelLock(tmp_path)
        assert f"pid {child.pid}" in lock.holder("SCRUM-95")
        child.send_signal(signal.SIGKILL)
        child.wait()
        began = time.monotonic()
        assert lock.holder("SCRUM-95") == ""
        with lock.hold("SCRUM-95"):
            assert time.monotonic() - began < 0.5


def test_a_ticket_key_is_never_a_path(tmp_path: Path) -> None:
    lock = KernelLock(tmp_path / "locks")
    with lock.hold("../../outside"):
        assert lock.holder("../../outside")
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_a_folder_that_cannot_be_made_is_a_storage_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed), KernelLock(tmp_path / "file" / "locks").hold("SCRUM-95"):
        pass
