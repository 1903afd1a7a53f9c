"""Whether a lock is held is told of the very locks that devflow takes."""

from pathlib import Path

from devflow.adapters.machine.file_lock import hold_file
from devflow.adapters.machine.held import is_held


def test_a_lock_that_somebody_holds_is_held_until_it_is_left(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with hold_file(lock, 1.0):
        assert is_held(lock)
    assert not is_held(lock)


def test_what_nobody_ever_took_is_not_held_and_not_made(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    assert not is_held(lock)
    assert not lock.exists()


def test_to_look_takes_the_lock_from_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    lock.touch()
    assert not is_held(lock)
    with hold_file(lock, 0.0):
        assert is_held(lock)
